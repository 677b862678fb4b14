//! A formatted Dockerfile has the plan of the one before: the same operations, keys, image configs and history.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "cases/world.rs"]
mod world;

use std::path::{Path, PathBuf};

use containr_dockerfile::{formatted, parse};
use containr_graph::{Origin, Step};
use containr_plan::{Diagnostic, Planned};

/// Returns a plan without places; the name of a step shows the instruction as it is written, so blanks do not count.
fn shown(planned: &Result<Planned, Vec<Diagnostic>>) -> Vec<String> {
    match planned {
        Ok(Planned::Ready(plan)) => {
            let steps = plan.graph.steps().iter().map(step);
            let images = plan.targets.iter().map(|target| {
                let config = String::from_utf8(containr_oci::canonical(&target.config)).unwrap();
                format!("{config} {:?} {:?} {:?}", target.history, target.layers, target.tree)
            });
            let rest = [format!("{:?} {:?}", plan.epoch, remarks(&plan.warnings))];
            steps.chain(images).chain(rest).collect()
        }
        Ok(Planned::Needs(needs)) => needs.iter().map(|need| format!("{:?} {}", need.key, need.name)).collect(),
        Err(diagnostics) => remarks(diagnostics),
    }
}

fn step(step: &Step) -> String {
    let name: String = step.name.split_whitespace().collect();
    let origin = match &step.origin {
        Origin::Text { .. } => String::new(),
        other => format!("{other:?}"),
    };
    format!("{:?} {:?} {} {:?} {name} {origin}", step.op, step.parent, step.platform, step.cache)
}

fn remarks(diagnostics: &[Diagnostic]) -> Vec<String> {
    diagnostics.iter().map(|one| format!("{:?} {}", one.severity, one.message)).collect()
}

/// Compares the plans before and after; tells whether the text changed.
#[track_caller]
fn compare(text: &str, name: &Path) -> bool {
    let parsed = parse(text.as_bytes());
    if parsed.has_errors() {
        return false;
    }
    let new = String::from_utf8(formatted(&parsed)).unwrap();
    // A case's options are comments, which stay.
    assert_eq!(shown(&world::plan(&new)), shown(&world::plan(text)), "{}", name.display());
    new != text
}

#[test]
fn cases_keep_their_plans() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = files(&folder).into_iter().filter(|path| path.extension().is_some_and(|end| end == "dockerfile"));
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        compare(&text, &file);
        compare(&spread(&text), &file);
    }
}

#[test]
fn real_files_keep_their_plans() {
    let Some(folder) = corpus() else { return };
    let mut changed = 0;
    for file in files(&folder) {
        let Ok(text) = String::from_utf8(std::fs::read(&file).unwrap()) else { continue };
        changed += usize::from(compare(&text, &file));
        compare(&spread(&text), &file);
        compare(&text.replace('\n', "\r\n"), &file);
    }
    assert!(changed > 50, "only {changed} files changed");
}

/// Returns a text with two blanks where one was: another text in many places, and one to be laid out.
fn spread(text: &str) -> String {
    text.lines()
        .map(|line| if line.starts_with("#!") { line.to_owned() } else { line.replace(' ', "  ") } + "\n")
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("CONTAINR_CONFORMANCE")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance"), PathBuf::from)
        .join("corpus/dockerfiles");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CONTAINR_CONFORMANCE").is_none(), "{} is no folder", folder.display());
    eprintln!("skipped: no conformance data");
    None
}
