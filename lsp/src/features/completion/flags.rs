//! Flags and their values, the options of `--mount` included.

use tower_lsp_server::ls_types::CompletionItemKind;

use super::{Candidate, Completions, Site, bases, paths};
use crate::cursor::{Argument, Word};
use crate::reference::{
    Flag, MountKey, MountType, Repeat, Value, caches, instruction, mount_key, mount_type, mount_types,
};

/// Offers flags or the values of one; tells whether nothing else may stand at the cursor.
pub(super) fn complete(site: &Site<'_>, argument: &Argument, found: &mut Completions) -> bool {
    let Some(instruction) = instruction(&argument.keyword) else { return false };
    let word = &argument.current;
    if let Some((name, value)) = word.text.split_once('=').filter(|(name, _)| name.starts_with("--")) {
        if let Some(flag) = instruction.flag(&name[2..]) {
            values(site, argument, flag, &word.tail(word.text.len() - value.len()), found);
        }
        return true;
    }
    let begun = word.text.starts_with('-');
    if begun || word.text.is_empty() {
        let used: Vec<&str> = argument.flags().map(|(name, _)| name).collect();
        let free = |flag: &&Flag| flag.repeat == Repeat::Many || !used.contains(&flag.name);
        let end = if begun { site.tail(|char| char.is_ascii_alphanumeric() || char == '-') } else { word.span.end };
        for flag in instruction.flags.iter().filter(free) {
            found.candidates.push(name(flag, word, end, instruction.name));
        }
    }
    begun
}

fn name(flag: &Flag, word: &Word, end: u32, instruction: &str) -> Candidate {
    let label = format!("--{}", flag.name);
    let candidate = Candidate::new(&label, CompletionItemKind::PROPERTY, word).until(end);
    let candidate = match flag.value {
        Value::Switch => candidate,
        _ => candidate.text(format!("{label}=")).goes_on(),
    };
    candidate.detail(flag.form()).topic(format!("flag:{instruction}:{}", flag.name)).rank(7)
}

fn values(site: &Site<'_>, argument: &Argument, flag: &Flag, word: &Word, found: &mut Completions) {
    let topic = format!("flag:{}:{}", argument.keyword, flag.name);
    for choice in flag.choices() {
        let candidate = Candidate::new(choice.word, CompletionItemKind::ENUM_MEMBER, word);
        found.candidates.push(candidate.detail(choice.text).topic(&topic));
    }
    match flag.value {
        Value::Source => bases::sources(site, word, found),
        Value::Mount => mount(site, word, found),
        Value::Text(_) if flag.name == "chown" => super::values::users(site, word, found),
        Value::Text(_) if flag.name == "device" && word.text.contains(',') => {
            let word = word.after_last(&[',']);
            found.candidates.push(Candidate::new("required", CompletionItemKind::PROPERTY, &word));
        }
        _ => {}
    }
}

/// Offers the options of a mount, or the values of one.
fn mount(site: &Site<'_>, word: &Word, found: &mut Completions) {
    let fields: Vec<&str> = word.text.split(',').collect();
    let Some((last, before)) = fields.split_last() else { return };
    let kind = before.iter().chain([last]).find_map(|field| field.split_once('=').filter(|(key, _)| is_type(key)));
    let kind = kind.and_then(|(_, name)| mount_type(name));
    let field = word.after_last(&[',']);
    match last.split_once('=') {
        None => keys(before, kind, &field, found),
        Some((key, value)) => {
            let known = kind.unwrap_or(&mount_types()[0]);
            let value = field.tail(field.text.len() - value.len());
            if let Some(key) = mount_key(known, key) {
                let from = before.iter().any(|field| field.to_ascii_lowercase().starts_with("from="));
                key_values(site, (key, known, from), &value, found);
            }
        }
    }
}

fn is_type(key: &str) -> bool {
    key.eq_ignore_ascii_case("type")
}

fn keys(before: &[&str], kind: Option<&'static MountType>, field: &Word, found: &mut Completions) {
    let used = |key: &&MountKey| {
        let written = before.iter().map(|field| field.split('=').next().unwrap_or(field));
        written.into_iter().any(|name| key.names.iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    let named_type = before.iter().any(|field| is_type(field.split('=').next().unwrap_or(field)));
    if !named_type {
        let candidate = Candidate::new("type", CompletionItemKind::PROPERTY, field).text("type=").goes_on();
        found.candidates.push(candidate.detail("type=bind|cache|secret|ssh|tmpfs").topic("mount:bind:type").rank(1));
    }
    let known = kind.unwrap_or(&mount_types()[0]);
    for key in known.keys.iter().filter(|key| !used(key)) {
        let name = key.names[0];
        let candidate = Candidate::new(name, CompletionItemKind::PROPERTY, field);
        let candidate = match key.value {
            Some(_) => candidate.text(format!("{name}=")).goes_on(),
            None => candidate,
        };
        found.candidates.push(candidate.detail(key.form()).topic(format!("mount:{}:{name}", known.name)).rank(2));
    }
}

fn key_values(site: &Site<'_>, (key, kind, from): (&MountKey, &MountType, bool), word: &Word, found: &mut Completions) {
    for (value, text) in key.choices {
        let candidate = Candidate::new(*value, CompletionItemKind::ENUM_MEMBER, word).detail(*text);
        let topic = if key.names[0] == "type" {
            format!("mount:{value}")
        } else {
            format!("mount:{}:{}", kind.name, key.names[0])
        };
        found.candidates.push(candidate.topic(topic));
    }
    match (key.names[0], kind.name) {
        ("from", _) => bases::sources(site, word, found),
        ("source", "bind") if !from => paths::path(word, found),
        ("target", "cache") => {
            let mut targets: Vec<&str> = caches().iter().flat_map(|cache| cache.targets).copied().collect();
            targets.sort_unstable();
            targets.dedup();
            let offer = |target| Candidate::new(target, CompletionItemKind::FOLDER, word);
            found.candidates.extend(targets.into_iter().map(offer));
        }
        ("required" | "ro" | "rw", _) => {
            let offer = |value| Candidate::new(value, CompletionItemKind::ENUM_MEMBER, word);
            found.candidates.extend(["true", "false"].map(offer));
        }
        _ => {}
    }
}
