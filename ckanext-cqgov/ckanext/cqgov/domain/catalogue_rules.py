"""The rules that a catalogue entry must keep: the decree's with their articles, the guide's and the formats'.

Each rule is one function from the typed values to problems; ``RULES`` lists them. They judge what is there; what is
not there yet is ``completeness``'s business, except where the decree ties a restriction to a basis: then the absence
is a (``lacking``) problem.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ckanext.cqgov.domain.catalogue_problem import Problem, problem
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.classification import base_items, sensitive_items
from ckanext.cqgov.domain.identifiers import uscc_fault
from ckanext.cqgov.domain.text import Text

CODE = re.compile(r"[123]\d{2}\d{3}\d*/\d+", re.ASCII)
REGION = re.compile(r"\d{6}(?:\d{3}){0,2}", re.ASCII)
EMAIL = re.compile(r"[^\s@<>()\[\],;:\"\\]+@[^\s@.<>()]+(?:\.[^\s@.<>()]+)+")
PHONE = re.compile(r"[+]?[\d()（）\-—－ 转,，、;；/xX#*]{5,50}", re.ASCII)
WEB = re.compile(r"https?://[^\s/]+(?:[/?#]\S*)?", re.IGNORECASE)
OTHER_FORMATS = frozenset({"other", "其他", "其它"})

credit_code_fault = lru_cache(maxsize=4096)(uscc_fault)
"""The same few providers come again with every entry of a bulk import."""


@dataclass(frozen=True)
class Surroundings:
    """What the rules need to know besides the entry itself; ``None`` means unknown, and the rule then keeps quiet.

    ``division_exists`` answers whether a division code is in the table (``None`` for a code that the table does not cover),
    ``provider_code`` is the registered unified social credit code of the owner organisation.
    """

    division_exists: Callable[[str], bool | None] | None = None
    provider_code: str | None = None


Values = Mapping[str, Any]
Found = Iterator[Problem]


def code(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Codes have the guide's form, and the first digit says the class that the class path names."""
    for key, codes in (
        ("catalog_code", [values.get("catalog_code")]),
        ("related_codes", values.get("related_codes", [])),
    ):
        for value in filter(None, codes):
            if not CODE.fullmatch(value):
                yield problem(key, "code-format", value=value[:64])
    own, path = values.get("catalog_code", ""), values.get("class_path") or [""]
    named = words.code("resource_classes", path[0])
    if CODE.fullmatch(own) and named and named != own[0]:
        yield problem("catalog_code", "code-class", digit=own[0], value=path[0])


def provider(values: Values, _: Vocabulary, around: Surroundings) -> Found:
    """The provider's code is a real unified social credit code and the one registered for the organisation."""
    value = values.get("provider_code")
    if not value:
        return
    if fault := credit_code_fault(value):
        yield Problem("provider_code", "credit-code", fault)
    elif around.provider_code and around.provider_code != value:
        yield problem("provider_code", "credit-code-differs", expected=around.provider_code)


def regions(values: Values, _: Vocabulary, around: Surroundings) -> Found:
    """Regions are division codes that exist or existed."""
    for value in values.get("region", []):
        exists = around.division_exists(value) if around.division_exists else None
        if exists is None and not REGION.fullmatch(value):
            yield problem("region", "region", value=value)
        elif exists is False:
            yield problem("region", "region-unknown", value=value)


def contact(values: Values, _: Vocabulary, __: Surroundings) -> Found:
    """E-mail, telephone and web addresses have the form of one."""
    for key, form, wrong in (
        ("contact_email", EMAIL, "email"),
        ("contact_phone", PHONE, "phone"),
        ("source_url", WEB, "web-address"),
    ):
        value = values.get(key)
        if value and not form.fullmatch(value):
            yield problem(key, wrong, value=value[:60])


def dates(values: Values, _: Vocabulary, __: Surroundings) -> Found:
    """Nothing is updated before it was published."""
    published, updated = values.get("published_on"), values.get("updated_on")
    if published and updated and updated < published:
        yield problem("updated_on", "updated-before-published", updated=updated, published=published)


