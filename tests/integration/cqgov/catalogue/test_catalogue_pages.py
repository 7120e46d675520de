"""The import over the web: trial run first, then in earnest; who may; downloads with Chinese names."""

import base64
import io
from datetime import date

import ckan.model as model
import ckan.plugins.toolkit as tk
import openpyxl
import pytest
import sqlalchemy as sa
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.exchange import upload
from ckanext.cqgov.model.duty import Duty
from ckanext.cqgov.model.import_run import ImportRun
from tests.integration.cqgov.catalogue.conftest import count


def token(user):
    return tk.get_action("api_token_create")({"user": user, "ignore_auth": True}, {"user": user, "name": "t"})["token"]


@pytest.fixture
def editor(portal):
    """An editor of the transport department, with the headers of a logged-in request."""
    user = factories.User()
    tk.get_action("organization_member_create")(
        {"user": portal.sysadmin["name"]}, {"id": "transport", "username": user["name"], "role": "editor"}
    )
    return {"name": user["name"], "headers": {"Authorization": token(user["name"])}}


def posted(app, path, editor, **fields):
    file = {"upload": (io.BytesIO(path.read_bytes()), path.name)} if path else {}
    return app.post(
        "/catalogue/import",
        data={"organization": "transport", **fields, **file},
        headers=editor["headers"],
        content_type="multipart/form-data",
        follow_redirects=False,
    )


def test_the_file_is_first_checked_then_imported_without_a_second_upload(app, editor, listing):
    path = listing({"title": "甲"}, {"title": "甲"}, {"title": "坏", "first": "昨天"}, name="交通局目录.json")
    sent = posted(app, path, editor, do="check")
    assert sent.status_code == 302 and count() == 0
    page = app.get(sent.headers["Location"], headers=editor["headers"])
    assert "交通局目录.json" in page.body and "昨天" in page.body
    run = model.Session.execute(sa.select(ImportRun)).scalar()
    again = posted(app, None, editor, do="import", run=run.id, mapping=run.layout)
    assert again.status_code == 302 and count() == 1
    page = app.get(again.headers["Location"], headers=editor["headers"])
    assert 'data-state="done"' in page.body


def test_the_rejects_download_keeps_its_chinese_name(app, editor, listing):
    sent = posted(app, listing({"title": "坏", "first": "昨天"}, name="目录.json"), editor, do="check")
    found = app.get(sent.headers["Location"].split("?")[0] + "/rejects.csv", headers=editor["headers"])
    assert "filename*=UTF-8''%E7%9B%AE%E5%BD%95" in found.headers["Content-Disposition"]
    assert "昨天" in found.get_data().decode("utf-8-sig")


def test_a_large_file_is_imported_by_a_worker_and_the_page_renews_itself_meanwhile(app, editor, listing, monkeypatch):
    waiting = []
    monkeypatch.setattr(upload, "AT_ONCE", 10)
    monkeypatch.setattr(upload.tk, "enqueue_job", lambda job, args, **_options: waiting.append((job, args)))
    sent = posted(app, listing({"title": "甲"}), editor, do="import")
    page = app.get(sent.headers["Location"], headers=editor["headers"])
    assert 'http-equiv="refresh"' in page.body and count() == 0
    job, arguments = waiting.pop()
    job(*arguments)
    page = app.get(sent.headers["Location"], headers=editor["headers"])
    assert 'http-equiv="refresh"' not in page.body and count() == 1


@pytest.mark.parametrize("name", ["a.exe", "a.json", "../../etc/passwd", "a.xlsx"])
def test_a_file_that_cannot_be_read_is_told_on_the_form(app, editor, tmp_path, name):
    path = tmp_path / "x"
    path.write_bytes(b"no catalogue")
    file = {"upload": (io.BytesIO(path.read_bytes()), name)}
    sent = app.post(
        "/catalogue/import",
        data={"organization": "transport", "do": "import", **file},
        headers=editor["headers"],
        content_type="multipart/form-data",
    )
    assert sent.status_code == 400 and "alert-danger" in sent.body and count() == 0


