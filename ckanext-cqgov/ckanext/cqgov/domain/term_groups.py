"""The groups of words that somebody keeps for the search: what a group must be, and that none takes another's words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ckanext.cqgov.domain.search_terms import KINDS, RELATED, RENAMED, SYNONYM, Row, key_of
from ckanext.cqgov.domain.search_text import HAN
from ckanext.cqgov.domain.text import Text

SHORTEST, LONGEST = 2, 60
MOST_WORDS = 30
NOTE_LIMIT = 500
SEPARATORS = "、，,；;|｜\n"
PARTS = re.compile(rf"\s*[{re.escape(SEPARATORS)}\r\t]\s*")
WORD = re.compile(r"[\w .·+#&'’%°()/\-—–]+")
"""What a word may hold: nothing that a query gives a meaning (quotes, colons) or that separates words."""

CHARACTER = re.compile(f"[{HAN}]")
"""The only word that people say which may be so short: 鱼."""

FAULTS: Mapping[str, Text] = {
    "kind": Text("应为 {known} 之一", "must be one of {known}"),
    "none": Text("请填写词语", "give the words"),
    "alone": Text("同义词组至少要有两个不同的词", "a group of synonyms needs two different words at least"),
    "short": Text("“{word}”太短，至少 {limit} 个字符", "“{word}” is too short: {limit} characters at least"),
    "long": Text("“{word}”超过 {limit} 个字符", "“{word}” is longer than {limit} characters"),
    "sign": Text(
        "“{word}”含有（或以其开头）不能用于词语的符号：{signs}",
        "“{word}” holds or begins with what a word may not: {signs}",
    ),
    "many": Text("一组最多 {limit} 个词", "a group has at most {limit} words"),
    "present": Text("请填写现用名称", "give the present name"),
    "not-renamed": Text("只有“更名”一类才有现用名称", "only a “renamed” group has a present name"),
    "present-former": Text(
        "现用名称“{word}”不能又是旧名称", "“{word}” can't be the present name and a former one at once"
    ),
    "related": Text("请填写目录用语", "give the words of the catalogue"),
    "not-related": Text("只有“相关说法”一类才有目录用语", "only a “related” group has words of the catalogue"),
    "related-said": Text(
        "目录用语“{word}”不能又是同组的词语", "“{word}” can't be a word of the catalogue and what people say at once"
    ),
    "note": Text("超过 {limit} 个字符", "is longer than {limit} characters"),
    "taken": Text(
        "“{word}”已在同类的另一组中：{words}", "“{word}” already stands in another group of this kind: {words}"
    ),
    "twice": Text("“{word}”在第 {row} 行的同类组中已经出现", "“{word}” already stands in the group of row {row}"),
    "between": Text(
        "这些词分属已有的几组，请先合并或删除：{words}",
        "these words stand in several groups; merge or delete them first: {words}",
    ),
}


@dataclass(frozen=True)
class Group:
    """One group. In a renamed one ``words`` are the former names of ``present``; elsewhere ``present`` is empty.

    In a related one ``words`` are what people say and ``related`` what the catalogue calls it; elsewhere that is empty.
    """

    id: str
    kind: str
    words: tuple[str, ...]
    present: str = ""
    note: str = ""
    related: tuple[str, ...] = ()

    @property
    def everything(self) -> tuple[str, ...]:
        """All words that are in no other group of the kind, the present name first: many may lead to one of ``related``."""
        return (self.present, *self.words) if self.present else self.words

    def keys(self) -> dict[str, str]:
        """Return each word as it is compared, with the word as it is written."""
        return {key_of(word): word for word in reversed(self.everything)}

    def rows(self) -> list[Row]:
        """Return the group as ``Terms`` are built from it."""
        rows = [Row(self.id, word, self.kind, bool(self.present) and word == self.present) for word in self.everything]
        return rows + [Row(self.id, word, self.kind, True) for word in self.related]

    def shown(self) -> str:
        """Return the group in one line."""
        words = "、".join(self.words)
        leads = self.present or "、".join(self.related)
        return f"{words} → {leads}" if leads else words


@dataclass(frozen=True)
class Fault:
    """What is wrong with a group: the field, and a sentence; ``row`` where it came in a list."""

    field: str
    text: Text
    row: int | None = None


def split(text: str) -> list[str]:
    """Return the words of a field, which commas, semicolons, 、, bars or line ends separate."""
    return [part for part in PARTS.split(text.strip()) if part]


def tidy(word: str) -> str:
    """Return a word as it is kept: full-width letters narrow, one blank between parts; characters stay as written."""
    return " ".join(unicodedata.normalize("NFKC", word).split())


def kind_of(text: str) -> str | None:
    """Return the kind that a code or a title in either language names, None for another."""
    wanted = tidy(text).casefold()
    return next((code for code, title in KINDS.items() if wanted in (code, title.zh, title.en)), None)


def checked(
    id: str, kind: str, words: Iterable[str], present: str = "", note: str = "", related: Iterable[str] = ()
) -> tuple[Group, list[Fault]]:
    """Return the group that somebody entered, and what is wrong with it.

    A word that comes twice (in any way of writing) is taken once, as it was written first.
    """
    found, catalogued = distinct(words), distinct(related)
    today, known = tidy(present), kind_of(kind)
    group = Group(id, known or kind, tuple(found.values()), today, note.strip(), tuple(catalogued.values()))
    faults = [fault for word in found.values() for fault in _faults_of_word("words", word)]
    faults += [fault for word in catalogued.values() for fault in _faults_of_word("related", word)]
    if known is None:
        faults.append(Fault("kind", FAULTS["kind"].filled(known="、".join(KINDS))))
    if not found:
        faults.append(Fault("words", FAULTS["none"]))
    elif len(found) < 2 and known == SYNONYM:
        faults.append(Fault("words", FAULTS["alone"]))
    elif len(found) > MOST_WORDS:
        faults.append(Fault("words", FAULTS["many"].filled(limit=MOST_WORDS)))
    if known == RENAMED:
        faults += _faults_of_word("present", today) if today else [Fault("present", FAULTS["present"])]
        if today and key_of(today) in found:
            faults.append(Fault("present", FAULTS["present-former"].filled(word=today)))
    elif today:
        faults.append(Fault("present", FAULTS["not-renamed"]))
    if known == RELATED:
        if not catalogued:
            faults.append(Fault("related", FAULTS["related"]))
        elif len(catalogued) > MOST_WORDS:
            faults.append(Fault("related", FAULTS["many"].filled(limit=MOST_WORDS)))
        both = [word for key, word in catalogued.items() if key in found]
        faults += [Fault("related", FAULTS["related-said"].filled(word=word)) for word in both]
    elif catalogued:
        faults.append(Fault("related", FAULTS["not-related"]))
    if len(group.note) > NOTE_LIMIT:
        faults.append(Fault("note", FAULTS["note"].filled(limit=NOTE_LIMIT)))
    return group, faults


def distinct(words: Iterable[str]) -> dict[str, str]:
    """Return words by their keys, each as it was written first."""
    found: dict[str, str] = {}
    for word in map(tidy, words):
        if key_of(word):
            found.setdefault(key_of(word), word)
    return found


def _faults_of_word(field: str, word: str) -> list[Fault]:
    if len(word) > LONGEST:
        return [Fault(field, FAULTS["long"].filled(word=word[:20] + "…", limit=LONGEST))]
    if signs := WORD.sub("", word) or ("" if word[:1].isalnum() else word[:1]):
        return [Fault(field, FAULTS["sign"].filled(word=word, signs=" ".join(dict.fromkeys(signs))))]
    if len(key_of(word)) < SHORTEST and not (field == "words" and CHARACTER.fullmatch(key_of(word))):
        return [Fault(field, FAULTS["short"].filled(word=word, limit=SHORTEST))]
    return []


class Holders:
    """Which group holds a word, per kind; a word stands in one group of a kind at most."""

    def __init__(self, groups: Iterable[Group]) -> None:
        """Take the groups."""
        self.groups: dict[str, Group] = {}
        self._by_key: dict[tuple[str, str], str] = {}
        for group in groups:
            self.put(group)

    def put(self, group: Group) -> None:
        """Take a group, in the place of the one with its id."""
        self.drop(group.id)
        self.groups[group.id] = group
        for key in group.keys():
            self._by_key.setdefault((group.kind, key), group.id)

    def drop(self, id: str) -> None:
        """Forget a group, if it is there."""
        if group := self.groups.pop(id, None):
            for key in group.keys():
                if self._by_key.get((group.kind, key)) == id:
                    del self._by_key[group.kind, key]

    def of(self, group: Group) -> list[Group]:
        """Return the other groups of its kind that hold a word of ``group``."""
        ids = dict.fromkeys(self._by_key.get((group.kind, key)) for key in group.keys())
        return [self.groups[id] for id in ids if id is not None and id != group.id]

    def faults(self, group: Group) -> list[Fault]:
        """Return a fault for each word of ``group`` that stands in another group of its kind."""
        found = []
        for key, word in group.keys().items():
            holder = self._by_key.get((group.kind, key))
            if holder is not None and holder != group.id:
                field = "present" if word == group.present else "words"
                text = FAULTS["taken"].filled(word=word, words=self.groups[holder].shown())
                found.append(Fault(field, text))
        return found
