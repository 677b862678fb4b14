//! Says why a step hit or missed.

use containr_graph::{CachePolicy, KeyMaterial, Step};
use containr_store::{ResultRow, StoreError};

use crate::port::Lookup;

/// Returns the name under which records of a step are found again when its key has changed: its place in the file.
pub(crate) fn label(scope: &str, step: &Step) -> String {
    let place = step.name.split_once(']').map_or(step.name.as_str(), |(place, _)| place.trim_start_matches('['));
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
                parts => format!("miss: {} changed", parts.join(", ")),
            },
        },
    })
}
