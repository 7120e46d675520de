"""The controlled lists of rules and guide, as reading and writing files need them."""

from __future__ import annotations

from ckanext.cqgov import rules
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary, vocabulary
from ckanext.cqgov.domain.rules import sections


class RulesTerms:
    """Words of files to codes and codes to Chinese names; ``words`` defaults to the rules in force."""

    def __init__(self, words: Vocabulary | None = None) -> None:
        self.words = words or vocabulary(rules.current(), rules.guide())

    def code(self, vocabulary: str, text: str) -> str | None:
        """Return the code that ``text`` stands for, or ``None``; ``KeyError`` for an unknown vocabulary."""
        return self.words.code(vocabulary, text)

    def label(self, vocabulary: str, code: str) -> str:
        """Return the Chinese name of ``code``; the code itself when the lists no longer know it."""
        return self.words.name(vocabulary, code).zh

    def choices(self, vocabulary: str) -> dict[str, str]:
        """Return a list as code -> Chinese name in its order, for the help sheet and drop-downs."""
        return {code: entry.zh for code, entry in self.words.entries(vocabulary).items()}

    def vocabularies(self) -> set[str]:
        """Return the names of all lists that a mapping may refer to."""
        return {name for book in (self.words.rules, self.words.guide) for name in sections(type(book))} - {"laws"}
