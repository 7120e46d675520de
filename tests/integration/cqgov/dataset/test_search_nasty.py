"""Whatever anybody types or sends: a calm page, a reason for programs, never a 500 and never a field that is not theirs."""

from __future__ import annotations

import json
from urllib.parse import urlencode

import pytest

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")

QUERIES = {
    "ten kilobytes of Chinese": "重庆市停车场" * 1700,
    "ten kilobytes of letters": "a" * 10_000,
    "ten kilobytes of words": "ab " * 3_400,
    "ten kilobytes of figures": "1234567890" * 1000,
    "ten kilobytes of quotes": '"' * 10_000,
    "ten kilobytes of brackets": "(" * 10_000,
    "ten kilobytes of operators": "AND " * 2_500,
    "an open quotation mark": '"停车场',
    "quotation marks inside out": '停车" "场"',
    "curly quotation marks": "“停车场”",
    "an open bracket": "(停车场",
    "a closing bracket": "停车场)",
    "fields within fields": "title:(" * 5_000,
    "AND": "AND",
    "OR": "OR",
    "NOT": "NOT",
    "AND OR": "停车 AND OR 公交",
    "a plus": "+",
    "a minus": "-",
    "two ampersands": "&&",
    "two bars": "|| 停车",
    "a star": "*",
    "a question mark": "停车?",
    "stars all over": "*:* AND *停*",
    "a tilde": "停车场~9999999999",
    "a caret": "停车场^-1",
    "a caret without a number": "停车^",
    "a range": "[* TO *]",
    "half a range": "title:[a TO",
    "a slash": "/",
    "a regular expression": "/.*停.*/",
    "half a regular expression": "title:/(",
    "a backslash": "\\",
    "a backslash at the end": "停车\\",
    "a colon": ":",
    "a field without value": "title:",
    "a field that is none": "nosuchfield:1",
    "SQL": "'; DROP TABLE package; --",
    "SQL with Chinese": "停车' OR '1'='1",
    "UNION": '1 UNION SELECT password FROM "user"',
    "a script": "<script>alert(1)</script>",
    "a template": "{{ 7*7 }}",
    "a template in a query": "${jndi:ldap://127.0.0.1/x}",
    "an emoji": "🚌",
    "emojis and words": "🚌公交🚇地铁",
    "a family": "👨‍👩‍👧‍👦",
    "right to left": "\u202e停车场",
    "zero width": "\u200b\u200d",
    "a byte order mark": "\ufeff停车",
    "combining characters": "停" + "\u0301" * 500,
    "characters nobody has": "\ue000\U000f0000",
    "a rare character": "𠀀𪚥",
    "only punctuation": "，。！？",
    "only blanks": "   ",
    "line ends": "停车\r\nX-Header: 1",
    "local parameters": "{!lucene}permission_labels:*",
    "local parameters in the middle": "停车 {!term f=permission_labels}public",
    "a parser that joins": "{!join from=id to=id}*:*",
    "a function": "{!func}ord(permission_labels)",
    "xml": "{!xmlparser v='<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/x\"><a></a>'}",
    "half local parameters": "{!",
    "a query inside": '_query_:"{!lucene}state:*"',
    "a query inside, escaped": '_\\query_:"permission_labels:x"',
    "a value inside": '_val_:"ord(permission_labels)"',
    "who may see": "permission_labels:public",
    "who may see, escaped": "permission\\_labels:public",
    "who may see, by code": "\\u0070ermission_labels:public",
    "the entry as it is kept": "data_dict:*",
    "a dollar": "$cqgov.q",
    "a parameter of ours": "cqgov.q=*:*",
    "nothing but of": "的",
    "a number too great": "id:999999999999999999999999",
}

