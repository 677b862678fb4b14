//! `containr build --check`.

use super::desk::Desk;

const LINE: &str = "--------------------\n";

#[test]
fn nothing_is_found() {
    let desk = Desk::with(&[("Dockerfile", "FROM scratch\nCOPY a /a\n")]);
    assert_eq!(desk.run(&["build", "--check"]).exits(0), "Check complete, no warnings found.\n");
    assert!(desk.run(&["build", "--call=check,format=json", "."]).exits(0).starts_with("{\n  \"warnings\": null,\n"));
}

#[test]
fn warnings_are_told_with_their_lines() {
    let desk = Desk::with(&[("sub/Containerfile", "FROM scratch\nCMD a\n")]);
    let shown = format!(
        "Check complete, 1 warning has been found!\n\n\
         WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/\n\
         JSON arguments recommended for CMD to prevent unintended behavior related to OS signals\n\
         Containerfile:2\n{LINE}   1 |     FROM scratch\n   2 | >>> CMD a\n   3 |     \n{LINE}"
    );
    for words in [
        &["build", "--check", "sub"][..],
        &["build", "--call", "lint", "-f", "sub/Containerfile", "."],
        &["b", "--call=check", "sub"],
    ] {
        assert_eq!(desk.run(words).exits(1), shown, "{words:?}");
    }
    assert_eq!(desk.run(&["build", "--call=check,ignorestatus=true", "sub"]).exits(0), shown);
    // Neither a store nor anything else was made.
    assert_eq!(desk.files(), ["sub/Containerfile"]);
}

#[test]
fn stdin_is_a_dockerfile() {
    let desk = Desk::new();
    let text = "FROM scratch\nCMD [\"a\"]\n";
    for words in [&["build", "--check", "-"][..], &["build", "--check", "-f", "-", "."]] {
        assert_eq!(desk.call(words).stdin(text).run().exits(0), "Check complete, no warnings found.\n", "{words:?}");
    }
}

#[test]
fn forbidden_warnings_are_an_error() {
    let desk = Desk::with(&[("Dockerfile", "# check=error=true\nFROM scratch\nCMD a\n")]);
    let told = desk.run(&["build", "--check"]);
    assert_eq!(told.code, Some(1));
    assert!(told.stdout.starts_with("Check complete, 1 warning has been found!\n\nWARNING: "), "{}", told.stdout);
    assert_eq!(told.stderr, "error: lint violation found for rules: JSONArgsRecommended\n");
}

#[test]
fn a_build_argument_stands_in_for_the_directive() {
    let desk = Desk::with(&[("Dockerfile", "# check=error=true\nFROM scratch\nCMD a\n")]);
    let checked = |value: &str| desk.run(&["build", "--check", "--build-arg", value, "."]);
    let told = checked("BUILDKIT_DOCKERFILE_CHECK=skip=JSONArgsRecommended");
    assert_eq!(told.exits(0), "Check complete, no warnings found.\n");
    assert_eq!(checked("BUILDKIT_DOCKERFILE_CHECK=").stderr, "");
    let told = checked("BUILDKIT_DOCKERFILE_CHECK=skp=all");
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.contains("BUILDKIT_DOCKERFILE_CHECK: unknown check option `skp`"), "{}", told.stderr);
}

#[test]
fn a_broken_file_is_an_error_with_its_lines() {
    let desk = Desk::with(&[("Dockerfile", "FROM scratch\nCOPYY a b\n")]);
    let told = desk.run(&["build", "--check"]);
    assert_eq!((told.code, told.stdout.as_str()), (Some(1), ""));
    assert!(told.stderr.starts_with("error: dockerfile parse error on line 2: unknown instruction `COPYY`"));
    assert!(told.stderr.contains("   2 | >>> COPYY a b\n"), "{}", told.stderr);
    let told = desk.run(&["build", "--call=check,format=json"]);
    assert!(told.stdout.contains("\"buildError\": {\n    \"message\": \"dockerfile parse error on line 2: "));
}

#[test]
fn methods_and_fields_that_do_not_exist_are_refused() {
    let desk = Desk::with(&[("Dockerfile", "FROM scratch\n")]);
    for (method, part) in [
        ("outline", "`outline` is not supported yet"),
        ("bogus", "unknown method `bogus`"),
        ("check,bogus=1", "invalid field `bogus=1`"),
    ] {
        let told = desk.run(&["build", "--call", method, "."]);
        assert_eq!(told.code, Some(2), "{method}");
        assert!(told.stderr.contains(part), "{}", told.stderr);
    }
}
