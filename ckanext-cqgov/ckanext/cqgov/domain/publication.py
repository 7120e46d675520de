"""Whether a catalogue entry may be public: one decision for the form, the API and the importer.

Default deny: an entry becomes public only on request, only when its opening type is listed (Art. 22), only when
complete (or when it is a listing of another portal, which carries no data), and only by the head of the providing
department.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.cqgov.domain import completeness
from ckanext.cqgov.domain.access import CONDITIONAL
from ckanext.cqgov.domain.catalogue_problem import Missing, Problem, problem
from ckanext.cqgov.domain.classification import listed, opening, shared_wider, widened
from ckanext.cqgov.domain.rules import Rules

ARTICLE = "22"


@dataclass(frozen=True)
class Before:
    """How the entry stood before this write."""

    state: str
    private: bool
    opening_type: str
    owner_org: str | None
    sharing_type: str = ""

    @property
    def public(self) -> bool:
        """Whether everybody could see it."""
        return self.state == "active" and not self.private


@dataclass(frozen=True)
class Decision:
    """What is stored and what it means.

    ``move`` is ``publish``, ``widen``, ``withdraw`` or ``None``; a ``problem`` refuses the whole write.
    """

    private: bool
    move: str | None = None
    problem: Problem | None = None


def decide(
    values: Mapping[str, Any],
    *,
    missing: Sequence[Missing],
    state: str,
    owner_org: str | None,
    asked: bool | None,
    may_publish: Callable[[], bool],
    before: Before | None,
    rules: Rules,
) -> Decision:
    """Decide over the entry's privacy.

    ``asked`` is the ``private`` that the client sent (``None``: nothing sent). ``private=False`` on an entry that was
    private asks for publication, and is refused with the reason when it may not be; on an entry that is public already
    it only echoes what the client read. A public entry that is classified as closed is withdrawn at once; one that
    loses a needed field is refused instead, because nobody withdraws an entry by a slip.
    """
    was_public = bool(before and before.public)
    if state != "active" or asked is True or (asked is None and (before is None or before.private)):
        return Decision(True, "withdraw" if was_public else None)
    explicit = asked is False and (before is None or before.private)
    if not listed(values, rules):
        refusal = problem("private", "not-listed-type", article=ARTICLE, cite=rules.cite(ARTICLE))
        return Decision(True, "withdraw" if was_public else None, refusal if explicit else None)
    if missing and values.get("origin") != "listing":
        what = completeness.named(missing)
        if was_public:
            return Decision(False, None, problem("private", "public-incomplete", what=what))
        return Decision(True, None, problem("private", "not-complete", what=what) if explicit else None)
    if before and was_public:
        widens = widened(before.opening_type, opening(values))
        # staff get the data of what is shared unconditionally, so this opens too (Art. 16)
        shares = opening(values) == CONDITIONAL and shared_wider(before.sharing_type, values.get("sharing_type"))
        moved = before.owner_org != owner_org
        if (widens or shares or moved) and not may_publish():
            field = "opening_type" if widens else "sharing_type" if shares else "owner_org"
            return Decision(False, None, problem(field, "head-only"))
        return Decision(False, "widen" if widens or shares else None)
    if may_publish():
        return Decision(False, "publish")
    return Decision(True, None, problem("private", "head-only") if explicit else None)