def test_an_upload_that_is_too_large_is_refused(editor, listing, ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckanext.cqgov.import.max_size", 0)
    with pytest.raises(tk.ValidationError, match="MB"):
        imported(editor, listing({"title": "甲"}))


def imported(editor, path, **data):
    file = FileStorage(io.BytesIO(path.read_bytes()), path.name)
    data = {"organization": "transport", "upload": file, **data}
    context = {"user": editor["name"], "ignore_auth": False}
    return tk.get_action("cqgov_catalogue_import")(context, data)


def test_over_the_web_a_mapping_is_a_name_and_never_a_path(editor, listing, tmp_path):
    mapping = tmp_path / "own.yaml"
    mapping.write_text("name: x", "utf-8")
    with pytest.raises(tk.ValidationError):
        imported(editor, listing({"title": "甲"}), mapping=str(mapping))


def test_strangers_may_not_import_nor_see_a_report(app, portal, editor, listing):
    run = imported(editor, listing({"title": "甲"}))
    stranger = factories.User()["name"]
    for user in ("", stranger):
        with pytest.raises(tk.NotAuthorized):
            tk.get_action("cqgov_catalogue_import_show")({"user": user, "ignore_auth": False}, {"id": run["id"]})
        with pytest.raises(tk.NotAuthorized):
            imported({"name": user}, listing({"title": "乙"}, name="b.json"))
    with pytest.raises(tk.NotAuthorized):
        imported(editor, listing({"title": "乙"}, name="b.json"), organization="education")
    with pytest.raises(tk.NotAuthorized):
        imported(editor, listing({"title": "乙"}, name="b.json"), organization="")
    assert app.get(f"/catalogue/import/{run['id']}", status=403)
    assert app.get("/catalogue/import/nothing", headers=editor["headers"], status=404)
    assert app.get("/catalogue/import", headers={"Authorization": token(stranger)}, status=403)


def test_a_catalogue_officer_may_import(portal, listing):
    officer = factories.User()
    tk.get_action("cqgov_duty_assign")(
        {"user": portal.sysadmin["name"], "ignore_auth": True},
        {"user_id": officer["id"], "organization_id": portal.transport["id"], "duty": "catalogue-officer"},
    )
    assert imported(officer, listing({"title": "甲"}))["records"]["created"] == 1


def test_the_template_is_for_everybody_and_keeps_its_chinese_name(app, portal):
    found = app.get("/catalogue/template.xlsx")
    assert "filename*=UTF-8''%E6%94%BF" in found.headers["Content-Disposition"]
    assert 'filename="data.xlsx"' in found.headers["Content-Disposition"]  # for programs that know no filename*
    assert openpyxl.load_workbook(io.BytesIO(found.get_data())).sheetnames == ["信息资源目录", "扩展信息", "填报说明"]


def test_an_export_shows_only_what_its_reader_may_see(app, portal, editor, listing, carried_out):
    carried_out(listing({"title": "自己的"}, {"title": "别家的", "provider": "教育局"}))
    carried_out(listing({"title": "公开的", "provider": "教育局"}, name="b.json"), publish=True)
    found = tk.get_action("cqgov_catalogue_export")({"user": editor["name"], "ignore_auth": False}, {})
    book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(found["content"])))
    titles = {row[7] for row in list(book["信息资源目录"].values)[1:]}
    assert titles == {"自己的", "公开的"} and found["count"] == 2
    with pytest.raises(tk.NotAuthorized):
        tk.get_action("cqgov_catalogue_export")({"user": "", "ignore_auth": False}, {})
    page = app.get("/catalogue/export.xlsx?organization=transport", headers=editor["headers"])
    assert "%E4%BA%A4%E9%80%9A%E5%B1%80" in page.headers["Content-Disposition"]


def test_the_form_offers_the_organisations_and_a_csrf_token_field(app, editor):
    page = app.get("/catalogue/import", headers=editor["headers"])
    assert "交通局" in page.body and "教育局" not in page.body and 'name="upload"' in page.body


def test_an_editor_is_offered_the_own_organisation_among_more_than_one_page_of_them(app, editor):
    for number in range(26):
        factories.Organization(name=f"a-first-{number:02}")
    page = app.get("/catalogue/import", headers=editor["headers"])
    assert "交通局" in page.body and "a-first" not in page.body


def test_a_catalogue_officer_without_membership_is_offered_the_organisation(app, portal):
    user = factories.User()
    group = model.Group.get("transport")
    model.Session.add(
        Duty(
            user_id=user["id"],
            organization_id=group.id,
            duty="catalogue-officer",
            valid_from=date(2020, 1, 1),
            assigned_by="test",
        )
    )
    model.Session.commit()
    page = app.get("/catalogue/import", headers={"Authorization": token(user["name"])})
    assert "交通局" in page.body and "教育局" not in page.body
