//! Reads a Dockerfile: one pass over its lines that makes tree, typed syntax and diagnostics at once.

use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Severity};
use crate::directives::{self, Head};
use crate::heredoc;
use crate::instruction::{Lowering, description};
use crate::keyword::Keyword;
use crate::logical::Logical;
use crate::source::{Line, LineIndex, Lines, Source, offset};
use crate::span::{Span, Spanned};
use crate::statement::Statement;
use crate::syntax::{Directives, Dockerfile, Escape, Heredoc, Instruction, Kind, Stage};
use crate::tree::{SyntaxKind, SyntaxNode, TreeWriter};

/// Is a Dockerfile that was read: the text, its trees, and what is to be said about it.
#[derive(Clone, Debug)]
pub struct Parsed {
    source: Source,
    green: rowan::GreenNode,
    syntax: Dockerfile,
    diagnostics: Vec<Diagnostic>,
    lines: LineIndex,
}

impl Parsed {
    /// Returns the lossless tree.
    ///
    /// Its tokens joined are [`Self::text`]; offsets in it are offsets in the file.
    pub fn tree(&self) -> SyntaxNode {
        SyntaxNode::new_root(self.green.clone())
    }

    /// Returns the typed syntax.
    pub fn syntax(&self) -> &Dockerfile {
        &self.syntax
    }

    /// Returns every remark in the order of the text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// Tells whether a remark forbids building.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|one| one.severity == Severity::Error)
    }

    /// Returns the escape character in force.
    pub fn escape(&self) -> Escape {
        self.syntax.directives.escape.as_ref().map_or(Escape::default(), |escape| escape.value)
    }

    /// Returns the text; each byte of the file that is not UTF-8 stands as one U+001A in it.
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// Returns the file's bytes at `span`, exactly as they were read.
    pub fn bytes(&self, span: Span) -> Vec<u8> {
        self.source.bytes(span)
    }

    /// Returns the span of the whole file.
    pub fn span(&self) -> Span {
        Span::new(0, offset(self.source.text.len()))
    }

    /// Returns the line numbers of the file.
    pub fn lines(&self) -> &LineIndex {
        &self.lines
    }
}

/// Reads a Dockerfile.
///
/// Any bytes give a tree that holds all of them, the typed syntax of what has a meaning, and a diagnostic for whatever
/// has none. The time is linear in the text. Only a file of 4 GiB and more, which no offset could address, gives an
/// empty tree and one error.
pub fn parse(text: &[u8]) -> Parsed {
    if u32::try_from(text.len()).is_err() {
        let mut parsed = Reader::file(Source::new(b""));
        parsed.diagnostics[0].code = Code::FileTooLarge;
        parsed.diagnostics[0].message = "the file is larger than 4 GiB".to_owned();
        return parsed;
    }
    Reader::file(Source::new(text))
}

/// Is a trigger that was read.
#[derive(Clone, Debug)]
pub struct Trigger {
    /// The instruction, where the text is one; spans are those of the trigger's text.
    pub instruction: Option<Instruction>,
    /// Every remark in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a trigger, the text of an instruction as an image's configuration keeps it.
///
/// BuildKit reads triggers with the backslash as escape character, whatever the Dockerfile said that they come from.
pub fn parse_trigger(text: &str, escape: Escape) -> Trigger {
    if u32::try_from(text.len()).is_err() {
        return Trigger { instruction: None, diagnostics: parse(text.as_bytes()).diagnostics };
    }
    let source = Source { text: text.to_owned(), replaced: Vec::new() };
    let mut reader = Reader::new(&source, escape);
    reader.lines(0, 0);
    let mut diagnostics = reader.diagnostics;
    let mut instructions = reader.instructions.into_iter();
    let whole = Span::new(0, offset(text.len()));
    let first = instructions.next();
    match (&first, instructions.next()) {
        (None, _) => diagnostics.error(whole, Code::NoInstructions, "the trigger is empty"),
        (_, Some(second)) => {
            diagnostics.error(second.span, Code::InvalidTrigger, "the trigger holds more than one instruction");
        }
        (Some(one), None) if Keyword::read(&one.keyword.value) == Some(Keyword::From) => {
            diagnostics.error(one.keyword.span, Code::InvalidTrigger, "FROM may not be a trigger");
        }
        _ => {}
    }
    Trigger { instruction: first, diagnostics: diagnostics.finish() }
}

/// Lines above this length are refused by BuildKit, the line break included.
const MAX_LINE: usize = 65_536;

struct Reader<'a> {
    source: &'a Source,
    escape: Escape,
    tree: TreeWriter<'a>,
    diagnostics: Diagnostics,
    comments: Vec<Spanned<String>>,
    instructions: Vec<Instruction>,
}

