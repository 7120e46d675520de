"""Slips of the keyboard: what somebody who found nothing probably meant, judged by titles that are nearly right.

A Chinese input method offers the wrong character of the right sound (公缴车站 for 公交车站), so characters that sound alike are
the likeliest slip; then two swapped, one missing or too many, one that is wrong. Only what stands in a title is proposed,
so that a proposal always finds something.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ckanext.cqgov.domain.pinyin import HAN, SYLLABLES, WHOLE_MARK, syllables
from ckanext.cqgov.domain.search_text import folded
from ckanext.cqgov.domain.typed import Token, clause, tokens

MOST = 3
LONGEST_QUERY, LONGEST_PIECE, MOST_RUNS = 40, 6, 8
MOST_TITLES = 60
"""Titles that are compared; a search gives the nearest ones first."""

SAME_SOUND, LIKE_SOUND, SWAPPED, OTHER_NUMBER, OTHER_CHARACTER = 5, 7, 8, 10, 12
"""Costs of slips. Of characters, at most half may only sound alike; of the other slips there may be one."""

CLOSE = 2
"""How much more than the likeliest proposal another one may cost."""

UNKNOWN_PAIR = 3
"""What a proposal costs for two neighbours that stand side by side in no title."""

RUN = re.compile(f"([{HAN}]+)|[a-z]+")

ACCENT = str.maketrans({"l": "n"})
SHORTEST_WORD, TWO_SLIPS = 4, 9
"""Letters of a Latin word or of typed pinyin from which on one slip is looked for, and two."""


class Piece(NamedTuple):
    """A run of characters or a word, in a query or in a title, with the syllable of each character."""

    text: str
    heard: tuple[str, ...]


def corrections(query: str, titles: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """Return what ``query`` may have been meant to be, likeliest first, at most ``most``; none for one that is fine.

    ``titles`` are those that a lenient search found; a query whose words all stand in them is fine.
    """
    asked = " ".join(folded(query).split())
    if not asked or len(asked) > LONGEST_QUERY:
        return ()
    known = Known([tokens(title) for title in list(dict.fromkeys(titles))[:MOST_TITLES]])
    costs: dict[str, int] = {}
    seen: Counter[str] = Counter()
    for before, word, after in _suspects(asked, known):
        for cost, text, times in _near(word, known):
            proposal = before + text + after
            total = cost + UNKNOWN_PAIR * known.unknown_pairs(proposal)
            costs[proposal] = min(total, costs.get(proposal, total))
            seen[proposal] += times
    ranked = sorted(costs, key=lambda proposal: (costs[proposal], -seen[proposal], proposal))
    best = [proposal for proposal in ranked if costs[proposal] <= costs[ranked[0]] + CLOSE]
    return tuple(proposal for proposal in best if proposal != asked)[:most]


did_you_mean = corrections


def parts(query: str) -> list[str]:
    """Return what of a query must be known somewhere if it is fine: its pairs of neighbouring characters, its longer words."""
    found: dict[str, None] = {}
    for run in RUN.finditer(folded(query)[: 4 * LONGEST_QUERY]):
        pieces = [run[0][at : at + 2] for at in range(len(run[0]) - 1)] if run[1] else [run[0]]
        found.update((piece, None) for piece in pieces if run[1] or len(piece) >= SHORTEST_WORD)
    return list(found)


def around(query: str, names: Sequence[str]) -> str:
    """Return a Solr query for titles among which ``corrections`` may find what was meant; empty when there is none.

    Characters are searched by their sound, letters by their beginning and their end: one slip leaves one of them right.
    """
    found = []
    for run in RUN.finditer(folded(query)[: 4 * LONGEST_QUERY]):
        if run[1]:
            heard = " ".join(each + WHOLE_MARK for each in syllables(run[0]))
            found += [f'{name}_py:"{heard}"' for name in names if heard]
        elif len(run[0]) >= 2 * SHORTEST_WORD - 2:
            length = len(run[0]) // (3 if len(run[0]) >= TWO_SLIPS else 2)
            ends = (clause(run[0][:length], names), clause(run[0][-length:], names))
            found += [f"({end})" for end in ends if end]
    return " OR ".join(found[:MOST_RUNS])


class Known:
    """What stands in titles: which pairs of characters, which words, and which runs of a length."""

    def __init__(self, titles: Sequence[Sequence[Token]]) -> None:
        self.titles = titles
        self.text = "\n".join("".join(_apart(one, number) for number in range(len(one))) for one in titles)
        self.words = Counter(token.syllable for one in titles for token in one if not token.character)
        self._pieces: dict[int, Counter[Piece]] = {}

    def pieces(self, length: int) -> Counter[Piece]:
        """Return all runs of ``length`` characters, with the number of places where they stand."""
        if length not in self._pieces:
            self._pieces[length] = Counter(
                Piece("".join(token.character for token in part), tuple(token.syllable for token in part))
                for one in self.titles
                for part in (one[start : start + length] for start in range(len(one) - length + 1))
                if all(token.character for token in part) and part[-1].at - part[0].at == length - 1
            )
        return self._pieces[length]

    def unknown_pairs(self, query: str) -> int:
        """Return how many neighbours in the Chinese runs of a query stand side by side in no title."""
        runs = [run[1] for run in RUN.finditer(query) if run[1]]
        return sum(run[at : at + 2] not in self.text for run in runs for at in range(len(run) - 1))


def _apart(read: Sequence[Token], number: int) -> str:
    """Return a token as text, with a blank before it where something stands in between or it is a word."""
    token = read[number]
    beside = number and token.character and read[number - 1].character and token.at == read[number - 1].at + 1
    return ("" if beside else " ") + (token.character or token.syllable)


def _suspects(asked: str, known: Known) -> Iterator[tuple[str, str, str]]:
    """Yield the parts of a query that no title has, with what stands before and after them."""
    for run in RUN.finditer(asked):
        if run[0] in known.text:
            continue
        if not run[1]:
            yield asked[: run.start()], run[0], asked[run.end() :]
            continue
        for start, end in _places(run[0], known.text):
            yield asked[: run.start() + start], run[0][start:end], asked[run.start() + end :]


def _places(run: str, text: str) -> list[tuple[int, int]]:
    """Return the parts of a run in which its first slip may be: the whole, and what is around the first unknown pair."""
    wrong = next((at for at in range(len(run) - 1) if run[at : at + 2] not in text), None)
    if wrong is None:
        return []
    places = {(0, len(run))} if len(run) <= 2 * LONGEST_PIECE else set()
    for start in range(max(0, wrong - 3), wrong + 2):
        for end in range(max(start + 2, wrong + 1), min(len(run), start + LONGEST_PIECE) + 1):
            if all(not part or part in text for part in (run[:start], run[end:])):
                places.add((start, end))
    return sorted(places, key=lambda place: place[0] - place[1])


def _near(word: str, known: Known) -> Iterator[tuple[int, str, int]]:
    """Yield what titles have instead of ``word``, with what the slip costs and how often it stands there."""
    if word.isascii():
        yield from _near_letters(word, known)
        return
    asked = Piece(word, syllables(word))
    if len(asked.heard) != len(word):
        return
    for length in (len(word), len(word) + 1, len(word) - 1):
        for piece, times in known.pieces(length).items() if length else ():
            if cost := _cost(asked, piece):
                yield cost, piece.text, times


def _cost(asked: Piece, title: Piece) -> int:
    """Return what it costs to have written ``asked`` for ``title``; 0 when it is no slip but another word."""
    many = len(asked.text)
    if many == len(title.text):
        wrong = [at for at in range(many) if asked.text[at] != title.text[at]]
        sounds = [_sound(asked.heard[at], title.heard[at]) for at in wrong]
        if wrong and all(sounds) and (len(wrong) * 2 <= many or all(each == SAME_SOUND for each in sounds)):
            return sum(sounds)
        if len(wrong) == 2 and many > 2 and wrong[1] == wrong[0] + 1:
            first, second = wrong
            if (asked.text[first], asked.text[second]) == (title.text[second], title.text[first]):
                return SWAPPED
        return OTHER_CHARACTER if len(wrong) == 1 and many > 3 else 0
    longer, shorter = (title.text, asked.text) if many < len(title.text) else (asked.text, title.text)
    if len(shorter) < 3 or longer[0] != shorter[0] or longer[-1] != shorter[-1]:
        return 0
    return OTHER_NUMBER if any(longer[:at] + longer[at + 1 :] == shorter for at in range(1, len(longer) - 1)) else 0


def _sound(one: str, other: str) -> int:
    """Return what it costs to take one syllable for another: nothing but 0 for those that do not sound alike."""
    if not one or not other:
        return 0
    return SAME_SOUND if one == other else LIKE_SOUND if _accent(one) == _accent(other) else 0


def _accent(syllable: str) -> str:
    """Return a syllable as it is heard here, where zh and z, n and l, ing and in are told apart by few."""
    plain = syllable[0] + syllable[2:] if syllable[:2] in ("zh", "ch", "sh") else syllable
    plain = plain[:-1] if plain.endswith(("ing", "eng")) else plain
    return plain[:1].translate(ACCENT) + plain[1:]


def _near_letters(word: str, known: Known) -> Iterator[tuple[int, str, int]]:
    """Yield Latin words, and characters for their pinyin, that ``word`` may have been meant to be."""
    if len(word) < SHORTEST_WORD:
        return
    allowed = 2 if len(word) >= TWO_SLIPS else 1
    for other, times in known.words.items():
        slips = allowed + 1 if other.isdigit() else _distance(word, other, allowed)
        if slips <= allowed:
            yield OTHER_NUMBER * slips, other, times
    for length in range(2, LONGEST_PIECE + 1) if len(word) > SHORTEST_WORD else ():
        for piece, times in known.pieces(length).items():
            heard = "".join(piece.heard)
            slips = _distance(word, heard, 1)
            if slips <= 1 and all(each in SYLLABLES for each in piece.heard):
                yield OTHER_NUMBER * slips + SAME_SOUND, piece.text, times


def _distance(one: str, other: str, limit: int) -> int:
    """Return how many letters are wrong, missing, too many or swapped with their neighbour; above ``limit`` any number."""
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    before, row = [], list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        before, last, row = row, before, [at]
        for place, across in enumerate(other, 1):
            cost = min(before[place] + 1, row[-1] + 1, before[place - 1] + (letter != across))
            if at > 1 and place > 1 and letter == other[place - 2] and one[at - 2] == across:
                cost = min(cost, last[place - 2] + 1)
            row.append(cost)
        if min(row) > limit:
            return limit + 1
    return row[-1]
