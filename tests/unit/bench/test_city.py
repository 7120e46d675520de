"""The bench's city: every number is a dataset of its own, worded alike all through, and the same in every run."""

from __future__ import annotations

import json

import pytest

from tests.bench import city


@pytest.fixture(scope="module")
def records():
    return len(city.records())


def test_a_number_is_always_the_same_dataset():
    assert city.dataset(12_345) == city.dataset(12_345)


def test_every_number_is_a_dataset_of_its_own(records):
    made = [city.dataset(7 + variation * records)[0] for variation in range(20)]
    assert len({one["id"] for one in made}) == len({one["name"] for one in made}) == 20
    assert len({(one["title"], one["notes"]) for one in made}) == 20


def test_no_mark_of_a_template_is_left(records):
    for number in range(0, 100_000, 997):
        text = json.dumps(city.dataset(number), ensure_ascii=False)
        assert not [mark for mark in city.MARKS.values() if mark in text]


def test_a_district_is_the_same_one_in_title_abstract_and_department():
    words = city.wording(9)
    titles = [city.varied(text, words) for text in ("虹口区停车场", "由虹口区采集", "上海市虹口区人民政府")]
    district = words["虹口区"]
    assert district in city.districts() and all(district in title for title in titles)


def test_both_schemas_show_the_same_dataset():
    default, custom = city.dataset(40_001)
    assert {key: default[key] for key in ("id", "title", "notes", "owner_org", "tags")} == {
        key: custom[key] for key in ("id", "title", "notes", "owner_org", "tags")
    }
    stored = {each["key"]: each["value"] for each in default["extras"]}
    assert [item["name"] for item in json.loads(stored["items"])] == [item["name"] for item in custom["items"]]


def test_every_dataset_belongs_to_a_known_organisation():
    known = {one["id"] for one in city.organizations(6_000)}
    assert {city.dataset(number)[0]["owner_org"] for number in range(0, 6_000, 53)} <= known
