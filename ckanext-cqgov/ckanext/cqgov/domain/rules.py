"""The law as data: what a rules file says, as frozen values that the rest of the suite reads.

Pure: a parsed tree (dicts, lists, scalars) comes in, ``Rules`` or ``Guide`` comes out. Reading files, the JSON Schema
and line numbers belong to ``ckanext.cqgov.rules``; what must hold between values is in ``domain/rulecheck.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

from ckanext.cqgov.domain.text import Text, folded

DECREE, OTHER_LAW, OPERATOR = "decree", "other-law", "operator"


class NotOfTheDecree(ValueError):
    """Somebody tried to cite the decree for a value that is not the decree's."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One value of the law: its code in the program, its name, and on what it rests.

    ``basis`` is ``decree`` (then ``article`` holds e.g. ``"17(1)"``), ``other-law`` (then ``law`` is a code of the
    section ``laws``) or ``operator`` (a choice of whoever runs the portal).
    """

    code: str
    zh: str
    en: str
    basis: str
    article: str | None = None
    law: str | None = None
    synonyms: tuple[str, ...] = ()
    note_zh: str = ""
    note_en: str = ""

    @property
    def text(self) -> Text:
        """The name in both languages."""
        return Text(self.zh, self.en)

    @property
    def note(self) -> Text:
        """The explanation in both languages; empty when the file gives none."""
        return Text(self.note_zh, self.note_en)


@dataclass(frozen=True, kw_only=True)
class Law(Entry):
    """Another text than the decree, with its document number."""

    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Classification(Entry):
    """A sharing or opening type: ``restricted`` needs a legal basis, a ``listed`` entry is public (Art. 22)."""

    restricted: bool = False
    listed: bool = False


@dataclass(frozen=True, kw_only=True)
class BasisKind(Entry):
    """A kind of legal basis and what it may restrict: ``sharing``, ``opening``."""

    restricts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Clock(Entry):
    """A time limit: ``days`` working days after receipt, or yearly by ``month``/``day`` (``day`` 0 = its last day)."""

    days: int | None = None
    extension_days: int = 0
    extension_times: int = 0
    extension_by: str | None = None
    month: int | None = None
    day: int | None = None

    @property
    def extensible(self) -> bool:
        """Whether the rule permits an extension at all."""
        return self.extension_times > 0 and self.extension_days > 0


@dataclass(frozen=True, kw_only=True)
class Cap(Entry):
    """An upper limit that is not a clock."""

    value: int = 0


@dataclass(frozen=True, kw_only=True)
class FixedHoliday(Entry):
    """Days off that fall on the same date each year."""

    month: int = 1
    days: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FormatClass(Entry):
    """A class of the guide's resource formats: its file ``types`` and the ``sharing_modes`` that suit it."""

    types: tuple[str, ...] = ()
    sharing_modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instrument:
    """The legal text that a file renders: names, number of articles, and how many items an article has."""

    zh: str
    en: str
    short_zh: str
    short_en: str
    number: str
    in_force_on: str
    articles: int
    items: Mapping[str, int] = field(default_factory=dict)


Entries = Mapping[str, Entry]