impl<'a> Reader<'a> {
    fn new(source: &'a Source, escape: Escape) -> Self {
        Self {
            source,
            escape,
            tree: TreeWriter::new(&source.text),
            diagnostics: Diagnostics::default(),
            comments: Vec::new(),
            instructions: Vec::new(),
        }
    }

    fn file(source: Source) -> Parsed {
        let mut reader = Reader::new(&source, Escape::default());
        let text = &source.text;
        let start = text.len() - text.strip_prefix('\u{feff}').unwrap_or(text).len();
        let head = directives::read(text, start, &mut reader.diagnostics);
        reader.tree.token(SyntaxKind::ByteOrderMark, start);
        reader.escape = head.directives.escape.as_ref().map_or(Escape::default(), |escape| escape.value);
        let Head { directives, end } = head;
        reader.lines(start, end);
        reader.long_lines();
        if reader.instructions.is_empty() {
            let end = offset(text.len());
            reader.diagnostics.error(Span::new(end, end), Code::NoInstructions, "the file has no instruction");
        }
        let Reader { tree, mut diagnostics, instructions, .. } = reader;
        let syntax = assemble(directives, instructions, &mut diagnostics);
        let (green, lines, diagnostics) = (tree.finish(), LineIndex::new(text), diagnostics.finish());
        Parsed { green, syntax, diagnostics, lines, source }
    }

    /// Reads all lines from `start`; comments before `directives_end` are directives.
    fn lines(&mut self, start: usize, directives_end: usize) {
        let text = &self.source.text;
        let mut lines = Lines::new(text, start);
        while let Some(line) = lines.next() {
            if line.start == line.end {
                continue;
            }
            self.tree.token(SyntaxKind::Newline, line.start);
            let content = text[line.start..line.end].trim_start();
            let begin = line.end - content.len();
            self.tree.token(SyntaxKind::Whitespace, begin);
            if content.starts_with('#') {
                self.comment(line, begin, directives_end);
            } else if !content.is_empty() {
                self.instruction(line, begin, &mut lines);
            }
        }
        self.tree.token(SyntaxKind::Newline, text.len());
    }

    fn comment(&mut self, line: Line, begin: usize, directives_end: usize) {
        if line.start < directives_end {
            self.tree.token(SyntaxKind::Directive, line.end);
            return;
        }
        self.tree.token(SyntaxKind::Comment, line.end);
        // BuildKit drops the first byte of the line, which is the `#` only where nothing stands before it.
        let front = self.source.text[line.start + usize::from(begin == line.start)..line.end].trim_start();
        let text = front.trim_end();
        if text.is_empty() {
            self.comments.clear();
            return;
        }
        let at = offset(line.end - front.len());
        self.comments.push(Spanned::new(text.to_owned(), Span::new(at, at + offset(text.len()))));
    }

    fn instruction(&mut self, line: Line, begin: usize, lines: &mut Lines<'a>) {
        let logical = Logical::read(&self.source.text, begin, line, lines, self.escape);
        let statement = Statement::read(&logical.text, self.escape);
        if let Some(span) = logical.empty_line {
            let message = "an empty line inside an instruction does not end it";
            self.diagnostics.warning(span, Code::EmptyContinuation, message);
        }
        self.tree.open(SyntaxKind::Instruction);
        self.tree.instruction(&logical, &statement, self.escape);
        let heredocs = self.heredocs(&logical, &statement, lines);
        self.tree.close();
        let end = heredocs.last().map_or(logical.span.end, |last| last.end.end);
        let span = Span::new(logical.span.start, end);
        self.check_utf8(&logical, &heredocs, span);
        let comments = std::mem::take(&mut self.comments);
        let lowering = Lowering { logical: &logical, diagnostics: &mut self.diagnostics, heredocs, comments, span };
        self.instructions.push(lowering.instruction(&statement));
    }

    fn heredocs(&mut self, logical: &Logical, statement: &Statement<'_>, lines: &mut Lines<'a>) -> Vec<Heredoc> {
        if !logical.text.contains("<<") || !statement.takes_heredocs() {
            return Vec::new();
        }
        let Ok(openers) = heredoc::openers(&logical.text) else {
            let message = "the quotes of a heredoc word do not match";
            self.diagnostics.error(logical.span, Code::InvalidHeredoc, message);
            return Vec::new();
        };
        let mut heredocs = Vec::with_capacity(openers.len());
        for opener in openers {
            let word = logical.span(opener.start, opener.end);
            heredocs.push(self.heredoc(opener, word, lines));
        }
        heredocs
    }

