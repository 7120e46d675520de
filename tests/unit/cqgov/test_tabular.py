"""Tables as they come: encodings, lines around the table, empty marks, codes that must not become numbers."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ckanext.cqgov.tabular import UnreadableTable, decoded, read_table

FILES = files("ckanext.cqgov.demo") / "data" / "files"


def read(name):
    return read_table((FILES / name).read_bytes(), name)


@pytest.mark.parametrize(
    "name, first_above, last_below",
    [
        ("nbs_gbk_0.csv", "数据库：分省年度数据", "数据来源：国家统计局"),
        ("nbs_gbk_1.csv", "数据库：分省年度数据", "数据来源：国家统计局"),
        ("nbs_gbk_2.csv", "数据库：分省年度数据", "数据来源：国家统计局"),
        ("nbs_gbk_3.csv", "数据库：分省年度数据", "数据来源：国家统计局"),
    ],
)
def test_a_statistics_export_gives_its_31_provinces_without_preamble_and_notes(name, first_above, last_below):
    table = read(name)
    assert table.encoding == "gb18030"
    assert len(table.rows) == 31
    assert table.columns[0].name == "地区" and table.rows[0][0] == "北京市"
    assert len(table.skipped_preamble) == 3 and table.skipped_preamble[0] == first_above
    assert table.footer[-1] == last_below


def test_every_note_line_of_the_employment_table_is_kept_aside():
    assert [line[:4] for line in read("nbs_gbk_3.csv").footer] == ["注：1.", "2.城镇", "3.20", "数据来源"]


def test_air_readings_have_numbers_dates_and_real_empty_values():
    table = read("chongqing_air_hourly_202004.csv")
    kinds = {column.name: column.kind for column in table.columns}
    assert len(table.rows) == 2880
    assert kinds["Date"] == "date" and kinds["AQI"] == "numeric" and kinds["WatchPoint"] == "text"
    assert kinds["Hour"] == "text", "08 would lose its zero"
    assert table.rows[0][:7] == (date(2020, 4, 2), "08", "缙云山", 45, "优", None, 31)
    assert all(value is None for value in table.rows[1][3:])


def test_division_codes_stay_text_whatever_the_column_is_called():
    assert read("chongqing_streets_modood.csv").columns[0].kind == "text"
    assert read("chongqing_districts_history.csv").rows[0][0] == "500000"


def test_a_byte_order_mark_does_not_end_up_in_the_first_column_name():
    table = read_table("代码,名称\n1,甲\n".encode("utf-8-sig"))
    assert table.columns[0].name == "代码" and table.encoding == "utf-8-sig"


def test_a_character_outside_gbk_is_read():
    assert read_table("姓名,地点\n䶮,㑇\n".encode("gb18030")).rows == (("䶮", "㑇"),)


def test_big5_is_not_taken_for_gb18030():
    text = "臺灣地區的統計資料，這裡是說明文字。總計與數據來源，請參閱備註。" * 20
    read_back, encoding = decoded(text.encode("big5"))
    assert encoding != "gb18030" and read_back == text


@pytest.mark.parametrize("content", [b"", b"   \r\n", b"\x89PNG\r\n\x1a\n\x00\x00", b"PK\x03\x04broken", b",,,\r\n,,,"])
def test_what_is_no_table_is_refused_in_both_languages(content):
    with pytest.raises(UnreadableTable) as refused:
        read_table(content, "x.csv")
    assert refused.value.text.zh and refused.value.text.en


def test_semicolons_and_tabs_are_found():
    assert read_table("甲;乙\n1;2\n3;4\n".encode()).rows == ((1, 2), (3, 4))
    assert read_table("甲\t乙\n1\t2\n".encode(), "x.tsv").rows == ((1, 2),)


def test_a_single_column_needs_no_delimiter():
    table = read_table("站点\n上清寺\n南坪\n数据来源：某局\n".encode())
    assert table.rows == (("上清寺",), ("南坪",)) and table.footer == ("数据来源：某局",)


def test_no_cell_is_lost_when_a_row_is_longer_than_the_header():
    table = read_table("甲,乙\n1,2\n3,4,五\n6,7\n".encode())
    assert [column.name for column in table.columns] == ["甲", "乙", "列3"]
    assert table.rows[1] == (3, 4, "五") and table.rows[0] == (1, 2, None)


def test_repeated_and_missing_column_names_are_told_apart():
    table = read_table("数量,数量,,名称\n1,2,3,甲\n".encode())
    assert [column.name for column in table.columns] == ["数量", "数量_2", "列3", "名称"]


def test_a_short_last_row_is_data_when_it_is_not_a_note():
    assert read_table("地区,一月,二月\n甲,1,2\n乙,3\n".encode()).rows[-1] == ("乙", 3, None)


@pytest.mark.parametrize(
    "cells, kind, first",
    [
        (["1,234.5", "2"], "numeric", Decimal("1234.5")),
        (["-3", "—", ""], "numeric", -3),
        (["1,23", "4"], "text", "1,23"),
        (["12345678901234567890"], "text", "12345678901234567890"),
        (["0012"], "text", "0012"),
        (["0.5"], "numeric", Decimal("0.5")),
        (["2024年1月5日"], "date", date(2024, 1, 5)),
        (["2024/2/30"], "text", "2024/2/30"),
        (["2024-01-05 08:30", "2024-01-06"], "timestamp", datetime(2024, 1, 5, 8, 30)),
        (["—", "/"], "text", "—"),
    ],
)
def test_a_column_is_typed_by_all_of_its_values(cells, kind, first):
    lines = "\n".join(["名称,值", *(f'甲,"{cell}"' for cell in cells)])
    table = read_table(lines.encode())
    assert table.columns[1].kind == kind and table.rows[0][1] == first


def test_a_workbook_reads_like_its_csv():
    book = openpyxl.Workbook()
    book.active.append(["停车场一览表"])
    book.active.append(["名称", "泊位数", "启用日期"])
    book.active.append(["渝中停车场", 120, date(2024, 5, 1)])
    book.active.append(["南岸停车场", 80.5, date(2024, 6, 1)])
    book.active.append(["注：示例"])
    content = io.BytesIO()
    book.save(content)
    table = read_table(content.getvalue(), "停车场.xlsx")
    assert table.encoding == "workbook"
    assert table.skipped_preamble == ("停车场一览表",) and table.footer == ("注：示例",)
    assert [column.kind for column in table.columns] == ["text", "numeric", "date"]
    assert table.rows[0] == ("渝中停车场", 120, date(2024, 5, 1))


chinese = st.text(alphabet="重庆市公交停车场数据乙丙丁，、abcXYZ", min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(
    header=st.lists(chinese, min_size=2, max_size=6, unique=True),
    data=st.data(),
    above=st.lists(chinese, max_size=3),
    notes=st.integers(0, 2),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
)
def test_what_a_department_wrote_comes_back_whole(header, data, above, notes, encoding):
    rows = data.draw(st.lists(st.lists(chinese, min_size=len(header), max_size=len(header)), min_size=3, max_size=12))
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerows([[line] for line in above])
    writer.writerow(header)
    writer.writerows(rows)
    writer.writerows([["注：甲"]] * notes)
    table = read_table(written.getvalue().encode(encoding))
    assert [column.name for column in table.columns] == header
    assert [[str(value) for value in row] for row in table.rows] == rows
    assert len(table.skipped_preamble) == len(above) and len(table.footer) == notes
