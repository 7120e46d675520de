"""The catalogue entry: its fields, how raw input becomes values, the rules it must keep, what it still lacks.

The whole of it is pure; rules and guide come in as parameters. The order of use is ``normalise`` → ``check`` →
``missing`` → ``publication.decide`` → ``storage``; ``restore`` reads back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ckanext.cqgov.domain import completeness
from ckanext.cqgov.domain.catalogue_fields import ALL, COMPUTED, CORE, FIELDS, ITEM_FIELDS, PROTECTED, SECTIONS, Field
from ckanext.cqgov.domain.catalogue_problem import Missing, Problem, problem
from ckanext.cqgov.domain.catalogue_rules import Surroundings, violations
from ckanext.cqgov.domain.catalogue_storage import content_hash, restore, storage
from ckanext.cqgov.domain.catalogue_values import normalised
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary, vocabulary
from ckanext.cqgov.domain.rules import Guide, Rules

__all__ = [
    "ALL",
    "COMPUTED",
    "CORE",
    "FIELDS",
    "ITEM_FIELDS",
    "PROTECTED",
    "SECTIONS",
    "Field",
    "Missing",
    "Problem",
    "Surroundings",
    "Vocabulary",
    "check",
    "content_hash",
    "evidently_incomplete",
    "is_complete",
    "missing",
    "normalise",
    "problem",
    "restore",
    "storage",
    "vocabulary",
]

NOWHERE = Surroundings()


def normalise(raw: Mapping[str, Any], rules: Rules, guide: Guide) -> tuple[dict[str, Any], list[Problem]]:
    """Return our typed values of ``raw`` and what could not be understood in it."""
    return normalised(raw, vocabulary(rules, guide))


def check(values: Mapping[str, Any], rules: Rules, guide: Guide, around: Surroundings = NOWHERE) -> list[Problem]:
    """Return the rules that typed ``values`` break, each with its article where it is the decree's.

    ``around`` tells what the entry alone can't: whether a division exists, the provider's registered credit code.
    """
    return violations(values, vocabulary(rules, guide), around)


def missing(
    record: Mapping[str, Any], rules: Rules, guide: Guide, problems: Iterable[Problem] | None = None
) -> list[Missing]:
    """Return what a complete entry still needs, each with the id of its form field.

    ``record`` holds our values and CKAN's ``title``, ``notes`` and ``owner_org``. ``problems`` saves checking again
    when the caller has already called ``check``.
    """
    if problems is None:
        problems = check(record, rules, guide)
    return completeness.lacking(record, problems, rules)


def evidently_incomplete(record: Mapping[str, Any]) -> bool:
    """Say whether a record, its values as they are stored or typed, lacks something without a closer look.

    ``False`` says nothing; ``True`` is what ``is_complete`` would find too.
    """
    return completeness.evidently_lacking(record)


def is_complete(record: Mapping[str, Any], rules: Rules, guide: Guide) -> bool:
    """Whether nothing is missing and no rule is broken."""
    problems = check(record, rules, guide)
    return not problems and not missing(record, rules, guide, problems)
