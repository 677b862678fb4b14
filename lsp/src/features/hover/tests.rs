//! Tests of hover, with the place of the cursor marked in the text.

use std::sync::Arc;

use containr_lint::Config;

use super::*;
use crate::positions::Encoding;

/// Hovers over the `|` of a text; returns the text that it is about and what is shown.
fn at(marked: &str, findings: bool) -> Option<(String, Hovered)> {
    let offset = marked.find('|').unwrap() as u32;
    let uri = "file:///tmp/Dockerfile".parse().unwrap();
    let document = Document::new(uri, 1, marked.replacen('|', "", 1), Encoding::Utf16);
    let known = if findings { document.findings(&Arc::new(Config::default())) } else { Arc::default() };
    let found = hover(&document, offset, &known)?;
    Some((document.slice(found.span).to_owned(), found))
}

macro_rules! shows {
    ($($name:ident: $marked:literal => $about:literal, $part:literal;)+) => {$(
        #[test]
        fn $name() {
            let (about, found) = at($marked, false).unwrap();
            assert_eq!(about, $about);
            assert!(found.text.contains($part), "{}", found.text);
        }
    )+};
}

shows! {
    an_instruction: "FROM a\nCO|PY a b" => "COPY", "Several sources want a destination";
    an_instruction_that_is_kept: "FROM a\nONBUILD RU|N a" => "RUN", "Runs a command";
    a_flag: "FROM a\nCOPY --ch|own=a a b" => "--chown=a", "Sets the owner";
    the_value_of_a_flag: "FROM a\nRUN --network=no|ne a" => "none", "loopback only";
    a_flag_of_a_broken_instruction: "FROM a\nCOPY --fr|om=b" => "--from=b", "earlier stage";
    a_kind_of_mount: "FROM a\nRUN --mount=type=ca|che,target=/a b" => "type=cache", "from build to build";
    an_option_of_a_mount: "FROM a\nRUN --mount=type=cache,target=/a,sha|ring=locked b" => "sharing=locked", "apt and dpkg";
    an_option_by_its_other_name: "FROM a\nRUN --mount=type=secret,d|st=/a b" => "dst=/a", "/run/secrets/ID";
    a_variable_with_its_value: "FROM a\nARG V=1\nENV W=$V.2\nWORKDIR /$|W" => "$W", "**W**: `1.2`";
    a_variable_with_its_place: "FROM a AS b\nARG V=1\nWORKDIR /$|V" => "$V", "ARG in line 2, stage `b`";
    a_variable_of_a_parent: "FROM a AS b\nENV V=1\nFROM b\nUSER $|V" => "$V", "ENV in line 2, stage `b`";
    a_variable_with_a_modifier: "FROM a\nARG V\nWORKDIR /${V:-|x}" => "${V:-x}", "`${V:-x}` is `x`";
    a_variable_of_the_builder: "FROM --platform=$BUILD|PLATFORM a" => "$BUILDPLATFORM", "machine that builds";
    a_variable_that_no_one_defines: "FROM a\nRUN echo $|X" => "$X", "not defined here";
    the_name_in_a_definition: "FROM a\n# V the version\nARG |V=1" => "V", "the version";
    a_stage_that_is_copied_from: "FROM a AS one\nFROM one AS two\nFROM b\nCOPY --from=tw|o a b" => "two", "built on: `one` \u{2190} `a`";
    a_stage_at_its_name: "FROM a AS o|ne\nRUN b" => "one", "1 instruction";
    an_image: "ARG V=1\nFROM a:$V|" => "$V", "**V**: `1`";
    nothing_to_begin_with: "FROM scra|tch" => "scratch", "empty file system";
    a_directive: "# syn|tax=docker/dockerfile:1\nFROM a" => " syntax=docker/dockerfile:1", "Names the front end";
    a_rule_that_is_silenced: "FROM a\n# hadolint ignore=DL3008,DL40|00\nRUN a" => "DL4000", "maintainer-deprecated";
    a_heredoc: "FROM a\nCOPY <<E|OF /a\nb\nEOF\n" => "<<EOF", "a file of 1 line";
    the_end_of_a_heredoc: "FROM a\nRUN <<EOF\nb\nE|OF\n" => "EOF", "a script of 1 line";
    a_signal: "FROM a\nSTOPSIGNAL si|gquit" => "sigquit", "SIGQUIT";
    a_signal_by_number: "FROM a\nSTOPSIGNAL |9" => "9", "SIGKILL";
    a_port: "FROM a\nEXPOSE 54|32" => "5432", "PostgreSQL";
}

#[test]
fn nothing_is_said_where_nothing_is_known() {
    for marked in [
        "FROM a\nRUN ec|ho a",
        "FROM a\n# so|me words",
        "|\nFROM a",
        "FROM a\nBO|GUS b",
        "FROM a\nRUN <<EOF\ne|cho\nEOF\n",
    ] {
        assert_eq!(at(marked, false), None, "{marked}");
    }
}

#[test]
fn a_finding_shows_the_page_of_its_rule() {
    let (_, found) = at("FROM debian:12\nRUN su|do a\n", true).unwrap();
    assert!(found.text.contains("**sudo**") && found.text.contains("DL3004"), "{}", found.text);
}

#[test]
fn an_image_is_asked_for_with_its_platform() {
    let image = |marked: &str| at(marked, false).unwrap().1.image;
    assert_eq!(image("FROM --platform=linux/arm64 deb|ian:12"), Some(("debian:12".into(), Some("linux/arm64".into()))));
    assert_eq!(image("ARG V=12\nFROM deb|ian:$V"), Some(("debian:12".into(), None)));
    assert_eq!(image("FROM a\nCOPY --from=deb|ian a b"), Some(("debian".into(), None)));
}

#[test]
fn plain_text_has_no_marks() {
    assert_eq!(plain("```dockerfile\nRUN `a`\n```\n**b**: c"), "RUN a\nb: c");
}
