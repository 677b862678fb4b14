//! Comments and settings that silence rules, in every peer's way.

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, Pragmas, Settings, all, lint};

mod peers;

fn codes(text: &str, config: &Config) -> Vec<String> {
    let parsed = parse(text.as_bytes());
    let found = lint(&parsed, config).into_iter();
    found.map(|one| format!("{}:{}", parsed.lines().line(one.span.start), one.code)).collect()
}

fn own(text: &str) -> Vec<String> {
    codes(text, &Config::default())
}

#[test]
fn comments_of_every_peer_silence_a_rule() {
    for comment in [
        "# containr ignore=base-without-tag the base is built here",
        "# containr ignore=DL3006",
        "# containr global ignore=base-without-tag",
        "# hadolint ignore=DL3006",
        "# hadolint ignore = DL3007 , DL3006 # because",
        "# hadolint global ignore=DL3006",
        "# trivy:ignore:AVD-DS-0001",
        "# trivy:ignore:DS001",
        "# trivy:ignore:DS-0001:exp:2030-01-01",
        "# trivy:ignore:docker-use-specific-tags",
        "# trivy:ignore:DS-0005 trivy:ignore:use-specific*",
        "# nosemgrep: dockerfile.best-practice.missing-image-version.missing-image-version",
        "# nosemgrep",
    ] {
        assert_eq!(own(&format!("{comment}\nFROM debian\n")), [""; 0], "{comment}");
    }
}

#[test]
fn other_comments_silence_nothing() {
    for comment in [
        "# containr ignore=shell-form-command",
        "# hadolint ignore=DL3007",
        "# hadolint ignore=dl3006",
        "# hadolint ignore=DL3006 because",
        "# hadolint: ignore=DL3006",
        "# trivy:ignore:DS-0002",
        "# nosemgrep: other-rule",
        "# check=skip=JSONArgsRecommended",
    ] {
        assert_eq!(own(&format!("{comment}\nFROM debian\n")), ["2:base-without-tag"], "{comment}");
    }
}

#[test]
fn a_comment_speaks_of_the_instruction_below_it() {
    let text = "FROM debian:12\n# hadolint ignore=DL4000\nMAINTAINER a\nMAINTAINER b\n";
    assert_eq!(own(text), ["4:maintainer-deprecated"]);
    assert_eq!(own("FROM debian:12\n# hadolint ignore=DL4000\n# more\nMAINTAINER a\n"), [""; 0]);
}

#[test]
fn hadolint_looks_at_the_line_above_only() {
    let config = Config { dialect: Dialect::Hadolint, ..Config::default() };
    let text =
        "FROM debian:12\n# hadolint ignore=DL4000\n# more\nMAINTAINER a\n# containr ignore=DL4000 x\nMAINTAINER b\n";
    assert_eq!(codes(text, &config), ["4:DL4000"]);
}

#[test]
fn a_stage_pragma_lasts_to_the_next_stage() {
    let text = "# hadolint stage ignore=DL4000\nFROM debian:12 AS a\nMAINTAINER a\nFROM a\nMAINTAINER b\n";
    assert_eq!(own(text), ["5:maintainer-deprecated"]);
}

#[test]
fn the_check_directive_silences_buildkits_rules() {
    assert_eq!(own("# check=skip=JSONArgsRecommended\nFROM debian:12\nUSER 1\nCMD a\n"), [""; 0]);
    assert_eq!(own("# check=skip=all\nFROM debian:12 as x\nCMD a\nUSER x\n"), ["4:user-not-numeric"]);
    let config = Config { dialect: Dialect::BuildKit, ..Config::default() };
    let text = "FROM debian:12\n# check=skip=JSONArgsRecommended\nCMD a\n# hadolint ignore=DL3025\nENTRYPOINT b\n";
    assert_eq!(codes(text, &config), ["5:JSONArgsRecommended"]);
}

#[test]
fn pragmas_may_be_disregarded() {
    let config = Config { pragmas: Pragmas::Disregard, ..Config::default() };
    assert_eq!(codes("# hadolint ignore=DL3006\nFROM debian\n", &config), ["2:base-without-tag"]);
}

#[test]
fn settings_know_every_name_of_a_rule() {
    for name in ["DL3006", "base-without-tag", "missing-image-version"] {
        let config = Settings::read(&format!("ignored: [{name}]\n")).expect("it is sound").config(Dialect::Containr);
        assert_eq!(codes("FROM debian\n", &config), [""; 0], "{name}");
    }
}

