//! `containr lint --online`: what registries say of the base images.

use containr_testkit::registry::ScriptedRegistry;

use super::desk::Desk;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// A registry with `team/app:1` for arm64 alone and `team/all:1` as an index.
fn registry() -> ScriptedRegistry {
    let registry = ScriptedRegistry::start();
    let native = std::env::consts::ARCH.replace("x86_64", "amd64").replace("aarch64", "arm64");
    let other = if native == "arm64" { "amd64" } else { "arm64" };
    let image = |name: &str, architecture: &str| {
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"linux","config":{{"Env":["HOME_OF_IT=/it"]}},"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
        );
        let digest = registry.put_blob(config.as_bytes());
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{}","config":{{"mediaType":"{}","digest":"{digest}","size":{}}},"layers":[]}}"#,
            MANIFEST,
            CONFIG,
            config.len(),
        );
        (registry.put_manifest(name, architecture, MANIFEST, manifest.as_bytes()), manifest)
    };
    let (_, alone) = image("team/app", other);
    registry.put_manifest("team/app", "1", MANIFEST, alone.as_bytes());
    let entries: Vec<String> = [native.as_str(), other]
        .iter()
        .map(|architecture| {
            let (digest, manifest) = image("team/all", architecture);
            format!(
                r#"{{"mediaType":"{}","digest":"{digest}","size":{},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#,
                MANIFEST,
                manifest.len(),
            )
        })
        .collect();
    let index = format!(r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{}]}}"#, INDEX, entries.join(","));
    registry.put_manifest("team/all", "1", INDEX, index.as_bytes());
    registry
}

fn codes(desk: &Desk, words: &[&str]) -> Vec<String> {
    let shown = desk.run(&[&["lint", "-f", "json"], words].concat()).stdout;
    shown.split("\"code\":\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn registries_are_asked_only_when_allowed() {
    let registry = registry();
    let host = registry.host();
    let text = format!("FROM {host}/team/app:1 AS a\nFROM {host}/team/gone:1\nCOPY --from=a /x /x\nUSER 1000\n");
    let desk = Desk::with(&[("Dockerfile", &text)]);
    assert_eq!(codes(&desk, &[]), [""; 0]);
    assert_eq!(registry.counts().requests.len(), 0);
    let online = codes(&desk, &["--online"]);
    assert!(online.iter().any(|one| one == "base-platform-mismatch"), "{online:?}");
    assert!(online.iter().any(|one| one == "base-not-found"), "{online:?}");
    assert_eq!(desk.files(), ["Dockerfile"], "nothing is kept");
}

#[test]
fn an_index_for_this_platform_is_fine_and_its_variables_are_known() {
    let registry = registry();
    let text =
        format!("FROM {}/team/all:1\nRUN echo ${{HOME_OF_IT}}\nWORKDIR $HOME_OF_IT\nUSER 1000\n", registry.host());
    let desk = Desk::with(&[("Dockerfile", &text)]);
    let (offline, online) = (codes(&desk, &[]), codes(&desk, &["--online"]));
    assert!(offline.iter().any(|one| one == "undefined-variable"), "{offline:?}");
    assert!(!online.iter().any(|one| one == "undefined-variable" || one.starts_with("base-")), "{online:?}");
}

#[test]
fn a_tag_that_is_not_pinned_is_pinned_by_a_fix() {
    let registry = registry();
    let text = format!("FROM {}/team/all:1\nUSER 1000\n", registry.host());
    let desk = Desk::with(&[("Dockerfile", &text), ("settings.yaml", "override:\n  warning: [base-without-digest]\n")]);
    let digest = registry.tag("team/all", "1").unwrap();
    let told = desk.run(&["lint", "--online", "--config", "settings.yaml", "--diff", "--fix-unsafe"]);
    assert!(told.stdout.contains(&format!("team/all:1@{digest}")), "{told:?}");
}

#[test]
fn a_registry_that_gives_no_answer_is_told_and_ends_nothing() {
    let registry = ScriptedRegistry::start();
    let host = registry.host();
    drop(registry);
    let desk = Desk::with(&[("Dockerfile", &format!("FROM {host}/team/all:1\nMAINTAINER me\nUSER 1000\n"))]);
    let told = desk.run(&["lint", "--online", "-f", "gnu"]);
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("maintainer-deprecated"), "{told:?}");
    assert!(told.stderr.contains("warning: cannot ask about ") && told.stderr.contains(&host), "{told:?}");
}
