"""Querying what is not open: the arguments and answers of ``datastore_search``, for the grant's columns and rows alone."""

from __future__ import annotations

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests.helpers import call_action

from .conftest import COLUMN, CONDITIONAL, ROW, TABLE, file

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

COLUMNS = ["区县", "停车场", "泊位数", "启用日期", "负责人"]
CENTRE = [{"column": "区县", "op": "=", "value": "渝中区"}]


def names(answer):
    return [record["停车场"] for record in answer["records"]]


def test_without_a_grant_nobody_queries(search, stranger, dataset, entries):
    with pytest.raises(tk.NotAuthorized, match="授权"):
        search(stranger)
    refused = entries("data.query", dataset["id"])
    assert [(each["actor"], each["outcome"]) for each in refused] == [(stranger.id, "refused")]


def test_a_visitor_is_refused_as_well(resource):
    with pytest.raises(tk.NotAuthorized):
        call_action("cqgov_data_search", {"ignore_auth": False, "user": ""}, resource_id=resource)


def test_a_grant_for_all_of_it_opens_every_cell(search, give, holder):
    give()
    answer = search(holder)
    assert [field["id"] for field in answer["fields"]] == ["_id", *COLUMNS]
    assert [field["type"] for field in answer["fields"]] == ["int", "text", "text", "numeric", "date", "text"]
    assert answer["total"] == 4 and answer["records"][0] == {
        "_id": 1,
        "区县": "渝中区",
        "停车场": "解放碑",
        "泊位数": 120,
        "启用日期": "2020-01-02",
        "负责人": f"{COLUMN} one",
    }


def test_every_query_is_one_row_of_the_ledger(search, give, holder, dataset, resource, entries):
    granted = give()
    search(holder)
    search(holder, limit=0)
    read = entries("data.read", dataset["id"])
    assert len(read) == 2 and {each["actor"] for each in read} == {holder.id}
    assert read[0]["detail"]["resource_id"] == resource and read[0]["detail"]["grants"] == [granted["id"]]


def test_a_query_that_the_ledger_cant_record_is_not_answered(search, give, holder, monkeypatch):
    from ckanext.cqgov import ledger

    def fail(*_args, **_more):
        raise RuntimeError("no ledger")

    give()
    monkeypatch.setattr(ledger, "read", fail)
    with pytest.raises(RuntimeError):
        search(holder)


def test_the_provider_queries_its_own_data_and_that_is_recorded(search, provider, dataset, entries):
    assert search(provider.clerk)["total"] == 4
    assert [each["actor"] for each in entries("data.read", dataset["id"])] == [provider.clerk.id]


@pytest.mark.parametrize(
    "asked, expected",
    [
        ({"filters": {"区县": "渝中区"}}, ["解放碑", "朝天门"]),
        ({"filters": {"区县": ["渝中区", "南岸区"]}}, ["解放碑", "朝天门", "南坪"]),
        ({"filters": '{"泊位数": {"gte": 100}}'}, ["解放碑", f"{ROW} 观音桥"]),
        ({"filters": {"启用日期": {"gt": "2020-06-01", "lt": "2022-01-01"}}}, ["朝天门"]),
        ({"filters": {"$or": [{"泊位数": 60}, {"停车场": "朝天门"}]}}, ["朝天门", "南坪"]),
        ({"filters": {"_id": [2, 4]}}, ["朝天门", "南坪"]),
        ({"sort": "泊位数 desc"}, [f"{ROW} 观音桥", "解放碑", "朝天门", "南坪"]),
        ({"sort": ["启用日期 desc nulls last", "泊位数"], "limit": 2}, ["南坪", "朝天门"]),
        ({"limit": 1, "offset": 2}, [f"{ROW} 观音桥"]),
        ({"q": "解放碑"}, ["解放碑"]),
        ({"q": {"负责人": "two"}}, ["朝天门"]),
        ({"q": "one | four", "plain": False, "language": "simple", "sort": "_id"}, ["解放碑", "南坪"]),
        ({"q": ROW}, [f"{ROW} 观音桥"]),
    ],
)
def test_arguments_mean_what_they_mean_to_the_datastore(search, give, holder, asked, expected):
    give()
    assert names(search(holder, **asked)) == expected