    /// Reads a body up to the line that ends it.
    fn heredoc(&mut self, opener: heredoc::Opener, word: Span, lines: &mut Lines<'a>) -> Heredoc {
        self.newline();
        let text = &self.source.text;
        let start = self.tree.position();
        let (mut body_end, mut end) = (text.len(), Span::new(offset(text.len()), offset(text.len())));
        let mut closed = false;
        for line in lines {
            let content = &text[line.start..line.end];
            let content = if opener.strip_tabs { content.trim_start_matches('\t') } else { content };
            if content == opener.name {
                (body_end, end) = (line.start, Span::new(offset(line.end - content.len()), offset(line.end)));
                closed = true;
                break;
            }
        }
        self.tree.open(SyntaxKind::Heredoc);
        self.tree.token(SyntaxKind::HeredocBody, body_end);
        self.tree.token(SyntaxKind::Whitespace, end.start as usize);
        self.tree.token(SyntaxKind::HeredocEnd, end.end as usize);
        self.tree.close();
        if !closed {
            let message = format!("no line `{}` ends the heredoc", opener.name);
            self.diagnostics.error(word, Code::UnterminatedHeredoc, message);
        }
        Heredoc {
            name: Spanned::new(opener.name, word),
            descriptor: opener.descriptor,
            expand: opener.expand,
            strip_tabs: opener.strip_tabs,
            content: Spanned::new(Arc::from(&text[start..body_end]), Span::new(offset(start), offset(body_end))),
            end,
        }
    }

    /// Writes one line break.
    fn newline(&mut self) {
        let at = self.tree.position();
        let rest = &self.source.text[at..];
        let returns = rest.len() - rest.trim_start_matches('\r').len();
        let feed = usize::from(rest[returns..].starts_with('\n'));
        self.tree.token(SyntaxKind::Newline, at + returns + feed);
    }

    /// Refuses bytes that are not UTF-8 where they would be part of a value; comments may hold any.
    fn check_utf8(&mut self, logical: &Logical, heredocs: &[Heredoc], span: Span) {
        let in_body = |at: u32| {
            let before = heredocs.partition_point(|one| one.content.span.start <= at);
            before > 0 && at < heredocs[before - 1].content.span.end
        };
        let mut replaced = self.source.replaced_in(span).iter();
        if let Some((at, byte)) = replaced.find(|(at, _)| logical.holds(*at) || in_body(*at)) {
            let message = format!("byte 0x{byte:02x} is not UTF-8");
            self.diagnostics.error(Span::new(*at, at + 1), Code::InvalidUtf8, message);
        }
    }

    fn long_lines(&mut self) {
        for line in Lines::new(&self.source.text, 0).filter(|line| line.next - line.start > MAX_LINE) {
            let message = format!("a line of {} bytes is too long for BuildKit", line.end - line.start);
            let span = Span::new(offset(line.start), offset(line.end));
            self.diagnostics.warning(span, Code::LineTooLong, message);
        }
    }
}

/// Gives each instruction its stage.
fn assemble(directives: Directives, instructions: Vec<Instruction>, diagnostics: &mut Diagnostics) -> Dockerfile {
    let mut file = Dockerfile { directives, ..Dockerfile::default() };
    let mut misspelt = false;
    for instruction in instructions {
        let keyword = Keyword::read(&instruction.keyword.value);
        if keyword == Some(Keyword::From) {
            file.stages.push(stage(instruction));
        } else if let Some(stage) = file.stages.last_mut() {
            stage.span.end = instruction.span.end;
            stage.instructions.push(instruction);
        } else if keyword == Some(Keyword::Arg) {
            file.global_args.push(instruction);
        } else {
            // An unknown word has its error already; it may be a misspelt FROM, and what follows stands in its stage then.
            misspelt |= keyword.is_none();
            if !misspelt {
                let message = format!("{} stands before the first FROM", instruction.keyword.value);
                diagnostics.error(instruction.keyword.span, Code::NoStage, message);
            }
            file.orphans.push(instruction);
        }
    }
    file
}

fn stage(instruction: Instruction) -> Stage {
    let at = Span::new(instruction.keyword.span.end, instruction.keyword.span.end);
    let (name, base, platform) = match &instruction.kind {
        Kind::From(from) => (from.name.clone(), from.base.clone(), from.platform.clone()),
        _ => (None, Spanned::new(String::new(), at), None),
    };
    let description = name.as_ref().and_then(|name| description(&instruction.comments, &name.value));
    Stage { name, base, platform, description, instructions: Vec::new(), span: instruction.span, from: instruction }
}
