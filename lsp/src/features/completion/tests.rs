//! Tests of completion, with the place of the cursor marked in the text.

use tower_lsp_server::ls_types::CompletionTextEdit;

use super::*;
use crate::positions::Encoding;

/// Reads a text with one `|` and completes there.
fn at(marked: &str) -> (Document, Completions) {
    let offset = marked.find('|').unwrap() as u32;
    let uri = "file:///tmp/Dockerfile".parse().unwrap();
    let document = Document::new(uri, 1, marked.replacen('|', "", 1), Encoding::Utf16);
    let found = complete(&document, offset);
    (document, found)
}

fn labels(marked: &str) -> Vec<String> {
    let mut found = at(marked).1.candidates;
    found.sort_by_key(|one| one.rank);
    found.into_iter().filter(|one| !one.is_snippet).map(|one| one.label).collect()
}

/// Returns the text after the candidate with this label was accepted.
fn accepted(marked: &str, label: &str) -> String {
    let (document, found) = at(marked);
    let candidate = found.candidates.into_iter().find(|one| one.label == label).unwrap();
    let style = Style { snippets: false, insert_replace: true, suggests: false };
    let (range, text) = match candidate.item(&document, style).text_edit.unwrap() {
        CompletionTextEdit::Edit(edit) => (edit.range, edit.new_text),
        CompletionTextEdit::InsertAndReplace(edit) => (edit.replace, edit.new_text),
    };
    let mut result = document.text().to_owned();
    result.replace_range(document.span(range).range(), &text);
    result
}

macro_rules! offers {
    ($($name:ident: $marked:literal => [$($label:literal),*];)+) => {$(
        #[test]
        fn $name() {
            let expected: &[&str] = &[$($label),*];
            assert_eq!(labels($marked), expected);
        }
    )+};
}

