"""What is not open has no table, no preview and no proxy, and no route of CKAN's leads to its bytes (Art. 22)."""

from __future__ import annotations

from datetime import UTC, datetime

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib import files

from ckanext.cqgov.catalogue import vault_intake

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

ALIAS = "canary_alias"


@pytest.fixture
def table(provider, entry):
    """Return an open entry whose only resource has a table with an alias, and a preview."""
    made = provider.head.call(
        "package_create", **entry(private=False, resources=[{"name": "表", "url": "https://x.example.org/a.csv"}])
    )
    id = made["resources"][0]["id"]
    system = {"ignore_auth": True, "user": provider.operator.name}
    fields = [{"id": "canary_column", "type": "text"}]
    records = [{"canary_column": "canary-cell"}]
    tk.get_action("datastore_create")(
        dict(system),
        {"resource_id": id, "fields": fields, "records": records, "aliases": [f"{ALIAS}_{id[:8]}"], "force": True},
    )
    view = tk.get_action("resource_view_create")(
        dict(system), {"resource_id": id, "view_type": "datatables_view", "title": "canary-view"}
    )
    return made, id, f"{ALIAS}_{id[:8]}", view["id"]


@pytest.fixture
def left_over(provider, table):
    """Return the same after the entry was withdrawn, and before anything was purged."""
    package, id = model.package_table, table[0]["id"]
    vault_intake.withhold([id])
    later = datetime.now(UTC).replace(tzinfo=None)
    values = {"private": True, "metadata_modified": later}
    model.Session.execute(sa.update(package).where(package.c.id == id).values(**values))
    model.Session.commit()
    return table


def refusal(call, *arguments, **data):
    with pytest.raises(tk.ValidationError) as refused:
        call(*arguments, **data)
    return str(refused.value.error_dict)


@pytest.mark.parametrize("change", [{}, {"state": "draft"}, {"private": False}])
def test_no_table_is_made_of_what_is_not_open_and_the_article_is_named(provider, restricted, secret, change):
    made = provider.head.call("package_create", **restricted(resources=[{"name": "表", "url": secret}], **change))
    id = made["resources"][0]["id"]
    said = refusal(provider.clerk.call, "datastore_create", resource_id=id, fields=[{"id": "a"}], force=True)
    assert "第二十二条" in said or "Art. 22" in said
    with pytest.raises(tk.ValidationError):
        tk.get_action("datastore_create")(
            {"ignore_auth": True}, {"resource_id": id, "fields": [{"id": "a"}], "force": True}
        )
    refusal(provider.clerk.call, "datastore_create", resource={"package_id": made["id"]}, fields=[{"id": "a"}])
    refusal(provider.clerk.call, "datastore_upsert", resource_id=id, records=[], force=True)


def test_a_table_is_made_of_what_is_open(app, table):
    _made, id, alias, _view = table
    for name in (id, alias):
        found = app.get(f"/api/3/action/datastore_search?resource_id={name}").json["result"]
        assert found["records"][0]["canary_column"] == "canary-cell"
    assert "canary-cell" in app.get(f"/datastore/dump/{id}").body


def test_a_table_left_over_is_not_found_by_anybody(app, provider, left_over):
    _made, id, alias, view = left_over
    from ckan.tests import factories

    admin = {"Authorization": factories.SysadminWithToken()["token"]}
    for headers in ({}, admin):
        for name in (id, alias):
            paths = [f"/api/3/action/datastore_search?resource_id={name}", f"/api/3/action/datastore_info?id={name}"]
            paths += [f'/api/3/action/datastore_search_sql?sql=select * from "{name}"', f"/datastore/dump/{name}"]
            for path in paths:
                answer = app.get(path, headers=headers)
                assert answer.status_code in (403, 404) and "canary-cell" not in answer.body, path
                assert "canary_column" not in answer.body
    answer = app.post(f"/datatables/ajax/{view}", headers=admin, data={"draw": "1"})
    assert answer.status_code == 404 and "canary" not in answer.body


def test_previews_are_refused_and_those_left_over_are_not_there(app, provider, left_over, secret):
    made, id, _alias, view = left_over
    assert provider.operator.call("resource_view_list", id=id) == []
    with pytest.raises(tk.ObjectNotFound):
        provider.operator.call("resource_view_show", id=view)
    refusal(provider.operator.call, "resource_view_create", resource_id=id, view_type="text_view", title="x")
    refusal(
        provider.operator.call, "resource_view_update", id=view, resource_id=id, title="x", view_type="datatables_view"
    )
    assert (
        tk.get_action("resource_create_default_resource_views")({"ignore_auth": True}, {"resource": {"id": id}}) == []
    )


