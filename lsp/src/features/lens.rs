//! Code lenses above stages: building up to them, and what the last build left behind.
//!
//! `containr.build` is a command of the client, with one argument: an object with `uri` and, but for the last stage,
//! `target`. A lens that only tells has no command.

use serde_json::json;
use tower_lsp_server::ls_types::{CodeLens, Command, Range};

use crate::documents::Document;
use crate::features::hover::{duration, size};
use crate::ports::{CacheState, StepFact};

/// The command of the client that builds a target.
pub(crate) const BUILD: &str = "containr.build";

/// Returns the lenses of a document; `steps` is what earlier builds left behind.
pub(crate) fn lenses(document: &Document, steps: &[StepFact]) -> Vec<CodeLens> {
    let stages = &document.model().stages;
    let mut found = Vec::new();
    for (number, stage) in stages.iter().enumerate() {
        let position = document.position(stage.from.start);
        let range = Range::new(position, position);
        let is_last = number + 1 == stages.len();
        // A stage without a name is no target, unless it is the last one.
        let target = stage.name.as_ref().map(|name| name.value.as_str());
        if is_last || target.is_some() {
            let title = if is_last { "\u{25b6} build" } else { "\u{25b6} build to here" };
            let argument = match target.filter(|_| !is_last) {
                Some(target) => json!({ "uri": document.uri(), "target": target }),
                None => json!({ "uri": document.uri() }),
            };
            let command =
                Command { title: title.to_owned(), command: BUILD.to_owned(), arguments: Some(vec![argument]) };
            found.push(CodeLens { range, command: Some(command), data: None });
        }
        let inside = |fact: &&StepFact| stage.span.start <= fact.start && fact.start < stage.span.end;
        let title = summary(steps.iter().filter(inside));
        let command = title.map(|title| Command { title, command: String::new(), arguments: None });
        found.extend(command.map(|command| CodeLens { range, command: Some(command), data: None }));
    }
    found
}

/// Returns what is known of the steps of a stage, in a few words.
fn summary<'a>(steps: impl Iterator<Item = &'a StepFact>) -> Option<String> {
    let (mut layers, mut bytes, mut time, mut hits, mut judged) = (0_u32, 0_u64, 0_u64, 0_u32, 0_u32);
    for step in steps {
        layers += u32::from(step.bytes.is_some_and(|bytes| bytes > 0));
        bytes = bytes.saturating_add(step.bytes.unwrap_or(0));
        time = time.saturating_add(step.duration_ms.unwrap_or(0));
        hits += u32::from(step.cached == CacheState::Hit);
        judged += u32::from(step.cached != CacheState::Unknown);
    }
    let mut parts = Vec::new();
    if layers > 0 {
        parts.push(format!("{layers} layer{} \u{b7} {}", if layers == 1 { "" } else { "s" }, size(bytes)));
    }
    if judged > 0 {
        parts.push(format!("{hits} of {judged} cached"));
    }
    if time > 0 {
        parts.push(duration(time));
    }
    (!parts.is_empty()).then(|| parts.join(" \u{b7} "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::positions::Encoding;

    fn shown(text: &str, steps: &[StepFact]) -> Vec<(u32, String, Option<String>)> {
        let document = Document::new("file:///tmp/Dockerfile".parse().unwrap(), 1, text.to_owned(), Encoding::Utf16);
        let lenses = lenses(&document, steps).into_iter().filter_map(|one| Some((one.range, one.command?)));
        let target = |command: &Command| Some(command.arguments.as_ref()?[0].get("target")?.as_str()?.to_owned());
        lenses.map(|(range, one)| (range.start.line, one.title.clone(), target(&one))).collect()
    }

    #[test]
    fn named_stages_and_the_last_can_be_built() {
        let found = shown("FROM a AS one\nFROM b\nFROM c AS three\n", &[]);
        let expected = [(0, "\u{25b6} build to here", Some("one")), (2, "\u{25b6} build", None)];
        assert_eq!(found, expected.map(|(line, title, target)| (line, title.to_owned(), target.map(str::to_owned))));
    }

    #[test]
    fn a_stage_tells_what_its_last_build_left() {
        let fact = |start, cached, bytes| StepFact { start, cached, bytes, duration_ms: Some(700) };
        let steps = [fact(7, CacheState::Hit, Some(1_000)), fact(13, CacheState::Miss, None)];
        let found = shown("FROM a\nRUN b\nRUN c\n", &steps);
        assert_eq!(found[1].1, "1 layer \u{b7} 1.0 kB \u{b7} 1 of 2 cached \u{b7} 1.4 s");
    }
}