offers! {
    instructions_before_the_first_from: "|" => ["ARG", "FROM"];
    instructions_by_their_letters: "FROM a\nWD|" => ["WORKDIR"];
    instructions_in_small_letters: "from a\n|x\n" => [
        "add", "arg", "cmd", "copy", "entrypoint", "env", "expose", "from", "healthcheck", "label", "onbuild", "run",
        "shell", "stopsignal", "user", "volume", "workdir", "maintainer"
    ];
    instructions_that_can_be_kept: "FROM a\nONBUILD C|" => ["CMD", "COPY", "HEALTHCHECK"];
    flags_of_copy: "FROM a\nCOPY --ch|" => ["--chown", "--chmod"];
    flags_stand_once: "FROM a\nCOPY --chown=a --ch|" => ["--chmod"];
    flags_that_stand_often: "FROM a\nRUN --mount=type=tmpfs,target=/a --m|" => ["--mount"];
    no_flags_behind_words: "FROM a\nCOPY a --|" => [];
    values_of_a_choice: "FROM a\nRUN --network=|" => ["default", "none", "host"];
    values_of_security: "FROM a\nRUN --security=i|" => ["insecure"];
    values_of_a_duration: "FROM a\nHEALTHCHECK --interval=1|" => ["10s", "1m"];
    kinds_of_mounts: "FROM a\nRUN --mount=type=|" => ["bind", "cache", "secret", "ssh", "tmpfs"];
    options_of_a_cache: "FROM a\nRUN --mount=type=cache,|" => ["target", "id", "sharing", "ro", "from", "source", "mode", "uid", "gid"];
    options_stand_once: "FROM a\nRUN --mount=type=tmpfs,dst=/a,|" => ["size"];
    options_of_no_kind: "FROM a\nRUN --mount=t|" => ["type", "target"];
    values_of_sharing: "FROM a\nRUN --mount=type=cache,target=/a,sharing=l|" => ["locked"];
    stages_of_a_mount: "FROM a AS one\nFROM b\nRUN --mount=type=bind,from=|" => ["one"];
    stages_of_copy: "FROM a AS one\nFROM b AS two\nFROM c AS three\nCOPY --from=|" => ["two", "one"];
    stages_of_from: "FROM a AS one\nFROM o|" => ["one"];
    the_name_of_a_stage_is_free: "FROM a AS |" => [];
    the_word_before_a_stage_s_name: "FROM a |" => ["AS"];
    the_word_before_a_stage_s_name_in_small_letters: "from a |" => ["as"];
    platforms: "FROM --platform=linux/arm|" => ["linux/arm64", "linux/arm/v7", "linux/arm/v6"];
    variables_of_a_stage: "ARG G=1\nFROM a\nARG X=2\nENV Y=3\nWORKDIR /$|" => ["X", "Y", "PATH"];
    variables_of_another_stage: "FROM a AS one\nENV Y=3\nFROM b\nWORKDIR /$|" => ["PATH"];
    variables_of_a_parent: "FROM a AS one\nENV Y=3\nFROM one\nWORKDIR /$|" => ["Y", "PATH"];
    variables_of_from: "ARG TARGET=1\nFROM a:${T|" => [
        "TARGET", "TARGETPLATFORM", "TARGETOS", "TARGETARCH", "TARGETVARIANT", "TARGETSTAGE", "BUILDPLATFORM",
        "BUILDVARIANT"
    ];
    variables_of_the_shell: "FROM a\nENV MY_X=3\nRUN echo \"$MY|" => ["MY_X"];
    no_variables_in_single_quotes: "FROM a\nENV X=3\nENV Y='$|" => [];
    no_variables_in_json: "FROM a\nENV X=3\nCMD [\"$|" => [];
    variables_of_a_test_in_brackets: "FROM a\nENV MY_X=3\nRUN [ \"$MY|\" = x ]" => ["MY_X"];
    variables_of_a_test_that_is_begun: "FROM a\nENV MY_X=3\nRUN [ \"$MY|" => ["MY_X"];
    no_variables_in_spaced_json: "FROM a\nENV X=3\nCMD [ \"a\", \"$|" => [];
    no_variables_in_whole_spaced_json: "FROM a\nENV X=3\nCMD [ \"$|\", \"a\" ]" => [];
    variables_in_a_script: "FROM a\nENV MY_X=3\nRUN <<EOF\n# don't\necho \"$MY|\"\nEOF\n" => ["MY_X"];
    variables_in_a_kept_script: "FROM a\nENV MY_X=3\nONBUILD RUN <<EOF\necho ${MY|\nEOF\n" => ["MY_X"];
    variables_in_a_quoted_script: "FROM a\nENV MY_X=3\nRUN <<'EOF'\necho $MY|\nEOF\n" => ["MY_X"];
    no_variables_in_quotes_of_a_script: "FROM a\nENV MY_X=3\nRUN <<EOF\necho '$MY|'\nEOF\n" => [];
    no_variables_in_the_script_of_another_program: "FROM a\nENV MY_X=3\nRUN cat <<'EOF'\n$MY|\nEOF\n" => [];
    variables_in_a_copied_file: "FROM a\nENV MY_X=3\nCOPY <<EOF /b\n'$MY|'\nEOF\n" => ["MY_X"];
    no_variables_in_a_verbatim_file: "FROM a\nENV MY_X=3\nCOPY <<'EOF' /b\n$MY|\nEOF\n" => [];
    no_variables_behind_an_escape: "FROM a\nENV X=3\nWORKDIR \\$|" => [];
    no_variables_in_from_of_a_mount: "FROM a\nARG X=3\nRUN --mount=type=bind,from=$|" => [];
    signals_by_name: "FROM a\nSTOPSIGNAL SIGQ|" => ["SIGQUIT"];
    protocols_of_a_port: "FROM a\nEXPOSE 80 53/|" => ["tcp", "udp", "sctp"];
    forms_of_a_health_check: "FROM a\nHEALTHCHECK N|" => ["NONE"];
    users_of_the_file: "FROM a\nUSER app\nRUN b\nUSER |" => ["app", "root", "nobody", "65532:65532"];
    owners: "FROM a\nCOPY --chown=r|" => ["root"];
    arguments_of_the_builder: "ARG V=1\nFROM a\nARG BUILDV|" => ["BUILDVARIANT"];
    arguments_that_are_global: "ARG V_1=1\nFROM a\nARG V_|" => ["V_1"];
    directives_at_the_top: "# |" => ["syntax", "escape", "check"];
    directives_stand_once: "# syntax=a\n# |" => ["escape", "check"];
    values_of_a_directive: "# syntax=|" => ["docker/dockerfile:1", "docker/dockerfile:1-labs"];
    comments_that_silence: "FROM a\n# hado|" => ["hadolint ignore=", "hadolint global ignore=", "hadolint shell="];
    rules_of_a_peer: "FROM a\n# hadolint ignore=DL3008,DL4000|" => ["DL4000"];
    rules_of_build_checks: "FROM a\n# check=skip=Workdir|" => ["WorkdirRelativePath"];
    no_rules_behind_the_names: "FROM a\n# hadolint ignore=DL3008 becau|" => [];
    nothing_in_a_comment: "FROM a\n# some w|" => [];
    nothing_in_a_comment_of_a_continuation: "FROM a\nRUN a \\\n # CO|\n b" => [];
    nothing_in_a_heredoc: "FROM a\nRUN <<EOF\nCO|\nEOF\n" => [];
    nothing_in_the_text_of_a_shell: "FROM a\nRUN CO|" => [];
    nothing_over_two_lines: "FROM a\nSTOPSIGNAL SIG\\\nQ|" => [];
}