def test_pages_of_what_has_no_preview_are_drawn(app, provider, left_over):
    from ckan.tests import factories

    made, id, _alias, view = left_over
    admin = {"Authorization": factories.SysadminWithToken()["token"]}
    for path in (
        f"/dataset/{made['name']}",
        f"/dataset/{made['name']}/resource/{id}",
        f"/dataset/{made['name']}/resource/{id}/views",
    ):
        answer = app.get(path, headers=admin)
        assert answer.status_code == 200 and "canary" not in answer.body
    path = f"/dataset/{made['name']}/resource/{id}/view/{view}"
    assert app.get(path, headers=admin).status_code == 404


def test_ckan_serves_no_file_of_the_vault_and_none_of_what_is_not_open(
    app, provider, restricted, upload, held, monkeypatch
):
    from ckan.tests import factories

    made = provider.head.call("package_create", **restricted())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload(b"canary-cell\n"))
    admin = {"Authorization": factories.SysadminWithToken()["token"]}
    key = held(resource["id"]).address
    named = model.File(name="x", storage="cqgov_vault", location=key, size=12, content_type="text/csv", hash="x")
    owned = model.File(name="x", storage="test", location="y", size=12, content_type="text/csv", hash="x")
    public = files.make_storage("everybody", {"type": "ckan:memory", "name": "everybody", "public": True})
    monkeypatch.setitem(files.storages.members, "everybody", public)
    attached = model.File(name="x", storage="everybody", location="z", size=12, content_type="text/csv", hash="x")
    public.upload(files.Location("z"), files.make_upload(b"canary-cell\n"))
    model.Session.add_all([named, owned, attached])
    model.Session.flush()
    model.Session.add(model.FileOwner(file_id=owned.id, owner_id=resource["id"], owner_type="resource"))
    model.Session.add(model.FileOwner(file_id=attached.id, owner_id=made["id"], owner_type="package"))
    model.Session.commit()
    for path in (
        f"/file/public-download/cqgov_vault/{key}",
        f"/file/download/{named.id}",
        f"/file/download/{owned.id}",
        f"/file/download/{attached.id}",
        "/file/public-download/everybody/z",
    ):
        answer = app.get(path, headers=admin)
        assert answer.status_code == 404 and "canary" not in answer.body, path


def test_a_file_that_is_attached_to_an_open_entry_is_served_until_it_is_closed(app, provider, entry, monkeypatch):
    public = files.make_storage("everybody", {"type": "ckan:memory", "name": "everybody", "public": True})
    monkeypatch.setitem(files.storages.members, "everybody", public)
    made = provider.head.call("package_create", **entry(private=False))
    file = attached_to("package", made["id"], storage="everybody", location="open")
    public.upload(files.Location("open"), files.make_upload(b"canary-cell\n"))
    path = "/file/public-download/everybody/open"
    assert "canary" in app.get(path).body
    assert app.post("/api/3/action/file_show", json={"id": file}).json["result"]["name"] == "canary.csv"
    provider.head.call(
        "package_patch", id=made["id"], opening_type="closed", opening_basis_kind="law", opening_basis="法"
    )
    assert app.get(path).status_code == 404


@pytest.mark.parametrize("kind", ["package", "resource"])
def test_what_ckan_knows_of_an_attached_file_is_for_who_may_have_the_data(
    app, provider, restricted, upload, stranger, kind
):
    made = provider.head.call("package_create", **restricted())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    provider.head.call("package_patch", id=made["id"], private=False)
    file = attached_to(kind, made["id"] if kind == "package" else resource["id"], storage="test", location=kind)
    for headers in ({}, {"Authorization": stranger.token}):
        answer = app.post("/api/3/action/file_show", json={"id": file}, headers=headers)
        assert answer.status_code == 403 and "canary" not in answer.body
    assert provider.clerk.call("file_show", id=file)["name"] == "canary.csv"


def attached_to(kind, owner, *, storage, location):
    """Attach a file as CKAN's API of files does; returns its id."""
    file = model.File(name="canary.csv", storage=storage, location=location, size=12, content_type="text/csv", hash="x")
    model.Session.add(file)
    model.Session.flush()
    model.Session.add(model.FileOwner(file_id=file.id, owner_id=owner, owner_type=kind))
    model.Session.commit()
    return file.id


def test_the_loader_of_tables_refuses_what_is_in_the_vault(provider, restricted, upload):
    from ckanext.cqgov.tabular import read_table
    from ckanext.cqgov.tabular.datastore import store

    made = provider.head.call("package_create", **restricted())
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    with pytest.raises(tk.ValidationError):
        store({"user": provider.operator.name}, resource["id"], read_table(b"a,b\n1,2\n"))
    tables = sa.text("select count(*) from resource where extras like '%datastore_active%true%' and id = :id")
    assert model.Session.execute(tables, {"id": resource["id"]}).scalar() == 0
