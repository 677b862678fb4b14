//! Plans the Dockerfiles of `tests/cases` and compares each with the text beside it.
//!
//! Lines that begin with `#!` are options of the case: `target`, `platform`, `arg`, `context`, `no-cache`, `label`,
//! `network`. Run with `UPDATE_EXPECTED=1` to write the expected texts, and read what changed.

#![expect(clippy::unwrap_used, reason = "a test ends where something unexpected happens")]

#[path = "cases/show.rs"]
mod show;
#[path = "cases/world.rs"]
mod world;

use std::path::{Path, PathBuf};

#[test]
fn every_case_gives_the_expected_plan() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "dockerfile"))
        .collect();
    cases.sort();
    assert!(cases.len() > 20, "only {} cases", cases.len());
    let update = std::env::var_os("UPDATE_EXPECTED").is_some();
    let mut wrong = Vec::new();
    for case in cases {
        let text = std::fs::read_to_string(&case).unwrap();
        let outcome = show::outcome(&text, &world::plan(&text));
        assert_eq!(outcome, show::outcome(&text, &world::plan(&text)), "{} is planned twice alike", case.display());
        let expected_file = case.with_extension("plan");
        if update {
            std::fs::write(&expected_file, &outcome).unwrap();
        } else if std::fs::read_to_string(&expected_file).unwrap_or_default() != outcome {
            wrong.push(format!("{}:\n{outcome}", case.file_stem().unwrap().display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