PARAMETERS = {
    "any name": {"x": "y"},
    "who may see": {"permission_labels": "public"},
    "the entry as it is kept": {"data_dict": "x", "validated_data_dict": "x"},
    "a value with quotes": {"cqgov_theme": 'a" OR *:* OR "b'},
    "a value with a backslash": {"organization": "a\\"},
    "a name with a colon": {"a:b OR c": "d"},
    "a name that is a query": {"*:* OR title": "x"},
    "local parameters as a name": {"{!term f=state}": "x"},
    "local parameters as a value": {"tags": "{!lucene}x"},
    "a query inside": {"_query_": "x", "q": "停车"},
    "a query inside a value": {"tags": '_query_:"x"'},
    "ten kilobytes": {"cqgov_region": "x" * 10_000},
    "an unknown freshness": {"cqgov_freshness": "x"},
    "a freshness with syntax": {"cqgov_freshness": 'overdue" OR title:"x'},
    "an order that is none": {"sort": "nosuchfield asc"},
    "an order with syntax": {"sort": "score desc, {!func}1 asc"},
    "an order by what nobody may see": {"sort": "permission_labels asc"},
    "half an order": {"sort": ","},
    "a page that is none": {"page": "x"},
    "a page far away": {"page": "99999999999"},
    "a page before the first": {"page": "-1"},
    "extras": {"ext_similar": "{}", "ext_exact": "perhaps", "ext_cqgov": "{!}"},
}


@pytest.fixture
def published(provider, entry):
    """Publish an entry that a careless query would show, and keep one that nobody may see."""
    provider.head.call("package_create", **entry(title="公交停车场", private=False, tags=[]))
    provider.head.call("package_create", **entry(title="内部停车场台账"))


@pytest.mark.parametrize("name", QUERIES)
def test_the_list_stays_calm_whatever_is_typed(published, app, name):
    answer = app.get("/dataset/?" + urlencode({"q": QUERIES[name]}), status=200)
    assert "内部停车场台账" not in answer.body and "SOLR" not in answer.body and "Traceback" not in answer.body


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_list_stays_calm_whatever_is_in_its_address(published, app, name):
    answer = app.get("/dataset/?" + urlencode(PARAMETERS[name]), expect_errors=True)
    assert answer.status_code == 200 or (answer.status_code in (400, 404) and name.startswith("a page"))
    assert "内部停车场台账" not in answer.body


@pytest.mark.parametrize("name", QUERIES)
def test_a_program_gets_an_answer_or_a_reason(published, app, name):
    answer = app.post("/api/3/action/package_search", json={"q": QUERIES[name]}, expect_errors=True)
    assert answer.status_code in (200, 400, 409), answer.body[:500]
    if answer.status_code == 200:
        assert all("内部" not in one["title"] for one in answer.json["result"]["results"])
    else:
        assert answer.json["error"]["__type"] and len(answer.json["error"]) > 1


REFUSED = [
    {"q": "permission_labels:public"},
    {"fq": "permission_labels:public"},
    {"fq_list": ["permission\\_labels:[* TO *]"]},
    {"facet.field": ["permission_labels"]},
    {"sort": "permission_labels asc"},
    {"q": "停车", "defType": "edismax", "qf": "permission_labels"},
    {"q": "x", "defType": "edismax", "bf": "ord(permission_labels)"},
    {"q": "x", "defType": "edismax", "boost": "ord(permission_labels)"},
    {"q": "{!term f=permission_labels}public"},
    {"fq": "{!term f=permission_labels}public"},
    {"q": '_query_:"x"'},
    {"q": "停车", "pf": "title_zh"},
    {"q": "停车", "bq": "title_zh:x"},
    {"q": "停车", "expand": "true"},
    {"q": "停车", "cqgov": {"instead": {"q": "*:*"}}},
    {"q": "停车", "cqgov.q": "*:*"},
    {"q": "停车", "json.facet": "{}"},
    {"q": "停车", "stream.url": "http://127.0.0.1:1/"},
    {"q": "停车", "sort": "score sideways"},
    {"q": "停车", "fq_list": "a:b"},
    {"q": "停车", "sort": "{!func}ord(permission_labels) asc"},
    {"q": "停车", "sort": "docfreq(title_zh,'台账') asc"},
    {"q": "停车", "sort": "sum(1, ttf (title_zh,'台账')) asc"},
    {"q": "停车", "sort": "query($tie) desc", "tie": "title_zh:台账"},
    {"q": "停车", "sort": "$cqgov.final desc"},
    {"q": "停车", "defType": "edismax", "boost": "docfreq(title_zh,'台账')"},
    {"q": "停车", "fl": ["title", "a:docfreq(title_zh,'台账')"]},
    {"q": "停车", "fl": ["title", "[explain]"]},
    {"q": '-"水库"', "fl": ["title", "cqgov:[subquery]"]},
    {"q": "停车", "fl": "title,cqgov:[subquery]"},
    {"q": "docfreq(title_zh,'台账')", "defType": "func"},
    {"q": "<TermQuery fieldName='permission_labels'>public</TermQuery>", "defType": "xmlparser"},
    {"q": "停车", "wt": "xml"},
    {"q": "停车", "rows": -1},
    {"q": "停车", "fq": "title:(" * 5_000},
    {"q": "停车", "fq_list": None},
    {"q": "停车", "facet.mincount": ""},
    {"q": "停车", "rows": [1]},
    {"q": "停车", "start": {"a": 1}},
    {"q": "停车", "facet.limit": [1]},
    {"q": "停车", "include_private": "maybe"},
    {"q": "停车", "use_default_schema": ""},
    {"q": "停车", "fl": [5]},
    {"q": "停车", "start": "x"},
]


