"""How a query is understood: what is plain words, and into which pieces they are cut.

A run of Chinese characters is one position for Solr's parser, so a minimum match over it would mean nothing; it is cut into
the same overlapping pairs as the index holds, along the words that the portal knows (``search_terms``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ckanext.cqgov.domain import search_weights as weights
from ckanext.cqgov.domain.search_terms import Terms, Unit
from ckanext.cqgov.domain.search_text import HAN, folded

RUN = re.compile(f"([{HAN}]+)")
SYNTAX = re.compile(r'\b\d*[A-Za-z_]\w*:|["*?~^{}\[\]]|(?:^|\s)[+\-!]|&&|\|\||(?:^|\s)(?:AND|OR|NOT)(?:\s|$)', re.ASCII)
"""What makes a query an advanced client's. Brackets and slashes do not: people paste titles that have them."""

LETTER = "[A-Za-z0-9]"
AND = rf"(?<={LETTER}) ?& ?(?={LETTER})"
OR = rf"(?<!{LETTER}{{2}})(?<=[A-Za-z])/(?={LETTER})|(?<={LETTER})/(?=[A-Za-z](?!{LETTER}))"
WORD = re.compile(rf"\w+(?:(?:[.\-]|{AND}|{OR})\w+)*")
"""A word as people write it: R&D and A/B are one, 公交/地铁 are two."""

APART = re.compile(r" ?[\-&/] ?|(?<=[^\W\d_])\.(?=\d)|(?<=\d)\.(?=[^\W\d_])")
"""Where the index cuts such a word: covid|19, r|d and no|5, but not pm2.5. What it does not keep (C++, 5G+) is not asked for."""

QUOTED = re.compile(r'(?:^|\s)([+\-]?)"([^"]*)"|(?:^|\s)-(?=\w)(\S+)')
LONGEST = 2000
"""Characters of a query that are read; the longest title has a quarter of it."""

ASKING = re.compile(
    "请问|我想知道|我想查询|我想查|我想|我要|想知道|在哪里办理|在哪里|在哪儿|哪里可以|哪里能|哪里有|哪里|哪儿|怎么样|怎么办|怎么|怎样|如何|什么样的"
    "|什么是|是什么|有什么|什么|有哪些|哪些|哪个|哪家|多少钱|有多少|多少|可以|能不能|一下"
)
"""What people say around a question; it is read only when nothing else is said."""


EMPTY = frozenset(
    "的了着过吗呢吧啊呀嘛在是有没不我你他她它们咱俺想要去来到给把被让叫会能可就都也还又很太和与跟及这那哪谁怎么啥几个只些里"
)
"""Characters that say nothing about an entry when they are read one by one."""


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

    def names(self) -> tuple[tuple[str, ...], ...]:
        """Return its other names, without what is only related."""
        return self.ways[1 : len(self.ways) - self.related]

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


def spelled(query: str) -> bool:
    """Whether ``query`` is nothing but single letters and what is joined by signs (C++, R&D, A/B).

    CKAN's own fields hold such letters as parts of ids; ours only where somebody wrote them.
    """
    words = WORD.findall(folded(query))
    return bool(words) and all((len(word) == 1 and word.isalpha()) or re.search("[&/]", word) for word in words)


def letters(query: str) -> bool:
    """Whether ``query`` has Latin letters in it, which may be pinyin; nobody types that with such signs as in R&D or C++."""
    return bool(re.search("[A-Za-zａ-ｚＡ-Ｚ]", query)) and not re.search("[&＆/+＋#＃@＠]", query)


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
    said = re.sub(AND, "&", spoken if WORD.search(spoken) else rest)
    pieces: dict[Piece, None] = {}
    marked: dict[str, None] = dict.fromkeys(phrases)
    words = WORD.findall(said)
    for word, written_apart in zip(words, _written_apart(words, terms), strict=True):
        for unit in terms.units(word):
            cut = [_terms_of(unit.text)] if unit.known else list(_cut(unit.text))
            found = [_piece(each, unit, written_apart) for each in cut if each]
            marked.update(dict.fromkeys([unit.text] if unit.known else _parts(unit.text)))
            marked.update(dict.fromkeys((*unit.others, *unit.related)))
            pieces.update(dict.fromkeys(found))
        if written_apart:
            marked.update(dict.fromkeys((*written_apart.others, *written_apart.related)))
    kept = tuple(pieces)[: weights.MOST_PIECES]
    whole = " ".join(APART.sub("-", word) if re.search("[&/]", word) else word for word in WORD.findall(rest))
    return Reading(kept, tuple(phrases), tuple(without), whole, tuple(marked))


def _piece(first: tuple[str, ...], unit: Unit, apart: Unit | None) -> Piece:
    """Return what finds ``first``: the other names of the unit that it is of, and of the known word that is ``written apart``."""
    names = dict.fromkeys(way for way in map(_terms_of, (*unit.others, *(apart.others if apart else ()))) if way)
    names.pop(first, None)
    matters = dict.fromkeys(way for way in map(_terms_of, (*unit.related, *(apart.related if apart else ()))) if way)
    related = [way for way in matters if way != first and way not in names]
    return Piece((first, *names, *related), len(related))


def _written_apart(words: list[str], terms: Terms) -> list[Unit | None]:
    """Return for each word the known word that it and its neighbours make without the blanks: 拖欠 工资 is 拖欠工资.

    Each of them is then found by the other names of that word too, so an entry with one of those has them all. A single
    character beside words stays what it is: it is not needed anyway.
    """
    found: list[Unit | None] = [None] * len(words)
    for size in (2, 3):
        for start in range(len(words) - size + 1):
            each = words[start : start + size]
            if all(map(RUN.fullmatch, each)) and (text := "".join(each)) in terms:
                unit = Unit(text, True, terms.others(text), terms.related(text))
                found[start : start + size] = [unit if len(word) > 1 else None for word in each]
    return found


def characters(query: str, terms: Terms) -> list[str]:
    """Return what is left of longer words to look for when nobody wrote any two characters of them side by side: single ones.

    A known word is not taken apart, and one of two characters (发票) would be found in entries about anything. Nor is a query
    with words in quotes or left out: it is meant as it stands.
    """
    if quoted(query):
        return []
    runs = [run for run in RUN.findall(ASKING.sub(" ", folded(query[:LONGEST]))) if len(run) > 2]
    unknown = [unit.text for run in runs for unit in terms.units(run) if not unit.known]
    return list(dict.fromkeys(each for text in unknown for each in text if each not in EMPTY))[: weights.MOST_PIECES]


def _cut(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the index terms of each piece of an unknown stretch: a pair of Chinese characters is one, R&D has two."""
    for part in _parts(text):
        yield tuple(APART.split(part))


def _parts(text: str) -> Iterator[str]:
    """Yield the pieces of an unknown stretch: pairs of Chinese characters, Latin words and numbers whole."""
    for part in RUN.split(text):
        yield from _pairs(part) if RUN.fullmatch(part) else WORD.findall(part)


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[place : place + 2] for place in range(len(run) - 1)]


def _terms_of(text: str) -> tuple[str, ...]:
    """Return the index terms of a word or phrase in their order."""
    return tuple(term for piece in _cut(text) for term in piece)


def exact_title(title: str) -> str:
    """Return a title as it is compared as a whole: folded, letters and figures alone, 200 characters."""
    return re.sub(r"[\W_]+", "", folded(title))[:200]
