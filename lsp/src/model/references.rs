//! Finds what refers to a stage: FROM, `COPY --from` and `RUN --mount=from=`.

use containr_dockerfile::syntax::{Instruction, Kind, Mount, MountKey};
use containr_dockerfile::{Parsed, Span, Spanned};

use super::{Reference, ReferenceKind, StageInfo, instructions};

/// Lists the references in the order of the text.
pub(super) fn references(parsed: &Parsed, stages: &[StageInfo]) -> Vec<Reference> {
    let mut found = Vec::new();
    for (stage, instruction) in instructions(parsed) {
        let Some(stage) = stage else { continue };
        let mut add = |kind: ReferenceKind, name: &Spanned<String>| {
            let target = match kind {
                ReferenceKind::Base => stages[stage].parent,
                _ => resolve(stages, &name.value, stage),
            };
            found.push(Reference { name: name.clone(), kind, stage, target });
        };
        of_instruction(instruction, &mut add);
    }
    found
}

fn of_instruction(instruction: &Instruction, add: &mut impl FnMut(ReferenceKind, &Spanned<String>)) {
    match &instruction.kind {
        Kind::From(from) => add(ReferenceKind::Base, &from.base),
        Kind::Copy(copy) => copy.from.iter().for_each(|from| add(ReferenceKind::CopyFrom, from)),
        Kind::Run(run) => run.mounts.iter().filter_map(from_of).for_each(|from| add(ReferenceKind::MountFrom, &from)),
        _ => {}
    }
}

/// Returns the value of a mount's `from` at its place.
fn from_of(mount: &Mount) -> Option<Spanned<String>> {
    let option = mount.options.iter().find(|option| option.key == MountKey::From)?;
    let value = option.value.clone()?;
    let Spanned { value: text, span } = &option.text;
    // Quotes and escapes make the text shorter than its place; then the whole option is as exact as it gets.
    let exact = text.len() == span.len() as usize;
    let start = if exact { span.end - value.len() as u32 } else { span.start };
    Some(Spanned::new(value, Span::new(start, span.end)))
}

/// Returns the stage before `limit` that a name or a number means.
fn resolve(stages: &[StageInfo], name: &str, limit: usize) -> Option<usize> {
    let named = |stage: &StageInfo| stage.name.as_ref().is_some_and(|own| own.value.eq_ignore_ascii_case(name));
    let number = || name.parse::<usize>().ok().filter(|number| *number < limit);
    stages[..limit].iter().rposition(named).or_else(number)
}
