"""Where in a text the words of a query stand: what a list of results marks, and which part of an abstract it shows.

Words are compared folded (``search_text``): 停車場, ＧＤＰ and gdp find 停车场 and GDP. What is shown is always the text as it was
written. Nothing here is markup; whoever draws a page escapes every piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from ckanext.cqgov.domain.search_text import HAN, aligned, folded

LENGTH = 140
"""Characters of an abstract in a list."""

LEAD = 24
"""Characters shown before the first hit of an excerpt that does not begin with the text."""

NEARLY = 0.6
"""Names are told that have at least this part of what the best one has: 社会组织 does not answer for 统一社会信用代码."""

ENDING = 3
"""Letters that may follow a word in another script: the index knows stations by its stem, station."""

MOST_WORDS, MOST_LETTERS = 40, 60
"""How much of a query is looked for: nobody reads more marks, and a page is drawn for every query."""

SENTENCE = re.compile("[。！？；.!?;\n][\\s”』」）)]*")
CLAUSE = re.compile("[，、：,: \\s]+")
HAN_RUN = re.compile(f"[{HAN}]{{3,}}")


class Piece(NamedTuple):
    """A part of a text; ``hit`` says that it is what was searched for."""

    text: str
    hit: bool


def marked(text: str, terms: Iterable[str]) -> list[Piece]:
    """Return ``text`` in pieces, those that ``terms`` find as hits; joined they are the text again."""
    return _cut(text, 0, len(text), _spans(text, needles(terms)))


def excerpt(text: str, terms: Iterable[str], length: int = LENGTH) -> list[Piece]:
    """Return at most about ``length`` characters of ``text`` in pieces: where most of ``terms`` stand, else its beginning.

    Blanks and line ends become single blanks; an ellipsis stands where something was left out.
    """
    text = " ".join(text.split())
    spans = _spans(text, needles(terms))
    if len(text) <= length:
        return _cut(text, 0, len(text), spans)
    start = _best(text, spans, length)
    end = _before_word(text, min(len(text), start + length), start)
    pieces = _cut(text, start, end, spans)
    before = [Piece("…", False)] if start else []
    after = [Piece("…", False)] if end < len(text) else []
    return _joined([*before, *pieces, *after])


def telling(names: Sequence[str], terms: Iterable[str], shown: Iterable[str], most: int = 3) -> list[list[Piece]]:
    """Return those of ``names`` (information items, files) that answer for a word which no text of ``shown`` has.

    At most ``most`` of them, each in pieces. Without such a word the list is empty: the reader sees already why the entry was found.
    """
    words = needles(terms)
    seen = [folded(text) for text in shown]
    unseen = [word for word in words if not any(_places(text, word) for text in seen)]
    if not unseen:
        return []
    said = {name: sum(len(word) for word in unseen if _places(folded(name), word)) for name in names}
    least = max(1, max(said.values(), default=0) * NEARLY)
    found = sorted((name for name in said if said[name] >= least), key=lambda name: -said[name])
    if not found and len(unseen) == len(words):  # nobody has a word in one piece: who has the most of it?
        found = _nearest(names, unseen, seen)
    return [marked(name, unseen) for name in found[:most]]


def needles(terms: Iterable[str]) -> tuple[str, ...]:
    """Return ``terms`` as they are looked for: folded, without repeats, the longest first."""
    return _needles(tuple(term for term in terms if isinstance(term, str)))


@lru_cache(maxsize=32)  # a page asks for the same words a hundred times
def _needles(terms: tuple[str, ...]) -> tuple[str, ...]:
    words = {" ".join(folded(term).split())[:MOST_LETTERS] for term in terms}
    return tuple(sorted((word for word in words if word), key=lambda word: (-len(word), word))[:MOST_WORDS])


class Span(NamedTuple):
    """A hit in the text as written, and the word that it is a hit of."""

    start: int
    end: int
    word: str


def _spans(text: str, words: Sequence[str]) -> list[Span]:
    """Return the hits in order, without overlaps, where they stand in the text as written."""
    if not _hits(folded(text), words):  # most texts have none: no need to know which character comes from which
        return []
    plain, offsets = aligned(text)
    spans: list[Span] = []
    for start, end, word in sorted(_hits(plain, words), key=lambda place: (place[0], -place[1])):
        first, last = offsets[start], max(offsets[end], offsets[end - 1] + 1)
        if spans and first < spans[-1].end:
            if last > spans[-1].end:  # 人民政府 and 政府网: one mark over both
                spans[-1] = spans[-1]._replace(end=last)
            continue
        spans.append(Span(first, last, word))
    return spans


def _hits(plain: str, words: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return the places of ``words`` in a folded text; parts of them only where no word stands in one piece."""
    found = [(start, end, word) for word in words for start, end in _places(plain, word)]
    return found or [(start, end, part) for part in _parts(plain, words) for start, end in _places(plain, part)]


