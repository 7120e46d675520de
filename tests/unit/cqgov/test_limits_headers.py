"""What a browser may do: policies of content, other headers, and pages that keep to them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckanext.cqgov.domain.limits_headers import ANSWER, FILE, PAGE, guarding, text, widened

PACKAGES = Path(__file__).resolve().parents[3]
TEMPLATES = sorted(PACKAGES.glob("ckanext-*/ckanext/*/templates/**/*.html"))
WITHIN = {
    "a script": re.compile(r"<script(?![^>]*\b(?:src=|type=[\"']application/(?:ld\+)?json))", re.IGNORECASE),
    "a style": re.compile(r"<style\b", re.IGNORECASE),
    "a style of an element": re.compile(r"<[a-z][^>]*\sstyle\s*=", re.IGNORECASE),
    "a script of an element": re.compile(r"<[a-z][^>]*\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
}


def test_a_page_runs_nothing_but_files_of_ours():
    policy = text(PAGE)
    assert "script-src 'self'" in policy and "script-src-attr 'none'" in policy and "style-src 'self'" in policy
    assert "unsafe" not in policy and "nonce" not in policy and "*" not in policy and "http" not in policy
    assert "frame-ancestors 'self'" in policy and "object-src 'none'" in policy and "base-uri 'self'" in policy


def test_an_uploaded_file_runs_nothing_and_is_of_no_origin():
    assert text(FILE).startswith("default-src 'none'")
    assert "; sandbox;" in text(FILE) and "script" not in text(FILE)


def test_an_answer_that_is_no_page_is_framed_nowhere():
    assert text(ANSWER) == "default-src 'none'; frame-ancestors 'none'"


def test_an_operator_widens_what_is_named_alone():
    policy = widened(
        PAGE, {"img-src": ["https://img.example.org"], "frame-src": [], "frame-ancestors": ["https://a.example"]}
    )
    assert policy["img-src"] == ("'self'", "data:", "https://img.example.org")
    assert policy["frame-ancestors"] == ("'self'", "https://a.example")
    assert {name for name in PAGE if policy[name] != PAGE[name]} == {"img-src", "frame-ancestors"}
    assert widened(ANSWER, {"frame-ancestors": ["https://a.example"]})["frame-ancestors"] == ("https://a.example",)


@pytest.mark.parametrize("https, seconds, insists", [(True, 60, True), (True, 0, False), (False, 60, False)])
def test_a_browser_is_told_to_insist_on_https_only_over_https(https, seconds, insists):
    headers = guarding(https=https, hsts_seconds=seconds, embedded_elsewhere=False)
    assert ("Strict-Transport-Security" in headers) is insists
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "camera=()" in headers["Permissions-Policy"]


def test_old_browsers_are_not_told_to_refuse_what_others_may_embed():
    assert "X-Frame-Options" not in guarding(https=False, hsts_seconds=0, embedded_elsewhere=True)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PACKAGES)))
def test_no_template_has_a_script_or_a_style_within_it(template):
    words = re.sub(r"\{#.*?#\}", "", template.read_text("utf-8"), flags=re.DOTALL)
    assert [what for what, pattern in WITHIN.items() if pattern.search(words)] == []
