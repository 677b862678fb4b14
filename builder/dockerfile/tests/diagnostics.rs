//! What the parser says of texts that are wrong, and where.

use containr_dockerfile::syntax::{Escape, Kind};
use containr_dockerfile::{Code, Severity, parse, parse_trigger};

/// Returns every remark as `line:column severity code [suggestion]`.
fn remarks(text: impl AsRef<[u8]>) -> Vec<String> {
    let parsed = parse(text.as_ref());
    let line = |remark: &containr_dockerfile::Diagnostic| {
        let (line, column) = (parsed.lines().line(remark.span.start), parsed.lines().column(remark.span.start));
        let severity = if remark.severity == Severity::Error { "error" } else { "warning" };
        let suggestion = remark.suggestion.as_ref().map_or(String::new(), |word| format!(" {word}"));
        format!("{line}:{column} {severity} {}{suggestion}", remark.code.name())
    };
    parsed.diagnostics().iter().map(line).collect()
}

/// Checks the remarks on one instruction of a stage, which is line 2.
fn assert_remarks(cases: &[(&str, &[&str])]) {
    for (text, wanted) in cases {
        assert_eq!(remarks(format!("FROM a\n{text}\n")), *wanted, "{text}");
    }
}

#[test]
fn a_sound_file_has_no_remarks() {
    let text = "ARG V=1\nFROM a AS b\nRUN --mount=type=cache,target=/c --network=none true\nCOPY --from=b /x /y\n";
    assert!(remarks(text).is_empty());
}

#[test]
fn files_without_instructions() {
    assert_eq!(remarks(""), ["1:1 error no-instructions"]);
    assert_eq!(remarks("# note\n\n"), ["3:1 error no-instructions"]);
}

#[test]
fn all_errors_are_told_at_once() {
    let text = "FORM a\nFROM a\nCPOY x /\nRUN --nope --mont=type=bind true\nENV a\n";
    assert_eq!(
        remarks(text),
        [
            "1:1 error unknown-instruction FROM",
            "3:1 error unknown-instruction COPY",
            "4:5 error unknown-flag",
            "4:12 error unknown-flag --mount",
            "5:5 error missing-argument",
        ]
    );
}

#[test]
fn suggestions_keep_the_case_of_the_author() {
    assert_eq!(remarks("from a\nrnu x\n"), ["2:1 error unknown-instruction run"]);
}

#[test]
fn instructions_before_the_first_stage() {
    assert_eq!(remarks("ARG a\nRUN x\nFROM a\n"), ["2:1 error no-stage"]);
    // One mistake, one remark: what follows a misspelt FROM is meant to stand in its stage.
    assert_eq!(remarks("FORM a\nRUN x\nUSER y\n"), ["1:1 error unknown-instruction FROM"]);
}

#[test]
fn directives() {
    assert_eq!(remarks("# escape=x\nFROM a\n"), ["1:10 error invalid-escape"]);
    assert_eq!(remarks("# escape=`\n# Escape=`\nFROM a\n"), ["2:1 error duplicate-directive"]);
    assert_eq!(remarks("# check=skop=all\nFROM a\n"), ["1:9 error invalid-check"]);
    assert!(remarks("# note\n# escape=x\nFROM a\n").is_empty(), "a comment ends the directives");
}

#[test]
fn flags() {
    assert_remarks(&[
        ("COPY --link --link a b", &["2:13 error duplicate-flag"]),
        ("COPY --link=maybe a b", &["2:13 error invalid-flag-value"]),
        ("COPY --link= a b", &["2:6 error missing-flag-value"]),
        ("COPY --chown a b", &["2:6 error missing-flag-value"]),
        ("COPY --exclude=a --exclude=b c d", &[]),
        ("COPY --keep-git-dir a b", &["2:6 error unknown-flag"]),
        ("ADD --chwon=a b c", &["2:5 error unknown-flag --chown"]),
        ("CMD --doit true", &["2:5 error unknown-flag"]),
        ("STOPSIGNAL --now 9", &["2:12 warning unknown-flag"]),
        ("RUN --network=hots x", &["2:15 error invalid-flag-value host"]),
        ("RUN --security=none x", &["2:16 error invalid-flag-value"]),
        ("RUN --mount=type=tmpsf,target=/a x", &["2:13 error invalid-mount"]),
        ("RUN --mount=type=bind,targt=/a x", &["2:23 error invalid-mount target"]),
        ("RUN --mount=type=$T,target=/a x", &[]),
        ("RUN --mount=from=$T,target=/a x", &["2:13 error invalid-mount"]),
        ("RUN --device= x", &["2:14 error invalid-device"]),
    ]);
}

