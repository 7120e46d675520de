"""Information items pasted from a spreadsheet."""

from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.item_table import ORDER, parse


def test_columns_without_a_heading_are_name_type_length_key_personal_base():
    rows = parse("停车场编号\tC\t20\t是\t\t\n车位数\tI\t\t\t\t").rows
    assert rows == [
        {"name": "停车场编号", "type": "C", "length": "20", "primary_key": "是"},
        {"name": "车位数", "type": "I"},
    ]


def test_a_heading_names_the_columns_in_any_order():
    rows = parse("数据类型\t长度\t信息项名称\n字符型\t50\t地址").rows
    assert rows == [{"type": "字符型", "length": "50", "name": "地址"}]


def test_an_english_heading_is_understood():
    assert parse("Item name\tData type\nname\tC").rows == [{"name": "name", "type": "C"}]


def test_a_column_of_running_numbers_is_read_over():
    pasted = parse("序号\t信息项名称\n1\t地址\n2\t电话")
    assert [row["name"] for row in pasted.rows] == ["地址", "电话"]
    assert not pasted.notes


def test_an_unknown_column_is_named_and_not_read():
    pasted = parse("信息项名称\t备注\n地址\t详细到门牌")
    assert pasted.rows == [{"name": "地址"}]
    assert "备注" in pasted.notes[0].zh and "备注" in pasted.notes[0].en


def test_an_item_that_is_called_like_a_heading_is_an_item():
    assert parse("名称\t类型\t长度\n类型\tC\t2").rows == [{"name": "类型", "type": "C", "length": "2"}]
    assert parse("长度\tN\t8,2").rows == [{"name": "长度", "type": "N", "length": "8,2"}]


def test_a_type_with_its_length_in_brackets_is_split():
    assert parse("地址\tvarchar(50)").rows == [{"name": "地址", "type": "varchar", "length": "50"}]
    assert parse("价格\tN（8，2）").rows == [{"name": "价格", "type": "N", "length": "8,2"}]
    assert parse("地址\tC(50)\t60").rows == [{"name": "地址", "type": "C(50)", "length": "60"}]


def test_quoted_cells_of_a_spreadsheet_lose_their_quotes():
    assert parse('"地""址""\t"\tC').rows[0]["name"].startswith("地")
    assert parse('"地址"\tC').rows == [{"name": "地址", "type": "C"}]


def test_commas_serve_when_there_is_no_tab():
    assert parse("地址,C,50\n电话，C，20").rows[1] == {"name": "电话", "type": "C", "length": "20"}


def test_a_bare_list_of_names_is_a_table_of_one_column():
    assert [row["name"] for row in parse("地址\n\n电话\n").rows] == ["地址", "电话"]


def test_more_columns_than_there_are_is_said():
    assert "7" in parse("\t".join("abcdefg")).notes[0].en


def test_nothing_gives_no_rows():
    assert parse("").rows == parse(" \n\t\n").rows == []


def test_a_cell_too_long_for_a_spreadsheet_is_still_read():
    assert len(parse("名" * 200_000 + "\tC").rows[0]["name"]) == 200_000


@given(st.text(max_size=300))
def test_any_text_is_read_without_failing(text):
    for row in parse(text).rows:
        assert row and set(row) <= set(ORDER) and all(row.values())


@given(st.lists(st.text("停车场编号地址abc", min_size=1, max_size=8), min_size=1, max_size=20))
def test_names_come_back_in_their_order(names):
    table = "信息项名称\t数据类型\n" + "\n".join(f"{name}\tC" for name in names)
    assert [row["name"] for row in parse(table).rows] == names
