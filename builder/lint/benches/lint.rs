//! Measures reading and judging: a short file, a file of 5,000 lines, and one twice as long.

#![expect(clippy::print_stdout, reason = "a bench shows its figures")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use containr_dockerfile::parse;
use containr_lint::{Config, LintCache, lint, lint_with};

const ROUNDS: usize = 50;

/// Twenty lines as people write them.
const STAGE: &str = r#"FROM golang:1.24-bookworm AS builder
ARG VERSION=dev
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -mod=readonly"
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN apt-get update && apt-get install -y \
        curl \
        git \
    && rm -rf /var/lib/apt/lists/*
RUN curl -fsSL https://example.org/tool | tar -xz -C /usr/local/bin
RUN go build -ldflags "-X main.version=${VERSION}" -o /out/service ./cmd/service
FROM debian
COPY --from=builder /out/service /usr/local/bin/service
ENV LANG C.UTF-8
USER service
EXPOSE 8080/TCP
HEALTHCHECK CMD service health
ENTRYPOINT service --config /etc/service.toml
"#;

fn main() {
    report("20 lines", &[STAGE.to_owned()]);
    report("5,000 lines", &[STAGE.repeat(250)]);
    report("10,000 lines", &[STAGE.repeat(500)]);
    report("5,000 lines, each script another", &[distinct(250)]);
    report("10,000 lines, each script another", &[distinct(500)]);
    keystroke(&distinct(250));
    let root = std::env::var_os("CONTAINR_CONFORMANCE");
    let folder = root.map(|root| Path::new(&root).join("corpus/dockerfiles"));
    match folder.and_then(|folder| std::fs::read_dir(folder).ok()) {
        Some(entries) => {
            let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
            let files: Vec<String> = entries.flatten().map(|entry| read(&entry.path())).collect();
            report(&format!("{} real files", files.len()), &files);
        }
        None => println!("skipped: no corpus in CONTAINR_CONFORMANCE"),
    }
}

/// Returns as many stages, in which no script is that of another one and all have variables of their own.
fn distinct(stages: usize) -> String {
    let stage = |index: usize| {
        let named = STAGE.replace("VERSION", &format!("VERSION_{index}")).replace("tool", &format!("tool-{index}"));
        named
            .replace("curl \\", &format!("curl libfoo{index} \\"))
            .replace("mod download", &format!("mod download m{index}"))
    };
    (0..stages).map(stage).collect()
}

/// Measures judging again after a change of one script, with the scripts of before remembered.
fn keystroke(text: &str) {
    let config = Config::default();
    let mut cache = LintCache::new();
    lint_with(&parse(text.as_bytes()), &config, &mut cache);
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|round| {
            let changed = text.replacen("go mod download", &format!("go mod download x{round}"), 1);
            let start = Instant::now();
            black_box(lint_with(&parse(changed.as_bytes()), &config, &mut cache));
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("5,000 lines after a keystroke: median {:.3} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
}

fn report(name: &str, texts: &[String]) {
    let config = Config::default();
    let work = || -> usize { texts.iter().map(|text| lint(&parse(text.as_bytes()), &config).len()).sum() };
    let found = work();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    println!("{name}: {found} findings, median {:.3} ms", times[ROUNDS / 2].as_secs_f64() * 1e3);
}
