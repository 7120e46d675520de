"""What is the same word: width, traditional and simplified, capitals; and where a folded character came from."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.search_text import aligned, folded, mapping_rules, simplified

RULES = Path(__file__).parents[3] / "config/solr/core/simplified.txt"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("重慶市停車場", "重庆市停车场"),
        ("公廁", "公厕"),
        ("ＰＭ２．５", "PM2.5"),
        ("Ａ級景區", "a级景区"),
        ("渝北\u200b区", "渝北区"),
        ("㎡", "M2"),
        ("Café", "cafe\u0301"),
        ("STRASSE", "straße"),
        ("臺灣", "台湾"),
    ],
)
def test_written_otherwise_and_still_the_same(written, same):
    assert folded(written) == folded(same)


def test_the_index_has_the_same_table_of_characters():
    assert RULES.read_text(encoding="utf-8") == mapping_rules()


def test_no_simplified_character_is_simplified_further():
    assert not {ord(character) for character in simplified().values()} & set(simplified())


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert folded(folded(text)) == folded(text)


@given(st.text(alphabet=st.characters(max_codepoint=0x10FF)) | st.text(alphabet="重慶é\u0301㎡ＡaⅣ㈱ﬁ\u200b"))
def test_each_folded_character_knows_where_it_came_from(text):
    text = unicodedata.normalize("NFC", text)
    found, offsets = aligned(text)
    assert len(offsets) == len(found) + 1 and offsets == sorted(offsets) and offsets[-1] == len(text)


def test_a_part_of_the_folded_text_is_shown_as_it_was_written():
    text = "５㎡重慶公廁"
    found, offsets = aligned(text)
    start = found.index("公厕")
    assert text[offsets[start] : offsets[start + 2]] == "公廁"