#[test]
fn settings_are_put_together_as_hadolint_does() {
    let file = "failure-threshold: error\nno-fail: true\noverride:\n  info: [DL3006]\nlabel-schema:\n  a: text\n";
    let file = Settings::read(file).expect("it is sound");
    let variables = |name: &str| match name {
        "HADOLINT_NOFAIL" => Some("0".to_owned()),
        "HADOLINT_IGNORE" => Some("DL3007,DL3008".to_owned()),
        "HADOLINT_REQUIRE_LABELS" => Some("a:semver,b:url,c:nonsense".to_owned()),
        _ => None,
    };
    let whole = Settings::from_environment(variables).under(file);
    assert_eq!(whole.no_fail, Some(true));
    assert_eq!(whole.ignored, ["DL3007", "DL3008"]);
    assert_eq!(whole.labels.len(), 2);
    assert_eq!(whole.overrides[2], ["DL3006"]);
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for text in
        ["ignored: DL3006", "- a", "failure-threshold: bad", "label-schema: {a: b}", "a: [", "override: {error: 1}"]
    {
        assert!(Settings::read(text).is_err(), "{text}");
    }
    for text in ["", "# nothing\n", "unknown: 1\n", "ignored:\n"] {
        assert_eq!(Settings::read(text).expect(text), Settings::default(), "{text}");
    }
}

#[test]
fn every_name_of_every_tool_is_known() {
    for (name, wanted) in peers::PEERS {
        let called = all().filter(|rule| rule.aliases.iter().any(|alias| alias.is(name)));
        let mut rules: Vec<&str> = called.map(|rule| rule.id).collect();
        rules.sort_unstable();
        assert_eq!(rules, *wanted, "{name}");
    }
}

#[test]
fn checkovs_comments_speak_of_the_whole_file() {
    for comment in [
        "# checkov:skip=CKV_DOCKER_6",
        "#checkov:skip=CKV_DOCKER_1,CKV_DOCKER_6: the label is there",
        "# bridgecrew:skip= CKV_DOCKER_6",
    ] {
        assert_eq!(own(&format!("FROM debian:12\nMAINTAINER a\n{comment}\n")), [""; 0], "{comment}");
    }
    assert_eq!(own("# checkov:skip=CKV_DOCKER_7\nFROM debian:12\nMAINTAINER a\n"), ["3:maintainer-deprecated"]);
}

#[test]
fn semgreps_comment_may_end_the_line_itself() {
    assert_eq!(own("FROM debian:12\nRUN sudo a # nosemgrep: no-sudo-in-dockerfile\n"), [""; 0]);
    assert_eq!(own("FROM debian:12\nRUN sudo a # nosemgrep: use-workdir\n"), ["2:sudo"]);
    assert_eq!(own("FROM debian:12\nRUN sudo a # nosemgreps\n"), ["2:sudo"]);
}

#[test]
fn our_own_comment_may_have_a_reason() {
    let text = "FROM debian:12\n# containr ignore=sudo, DL4000 they need a terminal\nRUN sudo a\n";
    assert_eq!(own(text), [""; 0]);
}

#[test]
fn comments_of_build_checks_above_an_instruction() {
    let told = |text: &str| {
        let config = Config { dialect: Dialect::BuildKit, ..Config::default() };
        let found = lint(&parse(text.as_bytes()), &config);
        found.iter().map(|one| one.code.to_owned()).collect::<Vec<String>>()
    };
    // The first of two counts, blanks and a note are allowed.
    let two = "FROM scratch\n# check=skip=UndefinedVar\n# check=skip=LegacyKeyValueFormat\nENV a b\n";
    assert_eq!(told(two), ["LegacyKeyValueFormat"]);
    assert_eq!(told("FROM scratch\n#Check = skip=LegacyKeyValueFormat // a note\nENV a b\n"), [""; 0]);
    // What is looked for in the file as a whole is not silenced by them.
    assert_eq!(told("FROM scratch\nENV a=b\n# check=skip=all\nenv c d\n"), ["ConsistentInstructionCasing"]);
    let experiment = "FROM scratch\n# check=experimental=all\n# words\nARG a=b\n# words\nARG c=d\n";
    assert_eq!(told(experiment), ["InvalidDefinitionDescription"]);
}
