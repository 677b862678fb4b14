//! Measures reading a file of 110 KB: tree, typed syntax and diagnostics.

#![expect(clippy::print_stdout, reason = "a bench shows its figures")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use containr_dockerfile::parse;

/// What the largest file of the acceptance table holds, in bytes.
const SIZE: usize = 110 * 1024;
const ROUNDS: usize = 200;

const STAGE: &str = r#"# builder compiles the service
FROM --platform=$BUILDPLATFORM docker.io/library/golang:1.24-bookworm AS builder
ARG TARGETOS TARGETARCH VERSION=dev
ENV CGO_ENABLED=0 GOFLAGS="-trimpath -mod=readonly" \
    GOCACHE=/cache/go
WORKDIR /src
COPY --link go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod,sharing=locked go mod download
COPY --chown=1000:1000 --exclude=*.md . .

RUN --mount=type=cache,target=/cache/go --mount=type=secret,id=token,required \
    set -eux; \
    # the version ends up in the binary
    go build \
        -ldflags "-s -w -X main.version=${VERSION}" \
        -o /out/service \
        ./cmd/service; \
    /out/service --version | grep -F "${VERSION}"
RUN <<EOF
set -e
useradd --uid 1000 service
install -d -o service /var/lib/service
EOF
COPY <<'CONF' /etc/service.toml
listen = "0.0.0.0:8080"
[log]
level = "info"
CONF
LABEL org.opencontainers.image.title="service" org.opencontainers.image.licenses=Apache-2.0
HEALTHCHECK --interval=30s --timeout=3s --retries=3 CMD ["/out/service", "health"]
EXPOSE 8080/tcp 9090
VOLUME ["/var/lib/service"]
STOPSIGNAL SIGTERM
USER service
ENTRYPOINT ["/out/service", "--config", "/etc/service.toml"]
CMD ["serve"]

"#;

fn main() {
    let text = STAGE.repeat(SIZE.div_ceil(STAGE.len()));
    report("stages of a service", text.as_bytes());
    let lines = "    apt-get install -y a; \\\n";
    let run = format!("FROM debian\nRUN set -e; \\\n{}    true\n", lines.repeat(SIZE / lines.len()));
    report("one long RUN", run.as_bytes());
    report("blank lines", "\n".repeat(SIZE).as_bytes());
}

fn report(name: &str, text: &[u8]) {
    let median = median(|| drop(black_box(parse(black_box(text)))));
    let rate = text.len() as f64 / median.as_secs_f64() / 1e6;
    println!("{name}: {} bytes, median {:.3} ms, {rate:.0} MB/s", text.len(), median.as_secs_f64() * 1e3);
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}
