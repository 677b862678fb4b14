//! What fixtures know beside their file: `ignore` is the ignore file, `images.json` what is known of images.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use containr_dockerfile::ignore::IgnoreRules;
use containr_lint::{ImageFacts, Presence, Surroundings, Vulnerabilities};
use serde_json::Value;

/// Reads the surroundings of the fixture in a folder.
pub(crate) fn surroundings(folder: &Path) -> Surroundings {
    let ignore = fs::read(folder.join("ignore")).ok();
    let images = fs::read(folder.join("images.json")).ok();
    let images: Value = images.map_or(Value::Null, |text| serde_json::from_slice(&text).expect("the facts are JSON"));
    Surroundings {
        images: images.as_object().into_iter().flatten().map(|(name, facts)| (name.clone(), image(facts))).collect(),
        ignore: ignore.map(|text| IgnoreRules::parse(&text).expect("the patterns are sound")),
    }
}

fn image(facts: &Value) -> ImageFacts {
    let text = |key: &str| facts[key].as_str().map(str::to_owned);
    let number = |key: &str| facts[key].as_u64().and_then(|number| u32::try_from(number).ok());
    let platforms = facts["platforms"].as_array().into_iter().flatten().filter_map(Value::as_str);
    ImageFacts {
        presence: if facts["missing"] == true { Presence::Missing } else { Presence::Present },
        digest: text("digest"),
        platforms: platforms.map(str::to_owned).collect(),
        variables: BTreeMap::new(),
        recommended_tag: text("recommended"),
        vulnerabilities: number("severe").or(number("other")).map(|_| Vulnerabilities {
            severe: number("severe").unwrap_or_default(),
            other: number("other").unwrap_or_default(),
        }),
    }
}
