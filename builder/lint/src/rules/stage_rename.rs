//! Gives a stage another name, and all that speaks of it.

use containr_dockerfile::Span;
use containr_dockerfile::syntax::{Kind, MountKey};

use crate::context::{Context, Step};
use crate::diagnostic::Edit;

/// Returns the edits that write `wanted` for the stage whose name stands at `place`, and wherever the name means it.
///
/// A name means the last stage before it that has it, whatever the case of its letters.
pub(super) fn rename(context: &Context<'_>, name: &str, place: Span, wanted: &str) -> Vec<Edit> {
    let mut places = vec![place];
    for step in context.steps.iter().chain(&context.triggers).filter(|step| step.span.start > place.start) {
        places.extend(uses(context, step).into_iter().filter(|used| {
            let text = context.text(*used);
            text.eq_ignore_ascii_case(name) && text != wanted
        }));
        let again = matches!(step.kind(), Kind::From(from) if from.name.as_ref().is_some_and(|one| one.value == name));
        if again {
            break;
        }
    }
    places.sort_unstable();
    places.dedup();
    places.into_iter().map(|span| Edit::replace(span, wanted)).collect()
}

/// Returns the places at which an instruction names a stage or an image.
fn uses(context: &Context<'_>, step: &Step<'_>) -> Vec<Span> {
    match step.kind() {
        Kind::From(from) => vec![from.base.span],
        Kind::Copy(copy) => copy.from.iter().map(|from| from.span).collect(),
        Kind::Run(run) => {
            let options = run.mounts.iter().flat_map(|mount| &mount.options);
            options
                .filter(|option| option.key == MountKey::From)
                .filter_map(|option| {
                    let value = context.text(option.text.span).split_once('=')?.1;
                    Some(Span::new(option.text.span.end - value.len() as u32, option.text.span.end))
                })
                .collect()
        }
        _ => Vec::new(),
    }
}
