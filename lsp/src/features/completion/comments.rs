//! Directives, and comments that silence rules.

use containr_lint::{Peer, ShellCode, all, shell_codes};
use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site};
use crate::cursor::{Comment, Word};
use crate::reference::{directive, directives};

/// Offers what has a meaning in a comment.
pub(super) fn complete(site: &Site<'_>, comment: &Comment, found: &mut Completions) {
    let blanks = comment.before.text.len() - comment.before.text.trim_start().len();
    let typed = comment.before.tail(blanks);
    if let Some((names, peer)) = silenced(&typed) {
        rules(&names, peer, found);
        return;
    }
    if comment.directive {
        directive_line(site, &typed, found);
    }
    let free = !comment.directive && !typed.text.is_empty() && !typed.text.contains('=');
    if free {
        let forms = PRAGMAS.iter().filter(|(form, _)| form.starts_with(typed.text.as_str()));
        found
            .candidates
            .extend(forms.map(|(form, text)| {
                Candidate::new(*form, CompletionItemKind::KEYWORD, &typed).detail(*text).goes_on()
            }));
    }
}

const PRAGMAS: [(&str, &str); 9] = [
    ("containr ignore=", "silences rules for the instruction below"),
    ("containr global ignore=", "silences rules for the file"),
    ("hadolint ignore=", "silences rules of hadolint for the instruction below"),
    ("hadolint global ignore=", "silences rules of hadolint for the file"),
    ("hadolint shell=", "says which shell the base image has"),
    ("check=skip=", "silences build checks for the instruction below"),
    ("checkov:skip=", "silences checks of checkov for the file"),
    ("trivy:ignore:", "silences checks of Trivy for the instruction below"),
    ("nosemgrep: ", "silences rules of semgrep for the instruction below"),
];

/// Returns the name of a rule that is being written in a comment that silences rules, and whose names they are.
fn silenced(typed: &Word) -> Option<(Word, Option<Peer>)> {
    const FORMS: [(&str, Option<Peer>); 10] = [
        ("containr ignore=", None),
        ("containr global ignore=", None),
        ("containr stage ignore=", None),
        ("hadolint ignore=", Some(Peer::Hadolint)),
        ("hadolint global ignore=", Some(Peer::Hadolint)),
        ("hadolint stage ignore=", Some(Peer::Hadolint)),
        ("check=skip=", Some(Peer::BuildKit)),
        ("checkov:skip=", Some(Peer::Checkov)),
        ("trivy:ignore:", Some(Peer::Trivy)),
        ("nosemgrep: ", Some(Peer::Semgrep)),
    ];
    let (form, peer) = FORMS.iter().find(|(form, _)| typed.text.starts_with(form))?;
    let names = typed.tail(form.len());
    // A blank or a semicolon ends the names; the reason follows.
    let ended = names.text.trim_start().contains([';'])
        || names.text.trim_end_matches(' ').contains(' ') && !names.text.contains(',');
    (!ended).then(|| (names.after_last(&[',', ' ']), *peer))
}

fn rules(typed: &Word, peer: Option<Peer>, found: &mut Completions) {
    if peer == Some(Peer::BuildKit) {
        found.candidates.push(Candidate::new("all", CompletionItemKind::ENUM_MEMBER, typed).detail("every check"));
    }
    for rule in all() {
        let name = match peer {
            None => Some(rule.id),
            Some(peer) => rule.alias(peer).map(|alias| alias.id),
        };
        let offer = |name| Candidate::new(name, CompletionItemKind::VALUE, typed).detail(rule.summary);
        found.candidates.extend(name.map(|name| offer(name).topic(format!("rule:{}", rule.id))));
    }
    // hadolint and we take ShellCheck's codes for rules.
    if matches!(peer, None | Some(Peer::Hadolint)) {
        let offer = |code: &ShellCode| Candidate::new(code.id, CompletionItemKind::VALUE, typed).detail(code.summary());
        found.candidates.extend(shell_codes().iter().map(offer));
    }
}

fn directive_line(site: &Site<'_>, typed: &Word, found: &mut Completions) {
    let directives_here = &site.parsed.syntax().directives;
    let has = |name: &str| match name {
        "syntax" => directives_here.syntax.is_some(),
        "escape" => directives_here.escape.is_some(),
        _ => directives_here.check.is_some(),
    };
    if let Some((key, value)) = typed.text.split_once('=') {
        let Some(known) = directive(key.trim()) else { return };
        let word = typed.tail(typed.text.len() - value.trim_start().len());
        for (value, text) in known.values {
            let candidate = Candidate::new(*value, CompletionItemKind::VALUE, &word).detail(*text);
            found.candidates.push(candidate.topic(format!("directive:{}", known.name)));
        }
        return;
    }
    for known in directives().iter().filter(|one| !has(one.name)) {
        let candidate =
            Candidate::new(known.name, CompletionItemKind::PROPERTY, typed).text(format!("{}=", known.name));
        found.candidates.push(candidate.goes_on().topic(format!("directive:{}", known.name)).detail("directive"));
    }
}
