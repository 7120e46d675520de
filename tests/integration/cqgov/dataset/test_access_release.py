"""Closed entries for departments: the head lets them in, and whatever opens them further ends it (Arts. 16, 22)."""

from __future__ import annotations

from datetime import date

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.model import ledger
from ckanext.cqgov.model.duty import Duty

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")


def on_duty(duty: str = "handler", organization: str | None = None, **of_user):
    """Return somebody with a duty at another organisation."""
    person = actor(**of_user)
    there = organization or factories.Organization(users=[{"name": person.name, "capacity": "member"}])["id"]
    model.Session.add(
        Duty(user_id=person.id, organization_id=there, duty=duty, valid_from=date(2018, 5, 5), assigned_by=person.id)
    )
    model.Session.commit()
    return person


@pytest.fixture
def closed(provider, entry):
    """Return a maker of closed entries."""

    def make(**changes):
        wanted = {"opening_type": "closed", "sharing_type": "conditional", **RESTRICTED, **changes}
        return provider.clerk.call("package_create", **entry(**wanted))

    return make


def sees(person, made):
    """Say how much of an entry somebody sees: by showing it, and whether searching finds it."""
    from ckanext.cqgov.catalogue import access

    context = {"user": person.name if person else "", "ignore_auth": False}
    found = tk.get_action("package_search")(
        dict(context), {"q": f"name:{made['name']}", "include_private": True, "rows": 1}
    )["count"]
    try:
        tk.get_action("package_show")(dict(context), {"id": made["name"]})
    except tk.ObjectNotFound:
        assert found == 0
        return Level.NONE
    assert found == 1
    return access.level(context, model.Package.get(made["id"]))


def verbs(made):
    """Return what the ledger says of an entry, oldest first, but for its changes."""
    rows = reversed(ledger.listing(model.Session, subject_id=made["id"]))
    moves = ("dataset.release", "dataset.retract", "dataset.publish", "dataset.widen")
    return [row["verb"] for row in rows if row["verb"] in moves and row["outcome"] == "done"]


def test_departments_see_a_released_entry_as_its_sharing_type_says_and_the_public_never(provider, closed):
    colleague, citizen = on_duty(), actor()
    for sharing, level in (("conditional", Level.CATALOGUE), ("unconditional", Level.DATA)):
        made = closed(sharing_type=sharing)
        assert sees(colleague, made) is Level.NONE and sees(provider.clerk, made) is Level.DATA
        done = provider.head.call("cqgov_dataset_release", id=made["name"])
        assert done["state"] == "released" and done["released_at"] and done["next"] is None
        assert sees(colleague, made) is level
        assert sees(citizen, made) is Level.NONE and sees(None, made) is Level.NONE
        assert provider.head.call("cqgov_dataset_release", id=made["id"])["released_at"] == done["released_at"]
        assert provider.head.call("cqgov_dataset_retract", id=made["id"])["state"] == "ready"
        assert sees(colleague, made) is Level.NONE
        assert verbs(made) == ["dataset.release", "dataset.retract"]


def test_only_the_head_releases_and_takes_back(provider, closed):
    made = closed()
    for action in ("cqgov_dataset_release", "cqgov_dataset_retract"):
        with pytest.raises(tk.NotAuthorized):
            provider.clerk.call(action, id=made["id"])
        for person in (on_duty("head"), actor()):
            with pytest.raises(tk.ObjectNotFound):
                person.call(action, id=made["id"])
    assert verbs(made) == []


@pytest.mark.parametrize(
    ("changes", "field", "article"),
    [
        ({"sharing_type": "withheld"}, "sharing_type", "十六"),
        ({"opening_type": "conditional"}, "opening_type", "二十二"),
        ({"state": "draft"}, "state", ""),
        ({"update_cycle": None}, "complete", ""),
    ],
)
def test_what_cannot_be_released_is_refused_with_its_reason(provider, closed, changes, field, article):
    made = closed(**changes)
    with pytest.raises(tk.ValidationError) as refused:
        provider.head.call("cqgov_dataset_release", id=made["id"])
    assert list(refused.value.error_dict) == [field] and article in refused.value.error_dict[field][0]
    assert verbs(made) == []