@pytest.mark.parametrize("asked", REFUSED, ids=lambda asked: json.dumps(asked, ensure_ascii=False)[:60])
def test_what_is_not_allowed_is_refused_with_a_reason(published, app, asked):
    answer = app.post("/api/3/action/package_search", json=asked, expect_errors=True)
    assert answer.status_code in (400, 409), answer.body[:300]
    assert answer.json["success"] is False and answer.json["error"]["__type"]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": ["停车"]},
        {"q": {"a": 1}},
        {"q": 5},
        {"q": None},
        {"q": True},
        {"q": "停车", "extras": "x"},
        {"q": "停车", "extras": [1]},
        {"q": "停车", "extras": {"cqgov": {"pinyin": True}}},
        {"q": "停车", "extras": "x", "ext_exact": "true"},
        {"q": "停车", "ext_exact": "perhaps"},
        {"q": "停车", "ext_exact": ["true"]},
        {"q": "停车", "fq": ["a:b"]},
        {"q": "停车", "fq_list": "a:b"},
        {"q": "停车", "fq_list": 5},
        {"q": "停车", "fq_list": [5, None]},
        {"q": "停车", "facet.field": "cqgov_freshness"},
        {"q": "停车", "facet.field": [["cqgov_freshness"]]},
        {"q": "停车", "fq": "cqgov_freshness:(overdue"},
        {"q": "停车", "fl": ["cqgov_freshness"]},
        {"q": "停车", "sort": "cqgov_freshness asc"},
        {"q": "停车", "start": 2**31},
        {"q": "停车", "rows": 10**9},
    ],
    ids=lambda asked: json.dumps(asked, ensure_ascii=False)[:60],
)
def test_no_shape_of_a_request_is_an_error_of_the_server(published, app, asked):
    answer = app.post("/api/3/action/package_search", json=asked, expect_errors=True)
    assert answer.status_code in (200, 400, 409), answer.body[:300]


def test_who_may_see_is_in_no_answer(published, app):
    for fields in (["*"], ["permission_labels"], ["id", "permission_labels"], ["perm*"]):
        answer = app.post("/api/3/action/package_search", json={"q": "停车", "fl": fields}, expect_errors=True)
        assert "permission_labels" not in answer.body or answer.status_code in (400, 409)


def test_no_facet_tells_the_words_of_entries_that_the_asker_may_not_see(published, provider, app):
    asked = {"q": "停车", "facet.field": ["title_zh", "name"], "facet.mincount": 0, "facet.limit": -1}
    answer = app.post("/api/3/action/package_search", json=asked, status=200)
    assert "公交" in answer.json["result"]["facets"]["title_zh"] and "台账" not in answer.body
    found = provider.operator.call("package_search", **{**asked, "include_private": False})
    assert found["facets"]["title_zh"]["台账"] == 0
