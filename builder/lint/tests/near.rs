//! What is remembered of instructions and scripts changes nothing: a judgement with a cache is the one without.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use containr_dockerfile::parse;
use containr_lint::{Config, LintCache, Severity, ShellChecks, lint, lint_with};

/// Gives numbers that look random and are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }
}

/// A file in which many rules find something, with what stands around instructions: comments, blank lines, heredocs.
const FILE: &str = r#"# escape=\
ARG BASE=debian
FROM ${BASE}:latest as builder
MAINTAINER me
ENV GIT_SSL_NO_VERIFY=1 LANG C.UTF-8
# a comment
RUN sudo apt-get update && apt install curl libz liba \
    # in between
    && cd /src && make
RUN cd /app && npm install left-pad
EXPOSE 22 80/TCP 127.0.0.1:8080:80
STOPSIGNAL kill
COPY a b /c
ADD file /x
LABEL Bad_Key=1
ONBUILD RUN sudo yum install -q thing; yum upgrade
RUN <<EOF
pip install flask
wget http://example.org/x
EOF
SHELL ['/bin/sh']
RUN ["apt-get", "install", "--allow-unauthenticated", "x"]
CMD ['a']
FROM --platform=$TARGETPLATFORM alpine
WORKDIR /etc
RUN ln -s /bin/bash /bin/sh
RUN apk add git; systemctl start x | cat
VOLUME /var/run/docker.sock
"#;

const PIECES: [&str; 18] = [
    "",
    "x",
    "\n",
    "\r\n",
    "# c\n",
    "#",
    "\\\n",
    " \\\n",
    "RUN sudo apt-get install b a\n",
    "ONBUILD ",
    "FROM debian\n",
    "RUN <<EOF\n",
    "EOF\n",
    "\"",
    "'",
    ", ",
    "\u{e4}",
    "# hadolint ignore=DL3004\n",
];

/// Edits a text so often, and compares after each edit.
fn storm(edits: usize, config: &Config) {
    let (mut numbers, mut cache) = (Numbers(5), LintCache::new());
    let mut text = FILE.to_owned();
    for step in 0..edits {
        let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
        let start = numbers.below(places.len());
        let end = (start + if numbers.below(3) == 0 { numbers.below(12) } else { 0 }).min(places.len() - 1);
        text.replace_range(places[start]..places[end], PIECES[numbers.below(PIECES.len())]);
        if text.len() > 2 * FILE.len() || text.len() < FILE.len() / 2 {
            FILE.clone_into(&mut text);
        }
        let parsed = parse(text.as_bytes());
        assert_eq!(lint_with(&parsed, config, &mut cache), lint(&parsed, config), "after {step} edits: {text:?}");
    }
}

#[test]
fn ten_thousand_edits_are_judged_as_fresh_texts() {
    storm(10_000, &Config { shell: ShellChecks::Off, ..Config::default() });
}

#[test]
fn edits_of_scripts_are_judged_as_fresh_texts() {
    storm(500, &Config::default());
}

#[test]
fn settings_change_what_is_remembered() {
    let mut cache = LintCache::new();
    let parsed = parse(FILE.as_bytes());
    let ignored = ["sudo", "DL3008"].map(str::to_owned).into();
    let severities = vec![("apt-yes".to_owned(), Severity::Error)];
    let settings =
        [Config::default(), Config { ignored, ..Config::default() }, Config { severities, ..Config::default() }];
    for _ in 0..2 {
        for config in &settings {
            assert_eq!(lint_with(&parsed, config, &mut cache), lint(&parsed, config));
        }
    }
}

#[test]
fn files_that_share_instructions_and_line_breaks_that_differ() {
    let (mut cache, config) = (LintCache::new(), Config::default());
    let lines: Vec<&str> = FILE.lines().collect();
    for left_out in 0..lines.len() {
        let kept: Vec<&str> =
            lines.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, line)| *line).collect();
        for line_break in ["\n", "\r\n"] {
            let text = kept.join(line_break);
            let parsed = parse(text.as_bytes());
            assert_eq!(lint_with(&parsed, &config, &mut cache), lint(&parsed, &config), "without line {left_out}");
        }
    }
}

#[test]
fn real_files_with_a_line_changed() {
    let root = std::env::var_os("CONTAINR_CONFORMANCE");
    let Some(folder) = root.map(|root| Path::new(&root).join("corpus/dockerfiles")).filter(|one| one.is_dir()) else {
        eprintln!("skipped: no corpus in CONTAINR_CONFORMANCE");
        return;
    };
    let (mut numbers, mut cache, config) = (Numbers(9), LintCache::new(), Config::default());
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()).into_owned();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        lint_with(&parse(text.as_bytes()), &config, &mut cache);
        for _ in 0..4 {
            let at = numbers.below(lines.len().max(1));
            let changed: String =
                lines.iter().enumerate().filter(|(index, _)| *index != at).map(|(_, line)| *line).collect();
            let parsed = parse(changed.as_bytes());
            assert_eq!(lint_with(&parsed, &config, &mut cache), lint(&parsed, &config), "{changed}");
        }
    }
}
