"""Admits one catalogue entry: all that is decided before a row is written, for one record and for many.

The chained CKAN actions and the set-based importer both call ``admit`` and both store what ``row`` and ``storage``
return, so the two paths can't drift apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ckanext.cqgov.domain import catalogue
from ckanext.cqgov.domain.catalogue_fields import PROTECTED
from ckanext.cqgov.domain.catalogue_problem import Missing, Problem, problem
from ckanext.cqgov.domain.catalogue_rules import Surroundings
from ckanext.cqgov.domain.classification import opening
from ckanext.cqgov.domain.publication import Before, Decision, decide
from ckanext.cqgov.domain.rules import Guide, Rules

COMPILED, LISTING = "compiled", "listing"


@dataclass(frozen=True, kw_only=True)
class Core:
    """What CKAN itself says of the entry after the write; ``asked`` is the ``private`` that was sent, or ``None``."""

    title: str | None
    notes: str | None
    owner_org: str | None
    tags: tuple[str, ...] = ()
    license_id: str | None = None
    url: str | None = None
    state: str = "active"
    asked: bool | None = None
    resources: bool = False


@dataclass(frozen=True)
class Admission:
    """What came of an entry: typed values, what refuses it, what it still lacks, and whether it is public.

    ``refusals`` empty means: store it. ``problems`` also holds what a draft may still lack.
    """

    core: Core
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]
    refusals: tuple[Problem, ...]
    missing: tuple[Missing, ...]
    decision: Decision
    moved: bool = False

    @property
    def leaves(self) -> bool:
        """Whether a release to staff ends: another organisation's head let it in, or it is not active, or not closed."""
        return self.moved or self.core.state != "active" or self.values.get("opening_type") != "closed"

    @property
    def complete(self) -> bool:
        """Whether nothing is missing and no rule is broken."""
        return not self.problems and not self.missing

    @property
    def record(self) -> dict[str, Any]:
        """The values together with CKAN's own texts, as completeness and the hash see them."""
        return recorded(self.core, self.values)


def admit(
    raw: Mapping[str, Any],
    core: Core,
    *,
    rules: Rules,
    guide: Guide,
    around: Surroundings,
    stored: Mapping[str, Any] | None = None,
    before: Before | None = None,
    trusted: bool = False,
    may_publish: Callable[[], bool] = lambda: False,
) -> Admission:
    """Judge one entry before it is written.

    ``raw`` are our keys as they were sent, ``stored`` our values as they are kept now (``None`` for a new entry),
    ``before`` how it stood. ``trusted`` lets the protected keys be set; ``may_publish`` is asked only when the answer
    matters.
    """
    values, problems = catalogue.normalise(raw, rules, guide)
    values, forged = shielded(values, raw, stored or {}, trusted)
    values = with_provider_code(values, core, stored, before, around)
    problems += forged
    if values["origin"] == LISTING and core.resources:
        problems.append(problem("resources", "listing-resources"))
    problems += catalogue.check(values, rules, guide, around)
    missing = tuple(catalogue.missing(recorded(core, values), rules, guide, problems))
    decision = decide(
        values,
        missing=missing,
        state=core.state,
        owner_org=core.owner_org,
        asked=core.asked,
        may_publish=may_publish,
        before=before,
        rules=rules,
    )
    refusals = [each for each in problems if not (each.lacking and core.state == "draft")]
    if decision.problem and not refusals:
        refusals = [decision.problem]
    moved = bool(before and before.owner_org != core.owner_org)
    return Admission(core, values, tuple(problems), tuple(refusals), missing, decision, moved)


def shielded(
    values: Mapping[str, Any], raw: Mapping[str, Any], stored: Mapping[str, Any], trusted: bool
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the values with the protected keys as they may be, and a problem for each that somebody tried to change.

    A protected key that is not sent keeps its stored value, so that nobody loses a provenance by leaving it out.
    """
    kept, problems = dict(values), []
    for key in PROTECTED:
        old = stored.get(key) or (COMPILED if key == "origin" else None)
        sent = key in raw and raw[key] not in (None, "")
        if sent and not trusted and values.get(key) != old:
            problems.append(problem(key, "protected"))
        if not (sent and trusted):
            kept[key] = old
        if kept.get(key) is None:
            kept.pop(key, None)
    return kept, problems


def with_provider_code(
    values: Mapping[str, Any],
    core: Core,
    stored: Mapping[str, Any] | None,
    before: Before | None,
    around: Surroundings,
) -> dict[str, Any]:
    """Return the values with the provider's code of its organisation when none is given, or when the entry moves."""
    filled = dict(values)
    moved = bool(before and before.owner_org != core.owner_org)
    unchanged = filled.get("provider_code") == (stored or {}).get("provider_code")
    if around.provider_code and (not filled.get("provider_code") or (moved and unchanged)):
        filled["provider_code"] = around.provider_code
    return filled


def recorded(core: Core, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return our values together with CKAN's own texts."""
    return {
        **values,
        "title": core.title,
        "notes": core.notes,
        "owner_org": core.owner_org,
        "license_id": core.license_id,
        "url": core.url,
        "tags": list(core.tags),
    }


def row(package_id: str, admission: Admission, now: datetime, published_at: datetime | None = None) -> dict[str, Any]:
    """Return the columns of ``cqgov_dataset`` for an admitted entry.

    ``now`` is an instant with zone; ``published_at`` is the stored one, kept unless this write publishes. A deleted
    entry gives its code and source key free.
    """
    values, deleted = admission.values, admission.core.state == "deleted"
    public = admission.core.state == "active" and not admission.decision.private
    return {
        "package_id": package_id,
        "catalog_code": None if deleted else values.get("catalog_code"),
        "source_portal": values.get("source_portal"),
        "source_key": None if deleted else values.get("source_key"),
        "origin": values["origin"],
        "complete": admission.complete,
        "opening_type": opening(values),
        "sharing_type": values.get("sharing_type"),
        "content_hash": catalogue.content_hash(admission.record),
        "published_at": now if admission.decision.move == "publish" else published_at if public else None,
        "written_at": now,
    }