#[test]
fn accepting_replaces_the_word() {
    assert_eq!(accepted("FROM a\nCO|P a b", "COPY"), "FROM a\nCOPY  a b");
    assert_eq!(accepted("FROM a\nCOPY --fr|o a b", "--from"), "FROM a\nCOPY --from= a b");
    assert_eq!(accepted("ARG X\nFROM a:${X|}", "X"), "ARG X\nFROM a:${X}");
    assert_eq!(accepted("ARG X\nFROM a:${|", "X"), "ARG X\nFROM a:${X}");
    assert_eq!(accepted("ARG X\nFROM a:${X:|", ":-"), "ARG X\nFROM a:${X:-word}");
    assert_eq!(accepted("FROM a\nSHELL |", "[\"/bin/sh\", \"-c\"]"), "FROM a\nSHELL [\"/bin/sh\", \"-c\"]");
    assert_eq!(accepted("FROM \u{1f433} AS x\nFROM |", "x"), "FROM \u{1f433} AS x\nFROM x");
}

#[test]
fn what_ports_may_know_is_asked_for() {
    let wants = |marked: &str| format!("{:?}", at(marked).1.wants.into_iter().next());
    assert!(wants("FROM a\nCOPY ./src/ma|").contains("Paths { directory: \"src\", word: Word { text: \"ma\""));
    assert!(wants("FROM a\nCOPY [\"a/c|").contains("Paths { directory: \"a\", word: Word { text: \"c\""));
    assert!(wants("FROM a\nRUN --mount=type=bind,source=a/|").contains("Paths { directory: \"a\""));
    assert!(wants("FROM localhost:5000/deb|").contains("Images { word: Word { text: \"localhost:5000/deb\""));
    assert!(
        wants("FROM localhost:5000/debian:1|")
            .contains("Tags { repository: \"localhost:5000/debian\", word: Word { text: \"1\"")
    );
    assert!(wants("FROM debian:12@sha|").contains("Digest { reference: \"debian:12\", word: Word { text: \"sha\""));
    for nothing in ["FROM a\nCOPY ../|", "FROM a\nCOPY --from=b |", "FROM a\nADD https://a/|", "FROM a\nCOPY $A/|"] {
        assert_eq!(wants(nothing), "None", "{nothing}");
    }
}

#[test]
fn documentation_is_found_for_every_topic() {
    let texts = [
        "FROM a\n|",
        "FROM a\nCOPY --|",
        "FROM a\nRUN --mount=type=|",
        "FROM a\nRUN --mount=|",
        "FROM $|",
        "# |",
        "FROM a\nSTOPSIGNAL |",
        "FROM a\n# hadolint ignore=|",
    ];
    for marked in texts {
        let (document, found) = at(marked);
        assert!(!found.candidates.is_empty(), "{marked}");
        for candidate in found.candidates.into_iter().filter(|one| one.topic.is_some()) {
            let label = candidate.label.clone();
            let item = resolve(candidate.item(&document, Style::default()));
            assert!(item.documentation.is_some(), "{marked}: {label}");
        }
    }
}
