"""Finding a name by what somebody has typed so far: characters, pinyin, initials, or a mixture (停che, 2021nj).

The index holds a name as one token per character or Latin word, each with its syllable (``车che.``); its analyser, the
field type ``typed`` of ``config/solr/core/schema.xml``, makes of a token the character and every beginning of the
syllable, all at one place. What is typed is then a phrase of units, and finding is one phrase query. Initials alone would
be a phrase of nothing but frequent terms, and a few characters are what is typed most: both have a field of their own
(``beginnings``), where they are one term, which Solr finds in a fraction of the time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from ckanext.cqgov.domain.pinyin import HAN, INITIALS, MOST_LETTERS, WHOLE_MARK, plain, read, split
from ckanext.cqgov.domain.search_text import folded

NAME_START, PART_START = "^", "-"
"""Marks of a token that begins the name, and of one that begins a part of it."""

PLACES = frozenset("省市区县州盟旗镇乡")
"""Characters after which a new part begins: 重庆市|渝中区|停车场."""

LONGEST_UNIT = 7  # the analyser's longest beginning without a mark: zhuang and the mark of a whole syllable
LONGEST_INITIALS, LONGEST_RUN, BREAK = 8, 3, " "
MOST_CHARACTERS, MOST_WORDS, MOST_WAYS = 100, 6, 8
SKIPPING = range(4, 9)
"""For so many units a typed word also finds names with one more character in between: 重庆公交, 重庆市公交."""

RUNS = re.compile(f"([{HAN}])|([a-z]+)|([0-9]+)")

Way = tuple[str, ...]


class Token(NamedTuple):
    """A character, Latin word or number of a name: how it is marked, the character, its syllable, where it stands.

    ``character`` is empty for words and numbers (``syllable`` holds them), ``syllable`` for what nobody can read; ``at``
    is the index in the folded name.
    """

    mark: str
    character: str
    syllable: str
    at: int = 0


@lru_cache(maxsize=4096)
def spelt(name: str) -> str:
    """Return the text of a name for the index: ``停^^ting. 车che. 场chang.`` (tokens apart, the first one marked)."""
    return " ".join(
        (character + mark if character else "") + (mark + syllable[: LONGEST_UNIT - 1] + WHOLE_MARK if syllable else "")
        for mark, character, syllable, _ in tokens(name)
    )


def fields(title: str, providers: Iterable[str]) -> dict[str, str | list[str]]:
    """Return the fields of a search document by which an entry is found while its title or provider is being typed."""
    names = [name for name in providers if name]
    return {
        "title_py": spelt(title),
        "title_initials": beginnings(title),
        "org_py": [spelt(name) for name in names],
        "org_initials": [beginnings(name) for name in names],
    }


def beginnings(name: str) -> str:
    """Return what a name reads from each character on, for the index: its initials and its first characters."""
    return " ".join(filter(None, (initials(name), runs(name))))


def runs(name: str) -> str:
    """Return the first characters from each Chinese character on: ``^停车场 车场 场``; anything else ends them."""
    read_as = tokens(name)
    characters = "".join(token.character or BREAK for token in read_as)
    return " ".join(
        token.mark + characters[at : at + LONGEST_RUN].partition(BREAK)[0]
        for at, token in enumerate(read_as)
        if token.character
    )


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """Return the initials from each character of a name on, for the index: ``^tcc cc c``; numbers end them.

    Where a word like 市 stands in between, they are there with and without it: ``cqsgj`` and ``cqgj``.
    """
    read_as = tokens(name)
    letters = "".join(token.syllable[:1] if "a" <= token.syllable[:1] <= "z" else BREAK for token in read_as)
    said = [at for at, token in enumerate(read_as) if token.character not in PLACES]
    short = "".join(letters[at] for at in said)
    found: dict[str, None] = {}
    after = 0  # the place in ``short`` of what follows the token
    for start, token in enumerate(read_as):
        after += after < len(said) and said[after] == start
        if letters[start] == BREAK:
            continue
        whole = letters[start : start + LONGEST_INITIALS]
        skipped = letters[start] + short[after : after + LONGEST_INITIALS - 1]
        found[token.mark + whole.partition(BREAK)[0]] = None
        found[token.mark + skipped.partition(BREAK)[0]] = None
    return " ".join(found)


@lru_cache(maxsize=4096)
def tokens(name: str) -> tuple[Token, ...]:
    """Return what a name is read as, one token for each character, Latin word or number."""
    found: list[Token] = []
    expected, before = 0, ""
    for at, character, syllable in read(folded(name)):
        mark = NAME_START if not found else PART_START if at != expected or before in PLACES else ""
        found.append(Token(mark, character, syllable, at))
        expected, before = at + len(character or syllable), character
    return tuple(found)


Words = tuple[tuple[Way, ...], ...]


def ways(query: str) -> Words:
    """Return for each word that was typed the phrases it may be, likeliest first; no words when there is nothing to find.

    Blanks part words; other punctuation only separates letters. A query that is too long has no words.
    """
    return _words(query) if len(query) <= 4 * MOST_CHARACTERS else ()


@lru_cache(maxsize=256)
def _words(query: str) -> Words:
    words = [RUNS.findall(plain(word)) for word in folded(query).split()]
    words = [word for word in words if word]
    if len(words) > MOST_WORDS or sum(len("".join(run)) for word in words for run in word) > MOST_CHARACTERS:
        return ()
    return tuple(tuple(_ways(word, number == len(words) - 1)) for number, word in enumerate(words))


def _ways(word: Sequence[tuple[str, str, str]], last: bool) -> list[Way]:
    """Return the phrases that a word of characters, letters and numbers may be; the end of the last word is open."""
    found: list[Way] = [()]
    at = 0
    while at < len(word):
        end = at + 1
        if word[at][0]:
            here: list[Way] = [(word[at][0],)]
        else:
            while end < len(word) and not word[end][0]:
                end += 1
            here = _spelt_ways([letters or figures for _, letters, figures in word[at:end]], end == len(word))
        found = [before + after for before in found for after in here][:MOST_WAYS]
        at = end
    return found


def _spelt_ways(pieces: list[str], open_end: bool) -> list[Way]:
    """Return the phrases for letters and numbers: as pinyin, and as the Latin words that they are."""
    literal = [piece[: LONGEST_UNIT - 1] + WHOLE_MARK for piece in pieces]
    if open_end:
        literal[-1] = pieces[-1][: LONGEST_UNIT - 1]
    few = sum(map(len, pieces)) <= MOST_LETTERS
    spoken = split(pieces, open_end) if few and not all(piece.isdigit() for piece in pieces) else []
    return list(dict.fromkeys([*(tuple(way) for way in spoken), tuple(literal)]))


def clause(query: str, names: Sequence[str]) -> str:
    """Return the Solr query (standard parser) that finds ``query`` typed into ``names``; empty when it can't be typed.

    ``names`` are the stems of the fields: ``title`` stands for ``title_py`` and ``title_initials``. Every word must be
    found, in whichever name. The beginning of a name counts 100 times as much as what stands inside, of a part of it 10
    times. Nothing of the query gets into it but letters, figures and Chinese characters, in quotes.
    """
    found = []
    for word in ways(query):
        phrases = [each for name in names for way in word for each in _phrases(name, way)]
        found.append("(" + " OR ".join(dict.fromkeys(phrases)) + ")")
    return " AND ".join(found)


def _phrases(name: str, way: Way) -> list[str]:
    """Return the phrase queries for one way to read a word, with their weights."""
    letters = "".join(unit[0] for unit in way)
    spoken = len(way[-1]) <= 2 and all(unit in INITIALS for unit in way)
    if spoken or (len(way) <= LONGEST_RUN and not any(map(str.isascii, way))):
        field, texts = f"{name}_initials", [mark + letters[:LONGEST_INITIALS] for mark in (NAME_START, PART_START, "")]
    else:
        field, texts = f"{name}_py", [marked(way, NAME_START), marked(way, PART_START), " ".join(way)]
    begun, part, inside = (f'{field}:"{text}"' for text in texts)
    found = [f"{begun}^=100", f"{part}^=10", inside]
    return [*found, f"{inside}~1^0.1"] if len(texts[-1].split()) in SKIPPING else found


def marked(way: Way, mark: str) -> str:
    """Return the phrase of a way whose first unit begins a name, or a part of one."""
    first, *rest = way
    return " ".join([mark + first if first.isascii() else first + mark, *rest])
