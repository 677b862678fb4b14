//! What is said of scripts: where, in which shell, with which environment, and how it is repaired.

use containr_dockerfile::parse;
use containr_lint::{Config, Dialect, LintCache, Origin, Safety, apply, lint, lint_with};

/// Returns what is said of scripts, as `LINE:COLUMN CODE SOURCE`.
fn told(text: &str) -> Vec<String> {
    said(text, &Config::default())
}

fn said(text: &str, config: &Config) -> Vec<String> {
    let parsed = parse(text.as_bytes());
    let of_shell = lint(&parsed, config).into_iter().filter(|one| matches!(one.origin, Origin::Shell(_)));
    of_shell
        .map(|one| {
            let (line, column) = (parsed.lines().line(one.span.start), parsed.lines().column(one.span.start));
            format!("{line}:{column} {} {}", one.code, &parsed.text()[one.span.range()])
        })
        .collect()
}

fn hadolint(text: &str) -> Vec<String> {
    let config = Config { dialect: Dialect::Hadolint, ..Config::default() };
    let parsed = parse(text.as_bytes());
    let of_shell = lint(&parsed, &config).into_iter().filter(|one| matches!(one.origin, Origin::Shell(_)));
    of_shell.map(|one| format!("{} {} {}", parsed.lines().line(one.span.start), one.code, one.severity)).collect()
}

/// Repairs the scripts of a file and nothing else.
fn repaired(text: &str) -> String {
    let others = containr_lint::all().map(|rule| rule.id.to_owned()).collect();
    let config = Config { ignored: others, ..Config::default() };
    String::from_utf8_lossy(&apply(text.as_bytes(), &config, Safety::Unsafe).text).into_owned()
}

#[test]
fn points_at_the_character_behind_continuations_and_comments() {
    let text = "FROM debian:12\nRUN true \\\n  # a note\n\n  && echo é $HOME/x \\\n  && rm $file\n";
    assert_eq!(told(text), ["5:14 SC2086 $HOME", "6:9 SC2086 $file", "6:9 SC2154 $file"]);
}

#[test]
fn points_at_the_character_in_a_heredoc() {
    assert_eq!(told("FROM debian:12\nRUN <<EOF\necho a\n  rm $HOME\nEOF\n"), ["4:6 SC2086 $HOME"]);
    assert_eq!(told("FROM debian:12\nRUN <<-EOF\n\techo a\n\t\trm $HOME\n\tEOF\n"), ["4:6 SC2086 $HOME"]);
}

#[test]
fn a_heredoc_that_is_an_input_is_no_script() {
    assert_eq!(told("FROM debian:12\nRUN python3 <<'EOF'\nprint($x)\nEOF\n"), [""; 0]);
    assert_eq!(told("FROM debian:12\nRUN python3 <<EOF\nprint($x)\nEOF\n"), ["3:7 SC2154 $x"]);
    assert_eq!(told("FROM debian:12\nRUN cat <<EOF > $HOME/x\nrm $HOME\nEOF\n"), ["2:17 SC2086 $HOME"]);
}

#[test]
fn carriage_returns_are_told_once_and_read_as_blanks() {
    let windows =
        "FROM a:1\r\nRUN <<EOF\r\nif true; then\r\n  rm $HOME\r\nfi\r\nEOF\r\nRUN true \\\r\n && rm $HOME\r\n";
    assert_eq!(told(windows), ["3:14 SC1017 \r", "4:6 SC2086 $HOME", "8:8 SC2086 $HOME"]);
    assert_eq!(hadolint("FROM a:1\r\nRUN <<EOF\r\nrm $HOME\r\nEOF\r\n"), ["2 SC2086 info"]);
}

#[test]
fn a_shebang_names_the_shell_of_a_heredoc() {
    assert_eq!(told("FROM debian:12\nRUN <<EOF\n#!/bin/bash\n[[ -n $HOME ]]\nEOF\n"), [""; 0]);
    assert_eq!(told("FROM debian:12\nRUN <<EOF\n[[ -n $HOME ]]\nEOF\n"), ["3:1 SC3010 [[ -n $HOME ]]"]);
    assert_eq!(told("FROM debian:12\nRUN <<EOF\n#!/usr/bin/env python3\nprint($HOME)\nEOF\n"), [""; 0]);
}

