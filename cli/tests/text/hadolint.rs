//! `containr hadolint`, and the program called by that name.

use super::desk::{Desk, Told};

/// A warning (line 1), an info (line 2) and an error (line 3).
const FILE: &str = "FROM debian\nRUN wget x\nWORKDIR a\n";

fn told(file: &str) -> String {
    format!(
        "{file}:1 DL3006 warning: Always tag the version of an image explicitly\n\
         {file}:2 DL3047 info: Avoid use of wget without progress bar. Use `wget --progress=dot:giga <url>`. Or \
         consider using `-q` or `-nv` (shorthands for `--quiet` or `--no-verbose`).\n\
         {file}:3 DL3000 error: Use absolute WORKDIR\n"
    )
}

/// Returns the codes of the remarks, in order.
fn codes(told: &Told) -> Vec<&str> {
    told.stdout.lines().filter_map(|line| line.split(' ').nth(1)).collect()
}

#[test]
fn tells_what_hadolint_tells() {
    let desk = Desk::with(&[("Dockerfile", FILE), ("b/Dockerfile", FILE)]);
    assert_eq!(desk.run(&["hadolint", "--no-color", "Dockerfile"]).exits(1), told("Dockerfile"));
    let both = told("Dockerfile") + &told("b/Dockerfile");
    assert_eq!(desk.run(&["hadolint", "--no-color", "Dockerfile", "b/Dockerfile"]).exits(1), both);
}

#[test]
fn the_program_called_hadolint_is_the_command() {
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    for name in ["hadolint", "/usr/local/bin/hadolint"] {
        assert_eq!(desk.call(&["--no-color", "Dockerfile"]).called(name).run().exits(1), told("Dockerfile"), "{name}");
    }
    assert!(
        desk.call(&["--version"]).called("hadolint").run().exits(0).starts_with("Haskell Dockerfile Linter 2.15.1")
    );
}

#[test]
fn stdin_has_a_name_of_its_own() {
    let desk = Desk::new();
    assert_eq!(desk.call(&["hadolint", "--no-color", "-"]).stdin(FILE).run().exits(1), told("-"));
    let words = ["hadolint", "-f", "json", "--file-path-in-report", "x/Dockerfile", "-"];
    let shown = desk.call(&words).stdin(FILE).run().exits(1);
    assert!(shown.starts_with("[{\"code\":\"DL3006\",\"column\":1,\"file\":\""), "{shown}");
}

#[test]
fn lines_have_colours_unless_told_otherwise() {
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    assert!(desk.run(&["hadolint", "Dockerfile"]).stdout.contains("\u{1b}["));
    for value in ["1", ""] {
        assert_eq!(desk.call(&["hadolint", "Dockerfile"]).env("NO_COLOR", value).run().exits(1), told("Dockerfile"));
    }
}

#[test]
fn the_threshold_and_no_fail_decide_on_the_exit_code() {
    let desk = Desk::with(&[("Dockerfile", "FROM debian:12\nRUN wget x\n"), ("bad", FILE)]);
    for (words, code) in [
        (&["Dockerfile"][..], 1),
        (&["-t", "warning", "Dockerfile"], 0),
        (&["--failure-threshold", "info", "Dockerfile"], 1),
        (&["-t", "error", "bad"], 1),
        (&["-t", "none", "bad"], 1),
        (&["--no-fail", "bad"], 0),
        (&["--ignore", "DL3047", "Dockerfile"], 0),
        (&["--error", "DL3047", "-t", "error", "Dockerfile"], 1),
        (&["-f", "codeclimate", "bad"], 0),
    ] {
        let told = desk.run(&[&["hadolint"], words].concat());
        assert_eq!(told.code, Some(code), "{words:?}: {}", told.stdout);
    }
}

#[test]
fn a_call_without_files_or_with_a_missing_one_fails() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["hadolint"]).exits(1), "Please provide a Dockerfile\n");
    let missing = desk.run(&["hadolint", "Dockerfile"]);
    assert!(missing.code == Some(1) && missing.stderr.contains("Dockerfile"), "{missing:?}");
    let missing = desk.call(&["hadolint", "-c", "none.yaml", "-"]).stdin(FILE).run();
    assert_eq!((missing.code, missing.stdout.as_str()), (Some(1), ""));
    assert_eq!(desk.run(&["hadolint", "--bogus", "Dockerfile"]).code, Some(1));
}

#[test]
fn settings_are_found_in_five_places() {
    let places = [
        ".hadolint.yaml",
        "home/.config/hadolint.yaml",
        "home/.hadolint/hadolint.yaml",
        "home/.hadolint/config.yaml",
        "home/.hadolint.yaml",
    ];
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    // Written from the weakest to the strongest, each hides the ones before it.
    for (index, place) in places.iter().enumerate().rev() {
        let ignored = ["DL3006", "DL3047", "DL3000", "DL3006, DL3047", "DL3006, DL3000"][index];
        desk.write(place, &format!("ignored: [{ignored}]\n"));
        let told = desk.run(&["hadolint", "--no-color", "Dockerfile"]);
        let wanted: Vec<&str> =
            ["DL3006", "DL3047", "DL3000"].into_iter().filter(|code| !ignored.contains(code)).collect();
        assert_eq!(codes(&told), wanted, "{place}");
    }
    desk.write("other/.config/hadolint.yml", "ignored: [DL3000]\n");
    std::fs::remove_file(desk.path(".hadolint.yaml")).unwrap();
    let config = desk.path("other/.config");
    let told =
        desk.call(&["hadolint", "--no-color", "Dockerfile"]).env("XDG_CONFIG_HOME", config.to_str().unwrap()).run();
    assert_eq!(codes(&told), ["DL3006", "DL3047"]);
}

