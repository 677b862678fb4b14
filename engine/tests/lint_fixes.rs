//! Safe fixes of the linter keep the plan of the build: graph, config and history.
//!
//! Two things may differ: places in the text, and how history spells an instruction, which repeats the text itself
//! (letter case, blanks, quotes, `name=value` for `name value`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, Safety, Settings, apply};
use containr_oci::{Digest, ImageConfig, Platform};
use containr_plan::{BaseKey, NoCache, Plan, PlanInput, Planned, ResolvedBase, RunDefaults, plan};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Plans all stages; nothing where the file cannot be built.
fn planned(text: &[u8]) -> Option<Plan> {
    let parsed = parse(text);
    if parsed.has_errors() {
        return None;
    }
    let platform: Platform = "linux/amd64".parse().expect("the platform is sound");
    let names = parsed.syntax().stages.iter().map(|stage| stage.name.as_ref().map(|name| name.value.clone()));
    let targets = names.chain([None]).collect::<Vec<_>>();
    let mut bases = BTreeMap::new();
    loop {
        let outcome = plan(&PlanInput {
            dockerfile: parsed.syntax(),
            targets: &targets,
            platforms: std::slice::from_ref(&platform),
            build_platform: &platform,
            build_args: &[],
            bases: &bases,
            contexts: &BTreeMap::new(),
            defaults: &RunDefaults::default(),
            no_cache: &NoCache::No,
            labels: &BTreeMap::new(),
        });
        match outcome.ok()? {
            Planned::Needs(needs) => bases.extend(needs.into_iter().map(|need| (need.key.clone(), base(&need.key)))),
            Planned::Ready(plan) => return Some(plan),
        }
    }
}

fn base(key: &BaseKey) -> ResolvedBase {
    let mut config = ImageConfig::default();
    config.config.env = vec!["PATH=/bin".to_owned()];
    config.rootfs.diff_ids = vec![Digest::of(key.reference.as_bytes())];
    ResolvedBase { reference: key.reference.clone(), manifest: None, config_digest: Digest::of(b""), config }
}

/// Returns what a plan does, without what only repeats the text.
fn essence(plan: &Plan) -> Vec<String> {
    let steps = plan.graph.steps().iter();
    let steps = steps.map(|step| format!("{:?} {:?} {:?} {:?}", step.op, step.parent, step.platform, step.cache));
    let targets = plan.targets.iter().map(|target| {
        let history = target.history.iter().map(|line| format!("{:?} {}", line.step, spelled(&line.created_by)));
        let history: Vec<String> = history.collect();
        format!("{:?} {:?} {:?} {:?} {history:?}", target.tree, target.platform, target.config, target.layers)
    });
    steps.chain(targets).chain([format!("{:?}", plan.epoch)]).collect()
}

/// Returns a line of history without its spelling.
fn spelled(text: &str) -> String {
    text.to_lowercase().chars().filter(|char| !char.is_whitespace() && !"=\"".contains(*char)).collect()
}

/// Tells what a safe fix has changed in the plan of a text.
fn changed(name: &str, text: &[u8], config: &Config) -> Option<String> {
    let fixed = apply(text, config, Safety::Safe);
    let before = planned(text).filter(|_| fixed.count > 0)?;
    let Some(after) = planned(&fixed.text) else { return Some(format!("{name}: there is no plan any more")) };
    let (before, after) = (essence(&before), essence(&after));
    let different = before.iter().zip(&after).find(|(before, after)| before != after);
    (before != after).then(|| format!("{name}: {different:#?}"))
}

fn everything() -> Config {
    let mut settings = Settings::default();
    settings.overrides[0].extend(["base-without-digest", "healthcheck-missing"].map(str::to_owned));
    Config { experimental: true, ..settings.config(Dialect::Containr) }
}

#[test]
fn safe_fixes_of_fixtures_keep_the_plan() {
    let mut seen = 0;
    let mut wrong = Vec::new();
    for folder in fs::read_dir(root().join("testdata/lint")).expect("there are fixtures") {
        let folder = folder.expect("the folder is readable").path();
        for file in ["bad.Dockerfile", "good.Dockerfile"] {
            let Ok(text) = fs::read(folder.join(file)) else { continue };
            seen += 1;
            wrong.extend(changed(&folder.join(file).display().to_string(), &text, &everything()));
        }
    }
    assert!(seen > 200, "only {seen} fixtures");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn safe_fixes_of_real_files_keep_the_plan() {
    let default = || root().join("../shared/conformance");
    let folder =
        std::env::var_os("CONTAINR_CONFORMANCE").map_or_else(default, PathBuf::from).join("corpus/dockerfiles");
    let Ok(files) = fs::read_dir(&folder) else {
        assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "no cases in {}", folder.display());
        eprintln!("skipped: no conformance cases in {}", folder.display());
        return;
    };
    let mut wrong = Vec::new();
    for file in files {
        let file = file.expect("the file is listed").path();
        let text = fs::read(&file).expect("the file is readable");
        wrong.extend(changed(&file.display().to_string(), &text, &everything()));
        // The same with the line breaks of Windows.
        let windows = String::from_utf8_lossy(&text).replace("\r\n", "\n").replace('\n', "\r\n");
        wrong.extend(changed(&format!("{} (CRLF)", file.display()), windows.as_bytes(), &everything()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
