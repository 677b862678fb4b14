//! Names of instructions, alone and with what usually follows.

use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site};
use crate::cursor::Word;
use crate::reference::{Instruction, instructions as known};

/// Offers the instructions that may begin at the cursor.
pub(super) fn instructions(site: &Site<'_>, word: &Word, found: &mut Completions) {
    // Before the first FROM only ARG and FROM have a meaning.
    let syntax = site.parsed.syntax();
    let starts = |one: &containr_dockerfile::syntax::Stage| one.from.span.end < site.offset;
    let in_stage = syntax.stages.first().is_some_and(starts);
    let allowed = |one: &&Instruction| in_stage || matches!(one.name, "ARG" | "FROM");
    offer(site, word, known().iter().filter(allowed), found);
}

/// Offers the instructions that may follow ONBUILD.
pub(super) fn triggers(site: &Site<'_>, word: &Word, found: &mut Completions) {
    let allowed = |one: &&Instruction| !matches!(one.name, "FROM" | "ONBUILD" | "MAINTAINER");
    offer(site, word, known().iter().filter(allowed), found);
}

fn offer<'r>(
    site: &Site<'_>,
    word: &Word,
    instructions: impl Iterator<Item = &'r Instruction>,
    found: &mut Completions,
) {
    let lower = site.is_lower(&word.text);
    let end = site.tail(|char| char.is_ascii_alphabetic());
    for one in instructions {
        let name = if lower { one.name.to_lowercase() } else { one.name.to_owned() };
        let deprecated = one.name == "MAINTAINER";
        let plain = Candidate::new(&name, CompletionItemKind::KEYWORD, word).until(end);
        let plain = plain.text(format!("{name} ")).topic(format!("instruction:{}", one.name)).goes_on();
        found.candidates.push(plain.rank(if deprecated { 9 } else { 3 }).detail(one.forms[0]));
        for (index, snippet) in one.snippets.iter().enumerate() {
            let label = format!("{name}{}", &snippet.label[one.name.len()..]);
            let candidate = Candidate::new(label, CompletionItemKind::SNIPPET, word).until(end);
            let topic = format!("snippet:{}:{index}", one.name);
            let text = format!("{name} {}", snippet.body);
            found.candidates.push(candidate.snippet(text).topic(topic).detail(snippet.text).rank(6));
        }
    }
}