#[test]
fn a_named_settings_file_hides_the_others() {
    let desk = Desk::with(&[
        ("Dockerfile", FILE),
        (".hadolint.yaml", "ignored: [DL3000, DL3006, DL3047]\n"),
        ("ci.yaml", "ignored: [DL3000]\noverride:\n  error: [DL3047]\nfailure-threshold: error\n"),
    ]);
    let told = desk.run(&["hadolint", "--no-color", "-c", "ci.yaml", "Dockerfile"]);
    assert_eq!((told.code, codes(&told)), (Some(1), vec!["DL3006", "DL3047"]));
    assert!(told.stdout.contains("DL3047 error: "), "{}", told.stdout);
}

#[test]
fn variables_are_settings_too() {
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    let with = |name: &str, value: &str| desk.call(&["hadolint", "--no-color", "Dockerfile"]).env(name, value).run();
    assert_eq!(codes(&with("HADOLINT_IGNORE", "DL3000,DL3047")), ["DL3006"]);
    assert_eq!(with("HADOLINT_NOFAIL", "yes").code, Some(0));
    assert_eq!(with("HADOLINT_FAILURE_THRESHOLD", "none").code, Some(1));
    desk.write("Dockerfile", "FROM debian:12\nRUN wget x\n");
    assert_eq!(with("HADOLINT_FAILURE_THRESHOLD", "warning").code, Some(0));
    desk.write("Dockerfile", FILE);
    assert!(with("HADOLINT_FORMAT", "json").stdout.starts_with("[{"));
    assert!(with("HADOLINT_OVERRIDE_STYLE", "DL3006").stdout.contains("DL3006 style: "));
    assert!(with("HADOLINT_OVERRIDE_ERROR", "DL3006").stdout.contains("DL3006 error: "));
    assert!(codes(&with("HADOLINT_TRUSTED_REGISTRIES", "ghcr.io")).contains(&"DL3026"));
    assert!(codes(&with("HADOLINT_REQUIRE_LABELS", "maintainer:text")).contains(&"DL3049"));
    desk.write("Dockerfile", "# hadolint ignore=DL3006\nFROM debian\n");
    assert_eq!(codes(&with("HADOLINT_DISABLE_IGNORE_PRAGMA", "1")), ["DL3006"]);
    assert_eq!(codes(&with("HADOLINT_DISABLE_IGNORE_PRAGMA", "0")), Vec::<&str>::new());
}

#[test]
fn each_format_has_a_shape() {
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    for (format, start) in [
        ("tty", "Dockerfile:1 DL3006 \u{1b}[1m\u{1b}[93mwarning\u{1b}[0m: "),
        ("json", "[{\"code\":"),
        ("checkstyle", "<?xml version=\"1.0\""),
        ("codeclimate", "{\""),
        ("gitlab_codeclimate", "[{\""),
        ("gnu", "hadolint:Dockerfile:1: "),
        ("codacy", "{\""),
        ("sonarqube", "{\""),
        ("sarif", "{\""),
        ("junit", "<?xml version=\"1.0\""),
    ] {
        let shown = desk.run(&["hadolint", "-f", format, "Dockerfile"]).stdout;
        assert!(shown.starts_with(start), "{format}: {shown}");
    }
}

#[test]
fn several_formats_go_to_several_files() {
    let desk = Desk::with(&[("Dockerfile", FILE)]);
    let words = ["hadolint", "--no-color", "-f", "tty", "-o", "-", "-f", "json", "-o", "report.json", "Dockerfile"];
    assert_eq!(desk.run(&words).exits(1), told("Dockerfile"));
    assert!(desk.read("report.json").starts_with("[{\"code\":"));
}

#[test]
fn the_settings_in_force_are_told_on_stderr() {
    let settings = "failure-threshold: warning\nlabel-schema:\n  a: text\n";
    let desk = Desk::with(&[("Dockerfile", "FROM debian:12\n"), ("x.yaml", settings)]);
    let told = desk.run(&["hadolint", "-V", "-c", "x.yaml", "--ignore", "DL3049", "Dockerfile"]);
    let shown = "\"Configuration file used: x.yaml\"\nConfiguration:\n  no fail: False\n  no color: False\n  \
                 output format:\n    none\n  failure threshold: warning\n  override error:\n    none\n  \
                 override warning:\n    none\n  override info:\n    none\n  override style:\n    none\n  \
                 override ignore:\n    - \"DL3049\"\n  strict labels: False\n  label schema:\n    - a: text\n  \
                 disable ignore pragma: False\n  allowed registries:\n    none\n";
    assert_eq!((told.stderr.as_str(), told.stdout.as_str()), (shown, ""));
    let told = desk.run(&["hadolint", "-V", "Dockerfile"]);
    assert!(told.stderr.starts_with("\"No configuration was specified. Using default configuration\"\n"));
}
