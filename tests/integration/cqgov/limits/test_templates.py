"""No template that a page is made of has a script or a style within it once it is compiled: ours, CKAN's, the plugins'."""

from __future__ import annotations

import re

import pytest
from ckan.common import config

from ckanext.cqgov.limits.template_source import rewritten

FORBIDDEN = {
    "a script": re.compile(r"<script(?![^>]*\b(?:src=|type=[\"']application/(?:ld\+)?json))", re.IGNORECASE),
    "a style": re.compile(r"<style\b", re.IGNORECASE),
    "a style of an element": re.compile(r"<[a-z][^<>]*\sstyle\s*=", re.IGNORECASE),
    "a script of an element": re.compile(r"\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=\s*[\"']", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
}
EXCEPTED = {
    "user/snippets/recaptcha.html",  # loads Google's script, and only where an operator has a key of Google's
    "base.html",  # the administrator's own style: our block takes its place
}


@pytest.mark.usefixtures("with_plugins")
def test_no_compiled_template_has_a_script_or_a_style_within_it(app):
    environment = app.flask_app.jinja_env
    wrong, seen = {}, 0
    for name in environment.list_templates(extensions=["html"]):
        if name.startswith("development/") or name in EXCEPTED or "/" not in name and name != "page.html":
            continue
        source = environment.loader.get_source(environment, name)[0]
        compiled = re.sub(r"\{#.*?#\}", "", environment.preprocess(source, name), flags=re.DOTALL)
        seen += 1
        if found := [what for what, pattern in FORBIDDEN.items() if pattern.search(compiled)]:
            wrong[name] = found
    assert wrong == {}
    assert seen > 200 and config["ckan.plugins"]


def test_a_script_that_sets_variables_becomes_data():
    source = """<script type=text/javascript>
        const gdataDict = {{ datadictionary|tojson }}
        const gresviewId = '{{ resource_view.id }}'
    </script>"""
    made = rewritten(source)
    assert '"gdataDict": {{ (datadictionary) | tojson }}, "gresviewId": {{ (resource_view.id) | tojson }}' in made
    assert made.startswith('<script type="application/json" class="cq-page-data">{') and "page-data.js" in made


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<script>var a = {{ a | tojson }}; alert(a)</script>",
        '<script src="/a.js"></script>',
        '<script type="application/ld+json">{"a": 1}</script>',
        "<p>once = twice</p>",
        "{% set on = 'x' %}{{ form.input('a', attrs={'onward': 1}) }}",
    ],
)
def test_all_else_stays_as_it_is(source):
    assert rewritten(source) == source


@pytest.mark.parametrize(
    "source, made",
    [
        ('<a href="javascript:void(0);" x>', '<a href="#" x>'),
        ('<b onclick="fit()">', "<b>"),
        ('<b id="x" onclick="\n a();\n b();\n"autofocus="true">', '<b id="x"autofocus="true">'),
        ('<div id="d" style="display:none;">', '<div id="d" hidden>'),
        ('<div id="d" style="margin: 15px;">', '<div id="d">'),
        ('<form hx-on::after-request="$(1)" class="a">', '<form class="a">'),
    ],
)
def test_handlers_and_styles_of_elements_go(source, made):
    assert rewritten(source) == made
