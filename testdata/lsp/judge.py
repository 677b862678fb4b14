"""Sorts the differences between two servers' answers into kinds; ours comes first everywhere."""

import re

PROXIES = {"ALL_PROXY", "FTP_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"}
INSTRUCTIONS = {
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN",
    "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}


def text_of(hover):
    """Returns the text of a hover in whichever of its forms."""
    contents = (hover or {}).get("contents") or ""
    parts = contents if isinstance(contents, list) else [contents]
    return "\n".join(part if isinstance(part, str) else part.get("value", "") for part in parts).strip()


def items(result):
    """Returns the items of a completion in whichever of its forms."""
    return result if isinstance(result, list) else (result or {}).get("items", [])


def places(result):
    """Returns the starts and ends that a definition names."""
    found = result if isinstance(result, list) else [result] if result else []
    ranges = [one.get("targetSelectionRange") or one.get("range") for one in found]
    return sorted((one["start"]["line"], one["start"]["character"], one["end"]["character"]) for one in ranges)


def edits(result):
    """Returns the ranges that a rename changes."""
    changes = (result or {}).get("changes") or {}
    lists = list(changes.values())
    lists += [change["edits"] for change in (result or {}).get("documentChanges") or []]
    ranges = [edit["range"] for one in lists for edit in one]
    return sorted((one["start"]["line"], one["start"]["character"], one["end"]["character"]) for one in ranges)


def keyword(lines, line):
    """Returns the first word of the instruction that a line belongs to."""
    while line > 0 and (lines[line - 1].rstrip().endswith("\\") or lines[line - 1].lstrip().startswith("#")):
        line -= 1
    found = re.match(r"\s*([A-Za-z]+)", lines[line])
    return found.group(1).upper() if found else "?"


def symbols(ours, theirs, _lines):
    """Every line that they name has to be one of ours; the stage's symbol stands for its FROM."""
    mine = {one["location"]["range"]["start"]["line"]: one["name"] for one in ours}
    for one in theirs:
        line, name = one["location"]["range"]["start"]["line"], one["name"]
        if line not in mine:
            yield "only theirs: directive" if one["kind"] == 7 else "only theirs", (line, 0)
        elif mine[line].upper().split(" ")[0] == name.upper():
            yield "same", (line, 0)
        else:
            yield "a stage has its name" if name.upper() == "FROM" else "another name", (line, 0)
        mine.pop(line, None)
    for line in mine:
        yield "only ours", (line, 0)


def folding(ours, theirs, lines):
    """Ranges are compared by their lines."""
    mine = {(one["startLine"], one["endLine"]) for one in ours}
    other = {(one["startLine"], one["endLine"]) for one in theirs}
    for start, end in sorted(mine | other):
        here = (start, end) in mine, (start, end) in other
        if all(here):
            kind = "same"
        elif here[0]:
            kind = "only ours: a stage" if keyword(lines, start) == "FROM" else "only ours"
        else:
            kind = "only theirs: comment" if lines[start].lstrip().startswith("#") else "only theirs"
        yield kind, (start, 0)


def applied(changes, text):
    """Returns a text after edits."""
    lines = text.split("\n")
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1

    def offset(position):
        if position["line"] >= len(lines):
            return len(text)
        line = lines[position["line"]].encode("utf-16-le")[: position["character"] * 2]
        return starts[position["line"]] + len(line.decode("utf-16-le"))

    spans = sorted(((offset(one["range"]["start"]), offset(one["range"]["end"]), one["newText"]) for one in changes))
    for start, end, new in reversed(spans):
        text = text[:start] + new + text[end:]
    return text


def formatting(ours, theirs, text):
    """Results are compared whole, then without what only style decides."""
    mine, other = applied(ours, text), applied(theirs, text)
    if mine == other:
        return "same"
    if other == text:
        return "only ours"
    if mine == text:
        return "only theirs: indentation" if bare(other) == bare(text) else "only theirs"
    if bare(mine) == bare(other):
        return "indentation and blank lines"
    return "ours also changes words or blanks within lines"


def bare(text):
    """Returns the lines without indentation, blanks at their ends and empty lines."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def name_at(lines, at):
    """Returns the word that a position stands in."""
    line, column = lines[at[0]], at[1]
    start = re.search(r"\w*$", line[:column]).start()
    return re.match(r"\w*", line[start:]).group()


def declares(lines, name):
    """Tells whether a name is one of the Dockerfile: of an ARG, an ENV or a stage."""
    word = re.escape(name)
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    arg = rf"^\s*(ARG|ENV)\b(?:.*[\s])?{word}(?=[=\s]|$)"
    stage = rf"^\s*FROM\b.*\sAS\s+{word}\s*$"
    return bool(re.search(f"{arg}|{stage}", joined, re.IGNORECASE | re.MULTILINE))


def only_theirs(lines, at):
    """Says what a name is that they alone know."""
    name = name_at(lines, at)
    if not declares(lines, name):
        return "only theirs: a name that the Dockerfile does not declare"
    if re.search(rf"\b{re.escape(name)}=.*\$\{{?{re.escape(name)}\b", lines[at[0]]):
        return "only theirs: a variable in its own value"
    return f"only theirs: in {keyword(lines, at[0])}"


def hover(ours, theirs, lines, at):
    """Texts differ by design; whether there is one, and the value of a variable, must not."""
    mine, other = text_of(ours), text_of(theirs)
    if mine and other:
        # A short text of theirs without markup is the value of a variable.
        is_value = isinstance(theirs["contents"], str)
        if not is_value or other in mine:
            return "same"
        return "the value, with its variables put in" if "$" in other else "another value"
    return "only ours" if mine else only_theirs(lines, at)


def definition(ours, theirs, lines, at):
    mine, other = places(ours), places(theirs)
    if mine == other:
        return "same"
    if not other:
        return "only ours"
    if not mine:
        return only_theirs(lines, at)
    if set(other) <= set(mine):
        return "ours among others"
    if len(other) == 1 and other[0][0] == at[0] and other[0][1] <= at[1] <= other[0][2]:
        return "ours goes on from a declaration to what it takes over"
    return "another place"


def rename(ours, theirs, lines, at):
    mine, other = edits(ours), edits(theirs)
    if mine == other:
        return "same"
    if not other:
        return "only ours"
    if not mine:
        return only_theirs(lines, at)
    if set(other) < set(mine):
        return "ours has more places"
    name = name_at(lines, at)
    more = [one for one in other if one not in mine]
    if all(re.search(rf"\b{re.escape(name)}=.*\$\{{?{re.escape(name)}\b", lines[one[0]]) for one in more):
        return "theirs has more places: a variable in its own value"
    return "theirs has more places" if set(mine) < set(other) else "other places"


def plain(label):
    """Returns what a label offers: the first word, without the marks of a variable or a flag."""
    return re.sub(r"^(\$\{?|--)|\}$|=.*$", "", label.split(" ")[0])


def completion(ours, theirs, lines, at):
    """Each of their labels has to be offered by us at the same place, in whatever form."""
    mine = {plain(one["label"]) for one in items(ours)}
    mine |= {one["label"] for one in items(ours)}
    other = {plain(one["label"]) for one in items(theirs)}
    for label in sorted(other):
        kind = "same" if label in mine or label.upper() in mine else f"only theirs: {place(lines, at, label)}"
        yield kind, (sorted(mine)[:60], label)
    if mine - other and not other:
        yield "only ours", (sorted(mine)[:60], None)


def place(lines, at, label):
    """Names the place that a completion is asked at."""
    before = lines[at[0]][: at[1]]
    if before.lstrip().startswith("#"):
        return "in a comment"
    head = not any(re.match(r"\s*FROM\b", line, re.IGNORECASE) for line in lines[: at[0]])
    if not before.strip():
        return "an instruction before the first FROM" if head else f"at the start of a line of {keyword(lines, at[0])}"
    if before.endswith(("$", "${")):
        if label.upper() in PROXIES:
            return "a proxy after `$`"
        if keyword(lines, at[0]) not in INSTRUCTIONS:
            return "a variable in a heredoc"
        return f"a variable in {keyword(lines, at[0])}: {'declared' if declares(lines, label) else label}"
    return "a flag" if before.endswith("--") else f"after {before.split()[0].upper()}"
