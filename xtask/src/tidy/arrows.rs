//! Holds every dependency between rooms against the plan of the house.

use serde_json::Value;

use crate::failure::{Context as _, Outcome};

/// The rooms from top to bottom, each with the rooms that it may use.
///
/// The same table stands in `docs/architecture.md`: a new arrow is a change of the design and needs both.
const PLAN: &[(&str, &[&str])] = &[
    // Aside: used by tests alone.
    ("testkit", &["oci"]),
    ("cli", &["engine", "lsp", "lint", "dockerfile", "progress"]),
    (
        "engine",
        &[
            "solve",
            "copy",
            "plan",
            "graph",
            "lint",
            "dockerfile",
            "scan",
            "catalog",
            "sign",
            "registry",
            "fetch",
            "http",
            "layer",
            "snapshot",
            "tree",
            "store",
            "oci",
            "sandbox",
            "network",
            "sys",
            "progress",
        ],
    ),
    ("lsp", &["lint", "dockerfile"]),
    ("solve", &["graph", "copy", "layer", "snapshot", "tree", "store", "oci", "sys", "progress"]),
    ("copy", &["glob", "graph", "tree", "snapshot", "oci", "sys", "progress"]),
    ("plan", &["dockerfile", "graph", "oci"]),
    ("graph", &["oci"]),
    ("lint", &["dockerfile"]),
    ("dockerfile", &["glob"]),
    ("glob", &[]),
    ("scan", &["catalog", "oci"]),
    ("catalog", &["oci"]),
    ("sign", &["oci", "http"]),
    ("registry", &["http", "store", "oci", "progress"]),
    ("fetch", &["http", "tree", "store", "oci", "progress"]),
    ("http", &["progress"]),
    ("layer", &["snapshot", "tree", "store", "oci", "sys", "progress"]),
    ("snapshot", &["tree", "store", "oci", "sys", "progress"]),
    ("tree", &["oci", "sys", "progress"]),
    ("store", &["oci", "progress"]),
    ("oci", &[]),
    ("sandbox", &["sys"]),
    ("network", &["sys"]),
    ("sys", &[]),
    ("progress", &[]),
];

/// Returns a finding for each arrow in `cargo metadata` that the plan does not have, and for each room it does not name.
///
/// # Errors
/// The value is not what `cargo metadata --no-deps` prints.
pub(super) fn check(metadata: &Value) -> Outcome<Vec<String>> {
    let packages = metadata["packages"].as_array().context(|| "cargo metadata lists no packages".to_owned())?;
    let mut findings = Vec::new();
    for package in packages {
        let Some(room) = package["name"].as_str().and_then(room_of) else { continue };
        let Some((_, allowed)) = PLAN.iter().find(|(name, _)| *name == room) else {
            findings.push(format!("room `{room}` is not in the plan of the house"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(other) = dependency["name"].as_str().and_then(room_of) else { continue };
            findings.extend(judge(room, other, allowed, dependency["kind"].as_str()));
        }
    }
    Ok(findings)
}

/// Tests may use the test helpers, and whatever the room itself may use.
fn judge(room: &str, other: &str, allowed: &[&str], kind: Option<&str>) -> Option<String> {
    match (other, kind) {
        ("testkit", Some("dev")) => None,
        ("testkit", _) => Some(format!("room `{room}` uses `testkit` outside its tests")),
        _ if allowed.contains(&other) => None,
        _ => Some(format!("room `{room}` may not use `{other}`: no such arrow in the plan")),
    }
}

fn room_of(package: &str) -> Option<&str> {
    package.strip_prefix("containr-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn findings(room: &str, other: &str, kind: &Value) -> Vec<String> {
        let package =
            json!({"name": room, "dependencies": [{"name": other, "kind": kind}, {"name": "serde", "kind": null}]});
        check(&json!({"packages": [package]})).unwrap()
    }

    #[test]
    fn an_arrow_of_the_plan_passes() {
        assert!(findings("containr-plan", "containr-graph", &Value::Null).is_empty());
    }

    #[test]
    fn an_arrow_upward_is_found() {
        let found = findings("containr-oci", "containr-store", &Value::Null);
        assert_eq!(found, ["room `oci` may not use `store`: no such arrow in the plan"]);
    }

    #[test]
    fn the_test_helpers_are_for_tests_only() {
        assert!(findings("containr-oci", "containr-testkit", &json!("dev")).is_empty());
        assert_eq!(findings("containr-oci", "containr-testkit", &Value::Null).len(), 1);
    }

    #[test]
    fn a_room_outside_the_plan_is_found() {
        assert_eq!(findings("containr-attic", "serde", &Value::Null), ["room `attic` is not in the plan of the house"]);
    }

    #[test]
    fn the_plan_points_downward_only() {
        let position = |room: &str| PLAN.iter().position(|(name, _)| *name == room).unwrap();
        for (room, allowed) in PLAN {
            for other in *allowed {
                assert!(position(other) > position(room), "{room} -> {other}");
            }
        }
    }
}
