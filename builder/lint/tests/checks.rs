//! The build checks against what BuildKit prints of the same files, byte by byte.

use std::fs;
use std::path::{Path, PathBuf};

use containr_dockerfile::{Parsed, parse, parse_check};
use containr_lint::checks::{Scope, Warning, obstacle, render_json, render_text, warnings};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/checks")
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Judges a file as `docker build --check` does without further flags.
fn judged(file: &Path) -> (Parsed, Vec<Warning>) {
    let parsed = parse(&read(file));
    let found = warnings(&parsed, None, Scope::AllStages);
    (parsed, found)
}

#[test]
fn prints_what_buildkit_prints() {
    let files = fs::read_dir(folder()).expect("the folder can be read").map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "Dockerfile")).collect();
    assert!(files.len() > 5, "only {} files", files.len());
    for file in files {
        let (parsed, found) = judged(&file);
        let obstacle = obstacle(&parsed, None, &found);
        let text = render_text("Dockerfile", &parsed, &found, obstacle.as_ref());
        let json =
            render_json(&file.file_name().expect("a file").to_string_lossy(), &parsed, &found, obstacle.as_ref());
        let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(shown(&text), shown(&read(&file.with_extension("txt"))), "{}", file.display());
        let wanted = shown(&read(&file.with_extension("json")));
        let name = file.file_name().expect("a file").to_string_lossy();
        let wanted = wanted.replace("\"filename\": \"Dockerfile\"", &format!("\"filename\": \"{name}\""));
        assert_eq!(shown(&json), wanted, "{}", file.display());
    }
}

#[test]
fn warnings_that_are_forbidden_stop_the_build() {
    let (parsed, found) = judged(&folder().join("forbidden.Dockerfile"));
    let told = obstacle(&parsed, None, &found).expect("the file forbids warnings");
    assert_eq!(told.message, "lint violation found for rules: JSONArgsRecommended");
    assert_eq!(told.lines, None);
    let two = parse(b"# check=error=true\nFROM scratch\nENV a b\nCMD a\nCMD b\n");
    let told = obstacle(&two, None, &warnings(&two, None, Scope::AllStages)).expect("the file forbids warnings");
    let rules = "JSONArgsRecommended, LegacyKeyValueFormat, MultipleInstructionsDisallowed";
    assert_eq!(told.message, format!("lint violation found for rules: {rules}"));
    assert_eq!(obstacle(&parsed, None, &[]), None);
}

#[test]
fn an_error_stops_the_build() {
    let parsed = parse(b"FROM a\nCOPYY b\n");
    let told = obstacle(&parsed, None, &[]).expect("the file has an error");
    assert!(told.message.starts_with("dockerfile parse error on line 2: unknown instruction"), "{}", told.message);
    assert_eq!(told.lines, Some(2..=2));
}

#[test]
fn given_settings_stand_in_for_the_directive() {
    let parsed = parse(b"# check=skip=all;error=true\nFROM scratch\nCMD a\nENV a b\n");
    let rules = |settings: Option<&str>| -> Vec<&str> {
        let settings = settings.map(|text| parse_check(text).expect("the settings are sound"));
        warnings(&parsed, settings.as_ref(), Scope::AllStages).iter().map(|one| one.rule).collect()
    };
    assert_eq!(rules(None), Vec::<&str>::new());
    assert_eq!(rules(Some("")), ["JSONArgsRecommended", "LegacyKeyValueFormat"]);
    assert_eq!(rules(Some("skip=LegacyKeyValueFormat")), ["JSONArgsRecommended"]);
    let settings = parse_check("").expect("the settings are sound");
    let found = warnings(&parsed, Some(&settings), Scope::AllStages);
    assert_eq!(obstacle(&parsed, Some(&settings), &found), None);
    assert!(parse_check("skip").is_err() && parse_check("a=b").is_err() && parse_check("error=x").is_err());
}

#[test]
fn stages_that_the_target_does_not_need_are_left_out() {
    let text =
        b"FROM scratch AS a\nWORKDIR a\nFROM scratch AS B\nWORKDIR b\nFROM a AS c\nCOPY --from=b / /\nFROM a AS d\n";
    let parsed = parse(text);
    let lines = |scope| -> Vec<u32> {
        let found = warnings(&parsed, None, scope);
        found.iter().filter(|one| one.rule == "WorkdirRelativePath").map(|one| *one.lines.start()).collect()
    };
    assert_eq!(lines(Scope::AllStages), [2, 4]);
    assert_eq!(lines(Scope::LastStage), [2]);
    assert_eq!(lines(Scope::Target("c")), [2, 4]);
    assert_eq!(lines(Scope::Target("B")), [4]);
    // The name of a stage is looked at in any case.
    let casing = |scope| warnings(&parsed, None, scope).iter().filter(|one| one.rule == "StageNameCasing").count();
    assert_eq!((casing(Scope::AllStages), casing(Scope::LastStage)), (1, 1));
}
