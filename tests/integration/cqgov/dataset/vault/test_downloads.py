"""Data that are not open go to who may have them, by a link that is of use to them alone (Arts. 16, 19, 22, 24)."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import time_machine
from ckan.lib import files
from ckan.tests import factories

from ckanext.cqgov.catalogue import vault_storage
from ckanext.cqgov.model import ledger

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")

CONTENT = b"".join(b"%d,row\n" % number for number in range(200_000))  # more than one piece
SENT = "filename*=UTF-8''%E5%81%9C%E8%BD%A6%E5%9C%BAcanary.csv"


@pytest.fixture(params=["memory", "folder"])
def store(request, tmp_path, monkeypatch):
    """Keep the vault in CKAN's memory storage, and in a folder."""
    if request.param == "folder":
        name = tk.config[vault_storage.CONFIG]
        before = files.storages.get(name)
        path = tmp_path / "vault"
        files.storages.register(
            name, files.make_storage(name, {"type": "ckan:fs", "path": str(path), "initialize": True})
        )
        yield path
        files.storages.register(name, before)
        return
    yield None


@pytest.fixture
def clerk(provider):
    """Return the provider's editor with an API token."""
    return {"Authorization": factories.APIToken(user=provider.clerk.name)["token"]}


@pytest.fixture
def conditional(provider, restricted, upload, store):
    """Return an entry open on conditions, with a file of some megabytes."""
    made = provider.head.call("package_create", **restricted(private=False))
    provider.clerk.call("resource_create", package_id=made["id"], name="表", format="CSV", upload=upload(CONTENT))
    return provider.clerk.call("package_show", id=made["id"])


def standard(made):
    """Return CKAN's own address of a download."""
    return f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/download"


def link_of(app, made, headers):
    """Return the path of a link, asked for as the holder of ``headers``."""
    answer = app.post("/api/3/action/cqgov_download_link", headers=headers, json={"id": made["resources"][0]["id"]})
    return urlsplit(answer.json["result"]["url"]).path


