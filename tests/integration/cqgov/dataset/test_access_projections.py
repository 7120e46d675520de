"""The predicate, the labels of the index and the conditions of SQL say the same of generated data and people."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from types import SimpleNamespace

import ckan.lib.search as search
import ckan.model as model
import ckan.plugins as plugins
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.tests import factories

from ckanext.cqgov.catalogue import access
from ckanext.cqgov.catalogue.labels import AccessLabels
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.access import ANONYMOUS, SYSTEM, Level, Viewer
from ckanext.cqgov.domain.access import access as decide
from ckanext.cqgov.model import dataset, generation, visibility
from ckanext.cqgov.model.duty import Duty
from ckanext.cqgov.model.organization import Organization

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")

MANY = 400


def place(group_id: str, **details) -> None:
    """Put an organisation into the tree."""
    model.Session.merge(Organization(group_id=group_id, aliases=[], former_names=[], **details))
    generation.advance(model.Session, "organizations")
    model.Session.commit()


@pytest.fixture
def city():
    """Return ids of organisations: the city's authority, a department of the city, two districts with a department each."""
    made = {
        name: factories.Organization()["id"] for name in ("authority", "office", "north", "harbour", "south", "mill")
    }
    place(made["authority"], kind="city-department", level="city", authority=True)
    place(made["office"], kind="city-department", level="city")
    for district, department in (("north", "harbour"), ("south", "mill")):
        place(made[district], kind="district-government", level="district", authority=True)
        place(made[department], kind="district-department", level="district", parent_id=made[district])
    return SimpleNamespace(**made)


@pytest.fixture
def packages(city):
    """Write packages of every state, classification and provider straight into the database, sound ones and strange ones."""
    luck = random.Random(20180505)
    owners = [*vars(city).values(), None, ""]
    made = []
    for _ in range(MANY):
        types = ["unconditional", "conditional", "closed", "withheld", None, "", "open"]
        extras = {"opening_type": luck.choice(types), "sharing_type": luck.choice(types), "other": "x"}
        package = model.Package(
            name=f"p{uuid.uuid4().hex}",
            title="t",
            type="dataset",
            state=luck.choice(["active"] * 4 + ["draft", "deleted", "pending"]),
            private=luck.choice([True, False, False, None]),
            owner_org=luck.choice(owners),
            creator_user_id=luck.choice(["nobody", "u1"]),
            extras={key: value for key, value in extras.items() if value is not None},
        )
        model.Session.add(package)
        made.append(package)
    model.Session.flush()
    for package in made:
        if luck.random() < 0.8:
            row = {
                "package_id": package.id,
                "origin": "compiled",
                "complete": True,
                "opening_type": package.extras.get("opening_type") or "closed",
                "content_hash": "",
                "written_at": sa.func.now(),
                "released_at": luck.choice([None, sa.func.now()]),
            }
            model.Session.execute(sa.insert(dataset.table).values(**row))
    model.Session.commit()
    yield made
    for package in made:
        model.Session.delete(model.Session.merge(package))
    model.Session.commit()


