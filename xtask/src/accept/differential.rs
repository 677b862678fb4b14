//! Holds a built image against a peer's image of the same Dockerfile: the same tree, the same config.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::image::Image;
use super::trees;
use crate::failure::{Context as _, Failure, Outcome};
use crate::workspace::{self, Scratch};

/// How many differences are told.
const TOLD: usize = 25;

/// Where the accepted differences are listed, each with its reason.
const ACCEPTED: &str = "testdata/e2e/differences.json";

/// Compares two images. `twin` is a second cold build by the peer: what differs there is noise of the steps themselves.
///
/// # Errors
/// They differ in something that is neither noise nor listed as accepted.
pub(super) fn check(case: &str, peer: &str, ours: &Image, theirs: &Image, twin: Option<&Image>) -> Outcome {
    let scratch = Scratch::new("differential")?;
    let accepted = Accepted::read(case, peer)?;
    let left = ours.unpack(&scratch.join("ours"))?.join("rootfs");
    let right = theirs.unpack(&scratch.join("theirs"))?.join("rootfs");
    let noise = match twin {
        Some(twin) => trees::compare(&right, &twin.unpack(&scratch.join("twin"))?.join("rootfs"))?,
        None => Vec::new(),
    };
    let differences = trees::compare(&left, &right)?;
    let is_noise = |path: &Path| noise.iter().any(|other| other.path == path);
    let real = differences.iter().filter(|one| !is_noise(&one.path) && !accepted.holds(&one.path.to_string_lossy()));
    let mut told: Vec<String> = real.map(|one| format!("/{}: {}", one.path.display(), one.what)).collect();
    told.extend(configs(&ours.config()?, &theirs.config()?).into_iter().filter(|key| !accepted.holds(key)));
    if told.is_empty() {
        return Ok(());
    }
    let count = told.len();
    told.truncate(TOLD);
    Err(Failure::new(format!("{count} differences from {peer}:\n  {}", told.join("\n  "))))
}

/// Returns the places of two configs, as `config:KEY` or `config:KEY/NAME`, whose values differ in what an image means.
fn configs(ours: &Value, theirs: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for key in ["os", "architecture", "variant"] {
        if ours[key] != theirs[key] {
            found.push(format!("config:{key}"));
        }
    }
    for key in keys(&ours["config"], &theirs["config"]) {
        let (left, right) = (&ours["config"][&key], &theirs["config"][&key]);
        if left.is_object() || right.is_object() {
            let names = keys(left, right).into_iter().filter(|name| left[name] != right[name]);
            found.extend(names.map(|name| format!("config:{key}/{name}")));
        } else if !same(left, right) {
            found.push(format!("config:{key}"));
        }
    }
    found
}

/// Returns the keys of two objects, sorted.
fn keys(a: &Value, b: &Value) -> BTreeSet<String> {
    [a, b].into_iter().filter_map(Value::as_object).flat_map(|map| map.keys().cloned()).collect()
}

/// An absent value and an empty one mean the same.
fn same(a: &Value, b: &Value) -> bool {
    let is_empty = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    a == b || (is_empty(a) && is_empty(b))
}

/// The listed differences that apply to one comparison.
struct Accepted(Vec<String>);

impl Accepted {
    fn read(case: &str, peer: &str) -> Outcome<Self> {
        let text =
            std::fs::read_to_string(workspace::root().join(ACCEPTED)).context(|| format!("cannot read {ACCEPTED}"))?;
        Self::parse(&text, case, peer)
    }

    fn parse(text: &str, case: &str, peer: &str) -> Outcome<Self> {
        let list: Value = serde_json::from_str(text).context(|| format!("{ACCEPTED} is not JSON"))?;
        let list = list.as_array().context(|| format!("{ACCEPTED} is not a list"))?;
        let mut places = Vec::new();
        for row in list {
            let word = |key: &str| row[key].as_str().context(|| format!("{ACCEPTED}: a row without `{key}`"));
            word("reason")?;
            let applies = |wanted: &str, is: &str| wanted == "*" || wanted == is;
            if applies(word("case")?, case) && applies(word("peer")?, peer) {
                places.push(word("place")?.trim_start_matches('/').to_owned());
            }
        }
        Ok(Self(places))
    }

    /// A place is a path, a folder with everything below it (ending in `/`), or a key of the config.
    fn holds(&self, place: &str) -> bool {
        self.0.iter().any(|listed| listed == place || (listed.ends_with('/') && place.starts_with(listed.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn configs_that_mean_the_same() {
        let ours = json!({"os": "linux", "config": {"Cmd": ["a"], "Volumes": {}, "User": ""}});
        let theirs = json!({"os": "linux", "config": {"Cmd": ["a"], "Labels": null}, "created": "later"});
        assert!(configs(&ours, &theirs).is_empty());
    }

    #[test]
    fn configs_that_differ() {
        let ours = json!({"os": "linux", "config": {"Cmd": ["a"], "User": "b", "Labels": {"c": "1", "d": "2"}}});
        let theirs = json!({"os": "linux", "architecture": "arm64", "config": {"Cmd": ["c"], "Labels": {"c": "1"}}});
        assert_eq!(configs(&ours, &theirs), ["config:architecture", "config:Cmd", "config:Labels/d", "config:User"]);
    }

    #[test]
    fn a_listed_difference_needs_a_reason_and_holds_for_its_case() {
        let text = r#"[{"case": "nginx", "peer": "*", "place": "/var/log/", "reason": "times"}]"#;
        let accepted = Accepted::parse(text, "nginx", "buildah").unwrap();
        assert!(accepted.holds("var/log/a") && !accepted.holds("var/lib"));
        assert!(!Accepted::parse(text, "c", "buildah").unwrap().holds("var/log/a"));
        assert!(Accepted::parse(r#"[{"case": "a", "peer": "b", "place": "c"}]"#, "a", "b").is_err());
    }
}