def _places(plain: str, word: str) -> list[tuple[int, int]]:
    """Return where ``word`` stands in a folded text; a word in another script only as a word of its own or its stem."""
    found = []
    at = plain.find(word)
    while at >= 0:
        end = at + len(word)
        if _latin(word[0]) and at and _latin(plain[at - 1]) and plain[at - 1].isdigit() == word[0].isdigit():
            end = -1
        elif word[-1].isascii() and word[-1].isdigit():
            end = -1 if end < len(plain) and plain[end].isascii() and plain[end].isdigit() else end
        elif _latin(word[-1]):
            stop = end
            while stop < len(plain) and plain[stop].isascii() and plain[stop].isalpha():
                stop += 1
            end = stop if stop - end <= ENDING else -1
        if end > 0:
            found.append((at, end))
        at = plain.find(word, at + 1)
    return found


def _parts(plain: str, words: Iterable[str]) -> Iterator[str]:
    """Give the longest parts, of two characters or more, of Chinese words that the text has not in one piece."""
    for word in words:
        for run in HAN_RUN.findall(word):
            start = 0
            while start < len(run) - 1:
                end = len(run)
                while end - start >= 2 and run[start:end] not in plain:
                    end -= 1
                if end - start >= 2:
                    yield run[start:end]
                    start = end
                else:
                    start += 1


def _nearest(names: Sequence[str], words: Sequence[str], seen: Sequence[str]) -> list[str]:
    """Return the names with the longest common part of a word, if it is longer than what the shown texts have."""

    def longest(plain: str) -> int:
        return max((len(part) for part in _parts(plain, words)), default=0)

    known = max(map(longest, seen), default=0)
    lengths = {name: longest(folded(name)) for name in dict.fromkeys(names)}
    best = max(lengths.values(), default=0)
    return [name for name in lengths if lengths[name] == best] if best > max(known, 2) else []


def _best(text: str, spans: Sequence[Span], length: int) -> int:
    """Return where the excerpt begins: the earliest place from which the most, and the longest, words are seen."""
    best, start = 0, 0
    for span in [Span(0, 0, ""), *spans]:
        begin = _opening(text, span.start, length) if span.end > length else 0
        inside = {one.word for one in spans if one.start >= begin and one.end <= begin + length}
        if (weight := sum(map(len, inside))) > best:
            best, start = weight, begin
    return min(start, _opening(text, len(text) - length + LEAD, length)) if start else 0


def _opening(text: str, hit: int, length: int) -> int:
    """Return where to begin so that ``hit`` is soon seen: after a sentence, a clause or a blank before it."""
    low = max(0, hit - min(LEAD, length // 3))
    for boundary in (SENTENCE, CLAUSE):
        if match := boundary.search(text, low, hit):
            return match.end()
    return low


def _before_word(text: str, end: int, start: int) -> int:
    """Return ``end``, or the end of the word before it where it would cut a word of another script."""
    cut = end
    while start < cut < len(text) and end - cut <= 20 and _latin(text[cut - 1]) and _latin(text[cut]):
        cut -= 1
    return cut if cut > start and end - cut <= 20 else end


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _cut(text: str, start: int, end: int, spans: Iterable[Span]) -> list[Piece]:
    pieces: list[Piece] = []
    at = start
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        pieces.extend((Piece(text[at:first], False), Piece(text[first:last], True)))
        at = last
    return _joined([*pieces, Piece(text[at:end], False)])


def _joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return the pieces without empty ones, neighbours of a kind as one."""
    joined: list[Piece] = []
    for piece in pieces:
        if joined and joined[-1].hit == piece.hit:
            joined[-1] = Piece(joined[-1].text + piece.text, piece.hit)
        elif piece.text:
            joined.append(piece)
    return joined
