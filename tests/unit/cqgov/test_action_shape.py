"""What CKAN's actions can't read is refused by name; what they can read passes."""

import pytest

from ckanext.cqgov.domain.action_shape import problems


def wrong(action, **given):
    return sorted({key for key, _sentence in problems(action, given)})


@pytest.mark.parametrize("value", [["x"], {"a": 1}, 7, True, 0.5])
def test_a_key_is_nothing_but_a_text(value):
    assert wrong("package_show", id=value) == ["id"]


@pytest.mark.parametrize("value", ["", "x", None, "停车场", "00000000-0000-0000-0000-000000000000"])
def test_any_text_is_left_to_the_action(value):
    assert wrong("package_show", id=value) == []


@pytest.mark.parametrize(("value", "fine"), [(0, True), ("10", True), (2**31 - 1, True), (None, True), ("", True)])
def test_natural_numbers_pass_also_as_texts(value, fine):
    assert (wrong("package_list", limit=value) == []) is fine


@pytest.mark.parametrize("value", [-1, 2**31, "1e9", "-1", 1.5, True, [1], {}, "9" * 5000, "²"])
def test_what_the_database_cannot_count_with_is_refused(value):
    assert wrong("package_list", limit=value) == ["limit"]


def test_flags_are_words_that_ckan_reads():
    assert wrong("package_show", include_plugin_data="yes", use_default_schema=False) == []
    assert wrong("package_show", include_plugin_data=[], use_default_schema="perhaps") == [
        "include_plugin_data",
        "use_default_schema",
    ]


def test_an_action_that_reads_a_parameter_differently_keeps_its_way():
    assert wrong("datastore_search", q={"name": "x"}, sort=["name desc"]) == []
    assert wrong("resource_search", query=["name:x", "url:y"]) == []
    assert wrong("resource_search", query={"name": "x"}) == ["query"]


def test_a_whole_dataset_as_package_show_gives_it_passes():
    shown = {
        "id": "x",
        "name": "x",
        "title": "停车场",
        "private": False,
        "organization": {"id": "y"},
        "resources": [{"id": "z"}],
        "groups": [],
        "tags": [{"name": "a"}],
        "num_tags": 1,
        "state": "active",
        "version": None,
    }
    assert wrong("package_update", **shown) == []


def test_what_an_action_needs_is_named_when_it_is_missing():
    assert wrong("task_status_update_many") == ["data"]
    assert wrong("task_status_update_many", data=[1]) == ["data"]


def test_every_sentence_is_there_in_both_languages():
    found = dict(problems("package_show", {"id": []}))["id"]
    assert found.zh and found.en


def test_the_key_of_a_job_is_one_that_the_queue_can_hold():
    assert wrong("job_show", id="0f3919c1-8b85") == []
    assert wrong("job_show", id="[1]") == ["id"]
    assert wrong("job_show", id="") == ["id"]


def test_of_our_own_actions_only_keys_are_looked_at_here():
    from ckanext.cqgov.domain.action_shape import keys

    assert [key for key, _sentence in keys("cqgov_dataset_check", {"id": [], "title": []})] == ["id"]
    assert list(keys("cqgov_calendar_show", {"id": []})) == []
