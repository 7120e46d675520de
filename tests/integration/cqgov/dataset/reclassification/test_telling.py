"""Who is told how far a reclassification is: actions, pages, the notice at the entry, the command."""

from __future__ import annotations

from datetime import datetime, timedelta

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.cli.cli import ckan
from ckan.tests import factories
from redis.exceptions import ConnectionError as Away

from ckanext.cqgov.domain.reclassification import Course
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model import reclassification as rows
from ckanext.cqgov.reclassification import attending, working

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.fixture
def unfinished(lying_open, close, monkeypatch):
    """Return an entry whose withdrawal failed once: the queue was away."""
    place = lying_open()
    with monkeypatch.context() as broken:
        table = {**working.CARRIED_OUT, "queue": lambda _: (_ for _ in ()).throw(Away("away"))}
        broken.setattr(working, "STEPS", {**working.STEPS, Course.WITHDRAW: table})
        broken.setattr(tk, "enqueue_job", lambda *_, **__: None)
        close(place.id)
    assert rows.latest(place.id).attempts == 1
    return place


def tokened(person):
    return {"Authorization": factories.APIToken(user=person.name)["token"]}


def test_the_provider_is_told_what_is_done_what_failed_and_who_acts_next(unfinished, provider):
    told = provider.clerk.call("cqgov_reclassification_show", id=unfinished.name)
    assert told["state"] == "waiting" and told["course"] == "withdraw" and told["next"]
    assert datetime.fromisoformat(told["due_at"]) - datetime.fromisoformat(told["asked_at"]) > timedelta(seconds=30)
    assert {step["code"] for step in told["steps"] if not step["done"]} == {"queue", "proof"}
    assert len(told["faults"]) == 1 and told["proof"] == []
    assert not any(word in str(told) for word in unfinished.words)
    assert told in provider.clerk.call("cqgov_reclassification_list")


def test_nobody_else_is_told(unfinished):
    stranger = factories.User()["name"]
    for action in ("cqgov_reclassification_show", "cqgov_reclassification_resume"):
        for user in ("", stranger):
            with pytest.raises(tk.NotAuthorized):
                tk.get_action(action)({"user": user, "ignore_auth": False}, {"id": unfinished.id})
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("cqgov_reclassification_list")({"user": stranger, "ignore_auth": False}, {})


def test_the_head_resumes_it_and_others_of_the_provider_do_not(unfinished, provider, look):
    with pytest.raises(tk.NotAuthorized):
        provider.clerk.call("cqgov_reclassification_resume", id=unfinished.id)
    told = provider.head.call("cqgov_reclassification_resume", id=unfinished.id)
    assert told["state"] == "done" and {each["count"] for each in told["proof"]} == {0} and told["due_at"] is None
    assert look(unfinished) == {}
    kept = ledger.listing(model.Session, subject_id=unfinished.id, verb="reclassification.resume")
    assert sorted((each["actor"], each["outcome"]) for each in kept) == sorted(
        [(provider.clerk.id, "refused"), (provider.head.id, "done")]
    )
    with pytest.raises(tk.ValidationError):
        provider.head.call("cqgov_reclassification_resume", id=unfinished.id)


def test_a_limit_that_is_no_number_is_refused(provider):
    for limit in ("many", 0, 101, -1):
        with pytest.raises(tk.ValidationError):
            provider.clerk.call("cqgov_reclassification_list", limit=limit or "0")


def test_the_pages_tell_the_provider_and_do_not_exist_for_others(unfinished, provider, make_app):
    app, clerk, head = make_app(), tokened(provider.clerk), tokened(provider.head)
    address = f"/en/dataset/{unfinished.name}/reclassification"
    page = app.get(address, headers=clerk).body
    assert "take back queued background jobs" in page and "nothing to do" in page and "Try again now" not in page
    assert "Try again now" in app.get(address, headers=head).body
    assert unfinished.name in app.get("/en/reclassification", headers=clerk).body
    assert "taking it out of the open" in app.get(f"/en/dataset/{unfinished.name}", headers=clerk).body
    assert "taking it out of the open" not in app.get(f"/en/dataset/{unfinished.name}").body
    assert app.get(address, status=404) and app.get("/en/reclassification", status=403)
    assert "停止向所有人开放" in app.get(f"/zh_Hans_CN/dataset/{unfinished.name}", headers=clerk).body
    app.post(f"{address}/resume", headers=clerk, status=403)
    assert "Proof: what is left" in app.post(f"{address}/resume", headers=head).body
    assert "taking it out of the open" not in app.get(f"/en/dataset/{unfinished.name}", headers=clerk).body


def test_the_command_tells_resumes_and_proves(unfinished, cli, look):
    told = cli.invoke(ckan, ["cqgov", "reclassify", "status"])
    assert told.exit_code == 0 and unfinished.id in told.output and "queue: ConnectionError" in told.output
    assert cli.invoke(ckan, ["cqgov", "reclassify", "resume", unfinished.name]).exit_code == 0
    assert look(unfinished) == {}
    (kept,) = ledger.listing(model.Session, subject_id=unfinished.id, verb="reclassification.resume")
    assert (kept["actor"], kept["outcome"]) == ("system", "done")
    one = cli.invoke(ckan, ["cqgov", "reclassify", "status", unfinished.name])
    assert one.exit_code == 0 and "search index: 0" in one.output
    proven = cli.invoke(ckan, ["cqgov", "reclassify", "prove", unfinished.id])
    assert proven.exit_code == 0 and "previews: 0" in proven.output


def test_proving_finds_what_somebody_put_there_past_the_portal(unfinished, cli):
    attending.carry_on()
    assert cli.invoke(ckan, ["cqgov", "reclassify", "resume", unfinished.name]).exit_code == 0
    model.Session.add(model.ResourceView(resource_id=unfinished.file, title="leftover", view_type="text_view", order=0))
    model.Session.commit()
    proven = cli.invoke(ckan, ["cqgov", "reclassify", "prove", unfinished.id])
    assert proven.exit_code == 1 and "previews: 1" in proven.output
    (entry, *_) = ledger.listing(model.Session, subject_id=unfinished.id, verb="reclassification.prove")
    assert entry["outcome"] == "failed"


def test_an_open_entry_has_nothing_to_prove(lying_open, cli):
    place = lying_open()
    assert cli.invoke(ckan, ["cqgov", "reclassify", "prove", place.id]).exit_code == 1
    assert cli.invoke(ckan, ["cqgov", "reclassify", "status", place.id]).exit_code == 1
