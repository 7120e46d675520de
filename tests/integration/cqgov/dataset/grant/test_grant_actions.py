"""Giving, revoking and seeing grants: who may, what is refused, what is recorded, and that the database holds it (Arts. 19, 24, 34)."""

from __future__ import annotations

from datetime import timedelta

import ckan.model as model
import ckan.plugins as plugins
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
import time_machine
from ckan.cli.cli import ckan
from ckan.tests import factories

from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.grant import Grant

from .conftest import CONDITIONAL, person

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

PURPOSE = {"purpose": "编制停车规划", "terms_version": "2026-1"}


def on_duty(user, organization_id, code, provider):
    """Give a duty as the operator does."""
    provider.operator.call("cqgov_duty_assign", user_id=user.id, organization_id=organization_id, duty=code)
    return user


@pytest.fixture
def department(provider):
    """Return an organisation with two of its staff, ``named`` and ``other``, who hold duties there."""
    place = factories.Organization(user={"name": provider.operator.name, "capacity": "admin"})
    named, other = (on_duty(person(), place["id"], "handler", provider) for _ in range(2))
    return place, named, other


@pytest.fixture
def authority(provider):
    """Return an officer of the city's competent department."""
    title = f"c{person().name}"[:40]
    rows = [{"title": title, "name": title, "kind": "city-department", "authority": True}]
    tk.get_action("cqgov_organization_import")({"ignore_auth": True}, {"organizations": rows})
    return on_duty(person(), model.Group.get(title).id, "authority-officer", provider)


def refused(call, **data):
    """Return what is wrong with a call, by field."""
    with pytest.raises(tk.ValidationError) as error:
        call(**data)
    return error.value.error_dict


def test_a_grant_is_given_shown_and_recorded(give, holder, dataset, entries, provider):
    granted = give(valid_until=(today() + timedelta(days=30)).isoformat())
    assert (granted["holder_user"], granted["state"], granted["storage"]) == (holder.id, "running", False)
    assert granted["valid_from"] == today().isoformat() and granted["valid_until"] in granted["next"]
    assert holder.call("cqgov_grant_show", id=granted["id"])["purpose"] == PURPOSE["purpose"]
    (entry,) = entries("grant.create", granted["id"])
    assert entry["actor"] == provider.head.id and entry["detail"]["holder_user"] == holder.id
    assert entry["detail"]["purpose"] == PURPOSE["purpose"] and entry["organization_id"] == provider.id


def test_the_competent_department_gives_and_revokes_in_its_area(authority, dataset, holder, search):
    granted = authority.call("cqgov_grant_create", dataset_id=dataset["id"], holder_user=holder.name, **PURPOSE)
    assert search(holder)["total"] == 4
    authority.call("cqgov_grant_revoke", id=granted["id"], reason="目的已达成")
    with pytest.raises(tk.NotAuthorized):
        search(holder)


def test_the_competent_department_does_not_consent_to_storing_in_the_providers_place(authority, give, dataset, holder):
    with pytest.raises(tk.ValidationError) as refused:
        authority.call("cqgov_grant_create", dataset_id=dataset["id"], holder_user=holder.name, storage=True, **PURPOSE)
    assert set(refused.value.error_dict) == {"storage"} and "第三十四条" in refused.value.error_dict["storage"][0]
    assert give(storage=True)["storage"]


def test_nobody_else_gives_or_revokes(give, dataset, holder, stranger, provider, department):
    granted = give()
    for who in (holder, stranger, provider.clerk, department[1]):
        with pytest.raises(tk.NotAuthorized):
            who.call("cqgov_grant_create", dataset_id=dataset["id"], holder_user=stranger.name, **PURPOSE)
    with pytest.raises(tk.NotAuthorized):
        holder.call("cqgov_grant_revoke", id=granted["id"], reason="x")
    for who in (stranger, department[1]):
        with pytest.raises(tk.ObjectNotFound):
            who.call("cqgov_grant_revoke", id=granted["id"], reason="x")
    assert holder.call("cqgov_grant_show", id=granted["id"])["state"] == "running"


