//! Says why a step hit or missed.

use containr_graph::{CachePolicy, KeyMaterial, Step};
use containr_store::{ResultRow, StoreError};

use crate::port::Lookup;

/// Returns the name under which records of a step are found again when its key has changed: its place in the file.
pub(crate) fn label(scope: &str, step: &Step) -> String {
    let place = step.name.split_once(']').map_or(step.name.as_str(), |(place, _)| place.trim_start_matches('['));
    // Without the number of all steps: one more at the end makes none of them another.
    let place = place.split_once('/').map_or(place, |(position, _)| position);
    format!("{scope} {place}")
}

/// Returns the line for a miss: which parts of the key differ from the newest record with the label.
pub(crate) fn miss(
    lookup: &dyn Lookup,
    label: &str,
    step: &Step,
    material: &KeyMaterial,
) -> Result<String, StoreError> {
    if step.cache == CachePolicy::Ignore {
        return Ok("miss: the cache is off for this step".to_owned());
    }
    Ok(match lookup.nearest(label)? {
        None => "miss: nothing recorded yet".to_owned(),
        Some(ResultRow { key_parts, .. }) => match KeyMaterial::decode(&key_parts) {
            None => "miss: the earlier record cannot be compared".to_owned(),
            Some(older) => match material.differences(&older).as_slice() {
                [] => "miss: the earlier result is gone".to_owned(),
                parts => format!("miss: {} changed", in_words(parts)),
            },
        },
    })
}

/// Returns the parts as people know them.
fn in_words(parts: &[String]) -> String {
    /// The first part of each kind of instruction.
    const KINDS: [&str; 3] = ["command", "copy", "workdir"];
    if parts.iter().filter(|part| KINDS.contains(&part.as_str())).count() > 1 {
        return "the kind of instruction".to_owned();
    }
    // What comes in beside the parent is files: those that were selected, or of a tree that is mounted.
    let mut words: Vec<&str> =
        parts.iter().map(|part| if part.starts_with("input ") { "files" } else { part.as_str() }).collect();
    words.dedup();
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(parts: &[&str]) -> String {
        in_words(&parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn inputs_are_files() {
        assert_eq!(words(&["parent", "input 1", "input 2", "chown"]), "parent, files, chown");
    }

    #[test]
    fn another_instruction_is_not_taken_apart() {
        assert_eq!(words(&["command", "user", "copy", "source 1"]), "the kind of instruction");
    }
}
