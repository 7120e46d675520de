"""Words that mean the same, proper names and former names, and how a query is cut along them.

A query in Chinese has no blanks. Cut along the words that the portal knows, 渝北区公厕 is 渝北区 and 公厕, each of which is
searched under its other names as well. Which cut is right is decided over the whole run, not from the left: the one
that leaves the fewest characters unexplained, then the one with the fewest pieces, then the one with the longest words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ckanext.cqgov.domain.search_text import folded
from ckanext.cqgov.domain.text import Text

SYNONYM, NAME, RENAMED, RELATED = "synonym", "name", "renamed", "related"

KINDS: Mapping[str, Text] = {
    SYNONYM: Text("同义词", "synonyms"),
    NAME: Text("名称", "names"),
    RENAMED: Text("更名", "renamed"),
    RELATED: Text("相关说法", "related"),
}

MOST_OTHERS = 12
"""So many other words at most are searched for one: a query has to stay small whatever somebody enters."""

MOST_RELATED = 8
"""And so many words of the catalogue for what people say."""


class Row(NamedTuple):
    """One word of a group. In a ``renamed`` group ``present`` marks today's name; the others are former ones.

    In a ``related`` group ``present`` marks what the catalogue calls the matter; the others are what people say.

    ``group`` is any key that the words of a group share. A group of one word says that the word is never cut.
    """

    group: str
    word: str
    kind: str
    present: bool = False


class Unit(NamedTuple):
    """A piece of a query. ``others`` are searched as well, the nearest first; only a known piece has any.

    ``related`` are searched too and count less: not the same, but what who says ``text`` is looking for.
    """

    text: str
    known: bool
    others: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


def key_of(word: str) -> str:
    """Return ``word`` as it is compared with a query: folded, inner blanks as one."""
    return " ".join(folded(word).split())


@dataclass(frozen=True)
class Terms:
    """All words that the portal knows. Built once per change of them; asking is quick however many there are."""

    _meanings: Mapping[str, tuple[str, ...]] = field(repr=False, default_factory=dict)
    """Each word with those that it leads to in one step."""
    _lengths: Mapping[str, tuple[int, ...]] = field(repr=False, default_factory=dict)
    """How long the words are that begin with a character."""
    _related: Mapping[str, tuple[str, ...]] = field(repr=False, default_factory=dict)
    """Each word that people say with what the catalogue calls the matter."""

    @classmethod
    def of(cls, rows: Iterable[Row | tuple[str, str, str] | tuple[str, str, str, bool]]) -> Terms:
        """Return the terms of ``rows``; words are compared folded, others keep the order in which they are given."""
        groups: dict[tuple[str, str], list[tuple[str, bool]]] = {}
        for row in map(Row._make, (tuple(row) + (False,) * (4 - len(row)) for row in rows)):
            if key := key_of(row.word):
                groups.setdefault((row.kind, row.group), []).append((key, bool(row.present)))
        meanings: dict[str, dict[str, None]] = {}
        related: dict[str, dict[str, None]] = {}
        for (kind, _), words in groups.items():
            if kind == RELATED:  # what it leads to is no known word by that: nobody's query is cut otherwise
                found = dict.fromkeys(key for key, catalogued in words if catalogued)
                for key in (key for key, catalogued in words if not catalogued):
                    meanings.setdefault(key, {})
                    related.setdefault(key, {}).update(found)
                continue
            for key, _ in words:
                steps = meanings.setdefault(key, {})
                one_way = kind == RENAMED
                steps.update((other, None) for other, today in words if other != key and (today or not one_way))
        lengths: dict[str, set[int]] = {}
        for key in meanings:
            lengths.setdefault(key[0], set()).add(len(key))
        return cls(
            {key: tuple(steps) for key, steps in meanings.items()},
            {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()},
            {key: tuple(found) for key, found in related.items()},
        )

    def __contains__(self, word: object) -> bool:
        """Say whether ``word`` (folded) is one of the words."""
        return word in self._meanings

    def __iter__(self) -> Iterator[str]:
        """Yield every word, folded."""
        return iter(self._meanings)

    def __len__(self) -> int:
        """Return how many words there are."""
        return len(self._meanings)

    def others(self, word: str) -> tuple[str, ...]:
        """Return what is searched besides ``word`` (folded), nearest first, none for an unknown one.

        Synonyms and names lead both ways and on to one another; a former name leads to the present one and its
        synonyms, never back. What contains ``word`` or an earlier one is left out: who finds the part finds the whole.
        """
        seen, found, queue = {word}, [word], [word]
        for one in queue:
            for other in self._meanings.get(one, ()):
                if other not in seen:
                    seen.add(other)
                    queue.append(other)
                    if len(found) <= MOST_OTHERS and not any(_within(shorter, other) for shorter in found):
                        found.append(other)
            if len(found) > MOST_OTHERS:
                break
        return tuple(found[1:])

    def related(self, word: str) -> tuple[str, ...]:
        """Return the catalogue's words that who says ``word`` (folded) is looking for, none for most.

        Only those of the word itself: neither they nor its other names lead on, and nothing leads from them to it. What
        holds a word that is searched anyway is left out.
        """
        found = [word, *self.others(word)]
        names = len(found)
        for other in self._related.get(word, ()):
            if len(found) < names + MOST_RELATED and not any(_within(shorter, other) for shorter in found):
                found.append(other)
        return tuple(found[names:])

    def units(self, run: str) -> list[Unit]:
        """Return ``run`` (folded) cut along the known words: in order, without gaps, unknown stretches in one piece.

        Latin words and numbers in it are known only as a whole: ``gdp`` is not found in ``gdpr``.
        """
        found: list[Unit] = []
        start = 0
        for place, end in self._words(run):
            if start < place:
                found.append(Unit(run[start:place], False))
            word = run[place:end]
            found.append(Unit(word, True, self.others(word), self.related(word)))
            start = end
        if start < len(run):
            found.append(Unit(run[start:], False))
        return found

    def _words(self, run: str) -> Iterator[tuple[int, int]]:
        """Yield where the words of the best cut begin and end, from the left.

        From the end to the start, each place gets the best that can be made of the rest, once behind a word and once
        behind a character that was left, because only the first of a stretch of those is a new piece.
        """
        size = len(run)
        nothing = (0, 0, 0)  # characters explained, pieces (negative), squares of the words' lengths
        behind_word, behind_left = [nothing] * (size + 1), [nothing] * (size + 1)
        taken_behind_word, taken_behind_left = [0] * size, [0] * size
        for place in range(size - 1, -1, -1):
            best, taken = (-1, 0, 0), 0
            for length in self._matches(run, place):
                explained, pieces, squares = behind_word[place + length]
                score = (explained + length, pieces - 1, squares + length * length)
                if score > best:
                    best, taken = score, length
            left = behind_left[place + 1]
            first_left = (left[0], left[1] - 1, left[2])
            behind_word[place], taken_behind_word[place] = (best, taken) if best >= first_left else (first_left, 0)
            behind_left[place], taken_behind_left[place] = (best, taken) if best >= left else (left, 0)
        place, taken = 0, taken_behind_word
        while place < size:
            if length := taken[place]:
                yield place, place + length
            taken = taken_behind_word if length else taken_behind_left
            place += length or 1

    def _matches(self, run: str, place: int) -> Iterator[int]:
        """Yield the lengths of the words that stand at ``place``, longest first; a word of one character stands alone."""
        for length in self._lengths.get(run[place], ()):
            end = place + length
            if length == 1 and len(run) > 1:
                continue
            if end <= len(run) and run[place:end] in self._meanings and not (_joined(run, place) or _joined(run, end)):
                yield length


def _joined(run: str, place: int) -> bool:
    """Say whether the characters on both sides of ``place`` are of one Latin word or of one number."""
    if not 0 < place < len(run):
        return False
    pair = run[place - 1 : place + 1]
    return pair.isascii() and (pair.isalpha() or pair.isdigit())


def _within(part: str, whole: str) -> bool:
    """Say whether whoever searches ``part`` finds ``whole`` too; Latin words are searched as a whole."""
    place = whole.find(part)
    return place >= 0 and not (_joined(whole, place) or _joined(whole, place + len(part)))