def formats(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """The format type belongs to its class, and the sharing mode suits it (the guide's usual faults)."""
    kind = words.entries("format_classes").get(values.get("format_class", ""))
    type_, mode = values.get("format_type", ""), values.get("sharing_mode_type")
    if type_.casefold() in OTHER_FORMATS:
        if not values.get("format_other"):
            yield problem("format_other", "format-undescribed", lacking=True)
    elif kind and type_ and kind.types and type_.casefold().lstrip(".") not in {each.casefold() for each in kind.types}:
        types = "、".join(kind.types)
        yield problem(
            "format_type",
            "format-type",
            value=type_,
            format=kind.text,
            permitted=Text(types, types.replace("、", ", ")),
        )
    if kind and mode and kind.sharing_modes and mode not in kind.sharing_modes:
        yield problem(
            "sharing_mode_type",
            "sharing-mode",
            format=kind.text,
            value=words.name("sharing_mode_types", mode),
            permitted=words.permitted("sharing_mode_types", kind.sharing_modes),
        )


def sharing_basis(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Art. 17(1): restricted sharing needs a law, an administrative regulation or a central policy."""
    type_ = values.get("sharing_type", "")
    kind = words.rules.sharing_types.get(type_)
    if not (kind and kind.restricted):
        return
    article, cite = "17(1)", words.rules.cite("17(1)")
    permitted = words.permitted("basis_kinds", _restricting(words, "sharing"))
    basis = values.get("sharing_basis_kind")
    if not basis:
        yield problem(
            "sharing_basis_kind", "sharing-basis-lacking", article=article, lacking=True,
            type=kind.text, permitted=permitted, cite=cite,
        )  # fmt: skip
    elif basis not in _restricting(words, "sharing"):
        yield problem(
            "sharing_basis_kind", "sharing-basis-kind", article=article,
            value=words.name("basis_kinds", basis), type=kind.text, permitted=permitted, cite=cite,
        )  # fmt: skip
    if not values.get("sharing_basis"):
        yield problem("sharing_basis", "sharing-basis-text", article=article, lacking=True, type=kind.text, cite=cite)
    if type_ == "conditional" and not values.get("sharing_condition"):
        yield problem("sharing_condition", "sharing-condition", article="16", lacking=True, cite=words.rules.cite("16"))


def base_information(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Art. 17(2): base items are shared unconditionally and online, so an entry that has one can't be restricted."""
    names = base_items(values)
    if not names:
        return
    article, cite = "17(2)", words.rules.cite("17(2)")
    kind = words.rules.sharing_types.get(values.get("sharing_type", ""))
    if kind and kind.restricted:
        yield problem(
            "sharing_type", "base-item-restricted", article=article, value=_some(names), type=kind.text, cite=cite
        )
    if values.get("sharing_mode_class") not in (None, "platform"):
        mode = words.name("sharing_mode_classes", values["sharing_mode_class"])
        yield problem("sharing_mode_class", "base-item-mode", article=article, value=mode, cite=cite)
    if not values.get("base_kind"):
        yield problem("base_kind", "base-kind-lacking", article=article, lacking=True, cite=cite)


def thematic_information(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Art. 17(3): cross-department thematic information must be shared, with or without conditions."""
    theme = values.get("thematic_kind")
    if theme and values.get("sharing_type") == "withheld":
        yield problem(
            "sharing_type", "thematic-withheld", article="17(3)", value=words.name("thematic_kinds", theme),
            type=words.name("sharing_types", "withheld"), cite=words.rules.cite("17(3)"),
        )  # fmt: skip


def opening_basis(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Art. 22: conditional opening says its conditions; a closed resource says on what text that rests."""
    type_, basis = values.get("opening_type"), values.get("opening_basis_kind")
    article, cite = "22", words.rules.cite("22")
    if basis and basis not in _restricting(words, "opening"):
        yield problem(
            "opening_basis_kind", "opening-basis-kind", article=article, value=words.name("basis_kinds", basis),
            permitted=words.permitted("basis_kinds", _restricting(words, "opening")), cite=cite,
        )  # fmt: skip
    if values.get("origin") == "listing":
        return  # another portal's listing says neither conditions nor bases; it is published as an entry, never as data
    if type_ == "conditional" and not values.get("opening_condition"):
        yield problem("opening_condition", "opening-condition", article=article, lacking=True, cite=cite)
    if type_ == "closed":
        if not basis:
            yield problem("opening_basis_kind", "opening-basis-lacking", article=article, lacking=True, cite=cite)
        if not values.get("opening_basis"):
            yield problem("opening_basis", "opening-basis-text", article=article, lacking=True, cite=cite)


def sensitivity(values: Values, words: Vocabulary, _: Surroundings) -> Found:
    """Art. 22: sensitive but unclassified information may be opened only after desensitisation."""
    type_ = words.rules.opening_types.get(values.get("opening_type", ""))
    names = sensitive_items(values)
    if names and values.get("sensitive") is False:
        yield problem("sensitive", "sensitive-item", value=_some(names))
    if (values.get("sensitive") or names) and type_ and type_.listed and not values.get("desensitised"):
        yield problem("desensitised", "sensitive-open", article="22", type=type_.text, cite=words.rules.cite("22"))


RULES = (
    code, provider, regions, contact, dates, formats,
    sharing_basis, base_information, thematic_information, opening_basis, sensitivity,
)  # fmt: skip


def violations(values: Values, words: Vocabulary, around: Surroundings) -> list[Problem]:
    """Return every rule that the typed ``values`` break, in the order of the form."""
    present = {key: value for key, value in values.items() if value is not None}
    return [each for rule in RULES for each in rule(present, words, around)]


def _restricting(words: Vocabulary, what: str) -> tuple[str, ...]:
    return tuple(code for code, kind in words.rules.basis_kinds.items() if what in kind.restricts)


def _some(names: Iterable[str]) -> str:
    names = list(names)
    return "、".join(names[:5]) + ("……" if len(names) > 5 else "")
