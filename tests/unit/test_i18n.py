"""The Chinese catalogues are complete, in step with the code, and keep placeholders and markup."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("cqgov", "sharing", "review")
CORE = Path(importlib.util.find_spec("ckan").origin).parent / "i18n"
PRINTF = re.compile(r"%(?:\(\w+\))?[sdifr]")
BRACES = re.compile(r"\{[^{}]*\}")
TAGS = re.compile(r"</?[a-zA-Z][^>]*>")
ATTRIBUTES_WITH_WORDS = re.compile(r'\b(?:title|alt)="[^"]*"')
CHINESE = re.compile("[\u4e00-\u9fff]")


def catalogue(package: str) -> polib.POFile:
    folder = ROOT / f"ckanext-{package}" / "ckanext" / package / "i18n" / "zh_Hans_CN" / "LC_MESSAGES"
    return polib.pofile(str(folder / f"ckanext-{package}.po"))


def translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def entries() -> list[tuple[str, polib.POEntry]]:
    """Every entry that has a translation; one test says that all have."""
    return [(package, entry) for package in PACKAGES for entry in catalogue(package) if all(translations(entry))]


def script():
    spec = importlib.util.spec_from_file_location("translations", ROOT / "scripts" / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def core_in_chinese() -> set[str]:
    """What CKAN itself says in Chinese; its .mo would count a plural that repeats the English as translated."""
    source = polib.pofile(str(CORE / "zh_Hans_CN" / "LC_MESSAGES" / "ckan.po"))
    return {entry.msgid for entry in source if all(translations(entry))}


def test_every_text_of_ckan_has_a_chinese_translation_in_core_or_in_ours():
    core = core_in_chinese()
    ours = {entry.msgid for entry in catalogue("cqgov") if all(translations(entry))}
    lacking = [
        entry.msgid
        for entry in polib.pofile(str(CORE / "ckan.pot"))
        if entry.msgid not in core | ours
        and not all(path.startswith("ckanext/example_") for path, _ in entry.occurrences)
    ]
    assert lacking == []


def test_core_alone_would_leave_hundreds_of_texts_in_english():
    core = core_in_chinese()
    supplied = [entry for entry in catalogue("cqgov") if entry.comment == "CKAN" and entry.msgid not in core]
    assert len(supplied) > 460


@pytest.mark.parametrize("package", PACKAGES)
def test_every_text_of_our_code_is_in_the_catalogue_and_translated(package):
    module = script()
    known = {entry.msgid for entry in catalogue(package) if all(translations(entry))}
    assert [entry.msgid for entry in module.extracted(package) if entry.msgid not in known] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_the_compiled_catalogue_says_what_the_source_says(package):
    source = catalogue(package)
    assert Path(source.fpath).with_suffix(".mo").read_bytes() == source.to_binary()


@pytest.mark.parametrize("package", PACKAGES)
def test_every_catalogue_declares_the_one_plural_form_of_chinese(package):
    assert catalogue(package).metadata["Plural-Forms"] == "nplurals=1; plural=0;"
    assert all(set(entry.msgstr_plural) == {0} for entry in catalogue(package) if entry.msgid_plural)


def test_no_translation_is_empty_or_fuzzy():
    every = [entry for package in PACKAGES for entry in catalogue(package)]
    assert [entry.msgid for entry in every if not all(translations(entry)) or "fuzzy" in entry.flags] == []


def test_placeholders_agree():
    """A plural's Chinese form may follow either English form; a brace that is not a placeholder counts as text."""
    wrong = []
    for _, entry in entries():
        allowed = [
            (Counter(PRINTF.findall(text)), Counter(BRACES.findall(text)))
            for text in (entry.msgid, entry.msgid_plural)
            if text
        ]
        for text in translations(entry):
            found = (Counter(PRINTF.findall(text)), Counter(BRACES.findall(text)))
            if not any(set(found[0]) == set(one[0]) and set(found[1]) == set(one[1]) for one in allowed):
                wrong.append((entry.msgid, text))
            elif "%(" not in entry.msgid and not any(found[0] == one[0] for one in allowed):
                wrong.append((entry.msgid, text))
    assert wrong == []


def test_markup_agrees():
    def tags(text: str) -> Counter:
        return Counter(TAGS.findall(ATTRIBUTES_WITH_WORDS.sub("", text)))

    wrong = [
        (entry.msgid, text)
        for _, entry in entries()
        for text in translations(entry)
        if tags(text) not in (tags(entry.msgid), tags(entry.msgid_plural or entry.msgid))
    ]
    assert wrong == []


def test_positional_placeholders_stay_in_order():
    """``%s … %d`` are filled by position, so a translation can't swap two of different kinds."""
    positional = re.compile(r"%[sdifr]")
    wrong = [
        entry.msgid
        for _, entry in entries()
        for text in translations(entry)
        if positional.findall(text) not in (positional.findall(entry.msgid), positional.findall(entry.msgid_plural))
    ]
    assert wrong == []


def test_a_translation_of_words_is_in_chinese():
    """Names, formats and addresses stay as they are; a sentence left in English is a text nobody translated."""
    kept = [
        entry.msgid
        for _, entry in entries()
        for text in translations(entry)
        if not CHINESE.search(text) and len(re.findall(r"[A-Za-z]{2,}", BRACES.sub("", TAGS.sub("", text)))) > 3
    ]
    assert [text for text in kept if "://" not in text and not text.startswith(("Open Data Commons", "Creative"))] == []


def test_the_terms_of_a_government_portal_are_used():
    said = {entry.msgid: entry.msgstr for entry in catalogue("cqgov")}
    assert said["Organization"] == "机构"
    assert said["Publish"] == "发布"
    assert said["Unpublish"] == "撤回发布"
    assert said["Log in"] == "登录"


def test_no_translation_uses_traditional_characters_or_a_known_misspelling():
    bad = re.compile("[沒組請資訊應個與為來無權會電對於網]|登陆|组织")
    assert [(entry.msgid, text) for _, entry in entries() for text in translations(entry) if bad.search(text)] == []
