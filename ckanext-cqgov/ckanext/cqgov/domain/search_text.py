"""How words are compared: full width and half width, traditional and simplified characters, capitals and small letters
are the same.

The index folds the same way (``config/solr/core``: ``nfkc_cf`` and ``simplified.txt``, which is ``mapping_rules()``), so a
word folded here is found there. Folding is for comparing only; nobody is ever shown folded text. It goes character by
character: what depends on the neighbours (乾隆 but 干燥) is folded alike on both sides, so nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import opencc

HAN = "〇㐀-䶿一-鿿豈-﫿𠀀-𲎯"
"""The characters of a Chinese run, for use inside a character class."""

HAN_BLOCKS = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x323AF))

IGNORED = re.compile("[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
"""What Unicode says is not to be seen: copied text is full of it, and it would part a word."""


@cache
def simplified() -> dict[int, str]:
    """Return the simplified character of every traditional one (for ``str.translate``), from OpenCC's tables."""
    characters = [chr(code) for first, last in HAN_BLOCKS for code in range(first, last + 1)]
    converted = opencc.OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {before: after for before, after in zip(characters, converted, strict=True) if before != after}
    # OpenCC has 薴 → 苧 and 苧 → 苎: folding what is folded must change nothing.
    return {ord(before): table.get(after, after) for before, after in table.items()}


def folded(text: str) -> str:
    """Return ``text`` in the form in which words are compared (NFKC, simplified, lower case); the length may change."""
    if text.isascii():
        return text.lower()
    plain = IGNORED.sub("", unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()))
    return plain.translate(simplified())


def aligned(text: str) -> tuple[str, list[int]]:
    """Return ``folded(text)`` and, for each of its characters, the index in ``text`` it comes from; then ``len(text)``.

    The part ``start:end`` of the folded text is ``text[offsets[start]:offsets[end]]``, to be shown or marked as written.
    A character that only composes with the one before it (e and an accent) belongs to that one.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and unicodedata.combining(text[end]):
            end += 1
        piece = _folded_character(text[start:end])
        pieces.append(piece)
        offsets.extend([start] * len(piece))
        start = end
    return "".join(pieces), [*offsets, len(text)]


@lru_cache(maxsize=16_384)
def _folded_character(text: str) -> str:
    return folded(text)


def mapping_rules() -> str:
    """Return the table as Solr's ``MappingCharFilterFactory`` reads it: the content of ``simplified.txt``."""
    lines = ["# Traditional to simplified, character by character: written by ckanext.cqgov.domain.search_text."]
    lines.extend(f'"{chr(before)}" => "{after}"' for before, after in sorted(simplified().items()))
    return "\n".join(lines) + "\n"
