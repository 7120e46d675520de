"""A file that cannot be imported at all, as against a row that is refused."""

from __future__ import annotations

from ckanext.cqgov.domain.text import Text


class Unreadable(ValueError):
    """Nothing of the file was imported: what is wrong with it, and how to mend it."""

    def __init__(self, wrong: Text, fix: Text) -> None:
        super().__init__(f"{wrong}\n{fix}")
        self.wrong = wrong
        self.fix = fix