def test_the_holder_gets_the_file_under_its_own_name(app, conditional, clerk):
    link = link_of(app, conditional, clerk)
    answer = app.get(link, headers=clerk)
    assert answer.status_code == 200 and answer.data == CONTENT
    assert (
        answer.headers["Content-Disposition"].startswith("attachment;")
        and SENT in answer.headers["Content-Disposition"]
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Accept-Ranges"] == "bytes"
    assert set(answer.headers["Cache-Control"].split(", ")) == {"private", "no-store"}
    assert answer.headers["ETag"] == f'"{hashlib.sha256(CONTENT).hexdigest()}"'
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_the_action_tells_what_the_file_is(app, conditional, clerk):
    id = conditional["resources"][0]["id"]
    told = app.post("/api/3/action/cqgov_download_link", headers=clerk, json={"id": id}).json["result"]
    assert (told["kind"], told["name"], told["size"]) == ("file", "停车场canary.csv", len(CONTENT))
    assert told["sha256"] == hashlib.sha256(CONTENT).hexdigest() and told["expires"].endswith("+00:00")


def test_the_standard_address_of_a_download_leads_the_holder_to_a_link(app, conditional, clerk):
    answer = app.get(standard(conditional), headers=clerk, follow_redirects=False)
    assert answer.status_code == 303 and urlsplit(answer.headers["Location"]).path.startswith("/download/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert app.get(urlsplit(answer.headers["Location"]).path, headers=clerk).data == CONTENT


@pytest.mark.parametrize(
    "asked, status, expected",
    [
        ("bytes=0-99", 206, (0, 100)),
        ("bytes=100-", 206, (100, len(CONTENT))),
        ("bytes=-50", 206, (len(CONTENT) - 50, len(CONTENT))),
        (f"bytes={1 << 20}-{(1 << 20) + 9}", 206, (1 << 20, (1 << 20) + 10)),
        ("bytes=99999999-", 416, None),
        ("bytes=0-1,5-6", 200, (0, len(CONTENT))),
        ("lines=0-1", 200, (0, len(CONTENT))),
    ],
)
def test_parts_are_sent_where_parts_are_asked_for(app, conditional, clerk, asked, status, expected):
    answer = app.get(link_of(app, conditional, clerk), headers={**clerk, "Range": asked})
    assert answer.status_code == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
        return
    start, end = expected
    assert answer.data == CONTENT[start:end] and answer.headers["Content-Length"] == str(end - start)
    assert (answer.headers.get("Content-Range") == f"bytes {start}-{end - 1}/{len(CONTENT)}") == (status == 206)


def test_a_part_of_a_file_that_changed_is_the_whole(app, conditional, clerk):
    link = link_of(app, conditional, clerk)
    etag = app.get(link, headers=clerk).headers["ETag"]
    assert app.get(link, headers={**clerk, "Range": "bytes=0-9", "If-Range": etag}).status_code == 206
    assert app.get(link, headers={**clerk, "Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


def test_head_tells_the_length_and_is_no_reading(app, conditional, clerk):
    link, before = link_of(app, conditional, clerk), reads(conditional)
    answer = app.client.head(link, headers=clerk)
    assert answer.headers["Content-Length"] == str(len(CONTENT)) and answer.data == b""
    assert reads(conditional) == before


def reads(made):
    model.Session.rollback()
    return [
        row["detail"]
        for row in ledger.listing(model.Session, verb="data.read", subject_id=made["id"])
        if row["outcome"] == "done"
    ]


def test_every_reading_is_in_the_ledger(app, conditional, clerk):
    link = link_of(app, conditional, clerk)
    assert reads(conditional) == []
    app.get(link, headers=clerk)
    app.get(link, headers={**clerk, "Range": "bytes=0-9"})
    id = conditional["resources"][0]["id"]
    assert reads(conditional) == [{"resource_id": id, "range": "bytes=0-9"}, {"resource_id": id}]


@pytest.mark.parametrize("who", ["nobody", "somebody", "an administrator"])
def test_a_link_is_of_no_use_to_anybody_else(app, conditional, clerk, stranger, who):
    link = link_of(app, conditional, clerk)
    other = {
        "nobody": {},
        "somebody": {"Authorization": stranger.token},
        "an administrator": {"Authorization": factories.SysadminWithToken()["token"]},
    }[who]
    assert app.get(link, headers=other).status_code == 404


def test_a_link_is_bound_to_the_token_that_asked_for_it(app, conditional, provider, clerk):
    link = link_of(app, conditional, clerk)
    second = {"Authorization": factories.APIToken(user=provider.clerk.name)["token"]}
    assert app.get(link, headers=second).status_code == 404


def test_a_link_is_good_for_a_while(app, conditional, clerk):
    link = link_of(app, conditional, clerk)
    with time_machine.travel(
        datetime.now(UTC) + timedelta(seconds=tk.config["ckanext.cqgov.download.link_seconds"] + 5)
    ):
        answer = app.get(link, headers=clerk)
    assert answer.status_code == 410


def test_a_link_that_was_changed_leads_nowhere(app, conditional, clerk):
    link = link_of(app, conditional, clerk)
    for wrong in (link[:-2] + "xx", "/download/x", "/download/" + "a" * 500, "/download/" + "%00"):
        assert app.get(wrong, headers=clerk).status_code in (400, 404)


def test_the_right_is_looked_up_when_the_link_is_followed(app, conditional, provider, clerk):
    link = link_of(app, conditional, clerk)
    provider.operator.call("organization_member_delete", id=provider.id, username=provider.clerk.name)
    assert app.get(link, headers=clerk).status_code == 403


def test_who_sees_the_entry_alone_is_told_why(app, conditional, stranger):
    for headers in ({}, {"Authorization": stranger.token}):
        assert app.get(standard(conditional), headers=headers).status_code == 403
        answer = app.post(
            "/api/3/action/cqgov_download_link",
            headers=headers,
            json={"id": conditional["resources"][0]["id"]},
        )
        assert answer.status_code == 403


def test_what_somebody_may_not_see_is_not_there(app, provider, entry, upload, stranger):
    made = provider.head.call("package_create", **entry())
    provider.clerk.call("resource_create", package_id=made["id"], name="表", upload=upload())
    made = provider.clerk.call("package_show", id=made["id"])
    nothing = {**made, "resources": [{"id": "11111111-2222-3333-4444-555555555555"}]}
    for headers in ({}, {"Authorization": stranger.token}):
        there, absent = (app.get(standard(each), headers=headers) for each in (made, nothing))
        assert there.status_code == absent.status_code == 404


def test_a_link_to_elsewhere_is_followed_without_telling_from_where(app, provider, restricted, secret, clerk):
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    link = link_of(app, made, clerk)
    answer = app.get(link, headers=clerk, follow_redirects=False)
    assert answer.status_code == 303 and answer.headers["Location"] == secret
    assert answer.headers["Referrer-Policy"] == "no-referrer" and "no-store" in answer.headers["Cache-Control"]
    assert app.get(link, headers={}, follow_redirects=False).status_code == 404
    assert reads(made) == [{"resource_id": made["resources"][0]["id"]}]


def test_a_link_made_before_the_entry_was_opened_leads_to_the_public_address(app, provider, restricted, secret, clerk):
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    link = link_of(app, made, clerk)
    provider.head.call("package_patch", id=made["id"], opening_type="unconditional")
    answer = app.get(link, headers=clerk, follow_redirects=False)
    assert answer.headers["Location"] == secret


def test_an_open_resource_has_its_own_address(app, provider, entry, secret):
    made = provider.head.call("package_create", **entry(private=False, resources=[{"name": "表", "url": secret}]))
    told = tk.get_action("cqgov_download_link")({"user": "", "ignore_auth": False}, {"id": made["resources"][0]["id"]})
    assert told["url"] == secret and told["expires"] is None


def test_a_file_that_the_storage_lost_is_not_there(app, conditional, clerk, held):
    vault_storage.remove(held(conditional["resources"][0]["id"]).address)
    link = link_of(app, conditional, clerk)
    assert app.get(link, headers=clerk).status_code == 404


def test_the_folder_of_the_vault_is_closed_to_others(conditional, store, held):
    if store is None:
        return
    path = store / held(conditional["resources"][0]["id"]).address
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert store.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "name, content", [("x.html", b"<script>1</script>"), ("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>")]
)
def test_an_open_page_or_drawing_does_not_run_on_the_portal(app, provider, entry, upload, name, content):
    made = provider.head.call("package_create", **entry(private=False))
    resource = provider.clerk.call("resource_create", package_id=made["id"], name="页", upload=upload(content, name))
    answer = app.get(urlsplit(resource["url"]).path)
    assert answer.data == content and answer.headers["Content-Disposition"].startswith("attachment;")
    assert (
        answer.headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer.headers["Content-Security-Policy"]
    )


def test_pages_offer_the_download_to_who_may_have_it(app, conditional, clerk, provider, stranger):
    id = conditional["resources"][0]["id"]
    for path in (f"/dataset/{conditional['name']}", f"/dataset/{conditional['name']}/resource/{id}"):
        assert standard(conditional) in app.get(path, headers=clerk).body
        for headers in ({}, {"Authorization": stranger.token}):
            body = app.get(path, headers=headers).body
            assert standard(conditional) not in body and "canary" not in body


def test_the_providers_own_form_shows_what_they_entered(app, provider, restricted, secret, upload, held, clerk):
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    id = made["resources"][0]["id"]
    form = f"/dataset/{made['name']}/resource/{id}/edit"
    assert secret in app.get(form, headers=clerk).body
    assert app.get(form).status_code in (403, 404)
    file = provider.clerk.call("resource_create", package_id=made["id"], name="文件", upload=upload())
    assert "停车场canary.csv" in app.get(f"/dataset/{made['name']}/resource/{file['id']}/edit", headers=clerk).body
    sent = {"id": id, "name": "改名", "url": secret, "url_type": "", "format": "CSV", "save": ""}
    app.post(form, headers=clerk, data=sent, follow_redirects=False)
    assert held(id).address == secret
    assert provider.clerk.call("resource_show", id=id)["name"] == "改名"
    sent = {"id": file["id"], "name": "改名", "url": "停车场canary.csv", "url_type": "upload", "save": ""}
    app.post(f"/dataset/{made['name']}/resource/{file['id']}/edit", headers=clerk, data=sent, follow_redirects=False)
    assert held(file["id"]).size == 8
    assert provider.clerk.call("resource_show", id=file["id"])["name"] == "改名"


def test_the_form_of_a_drafts_resource_shows_what_was_entered(app, provider, restricted, secret, clerk):
    made = provider.clerk.call("package_create", **restricted(state="draft", resources=[{"name": "表", "url": secret}]))
    assert secret in app.get(f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/edit", headers=clerk).body


PASSWORD = "Neun-Pferde-am-Fluss-9"


@pytest.fixture
def browsers(app, provider):
    """Return two browsers in which the same member of the provider has signed in."""
    member = factories.User(password=PASSWORD)
    provider.operator.call("organization_member_create", id=provider.id, username=member["name"], role="editor")
    found = []
    for _ in range(2):
        browser = app.test_client()
        form = {"login": member["name"], "password": PASSWORD}
        assert browser.post("/user/login", data=form, follow_redirects=False).status_code == 302
        found.append(browser)
    return found


def test_a_link_is_bound_to_the_session_that_asked_for_it(conditional, browsers):
    first, second = browsers
    answer = first.get(standard(conditional), follow_redirects=False)
    link = urlsplit(answer.headers["Location"]).path
    assert first.get(link).data == CONTENT
    assert second.get(link).status_code == 404
    first.post("/user/_logout")
    assert first.get(link).status_code == 404


def test_where_a_link_leads_is_not_told_to_head_without_a_row(app, provider, restricted, secret, clerk):
    made = provider.head.call("package_create", **restricted(private=False, resources=[{"name": "表", "url": secret}]))
    answer = app.client.head(link_of(app, made, clerk), headers=clerk, follow_redirects=False)
    assert answer.headers["Location"] == secret and len(reads(made)) == 1
