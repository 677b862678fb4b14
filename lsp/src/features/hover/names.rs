//! Names: variables with their values here, stages with what they are built on.

use std::collections::BTreeMap;

use containr_dockerfile::Span;
use containr_dockerfile::expand::expand_word;
use containr_dockerfile::syntax::Kind;

use super::Hovered;
use crate::documents::Document;
use crate::model::{Definition, DefinitionKind, Reference, ReferenceKind, Scope, StageInfo};
use crate::reference;

/// Returns what the variable at an offset holds there, and where it comes from.
pub(super) fn variable(document: &Document, offset: u32) -> Option<Hovered> {
    let model = document.model();
    if let Some(found) = model.use_at(offset) {
        let name = &found.name.value;
        let mut text = match found.definition.map(|index| &model.definitions[index]) {
            Some(definition) => definition_text(document, definition),
            None => match reference::variable(name) {
                Some(known) => known.markdown(),
                None => format!("**{name}**: not defined here; of the base image, or a variable of the shell"),
            },
        };
        let written = document.slice(found.whole);
        let plain = written == format!("${name}") || written == format!("${{{name}}}");
        if let Some(value) = (!plain).then(|| expanded(document, written, found.whole.start)).flatten() {
            text.push_str(&format!("\n\n`{written}` is `{value}`"));
        }
        return Some(Hovered::new(found.whole, text));
    }
    let definition = &model.definitions[model.definition_at(offset)?];
    Some(Hovered::new(definition.name.span, definition_text(document, definition)))
}

fn definition_text(document: &Document, definition: &Definition) -> String {
    let name = &definition.name.value;
    let keyword = match definition.kind {
        DefinitionKind::Arg => "ARG",
        DefinitionKind::Env => "ENV",
    };
    let value = definition
        .value
        .as_ref()
        .map_or_else(|| "no value unless the build is given one".to_owned(), |value| format!("`{value}`"));
    let line = document.position(definition.name.span.start).line + 1;
    let scope = match definition.scope {
        Scope::Global => ", before the first stage".to_owned(),
        Scope::Stage(stage) => format!(", stage {}", stage_name(&document.model().stages, stage)),
    };
    let given = if definition.kind == DefinitionKind::Arg { "\n\n`--build-arg` sets another value." } else { "" };
    let description = description(document, definition).map(|text| format!("\n\n{text}")).unwrap_or_default();
    format!("**{name}**: {value}\n\n{keyword} in line {line}{scope}{description}{given}")
}

/// Returns the words about an argument in the comment above it.
fn description(document: &Document, definition: &Definition) -> Option<String> {
    let start = definition.instruction.start as usize;
    let Kind::Arg(arguments) = &crate::cursor::instruction_at(document.parsed(), start)?.kind else { return None };
    arguments.iter().find(|one| one.name == definition.name)?.description.clone()
}

/// Returns what a text with variables means at an offset.
fn expanded(document: &Document, text: &str, offset: u32) -> Option<String> {
    let visible = document.model().visible_at(offset);
    let values = visible.iter().filter_map(|one| Some((one.name.to_owned(), one.definition.value.clone()?)));
    let values: BTreeMap<String, String> = values.collect();
    expand_word(text, document.parsed().escape().char(), &values).ok().map(|one| one.text)
}

/// Returns what the stage or image at an offset is.
pub(super) fn reference(document: &Document, offset: u32) -> Option<Hovered> {
    let model = document.model();
    if let Some(found) = model.reference_at(offset) {
        return Some(match found.target {
            Some(stage) => Hovered::new(found.name.span, stage_text(document, stage)),
            None => image(document, found),
        });
    }
    let is_name = |stage: &StageInfo| {
        stage.name.as_ref().is_some_and(|name| name.span.start <= offset && offset <= name.span.end)
    };
    let stage = model.stages.iter().position(is_name)?;
    let span = model.stages[stage].name.as_ref().map_or(Span::default(), |name| name.span);
    Some(Hovered::new(span, stage_text(document, stage)))
}

fn image(document: &Document, found: &Reference) -> Hovered {
    let stage = &document.model().stages[found.stage];
    let name = match found.kind {
        ReferenceKind::Base => stage.base_value.clone().unwrap_or_else(|| found.name.value.clone()),
        _ => found.name.value.clone(),
    };
    if name == "scratch" {
        return Hovered::new(found.name.span, "**scratch**: nothing; the stage begins with an empty file system");
    }
    let written = if name == found.name.value { String::new() } else { format!(", written `{}`", found.name.value) };
    let what = if found.kind == ReferenceKind::Base { "image" } else { "image or named context" };
    let platform = document.parsed().syntax().stages.get(found.stage).and_then(|stage| stage.platform.as_ref());
    let platform = platform.map(|platform| platform.value.clone()).filter(|value| !value.contains('$'));
    let text = format!("**{name}**: {what}{written}");
    let known = !name.is_empty() && !name.contains('$');
    Hovered { image: known.then_some((name, platform)), ..Hovered::new(found.name.span, text) }
}

fn stage_text(document: &Document, number: usize) -> String {
    let stages = &document.model().stages;
    let chain: Vec<usize> = document.model().chain(number).collect();
    let mut steps: Vec<String> = chain.iter().map(|stage| stage_name(stages, *stage)).collect();
    let root = chain.last().map(|last| &stages[*last]);
    steps.extend(root.map(|root| format!("`{}`", root.base_value.as_ref().unwrap_or(&root.base.value))));
    let syntax = document.parsed().syntax().stages.get(number);
    let count = syntax.map_or(0, |stage| stage.instructions.len());
    let description = syntax.and_then(|stage| stage.description.as_ref()).map(|text| format!("\n\n{text}"));
    let line = document.position(stages[number].span.start).line + 1;
    let plural = if count == 1 { "" } else { "s" };
    format!(
        "stage {}, line {line}, {count} instruction{plural}{}\n\nbuilt on: {}",
        stage_name(stages, number),
        description.unwrap_or_default(),
        steps[1..].join(" \u{2190} ")
    )
}

fn stage_name(stages: &[StageInfo], number: usize) -> String {
    match stages.get(number).and_then(|stage| stage.name.as_ref()) {
        Some(name) => format!("`{}`", name.value),
        None => format!("{number}"),
    }
}
