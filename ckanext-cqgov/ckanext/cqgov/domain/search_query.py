"""How plain words become a query for the index: what is plain, how an unspaced run is cut, how much must be found.

A run of Chinese characters is one position for Solr's parser, so a minimum match over it would mean nothing; it is cut into
the same overlapping pairs as the index holds, along the words that the portal knows (``search_terms``). How much must be
found is measured in what the words say: by how many entries have them. So 渝中|中区|区停|停车|车场 needs no 区停, which nobody
wrote, and 统计信息 is not found by every entry with 信息.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_terms import Terms
from ckanext.cqgov.domain.search_text import HAN, folded

RUN = re.compile(f"([{HAN}]+)")
SYNTAX = re.compile(r'[A-Za-z_]\w*:|["*?~^{}\[\]]|(?:^|\s)[+\-!]|&&|\|\||(?:^|\s)(?:AND|OR|NOT)(?:\s|$)', re.ASCII)
"""What makes a query an advanced client's. Brackets and slashes do not: people paste titles that have them."""

WORD = re.compile(r"\w+(?:[.\-]\w+)*")
APART = re.compile(r"[.\-]")
QUOTED = re.compile(r'(?:^|\s)([+\-]?)"([^"]*)"|(?:^|\s)-(?=\w)(\S+)')
LONGEST = 2000
"""Characters of a query that are read; the longest title has a quarter of it."""

FINE = 24
"""In how many parts the whole of a query is counted when it is said how much must be found."""

ASKING = re.compile(
    "请问|我想知道|我想查询|我想查|我想|我要|想知道|在哪里办理|在哪里|在哪儿|哪里可以|哪里能|哪里有|哪里|哪儿|怎么样|怎么办|怎么|怎样|如何|什么样的"
    "|什么是|是什么|有什么|什么|有哪些|哪些|哪个|哪家|多少钱|有多少|多少|可以|能不能|一下"
)
"""What people say around a question; it is read only when nothing else is said."""

LINKING = "的"
"""A pair with this character says nothing about an entry."""


@dataclass(frozen=True)
class Piece:
    """A part of the query that is found or not: ``ways`` are the words that stand for it, each by its index terms."""

    ways: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """Return it as edismax reads it: 停车, "渝北区", or ("社保" OR "社会保险"^0.8)."""
        first = self.ways[0]
        if len(self.ways) == 1:
            return written(first)
        others = (f'"{joined(way)}"^{weights.OTHER_NAME}' for way in self.ways[1:])
        return f'("{joined(first)}" OR {" OR ".join(others)})'