#[test]
fn the_shell_of_the_stage_is_the_one_that_reads() {
    let script = "RUN [[ -n $HOME ]]\n";
    let posix = ["SC3010"];
    let codes = |head: &str| -> Vec<String> {
        told(&format!("{head}\n{script}")).iter().map(|one| one.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(codes("FROM debian:12"), posix);
    assert_eq!(codes("FROM debian:12\nSHELL [\"/bin/bash\", \"-c\"]"), [""; 0]);
    assert_eq!(codes("FROM debian:12\n# hadolint shell=bash"), [""; 0]);
    assert_eq!(codes("FROM alpine:3.20"), [""; 0]);
    assert_eq!(codes("FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-c\"]\nENV A=1\nFROM a"), [""; 0]);
    assert_eq!(codes("FROM debian:12 AS a\nSHELL [\"/bin/bash\", \"-c\"]\nFROM debian:12"), posix);
    assert_eq!(codes("FROM mcr.microsoft.com/windows/servercore:ltsc2022"), [""; 0]);
}

#[test]
fn other_languages_are_left_alone() {
    assert_eq!(told("FROM a:1\nSHELL [\"pwsh\", \"-c\"]\nRUN rm $x\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nSHELL [\"/bin/fish\", \"-c\"]\nRUN rm $x\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN [\"sh\", \"-c\", \"rm $HOME\"]\n"), [""; 0]);
}

#[test]
fn the_environment_of_the_stage_is_known() {
    let unknown = ["SC2154"];
    let codes = |text: &str| -> Vec<String> {
        told(text).iter().map(|one| one.split(' ').nth(1).unwrap().to_owned()).collect()
    };
    assert_eq!(codes("FROM a:1\nRUN echo \"$version\"\n"), unknown);
    assert_eq!(codes("FROM a:1\nARG version\nRUN echo \"$version\"\n"), [""; 0]);
    assert_eq!(codes("FROM a:1\nENV version=1\nRUN echo \"$version\"\n"), [""; 0]);
    assert_eq!(codes("ARG version=1\nFROM a:1\nRUN echo \"$version\"\n"), unknown);
    assert_eq!(codes("FROM a:1 AS b\nARG version=1\nFROM b AS c\nFROM c\nRUN echo \"$version\"\n"), [""; 0]);
    assert_eq!(codes("FROM a:1 AS b\nARG version=1\nFROM a:1\nRUN echo \"$version\"\n"), unknown);
    assert_eq!(codes("FROM a:1\nRUN echo \"$version\"\nARG version\n"), unknown);
    assert_eq!(codes("FROM a:1\nRUN echo \"$http_proxy\"\n"), [""; 0]);
    assert_eq!(codes("FROM a:1\nONBUILD ARG version\nONBUILD RUN echo \"$version\"\n"), [""; 0]);
    assert_eq!(codes("FROM a:1\nONBUILD ARG version\nRUN echo \"$version\"\n"), unknown);
}

#[test]
fn triggers_are_scripts() {
    assert_eq!(told("FROM a:1\nONBUILD RUN rm $HOME\n"), ["2:16 SC2086 $HOME"]);
}

#[test]
fn comments_silence_codes() {
    let run = "RUN rm $HOME\n";
    assert_eq!(told(&format!("FROM a:1\n# hadolint ignore=SC2086\n{run}")), [""; 0]);
    assert_eq!(told(&format!("FROM a:1\n# hadolint global ignore=SC2086\n{run}")), [""; 0]);
    assert_eq!(told(&format!("FROM a:1\n# containr ignore=SC2086 it is a folder\n{run}")), [""; 0]);
    assert_eq!(told(&format!("FROM a:1\n# hadolint ignore=SC2046\n{run}")).len(), 1);
    assert_eq!(told(&format!("FROM a:1\n# shellcheck disable=SC2086\n{run}")), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN true \\\n # shellcheck disable=SC2086\n && rm $HOME \\\n && rm $HOME/x\n").len(), 1);
    assert_eq!(told("FROM a:1\nRUN <<EOF\n# shellcheck disable=SC2086\nrm $HOME\nEOF\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN <<EOF\n# shellcheck disable=SC2185\nfind -delete\nEOF\n"), [""; 0]);
}

#[test]
fn settings_speak_of_codes() {
    let text = "FROM a:1\nRUN rm $HOME\n";
    let ignored = Config { ignored: ["SC2086".to_owned()].into(), ..Config::default() };
    assert_eq!(said(text, &ignored), [""; 0]);
    let harder =
        Config { severities: vec![("SC2086".to_owned(), containr_lint::Severity::Error)], ..Config::default() };
    let found = lint(&parse(text.as_bytes()), &harder);
    let one = found.iter().find(|one| one.code == "SC2086").unwrap();
    assert_eq!(one.severity, containr_lint::Severity::Error);
}

#[test]
fn repairs_are_exact() {
    assert_eq!(
        repaired("FROM a:1\nRUN true \\\n  && rm $HOME \\\n  && true\n"),
        "FROM a:1\nRUN true \\\n  && rm \"$HOME\" \\\n  && true\n"
    );
    assert_eq!(repaired("FROM a:1\nRUN rm\\\n $HOME\\\n\t/x\n"), "FROM a:1\nRUN rm\\\n \"$HOME\"\\\n\t/x\n");
    assert_eq!(
        repaired("FROM a:1\nRUN <<-EOF\n\ttrue\n\trm $HOME\n\tEOF\n"),
        "FROM a:1\nRUN <<-EOF\n\ttrue\n\trm \"$HOME\"\n\tEOF\n"
    );
}

#[test]
fn a_repair_that_reaches_over_a_hole_is_not_offered() {
    let text = "FROM a:1\nRUN rm ${HO\\\nME}\n";
    assert_eq!(told(text).len(), 1);
    assert_eq!(repaired(text), text);
}

#[test]
fn a_repair_of_a_script_is_not_safe() {
    let text = b"FROM a:1\nRUN rm $HOME\n";
    assert_eq!(apply(text, &Config::default(), Safety::Safe).text, text);
}

#[test]
fn a_broken_script_is_told_and_nothing_else_of_it() {
    let broken = told("FROM a:1\nRUN if true; then rm $HOME\n");
    assert!(!broken.is_empty() && broken.iter().all(|one| one.contains(" SC10")), "{broken:?}");
    assert_eq!(told("FROM a:1\nRUN [Net.A]::B = [C] ; $x\n"), ["2:5 SC1035 ["]);
}

#[test]
fn what_stands_before_a_stray_bracket_is_judged() {
    assert_eq!(told("FROM a:1\nRUN x = (a)\n"), ["2:7 SC2283 =", "2:9 SC1088 ("]);
    assert_eq!(told("FROM a:1\nRUN echo $HOME; (a).b('c'); echo $HOME\n"), ["2:10 SC2086 $HOME", "2:20 SC1070 ."]);
}

#[test]
fn hadolint_tells_where_a_script_of_another_language_ends() {
    assert_eq!(hadolint("FROM a:1\nRUN powershell [Net.A]::B ; if (a) { b }\n"), ["2 SC1072 error"]);
    assert_eq!(hadolint("FROM a:1\nRUN (New-Object A).Get('b', 'c') ; d\n"), ["2 SC1036 error"]);
    assert_eq!(hadolint("FROM a:1\nRUN %windir%\\system32\\cmd\n"), ["2 SC1001 info"]);
    assert_eq!(hadolint("FROM a:1\nRUN echo print(\"a\")\n"), ["2 SC1088 error"]);
}

#[test]
fn what_the_linter_lacks_is_told() {
    assert_eq!(
        told("FROM a:1\nRUN for a in `echo b c`; do \"$a\"; done\n"),
        ["2:14 SC2006 `echo b c`", "2:14 SC2116 `echo b c`"]
    );
    assert_eq!(told("FROM a:1\nRUN echo %ab\tc=d: e\n"), ["2:5 SC2291 echo %ab\tc=d: e"]);
    assert_eq!(told("FROM a:1\nRUN rm -rf x /lib\n"), ["2:14 SC2114 /lib"]);
    assert_eq!(told("FROM a:1\nRUN du | A=b echo c\n"), ["2:9 SC2216  A=b echo c"]);
    assert_eq!(told("FROM a:1\nRUN find -name x -delete\n"), ["2:5 SC2185 find"]);
    assert_eq!(told("FROM a:1\nRUN find -L . -delete; find \"$HOME\" -delete; find --help\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN ln -s /a/b\n"), ["2:5 SC2226 ln -s /a/b"]);
    assert_eq!(told("FROM a:1\nRUN ln -s -t /a /b; cp /a /b; mv \"$HOME\"\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN mkdir -p -m 700 /a/b\n"), ["2:14 SC2174 -m"]);
    assert_eq!(told("FROM a:1\nRUN mkdir -p -m 700 a ../b\n"), [""; 0]);
    assert_eq!(told("FROM a:1\nRUN chmod =755 /a\n"), ["2:11 SC2283 =755"]);
    assert_eq!(told("FROM a:1\nRUN set -e; ! grep x /y; true\n"), ["2:13 SC2251 !"]);
    assert_eq!(
        told("FROM a:1\nRUN set -e; if ! grep x /y; then ! true; fi; ! true || true; ! grep y /y\n"),
        ["2:34 SC2251 !"]
    );
    assert_eq!(told("FROM a:1\nRUN ! grep x /y; true\n"), [""; 0]);
    assert_eq!(
        told("FROM a:1\nRUN echo \"${RANDOM}\" '$RANDOM'\n"),
        ["2:11 SC3028 ${RANDOM}", "2:22 SC2016 '$RANDOM'"]
    );
    assert_eq!(told("FROM a:1\nRUN UID=5; echo \"$UID\" \\$RANDOM\n"), [""; 0]);
    assert_eq!(told("FROM alpine\nRUN echo \"$RANDOM\"\n"), [""; 0]);
}

#[test]
fn hadolint_tells_the_last_of_a_run() {
    let both = "FROM a:1\nRUN true \\\n && export A=\"$(ls)\" \\\n && rm $HOME\n";
    assert_eq!(hadolint(both), ["2 SC2086 info"]);
    assert_eq!(hadolint("FROM a:1\nRUN rm $HOME; export A=\"$(ls)\"\n"), ["2 SC2155 warning"]);
}

#[test]
fn hadolint_has_its_own_idea_of_shells() {
    assert_eq!(hadolint("FROM a:1\nSHELL [\"/bin/zsh\", \"-c\"]\nRUN true\n"), ["3 SC1071 error"]);
    assert_eq!(hadolint("FROM a:1\nSHELL [\"/bin/bash\", \"-c\"]\nRUN echo \"$RANDOM\"\n"), [""; 0]);
    assert_eq!(
        hadolint("FROM a:1\nSHELL [\"/bin/bash\", \"-c\"]\nENV A=1\nRUN echo \"$RANDOM\"\n"),
        ["4 SC3028 warning"]
    );
    assert_eq!(hadolint("FROM alpine:3\nRUN [[ -n \"$HOME\" ]]\n"), ["2 SC3010 warning"]);
    assert_eq!(hadolint("FROM a:1\n# hadolint shell=bash\nRUN true\n"), ["3 SC2239 error"]);
    assert_eq!(hadolint("FROM a:1\nSHELL [\"powershell\"]\nRUN echo $x\n"), [""; 0]);
}

#[test]
fn one_cache_serves_every_file_and_setting() {
    let mut cache = LintCache::new();
    let own = Config::default();
    let theirs = Config { dialect: Dialect::Hadolint, ..Config::default() };
    for text in ["FROM alpine:3\nRUN [[ a ]] && rm $x\n", "FROM debian\nARG x\nRUN [[ a ]] && rm $x\n"] {
        let parsed = parse(text.as_bytes());
        for config in [&own, &theirs, &own] {
            assert_eq!(lint_with(&parsed, config, &mut cache), lint(&parsed, config));
        }
    }
}
