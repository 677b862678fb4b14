#!/usr/bin/python3
"""Renders every Markdown page below one directory into HTML below another."""

import os
import pathlib
import sys

import markdown

source, target = map(pathlib.Path, sys.argv[1:3])
pages = sorted(source.rglob("*.md"))
if not pages:
    sys.exit(f"no pages below {source}")
for page in pages:
    out = (target / page.relative_to(source)).with_suffix(".html")
    out.parent.mkdir(parents=True, exist_ok=True)
    title = os.environ.get("SITE_TITLE", page.stem)
    out.write_text(f"<!doctype html>\n<title>{title}</title>\n{markdown.markdown(page.read_text())}\n")
