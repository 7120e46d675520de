"""The numbers by which a process knows that what it remembers still holds."""

import ckan.model as model
import pytest

from ckanext.cqgov.model import generation

pytestmark = [pytest.mark.usefixtures("clean_db", "with_plugins")]


def test_a_number_grows_with_each_change_of_its_topic_and_of_no_other():
    generation.advance(model.Session, "weather")
    model.Session.commit()
    first = generation.of("weather")
    generation.advance(model.Session, "weather")
    generation.advance(model.Session, "tides")
    model.Session.commit()
    assert generation.of("weather") == first + 1
    assert generation.of("winds") == 0


def test_what_is_remembered_is_loaded_once_until_its_topic_changes():
    asked = []
    held = generation.Remembered("weather", lambda: asked.append(1) or len(asked))
    assert [held.get(), held.get()] == [1, 1]
    generation.advance(model.Session, "weather")
    model.Session.commit()
    assert [held.get(), held.get()] == [2, 2]


def test_a_change_that_is_undone_leaves_the_number():
    generation.advance(model.Session, "weather")
    model.Session.commit()
    before = generation.of("weather")
    generation.advance(model.Session, "weather")
    model.Session.rollback()
    assert generation.of("weather") == before


def test_an_emptied_table_never_gives_out_a_number_again():
    generation.advance(model.Session, "weather")
    model.Session.commit()
    before = generation.of("weather")
    model.Session.query(generation.Generation).delete()
    generation.advance(model.Session, "weather")
    model.Session.commit()
    assert generation.of("weather") > before


def test_what_may_be_a_little_late_is_not_asked_about_with_every_letter(monkeypatch):
    moments = iter([100.0, 101.0, 103.0])
    monkeypatch.setattr(generation.time, "monotonic", lambda: next(moments))
    asked = []
    held = generation.Remembered("weather", lambda: asked.append(1) or len(asked), unasked=2.0)
    first = held.get()
    generation.advance(model.Session, "weather")
    model.Session.commit()
    assert [first, held.get(), held.get()] == [1, 1, 2]
