//! Flags, their values, and the options of a mount.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Flag, Instruction};

use super::Hovered;
use crate::documents::Document;
use crate::reference::{self, Value, mount_key, mount_type, mount_types};

/// Returns what the flag at an offset does, or its value means.
pub(super) fn flag(document: &Document, instruction: &Instruction, offset: u32) -> Option<Hovered> {
    let flag = instruction.flags.iter().find(|flag| flag.span.start <= offset && offset <= flag.span.end)?;
    let known = reference::instruction(&instruction.keyword.value)?.flag(&flag.name.value)?;
    let value = flag.value.as_ref().filter(|value| value.span.start <= offset);
    if let Some(value) = value {
        if matches!(known.value, Value::Mount) {
            return option(document, flag, value.span, offset);
        }
        if let Some(choice) = known.choices().iter().find(|choice| choice.word == value.value) {
            return Some(Hovered::new(value.span, format!("**{}**: {}", choice.word, choice.text)));
        }
    }
    Some(Hovered::new(flag.span, known.markdown()))
}

/// Returns what the option of a mount at an offset does.
fn option(document: &Document, flag: &Flag, value: Span, offset: u32) -> Option<Hovered> {
    let text = document.slice(value);
    let fields: Vec<(&str, u32)> = text
        .split(',')
        .map(|field| (field, value.start + (field.as_ptr() as usize - text.as_ptr() as usize) as u32))
        .collect();
    let parted = |field: &str| {
        let (key, value) = field.split_once('=').unwrap_or((field, ""));
        (key.trim_matches('"').to_ascii_lowercase(), value.trim_matches('"').to_owned())
    };
    let kind = fields.iter().map(|(field, _)| parted(field)).find(|(key, _)| key == "type");
    let kind = kind.and_then(|(_, name)| mount_type(&name)).unwrap_or(&mount_types()[0]);
    let (field, start) = fields.iter().find(|(field, start)| offset <= start + field.len() as u32)?;
    let (key, chosen) = parted(field);
    let span = Span::new(*start, start + field.len() as u32);
    if key == "type" {
        let text = mount_type(&chosen).map_or_else(String::new, reference::MountType::markdown);
        return (!text.is_empty()).then(|| Hovered::new(span, text));
    }
    match mount_key(kind, &key) {
        Some(key) => Some(Hovered::new(span, key.markdown())),
        None => Some(Hovered::new(flag.span, kind.markdown())),
    }
}
