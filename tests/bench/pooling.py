"""``python -m tests.bench.pooling FOLDER [TOP]``: writes the sheets that judges read, six of them, blind to what found what.

A query's pool is the first documents of every system, and documents that hold the query's words or evident synonyms
(``pool_words.jsonl``), found by reading the listings and not by any ranking. Of a query with judgments only what the systems
find and nobody has judged yet is written, so that a changed ranking is judged anew without doing the work twice.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.bench import analysers, catalogue, judged
from tests.bench.analysers import Answer
from tests.bench.judged import FOLDER, Document, Query

TOP = 20  # documents of every system
READ = 40  # further documents that hold the words
SHEETS = 6
CUT = 160  # characters of an abstract
AROUND = 15  # characters shown on either side of a word that stands behind the cut
SEED = 320


def pool(
    query: Query, rankings: Iterable[Sequence[str]], words: Sequence[Sequence[str]], top: int = TOP, read: int = READ
) -> list[str]:
    """Return the documents to judge for a query, in an order that tells nothing."""
    dice = random.Random(f"{SEED}/{query.id}")
    found = dict.fromkeys(document for ranking in rankings for document in ranking[:top])
    held = sorted(document.id for document in judged.documents().values() if holds(document, words))
    further = [document for document in held if document not in found]
    chosen = [*found, *dice.sample(further, min(read, len(further)))]
    dice.shuffle(chosen)
    return chosen


def fresh(
    query: Query,
    rankings: Iterable[Sequence[str]],
    words: Sequence[Sequence[str]],
    known: Mapping[str, Mapping[str, int]],
    top: int = TOP,
) -> list[str]:
    """Return what of a query's pool nobody has judged; one with grades had the documents that hold its words read already."""
    chosen = pool(query, rankings, words, top, 0 if query.id in known else READ)
    return [document for document in chosen if document not in known.get(query.id, {})]


def holds(document: Document, words: Sequence[Sequence[str]]) -> bool:
    """Say whether a document holds one of the phrases: all parts of it, one part at least in its title or abstract.

    A single part that begins with ``@`` is a provider. Items need no look of their own: these listings name the columns
    in the abstract.
    """
    own = f"{document.title}\n{document.abstract}".lower()
    wide = f"{own}\n{'|'.join(document.providers)}".lower()
    for parts in words:
        if parts[0].startswith("@"):
            if parts[0][1:] in document.providers:
                return True
        elif all(part.lower() in wide for part in parts) and any(part.lower() in own for part in parts):
            return True
    return False


def systems(queries: Sequence[Query]) -> dict[str, list[Answer]]:
    """Return every system's answers, ours among them, in the order of the queries; the catalogues must be loaded."""
    found = {"ours": catalogue.answers([query.text for query in queries])}
    with analysers.cores() as cores:
        for name, system in analysers.SYSTEMS.items():
            address = cores[system.core]
            found[name] = [analysers.asked(address, system.parameters(query.text)) for query in queries]
    return found


def expanded(queries: Sequence[Query], words: Mapping[str, Sequence[Sequence[str]]]) -> list[Answer]:
    """Return what the evident synonyms find together: a search that knows them should not meet unjudged documents."""
    with analysers.cores() as cores:
        texts = [
            " ".join(f'"{part.lstrip("@")}"' for parts in words.get(query.id, ()) for part in parts) or query.text
            for query in queries
        ]
        return [analysers.asked(cores["analysers"], analysers.edismax(text)) for text in texts]


def sheets(pools: Mapping[Query, Sequence[str]], words: Mapping[str, Sequence[Sequence[str]]]) -> list[list[dict]]:
    """Return the sheets: whole queries, spread so that every sheet is about as long as the others."""
    bins: list[list[dict]] = [[] for _ in range(SHEETS)]
    sizes = [0] * SHEETS
    for query in sorted(pools, key=lambda query: (-len(pools[query]), query.id)):
        least = sizes.index(min(sizes))
        sizes[least] += len(pools[query])
        bins[least].append(
            {
                "query": query.id,
                "text": query.text,
                "need": query.need,
                "documents": [
                    shown(judged.documents()[document], words.get(query.id, ())) for document in pools[query]
                ],
            }
        )
    for place, lines in enumerate(bins):
        random.Random(f"{SEED}/{place}").shuffle(lines)
    return bins


def shown(document: Document, words: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return what a judge sees of a document: a long abstract is cut, but not what it says about the query's words."""
    whole = document.abstract
    kept = whole[:CUT] + "…" if len(whole) > CUT else whole
    for part in dict.fromkeys(part for parts in words for part in parts):
        place = whole.lower().find(part.lower())
        if place + len(part) > CUT:
            kept += f"{whole[max(CUT, place - AROUND) : place + len(part) + AROUND]}…"
    return {
        "doc": document.id,
        "provider": "、".join(document.providers),
        "title": document.title,
        "abstract": "" if whole == document.title else kept,
    }


def main() -> None:
    """Pool and write the sheets."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    top = int(sys.argv[2]) if len(sys.argv) > 2 else TOP
    queries = judged.queries()
    words = {line["query"]: line["words"] for line in judged.lines(FOLDER / "pool_words.jsonl")}
    stored = FOLDER / "judgments.jsonl.gz"
    known = judged.judgments(stored) if stored.exists() else {}
    with catalogue.loaded():
        answers = [*systems(queries).values(), expanded(queries, words)]
    pools: dict[Query, list[str]] = {}
    for place, query in enumerate(queries):
        rankings = (system[place].ranking for system in answers)
        if chosen := fresh(query, rankings, words.get(query.id, ()), known, top):
            pools[query] = chosen
    for number, lines in enumerate(sheets(pools, words), 1):
        path = folder / f"sheet-{number}.jsonl"
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
        print(path.name, len(lines), "queries,", sum(len(line["documents"]) for line in lines), "documents")


if __name__ == "__main__":
    main()