@dataclass(frozen=True)
class Reading:
    """A query as it is understood: its pieces, what must stand there word for word and what must not, and all in one."""

    pieces: tuple[Piece, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    whole: str = ""
    words: tuple[str, ...] = field(default=())
    """What to mark in a result, folded."""


@dataclass(frozen=True)
class Asked:
    """Solr parameters in the place of a client's ``q``, and further filters."""

    query: Mapping[str, str]
    filters: tuple[str, ...] = ()


STRICT, WIDE, LOOSE = range(3)
"""How much of a query an entry must have."""


def joined(terms: tuple[str, ...]) -> str:
    """Return the text of index terms: 渝北|北区 is 渝北区.

    >>> joined(("渝北", "北区")), joined(("covid", "19")), joined(("水",))
    ('渝北区', 'covid 19', '水')
    """
    text = terms[0]
    for term in terms[1:]:
        overlaps = len(term) == 2 and text[-1] == term[0] and RUN.fullmatch(term)
        text += term[1:] if overlaps else (" " + term)
    return text


def written(terms: tuple[str, ...]) -> str:
    """Return index terms that belong together: a phrase when there are several."""
    return f'"{joined(terms)}"' if len(terms) > 1 else terms[0]


def plain(query: object) -> bool:
    """Whether ``query`` is words, without anything that Solr's syntax gives a meaning."""
    return isinstance(query, str) and bool(WORD.search(query)) and not SYNTAX.search(query)


def chinese(query: object) -> bool:
    """Whether ``query`` has Chinese in it."""
    return isinstance(query, str) and bool(RUN.search(query))


def letters(query: str) -> bool:
    """Whether ``query`` has Latin letters in it, which may be pinyin."""
    return bool(re.search("[A-Za-zａ-ｚＡ-Ｚ]", query))


def quoted(query: str) -> bool:
    """Whether ``query`` is words, some in quotes or with a minus before them, and nothing else of Solr's syntax."""
    return query.count('"') % 2 == 0 and bool(QUOTED.search(query)) and not SYNTAX.search(QUOTED.sub(" ", query))


def read(query: str, terms: Terms) -> Reading:
    """Return how plain or quoted words are understood, along the words that the portal knows."""
    query = query[:LONGEST]
    phrases, without = [], []
    for sign, text, word in QUOTED.findall(query) if '"' in query or "-" in query else ():
        wanted = _terms_of(folded(text or word))
        if wanted:
            (without if sign == "-" or word else phrases).append(joined(wanted))
    rest = folded(QUOTED.sub(" ", query) if phrases or without else query)
    spoken = ASKING.sub(" ", rest)
    said = spoken if WORD.search(spoken) else rest
    pieces: dict[Piece, None] = {}
    marked: dict[str, None] = dict.fromkeys(phrases)
    for word in WORD.findall(said):
        for unit in terms.units(word):
            if unit.known:
                ways = tuple(way for way in (_terms_of(each) for each in (unit.text, *unit.others)) if way)
                found = [Piece(ways)] if ways else []
                marked.update(dict.fromkeys((unit.text, *unit.others)))
            else:
                found = [Piece((each,)) for each in _cut(unit.text)]
                marked.update(dict.fromkeys(joined(piece.ways[0]) for piece in found))
            pieces.update(dict.fromkeys(found))
    kept = tuple(pieces)[: weights.MOST_PIECES]
    return Reading(kept, tuple(phrases), tuple(without), " ".join(WORD.findall(rest)), tuple(marked))


def _cut(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the pieces of an unknown stretch: pairs of Chinese characters, Latin words and numbers whole."""
    for part in RUN.split(text):
        if RUN.fullmatch(part):
            yield from (((pair,)) for pair in _pairs(part))
        else:
            yield from (tuple(APART.split(word)) if "-" in word else (word,) for word in WORD.findall(part))


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[place : place + 2] for place in range(len(run) - 1)]


def _terms_of(text: str) -> tuple[str, ...]:
    """Return the index terms of a word or phrase in their order."""
    return tuple(term for piece in _cut(text) for term in piece)


def terms_to_count(reading: Reading) -> list[str]:
    """Return the index terms whose frequency decides how much must be found; none when one piece is all there is."""
    if len(reading.pieces) < 2:
        return []
    return list(dict.fromkeys(term for piece in reading.pieces for way in piece.ways for term in way))


def says(piece: Piece, frequency: Callable[[str], int], total: int) -> float:
    """Return how much a piece says about an entry that has it; 0 for one that nobody wrote.

    Each pair of a longer word counts, so that a known word says as much as the pairs it would be cut into.
    """
    found = sum(min(frequency(term) for term in way) for way in piece.ways)
    if not found or all(LINKING in term and len(term) == 2 for term in piece.ways[0]):
        return 0.0
    return len(piece.ways[0]) * math.log(1 + max(total, found) / found)


@dataclass(frozen=True)
class Coverage:
    """Of ``parts`` (how much each piece counts) so many, ``least``, must be found."""

    parts: Mapping[Piece, int]
    least: int


def coverage(reading: Reading, frequencies: Mapping[str, int] | None, total: int, width: int) -> Coverage | None:
    """Return how much of the query an entry must have; ``None`` when any piece is enough.

    ``frequencies`` are the numbers of entries with each term (``None`` when the index does not say: then every piece counts
    alike), ``width`` is ``STRICT``, ``WIDE`` or ``LOOSE``.
    """
    shares = _shares(reading, frequencies, total)
    if len(shares) < 2:
        return None
    needed = weights.COVERED_FEW.get(len(shares), weights.COVERED)
    if width != STRICT:
        needed = min(needed, weights.COVERED_WIDELY if width == WIDE else weights.COVERED_LOOSELY)
    if needed == 1.0:
        return Coverage(dict.fromkeys(shares, 1), len(shares))
    parts = {piece: max(1, round(share * FINE)) for piece, share in shares.items()}
    common = math.gcd(*parts.values())
    parts = {piece: count // common for piece, count in parts.items()}
    least = math.ceil(needed * sum(parts.values()) - 1e-9)
    return Coverage(parts, least) if least > min(parts.values()) else None


def _shares(reading: Reading, frequencies: Mapping[str, int] | None, total: int) -> dict[Piece, float]:
    """Return which part of all that the query says each piece says, without those that say nothing."""
    if frequencies is None:
        said = dict.fromkeys(reading.pieces, 1.0)
    else:
        said = {piece: says(piece, lambda term: frequencies.get(term, 0), total) for piece in reading.pieces}
    everything = sum(said.values())
    return {piece: amount / everything for piece, amount in said.items() if amount}


def asked(
    reading: Reading, frequencies: Mapping[str, int] | None, total: int, width: int, order: Mapping[str, str]
) -> Asked:
    """Return what to ask of Solr for a reading with Chinese in it; ``order`` are the parameters of ``ordered``."""
    texts = [piece.text() for piece in reading.pieces] + [f'"{phrase}"' for phrase in reading.phrases]
    given = {"q": " ".join(texts) or "*:*", "qf": weighted(weights.FIELDS), "mm": "1", "tie": "1.0", **order}
    if order and len(reading.pieces) > 1:
        given["pf"] = weighted(weights.WHOLE)
        given |= {f"pf{size}": weighted(fields) for size, fields in weights.NEIGHBOURS.items()}
    filters = [f'{{!cache=false}}+text_zh:"{phrase}"' for phrase in reading.phrases]
    filters += [f'{{!cache=false}}+*:* -text_zh:"{phrase}"' for phrase in reading.without]
    enough = coverage(reading, frequencies, total, width)
    if (
        enough
        and list(enough.parts) == list(reading.pieces)
        and not reading.phrases
        and set(enough.parts.values()) == {1}
    ):
        given["mm"] = str(enough.least)
    elif enough:
        filters.append(_matching(enough))
    return Asked(_edismax(given), tuple(filters))


def _matching(enough: Coverage) -> str:
    """Return the filter for a coverage: a minimum match counts clauses, so what says more is repeated."""
    clauses = [piece.text() for piece, count in enough.parts.items() for _ in range(min(count, enough.least))]
    return f"{{!edismax qf=text_zh q.op=OR mm={enough.least} sow=true cache=false v='{' '.join(clauses)}'}}"


def asked_plain(query: str, width: int) -> Asked:
    """Return what to ask of Solr for plain words without Chinese: as CKAN does, and over what knows where Chinese ends."""
    words = WORD.findall(query[:LONGEST])[: weights.MOST_PIECES]
    given = {
        "q": " ".join(f'"{word}"' if "-" in word else word for word in words),
        "qf": weighted(weights.PLAIN_FIELDS),
        "mm": "1" if width == LOOSE else weights.PLAIN_MATCH,
        "tie": "0.1",
    }
    return Asked(_edismax(given))


def _edismax(given: Mapping[str, str]) -> dict[str, str]:
    """Return the query with its parameters under names of its own: those of the request are the filters' too."""
    named = {f"cqgov.{key}": value for key, value in given.items()}
    local = " ".join(f"{'v' if key == 'q' else key}=$cqgov.{key}" for key in given)
    return {"q": f"{{!edismax q.op=OR sow=true {local}}}", "defType": "lucene", **named}


def ordered(reading: Reading, exact: str, used: bool) -> dict[str, str]:
    """Return the parameters that only change the order: the exact title, words of the dictionary, freshness and use.

    ``exact`` is the query as a title is kept (``exact_title``); ``used`` says whether visits are counted.
    """
    raised = []
    if exact:
        raised.append(f'title_exact:"{exact}"^={weights.EXACT_TITLE}')
    if chinese(reading.whole):
        raised.append(f"_query_:\"{{!dismax qf='{weighted(weights.WORDS)}' mm=1 tie=1 v='{reading.whole}'}}\"")
    return {"boost": freshness_and_use(used), **({"bq": " OR ".join(raised)} if raised else {})}


def freshness_and_use(used: bool) -> str:
    """Return the function by which scores are multiplied: between 1 and 1 + ``FRESH`` + ``USED``."""
    year = 1000 * 60 * 60 * 24 * 365
    fresh = f"product({weights.FRESH},recip(abs(ms(NOW/DAY,cqgov_changed_on)),{1 / year:.3e},1,1))"
    scale = math.log10(1 + weights.MUCH_USED)
    visits = f"product({weights.USED},min(1,div(log(sum(1,max(0,views_recent))),{scale:.3f})))"
    return f"sum(1,{fresh},{visits})" if used else f"sum(1,{fresh})"


def exact_title(title: str) -> str:
    """Return a title as it is compared as a whole: folded, letters and figures alone, 200 characters."""
    return re.sub(r"[\W_]+", "", folded(title))[:200]


def weighted(fields: Mapping[str, float]) -> str:
    """Return fields and weights as Solr reads them.

    >>> weighted({"title_zh": 3.0, "text_zh": 1.0})
    'title_zh^3 text_zh'
    """
    return " ".join(name if weight == 1 else f"{name}^{weight:g}" for name, weight in fields.items())
