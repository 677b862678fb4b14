#!/usr/bin/env python3
"""Asks two language servers about the same places of the same files and tells where they differ.

`compare.py --ours COMMAND --theirs COMMAND --files FOLDER [--count N] [--show KIND]`. Differences are sorted into kinds;
`known.json` beside this script says which kinds may be and why. A kind that is not there, or a file in which a server fails,
gives exit code 1.
"""

import argparse
import collections
import json
import os
import re
import shlex
import sys
import tempfile

import judge
from client import Editor, ServerError

CAPABILITIES = {
    "textDocument": {
        "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
        "hover": {"contentFormat": ["markdown"]},
        "rename": {"prepareSupport": True},
        "foldingRange": {"lineFoldingOnly": False},
    }
}
WORD = re.compile(r"[A-Za-z0-9_]+|[$=-](?=[A-Za-z0-9_{]|$)")
KNOWN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "known.json")


class Report:
    """Counts what is the same and keeps examples of what is not."""

    def __init__(self):
        self.counts = collections.Counter()
        self.examples = collections.defaultdict(list)

    def add(self, method, kind, example):
        self.counts[method, kind] += 1
        if kind != "same" and len(self.examples[method, kind]) < 40:
            self.examples[method, kind].append(example)


def places(text):
    """Returns the positions that are asked about: the second letter of every word, and the first, in the order of the text."""
    for number, line in enumerate(text.split("\n")):
        if not line.isascii():
            continue
        for word in WORD.finditer(line):
            yield number, min(word.start() + 1, word.end())


def spots(text):
    """Returns the positions where something may be typed: the start of each line, after `--`, `=`, `$` and a keyword."""
    for number, line in enumerate(text.split("\n")):
        if not line.isascii():
            continue
        columns = {0}
        columns.update(found.end() for found in re.finditer(r"\$\{?|--|--from=|^\s*[A-Za-z]+ +", line))
        for column in sorted(columns):
            yield number, column


class Pair:
    """Both servers, with the same document open."""

    def __init__(self, ours, theirs, uri):
        self.servers, self.uri = (ours, theirs), uri

    def ask(self, method, **params):
        """Returns both results; a refusal counts as none."""
        return [self.one(server, method, params) for server in self.servers]

    def one(self, server, method, params):
        try:
            return server.ask(f"textDocument/{method}", {"textDocument": {"uri": self.uri}, **params})
        except ServerError as error:
            if "hung up" in str(error) or "no word" in str(error):
                raise
            return None


def compare(pair, name, text, report):
    """Asks everything about one document."""
    lines = text.split("\n")

    def note(method, at, kind, results):
        line = lines[at[0]] if at and at[0] < len(lines) else ""
        report.add(method, kind, {"file": name, "at": at, "line": line, "ours": results[0], "theirs": results[1]})

    for method, judged in (("documentSymbol", judge.symbols), ("foldingRange", judge.folding)):
        results = pair.ask(method)
        for kind, at in judged(results[0] or [], results[1] or [], lines):
            note(method, at, kind, results)
    results = pair.ask("formatting", options={"tabSize": 4, "insertSpaces": True})
    note("formatting", None, judge.formatting(results[0] or [], results[1] or [], text), results)
    for line, column in places(text):
        position = {"line": line, "character": column}
        for method, judged in (("hover", judge.hover), ("definition", judge.definition)):
            results = pair.ask(method, position=position)
            if any(results):
                note(method, (line, column), judged(*results, lines, (line, column)), results)
        results = pair.ask("rename", position=position, newName="renamed")
        if any(judge.edits(result) for result in results):
            note("rename", (line, column), judge.rename(*results, lines, (line, column)), results)
    for line, column in spots(text):
        results = pair.ask("completion", position={"line": line, "character": column})
        if any(judge.items(result) for result in results):
            for kind, what in judge.completion(*results, lines, (line, column)):
                note("completion", (line, column), kind, what)


def chosen(folder, count):
    """Returns so many files of a folder, evenly spread over their names."""
    names = sorted(os.listdir(folder))
    step = max(len(names) / count, 1)
    for index in range(min(count, len(names))):
        name = names[int(index * step)]
        with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
            yield name, file.read()


def run(arguments):
    report = Report()
    with tempfile.TemporaryDirectory() as folder:
        commands = [shlex.split(arguments.ours), shlex.split(arguments.theirs)]
        with Editor(commands[0], folder, CAPABILITIES) as ours, Editor(commands[1], folder, CAPABILITIES) as theirs:
            for name, text in chosen(arguments.files, arguments.count):
                uri = f"file://{folder}/{name}/Dockerfile"
                for server in (ours, theirs):
                    server.open(uri, text)
                compare(Pair(ours, theirs, uri), name, text, report)
                for server in (ours, theirs):
                    server.close(uri)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ours", required=True)
    parser.add_argument("--theirs", required=True)
    parser.add_argument("--files", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--show", help="prints the examples of a kind")
    arguments = parser.parse_args()
    with open(KNOWN, encoding="utf-8") as file:
        known = json.load(file)
    report = run(arguments)
    unknown = []
    for (method, kind), count in sorted(report.counts.items()):
        print(f"| {method} | {kind} | {count:,} |")
        if arguments.show == kind:
            for example in report.examples[method, kind]:
                print(json.dumps(example))
        if kind != "same" and kind not in known.get(method, {}):
            unknown.append(f"{method}: {kind}: {json.dumps(report.examples[method, kind][0])[:1200]}")
    if unknown:
        print("\nunknown kinds of differences:\n" + "\n".join(unknown), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
