//! Growing selections: word, argument, line of an instruction, instruction, stage, file.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::Instruction;
use tower_lsp_server::ls_types::{Position, SelectionRange};

use crate::documents::Document;
use crate::symbol::{heredocs, instruction_at};

/// Returns what encloses a position, the smallest first, each inside of the next.
pub(crate) fn selection(document: &Document, position: Position) -> SelectionRange {
    let offset = document.offset(position);
    let mut spans: Vec<Span> = enclosing(document, offset);
    spans.retain(|span| span.start <= offset && offset <= span.end && !span.is_empty());
    spans.sort_by_key(|span| (span.len(), span.start));
    let mut nested: Vec<Span> = Vec::new();
    for span in spans {
        let fits =
            nested.last().is_none_or(|inner| span.start <= inner.start && inner.end <= span.end && span != *inner);
        if fits {
            nested.push(span);
        }
    }
    let whole = document.range(Span::new(0, document.text().len() as u32));
    let outermost = SelectionRange { range: whole, parent: None };
    nested.into_iter().rev().fold(outermost, |outer, span| {
        let range = document.range(span);
        if range == outer.range { outer } else { SelectionRange { range, parent: Some(Box::new(outer)) } }
    })
}

fn enclosing(document: &Document, offset: u32) -> Vec<Span> {
    let mut spans = vec![document.lines().content(document.text(), document.lines().line(offset))];
    let tokens = document.tokens();
    let at = tokens.partition_point(|token| token.span.end < offset);
    for token in tokens[at..].iter().take_while(|token| token.span.start <= offset) {
        spans.push(token.span);
        spans.push(word(document.text(), token.span, offset));
    }
    let model = document.model();
    spans.extend(model.use_at(offset).map(|one| one.whole));
    let Some(stage) = model.stage_at(offset).and_then(|stage| document.parsed().syntax().stages.get(stage)) else {
        let syntax = document.parsed().syntax();
        syntax.global_args.iter().chain(&syntax.orphans).for_each(|one| of_instruction(one, &mut spans));
        return spans;
    };
    spans.push(stage.span);
    instruction_at(document, offset).into_iter().for_each(|one| of_instruction(one, &mut spans));
    spans
}

fn of_instruction(instruction: &Instruction, spans: &mut Vec<Span>) {
    spans.push(instruction.span);
    spans.push(Span::new(instruction.keyword.span.end.min(instruction.span.end), instruction.span.end));
    spans.extend(instruction.flags.iter().filter_map(|flag| flag.value.as_ref()).map(|value| value.span));
    for heredoc in heredocs(instruction) {
        spans.push(heredoc.content.span);
        spans.push(Span::new(heredoc.content.span.start, heredoc.end.end.max(heredoc.content.span.start)));
    }
}

/// Returns the run of characters around an offset that are no blanks and no punctuation of a shell.
fn word(text: &str, within: Span, offset: u32) -> Span {
    let parts = |char: char| char.is_whitespace() || "\"'`;|&<>(){}[],=:$".contains(char);
    let (start, end) = (within.start as usize, within.end as usize);
    let at = text.floor_char_boundary((offset as usize).clamp(start, end));
    let from = text[start..at].rfind(parts).map_or(start, |index| {
        let index = start + index;
        index + text[index..].chars().next().map_or(1, char::len_utf8)
    });
    let to = text[at..end].find(parts).map_or(end, |index| at + index);
    Span::new(from as u32, to as u32)
}
