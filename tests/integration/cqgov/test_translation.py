"""The portal speaks Chinese where CKAN alone would not, and English when asked."""

from __future__ import annotations

import json

import ckan.plugins.toolkit as tk
import pytest
from ckan.lib import i18n


@pytest.fixture
def said(app):
    """Translate within a request of the given language."""

    def say(language: str, text: str) -> str:
        with app.flask_app.test_request_context("/", environ_overrides={"CKAN_LANG": language}):
            return str(tk._(text))

    return say


def test_a_text_that_core_lacks_is_supplied(said):
    assert said("zh_Hans_CN", "Unpublish") == "撤回发布"


def test_a_misleading_translation_of_core_is_replaced(said):
    assert said("zh_Hans_CN", "Organization") == "机构"
    assert said("zh_Hans_CN", "Log in") == "登录"


def test_a_good_translation_of_core_is_kept(said):
    assert said("zh_Hans_CN", "Dataset") == "数据集"


def test_english_stays_english(said):
    assert said("en", "Unpublish") == "Unpublish"


def test_a_text_with_a_number_has_the_one_chinese_form(app):
    with app.flask_app.test_request_context("/", environ_overrides={"CKAN_LANG": "zh_Hans_CN"}):
        assert tk.ungettext("{num} Dataset", "{num} Datasets", 2).format(num=2) == "2 个数据集"


def test_the_texts_of_scripts_are_in_the_file_that_ckan_generates(ckan_config, monkeypatch, tmp_path):
    monkeypatch.setitem(ckan_config, "ckan.storage_path", str(tmp_path))
    i18n.build_js_translations()
    texts = json.loads((tmp_path / "i18n" / "js" / "zh_Hans_CN.js").read_text("utf-8"))
    assert texts["Close"] == [None, "关闭"]
    assert texts["Please Confirm"] == [None, "请确认"]
    assert "Unpublish" not in texts