#[test]
fn arguments() {
    assert_remarks(&[
        ("COPY a", &["2:1 error missing-argument"]),
        ("COPY", &["2:1 error missing-argument"]),
        ("COPY [\"a\", 1] b", &[]),
        ("COPY [\"a\", 1]", &["2:12 error json-not-strings"]),
        ("COPY a <<EOF\nEOF", &["2:8 error heredoc-destination"]),
        ("SHELL bash -c", &["2:7 error json-required"]),
        ("SHELL []", &["2:1 error missing-argument"]),
        ("ENV a=b c", &["2:9 error invalid-pair"]),
        ("ENV =b", &["2:5 error invalid-pair"]),
        ("ARG =b", &["2:5 error invalid-pair"]),
        ("VOLUME [\" \"]", &["2:9 error empty-argument"]),
        ("EXPOSE", &["2:1 error missing-argument"]),
        ("FROM a b", &["2:7 error extra-argument"]),
        ("FROM a AS 1b", &["2:11 error invalid-stage-name"]),
        ("WORKDIR", &["2:1 error missing-argument"]),
        ("RUN", &[]),
        ("CMD []", &[]),
    ]);
}

#[test]
fn health_checks() {
    assert_remarks(&[
        ("HEALTHCHECK", &["2:1 error missing-argument"]),
        ("HEALTHCHECK CMD", &["2:13 error missing-argument"]),
        ("HEALTHCHECK NONE x", &["2:18 error extra-argument"]),
        ("HEALTHCHECK TCP 1", &["2:13 error unknown-argument CMD"]),
        ("HEALTHCHECK --interval=1us CMD x", &["2:24 error invalid-flag-value"]),
        ("HEALTHCHECK --interval=5 CMD x", &["2:24 error invalid-flag-value"]),
        ("HEALTHCHECK --retries=-1 CMD x", &["2:23 error invalid-flag-value"]),
        ("HEALTHCHECK --interval=0 --retries=0 CMD x", &[]),
    ]);
}

#[test]
fn heredocs_and_continuations() {
    assert_remarks(&[
        ("RUN <<EOF\nx", &["2:5 error unterminated-heredoc"]),
        ("RUN <<'EOF", &[]),
        ("RUN a \\\n\n  b", &["3:1 warning empty-continuation"]),
        ("RUN a \\\n# note\n  b", &[]),
    ]);
}

#[test]
fn triggers() {
    assert_remarks(&[
        ("ONBUILD", &["2:1 error missing-argument"]),
        ("ONBUILD ONBUILD RUN x", &["2:9 error invalid-trigger"]),
        ("ONBUILD FROM x", &["2:9 error invalid-trigger"]),
        ("ONBUILD ENV x", &["2:13 error missing-argument"]),
        // The image can be built; only what is built on it fails.
        ("ONBUILD RNU x", &["2:9 warning unknown-instruction RUN"]),
        ("ONBUILD RUN --nope x", &["2:13 warning unknown-flag"]),
    ]);
}

#[test]
fn bytes_that_are_not_utf8() {
    assert_eq!(remarks(b"FROM a\nRUN \xff\n"), ["2:5 error invalid-utf8"]);
    assert_eq!(remarks(b"FROM a\nRUN <<E\n\xff\nE\n"), ["3:1 error invalid-utf8"]);
    assert!(remarks(b"# \xe4\nFROM a\nRUN a \\\n# \xf6\n b\n").is_empty(), "comments may hold any bytes");
}

#[test]
fn lines_that_buildkit_does_not_read() {
    let text = format!("FROM a\nRUN {}\n", "x".repeat(70_000));
    assert_eq!(remarks(text), ["2:1 warning line-too-long"]);
}

#[test]
fn texts_of_triggers() {
    let codes = |text: &str| {
        let trigger = parse_trigger(text, Escape::Backslash);
        let codes: Vec<Code> = trigger.diagnostics.iter().map(|remark| remark.code).collect();
        (trigger.instruction.map(|one| one.kind != Kind::Unknown), codes)
    };
    assert_eq!(codes("COPY --from=a <<E /x\nhi\nE"), (Some(true), vec![]));
    assert_eq!(codes(""), (None, vec![Code::NoInstructions]));
    assert_eq!(codes("RUN a\nRUN b"), (Some(true), vec![Code::InvalidTrigger]));
    assert_eq!(codes("FROM a"), (Some(true), vec![Code::InvalidTrigger]));
    assert_eq!(codes("RUN --nope a"), (Some(false), vec![Code::UnknownFlag]));
}