def test_fields_distinct_and_formats(search, give, holder):
    give()
    assert search(holder, fields="区县", distinct=True, sort="区县")["total"] == 3
    assert search(holder, fields=["停车场", "泊位数"], records_format="lists", limit=1)["records"] == [["解放碑", 120]]
    assert search(holder, fields=["停车场", "泊位数"], records_format="csv", limit=1)["records"] == "解放碑,120\n"
    assert search(holder, fields=["停车场", "泊位数"], records_format="tsv", limit=1)["records"] == "解放碑\t120\n"
    assert "total" not in search(holder, include_total=False)
    assert search(holder, limit=10**6)["limit"] == 32_000


def test_the_answer_has_the_keys_and_records_of_datastore_search(search, give, holder, provider, entry):
    from ckanext.cqgov.tabular import read_table
    from ckanext.cqgov.tabular.datastore import store

    made = provider.head.call("package_create", **entry(private=False))
    open_ = provider.clerk.call("resource_create", package_id=made["id"], name="表", url="https://example.org/a.csv")
    store({"ignore_auth": True, "user": provider.operator.name}, open_["id"], read_table(TABLE.encode(), "a.csv"))
    give()
    questions = [
        {},
        {"fields": "停车场", "sort": "泊位数", "limit": 2},
        {"q": "canaryperson", "filters": {"区县": "渝中区"}},
        {"q": {"负责人": "one"}},
        {"records_format": "csv", "fields": "区县,泊位数"},
        {"records_format": "lists"},
        {"include_total": False},
    ]
    for asked in questions:
        ours = search(holder, **json.loads(json.dumps(asked)))
        core = call_action("datastore_search", resource_id=open_["id"], **asked)
        for answer in (ours, core):
            answer.pop("resource_id")
            answer["records"] = _without_ranks(answer["records"])
        shared = {
            key: core[key] for key in ("fields", "records", "limit", "total", "total_was_estimated") if key in core
        }
        assert {key: ours.get(key) for key in shared} == shared, asked
        assert set(core) - set(ours) <= {"_links", "filterops", "include_next_page", "total_estimation_threshold"}, (
            asked
        )


def _without_ranks(records):
    """The DataStore ranks all columns of a row at once with weights of its own index; only who is found is compared."""
    if isinstance(records, list) and records and isinstance(records[0], dict):
        return [{key: value for key, value in row.items() if not key.startswith("rank")} for row in records]
    return records if isinstance(records, str) else [dict(row) if isinstance(row, dict) else row for row in records]


def test_of_an_open_resource_it_is_datastore_search(provider, entry, stranger):
    from ckanext.cqgov.tabular import read_table
    from ckanext.cqgov.tabular.datastore import store

    made = provider.head.call("package_create", **entry(private=False))
    open_ = provider.clerk.call("resource_create", package_id=made["id"], name="表", url="https://example.org/a.csv")
    store({"ignore_auth": True, "user": provider.operator.name}, open_["id"], read_table(TABLE.encode(), "a.csv"))
    assert stranger.call("cqgov_data_search", resource_id=open_["id"])["total"] == 4


def test_what_is_not_granted_is_in_no_answer(search, give, holder, resource):
    give(resources=[resource], columns=["区县", "停车场"], rows=CENTRE)
    for form in ("objects", "lists", "csv", "tsv"):
        answer = search(holder, records_format=form)
        assert COLUMN not in str(answer) and ROW not in str(answer)
        assert [field["id"] for field in answer["fields"]] == ["区县", "停车场"] and answer["total"] == 2
    assert search(holder, q=COLUMN)["total"] == 0
    assert search(holder, q=ROW)["total"] == 0
    assert search(holder, filters={"区县": "江北区"})["total"] == 0


@pytest.mark.parametrize(
    "asked",
    [
        lambda name: {"filters": {name: "1"}},
        lambda name: {"filters": {name: ["1"]}},
        lambda name: {"filters": {"$or": [{name: {"gte": "1"}}]}},
        lambda name: {"sort": f'"{name}" desc' if '"' not in name else name},
        lambda name: {"fields": [name]},
        lambda name: {"fields": [name], "distinct": True},
        lambda name: {"q": {name: "a"}},
    ],
    ids=["filter", "filter in", "nested filter", "sort", "fields", "distinct", "q"],
)
def test_a_column_that_was_not_granted_is_refused_like_one_that_does_not_exist(search, give, holder, resource, asked):
    give(resources=[resource], columns=["区县", "停车场"], rows=CENTRE)
    said = set()
    for name in ("无", "负责人", "_id", "没有的列", "_full_text", "c5", "tableoid", 'x" or 1=1 --'):
        with pytest.raises(tk.ValidationError) as refused:
            search(holder, **asked(name))
        said.add(str(refused.value.error_dict).replace(name, "?"))
    assert len(said) == 1


