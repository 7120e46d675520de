"""Nobody asks the index for entries that they may not see by a query inside a query, however its name is written."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest
from ckan.tests import factories

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

JOIN = r'"\{!join from=owner_org to=owner_org}title:%s"'
BARE = r"\{!join\ from=owner_org\ to=owner_org\}title\:%s"
SUM = r'"if(gt(docfreq(title,\"%s\"),0),strdist(name,\"a\",edit),1)"'

NAMES = (
    "_query_:",
    r"\u005fquery_:",
    r"_quer\u0079_:",
    r"_\u0071uery\_ :",
    "x^2_query_:",
    "x~2_query_:",
    "_query_/* x */:",
    "_query_\u3000:",
)
QUERIES = (
    *(f"{name}{JOIN}" for name in NAMES),
    *(f"{name}{BARE}" for name in NAMES),
    rf"*:* OR \u005fval_:{SUM}",
    rf"*:* OR _\u0076al_:{SUM}",
    rf"*:* OR x^2_val_:{SUM}",
)
PARAMETERS = (
    *({key: query} for key in ("q", "fq") for query in QUERIES),
    *({"q": query, "defType": "edismax"} for query in QUERIES),
    {"fq_list": [QUERIES[1]]},
    {"q": r'a:b OR "\{!join from=owner_org to=owner_org}title:%s"', "df": "_query_"},
    {"q": r'"\{!join from=owner_org to=owner_org}title:%s"', "df": "_query_", "defType": "lucene"},
    {"q": r'"\{!join from=owner_org to=owner_org}title:%s"', "qf": "title _query_"},
    {"q": r'"\{!join from=owner_org to=owner_org}title:%s"', "qf": "_query_", "defType": "edismax"},
)


TITLES = ("停车场甲", "公交站乙")


def word_of_its_own():
    """Return a word that stands nowhere yet; its letters are always the same, for they may be read as pinyin."""
    return f"zq{uuid.uuid4().int % 10**12:012}"


@pytest.fixture
def hidden(provider, entry):
    """Return a word that stands in a closed entry alone, of a provider with two public ones."""
    word = word_of_its_own()
    for title in TITLES:
        provider.head.call("package_create", **entry(private=False, title=title))
    closed = entry(opening_type="closed", sharing_type="conditional", title=f"x {word}", **RESTRICTED)
    provider.head.call("package_create", **closed)
    return word


def filled(value, word):
    """Return parameters with the word that is asked about."""
    if isinstance(value, dict):
        return {key: filled(each, word) for key, each in value.items()}
    return [filled(each, word) for each in value] if isinstance(value, list) else value.replace("%s", word)


def test_no_query_inside_a_query_tells_of_what_is_hidden(hidden, app):
    nothing = word_of_its_own()
    told, answered = [], []
    for who in (None, factories.APIToken(user=actor().name)["token"]):
        headers = {"Authorization": who} if who else {}

        def asked(word, params, headers=headers):
            answer = app.post("/api/3/action/package_search", json=filled(params, word), headers=headers)
            return answer.status_code, answer.body.replace(word, "-")

        for params in PARAMETERS:
            one, other = asked(hidden, params), asked(nothing, params)
            told += [f"{params}: {one[0]} / {other[0]}"] if one != other else []
            answered += [str(params)] if one[0] == 500 else []
    assert not told, "\n".join(told)
    assert not answered, "\n".join(answered)


PAGES = ("/dataset/?q={}", "/dataset/?fq={}", "/feeds/custom.atom?q={}", "/organization/{organization}?q={}")
SUGGESTING = ("/api/3/action/package_autocomplete?q={}", "/api/3/action/cqgov_suggest?q={}", "/suggest?q={}")


def test_no_page_and_no_suggestion_lets_one_through(hidden, app, provider):
    nothing = word_of_its_own()
    inside = [f"x OR {name}{BARE} OR y\\" for name in NAMES]  # what CKAN's autocomplete puts between quotation marks
    told = []
    for path, queries in ((PAGES, QUERIES), (SUGGESTING, (*QUERIES, *inside))):
        for each in path:
            for query in queries:

                def found(word, each=each, query=query):
                    answer = app.get(each.replace("{organization}", provider.name).format(quote(filled(query, word))))
                    return answer.status_code, [title for title in TITLES if title in answer.body]

                one, other = found(hidden), found(nothing)
                told += [f"{each} {query}: {one} / {other}"] if one != other or one[0] == 500 else []
    assert not told, "\n".join(told)


@pytest.mark.parametrize("parser", ["join", "graph", "parent", "child", "mlt", "frange", "xmlparser", "filters"])
def test_the_index_itself_knows_no_parser_that_looks_beyond_what_is_filtered(hidden, parser):
    from ckanext.cqgov.catalogue.solr import connection

    inner = f'{{!{parser} from=owner_org to=owner_org of=\\"*:*\\" which=\\"*:*\\" l=0 qf=title}}title:{hidden}'
    asked = {"q": f'_query_:"{inner}" OR title:{hidden}', "fq": "-opening_type:closed", "fl": "name"}
    assert [each["name"] for each in connection().search(**asked).docs] == []
