"""What stops being open leaves no copy anywhere, whatever the process dies of on the way; the proof says so."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.common import config
from ckan.lib import files
from ckan.tests import factories
from redis.exceptions import ConnectionError as Away

from ckanext.cqgov.catalogue import attachments, public_file, vault_storage
from ckanext.cqgov.domain.reclassification import PLACES, PLANS, Course, State
from ckanext.cqgov.model import ledger, public_change
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.model import vault as holdings
from ckanext.cqgov.model.reclassification import Job
from ckanext.cqgov.page_cache import installation
from ckanext.cqgov.page_cache.store import Page, Ticket, compressed
from ckanext.cqgov.reclassification import asking, attending, proof, subject, working

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

STEPS = PLANS[Course.WITHDRAW].codes
CHANGES = [
    {"opening_type": "conditional"},
    {"opening_type": "closed"},
    {"opening_type": "unconditional", "private": True},
    {"opening_type": "unconditional", "state": "draft"},
]


class Killed(BaseException):
    """The process ends here."""


def shown(place):
    return tk.get_action("package_show")({"ignore_auth": True, "use_cache": False}, {"id": place.id})


def acts(place, verb):
    return ledger.listing(model.Session, subject_id=place.id, verb=verb)


def test_the_places_that_are_planted_are_the_places_that_are_proven(lying_open, look):
    place = lying_open()
    assert {"database", "datastore", "index", "disk"} <= set(look(place))
    now = datetime.now(UTC)
    about = subject.of(Job(0, place.id, Course.WITHDRAW, "", now, 1, 0, now, False))
    left = proof.prove(about)
    assert set(left) == set(PLACES) == set(proof.LOOKS)
    assert all(left.values()), left


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: "-".join(map(str, each.values())))
def test_nothing_is_left_of_what_is_no_longer_open(lying_open, close, look, change):
    place = lying_open()
    close(place.id, **change)
    assert look(place) == {}
    job = rows.latest(place.id)
    assert job.state is State.DONE and job.proof == dict.fromkeys(PLACES, 0)
    (proven,) = acts(place, "reclassification.prove")
    assert proven["outcome"] == "done" and proven["detail"]["left"] == dict.fromkeys(PLACES, 0)
    assert len(acts(place, "reclassification.finish")) == 1


def test_what_was_open_is_in_the_vault_and_nothing_is_lost(lying_open, close):
    place = lying_open()
    close(place.id)
    held = holdings.of_packages([place.id])
    assert set(held) == set(place.resources)
    assert place.words[2].encode() in b"".join(vault_storage.chunks(held[place.file].address))
    assert held[place.link].address.startswith("https://files.example/url")


def test_deleting_and_purging_leave_nothing(lying_open, provider, look):
    place = lying_open()
    provider.operator.call("package_delete", id=place.id)
    assert look(place) == {}
    key = holdings.of_resource(place.file).address
    provider.operator.call("dataset_purge", id=place.id)
    assert look(place) == {} and not vault_storage.exists(key)
    assert rows.latest(place.id).course is Course.PURGE and rows.latest(place.id).proof == dict.fromkeys(PLACES, 0)
    count = model.Session.execute(sa.text("select count(*) from activity where object_id = :id"), {"id": place.id})
    assert count.scalar() == 0


def test_purging_what_is_open_leaves_nothing(lying_open, provider, look):
    place = lying_open()
    provider.operator.call("dataset_purge", id=place.id)
    assert look(place) == {}
    assert rows.latest(place.id).state is State.DONE and rows.latest(place.id).places == {}


def test_a_file_that_was_attached_by_ckans_own_api_goes_with_a_purge(lying_open, provider):
    place = lying_open()
    store, location = files.get_storage("test"), files.Location(f"attached/{place.id}")
    store.upload(location, files.make_upload(b"x"))
    file = model.File(name="attached.txt", storage="test", location=location)
    model.Session.add(file)
    model.Session.flush()
    model.Session.add(model.FileOwner(file_id=file.id, owner_id=place.id, owner_type="package"))
    model.Session.commit()
    provider.operator.call("dataset_purge", id=place.id)
    assert model.Session.get(model.File, file.id) is None
    assert not store.exists(files.FileData(location))
    assert rows.latest(place.id).proof == dict.fromkeys(PLACES, 0)


def test_a_purge_that_leaves_an_attached_file_is_not_proven(lying_open, provider, monkeypatch):
    place = lying_open()
    file = model.File(name="attached.txt", storage="test", location=f"attached/{place.id}")
    model.Session.add(file)
    model.Session.flush()
    model.Session.add(model.FileOwner(file_id=file.id, owner_id=place.file, owner_type="resource"))
    model.Session.commit()
    with monkeypatch.context() as patched:
        patched.setattr(attachments, "remove", lambda *_ids: 0)
        provider.operator.call("dataset_purge", id=place.id)
        assert rows.latest(place.id).state is not State.DONE and rows.latest(place.id).proof["files"] == 1
    assert working.one(place.id, at_once=True) is True
    assert rows.latest(place.id).proof == dict.fromkeys(PLACES, 0)


@pytest.mark.parametrize("after", range(len(STEPS)))
def test_a_process_that_dies_between_two_steps_leaves_the_stricter_state_and_the_next_one_goes_on(
    lying_open, close, look, asked, silent, monkeypatch, after
):
    place = lying_open()
    close(place.id)
    done: list[str] = []
    original = working._step

    def step(job, what, code, about):
        if len(done) >= after:
            raise Killed()
        done.append(code)
        return original(job, what, code, about)

    with monkeypatch.context() as dying:
        dying.setattr(working, "_step", step)
        dying.setattr(working, "_prove", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            working.one(place.id)
    model.Session.rollback()
    assert {each["url_type"] for each in shown(place)["resources"]} == {"vault"}
    assert place.words[0] not in str(shown(place))
    assert working.one(place.id) is None, "the lease of the dead one still holds"
    silent(place.id)
    assert set(rows.latest(place.id).done) == set(done)
    assert working.one(place.id) is True
    assert look(place) == {}
    assert rows.latest(place.id).proof == dict.fromkeys(PLACES, 0)


@pytest.mark.parametrize("failing", STEPS[:-1])
def test_a_step_that_fails_keeps_the_entry_withheld_and_is_tried_again(
    lying_open, close, look, asked, work, monkeypatch, failing
):
    place = lying_open()
    close(place.id)
    with monkeypatch.context() as broken:
        table = {**working.CARRIED_OUT, failing: lambda _: (_ for _ in ()).throw(Away("away"))}
        broken.setattr(working, "STEPS", {**working.STEPS, Course.WITHDRAW: table})
        assert work(place.id) is False
    job = rows.latest(place.id)
    assert job.fault == {failing: "ConnectionError"} and job.proof is None
    held = {step.code for step in PLANS[Course.WITHDRAW].steps if failing in step.needs}
    assert set(job.done) == set(STEPS[:-1]) - {failing} - held, "the other steps are not kept waiting"
    assert {each["url_type"] for each in shown(place)["resources"]} == {"vault"}
    assert working.one(place.id) is None, "it waits before it tries again"
    assert work(place.id) is True and look(place) == {}


def test_after_five_tries_it_is_stuck_and_withheld_until_the_operator_resumes_it(
    lying_open, close, asked, work, monkeypatch
):
    place = lying_open()
    close(place.id)
    with monkeypatch.context() as broken:
        table = {**working.CARRIED_OUT, "index": lambda _: (_ for _ in ()).throw(Away("away"))}
        broken.setattr(working, "STEPS", {**working.STEPS, Course.WITHDRAW: table})
        assert [work(place.id) for _ in range(5)] == [False] * 5
    assert rows.latest(place.id).state is State.STUCK
    rows.hasten(place.id)
    model.Session.commit()
    assert rows.latest(place.id).state is State.WAITING and working.one(place.id) is True


def test_what_the_proof_finds_is_told_and_removed_by_the_next_try(lying_open, close, look, asked, work, monkeypatch):
    place = lying_open()
    close(place.id)
    with monkeypatch.context() as lazy:
        lazy.setattr(
            working, "STEPS", {**working.STEPS, Course.WITHDRAW: {**working.CARRIED_OUT, "tables": lambda _: 0}}
        )
        assert work(place.id) is False
    job = rows.latest(place.id)
    assert job.proof["tables"] == 2 and job.finished_at is None and job.fault == {"proof": "tables: 2"}
    assert acts(place, "reclassification.prove")[0]["outcome"] == "failed"
    assert work(place.id) is True and look(place) == {}


def test_carrying_it_out_twice_changes_nothing(lying_open, close, look, asked, work):
    place = lying_open()
    close(place.id)
    assert work(place.id) is True and work(place.id) is None
    before = {key: each for key, each in holdings.of_packages([place.id]).items()}
    asking.again([place.id], "system")
    model.Session.commit()
    assert work(place.id) is True
    job = rows.latest(place.id)
    assert {code: count for code, count in job.done.items() if code not in ("index", "pages")} == dict.fromkeys(
        ("tables", "views", "traces", "activities", "files", "queue"), 0
    )
    assert holdings.of_packages([place.id]) == before and look(place) == {}


def test_two_workers_do_it_once(lying_open, close, asked, look, monkeypatch):
    place = lying_open()
    close(place.id)
    model.Session.remove()
    calls, results, gate = [], [], threading.Barrier(2)
    original = working.CARRIED_OUT["views"]
    table = {**working.CARRIED_OUT, "views": lambda about: calls.append(about.id) or original(about)}
    monkeypatch.setattr(working, "STEPS", {**working.STEPS, Course.WITHDRAW: table})

    def run():
        gate.wait()
        try:
            results.append(working.one(place.id))
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(results, key=str) == [None, True] and calls == [place.id]
    assert look(place) == {}


def test_a_worker_that_comes_back_after_its_lease_finds_the_row_taken_and_writes_nothing(
    lying_open, close, asked, silent
):
    place = lying_open()
    close(place.id)
    slow = rows.claim("slow", place.id)
    silent(place.id)
    quick = rows.claim("quick", place.id)
    assert quick is not None and not rows.write(slow, done={"tables": 1}) and rows.write(quick, done={"views": 1})
    model.Session.commit()
    rows.let_go(slow)
    assert rows.latest(place.id).worker == "quick" and rows.latest(place.id).done == {"views": 1}


def test_an_entry_that_is_closed_further_meanwhile_begins_anew_and_ends_as_closed(
    lying_open, close, asked, work, look, monkeypatch
):
    place = lying_open()
    close(place.id)
    again = {**working.CARRIED_OUT, "views": lambda about: close(place.id, opening_type="closed") and 0}
    with monkeypatch.context() as busy:
        busy.setattr(working, "STEPS", {**working.STEPS, Course.WITHDRAW: again})
        assert work(place.id) is False
    job = rows.latest(place.id)
    assert job.round == 2 and job.done == {} and not job.leased
    assert work(place.id) is True and look(place) == {}


def test_what_nobody_asked_for_is_found_by_the_upkeep(lying_open, look):
    place = lying_open()
    package = model.package_table
    model.Session.execute(sa.update(package).where(package.c.id == place.id).values(private=True))
    model.Session.commit()
    assert attending.carry_on() >= 1
    assert look(place) == {}


def test_without_the_queue_the_upkeep_carries_it_out(lying_open, close, look, monkeypatch):
    place = lying_open()
    with monkeypatch.context() as away:
        away.setattr(attending, "_is_quick", lambda job: False)
        away.setattr(tk, "enqueue_job", lambda *_, **__: (_ for _ in ()).throw(Away("away")))
        close(place.id)
    assert rows.latest(place.id).state is State.WAITING
    assert attending.carry_on() >= 1 and look(place) == {}


def test_a_write_that_is_undone_asks_for_nothing(lying_open, provider, asked):
    place = lying_open()
    with pytest.raises(tk.ValidationError):
        provider.operator.call(
            "package_patch", id=place.id, opening_type="closed", opening_basis_kind="", opening_basis=""
        )
    assert rows.unfinished([place.id]) == [] and shown(place)["opening_type"] == "unconditional"


def test_old_activities_are_seen_by_nobody_who_does_not_see_the_entry(lying_open, close):
    place = lying_open()
    close(place.id, opening_type="closed")
    query = sa.text("select permission_labels from activity where object_id = :id")
    labels = list(model.Session.execute(query, {"id": place.id}).scalars())
    assert labels and not any("public" in each for each in labels)


def test_large_files_are_left_to_a_background_job_and_withheld_at_once(lying_open, close, look, monkeypatch):
    place, asked = lying_open(), []
    with monkeypatch.context() as large:
        large.setitem(config, "ckanext.cqgov.reclassification.at_once_megabytes", 0)
        large.setattr(tk, "enqueue_job", lambda function, args=(), **_: asked.append((function, args)))
        close(place.id)
    assert public_file.exists(place.file) and {each["url_type"] for each in shown(place)["resources"]} == {"vault"}
    ((function, arguments),) = [each for each in asked if each[0] is working.one]
    assert function(*arguments) is True and look(place) == {}


def test_taking_an_entry_back_from_departments_hides_what_they_saw_in_older_activities(provider, entry):
    law = {"opening_basis_kind": "law", "opening_basis": "《中华人民共和国档案法》第二十八条"}
    made = provider.head.call("package_create", **entry(opening_type="closed", **law))
    provider.head.call("cqgov_dataset_release", id=made["id"])
    provider.clerk.call("package_patch", id=made["id"], notes="另一摘要")
    query = sa.text("select exists (select from activity where object_id = :id and 'staff' = any(permission_labels))")
    assert model.Session.execute(query, {"id": made["id"]}).scalar()
    provider.head.call("cqgov_dataset_retract", id=made["id"])
    assert not model.Session.execute(query, {"id": made["id"]}).scalar()
    assert rows.latest(made["id"]).state is State.DONE


def test_moving_an_entry_that_is_not_open_hides_its_past_from_the_former_provider(provider, entry):
    made = provider.head.call("package_create", **entry())
    other = factories.Organization()
    query = sa.text("select permission_labels from activity where object_id = :id")
    assert any(f"member-{provider.id}" in each for each in model.Session.execute(query, {"id": made["id"]}).scalars())
    provider.operator.call("package_owner_org_update", id=made["id"], organization_id=other["id"])
    labels = list(model.Session.execute(query, {"id": made["id"]}).scalars())
    assert labels and not any(f"member-{provider.id}" in each for each in labels)


def test_kept_pages_are_made_anew_and_thrown_away(lying_open, close, monkeypatch):
    place = lying_open()
    monkeypatch.setattr(installation, "enabled", lambda: True)
    store = installation.store()
    store.keep(Ticket("0" * 40, "version", True), Page("tag", [], compressed(place.words[0].encode())))
    assert store.status()[0] == 1
    with model.meta.engine.connect() as connection:
        before = public_change.version(connection)[0]
    close(place.id)
    with model.meta.engine.connect() as connection:
        assert public_change.version(connection)[0] != before
    assert store.status() == (0, 0)
