"""A Chinese file name survives upload, edit and download."""

import io

import pytest
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

pytestmark = pytest.mark.usefixtures("with_plugins", "clean_db", "clean_index")
NAME = "重庆公交线路（2024年）.csv"
SENT = "filename*=UTF-8''%E9%87%8D%E5%BA%86%E5%85%AC%E4%BA%A4%E7%BA%BF%E8%B7%AF%EF%BC%882024%E5%B9%B4%EF%BC%89.csv"


@pytest.fixture
def owner():
    return factories.SysadminWithToken()


@pytest.fixture
def package(owner, open_dataset):
    return open_dataset(user=owner)


def upload(user, package, name=NAME, content=b"a,b\n1,2\n"):
    context = {"user": user["name"]}
    file = FileStorage(stream=io.BytesIO(content), filename=name)
    return tk.get_action("resource_create")(
        context, {"package_id": package["id"], "name": "线路", "format": "CSV", "upload": file, "url": ""}
    )


def test_the_download_has_the_name_the_file_came_with(app, owner, package):
    resource = upload(owner, package)
    assert resource["original_name"] == NAME
    assert resource["mimetype"] == "text/csv"
    response = app.get(resource["url"], headers={"Authorization": owner["token"]})
    assert response.status_code == 200 and response.data == b"a,b\n1,2\n"
    assert response.headers["Content-Disposition"].isascii(), "a WSGI server can't send anything else"
    assert SENT in response.headers["Content-Disposition"]


def test_nothing_is_claimed_about_the_encoding_of_a_text(app, owner, package):
    resource = upload(owner, package, content="地区,值\n甲,1\n".encode("gbk"))
    response = app.get(resource["url"], headers={"Authorization": owner["token"]})
    assert response.headers["Content-Type"] == "text/csv"


def test_an_address_without_a_file_name_gives_the_name_too(app, owner, package):
    resource = upload(owner, package)
    address = f"/dataset/{resource['package_id']}/resource/{resource['id']}/download"
    response = app.get(address, headers={"Authorization": owner["token"]})
    assert SENT in response.headers["Content-Disposition"]


def test_a_file_posted_to_the_action_api_keeps_its_name(app, owner, package):
    answer = app.post(
        "/api/3/action/resource_create",
        headers={"Authorization": owner["token"]},
        data={"package_id": package["id"], "name": "线路", "upload": (io.BytesIO(b"a\n1\n"), NAME)},
        content_type="multipart/form-data",
    )
    assert answer.json["result"]["original_name"] == NAME


def test_an_edit_that_does_not_send_the_name_keeps_it(owner, package):
    resource = upload(owner, package)
    edited = tk.get_action("resource_update")(
        {"user": owner["name"]},
        {"id": resource["id"], "name": "新名称", "url": resource["url"], "url_type": "upload", "format": "CSV"},
    )
    assert edited["original_name"] == NAME


def test_a_link_in_place_of_the_file_has_no_file_name(owner, package):
    resource = upload(owner, package)
    edited = tk.get_action("resource_update")(
        {"user": owner["name"]},
        {"id": resource["id"], "name": "链接", "url": "https://www.example.org/a.csv", "clear_upload": "true"},
    )
    assert "original_name" not in edited


def test_a_plain_name_is_downloaded_as_ever(app, owner, package):
    resource = upload(owner, package, "lines.csv")
    response = app.get(resource["url"], headers={"Authorization": owner["token"]})
    assert 'filename="lines.csv"' in response.headers["Content-Disposition"]


def test_the_name_is_not_an_oracle_for_files_one_may_not_read(app, owner, package):
    resource = upload(owner, package)
    tk.get_action("package_patch")({"user": owner["name"]}, {"id": package["id"], "private": True})
    response = app.get(resource["url"])
    assert response.status_code in (403, 404)
    assert "Content-Disposition" not in response.headers


@pytest.mark.parametrize(
    "given, kept",
    [
        ("C:\\数据\\停车场.csv", "停车场.csv"),
        ("../../etc/停车\r\nSet-Cookie: x.csv", "停车Set-Cookie: x.csv"),
        pytest.param("数" * 300 + ".csv", "数" * 65 + ".csv", id="too long"),
        (".csv", "csv"),
    ],
)
def test_a_name_is_cleaned_of_folders_and_line_breaks(owner, package, given, kept):
    assert upload(owner, package, given)["original_name"] == kept


def test_the_stored_name_is_plain_ascii():
    from ckanext.cqgov.filenames import plain

    assert plain("重庆公交线路.csv") == "data.csv"
    assert plain("Bus 线路.CSV") == "bus-.csv"
