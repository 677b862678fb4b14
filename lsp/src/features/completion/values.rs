//! Words of the instructions that take one of a kind: signals, shells, users, ports, labels, names of arguments.

use containr_dockerfile::syntax::Kind;
use tower_lsp_server::ls_types::CompletionItemKind;

use super::candidate::literal;
use super::{Candidate, Completions, Site};
use crate::cursor::{Argument, Word};
use crate::model::Scope;
use crate::reference::{labels, shells, signals, variables};

/// Offers what an instruction takes.
pub(super) fn complete(site: &Site<'_>, argument: &Argument, found: &mut Completions) {
    let word = &argument.current;
    let first = argument.operands().is_empty();
    match argument.keyword.as_str() {
        "STOPSIGNAL" if first => {
            for signal in signals() {
                let candidate = Candidate::new(signal.name, CompletionItemKind::CONSTANT, word);
                found.candidates.push(candidate.detail(signal.text).topic(format!("signal:{}", signal.name)));
            }
        }
        "SHELL" if first => {
            for shell in shells() {
                let candidate =
                    Candidate::new(shell.value, CompletionItemKind::VALUE, word).snippet(literal(shell.value));
                found.candidates.push(candidate.detail(shell.text));
            }
        }
        "USER" if first => users(site, word, found),
        "EXPOSE" => protocols(word, found),
        "HEALTHCHECK" if first => {
            let command = Candidate::new("CMD", CompletionItemKind::KEYWORD, word).text("CMD ");
            found.candidates.push(command.detail("the command that tells health").topic("instruction:HEALTHCHECK"));
            if argument.flags().next().is_none() {
                let none = Candidate::new("NONE", CompletionItemKind::KEYWORD, word);
                found.candidates.push(none.detail("removes an inherited check").topic("instruction:HEALTHCHECK"));
            }
        }
        "LABEL" if !word.text.contains('=') => {
            for label in labels() {
                let candidate = Candidate::new(label.key, CompletionItemKind::PROPERTY, word).detail(label.text);
                found.candidates.push(candidate.snippet(format!("{}=\"${{1:value}}\"", label.key)));
            }
        }
        "ARG" if !word.text.contains('=') => arguments(site, word, found),
        _ => {}
    }
}

/// Offers the users and groups that are usual or named in the file.
pub(super) fn users(site: &Site<'_>, word: &Word, found: &mut Completions) {
    let syntax = site.parsed.syntax();
    let mut named: Vec<&str> = Vec::new();
    for instruction in syntax.stages.iter().flat_map(|stage| &stage.instructions) {
        if let Kind::User(user) = &instruction.kind
            && instruction.span.end < site.offset
            && !named.contains(&user.value.as_str())
        {
            named.push(&user.value);
        }
    }
    let offer = |name: &str| Candidate::new(name, CompletionItemKind::VALUE, word);
    found.candidates.extend(named.iter().map(|name| offer(name).detail("USER of this file").rank(1)));
    let usual = [("root", "user 0"), ("nobody", "the user without rights"), ("65532:65532", "`nonroot` of distroless")];
    let usual = usual.into_iter().filter(|(name, _)| !named.contains(name));
    found.candidates.extend(usual.map(|(name, text)| offer(name).detail(text)));
}

fn protocols(word: &Word, found: &mut Completions) {
    let Some((port, _)) = word.text.split_once('/') else { return };
    let typed = word.tail(port.len() + 1);
    for (protocol, text) in [("tcp", "the default"), ("udp", "datagrams"), ("sctp", "streams of messages")] {
        found.candidates.push(Candidate::new(protocol, CompletionItemKind::ENUM_MEMBER, &typed).detail(text));
    }
}

/// Offers names that ARG may declare: those of the builder, and in a stage the global ones.
fn arguments(site: &Site<'_>, word: &Word, found: &mut Completions) {
    let in_stage = site.model().stage_at(site.offset).is_some();
    if in_stage {
        let globals = site.model().definitions.iter().filter(|one| one.scope == Scope::Global);
        let mut names: Vec<&str> = globals.map(|one| one.name.value.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let offer = |name| Candidate::new(name, CompletionItemKind::VARIABLE, word).detail("global ARG").rank(1);
        found.candidates.extend(names.into_iter().map(offer));
    }
    for variable in variables() {
        let candidate = Candidate::new(variable.name, CompletionItemKind::CONSTANT, word).detail(variable.text);
        found.candidates.push(candidate.topic(format!("variable:{}", variable.name)));
    }
}