@dataclass(frozen=True, kw_only=True)
class Codebook:
    """Sections of entries, each an ordered read-only mapping code -> entry."""

    text: Instrument
    laws: Mapping[str, Law]

    def section(self, name: str) -> Entries:
        """Return the section ``name``; ``KeyError`` when the file has no such section."""
        if name not in sections(type(self)):
            raise KeyError(name)
        return getattr(self, name)

    def resolve(self, section: str, word: object) -> str | None:
        """Return the code that ``word`` (a code, a name in either language, or a synonym) stands for, else ``None``.

        Width, case and surrounding blanks do not matter: ``" 每天"`` and ``"DAILY"`` are both ``daily``.
        """
        wanted = folded(str(word)) if word is not None else ""
        if not wanted:
            return None
        self.section(section)
        return self._words[section].get(wanted)

    @cached_property
    def _words(self) -> dict[str, dict[str, str]]:
        """Folded word -> code for each section; built once, since imports ask for every cell."""
        return {
            name: {word: code for code, entry in self.section(name).items() for word in words(entry)}
            for name in sections(type(self))
        }

    def source(self, entry: Entry) -> Text:
        """Say on what ``entry`` rests, whatever its basis: the article, the other law's name, or the operator."""
        if entry.basis == DECREE:
            return citation(self.text, entry.article)
        if entry.basis == OTHER_LAW and entry.law:
            law = self.laws[entry.law]
            return Text(f"{law.zh}{f'（{law.number}）' if law.number else ''}", law.en)
        return Text("由平台运营单位设定", "set by the operator of the portal")

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values, each entry with ``source`` in both languages."""
        shown: dict[str, Any] = {"text": {**vars(self.text), "items": dict(self.text.items)}}
        for name in sections(type(self)):
            shown[name] = {
                code: {**asdict(entry), "source": asdict(self.source(entry))}
                for code, entry in self.section(name).items()
            }
        return shown


@dataclass(frozen=True, kw_only=True)
class Rules(Codebook):
    """The decree (or another city's measures) in force."""

    authority_titles: Entries
    organization_kinds: Entries
    organization_levels: Entries
    duties: Entries
    sharing_types: Mapping[str, Classification]
    opening_types: Mapping[str, Classification]
    basis_kinds: Mapping[str, BasisKind]
    base_kinds: Entries
    thematic_kinds: Entries
    clocks: Mapping[str, Clock]
    caps: Mapping[str, Cap]
    requirements: Entries
    violations: Entries
    applicant_kinds: Entries
    identity_documents: Entries
    fixed_holidays: Mapping[str, FixedHoliday]

    def cite(self, what: str | Entry) -> Text:
        """Cite the decree for an article (``"17(1)"``) or an entry of basis ``decree``.

        Raises ``NotOfTheDecree`` for an entry that rests on anything else, and for an article or item the text lacks.
        """
        if isinstance(what, Entry):
            if what.basis != DECREE or not what.article:
                raise NotOfTheDecree(
                    Text(
                        "“{name}”不是{short}的规定，不得以其名义引用",
                        "“{name}” does not rest on {short} and must not be cited as such",
                    ).filled(name=what.text, short=Text(self.text.short_zh, self.text.short_en))
                )
            what = what.article
        if not has_article(self.text, what):
            raise NotOfTheDecree(
                Text("{short}没有第 {article} 条（项）", "{short} has no Art. {article}").filled(
                    short=Text(self.text.short_zh, self.text.short_en), article=what
                )
            )
        return citation(self.text, what)


@dataclass(frozen=True, kw_only=True)
class Guide(Codebook):
    """The national compilation guide's value lists and the words that real portals use for them."""

    resource_classes: Entries
    guide_base_classes: Entries
    format_classes: Mapping[str, FormatClass]
    data_types: Entries
    sharing_types: Entries
    opening_types: Entries
    sharing_mode_classes: Entries
    sharing_mode_types: Entries
    update_cycles: Entries
    personal_classes: Entries


KINDS: dict[str, type[Entry]] = {
    "laws": Law,
    "sharing_types": Classification,
    "opening_types": Classification,
    "basis_kinds": BasisKind,
    "clocks": Clock,
    "caps": Cap,
    "fixed_holidays": FixedHoliday,
    "format_classes": FormatClass,
}


def sections(book: type[Codebook]) -> list[str]:
    """Return the names of the sections that a file of this kind has, in order."""
    return [each.name for each in fields(book) if each.name != "text"]


def build(book: type[Codebook], tree: Mapping[str, Any]) -> Any:
    """Return ``book`` filled from a tree without faults."""
    text = dict(tree["text"])
    text["items"] = MappingProxyType({str(key): value for key, value in text.get("items", {}).items()})
    parts = {
        name: MappingProxyType({code: entry(name, code, raw) for code, raw in tree[name].items()})
        for name in sections(book)
    }
    return book(text=Instrument(**text), **parts)


def entry(section: str, code: str, raw: Mapping[str, Any]) -> Entry:
    """Return one entry of ``section`` from its mapping in the file."""
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in raw.items()}
    if values.get("article") is not None:
        values["article"] = str(values["article"])
    return KINDS.get(section, Entry)(code=code, **values)


def words(entry: Entry) -> set[str]:
    """Return every folded word that stands for ``entry``."""
    return {folded(word) for word in (entry.code, entry.zh, entry.en, *entry.synonyms)}


def has_article(text: Instrument, article: str) -> bool:
    """Whether the text has this article and, where one is named (``"17(1)"``), this item."""
    number, _, item = article.partition("(")
    if not article.isascii() or not number.isdecimal() or not 1 <= int(number) <= text.articles:
        return False
    if not item:
        return "(" not in str(article)
    return item.endswith(")") and item[:-1].isdecimal() and 1 <= int(item[:-1]) <= text.items.get(number, 0)


def citation(text: Instrument, article: str | None) -> Text:
    """Return how lawyers cite the article: 《…》第十七条第（一）项 and ``Decree 320, Art. 17(1)``."""
    return Text(f"《{text.zh}》{article_zh(article or '')}", f"{text.short_en}, Art. {article}")


def article_zh(article: str) -> str:
    """Return an article as Chinese lawyers write it: ``17`` is 第十七条, ``17(1)`` 第十七条第（一）项."""
    number, _, item = article.partition("(")
    return f"第{numeral(int(number))}条" + (f"第（{numeral(int(item[:-1]))}）项" if item else "")


def numeral(number: int) -> str:
    """Return 1–99 as Chinese numerals: 10 is 十, 17 is 十七, 40 is 四十."""
    tens, ones = divmod(number, 10)
    digits = "〇一二三四五六七八九"
    return ("" if tens == 0 else "十" if tens == 1 else digits[tens] + "十") + (digits[ones] if ones else "")
