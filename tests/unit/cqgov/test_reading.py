"""Files as they come: encodings, formats, compression, damage."""

import gzip
import json

import openpyxl
import pytest

from ckanext.cqgov.exchange import reading
from ckanext.cqgov.exchange.unreadable import Unreadable

ROWS = [{"标题": "公交线路", "摘要": "䶮、𠮷 and more"}, {"标题": "停车场", "摘要": "一\n二"}]


def rows_of(path):
    with reading.opened(path) as table:
        return table.encoding, [row for _number, row in table.rows]


@pytest.mark.parametrize(
    ("codec", "detected"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
@pytest.mark.parametrize("suffix", [".json", ".json.gz", ".csv", ".csv.gz"])
def test_a_text_file_is_read_in_every_encoding_that_offices_use(tmp_path, codec, detected, suffix):
    if suffix.startswith(".json"):
        text = json.dumps(ROWS, ensure_ascii=False)
    else:
        text = "标题,摘要\r\n" + "".join('{标题},"{摘要}"\r\n'.format(**row) for row in ROWS)
    content = text.encode(codec)
    path = tmp_path / f"目录{suffix}"
    path.write_bytes(gzip.compress(content) if suffix.endswith(".gz") else content)
    assert rows_of(path) == (detected, ROWS)


def test_the_records_are_found_wherever_the_array_stands(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"code": 200, "data": {"rows": ROWS}}), "utf-8")
    assert rows_of(path)[1] == ROWS


@pytest.mark.parametrize("records", ["data.rows", "data.rows.item"])
def test_where_the_records_stand_may_be_said_by_naming_the_array_alone(tmp_path, records):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"other": [{"甲": 1}], "data": {"rows": ROWS}}), "utf-8")
    with reading.opened(path, records=records) as table:
        assert [row for _number, row in table.rows] == ROWS


def test_a_place_without_records_is_said_to_be_empty(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"data": {"rows": ROWS}}), "utf-8")
    with pytest.raises(Unreadable), reading.opened(path, records="data.list"):
        pass


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.csv.gz"])
def test_how_much_is_read_can_still_be_told_after_the_last_row(tmp_path, name):
    path = tmp_path / name
    content = (json.dumps(ROWS) if name == "a.json" else "标题,摘要\n甲,乙\n").encode()
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    with reading.opened(path) as table:
        assert list(table.rows)
        table.rows = ()  # the reader of the rows is gone, and nothing else may hold the file open
        assert table.done() == 1.0


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_may_use_other_separators(tmp_path, separator):
    path = tmp_path / "a.csv"
    path.write_text(f"标题{separator}摘要\n甲{separator}乙\n丙{separator}丁\n", "utf-8")
    assert rows_of(path)[1][0] == {"标题": "甲", "摘要": "乙"}


def test_titles_above_the_header_of_a_sheet_are_passed_over(tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["某局信息资源目录"],
        [],
        ["序号", "信息资源名称*", "信息资源\n代码", "信息项名称", "共享类型"],
        [1, "甲", "307001/1", "一", "1"],
    ):
        book.active.append(row)
    path = tmp_path / "a.xlsx"
    book.save(path)
    with reading.opened(path) as table:
        assert table.template
        ((number, row),) = table.rows
    assert number == 4 and row["信息资源代码"] == "307001/1"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", b""),
        ("a.json", b"[]"),
        ("a.json", b"{"),
        ("a.json", b'[{"a": 1'),
        ("a.csv", b""),
        ("a.xlsx", b"no workbook"),
        ("a.json.gz", b"not packed"),
        ("a.doc", b"x"),
        ("a.csv", b"\xff\xfe\xff\x00\x80"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong_and_how_to_mend_it(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable) as raised:
        rows_of(path)
    assert raised.value.wrong.zh and raised.value.fix.en


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(Unreadable, match="nowhere.json"):
        rows_of(tmp_path / "nowhere.json")


def test_numbers_of_a_sheet_keep_their_look(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["标题", "数"])
    book.active.append(["甲", 10])
    path = tmp_path / "a.xlsx"
    book.save(path)
    from ckanext.cqgov.domain.cells import plain

    assert plain(rows_of(path)[1][0]["数"]) == "10"
