//! Folding: stages, instructions over several lines, heredocs, runs of comments, and marked regions.

use std::collections::BTreeSet;

use containr_dockerfile::syntax::Instruction;
use containr_dockerfile::{Span, SyntaxKind};
use tower_lsp_server::ls_types::{FoldingRange, FoldingRangeKind};

use crate::documents::Document;
use crate::symbol::heredocs;

/// Returns the parts that can be folded, in the order of their first lines, the larger first.
pub(crate) fn folding(document: &Document) -> Vec<FoldingRange> {
    let mut folds = Folds { document, seen: BTreeSet::new(), found: Vec::new() };
    let syntax = document.parsed().syntax();
    for stage in &syntax.stages {
        folds.add(stage.span, None);
        folds.instruction(&stage.from);
        stage.instructions.iter().for_each(|one| folds.instruction(one));
    }
    syntax.global_args.iter().chain(&syntax.orphans).for_each(|one| folds.instruction(one));
    folds.comments();
    folds.found.sort_by_key(|one| (one.start_line, std::cmp::Reverse(one.end_line)));
    folds.found
}

struct Folds<'a> {
    document: &'a Document,
    seen: BTreeSet<(u32, u32)>,
    found: Vec<FoldingRange>,
}

impl Folds<'_> {
    fn instruction(&mut self, instruction: &Instruction) {
        self.add(instruction.span, None);
        for heredoc in heredocs(instruction) {
            // Several bodies follow one line: each is folded under its own first line but the first.
            let body = heredoc.content.span;
            let start = if heredocs(instruction).len() == 1 { heredoc.name.span.start } else { body.start };
            self.add(Span::new(start, heredoc.end.end.max(start)), None);
        }
    }

    fn add(&mut self, span: Span, kind: Option<FoldingRangeKind>) {
        let lines = self.document.lines();
        self.lines(lines.line(span.start), lines.line(span.end), kind);
    }

    fn lines(&mut self, start_line: u32, end_line: u32, kind: Option<FoldingRangeKind>) {
        if end_line > start_line && self.seen.insert((start_line, end_line)) {
            self.found.push(FoldingRange { start_line, end_line, kind, ..FoldingRange::default() });
        }
    }

    /// Folds comments on successive lines, and what stands between `# region` and `# endregion`.
    fn comments(&mut self) {
        let lines = self.document.lines();
        let mut run: Option<(u32, u32)> = None;
        let mut regions = Vec::new();
        for token in self.document.tokens().iter().filter(|token| token.kind == SyntaxKind::Comment) {
            let line = lines.line(token.span.start);
            let text = self.document.slice(token.span).trim_start_matches('#').trim_start();
            if text.starts_with("region") {
                regions.push(line);
            } else if let Some(start) = text.starts_with("endregion").then(|| regions.pop()).flatten() {
                self.lines(start, line, Some(FoldingRangeKind::Region));
            }
            run = match run {
                Some((start, end)) if end + 1 == line => Some((start, line)),
                ended => {
                    self.run(ended);
                    Some((line, line))
                }
            };
        }
        self.run(run);
    }

    fn run(&mut self, run: Option<(u32, u32)>) {
        if let Some((start, end)) = run {
            self.lines(start, end, Some(FoldingRangeKind::Comment));
        }
    }
}
