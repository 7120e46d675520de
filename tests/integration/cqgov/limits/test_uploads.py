"""Files that harm are refused before anything is stored, in words that help; data is taken."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

import ckan.model as model
import ckan.plugins.toolkit as tk
import openpyxl
import pytest
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.exchange.judging import Actor
from ckanext.cqgov.exchange.merging import Wishes
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.exchange.upload import received
from ckanext.cqgov.limits import uploads
from ckanext.cqgov.limits.archives import Look, Refused

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")

CSV = "停车场,泊位\n解放碑,320\n".encode()
PE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(400)


def packed(entries, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook():
    out, book = io.BytesIO(), openpyxl.Workbook()
    book.active.append(["停车场", "泊位"])
    book.save(out)
    return out.getvalue()


def said(name, content):
    found = uploads.problem(io.BytesIO(content), name)
    return "" if found is None else found.en


@pytest.mark.parametrize(
    "name, content",
    [
        ("停车场.csv", CSV),
        ("停车场.csv", "停车场,泊位\n".encode("gb18030") * 50),
        ("停车场.xlsx", workbook()),
        ("停车场.zip", packed({"停车场.csv": CSV, "说明/说明.txt": "说明"})),
        ("停车场.zip", packed({"内.zip": packed({"a.csv": CSV})})),
        ("停车场.csv.gz", gzip.compress(CSV)),
        ("a.json", b"[]"),
        ("大表.zip", packed({"a.csv": "重庆市渝中区\n" * 400_000})),
    ],
)
def test_data_is_taken(name, content):
    assert said(name, content) == ""


def test_a_program_is_refused_whatever_it_is_called_and_however_it_is_packed():
    for name, content in (
        ("parking.csv", PE),
        ("a.zip", packed({"x/parking.csv": PE})),
        ("a.zip", packed({"run.bat": "echo"})),
    ):
        assert "program" in said(name, content), name
    assert "program" in said("a.zip", packed({"inner.zip": packed({"setup.exe": PE})}))
    assert "program" in said("a.csv.gz", gzip.compress(PE))
    macros = io.BytesIO(workbook())
    with zipfile.ZipFile(macros, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")
    assert "macro" in said("a.xlsx", macros.getvalue())


def test_a_bomb_is_found_while_it_is_read(limit):
    limit("upload.archive_size", 60)
    zeros = bytes(30_000_000)
    assert "grows by more than 200 times" in said("a.zip", packed({"a.csv": zeros}))
    assert "grows by more than 200 times" in said("a.xlsx", packed({"xl/worksheets/sheet1.xml": zeros}))
    assert "grows by more than 200 times" in said("a.csv.gz", gzip.compress(zeros))
    limit("upload.archive_ratio", 1_000_000)
    assert "more than 60 MB" in said("a.zip", packed({"a.csv": zeros, "b.csv": zeros, "c.csv": zeros}))
    inner = packed({"a.csv": zeros, "b.csv": bytes(20_000_000)})
    assert "more than 60 MB" in said("a.zip", packed({"1.zip": inner, "2.zip": inner}))


def test_what_an_archive_says_of_its_own_size_is_not_believed(limit):
    limit("upload.archive_ratio", 50)
    content = bytearray(packed({"a.csv": bytes(40_000_000)}))
    real = (40_000_000).to_bytes(4, "little")
    while real in content:  # both in the entry's head and in the directory
        at = content.index(real)
        content[at : at + 4] = (100).to_bytes(4, "little")
    refused = said("a.zip", bytes(content))
    assert "broken" in refused or "grows" in refused


def test_an_entry_that_goes_on_behind_its_own_end_is_read_to_its_real_end():
    """Other programs, and libraries that read workbooks, unpack all of it; its checksum is that of what it says it is."""
    content = packed({"a.csv": CSV + bytes(30_000_000)})
    whole = CSV + bytes(30_000_000)
    for real, told in ((len(whole), len(CSV)), (zlib.crc32(whole), zlib.crc32(CSV))):
        content = content.replace(struct.pack("<I", real), struct.pack("<I", told))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("a.csv") == CSV
    refused = said("a.zip", content)
    assert "grows" in refused or "broken" in refused


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_what_can_not_be_unpacked_bit_by_bit_is_not_unpacked(method, monkeypatch):
    """Python unpacks such a piece at once: some hundred bytes that say they are ten would fill the memory."""
    content = packed({"a.csv": bytes(1_000_000)}, method)
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda *_: pytest.fail("it was unpacked"))
    assert "packed by a method that can't be looked through" in said("a.zip", content)


def test_a_table_of_contents_without_end_is_not_read(limit, monkeypatch):
    limit("upload.archive_entries", 100)
    content = packed({f"{n}.csv": "a" for n in range(10_000)})
    monkeypatch.setattr(zipfile, "ZipInfo", lambda *_: pytest.fail("it was read"))
    assert "more than 100 entries" in said("a.zip", content)


def test_entries_and_levels_have_an_end(limit):
    limit("upload.archive_entries", 10)
    assert "more than 10 entries" in said("a.zip", packed({f"{n}.csv": "a" for n in range(11)}))
    assert "more than 10 entries" in said(
        "a.zip", packed({f"{n}.zip": packed({"a.csv": "a", "b.csv": "b"}) for n in range(5)})
    )
    limit("upload.archive_entries", 1000)
    deep = CSV
    for level in range(3):
        deep = packed({f"{level}.zip" if level else "a.csv": deep})
    assert "more than 2 levels deep" in said("a.zip", deep)


def test_odd_archives_are_refused_in_words():
    assert "broken, or no archive" in said("a.zip", b"PK\x03\x04" + bytes(100))
    assert "broken, or no archive" in said("a.zip", packed({"a.csv": CSV * 100})[:-30])
    assert "broken, or no archive" in said("a.csv.gz", gzip.compress(CSV * 100)[:-9])
    assert "leads out of it: ../../etc" in said("a.zip", packed({"../../etc/passwd": "x"}))
    locked = bytearray(packed({"a.csv": CSV}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(mark) + offset] |= 1
    assert "encrypted" in said("a.zip", bytes(locked))


def test_looking_through_a_large_archive_takes_little_memory(limit):
    import tracemalloc

    content = packed({f"{n}.csv": "\n".join(f"重庆市渝中区,{row * 7919}" for row in range(300_000)) for n in range(4)})
    tracemalloc.start()
    try:
        Look(len(content), uploads.limits()).through(io.BytesIO(content), "a.zip")
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    except Refused as refused:
        raise AssertionError(str(refused)) from refused
    finally:
        tracemalloc.stop()


@pytest.fixture
def entry():
    boss = factories.Sysadmin(password="x7Kq-2mPz0vT")
    return boss, factories.Dataset(user=boss, owner_org=factories.Organization(user=boss)["id"], private=True)


def test_the_api_refuses_at_upload_and_stores_nothing(entry):
    boss, package = entry
    file = FileStorage(stream=io.BytesIO(PE), filename="停车场.csv")
    with pytest.raises(tk.ValidationError) as refused:
        tk.get_action("resource_create")(
            {"user": boss["name"]}, {"package_id": package["id"], "upload": file, "url": ""}
        )
    assert list(refused.value.error_dict) == ["upload"]
    assert model.Session.query(model.Resource).filter_by(package_id=package["id"]).count() == 0


def test_the_form_says_it_at_the_file(log_in, entry):
    boss, package = entry
    browser = log_in(boss)
    data = {"save": "go-dataset-complete", "id": "", "url": "", "url_type": "upload", "name": "x"}
    data["upload"] = (io.BytesIO(PE), "停车场.csv")
    page = browser.post(f"/dataset/{package['name']}/resource/new", data=data, content_type="multipart/form-data")
    assert page.status_code == 200 and "“停车场.csv”是可执行程序" in page.get_data(as_text=True)


def test_a_request_that_is_too_large_is_refused_before_it_is_read(app, limit):
    token = {"Authorization": factories.APIToken(user=factories.User()["id"])["token"]}
    limit("request.max_size", 1)
    large = {"q": "x" * 1_000_001}
    answer = app.post("/api/3/action/package_search", json=large, headers=token, expect_errors=True)
    assert answer.status_code == 413 and answer.json["error"]["__type"] == "Request Too Large Error"
    assert "1 MB" in answer.json["error"]["message"]
    limit("upload.max_size", 1)
    form = {"upload": (io.BytesIO(bytes(2_100_000)), "a.csv")}
    page = app.post("/dataset/new", data=form, headers=token, expect_errors=True)
    assert page.status_code == 413 and "Too large" in page.body


def test_a_visitor_sends_little(app, limit):
    limit("request.max_size_visitor", 1)
    answer = app.post("/api/3/action/package_search", json={"q": "x" * 1_000_001}, expect_errors=True)
    assert answer.status_code == 413 and "1 MB" in answer.json["error"]["message"]
    page = app.post("/dataset/new", data={"upload": (io.BytesIO(bytes(1_100_000)), "a.csv")}, expect_errors=True)
    assert page.status_code == 413
    assert app.post("/api/3/action/package_search", json={"q": "x" * 1000}).status_code == 200


def test_a_file_that_is_too_large_is_refused_in_words(limit):
    limit("upload.max_size", 1)
    assert said("a.csv", b"a,b\n" * 300_000) == "The file has 2 MB; 1 MB are possible. Compress it, or split it"


@pytest.mark.parametrize("name", ["目录.xlsx", "目录.json.gz"])
def test_a_catalogue_for_import_is_looked_through_as_well(name):
    zeros = bytes(30_000_000)
    content = gzip.compress(zeros) if name.endswith(".gz") else packed({"xl/worksheets/sheet1.xml": zeros})
    boss = factories.Sysadmin()
    with pytest.raises(Unreadable) as refused:
        received(name, content, Actor(boss["id"], boss["name"], True), Wishes(None, False, False), None, True)
    assert "grows by more than 200 times" in refused.value.wrong.en