def test_a_grant_that_may_not_be_seen_does_not_exist(give, stranger):
    said = []
    for id_ in (give()["id"], "nothing"):
        with pytest.raises(tk.ObjectNotFound) as error:
            stranger.call("cqgov_grant_show", id=id_)
        said.append(str(error.value))
    assert said[0] == said[1]


def test_giving_data_of_an_entry_that_does_not_exist_for_the_giver_is_answered_as_for_no_name(
    provider, entry, stranger
):
    closed = provider.head.call("package_create", **entry(**{**CONDITIONAL, "opening_type": "closed"}))
    for action, more in (("cqgov_grant_create", {"holder_user": stranger.name, **PURPOSE}), ("cqgov_grant_list", {})):
        said = []
        for id_ in (closed["id"], closed["name"], "00000000-0000-0000-0000-000000000000"):
            with pytest.raises(tk.ObjectNotFound) as error:
                stranger.call(action, dataset_id=id_, **more)
            said.append(str(error.value))
        assert len(set(said)) == 1


def test_who_sees_which_grants_of_an_entry(give, dataset, holder, stranger, provider, authority):
    first, second = give(), give(holder_user=stranger.name)
    for who in (provider.head, authority):
        assert [each["id"] for each in who.call("cqgov_grant_list", dataset_id=dataset["id"])] == [
            second["id"],
            first["id"],
        ]
    assert [each["id"] for each in holder.call("cqgov_grant_list", dataset_id=dataset["id"])] == [first["id"]]
    assert [each["id"] for each in holder.call("cqgov_grant_list")] == [first["id"]]
    assert provider.clerk.call("cqgov_grant_list", dataset_id=dataset["id"]) == []  # an editor without a duty
    handler = on_duty(person(), provider.id, "handler", provider)
    assert len(handler.call("cqgov_grant_list", dataset_id=dataset["id"])) == 2
    inspector = on_duty(person(), model.Group.get(provider.id).id, "inspector", provider)
    assert inspector.call("cqgov_grant_list", dataset_id=dataset["id"]) == []  # of an office that stands nowhere
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("cqgov_grant_list")({"user": "", "ignore_auth": False}, {})


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"holder_user": None}, "holder_user"),
        ({"holder_user": "nobody-here"}, "holder_user"),
        ({"purpose": " "}, "purpose"),
        ({"terms_version": ""}, "terms_version"),
        ({"valid_from": "2031-02-01", "valid_until": "2031-01-31"}, "valid_until"),
        ({"valid_from": "2020-01-01", "valid_until": "2020-01-31"}, "valid_until"),
        ({"valid_until": "tomorrow"}, "valid_until"),
        ({"resources": ["no-such-resource"]}, "resources"),
        ({"columns": ["区县"]}, "resources"),
        ({"staff": ["nobody-here"]}, "staff"),
        ({"rows": "区县"}, "rows"),
        ({"rows": [{"column": "区县", "op": "like", "value": "%"}]}, "rows"),
        ({"rows": {"a": 1}}, "rows"),
        ({"columns": [1]}, "columns"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(give, changes, field):
    errors = refused(give, **changes)
    assert field in errors and all(" / " in message for message in errors[field])


def test_columns_and_rows_are_those_of_the_table(give, resource):
    one = {"resources": [resource]}
    assert "没有的列" in refused(give, **one, columns=["没有的列"])["columns"][0]
    assert "rows" in refused(give, **one, rows=["没有的列 = 1"])
    assert "rows" in refused(give, **one, rows=["泊位数 = viele"])
    assert "rows" in refused(give, **one, rows=["区县 range a..b"])
    assert "rows" in refused(give, **one, rows=["启用日期 range 2022-01-01..2020-01-01"])


def test_nobody_grants_to_themselves_and_the_database_says_so_too(provider, dataset, department):
    errors = refused(
        lambda **data: provider.head.call("cqgov_grant_create", **data),
        dataset_id=dataset["id"],
        holder_user=provider.head.name,
        **PURPOSE,
    )
    assert "holder_user" in errors
    statement = sa.text(
        "insert into cqgov_grant (id, dataset_id, holder_user, purpose, terms_version, valid_from, created_by) "
        "values (:id, :dataset, :user, 'x', '1', '2026-01-01', :user)"
    )
    with pytest.raises(sa.exc.IntegrityError, match="cqgov_grant_not_to_oneself"):
        model.Session.execute(statement, {"id": "self", "dataset": dataset["id"], "user": provider.head.id})
    model.Session.rollback()


@pytest.mark.parametrize(
    "change, constraint",
    [
        ("holder_organization = holder_user", "check_violation|changed|foreign|one_holder"),
        ("columns = '{a}'", "never changed"),
        ("valid_until = '2099-01-01'", "never changed"),
        ("revoked_at = now()", "cqgov_grant_revoked_with_reason"),
        ("revoked_at = now(), revoked_by = 'x', revoke_reason = ''", "cqgov_grant_revoked_with_reason"),
    ],
)
def test_the_database_lets_nothing_of_a_grant_be_changed_but_its_revoking(give, change, constraint):
    granted = give()
    with pytest.raises(sa.exc.DBAPIError, match=constraint):
        model.Session.execute(sa.text(f"update cqgov_grant set {change} where id = :id"), {"id": granted["id"]})
    model.Session.rollback()


def test_revoking_takes_effect_at_once_needs_a_reason_and_happens_once(give, search, holder, provider, entries):
    granted = give()
    search(holder)
    assert "reason" in refused(lambda: provider.head.call("cqgov_grant_revoke", id=granted["id"]))
    done = provider.head.call("cqgov_grant_revoke", id=granted["id"], reason="使用目的已达成")
    assert (done["state"], done["revoke_reason"], done["may_revoke"]) == ("revoked", "使用目的已达成", False)
    with pytest.raises(tk.NotAuthorized):
        search(holder)
    assert "id" in refused(lambda: provider.head.call("cqgov_grant_revoke", id=granted["id"], reason="x"))
    (entry,) = entries("grant.revoke", granted["id"])
    assert entry["detail"]["reason"] == "使用目的已达成" and entry["actor"] == provider.head.id


def test_a_refusal_to_give_is_in_the_ledger(dataset, stranger, entries):
    with pytest.raises(tk.NotAuthorized):
        stranger.call("cqgov_grant_create", dataset_id=dataset["id"], holder_user=stranger.name, **PURPOSE)
    assert [each["outcome"] for each in entries("grant.create", dataset["id"])] == ["refused"]


def test_a_grant_opens_from_its_first_to_its_last_day_in_chongqing(give, search, holder):
    give(valid_from="2031-03-02", valid_until="2031-03-31")
    seen = []
    for moment in ("2031-03-01T15:59:00", "2031-03-01T16:01:00", "2031-03-31T15:59:00", "2031-03-31T16:01:00"):
        with time_machine.travel(f"{moment}+00:00", tick=False):
            try:
                seen.append(search(holder)["total"])
            except tk.NotAuthorized:
                seen.append(None)
    assert seen == [None, 4, 4, None]


def test_a_grant_to_an_organisation_covers_the_staff_it_names_as_long_as_they_belong_to_it(
    give, search, department, provider
):
    place, named, other = department
    assert "staff" in refused(give, holder_organization=place["name"])
    assert "staff" in refused(give, holder_organization=place["name"], staff=[person().name])
    give(holder_organization=place["name"], staff=[named.name])
    assert search(named)["total"] == 4
    with pytest.raises(tk.NotAuthorized):
        search(other)
    (held,) = provider.operator.call("cqgov_duty_list", user_id=named.id)
    provider.operator.call("cqgov_duty_end", id=held["id"])
    with pytest.raises(tk.NotAuthorized):
        search(named)


def test_what_is_open_or_shut_is_not_granted(provider, entry, restricted, holder):
    def give(made):
        return lambda: provider.head.call(
            "cqgov_grant_create", dataset_id=made["id"], holder_user=holder.name, **PURPOSE
        )

    opened = provider.head.call("package_create", **entry(private=False))
    assert "二十二条" in refused(give(opened))["dataset_id"][0] or "22" in refused(give(opened))["dataset_id"][0]
    unpublished = provider.head.call("package_create", **restricted())
    closed = provider.head.call("package_create", **entry(**{**CONDITIONAL, "opening_type": "closed"}))
    for made in (unpublished, closed):
        assert "dataset_id" in refused(give(made))


def test_a_closed_entry_that_was_released_is_granted_to_departments_alone(provider, entry, holder, department):
    closed = provider.head.call("package_create", **entry(**{**CONDITIONAL, "opening_type": "closed"}))
    provider.head.call("cqgov_dataset_release", id=closed["id"])
    ask = {"dataset_id": closed["id"], **PURPOSE}
    assert "holder_user" in refused(lambda: provider.head.call("cqgov_grant_create", holder_user=holder.name, **ask))
    granted = provider.head.call("cqgov_grant_create", holder_user=department[1].name, **ask)
    assert granted["state"] == "running"


def test_a_grant_of_one_resource_opens_no_other(give, provider, dataset, resource, upload, holder):
    from ckanext.cqgov.catalogue import granted_tables

    other = provider.clerk.call(
        "resource_create", package_id=dataset["id"], name="另表", format="CSV", upload=upload("a,b\n1,2\n")
    )
    granted_tables.settle(dataset["id"])
    give(resources=[resource])
    assert holder.call("cqgov_data_search", resource_id=resource)["total"] == 4
    with pytest.raises(tk.NotAuthorized):
        holder.call("cqgov_data_search", resource_id=other["id"])
    with pytest.raises(tk.NotAuthorized):
        holder.call("cqgov_download_link", id=other["id"])


def test_when_the_entry_is_withdrawn_its_grants_open_nothing(give, search, holder, provider, dataset):
    granted = give()
    provider.head.call("package_patch", id=dataset["id"], private=True, title="canarytitle")
    with pytest.raises(tk.ObjectNotFound):
        search(holder)
    shown = holder.call("cqgov_grant_show", id=granted["id"])
    assert shown["dataset_title"] is None and "canarytitle" not in str(holder.call("cqgov_grant_list"))


class Other(plugins.SingletonPlugin):
    """Another plugin that knows of grants: what it answers is held against the rules as well."""

    plugins.implements(plugins.ITemplateHelpers)
    answered: list[Grant] = []

    def get_helpers(self):
        """Offer nothing to templates."""
        return {}

    def grants(self, user_id, organization_ids, day):
        """Return whatever the test says."""
        return self.answered


@pytest.mark.parametrize(
    "changes, opened",
    [({}, True), ({"holder_user": "somebody else"}, False), ({"valid_until": today() - timedelta(days=1)}, False)],
)
def test_another_plugin_may_know_of_grants_too(monkeypatch, search, holder, dataset, changes, opened):
    from ckanext.cqgov.catalogue import held_grants

    other = Other()
    other.answered = [Grant(**{"id": "case-1", "dataset_id": dataset["id"], "holder_user": holder.id, **changes})]
    monkeypatch.setattr(held_grants.plugins, "PluginImplementations", lambda _interface: [Failing(), other])
    if opened:
        assert search(holder)["total"] == 4
    else:
        with pytest.raises(tk.NotAuthorized):
            search(holder)


class Failing:
    """A plugin that fails when it is asked."""

    def grants(self, user_id, organization_ids, day):
        """Trip over something."""
        raise RuntimeError("the other system is away")


def test_the_commands_list_create_and_revoke(cli, dataset, resource, holder, search):
    made = cli.invoke(
        ckan,
        ["cqgov", "grant", "create", dataset["name"], "--user", holder.name, "--resource", resource]
        + ["--column", "停车场", "--row", "区县 = 渝中区", "--purpose", "规划", "--terms", "1"],
    )
    assert made.exit_code == 0, made.output
    id_ = made.output.split()[0]
    assert search(holder)["records"] == [{"停车场": "解放碑"}, {"停车场": "朝天门"}]
    listed = cli.invoke(ckan, ["cqgov", "grant", "list", "--dataset", dataset["name"]])
    assert id_ in listed.output and "running" in listed.output
    gone = cli.invoke(ckan, ["cqgov", "grant", "revoke", id_, "--reason", "结束"])
    assert gone.exit_code == 0 and "revoked" in gone.output
    again = cli.invoke(ckan, ["cqgov", "grant", "revoke", id_, "--reason", "结束"])
    assert again.exit_code == 1 and "已于此前撤销" in again.output
