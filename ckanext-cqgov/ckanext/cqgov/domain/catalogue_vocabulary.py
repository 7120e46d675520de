"""The permitted values of the catalogue's choices, and what each word that people write for them means."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ckanext.cqgov.domain.rules import Codebook, Entry, Guide, Rules, sections, words
from ckanext.cqgov.domain.text import Text, folded

ORIGINS: dict[str, Entry] = {
    "compiled": Entry(code="compiled", zh="本部门编制", en="compiled by the department", basis="operator"),
    "listing": Entry(code="listing", zh="来源登记", en="listed from another portal", basis="operator"),
}


class Vocabulary:
    """Every section of choices of one pair of rules and guide, with a dictionary from each word to its code.

    The rules come first; where both define a section (sharing and opening types) the guide only adds words.
    """

    def __init__(self, rules: Rules, guide: Guide) -> None:
        self.rules = rules
        self.guide = guide

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        return {}

    @cached_property
    def _permitted(self) -> dict[tuple[str, tuple[str, ...] | None], Text]:
        return {}

    def entries(self, section: str) -> Mapping[str, Entry]:
        """Return the ordered entries of ``section``; ``KeyError`` when neither file has it."""
        if section == "origins":
            return ORIGINS
        return next(iter(self._books(section))).section(section)

    def code(self, section: str, word: object) -> str | None:
        """Return the code that ``word`` (code, name or synonym in any width or case) stands for, else ``None``."""
        if section not in self._words:
            self._words[section] = self._dictionary(section)
        known, word = self._words[section], str(word)
        return known.get(word) or known.get(folded(word))

    def permitted(self, section: str, codes: tuple[str, ...] | None = None) -> Text:
        """Return the permitted values for a message: names in Chinese, codes with names in English."""
        if (section, codes) not in self._permitted:
            self._permitted[section, codes] = self._listed(section, codes)
        return self._permitted[section, codes]

    def _listed(self, section: str, codes: tuple[str, ...] | None) -> Text:
        shown = [entry for code, entry in self.entries(section).items() if codes is None or code in codes]
        return Text("、".join(entry.zh for entry in shown), ", ".join(f"{entry.code} ({entry.en})" for entry in shown))

    def name(self, section: str, code: str) -> Text:
        """Return the name of ``code`` in both languages; an unknown code is its own name."""
        entry = self.entries(section).get(code)
        return entry.text if entry else Text(code, code)

    def _books(self, section: str) -> list[Codebook]:
        found = [book for book in (self.rules, self.guide) if section in sections(type(book))]
        if not found:
            raise KeyError(section)
        return found

    def _dictionary(self, section: str) -> dict[str, str]:
        if section == "origins":
            return {word: code for code, entry in ORIGINS.items() for word in words(entry)}
        known = self.entries(section)
        return {
            word: code
            for book in reversed(self._books(section))
            for code, entry in book.section(section).items()
            if code in known
            for word in words(entry)
        }


_latest: list[Vocabulary] = []


def vocabulary(rules: Rules, guide: Guide) -> Vocabulary:
    """Return the vocabulary of this pair; kept while the same two (immutable) objects are asked for."""
    if not (_latest and _latest[0].rules is rules and _latest[0].guide is guide):
        _latest[:] = [Vocabulary(rules, guide)]
    return _latest[0]
