"""A text that is taken for no Markdown is what CKAN makes of it."""

import html
import itertools

import nh3
import pytest
from markdown import markdown

from ckanext.cqgov.domain.plain_text import plain


def extracted(text):
    """What CKAN's ``markdown_extract`` does with a whole text."""
    return html.unescape(nh3.clean(markdown(text), tags=set()))


SIGNS = [
    *map(chr, range(0x21)),
    *"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "\x7f",
    "\x85",
    "\xa0",
    "\u2028",
    "\u3000",
    "\ufeff",
]
TEXTS = [
    "公共厕所的名称、地址",
    "1",
    "2023年",
    "1.",
    "1. 名称",
    "12) 名称",
    "Title",
    "http://127.0.0.1/a",
    "a@b.cn",
    "😀",
    "é",
]


@pytest.mark.parametrize("sign", SIGNS)
def test_every_sign_before_within_and_after_a_text_is_either_left_to_markdown_or_means_nothing(sign):
    for text in TEXTS:
        pairs = ([sign, sign * 2, sign * 3, f" {sign}", f"{sign} ", f"    {sign}"], ["", " ", "\n"])
        for mark, gap in itertools.product(*pairs):
            for written in (f"{mark}{gap}{text}", f"{text}{gap}{mark}", f"{text}{gap}{mark}{gap}{text}"):
                if plain(written):
                    assert extracted(written) == written


@pytest.mark.parametrize(
    "text",
    ["公共厕所的名称、地址（2023年）", "PM2.5 浓度：35 μg/m³，数据每月更新。", "100% - a/b (c) {d} 'e' \"f\" #1"],
)
def test_sentences_are_plain(text):
    assert plain(text)
    assert extracted(text) == text


@pytest.mark.parametrize(
    "text", ["**粗体**", "a_b_c", "# 标题", "- 一项", "1. 一项", "<b>x</b>", "&lt;", "一\n二", " 一", "一 "]
)
def test_what_markdown_may_change_is_not_plain(text):
    assert not plain(text)
