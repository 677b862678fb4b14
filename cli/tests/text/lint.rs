//! `containr lint`.

use super::desk::Desk;

const BAD: &str = "FROM debian:12\nMAINTAINER me\nUSER me\n";
const GOOD: &str = "FROM debian:12\nUSER 1000\n";

#[test]
fn files_directories_and_the_working_directory() {
    let desk = Desk::with(&[("Dockerfile", BAD), ("sub/app.Dockerfile", BAD), ("sub/other.txt", BAD), ("x", BAD)]);
    let files = |words: &[&str]| -> Vec<String> {
        let json = desk.run(&[&["lint", "-f", "json"], words].concat()).stdout;
        let mut names: Vec<String> =
            json.split("\"file\":\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
        names.dedup();
        names
    };
    assert_eq!(files(&[]), ["Dockerfile", "sub/app.Dockerfile"]);
    assert_eq!(files(&["."]), ["Dockerfile", "sub/app.Dockerfile"]);
    assert_eq!(files(&["sub"]), ["sub/app.Dockerfile"]);
    assert_eq!(files(&["x", "Dockerfile"]), ["x", "Dockerfile"]);
}

#[test]
fn excerpts_point_at_the_place() {
    let desk = Desk::with(&[("Dockerfile", BAD)]);
    let shown = desk.run(&["lint"]).exits(1);
    assert!(shown.contains("error[maintainer-deprecated]: "), "{shown}");
    assert!(shown.contains(" --> Dockerfile:2:1\n"), "{shown}");
    assert!(shown.contains("2 | MAINTAINER me\n"), "{shown}");
    assert!(shown.contains("hint: "), "{shown}");
}

#[test]
fn stdin_is_judged_and_repaired() {
    let desk = Desk::new();
    let shown = desk.call(&["lint", "-f", "gnu", "-"]).stdin(BAD).run().exits(1);
    assert!(shown.contains("maintainer-deprecated"), "{shown}");
    let fixed = desk.call(&["lint", "--fix", "-"]).stdin("from debian:12 AS b\nUSER 1000\n").run();
    assert!(fixed.stdout.starts_with("FROM debian:12 AS b\n"), "{}", fixed.stdout);
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let desk = Desk::with(&[("bad", BAD), ("good", GOOD)]);
    desk.run(&["lint", "-t", "error", "bad"]).exits(1);
    desk.run(&["lint", "-t", "error", "good"]).exits(0);
    desk.run(&["lint", "-t", "error", "--ignore", "maintainer-deprecated", "bad"]).exits(0);
    desk.run(&["lint", "-t", "error", "--ignore", "DL4000", "bad"]).exits(0);
    desk.run(&["lint", "missing"]).exits(2);
    desk.run(&["lint", "-f", "bogus", "bad"]).exits(2);
    desk.run(&["lint", "-t", "bogus", "bad"]).exits(2);
}

#[test]
fn fixes_are_written_or_shown() {
    let desk = Desk::with(&[("Dockerfile", "FROM debian:12\nuser 1000\n")]);
    let shown = desk.run(&["lint", "--diff"]).exits(1);
    assert!(shown.contains("-user 1000\n+USER 1000\n"), "{shown}");
    assert_eq!(desk.read("Dockerfile"), "FROM debian:12\nuser 1000\n");
    desk.run(&["lint", "--fix"]);
    assert_eq!(desk.read("Dockerfile"), "FROM debian:12\nUSER 1000\n");
    assert_eq!(desk.files(), ["Dockerfile"]);
}

#[test]
fn unsafe_fixes_wait_for_their_flag() {
    let desk = Desk::with(&[("Dockerfile", "FROM debian:12\nWORKDIR app\nUSER 1000\n")]);
    desk.run(&["lint", "--fix"]);
    assert_eq!(desk.read("Dockerfile"), "FROM debian:12\nWORKDIR app\nUSER 1000\n");
    desk.run(&["lint", "--fix-unsafe"]);
    assert!(desk.read("Dockerfile").contains("WORKDIR /app\n"), "{}", desk.read("Dockerfile"));
}

#[test]
fn each_dialect_has_its_names() {
    let desk = Desk::with(&[("Dockerfile", BAD)]);
    for (dialect, rule) in
        [("containr", "maintainer-deprecated"), ("hadolint", "DL4000"), ("buildkit", "MaintainerDeprecated")]
    {
        let shown = desk.run(&["lint", "--dialect", dialect, "-f", "json"]).stdout;
        assert!(shown.contains(&format!("\"code\":\"{rule}\"")), "{dialect}: {shown}");
    }
}

#[test]
fn settings_of_hadolint_hold_here_too() {
    let desk = Desk::with(&[("Dockerfile", BAD), (".hadolint.yaml", "ignored: [DL4000]\n")]);
    assert!(!desk.run(&["lint", "-f", "json"]).stdout.contains("maintainer-deprecated"));
    let told = desk.call(&["lint", "-f", "json", "-c", "none.yaml"]).run();
    assert_eq!(told.code, Some(2), "a settings file that is named must be there");
    desk.write(".hadolint.yaml", "ignored: {\n");
    assert_eq!(desk.run(&["lint"]).code, Some(2), "settings that cannot be read are no settings");
}
