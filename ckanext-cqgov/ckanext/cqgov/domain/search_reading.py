"""How a query is understood: what is plain words, and into which pieces they are cut.

A run of Chinese characters is one position for Solr's parser, so a minimum match over it would mean nothing; it is cut into
the same overlapping pairs as the index holds, along the words that the portal knows (``search_terms``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_terms import Terms
from ckanext.cqgov.domain.search_text import HAN, folded

RUN = re.compile(f"([{HAN}]+)")
SYNTAX = re.compile(r'\b\d*[A-Za-z_]\w*:|["*?~^{}\[\]]|(?:^|\s)[+\-!]|&&|\|\||(?:^|\s)(?:AND|OR|NOT)(?:\s|$)', re.ASCII)
"""What makes a query an advanced client's. Brackets and slashes do not: people paste titles that have them."""

WORD = re.compile(r"\w+(?:[.\-]\w+)*")
APART = re.compile(r"[.\-]")
QUOTED = re.compile(r'(?:^|\s)([+\-]?)"([^"]*)"|(?:^|\s)-(?=\w)(\S+)')
LONGEST = 2000
"""Characters of a query that are read; the longest title has a quarter of it."""

ASKING = re.compile(
    "请问|我想知道|我想查询|我想查|我想|我要|想知道|在哪里办理|在哪里|在哪儿|哪里可以|哪里能|哪里有|哪里|哪儿|怎么样|怎么办|怎么|怎样|如何|什么样的"
    "|什么是|是什么|有什么|什么|有哪些|哪些|哪个|哪家|多少钱|有多少|多少|可以|能不能|一下"
)
"""What people say around a question; it is read only when nothing else is said."""


@dataclass(frozen=True)
class Piece:
    """A part of the query that is found or not: ``ways`` are the words that stand for it, each by its index terms.

    So many of the last ways as ``related`` says are no names of it, but what the catalogue calls the matter.
    """

    ways: tuple[tuple[str, ...], ...]
    related: int = 0

    def text(self) -> str:
        """Return it as edismax reads it where only counts whether it is found: 停车, "渝北区", ("社保" OR "社会保险")."""
        texts = [written(way) for way in self.ways]
        return texts[0] if len(texts) == 1 else f"({' OR '.join(texts)})"

    @property
    def lone(self) -> bool:
        """Whether it is a single Chinese character: beside words it says little, and stands in many others."""
        return len(self.ways) == 1 and len(self.ways[0]) == 1 and len(self.ways[0][0]) == 1 and chinese(self.ways[0][0])

    def weighted_ways(self) -> list[tuple[str, float]]:
        """Return its words with what each counts of the first one; a longer one has more terms, each of which counts."""
        first = len(self.ways[0])
        names = len(self.ways) - self.related
        shares = (weights.OTHER_NAME if place < names else weights.RELATED_WORD for place in range(1, len(self.ways)))
        others = zip(self.ways[1:], shares, strict=True)
        return [
            (written(self.ways[0]), 1.0),
            *((written(way), share * min(1.0, first / len(way))) for way, share in others),
        ]


@dataclass(frozen=True)
class Reading:
    """A query as it is understood: its pieces, what must stand there word for word and what must not, and all in one."""

    pieces: tuple[Piece, ...] = ()
    phrases: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    whole: str = ""
    words: tuple[str, ...] = field(default=())
    """What to mark in a result, folded."""

    @property
    def run(self) -> str:
        """Return the query as it would stand in a text; empty when blanks part it."""
        return self.whole if len(WORD.findall(self.whole)) == 1 else ""


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
                related = tuple(way for way in map(_terms_of, unit.related) if way) if ways else ()
                found = [Piece(ways + related, len(related))] if ways else []
                marked.update(dict.fromkeys((unit.text, *unit.others, *unit.related)))
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


def exact_title(title: str) -> str:
    """Return a title as it is compared as a whole: folded, letters and figures alone, 200 characters."""
    return re.sub(r"[\W_]+", "", folded(title))[:200]