def test_grants_add_up_cell_by_cell(search, give, holder, resource):
    give(resources=[resource], columns=["区县", "停车场"])
    give(resources=[resource], columns=["负责人"], rows=CENTRE)
    answer = search(holder)
    assert [record["负责人"] for record in answer["records"]] == [f"{COLUMN} one", f"{COLUMN} two", None, None]
    assert "泊位数" not in answer["records"][0] and answer["records"][0]["_id"] == 1
    assert search(holder, q={"负责人": "three"})["total"] == 0
    assert search(holder, filters={"负责人": f"{COLUMN} three"})["total"] == 0
    assert [record["停车场"] for record in search(holder, sort="负责人 desc nulls last", limit=2)["records"]] == [
        "朝天门",
        "解放碑",
    ]


@pytest.mark.parametrize(
    "rows, expected",
    [
        (["区县 = 渝中区", "泊位数 range 100.."], ["解放碑"]),
        (["区县 in 渝中区、南岸区"], ["解放碑", "朝天门", "南坪"]),
        (["启用日期 range 2020-01-01..2021-12-31"], ["解放碑", "朝天门"]),
        ([{"column": "泊位数", "op": "range", "value": [None, 80]}], ["朝天门", "南坪"]),
    ],
)
def test_rows_are_opened_by_conditions(search, give, holder, resource, rows, expected):
    give(resources=[resource], rows=rows)
    assert names(search(holder)) == expected


@pytest.mark.parametrize(
    "asked, argument",
    [
        ({"filters": "{"}, "filters"),
        ({"filters": {"泊位数": {}}}, "filters"),
        ({"filters": [1]}, "filters"),
        ({"filters": {"泊位数": "viele"}}, "filters"),
        ({"filters": {"泊位数": {"like": "1"}}}, "filters"),
        ({"filters": {"泊位数": [{"gte": []}]}}, "filters"),
        ({"filters": {"泊位数": {"in": 5}}}, "filters"),
        ({"filters": {"启用日期": "2020-13-01"}}, "filters"),
        ({"q": ["a"]}, "q"),
        ({"q": {"区县": 1}}, "q"),
        ({"q": "((", "plain": False}, "query"),
        ({"q": "a", "language": "klingon"}, "language"),
        ({"q": "a", "language": "x'; drop"}, "language"),
        ({"sort": 5}, "sort"),
        ({"sort": {"区县": "desc"}}, "sort"),
        ({"fields": True}, "fields"),
        ({"limit": -1}, "limit"),
        ({"limit": "all"}, "limit"),
        ({"offset": "x"}, "offset"),
        ({"records_format": "xml"}, "records_format"),
        ({"plain": "maybe"}, "plain"),
        ({"fields": ["区县"], "distinct": True, "sort": "泊位数"}, "sort"),
    ],
)
def test_what_cant_be_answered_is_said_at_its_argument(search, give, holder, asked, argument):
    give()
    with pytest.raises(tk.ValidationError) as refused:
        search(holder, **asked)
    assert set(refused.value.error_dict) == {argument}
    assert model.Session.execute(model.Session.query(model.User.id).limit(1).statement).first()  # the session goes on


def test_a_resource_that_does_not_exist_and_one_of_a_closed_entry_are_answered_alike(provider, entry, stranger):
    closed = provider.head.call("package_create", **entry(**{**CONDITIONAL, "opening_type": "closed"}))
    made = provider.clerk.call("resource_create", package_id=closed["id"], name="表", format="CSV", upload=file())
    said = []
    for id_ in (made["id"], "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(tk.ObjectNotFound) as refused:
            stranger.call("cqgov_data_search", resource_id=id_)
        said.append(str(refused.value))
    assert said[0] == said[1]


ODD = (
    None,
    True,
    -1,
    1.5,
    10**400,
    "",
    "\n",
    "%(a)s",
    [],
    [[None]],
    [1, "a"],
    {"a": {"b": []}},
    {"$or": [5]},
    {"区县": {"in": 5}},
)
ARGUMENTS = (
    *("filters", "q", "fields", "sort", "limit", "offset"),
    *("distinct", "plain", "language", "records_format"),
)


def test_whatever_a_holder_sends_is_answered_and_is_no_error_of_the_portal(app, give, holder, resource):
    give()
    failed = [
        (argument, odd)
        for argument in ARGUMENTS
        for odd in ODD
        if app.post(
            "/api/3/action/cqgov_data_search", json={"resource_id": resource, argument: odd}, headers=holder.headers
        ).status_code
        not in (200, 409)
    ]
    assert failed == []
