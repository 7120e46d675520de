"""The judged queries and the documents they are judged on: what ``tests/data/search`` and ``tests/data/catalogue`` hold.

A document is known by a digest of its title and abstract, so that judgments outlive a database, and repeats of the same
words (the Shanghai listing has every entry twice) are judged and counted once.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1]
FOLDER = TESTS / "data" / "search"
LISTINGS = tuple(sorted((TESTS / "data" / "catalogue").glob("*.json.gz")))
HALVES = ("tune", "check", "held", "used")
NOTHING = ("无", "null", "None")  # what the listings write for "no abstract"


@dataclass(frozen=True)
class Query:
    """What a person types, and what the person wants.

    ``half`` says what rankings owe to it: ``tune``, they may be tuned by it; ``check``, they may not, but whoever
    tunes sees its scores; ``held``, written apart from the search and graded only when tuning had ended; ``used``,
    once held, looked at since.
    """

    id: str
    text: str
    need: str
    kind: str
    half: str  # one of HALVES


@dataclass
class Document:
    """One entry of the listings, with all providers that publish it in the same words."""

    id: str
    title: str
    abstract: str
    providers: list[str]


def document_id(title: str | None, abstract: str | None) -> str:
    """Return what a document is known by in the judgments (12 hex digits)."""
    words = [" ".join((each or "").split()) for each in (title, abstract)]
    words[1] = "" if words[1] in NOTHING else words[1]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:12]


@cache
def documents() -> dict[str, Document]:
    """Return the distinct documents of the listings by id, in the listings' order."""
    found: dict[str, Document] = {}
    for path in LISTINGS:
        for row in json.loads(gzip.decompress(path.read_bytes())):
            title = " ".join(str(row.get("数据集名称") or row.get("标题") or "").split())
            abstract = " ".join(str(row.get("摘要") or row.get("数据摘要") or "").split())
            abstract = "" if abstract in NOTHING else abstract
            id_ = document_id(title, abstract)
            document = found.setdefault(id_, Document(id_, title, abstract, []))
            provider = str(row.get("数据提供方") or "").strip()
            if provider not in document.providers:
                document.providers.append(provider)
    return found


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines, which may be gzipped."""
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text("utf-8")
    yield from (json.loads(line) for line in text.splitlines() if line.strip())


def queries(path: Path = FOLDER / "queries.jsonl") -> list[Query]:
    """Return the queries in the order of the file.

    Raises ``ValueError`` for a half that is none of ``HALVES``: such a query would be left out of every comparison.
    """
    found = [Query(**line) for line in lines(path)]
    if strays := [f"{query.id} ({query.half})" for query in found if query.half not in HALVES]:
        raise ValueError(f"of no known half: {', '.join(strays)}")
    return found


def judgments(path: Path = FOLDER / "judgments.jsonl.gz") -> dict[str, dict[str, int]]:
    """Return the grades by query and document.

    Raises ``ValueError`` for a grade outside 0 to 3, and for a document that two lines judge differently.
    """
    found: dict[str, dict[str, int]] = {}
    for line in lines(path):
        query, document, grade = line["query"], line["doc"], line["grade"]
        if grade not in (0, 1, 2, 3):
            raise ValueError(f"{query}/{document}: {grade!r} is no grade")
        if found.setdefault(query, {}).setdefault(document, grade) != grade:
            raise ValueError(f"{query}/{document}: judged {found[query][document]} and {grade}")
    return found


def once(ids: Iterable[str]) -> list[str]:
    """Return the ids in their order, each where it comes first."""
    return list(dict.fromkeys(ids))
