"""What is asked of Solr for a query that is understood, and what brings one entry before another."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_coverage import LOOSE, STRICT, Coverage, coverage
from ckanext.cqgov.domain.search_reading import APART, LONGEST, RUN, WORD, Piece, Reading, chinese, joined, spelled
from ckanext.cqgov.domain.search_subsets import smallest


@dataclass(frozen=True)
class Asked:
    """Solr parameters in the place of a client's ``q``, and further filters."""

    query: Mapping[str, str]
    filters: tuple[str, ...] = ()


def asked(
    reading: Reading, frequencies: Mapping[str, int] | None, total: int, width: int, order: Order | None
) -> Asked:
    """Return what to ask of Solr for a reading in our fields; without ``order`` only what is found matters."""
    pieces, names = reading.pieces, ()
    if width == LOOSE:  # a known word that nobody wrote may still have parts that somebody did
        names = tuple(dict.fromkeys(way for piece in pieces for way in piece.names() if len(way) >= weights.LONG_NAME))
        pieces = tuple(dict.fromkeys((*pieces, *(part for piece in pieces for part in parts(piece)))))
    alone = all(piece.lone for piece in pieces)
    texts, ways = [], {}
    for piece in pieces:
        if len(piece.ways) > 1:
            name = f"way{len(ways)}"
            ways[name] = _best_of(piece)
            texts.append(f'_query_:"{{!maxscore q.op=OR tie=0 v=$cqgov.{name}}}"')
        else:
            texts.append(f"{piece.text()}^{weights.LONE}" if piece.lone and not alone else piece.text())
    for way in names[: weights.MOST_PHRASES]:
        name = f"name{len(ways)}"
        ways[name] = " ".join(way)
        texts.append(
            f"_query_:\"{{!edismax qf='{weighted(weights.FIELDS)}' mm={weights.MOST_OF_NAME} q.op=OR sow=true v=$cqgov.{name}}}\""
        )
    texts += [f'"{phrase}"' for phrase in reading.phrases]
    given = {"q": " ".join(texts) or "*:*", "qf": weighted(weights.FIELDS), "mm": "1", "tie": "1.0"}
    filters = [f'{{!cache=false}}+text_zh:"{phrase}"' for phrase in reading.phrases]
    filters += [f'{{!cache=false}}+*:* -text_zh:"{phrase}"' for phrase in reading.without]
    enough = coverage(reading, frequencies, total, width)
    if enough and list(enough.parts) == list(pieces) and not reading.phrases and set(enough.parts.values()) == {1}:
        given["mm"] = str(enough.least)
    elif enough:
        filters.append(_matching(enough))
    raised = [f'title_exact:"{order.exact}"^={weights.EXACT_TITLE}'] if order and order.exact else []
    first = coverage(reading, frequencies, total, STRICT) if order and width != STRICT else None
    if first and first != enough:
        ways["first"] = _matching(first)
        raised.append(f'(_query_:"{{!query v=$cqgov.first}}")^={weights.ENOUGH_FIRST}')
    if raised:
        given["bq"] = " OR ".join(raised)
    return Asked(_edismax(given, ways) | (reranked(reading, order) if order else {}), tuple(filters))


def parts(piece: Piece) -> tuple[Piece, ...]:
    """Return what of a known word may stand for it when nobody wrote the word: its pairs, but none that cuts a name wrongly.

    A name whose short form is searched anyway has none: 山区 is no part of 璧山区, nor 土家 of 石柱土家族自治县. Of three
    characters the first two are a word, the last two are another: 旅游局 is about 旅游, 大渡口 is no 渡口. Nor is R a part of R&D.
    """
    first = piece.ways[0]
    word = joined(first)
    if any(joined(way) in word for way in piece.ways[1:]):
        return ()
    kept = first[:1] if len(word) == 3 and RUN.fullmatch(word) else first
    return tuple(Piece(((term,),)) for term in kept if len(term) > 1)


def scattered(reading: Reading) -> Asked | None:
    """Return the last way to ask: for words that nobody wrote, read as short for longer ones (驾校: 驾驶培训学校), so their
    characters in this order near one another in a title or an abstract; ``None`` without such a word."""
    runs = dict.fromkeys(run for run in RUN.findall(reading.whole) if len(run) in weights.SHORT_FORMS)
    ways: dict[str, str] = {}
    texts = []
    for place, run in enumerate(list(runs)[: weights.MOST_PHRASES]):
        ways[f"short{place}"] = f"{weights.APART}w({','.join(run)})"
        for field in ("title_zh", "notes_zh"):
            texts.append(f'_query_:"{{!surround df={field} v=$cqgov.short{place}}}"^{weights.FIELDS[field]:g}')
    return Asked(_edismax({"q": " ".join(texts), "qf": "title_zh", "mm": "1"}, ways)) if ways else None


def _best_of(piece: Piece) -> str:
    """Return the query for whichever word of a piece says most: an entry that uses two names is no better than with one."""
    found = []
    for text, share in piece.weighted_ways():
        fields = " ".join(f"{field}:{text}^{weight * share:.4g}" for field, weight in weights.FIELDS.items())
        found.append(f"({fields})")
    return " ".join(found)


