"""What is opened is published whole: addresses, files, tables, previews; nothing is opened by a fault."""

from __future__ import annotations

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa

from ckanext.cqgov.catalogue import public_file
from ckanext.cqgov.domain.reclassification import PLANS, Course, State
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model import vault as holdings
from ckanext.cqgov.reclassification import working

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

STEPS = PLANS[Course.PUBLISH].codes


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def withheld(lying_open, close):
    """Return a maker of entries that were open, and of which nothing is open any more."""

    def make():
        place = lying_open()
        close(place.id)
        working.one(place.id, at_once=True)
        assert rows.latest(place.id).state is State.DONE
        return place

    return make


def opened(provider, place):
    return provider.head.call("package_patch", id=place.id, opening_type="unconditional", private=False)


def anonymous(action, **data):
    return tk.get_action(action)({"user": "", "ignore_auth": False}, data)


def is_published(place):
    shown = {each["id"]: each for each in anonymous("package_show", id=place.id)["resources"]}
    column = place.words[2]
    records = anonymous("datastore_search", resource_id=place.file)["records"]
    return (
        shown[place.link]["url"].startswith("https://files.example/")
        and shown[place.file]["url_type"] == "upload"
        and column.encode() in b"".join(public_file.pieces(place.file))
        and [record[column] for record in records] == [place.words[3]]
        and "datatables_view" in {view["view_type"] for view in anonymous("resource_view_list", id=place.file)}
        and holdings.of_packages([place.id]) == {}
    )


def test_what_is_opened_has_its_address_file_table_and_preview_again(withheld, provider):
    place = withheld()
    opened(provider, place)
    assert is_published(place)
    job = rows.latest(place.id)
    assert job.course is Course.PUBLISH and job.state is State.DONE and set(job.done) == set(STEPS)


@pytest.mark.parametrize("after", range(len(STEPS)))
def test_a_process_that_dies_between_two_steps_opens_nothing_halfway_and_the_next_one_goes_on(
    withheld, provider, asked, silent, monkeypatch, after
):
    place = withheld()
    opened(provider, place)
    done: list[str] = []
    original = working._step

    def step(job, what, each, about):
        if len(done) >= after:
            raise Killed()
        done.append(each)
        return original(job, what, each, about)

    with monkeypatch.context() as dying:
        dying.setattr(working, "_step", step)
        with pytest.raises(Killed):
            working.one(place.id)
    model.Session.rollback()
    if not after:
        assert {each["url_type"] for each in anonymous("package_show", id=place.id)["resources"]} == {"vault"}
    silent(place.id)
    assert working.one(place.id) is True
    assert is_published(place)


def test_a_step_that_fails_keeps_the_later_ones_waiting(withheld, provider, asked, work, monkeypatch):
    place = withheld()
    opened(provider, place)
    with monkeypatch.context() as broken:
        broken.setattr(public_file, "write", lambda *_: (_ for _ in ()).throw(OSError("the disk is full")))
        assert work(place.id) is False
    job = rows.latest(place.id)
    assert dict(job.done) == {} and job.fault == {"files": "OSError"}
    assert {each["url_type"] for each in anonymous("package_show", id=place.id)["resources"]} == {"vault"}
    assert work(place.id) is True and is_published(place)


def test_an_entry_that_is_closed_while_it_is_published_ends_withheld(
    withheld, provider, close, asked, work, look, monkeypatch
):
    place = withheld()
    opened(provider, place)
    meanwhile = {**working.PUBLISHED, "views": lambda about: close(place.id) and 0}
    with monkeypatch.context() as busy:
        busy.setattr(working, "STEPS", {**working.STEPS, Course.PUBLISH: meanwhile})
        assert work(place.id) is False
    assert rows.latest(place.id).course is Course.WITHDRAW
    assert work(place.id) is True and look(place) == {}


def test_a_row_that_says_publish_opens_nothing_that_the_database_says_is_not_open(withheld, work, look):
    place = withheld()
    rows.put([{"dataset_id": place.id, "course": Course.PUBLISH, "asked_by": "someone", "places": {}}])
    model.Session.commit()
    assert work(place.id) is True
    assert rows.latest(place.id).course is Course.WITHDRAW and look(place) == {}


def test_there_is_one_unfinished_row_at_most(withheld, asked):
    place = withheld()
    statement = sa.insert(rows.table).values(dataset_id=place.id, course="withdraw", asked_by="someone")
    model.Session.execute(statement)
    with pytest.raises(sa.exc.IntegrityError):
        model.Session.execute(statement)
    model.Session.rollback()
