"""Identifiers of organisations: the unified social credit code (GB 32100-2015) and a readable ``name``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from stdnum.cn import uscc

from ckanext.cqgov.domain.text import Text

USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
NAME = re.compile(r"[a-z0-9_-]{2,100}")

USCC_FAULTS = {
    "length": Text(
        "统一社会信用代码应为 18 位，现为 {length} 位", "a unified social credit code has 18 characters, not {length}"
    ),
    "format": Text(
        "统一社会信用代码只含数字和大写字母（不含 I、O、S、V、Z），第 3 至 8 位为数字",
        "a unified social credit code holds digits and capital letters without I, O, S, V, Z; "
        "characters 3 to 8 are digits",
    ),
    "checksum": Text(
        "统一社会信用代码校验位不符（GB 32100-2015），请核对是否抄错",
        "the check character of the unified social credit code is wrong (GB 32100-2015): look for a slip of the pen",
    ),
}


def compact_uscc(value: str) -> str:
    """Return ``value`` without blanks and hyphens, full-width forms made narrow, in capitals."""
    narrow = unicodedata.normalize("NFKC", value)
    return re.sub(r"[\s\-\u2010-\u2015\u200b\ufeff]", "", narrow).upper()


def uscc_fault(value: str) -> Text | None:
    """Return what is wrong with a unified social credit code, None when it is right (GB 32100-2015).

    The shape is checked here: ``stdnum.cn.uscc`` wants a digit in the first two places and so refuses the real codes of
    rural collectives (N) and of other registrars (A, Y).
    """
    code = compact_uscc(value)
    if len(code) != 18:
        return USCC_FAULTS["length"].filled(length=len(code))
    if not USCC.fullmatch(code):
        return USCC_FAULTS["format"]
    return None if code[-1] == uscc.calc_check_digit(code) else USCC_FAULTS["checksum"]


def with_check_character(body: str) -> str:
    """Return the 17 characters ``body`` completed by their check character (GB 32100-2015)."""
    return body + uscc.calc_check_digit(body)


def readable_name(title: str, taken: Container[str]) -> str:
    """Return a CKAN ``name`` that can be read aloud: pinyin by syllable, ASCII words kept, numbered when taken.

    ``重庆市公安局`` gives ``chong-qing-shi-gong-an-ju``. CKAN's own rule would make ``__`` of any Chinese title.
    """
    from pypinyin import lazy_pinyin  # here: its dictionary takes a second to load and few processes need it

    words: list[str] = []
    for part in lazy_pinyin(unicodedata.normalize("NFKC", title), v_to_u=False):
        words += re.findall(
            r"[a-z0-9]+", unicodedata.normalize("NFKD", part).encode("ascii", "ignore").decode().lower()
        )
    stem = "-".join(words)[:90].strip("-")
    if len(stem) < 2:
        stem = f"organization-{stem}".strip("-")
    name, count = stem, 1
    while name in taken:
        count += 1
        name = f"{stem}-{count}"
    return name
