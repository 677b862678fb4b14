//! Plans real Dockerfiles and compares what is refused and warned of with what BuildKit said of them.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use containr_dockerfile::{Parsed, Severity, Span, parse};
use containr_oci::{Digest, ImageConfig, Platform};
use containr_plan::{BaseKey, Code, Diagnostic, NoCache, PlanInput, Planned, ResolvedBase, RunDefaults, plan};
use serde_json::Value;

/// What a builder says of a file: the lines of errors, and line and name of each undefined variable.
///
/// BuildKit stops at its first error and does not always know its line, which is then 0.
#[derive(Debug, Default, PartialEq, Eq)]
struct Opinion {
    errors: BTreeSet<u32>,
    undefined: BTreeSet<(u32, String)>,
}

impl Opinion {
    fn agrees(&self, theirs: &Self) -> bool {
        let same_place = match theirs.errors.first() {
            None => self.errors.is_empty(),
            Some(0) => !self.errors.is_empty(),
            Some(line) => self.errors.contains(line),
        };
        same_place && self.undefined == theirs.undefined
    }
}

#[test]
fn real_files_are_judged_as_by_buildkit() {
    let Some(folder) = corpus() else { return };
    let checks: Value = serde_json::from_slice(&std::fs::read(folder.join("buildkit-checks.json")).unwrap()).unwrap();
    let results = checks["results"].as_object().unwrap();
    assert!(results.len() > 200, "only {} files", results.len());
    let mut wrong = Vec::new();
    for (name, result) in results.iter().filter(|(_, result)| result.get("not_measured").is_none()) {
        let text = std::fs::read(folder.join("dockerfiles").join(name)).unwrap();
        let (theirs, ours) = (told(result), judged(&text));
        if ours.as_ref().is_some_and(|ours| !ours.agrees(&theirs)) {
            wrong.push(format!("{name}: BuildKit says {theirs:?}, we say {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn snippets_are_judged_as_by_buildkit() {
    let Some(folder) = corpus() else { return };
    let cases: Value = serde_json::from_slice(&std::fs::read(folder.join("buildkit-cases.json")).unwrap()).unwrap();
    let cases = cases["cases"].as_array().unwrap();
    assert!(cases.len() > 40, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    // Whether a lint remark fails the build is not for the planner to say.
    let lint = |case: &&Value| case["error"].as_str().is_some_and(|error| error.starts_with("lint violation"));
    for case in cases.iter().filter(|case| !lint(case)) {
        let theirs = told(case);
        let ours = judged(case["dockerfile"].as_str().unwrap().as_bytes());
        if ours.as_ref().is_some_and(|ours| !ours.agrees(&theirs)) {
            wrong.push(format!("{case}: BuildKit says {theirs:?}, we say {ours:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"), PathBuf::from);
    if folder.join("corpus").is_dir() {
        return Some(folder.join("corpus"));
    }
    assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} has no corpus", folder.display());
    eprintln!("skipped: no conformance data");
    None
}

fn told(result: &Value) -> Opinion {
    let number = |value: &Value| value.as_u64().map(|line| u32::try_from(line).unwrap());
    let errors = result["error"].as_str().map(|_| number(&result["error_line"]).unwrap_or(0));
    // What BuildKit warned of before it stopped is of no interest.
    let warnings = result["warnings"].as_array().or(result["reported"].as_array()).filter(|_| errors.is_none());
    let undefined = warnings.into_iter().flatten().filter(|warning| warning["rule"] == "UndefinedVar");
    let undefined = undefined.map(|warning| {
        let detail = warning["detail"].as_str().unwrap();
        let name = detail.split('$').nth(1).unwrap().split('\'').next().unwrap();
        (number(&warning["line"]).unwrap(), name.to_owned())
    });
    Opinion { errors: errors.into_iter().collect(), undefined: undefined.collect() }
}

/// Returns our opinion of a file; nothing where it needs what is not supported yet.
fn judged(text: &[u8]) -> Option<Opinion> {
    let parsed = parse(text);
    if parsed.has_errors() {
        let errors = parsed.diagnostics().iter().filter(|one| one.severity == Severity::Error);
        let errors = errors.map(|error| line(&parsed, error.span)).collect();
        return Some(Opinion { errors, ..Opinion::default() });
    }
    match planned(&parsed) {
        Ok(warnings) => {
            let undefined = warnings.iter().filter(|one| one.code == Code::UndefinedVariable);
            let name = |one: &Diagnostic| one.message.split('`').nth(1).unwrap().trim_start_matches('$').to_owned();
            let undefined = undefined.map(|one| (line(&parsed, one.span), name(one))).collect();
            Some(Opinion { undefined, ..Opinion::default() })
        }
        Err(errors) if errors.iter().any(|error| error.code == Code::NotSupported) => None,
        Err(errors) => {
            let errors = errors.iter().map(|error| line(&parsed, error.span)).collect();
            Some(Opinion { errors, ..Opinion::default() })
        }
    }
}

/// Returns the line of the instruction that holds a place.
fn line(parsed: &Parsed, span: Span) -> u32 {
    let around = parsed.syntax().instructions().find(|one| one.span.start <= span.start && span.start <= one.span.end);
    parsed.lines().line(around.map_or(span.start, |one| one.keyword.span.start))
}

/// Plans the last stage and all that have names, on bases that set PATH.
fn planned(parsed: &Parsed) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
    let platform: Platform = "linux/amd64".parse().unwrap();
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
        })?;
        match outcome {
            Planned::Needs(needs) => bases.extend(needs.into_iter().map(|need| (need.key.clone(), base(&need.key)))),
            Planned::Ready(plan) => return Ok(plan.warnings),
        }
    }
}

fn base(key: &BaseKey) -> ResolvedBase {
    let mut config = ImageConfig::default();
    config.config.env = vec!["PATH=/bin".to_owned()];
    config.rootfs.diff_ids = vec![Digest::of(key.reference.as_bytes())];
    ResolvedBase { reference: key.reference.clone(), manifest: None, config_digest: Digest::of(b""), config }
}