@pytest.mark.parametrize(
    ("changes", "stays"),
    [
        ({"title": "公共停车场泊位"}, True),
        ({"sharing_type": "unconditional"}, False),
        ({"opening_type": "conditional"}, False),
        ({"opening_type": ""}, False),
        ({"state": "deleted"}, False),
    ],
)
def test_a_change_that_the_head_has_not_seen_ends_a_release(provider, closed, changes, stays):
    made = closed()
    provider.head.call("cqgov_dataset_release", id=made["id"])
    provider.clerk.call("package_patch", id=made["id"], **changes)
    assert verbs(made) == ["dataset.release", *([] if stays else ["dataset.retract"])]
    provider.clerk.call(
        "package_patch", id=made["id"], sharing_type="conditional", opening_type="closed", state="active"
    )
    assert sees(on_duty(), made) is (Level.CATALOGUE if stays else Level.NONE)


def test_what_is_shared_less_stays_released_and_shared_more_again_has_to_be_released_anew(provider, closed):
    made, colleague = closed(), on_duty()
    provider.head.call("cqgov_dataset_release", id=made["id"])
    provider.clerk.call("package_patch", id=made["id"], sharing_type="withheld")
    assert verbs(made) == ["dataset.release"] and sees(colleague, made) is Level.NONE
    provider.clerk.call("package_patch", id=made["id"], sharing_type="conditional")
    assert verbs(made) == ["dataset.release", "dataset.retract"] and sees(colleague, made) is Level.NONE


def test_deleting_and_moving_end_a_release(provider, closed):
    made = closed()
    provider.head.call("cqgov_dataset_release", id=made["id"])
    provider.clerk.call("package_delete", id=made["id"])
    assert verbs(made) == ["dataset.release", "dataset.retract"]
    moved = closed()
    provider.head.call("cqgov_dataset_release", id=moved["id"])
    there = factories.Organization()
    provider.operator.call("package_patch", id=moved["id"], owner_org=there["id"], provider_code="")
    assert verbs(moved) == ["dataset.release", "dataset.retract"] and sees(on_duty(), moved) is Level.NONE


def test_widening_the_sharing_of_a_public_conditional_entry_needs_the_head(provider, entry):
    conditional = entry(opening_type="conditional", sharing_type="conditional", private=False, **RESTRICTED)
    made = provider.head.call("package_create", **conditional)
    colleague = on_duty()
    assert sees(colleague, made) is Level.CATALOGUE
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("package_patch", id=made["id"], sharing_type="unconditional")
    assert list(refused.value.error_dict) == ["sharing_type"]
    provider.head.call("package_patch", id=made["id"], sharing_type="unconditional")
    assert sees(colleague, made) is Level.DATA and verbs(made) == ["dataset.publish", "dataset.widen"]


def test_reviewers_overseers_and_inspectors_see_what_their_duty_is(provider, closed):
    made = closed()
    assert sees(on_duty("confidentiality-reviewer", provider.id), made) is Level.DATA
    assert sees(on_duty("confidentiality-reviewer"), made) is Level.NONE


def test_the_page_has_a_button_for_the_head_and_says_to_others_who_acts_next(provider, closed, app):
    made = closed()

    def page(person):
        return app.get(f"/dataset/{made['name']}", headers={"Authorization": tokens[person.name]}).body

    tokens = {each.name: factories.APIToken(user=each.name)["token"] for each in (provider.head, provider.clerk)}
    assert f"/dataset/{made['name']}/release" in page(provider.head)
    clerk = page(provider.clerk)
    assert f"/dataset/{made['name']}/release" not in clerk and "负责人" in clerk
    headers = {"Authorization": tokens[provider.head.name]}
    answer = app.post(f"/dataset/{made['name']}/release", headers=headers, follow_redirects=False)
    assert answer.status_code == 302
    assert f"/dataset/{made['name']}/retract" in page(provider.head)
    assert (
        app.post(f"/dataset/{made['name']}/release", headers={"Authorization": tokens[provider.clerk.name]}).status_code
        == 403
    )
    assert app.post(f"/dataset/{made['name']}/retract", follow_redirects=False).status_code == 404
    app.post(f"/dataset/{made['name']}/retract", headers=headers)
    assert verbs(made) == ["dataset.release", "dataset.retract"]


def test_the_command_releases_and_takes_back(provider, closed, cli):
    from ckan.cli.cli import ckan

    made = closed()
    done = cli.invoke(ckan, ["cqgov", "catalogue", "release", made["name"], "--user", provider.head.name])
    assert done.exit_code == 0 and "released" in done.output
    refused = cli.invoke(ckan, ["cqgov", "catalogue", "retract", made["name"], "--user", provider.clerk.name])
    assert refused.exit_code == 1
    assert cli.invoke(ckan, ["cqgov", "catalogue", "retract", "nowhere"]).exit_code == 1
    assert cli.invoke(ckan, ["cqgov", "catalogue", "retract", made["name"]]).exit_code == 0
    assert verbs(made) == ["dataset.release", "dataset.retract"]
