"""A sentence in both languages of the portal (the law speaks Chinese first), and words made comparable."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """One sentence as 简体中文 and English; both may hold the same ``{placeholders}``."""

    zh: str
    en: str

    def filled(self, **values: object) -> Text:
        """Return the sentence with its placeholders filled in; a ``Text`` value is filled in each language's own words."""
        return Text(
            self.zh.format(**{key: value.zh if isinstance(value, Text) else value for key, value in values.items()}),
            self.en.format(**{key: value.en if isinstance(value, Text) else value for key, value in values.items()}),
        )

    def __str__(self) -> str:
        return self.zh if self.zh == self.en else f"{self.zh} / {self.en}"


def narrow(value: str) -> str:
    """Return ``value`` with full-width forms made narrow and without blanks, as codes are compared."""
    return "".join(unicodedata.normalize("NFKC", value).split())


def folded(word: str) -> str:
    """Return ``word`` as names are compared: narrow, no blanks, lower case."""
    return narrow(word).casefold()
