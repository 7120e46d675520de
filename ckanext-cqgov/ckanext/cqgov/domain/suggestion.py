"""What is offered while somebody types: which names of a list fit, which titles are the same, how many of each."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ckanext.cqgov.domain.highlight import Piece
from ckanext.cqgov.domain.pinyin import fits
from ckanext.cqgov.domain.search_text import aligned, folded
from ckanext.cqgov.domain.typed import LONGEST_UNIT, PLACES, Token, Way, tokens, ways

MOST = 9
"""Suggestions in all: a list that is read at a glance."""

FEWEST_TITLES = 5
"""Places that titles keep when organisations and themes would fill the list."""

APART = "\n"
END = Token("", APART, "")
MOST_PLACES = 300
"""Places where a word stands that are looked at; a single letter stands in most names."""

NUMBERS = re.compile(r"第?[\d〇零一二三四五六七八九十]+[年月日季期届]|\d+")
LETTERS = re.compile(r"\W+")


class Found(NamedTuple):
    """How well a name fits, best first when sorted: where the typed words stand in it, how long it is, its place."""

    place: int
    length: int
    number: int


@dataclass(frozen=True)
class Names:
    """Names that are looked through in memory. Built once per change of them; asking is quick for thousands.

    All names stand one after the other, a token each position, so that a word is looked for in all of them at once.
    """

    _keys: tuple[Any, ...]
    _owners: tuple[int, ...]
    _lengths: tuple[int, ...]
    _starts: tuple[int, ...]
    _tokens: tuple[Token, ...]
    _characters: str
    _initials: str

    @classmethod
    def of(cls, names: Iterable[tuple[Any, Iterable[str]]]) -> Names:
        """Return the names to look through: ``(key, (title, other name, …))`` each, in the order that breaks ties."""
        keys, owners, lengths, starts, flat = [], [], [], [], [END]
        for number, (key, texts) in enumerate(names):
            keys.append(key)
            for spoken, length in {way: len(read[0]) for read in map(_spoken, texts) for way in read}.items():
                owners.append(number)
                lengths.append(length)
                starts.append(len(flat))
                flat += [*spoken, END]
        return cls(
            tuple(keys),
            tuple(owners),
            tuple(lengths),
            tuple(starts),
            tuple(flat),
            "".join(token.character or " " for token in flat),
            "".join(APART if token is END else token.syllable[:1] or " " for token in flat),
        )

    def find(self, query: str, most: int = MOST) -> list[Any]:
        """Return the keys of the names that hold every word of ``query``, those that begin with it first."""
        words = ways(query)
        if not words or not self._keys:
            return []
        best: dict[int, Found] = {}
        for found, at in self._places(words[0]):
            name = bisect_right(self._starts, at) - 1
            if found.number in best and best[found.number] <= found:
                continue
            if all(self._holds(name, word) for word in words[1:]):
                best[found.number] = found
        return [self._keys[found.number] for found in sorted(best.values())[:most]]

    def _places(self, word: Iterable[Way]) -> Iterator[tuple[Found, int]]:
        """Yield where a word stands, at the beginnings of names first."""
        for way in word:
            for at in self._where(way):
                name = bisect_right(self._starts, at) - 1
                place = 0 if at == self._starts[name] else 1 if self._tokens[at].mark else 2
                yield Found(place, self._lengths[name], self._owners[name]), at

    def _where(self, way: Way) -> Iterator[int]:
        """Yield the positions at which the units of a way stand, none more often than once."""
        text, part, offset = self._probe(way)
        told = text is self._characters and len(part) == len(way)  # characters alone: what is found is what was asked
        seen: set[int] = set()
        for probe, shift in ((APART + part, 1), (part, 0)):
            if shift and offset:
                continue
            at = text.find(probe)
            for _ in range(MOST_PLACES):
                if at < 0:
                    break
                start = at + shift - offset
                if start not in seen and (told or self._stands(way, start)):
                    seen.add(start)
                    yield start
                at = text.find(probe, at + 1)

    def _probe(self, way: Way) -> tuple[str, str, int]:
        """Return the text in which to look for a way, what to look for, and how far from its beginning that stands."""
        han = [number for number, unit in enumerate(way) if not unit.isascii()]
        if not han:
            return self._initials, "".join(unit[0] for unit in way), 0
        end = han[0]
        while end + 1 in han:
            end += 1
        return self._characters, "".join(way[han[0] : end + 1]), han[0]

    def _stands(self, way: Way, start: int) -> bool:
        return start >= 0 and stands(way, self._tokens, start)

    def _holds(self, name: int, word: Iterable[Way]) -> bool:
        """Whether a word stands anywhere in one name."""
        first, end = self._starts[name], self._characters.index(APART, self._starts[name])
        return any(self._stands(way, at) for way in word for at in range(first, end - len(way) + 1))


def _spoken(text: str) -> list[tuple[Token, ...]]:
    """Return a name as tokens, and as people say it, without 市 and the like: 重庆公安局."""
    whole = tuple(token._replace(syllable=token.syllable[: LONGEST_UNIT - 1]) for token in tokens(text))
    short = tuple(token for number, token in enumerate(whole) if not number or token.character not in PLACES)
    return [way for way in dict.fromkeys((whole, short)) if way]


def stands(way: Way, read: Sequence[Token], start: int) -> bool:
    """Whether the units of a way stand in ``read`` from ``start`` on."""
    if start + len(way) > len(read):
        return False
    return all(_meets(unit, read[start + number]) for number, unit in enumerate(way))


def _meets(unit: str, token: Token) -> bool:
    if not unit.isascii():
        return token.character == unit
    return bool(token.syllable) and fits(unit, token.syllable[: LONGEST_UNIT - 1])


def marked(title: str, query: str) -> list[Piece]:
    """Return ``title`` in pieces, those that were typed (as characters or as pinyin) as hits; joined they are the title."""
    read = tokens(title)
    plain, offsets = aligned(title)
    spans: set[tuple[int, int]] = set()
    for word in ways(query):
        hits = ((at, at + len(way)) for way in word for at in range(len(read)) if stands(way, read, at))
        spans.update(filter(None, [next(hits, None)]))
    pieces, done = [], 0
    for start, end in sorted(spans):
        first = offsets[min(read[start].at, len(plain))]
        last = read[end - 1]
        after = offsets[min(last.at + len(last.character or last.syllable), len(plain))]
        if first >= done and after > first:
            pieces += [Piece(title[done:first], False), Piece(title[first:after], True)]
            done = after
    return [piece for piece in [*pieces, Piece(title[done:], False)] if piece.text]


def distinct(titles: Iterable[Mapping[str, Any]], most: int) -> list[Mapping[str, Any]]:
    """Return the first ``most`` of ``titles`` (each with ``title``) that differ in more than numbers and punctuation."""
    kept: dict[str, Mapping[str, Any]] = {}
    for one in titles:
        kept.setdefault(same(one["title"]), one)
        if len(kept) == most:
            break
    return list(kept.values())


def same(title: str) -> str:
    """Return what titles have in common that are told apart by a year, a number or punctuation only."""
    plain = folded(title)
    return LETTERS.sub("", NUMBERS.sub("", plain)) or plain


def room(limit: int, organizations: int, themes: int) -> int:
    """Return how many of ``limit`` places titles may take beside so many organisations and themes: most of them, or all left."""
    return max(1, FEWEST_TITLES * limit // MOST, limit - organizations - themes)


def shares(limit: int, titles: int, organizations: int, themes: int) -> tuple[int, int, int]:
    """Return how many of each are shown when so many were found: at most ``limit`` in all, titles mostly."""
    kept = min(titles, room(limit, organizations, themes))
    left = limit - kept
    shown_themes = min(themes, max(left // 2, left - organizations))
    return kept, min(organizations, left - shown_themes), shown_themes
