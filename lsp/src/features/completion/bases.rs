//! Stages and images, where FROM and `from` take them.

use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site, Want};
use crate::cursor::{Argument, Word};

/// Offers what may stand in FROM.
pub(super) fn from(site: &Site<'_>, argument: &Argument, found: &mut Completions) {
    let word = &argument.current;
    match argument.operands().len() {
        0 => {
            if !word.text.contains([':', '@', '/']) {
                let text = "nothing: the stage begins empty";
                found.candidates.push(Candidate::new("scratch", CompletionItemKind::CONSTANT, word).detail(text));
            }
            sources(site, word, found);
        }
        1 => {
            let lower = site.parsed.text().get(..site.offset as usize).unwrap_or_default();
            let lower = lower.rsplit('\n').next().unwrap_or_default().trim_start().starts_with("from");
            let name = if lower { "as" } else { "AS" };
            let candidate = Candidate::new(name, CompletionItemKind::KEYWORD, word).text(format!("{name} "));
            found.candidates.push(candidate.detail("names the stage").topic("instruction:FROM"));
        }
        _ => {}
    }
}

/// Offers the stages before the cursor and images.
pub(super) fn sources(site: &Site<'_>, word: &Word, found: &mut Completions) {
    if word.text.contains('$') {
        return;
    }
    let here = site.model().stage_at(site.offset).unwrap_or(0);
    let mut names: Vec<&str> = Vec::new();
    for stage in site.model().stages[..here.min(site.model().stages.len())].iter().rev() {
        let Some(name) = stage.name.as_ref().map(|name| name.value.as_str()) else { continue };
        if !names.contains(&name) {
            names.push(name);
            let candidate = Candidate::new(name, CompletionItemKind::MODULE, word).rank(1);
            let detail = format!("stage on {}", stage.base.value);
            let end = site.tail(|char| char.is_ascii_alphanumeric() || "-_.".contains(char));
            found.candidates.push(candidate.detail(detail).until(end));
        }
    }
    images(word, found);
}

fn images(word: &Word, found: &mut Completions) {
    if let Some((reference, _)) = word.text.split_once('@') {
        let typed = word.tail(reference.len() + 1);
        found.wants.push(Want::Digest { reference: reference.to_owned(), word: typed });
        return;
    }
    let name = word.text.rfind('/').map_or(0, |index| index + 1);
    match word.text[name..].find(':') {
        Some(colon) => {
            let repository = word.text[..name + colon].to_owned();
            found.wants.push(Want::Tags { repository, word: word.tail(name + colon + 1) });
        }
        None => found.wants.push(Want::Images { word: word.clone() }),
    }
}