def viewers(city, made):
    """Yield people of every kind, and some of several."""
    luck = random.Random(320)
    granted = frozenset(package.id for package in luck.sample(made, MANY // 3))
    yield from (ANONYMOUS, SYSTEM, Viewer("u1"), Viewer("u2", granted=granted), Viewer("u3", staff=True))
    areas, places = ["city", city.north, city.south], list(vars(city).values())
    for number in range(40):
        yield Viewer(
            f"v{number}",
            staff=luck.random() < 0.6,
            member_of=frozenset(luck.sample(places, luck.choice([0, 0, 1, 2]))),
            oversees=frozenset(luck.sample(areas, luck.choice([0, 0, 1]))),
            inspects=frozenset(luck.sample(areas, luck.choice([0, 0, 0, 1]))),
            reviews=frozenset(luck.sample(places, luck.choice([0, 0, 1]))),
            granted=luck.choice([frozenset(), granted]),
        )


def test_predicate_labels_and_sql_agree_on_generated_data(city, packages):
    ids = [package.id for package in packages]
    facts = {package.id: access.of_package(package) for package in packages}
    labels = {package.id: set(AccessLabels().get_dataset_labels(package)) for package in packages}
    cells, open_to_all = 0, set(labels) & {id_ for id_, each in labels.items() if each == {"public"}}
    for viewer in viewers(city, packages):
        levels = {id_: decide(viewer, found) for id_, found in facts.items()}
        mine = set(access.domain.labels_for(viewer))
        assert {id_ for id_ in ids if labels[id_] & mine} == {id_ for id_ in ids if levels[id_] >= Level.CATALOGUE}
        for level in (Level.CATALOGUE, Level.DATA):
            assert visibility.packages(ids, viewer, level) == {id_ for id_ in ids if levels[id_] >= level}, viewer
            cells += len(ids)
    assert cells == 45 * 2 * MANY and 20 < len(open_to_all) < MANY / 2


def test_what_the_public_may_not_see_is_not_in_core_s_own_list(city, packages):
    """``package_list`` filters by ``private``: nothing is in it but what the predicate shows everybody."""
    names = {package.name: package for package in packages if not package.private and package.state == "active"}
    listed = set(tk.get_action("package_list")({"user": "", "ignore_auth": False}, {})) & set(names)
    shown = {name for name, each in names.items() if decide(ANONYMOUS, access.of_package(each)) >= Level.CATALOGUE}
    assert shown <= listed


def test_a_person_is_who_their_memberships_and_duties_of_today_say(city):
    day = today()

    def holding(*duties, member=()):
        person = actor()
        for duty, organization, since, until in duties:
            model.Session.add(
                Duty(
                    user_id=person.id,
                    organization_id=organization,
                    duty=duty,
                    valid_from=day + timedelta(days=since),
                    valid_to=None if until is None else day + timedelta(days=until),
                    assigned_by="x",
                )
            )
        model.Session.commit()
        for organization in member:
            tk.get_action("member_create")(
                {"ignore_auth": True, "user": ""},
                {"id": organization, "object": person.id, "object_type": "user", "capacity": "member"},
            )
        return access.viewer_of(model.User.get(person.id))

    stranger = holding()
    assert stranger == Viewer(stranger.id)
    clerk = holding(("handler", city.office, -1, None), member=[city.office])
    assert clerk.staff and clerk.member_of == {city.office} and not clerk.oversees
    over = holding(("handler", city.office, -9, -1), ("inspector", city.office, 1, None))
    assert not over.staff and not over.inspects
    assert holding(("authority-officer", city.authority, 0, 0)).oversees == {"city"}
    assert holding(("authority-officer", city.north, 0, None)).oversees == {city.north}
    assert holding(("authority-officer", city.office, 0, None)).oversees == frozenset()
    inspector = holding(("inspector", city.harbour, 0, None))
    assert inspector.inspects == {city.north} and not inspector.staff
    assert holding(("confidentiality-reviewer", city.mill, 0, None)).reviews == {city.mill}
    gone = actor(state="deleted")
    assert access.viewer_of(model.User.get(gone.id)) == ANONYMOUS
    assert access.viewer_of(None) == ANONYMOUS
    boss = actor(sysadmin=True)
    assert access.viewer_of(model.User.get(boss.id)) == Viewer(boss.id, sysadmin=True)
    assert access.viewer({"ignore_auth": True}) == SYSTEM


def test_our_labels_are_the_ones_that_ckan_uses():
    assert isinstance(next(iter(plugins.PluginImplementations(plugins.IPermissionLabels))), AccessLabels)


def test_hits_that_the_index_still_shows_are_dropped_and_taken_off_the_count(provider, entry, app, monkeypatch):
    titles = ("停车场泊位", "停车场收费标准")
    kept, gone = (provider.head.call("package_create", **entry(title=title, private=False)) for title in titles)
    index = search.index.PackageSearchIndex
    with monkeypatch.context() as pending:
        pending.setattr(index, "index_package", lambda *_args, **_more: None)  # the index has not followed yet
        provider.clerk.call("package_patch", id=gone["id"], **{**RESTRICTED, "opening_type": "closed"})
    for sent in ({"q": "停车场"}, {"q": "停车场", "fl": ["title"]}, {"q": "停车场", "fl": ["id", "name"]}):
        answer = app.post("/api/3/action/package_search", json=sent).json["result"]
        assert answer["count"] == 1 and len(answer["results"]) == 1
        assert set(answer["results"][0]) >= ({"title"} if sent.get("fl") == ["title"] else {"name"})
        assert sent.get("fl") != ["title"] or "id" not in answer["results"][0]
    assert "收费" not in app.get("/dataset/?q=停车场").body
    assert "泊位" in app.get("/dataset/?q=停车场").body
    assert "收费" not in app.get("/api/3/action/cqgov_suggest?q=停车场").body
    found = provider.operator.call("package_search", q="停车场")
    assert found["count"] == 2, "a sysadmin sees everything"
    assert kept["id"] in {each["id"] for each in found["results"]}


def test_activities_of_what_was_public_and_is_so_no_longer_leave_every_list(provider, entry, app):
    made = provider.head.call("package_create", **entry(title="停车场丙", private=False))
    organization = {"id": provider.id}

    def lists():
        asked = (
            ("recently_changed_packages_activity_list", {}),
            ("organization_activity_list", organization),
            ("user_activity_list", {"id": provider.head.id}),
        )
        context = {"user": actor().name, "ignore_auth": False}
        return [tk.get_action(action)(dict(context), dict(data)) for action, data in asked]

    assert all(made["id"] in {each["object_id"] for each in found} for found in lists())
    provider.head.call("package_patch", id=made["id"], private=True)
    assert not any(made["id"] in {each["object_id"] for each in found} for found in lists())
    assert "停车场丙" not in app.get("/organization/activity/" + provider.name).body


def test_whoever_follows_a_dataset_that_closes_keeps_the_list_of_the_others(provider, entry):
    follower = actor()
    kept, gone = (
        provider.head.call("package_create", **entry(title=name, private=False)) for name in ("停车丁", "停车戊")
    )
    for each in (kept, gone):
        follower.call("follow_dataset", id=each["id"])
    provider.head.call("package_patch", id=gone["id"], private=True)
    assert [each["id"] for each in follower.call("dataset_followee_list", id=follower.id)] == [kept["id"]]
    assert [each["dict"]["id"] for each in follower.call("followee_list", id=follower.id)] == [kept["id"]]


@pytest.mark.parametrize(
    "order",
    [
        {"sort": "package_count"},
        {"sort": "packages desc"},
        {"order_by": "packages"},
        {"sort": "package_count DESC and more"},
    ],
)
@pytest.mark.parametrize("kind", ["organization", "group"])
def test_the_order_by_number_of_datasets_tells_of_no_hidden_one(provider, entry, kind, order):
    names = {}
    for kept, openings in (("closed", ("closed",) * 3), ("one", ("unconditional",)), ("two", ("unconditional",) * 2)):
        made = getattr(factories, kind.capitalize())(name=f"{kept}-{uuid.uuid4().hex}")
        names[kept] = made["name"]
        for opening in openings:
            limits = {} if opening == "unconditional" else RESTRICTED
            values = entry(opening_type=opening, private=bool(limits), **limits)
            dataset = provider.head.call("package_create", **values)
            if kind == "organization":
                place = sa.update(model.package_table).where(model.package_table.c.id == dataset["id"])
                model.Session.execute(place.values(owner_org=made["id"]))
            member = {"id": made["id"], "object": dataset["id"], "object_type": "package", "capacity": "public"}
            tk.get_action("member_create")({"ignore_auth": True, "user": provider.operator.name}, member)
    model.Session.commit()
    wanted = {f"{kind}s": list(names.values()), **order}
    for context in ({"user": ""}, {"user": provider.operator.name}):
        listed = tk.get_action(f"{kind}_list")(dict(context), dict(wanted))
        seen = ["closed", "two", "one"] if context["user"] else ["two", "one"]
        assert listed == [names[each] for each in seen]
        assert tk.get_action(f"{kind}_list")(dict(context), {**wanted, "limit": 1, "offset": 1}) == [names[seen[1]]]
        whole = tk.get_action(f"{kind}_list")(dict(context), {**wanted, "all_fields": True})
        assert [each["name"] for each in whole] == [names[each] for each in seen]


@pytest.mark.parametrize("kind", ["organization", "group"])
@pytest.mark.parametrize(
    "odd", [{"{kind}s": 5}, {"{kind}s": [None, {}]}, {"limit": "x"}, {"offset": [1]}, {"limit": -1}]
)
def test_an_odd_question_for_that_order_is_no_error_of_the_server(app, kind, odd):
    asked = {key.replace("{kind}", kind): value for key, value in odd.items()}
    answer = app.post(f"/api/3/action/{kind}_list", json={"sort": "package_count", **asked})
    assert answer.status_code in (200, 400, 409), answer.body
