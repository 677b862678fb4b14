#!/usr/bin/env python3
"""Measures language servers side by side: `figures.py --server NAME=COMMAND... [--page FILE] [--runs N] [--note TEXT]`.

Each run starts every server anew, in turn, and asks the same things of the same text; the table has the medians of all runs.
With --page it replaces what stands between the two marks in that file; without, it is printed.
"""

import argparse
import shlex
import statistics
import tempfile
import time

from client import Editor

MARKS = "<!-- language server: begin -->", "<!-- language server: end -->"
URI = "file:///figures/Dockerfile"
# How often each request is repeated within a run.
REPEATS = 15
# The slowest request is not repeated more than this many seconds.
BUDGET = 4

STAGE = """\
FROM golang:1.24-bookworm AS stage{n}
ARG VERSION=dev
ARG TARGETARCH
ENV CGO_ENABLED=0 APP_HOME=/opt/app{n}
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
RUN apt-get update && apt-get install -y --no-install-recommends \\
        curl \\
        git \\
    && rm -rf /var/lib/apt/lists/*
COPY . .
RUN for arch in amd64 arm64; do \\
        GOARCH=$arch go build -ldflags "-X main.version=${{VERSION}}" -o $APP_HOME/$arch ./cmd; \\
    done
LABEL stage="{n}"
EXPOSE 8080/tcp
USER 1000:1000
HEALTHCHECK --interval=30s CMD ["/opt/app{n}/amd64", "health"]
ENTRYPOINT ["/opt/app{n}/amd64"]
"""
STAGE_LINES = STAGE.count("\n")
# In the middle of the text: `$APP_HOME` is looked at in the RUN of a stage, a word is typed at the start of its LABEL.
HOVER_LINE, HOVER_COLUMN, TYPED_LINE = 13, 72, 15


def capabilities():
    """Returns what a usual editor says; it does not fetch diagnostics itself, so that both servers publish them."""
    return {
        "textDocument": {
            "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
            "hover": {"contentFormat": ["markdown"]},
            "semanticTokens": {
                "requests": {"full": {"delta": True}},
                "formats": ["relative"],
                "tokenTypes": [
                    "keyword", "comment", "parameter", "property", "namespace", "class", "macro", "string", "variable",
                    "operator", "modifier", "function", "number",
                ],
                "tokenModifiers": ["declaration", "definition", "deprecated"],
            },
            "publishDiagnostics": {"tagSupport": {"valueSet": [1, 2]}},
        }
    }


def timed(work):
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def repeated(work):
    """Returns the median of several times, in milliseconds; the first warms what a session warms once."""
    work(0)
    times, ends = [], time.perf_counter() + BUDGET
    for index in range(1, REPEATS + 1):
        times.append(timed(lambda number=index: work(number)))
        if time.perf_counter() > ends:
            break
    return statistics.median(times)


def session(command, stages):
    """Returns the figures of one server for a text of so many stages."""
    text = "".join(STAGE.format(n=n) for n in range(stages))
    first = stages // 2 * STAGE_LINES
    document = {"uri": URI}
    typed = {"line": first + TYPED_LINE, "character": 0}
    looked = {"line": first + HOVER_LINE, "character": HOVER_COLUMN}
    figures = {}
    with tempfile.TemporaryDirectory() as folder, Editor(command, folder, capabilities()) as editor:
        figures["start to initialize reply"] = editor.start * 1000
        figures["memory, idle"] = editor.resident_kib() / 1024

        def opened():
            editor.open(URI, text)
            editor.diagnostics(URI)

        version = 1

        def change(_):
            nonlocal version
            version += 1
            # A letter is typed in front of LABEL and taken back.
            end = {"line": typed["line"], "character": version % 2}
            editor.change(URI, version, [{"range": {"start": typed, "end": end}, "text": "X" * (1 - version % 2)}])
            editor.diagnostics(URI)

        def ask(method, **more):
            def answered(_):
                # Nothing is quickly found; such an answer is no figure.
                assert editor.ask(f"textDocument/{method}", {"textDocument": document, **more}), f"{method}: no result"

            return answered

        figures["didOpen to diagnostics"] = timed(opened)
        figures["didChange to diagnostics"] = repeated(change)
        figures["completion"] = repeated(ask("completion", position=typed))
        figures["hover"] = repeated(ask("hover", position=looked))
        figures["document symbols"] = repeated(ask("documentSymbol"))
        if editor.abilities.get("documentFormattingProvider"):
            options = {"tabSize": 4, "insertSpaces": True}
            figures["formatting"] = repeated(ask("formatting", options=options))
        figures["semantic tokens, full"] = repeated(ask("semanticTokens/full"))
        full = (editor.abilities.get("semanticTokensProvider") or {}).get("full")
        if isinstance(full, dict) and full.get("delta"):
            figures["didChange and semantic tokens, delta"] = deltas(editor, document, change)
        figures["memory, after all this"] = editor.resident_kib() / 1024
    return figures


def deltas(editor, document, change):
    """Returns the time of a delta after a keystroke, without the diagnostics that come between."""
    previous = editor.ask("textDocument/semanticTokens/full", {"textDocument": document})["resultId"]
    times = []
    for index in range(REPEATS):
        change(index)
        params = {"textDocument": document, "previousResultId": previous}
        began = time.perf_counter()
        previous = editor.ask("textDocument/semanticTokens/full/delta", params)["resultId"]
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def shown(name, value):
    if value is None:
        return "-"
    if name.startswith("memory"):
        return f"{value:.0f} MiB"
    return f"{value:.2f} ms" if value < 10 else f"{value:,.0f} ms"


def table(results, servers, stages):
    """Returns the table of the medians; the last column is how many times the second server takes the first one's."""
    names = list(servers)
    medians = {}
    for server in names:
        rows = {}
        for run in results[server]:
            for what, value in run.items():
                rows.setdefault(what, []).append(value)
        medians[server] = {what: statistics.median(values) for what, values in rows.items()}
    ratio = " | ratio |" if len(names) == 2 else " |"
    lines = [f"| {stages * STAGE_LINES:,} lines | " + " | ".join(names) + ratio]
    lines.append("|---|" + "---|" * (len(names) + (len(names) == 2)))
    for what in medians[names[0]]:
        values = [medians[server].get(what) for server in names]
        cells = [shown(what, value) for value in values]
        if len(names) == 2:
            cells.append(f"{values[1] / values[0]:,.1f} x" if values[1] is not None else "-")
        lines.append(f"| {what.replace('didChange and ', '')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(page, body):
    """Replaces what stands between the marks."""
    with open(page, encoding="utf-8") as file:
        text = file.read()
    before, found, rest = text.partition(MARKS[0])
    _, ended, after = rest.partition(MARKS[1])
    if not (found and ended):
        raise SystemExit(f"{page} has no marks for these figures")
    with open(page, "w", encoding="utf-8") as file:
        file.write(f"{before}{MARKS[0]}\n{body}\n{MARKS[1]}{after}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", action="append", required=True, metavar="NAME=COMMAND")
    parser.add_argument("--page")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--note", default="")
    arguments = parser.parse_args()
    servers = {}
    for server in arguments.server:
        name, _, command = server.partition("=")
        servers[name] = shlex.split(command)
    parts = [arguments.note] if arguments.note else []
    for stages in (1, 250):
        results = {name: [] for name in servers}
        for _ in range(arguments.runs):
            for name, command in servers.items():
                results[name].append(session(command, stages))
        parts.append(table(results, servers, stages))
    body = "\n\n".join(parts)
    if arguments.page:
        write(arguments.page, body)
    else:
        print(body)


if __name__ == "__main__":
    main()