def _matching(enough: Coverage) -> str:
    """Return the filter for a coverage: the sets of pieces that are enough, or a minimum match.

    A minimum match counts clauses, so what says more is repeated; Solr takes several times longer for it.
    """
    pieces, counts = list(enough.parts), list(enough.parts.values())
    sets = smallest(counts, enough.least) if max(counts) > 1 else None
    if sets is not None:
        least = 1
        clauses = ["(" + " AND ".join(pieces[place].text() for place in each) + ")" for each in sets]
    else:
        least = enough.least
        clauses = [piece.text() for piece, count in enough.parts.items() for _ in range(min(count, least))]
    return f"{{!edismax qf=text_zh q.op=OR mm={least} sow=true cache=false v='{' '.join(clauses)}'}}"


def as_ckan(query: str, reading: Reading) -> bool:
    """Whether plain words are searched for in CKAN's own fields: those without Chinese, other names or lone letters."""
    return not (chinese(query) or spelled(query) or any(len(piece.ways) > 1 for piece in reading.pieces))


def asked_plain(query: str, width: int) -> Asked:
    """Return what to ask of Solr for plain words without Chinese: as CKAN does, and over what knows where Chinese ends."""
    words = WORD.findall(query[:LONGEST])[: weights.MOST_PIECES]
    given = {
        "q": " ".join(f'"{APART.sub("-", word)}"' if APART.search(word) else word for word in words),
        "qf": weighted(weights.PLAIN_FIELDS),
        "mm": "1" if width == LOOSE else weights.PLAIN_MATCH,
        "tie": "0.1",
    }
    return Asked(_edismax(given))


def _edismax(given: Mapping[str, str], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the query with its parameters under names of its own: those of the request are the filters' too."""
    named = {f"cqgov.{key}": value for key, value in {**given, **(more or {})}.items()}
    local = " ".join(f"{'v' if key == 'q' else key}=$cqgov.{key}" for key in given)
    return {"q": f"{{!edismax q.op=OR sow=true uf='* _query_' {local}}}", "defType": "lucene", **named}


@dataclass(frozen=True)
class Order:
    """That entries come by how well they fit: ``exact`` is the query as a title is kept, ``used`` whether visits are counted."""

    exact: str = ""
    used: bool = False


def reranked(reading: Reading, order: Order) -> dict[str, str]:
    """Return the parameters that put the first entries into their final order: what stands together, freshness and use.

    Only the first ``RERANKED`` are looked at: phrases and functions of every entry found would take as long as finding them.
    """
    near = together(reading)
    raised = {"cqgov.near": f"{{!lucene q.op=OR}}{' '.join(near)}"} if near else {}
    final = (
        f"product({freshness_and_use(order.used)},sum(1,query($cqgov.near,0)))"
        if near
        else freshness_and_use(order.used)
    )
    return {
        "rq": f"{{!rerank reRankQuery=$cqgov.final reRankDocs={weights.RERANKED} reRankOperator=multiply}}",
        "cqgov.final": f"{{!func}}{final}",
        **raised,
    }


def together(reading: Reading) -> list[str]:
    """Return the phrases that raise an entry: the query, or each of its words, in one piece, and some characters in a row."""
    words = list(dict.fromkeys(reading.whole.split()))
    whole = ["".join(words)] if len(words) > 1 and chinese(reading.whole) else []
    phrases = [word for word in (*whole, *words) if len(word) > 2 and chinese(word)][: weights.MOST_PHRASES]
    found = [f'{field}:"{phrase}"^={weight:g}' for phrase in phrases for field, weight in weights.WHOLE.items()]
    spoken = [word for word in words if len(word) > 1 and chinese(word)][: weights.MOST_PHRASES]
    found += [f'{field}:"{word}"^={weight:g}' for word in spoken for field, weight in weights.WORDS.items()]
    for size, fields in weights.NEIGHBOURS.items():
        runs = RUN.findall(reading.whole)
        rows = dict.fromkeys(run[at : at + size] for run in runs for at in range(len(run) - size + 1))
        chosen = [row for row in rows if row not in phrases][: weights.MOST_PHRASES]
        found += [f'{field}:"{row}"^={weight:g}' for row in chosen for field, weight in fields.items()]
    return found


def freshness_and_use(used: bool) -> str:
    """Return the function by which scores are multiplied: between 1 and 1 + ``FRESH`` + ``USED``."""
    year = 1000 * 60 * 60 * 24 * 365
    fresh = f"product({weights.FRESH},recip(abs(ms(NOW/DAY,cqgov_changed_on)),{1 / year:.3e},1,1))"
    scale = math.log10(1 + weights.MUCH_USED)
    visits = f"product({weights.USED},min(1,div(log(sum(1,max(0,views_recent))),{scale:.3f})))"
    return f"sum(1,{fresh},{visits})" if used else f"sum(1,{fresh})"


def weighted(fields: Mapping[str, float]) -> str:
    """Return fields and weights as Solr reads them.

    >>> weighted({"title_zh": 3.0, "text_zh": 1.0})
    'title_zh^3 text_zh'
    """
    return " ".join(name if weight == 1 else f"{name}^{weight:g}" for name, weight in fields.items())
