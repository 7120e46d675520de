"""Takes scripts and styles out of the templates of CKAN and of plugins while they are compiled.

Our policy (``domain/limits_headers.py``) lets nothing run that stands within a page. CKAN's templates still have some: scripts
that only set variables, handlers such as ``onclick``, styles of an element. Instead of copying those templates, their source is
rewritten on its way into Jinja: variables become data that a file of ours reads, handlers go (``js/page-actions.js`` does the
same from outside), styles of an element go or become ``hidden``. It costs nothing when a page is made.
"""

from __future__ import annotations

import re

from flask import Flask
from jinja2.ext import Extension

SCRIPT = re.compile(r"<script(?P<said>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
LOADED = re.compile(r"\bsrc\s*=|type\s*=\s*[\"']?application/(?:ld\+)?json", re.IGNORECASE)
VARIABLE = re.compile(r"(?:var|let|const)\s+(\w+)\s*=\s*(?:'\s*\{\{(.*?)\}\}\s*'|\{\{(.*?)\}\})\s*;?\s*", re.DOTALL)
TO_JSON = re.compile(r"\|\s*tojson\s*$")
HANDLER = re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*)\s*=\s*(\"[^\"]*\"|'[^']*')(?=\s|/?>|\w|\{)", re.IGNORECASE)
TAG_STYLE = re.compile(r"(<[a-z][^<>]*?)\sstyle\s*=\s*\"([^\"]*)\"", re.IGNORECASE)
SCRIPT_ADDRESS = re.compile(r"(href\s*=\s*)([\"'])javascript:[^\"']*\2", re.IGNORECASE)
REMEMBERING = re.compile(r"\{\{\s*form\.checkbox\(\s*'remember'.*?\)\s*\}\}", re.DOTALL)
READER = '<script src="{{ h.url_for_static("/cqgov/page-data.js") }}"></script>'


class WithoutScripts(Extension):
    """The Jinja extension that rewrites a template's source."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Return the source without what our policy forbids."""
        return rewritten(source)


def rewritten(source: str) -> str:
    """Return a template's source with its scripts as data, and without handlers and styles of elements.

    A script that does more than set variables stays, and the browser will refuse it: it has to become a file.
    """
    if "<script" in source:
        source = SCRIPT.sub(_as_data, source)
    if "style=" in source:
        source = TAG_STYLE.sub(_unstyled, source)
        source = source.replace('<code style=\\"word-break:break-all;\\">', '<code class=\\"cq-break\\">')
    source = SCRIPT_ADDRESS.sub(r"\1\2#\2", source)
    source = REMEMBERING.sub("", source)
    return HANDLER.sub("", source)


def _as_data(found: re.Match[str]) -> str:
    """Return a script that only sets variables as data, and the file that reads it."""
    if LOADED.search(found["said"]):
        return found[0]
    rest, pairs = found["code"].strip(), []
    while variable := VARIABLE.match(rest):
        value = TO_JSON.sub("", (variable[2] or variable[3]).strip())
        pairs.append(f'"{variable[1]}": {{{{ ({value}) | tojson }}}}')
        rest = rest[variable.end() :]
    if rest or not pairs:
        return found[0]
    return f'<script type="application/json" class="cq-page-data">{{{", ".join(pairs)}}}</script>{READER}'


def _unstyled(found: re.Match[str]) -> str:
    """Return an element without its style; what was not shown stays hidden until a script shows it."""
    style = found[2].replace(" ", "")
    if style.startswith("display:none"):
        return f"{found[1]} hidden"
    if "max-height:100%" in style:
        return f'{found[1]} class="cq-whole"'
    return found[1]


def install(app: Flask) -> None:
    """Have the application's templates compiled this way."""
    app.jinja_env.add_extension(WithoutScripts)
