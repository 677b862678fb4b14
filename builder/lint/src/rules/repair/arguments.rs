//! Repairs arguments: those that lack, those that are too many, pairs and JSON arrays.

use containr_dockerfile::{Span, nearest};

use crate::context::{Context, Step};
use crate::diagnostic::{Edit, Fix};
use crate::rules::edits::{drop_argument, drop_instruction, end_of};

/// Returns the fix for an instruction that lacks an argument.
pub(super) fn missing(context: &Context<'_>, step: &Step<'_>, place: Span) -> Option<Fix> {
    let keyword = step.instruction.keyword.value.to_uppercase();
    let given = context.text(Span::new(step.keyword().end, step.span.end)).trim();
    let end = end_of(context, step)?;
    match keyword.as_str() {
        "FROM" if given.is_empty() => Some(Fix::risky("begin from scratch", vec![Edit::insert(end, " scratch")])),
        "COPY" | "ADD" if !given.is_empty() && !given.starts_with("--") => {
            Some(Fix::risky("copy it to the root", vec![Edit::insert(end, " /")]))
        }
        // The place is the name, which lacks its value.
        "ENV" | "LABEL" if place.start > step.span.start => {
            Some(Fix::risky("give it an empty value", vec![Edit::insert(place.end, "=")]))
        }
        "HEALTHCHECK" => {
            let text = format!("{} NONE", step.instruction.keyword.value);
            Some(Fix::risky("say that there is none", vec![Edit::replace(step.span, text)]))
        }
        "FROM" => None,
        _ => Some(Fix::risky("remove the instruction", vec![drop_instruction(context, step)])),
    }
}

/// Returns the fix for arguments behind those that an instruction takes; `place` holds all but the first.
pub(super) fn extra(context: &Context<'_>, step: &Step<'_>, place: Span) -> Option<Fix> {
    let text = context.text(place);
    let words: Vec<(usize, &str)> = words(text);
    let at = |index: usize| place.start + index as u32;
    let is_from = step.instruction.keyword.value.eq_ignore_ascii_case("FROM");
    match words.as_slice() {
        _ if !is_from => {
            // They begin at the blank before the first one.
            let before = context.text(Span::new(step.span.start, place.start));
            let start = before.trim_end().len() as u32 + step.span.start;
            Some(Fix::risky("remove the arguments", vec![Edit::remove(Span::new(start, place.end))]))
        }
        [(_, word)] if word.eq_ignore_ascii_case("as") => {
            Some(Fix::risky("remove the word", vec![Edit::remove(place)]))
        }
        [(index, _)] => Some(Fix::risky("name the stage so", vec![Edit::insert(at(*index), "AS ")])),
        [(index, word), _] if nearest(&word.to_uppercase(), ["AS"]).is_some() => {
            let span = Span::new(at(*index), at(index + word.len()));
            Some(Fix::risky("write `AS`", vec![Edit::replace(span, "AS")]))
        }
        [(_, word), (index, name), _, ..] if word.eq_ignore_ascii_case("as") => {
            let span = Span::new(at(index + name.len()), place.end);
            Some(Fix::risky("remove the arguments", vec![Edit::remove(span)]))
        }
        _ => None,
    }
}

/// Returns the words of a text with their places.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut at = 0;
    let pieces = text.split_inclusive(char::is_whitespace).map(|piece| {
        let start = at;
        at += piece.len();
        (start, piece.trim_end())
    });
    pieces.filter(|(_, word)| !word.is_empty()).collect()
}

/// Returns the fix for an instruction whose only argument is empty.
pub(super) fn empty(context: &Context<'_>, step: &Step<'_>) -> Option<Fix> {
    let given = context.text(Span::new(step.keyword().end, step.span.end));
    let nothing = given.chars().all(|char| char.is_whitespace() || "[]\"',".contains(char));
    nothing.then(|| Fix::risky("remove the instruction", vec![drop_instruction(context, step)]))
}

/// Returns the fix for a word of ENV, LABEL or ARG that is no pair.
pub(super) fn pair(context: &Context<'_>, step: &Step<'_>, place: Span) -> Option<Fix> {
    if context.text(place).starts_with('=') {
        let front = context.text(Span::new(step.keyword().end, place.start));
        let back = context.text(Span::new(place.end, step.span.end));
        let alone = front.trim().is_empty() && back.trim().is_empty();
        let edit = drop_argument(context, step, place, if alone { 1 } else { 2 })?;
        return Some(Fix::risky("remove the value without a name", vec![edit]));
    }
    let front = context.text(Span::new(step.keyword().end, place.start));
    let before = front.split_whitespace().next_back().unwrap_or_default();
    if !before.contains('=') && !before.ends_with('"') {
        // The word before is no pair either: what becomes of it decides.
        return None;
    }
    let empty = || Fix::risky("give it an empty value", vec![Edit::insert(place.end, "=")]);
    Some(value_goes_on(context, step, place).unwrap_or_else(empty))
}

/// Returns the fix that takes a word for the rest of the value before it, in quotes.
fn value_goes_on(context: &Context<'_>, step: &Step<'_>, place: Span) -> Option<Fix> {
    const TITLE: &str = "write the value in quotes";
    let front = context.text(Span::new(step.keyword().end, place.start));
    let (before, word) = (front.trim_end_matches([' ', '\t']), context.text(place));
    let end = place.start - (front.len() - before.len()) as u32;
    if word.contains(['"', '\'', '\\', '`']) || before.len() == front.len() {
        return None;
    }
    if before.ends_with('"') && before.matches('"').count() % 2 == 0 {
        let edits = vec![Edit::remove(Span::new(end - 1, end)), Edit::insert(place.end, "\"")];
        return Some(Fix::risky(TITLE, edits));
    }
    let last = before.split_whitespace().next_back()?;
    let (_, value) = last.split_once('=').filter(|(_, value)| !value.contains(['"', '\'', '\\', '`']))?;
    let edits = vec![Edit::insert(end - value.len() as u32, "\""), Edit::insert(place.end, "\"")];
    Some(Fix::risky(TITLE, edits))
}

/// Returns the fix that writes words as a JSON array.
pub(super) fn json(context: &Context<'_>, place: Span) -> Option<Fix> {
    let text = context.text(place).trim();
    let array = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let words: Vec<&str> = match array {
        Some(inner) => inner.split(',').map(|word| word.trim().trim_matches(['\'', '"'])).collect(),
        None => text.split_whitespace().collect(),
    };
    let plain = |word: &&str| !word.is_empty() && !word.contains(['"', '\\', '\'', '`', '[', ']']);
    let listed: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let edit = Edit::replace(place, format!("[{}]", listed.join(", ")));
    words.iter().all(plain).then(|| Fix::risky("use the JSON form", vec![edit]))
}

/// Returns the fix that makes a string of another scalar in a JSON array.
pub(super) fn quoted(context: &Context<'_>, place: Span) -> Option<Fix> {
    let text = context.text(place);
    let scalar = text.chars().all(|char| char.is_ascii_alphanumeric() || "+-.".contains(char)) && !text.is_empty();
    let edit = Edit::replace(place, format!("\"{text}\""));
    scalar.then(|| Fix::risky("write it as a string", vec![edit]))
}
