"""What is downloaded under a grant: the original, an extract of its columns and rows, or nothing (Art. 34(5))."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote, urlsplit

import pytest

from ckanext.cqgov.catalogue import grants

from .conftest import COLUMN, ROW, TABLE, file

# the application first: building it starts the storages anew
pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins", "app")


@pytest.fixture
def fetch(app, dataset, resource):
    """Return a way to download the file as somebody, by CKAN's own address: the last answer, whatever it is."""

    def get(who, method="GET"):
        headers = who.headers
        first = app.get(
            f"/dataset/{dataset['name']}/resource/{resource}/download", headers=headers, follow_redirects=False
        )
        if first.status_code != 303:
            return first
        path = urlsplit(first.headers["Location"]).path
        if method == "HEAD":
            return app.test_client().head(path, headers=headers)
        return app.get(path, headers=headers)

    return get


def cells(answer):
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


def test_a_grant_for_all_with_storage_gives_the_original(give, fetch, holder):
    give(storage=True)
    answer = fetch(holder)
    assert answer.status_code == 200 and answer.data == TABLE.encode()


def test_a_part_gives_an_extract_and_never_the_original(give, fetch, holder, resource, dataset, entries):
    granted = give(resources=[resource], columns=["停车场", "泊位数"], rows=["区县 = 渝中区"], storage=True)
    answer = fetch(holder)
    assert answer.status_code == 200 and answer.data.startswith(b"\xef\xbb\xbf")
    assert cells(answer) == [["停车场", "泊位数"], ["解放碑", "120"], ["朝天门", "80"]]
    assert COLUMN not in answer.text and ROW not in answer.text
    assert "停车场-授权摘录.csv" in unquote(answer.headers["Content-Disposition"])
    assert "no-store" in answer.headers["Cache-Control"] and "ETag" not in answer.headers
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    (read,) = entries("data.read", dataset["id"])
    assert (read["detail"]["how"], read["detail"]["rows"], read["detail"]["grants"]) == ("extract", 2, [granted["id"]])
    assert fetch(holder).data == answer.data
    assert fetch(holder, "HEAD").data == b"" and len(entries("data.read", dataset["id"])) == 2


def test_a_part_of_the_extract_can_not_be_used_to_reach_the_original(give, app, fetch, holder, resource):
    give(resources=[resource], columns=["停车场"], storage=True)
    whole = fetch(holder).data
    link = app.post("/api/3/action/cqgov_download_link", headers=holder.headers, json={"id": resource}).json["result"]
    assert (link["name"], link["size"], link["sha256"]) == ("停车场-授权摘录.csv", None, None)
    part = app.get(urlsplit(link["url"]).path, headers={**holder.headers, "Range": "bytes=0-20"})
    assert part.data == whole


def test_without_consent_to_storing_nothing_is_downloaded(give, fetch, holder, search, dataset, entries, app, resource):
    give()
    assert search(holder)["total"] == 4
    answer = fetch(holder)
    assert answer.status_code == 403 and ("34(5)" in answer.text or "三十四条" in answer.text)
    assert COLUMN not in answer.text
    link = app.post("/api/3/action/cqgov_download_link", headers=holder.headers, json={"id": resource})
    assert link.status_code == 403
    assert [each["outcome"] for each in entries("data.read", dataset["id"])][:1] == ["refused"]
    page = app.get(f"/dataset/{dataset['name']}/resource/{resource}", headers=holder.headers)
    assert f"/resource/{resource}/download" not in page.text


def test_only_what_may_be_stored_is_in_the_extract(give, fetch, holder, search, resource):
    give(resources=[resource], columns=["停车场"], storage=True)
    give()
    assert search(holder)["records"][0]["负责人"] == f"{COLUMN} one"
    assert cells(fetch(holder))[0] == ["停车场"] and COLUMN not in fetch(holder).text


def test_a_link_that_was_made_before_the_grant_was_revoked_opens_nothing(give, app, holder, resource, provider):
    granted = give(storage=True)
    link = app.post("/api/3/action/cqgov_download_link", headers=holder.headers, json={"id": resource}).json["result"]
    provider.head.call("cqgov_grant_revoke", id=granted["id"], reason="结束")
    assert app.get(urlsplit(link["url"]).path, headers=holder.headers).status_code == 403


def test_a_link_that_was_made_for_the_original_serves_the_extract_once_only_that_is_granted(
    give, app, holder, resource, provider
):
    whole = give(storage=True)
    link = app.post("/api/3/action/cqgov_download_link", headers=holder.headers, json={"id": resource}).json["result"]
    provider.head.call("cqgov_grant_revoke", id=whole["id"], reason="改为部分授权")
    give(resources=[resource], columns=["停车场"], storage=True)
    answer = app.get(urlsplit(link["url"]).path, headers=holder.headers)
    assert cells(answer)[0] == ["停车场"] and COLUMN not in answer.text


def test_while_the_table_is_loaded_anew_the_extract_waits(give, fetch, holder, resource, provider):
    give(resources=[resource], columns=["停车场"], storage=True)
    provider.clerk.call(
        "resource_update", id=resource, name="表", format="CSV", upload=file(f"停车场,密\n甲,{COLUMN}\n")
    )
    answer = fetch(holder)
    assert answer.status_code == 503 and COLUMN not in answer.text


def test_what_has_no_table_is_not_promised_for_later(give, fetch, holder, resource, monkeypatch):
    give(resources=[resource], columns=["停车场"], storage=True)

    def none(*_):
        raise grants.NoTable(grants.NO_TABLE)

    monkeypatch.setattr(grants, "extract", none)
    answer = fetch(holder)
    assert answer.status_code == 404 and "没有可查询的数据表" in answer.text


def test_provider_and_stranger(give, fetch, provider, stranger):
    from ckan.tests import factories

    class Clerk:
        headers = {"Authorization": factories.APIToken(user=provider.clerk.name)["token"]}

    give()
    assert fetch(Clerk).data == TABLE.encode()
    assert fetch(stranger).status_code == 403


def test_an_extract_is_closed_when_it_can_not_be_made(resource):
    with pytest.raises(grants.NoTable):
        grants.extract(resource, (), "x.csv")
