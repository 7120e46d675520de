"""The peers of the search: stock CKAN's schema and query, and the ways of cutting Chinese measured before.

They run in the same Solr as ours, in cores of their own which are made and removed here, over the same entries.
"""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import requests

from tests.bench.judged import FOLDER, document_id, once

ROOT = Path(__file__).resolve().parents[2]
HAN = "㐀-䶿一-鿿豈-﫿𠀀-𲎯"
RUN = re.compile(f"([{HAN}]+)")
DEPTH = 200
TITLE_FIRST = "title^3 notes"


@dataclass(frozen=True)
class Answer:
    """What a system returns for a query: document ids in ranked order, each once, and how many hits it says there are."""

    ranking: list[str]
    hits: int


@dataclass(frozen=True)
class System:
    """A peer: its core, and the Solr parameters for a query."""

    core: str
    parameters: Callable[[str], dict[str, Any]]


def stock(text: str) -> dict[str, Any]:
    """Return what stock CKAN 2.12 asks Solr for (``ckan/lib/search/query.py``)."""
    dismax = {
        "defType": "dismax",
        "tie": "0.1",
        "mm": "2<-1 5<80%",
        "qf": "name^4 title^4 tags^2 groups^2 text",
    }
    return {"q": text, "df": "text", "q.op": "AND", **({} if ":" in text else dismax)}


def edismax(text: str, fields: str = TITLE_FIRST, **further: str) -> dict[str, Any]:
    """Return an edismax query in which any word may match, unless ``mm`` says more."""
    return {"q": text, "defType": "edismax", "qf": fields, "q.op": "OR", "mm": "0", **further}


def pairs(text: str) -> str:
    """Return the text with every Chinese run cut into overlapping pairs.

    >>> pairs("渝中区停车场2021")
    '渝中 中区 区停 停车 车场 2021'
    """
    words: list[str] = []
    for part in RUN.split(unicodedata.normalize("NFKC", text)):
        if RUN.fullmatch(part) and len(part) > 1:
            words += [part[i : i + 2] for i in range(len(part) - 1)]
        else:
            words += part.split()
    return " ".join(words)


def jieba_words(text: str) -> str:
    """Return the text cut into jieba's search words."""
    import jieba

    jieba.setLogLevel(60)
    folded = unicodedata.normalize("NFKC", text)
    return " ".join(word for word in jieba.cut_for_search(folded) if word.strip())


STOCK = "stock CKAN 2.12"
SPLIT = "pairs and single characters, query split into pairs, mm=1"
BEFORE: Mapping[str, System] = {
    "pairs and single characters": System("analysers", edismax),
    "pairs and single characters, and smartcn words": System(
        "analysers", lambda text: edismax(text, f"{TITLE_FIRST} title_words^3 notes_words")
    ),
    SPLIT: System("analysers", lambda text: edismax(pairs(text), mm="1")),
    "pairs and single characters, query split into jieba words, mm=70%": System(
        "analysers", lambda text: edismax(jieba_words(text), mm="70%")
    ),
}
"""The rows to beat."""

SYSTEMS: Mapping[str, System] = {
    STOCK: System("stock", stock),
    **BEFORE,
    "pairs": System("analysers", lambda text: edismax(text, "title_pairs^3 notes_pairs")),
    "single characters": System("analysers", lambda text: edismax(text, "title_single^3 notes_single")),
}


def ours_core() -> tuple[str, str]:
    """Return the address of Solr, and the name of the core that the tests use."""
    server, _, core = os.environ["CKAN_SOLR_URL"].rstrip("/").rpartition("/")
    return server, core


def entries() -> list[dict[str, Any]]:
    """Return everything stored in our index for the active datasets."""
    server, core = ours_core()
    asked = {"q": "*:*", "fq": "+entity_type:package +state:active", "rows": 100_000, "fl": "*", "wt": "json"}
    answer = requests.get(f"{server}/{core}/select", params=asked, timeout=300)
    answer.raise_for_status()
    return answer.json()["response"]["docs"]


@contextmanager
def cores() -> Iterator[dict[str, str]]:
    """Make the peers' cores over the entries of our index; yields their addresses by name and removes them at the end.

    Raises ``RuntimeError`` when Solr's files cannot be reached from here (it must run on this machine).
    """
    import ckan

    server, core = ours_core()
    status = requests.get(f"{server}/admin/cores", params={"action": "STATUS", "core": core, "wt": "json"}, timeout=30)
    home = Path(status.json()["status"][core]["instanceDir"]).parent
    ours = ROOT / "config" / "solr" / "core"
    schemas = {
        "stock": Path(ckan.__file__).parent / "config" / "solr" / "schema.xml",
        "analysers": FOLDER / "analysers_schema.xml",
    }
    made: dict[str, str] = {}
    try:
        for name, schema in schemas.items():
            folder = home / f"bench-{core}-{name}"
            if not home.is_dir():
                raise RuntimeError(
                    f"Solr's folder {home} cannot be written from here; the bench needs a Solr of its own"
                )
            _unload(server, folder.name)
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(ours, folder / "conf")
            shutil.copy(schema, folder / "conf" / "schema.xml")
            made[name] = f"{server}/{folder.name}"
            asked = {"action": "CREATE", "name": folder.name, "instanceDir": str(folder), "wt": "json"}
            _checked(requests.get(f"{server}/admin/cores", params=asked, timeout=60))
        found = entries()
        _fill(made["stock"], [_stock_document(each) for each in found])
        _fill(made["analysers"], [{key: each.get(key, "") for key in ("id", "title", "notes")} for each in found])
        yield made
    finally:
        for address in made.values():
            _unload(server, address.rpartition("/")[2])


def _unload(server: str, core: str) -> None:
    asked = {"action": "UNLOAD", "core": core, "deleteInstanceDir": "true", "wt": "json"}
    requests.get(f"{server}/admin/cores", params=asked, timeout=60)


def _checked(answer: requests.Response) -> requests.Response:
    if not answer.ok:
        raise RuntimeError(f"Solr answers {answer.status_code}: {answer.text[:500]}")
    return answer


def _stock_document(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry as stock CKAN indexes it: without our fields, and without what Solr copies by itself."""
    copied = ("_version_", "title_ngram", "name_ngram", "urls")
    own = re.compile(r"^cqgov_|_zh$|_py$|_py_|^catalog_code$")
    return {key: value for key, value in entry.items() if key not in copied and not own.search(key)}


def _fill(address: str, found: list[dict[str, Any]]) -> None:
    """Put the documents into a core, in portions, and make them visible."""
    for start in range(0, len(found), 1000):
        _checked(requests.post(f"{address}/update", json=found[start : start + 1000], timeout=300))
    _checked(requests.get(f"{address}/update", params={"commit": "true"}, timeout=300))


@cache
def names() -> dict[str, str]:
    """Return the judged document's id for each dataset of our index."""
    return {entry["id"]: document_id(entry.get("title"), entry.get("notes")) for entry in entries()}


def asked(address: str, parameters: Mapping[str, Any], depth: int = DEPTH) -> Answer:
    """Return a peer's answer."""
    sent = {"rows": 2 * depth, "fl": "id", "wt": "json", **parameters}
    found = _checked(requests.post(f"{address}/select", data=sent, timeout=60)).json()["response"]
    return Answer(once(names()[each["id"]] for each in found["docs"])[:depth], found["numFound"])
