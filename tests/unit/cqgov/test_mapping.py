"""Mapping files and the rows they are applied to."""

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from ckanext.cqgov.domain import mapping
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.exchange import fingerprint, identity
from ckanext.cqgov.domain.mapping import MappingError
from ckanext.cqgov.exchange.mappings import FILLABLE, FOLDER
from ckanext.cqgov.rules import load, load_guide

DATA = Path(__file__).parents[2] / "data" / "catalogue"
WORDS = Vocabulary(load(), load_guide())


def shipped(name):
    return mapping.parse(yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")), FILLABLE)


def entries(name, file):
    rows = json.loads(gzip.decompress((DATA / file).read_bytes()))
    return [mapping.apply(shipped(name), row, number, WORDS.code) for number, row in enumerate(rows, 1)]


def simple(**fields):
    data = {"name": "x", "portal": "data.example.cn", "fields": {"title": "名称", **fields}}
    return mapping.parse(data, FILLABLE)


def applied(found, **row):
    return mapping.apply(found, {"名称": "停车场", **row}, 7, WORDS.code)


def test_the_whole_shanghai_listing_is_understood_and_has_2232_identities():
    found = entries("shanghai", "shanghai_shanghai.json.gz")
    assert len(found) == 4494
    assert not [entry.faults for entry in found if entry.faults]
    identities = Counter(identity(entry.values, entry.provider).text for entry in found)
    distinct = {(identity(entry.values, entry.provider).text, fingerprint(entry.values)) for entry in found}
    assert len(identities) == 2232
    assert len(distinct) - len(identities) == 2  # the same record with other content


def test_shanghai_s_detail_address_is_no_id_because_it_is_the_same_in_every_row():
    entry = entries("shanghai", "shanghai_shanghai.json.gz")[0]
    assert "source_id" not in entry.values and "source_url" not in entry.values


def test_the_whole_guiyang_listing_is_understood_and_recognised_by_the_address_of_each_record():
    found = entries("guiyang", "guizhou_guiyang.json.gz")
    assert not [entry.faults for entry in found if entry.faults]
    keys = {identity(entry.values, entry.provider) for entry in found}
    assert len(keys) == len(found) == 2469
    assert {key.kind for key in keys} == {"source"}


def test_a_mapping_reports_everything_that_is_wrong_with_it_at_once():
    with pytest.raises(MappingError) as raised:
        mapping.parse({"fields": {"titel": "名称", "notes": {"kind": "text"}}, "colour": "red"}, FILLABLE)
    said = str(raised.value)
    for word in ("titel", "colour", "'name' is missing", "'portal' is missing", "fields.notes"):
        assert word in said


@pytest.mark.parametrize("field", ["owner_org", "origin", "source_portal", "items", "private"])
def test_a_mapping_cannot_fill_what_is_not_its_to_say(field):
    with pytest.raises(MappingError, match=field):
        simple(**{field: "某列"})


@pytest.mark.parametrize(
    "written", ["2024-1-5", "2024/01/05", "2024.1.5", "20240105", "2024年1月5日", "2024-01-05 12:30:00"]
)
def test_a_date_is_understood_in_every_notation_that_portals_use(written):
    assert applied(simple(published_on="日期"), 日期=written).values["published_on"] == "2024-01-05"


@pytest.mark.parametrize("written", ["2024-13-01", "2024-02-30", "昨天", "2024112"])
def test_what_is_no_date_is_a_fault_that_names_column_and_value(written):
    (fault,) = applied(simple(published_on="日期"), 日期=written).faults
    assert (fault.column, fault.value) == ("日期", written)
    assert fault.wrong.zh and fault.wrong.en and fault.fix.zh and fault.fix.en


def test_an_unknown_value_of_a_controlled_list_is_a_fault():
    found = simple(opening_type={"label": "开放", "vocabulary": "opening_types"})
    assert applied(found, 开放="完全开放").values["opening_type"] == "unconditional"
    (fault,) = applied(found, 开放="也许").faults
    assert "opening_type" in fault.fix.en


@pytest.mark.parametrize(
    "rule", [{"values": ["无条件"]}, {"values": "无条件"}, {"vocabulary": ["opening_types"]}, {"vocabulary": "opening"}]
)
def test_a_rule_of_the_wrong_shape_is_refused_at_its_field_together_with_all_other_faults(rule):
    data = {"name": "x", "portal": "p", "fields": {"opening_type": {"label": "开放", **rule}, "titel": "名称"}}
    with pytest.raises(MappingError) as refused:
        mapping.parse(data, FILLABLE, {"opening_types"})
    told = " ".join(problem.en for problem in refused.value.problems)
    assert "fields.opening_type" in told and "titel" in told


def test_one_word_may_stand_where_a_list_of_words_may():
    data = {"name": "x", "portal": "p", "title": {"zh": "某市"}, "ignored": "浏览量", "recognise": "名称"}
    found = mapping.parse({**data, "fields": {"title": "名称", "notes": {"label": "摘要", "empty": "暂无"}}}, FILLABLE)
    assert found.ignored == {"浏览量"} and found.recognise == {"名称"} and found.title.en == "某市"
    assert "notes" not in applied(found, 摘要="暂无").values


def test_a_pattern_takes_the_part_that_is_an_id():
    found = simple(source_id={"label": "网址", "pattern": "/d/([0-9]+)$"})
    assert applied(found, 网址="https://x.cn/d/42").values["source_id"] == "42"
    assert "source_id" not in applied(found, 网址="https://x.cn/other").values


def test_tags_that_ckan_cannot_hold_are_changed_or_left_out_and_noted():
    entry = applied(simple(tags="标签"), 标签="交通（公交）,水,,交通（公交）")
    assert entry.values["tags"] == [{"name": "交通 公交"}]
    assert entry.notes[0].value == "水" and not entry.faults


def test_words_for_nothing_leave_the_field_empty():
    found = simple(notes={"label": "摘要", "empty": ["无"]})
    assert "notes" not in applied(found, 摘要=" 无 ").values


def test_the_first_of_several_names_of_a_column_that_the_file_has_is_read():
    found = simple(notes={"label": ["摘要", "简介"]})
    entry = applied(found, 简介="公交线路")
    assert entry.values["notes"] == "公交线路" and entry.columns["notes"] == "简介"
