"""The national template: what is read is what is written, cell by cell."""

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ckanext.cqgov.domain.catalogue import normalise
from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
from ckanext.cqgov.domain.template import COLUMNS, EXTENSION, EXTENSION_LABELS, LABELS
from ckanext.cqgov.domain.template_reading import read
from ckanext.cqgov.domain.template_writing import write
from ckanext.cqgov.exchange import reading, workbook
from ckanext.cqgov.exchange.terms import RulesTerms
from ckanext.cqgov.rules import load, load_guide

RULES, GUIDE = load(), load_guide()
TERMS = RulesTerms(Vocabulary(RULES, GUIDE))


@pytest.fixture(autouse=True)
def shipped_rules(monkeypatch):
    monkeypatch.setattr(workbook, "RulesTerms", lambda: TERMS)


def words(vocabulary):
    return st.sampled_from(list(TERMS.choices(vocabulary).values()))


plain_text = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12)
free = st.one_of(st.just(""), plain_text, st.sampled_from(["=1+1", "停车场 信息", "第一行\n第二行", "+86", "@x", "'x"]))
days = st.one_of(st.just(""), st.dates().map(lambda day: day.isoformat()))


@st.composite
def template_rows(draw):
    """The rows of one resource as a clerk fills them in, in the template's own words."""
    path = draw(st.lists(plain_text, max_size=5))
    sharing = draw(words("sharing_types"))
    opened = draw(st.sampled_from(["", "是", "否"]))
    resource = {
        **{label: path[level] if level < len(path) else "" for level, label in enumerate(LABELS[1:6])},
        "关联业务事项": draw(free),
        "信息资源名称": draw(plain_text),
        "下设机构": draw(free),
        "信息资源摘要": draw(free),
        "格式分类": draw(words("format_classes")),
        "格式类型": draw(free).lstrip("."),  # “.xlsx” is read as “xlsx”
        "其他类型资源格式描述": draw(free),
        "共享类型": sharing,
        "共享条件/不予共享依据": draw(free),
        "共享方式分类": draw(words("sharing_mode_classes")),
        "共享方式类型": draw(words("sharing_mode_types")),
        "是否向社会开放": opened,
        "开放条件": draw(free),
        "更新周期": draw(words("update_cycles")),
        "发布日期": draw(days),
        "开放主题分类": draw(free),
    }
    types = st.sampled_from([f"{name}{code}" for code, name in TERMS.choices("data_types").items()])
    item = st.fixed_dictionaries(
        {
            "信息项名称": plain_text,
            "数据类型": types,
            "数据长度": st.one_of(st.just(""), st.integers(0, 9999), st.just("8,2")),
        }
    )
    items = draw(st.lists(item, max_size=4)) or [{"信息项名称": "", "数据类型": "", "数据长度": ""}]
    return [{**resource, **item} for item in items]


@st.composite
def catalogues(draw):
    """Several resources, each with a code of its own, numbered row by row."""
    rows = []
    for number, resource in enumerate(draw(st.lists(template_rows(), min_size=1, max_size=5)), 1):
        rows += [{**row, "信息资源代码": f"307001/{number}"} for row in resource]
    return [{**row, "序号": number} for number, row in enumerate(rows, 1)]


def stripped(row):
    return [value.strip() if isinstance(value, str) else value for value in (row[label] for label in LABELS)]


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(catalogues())
def test_what_a_clerk_fills_in_comes_back_cell_by_cell(rows):
    written, number = [], 1
    for entry in read(enumerate(rows, 2), (), TERMS):
        assert not entry.faults
        values, problems = normalise(entry.values, RULES, GUIDE)
        assert [problem for problem in problems if problem.code not in ("item-repeated",)] == []
        record = {**values, **{key: entry.values.get(key) for key in ("title", "notes", "tags", "items")}}
        block, _extension = write(record, number, TERMS)
        written += block
        number += len(block)
    assert written == [stripped(row) for row in rows]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(catalogues())
def test_a_workbook_that_is_read_and_written_again_is_the_same_workbook(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("books")

    def through(path):
        with reading.opened(path) as table:
            return [{**entry.values, "provider": entry.provider} for entry in read(table.rows, table.extension, TERMS)]

    records = [{**entry.values, "provider": "某局"} for entry in read(enumerate(rows, 2), (), TERMS)]
    workbook.write_catalogue(folder / "a.xlsx", records)
    workbook.write_catalogue(folder / "b.xlsx", through(folder / "a.xlsx"))
    first, second = (openpyxl.load_workbook(folder / name) for name in ("a.xlsx", "b.xlsx"))
    for name in first.sheetnames:
        assert list(first[name].values) == list(second[name].values)


RECORD = {
    "title": "公交线路",
    "catalog_code": "307001/9",
    "name": "bus-lines",
    "provider": "某市交通局",
    "provider_code": "11500000009275637F",
    "tags": [{"name": "公交"}, {"name": "交通"}],
    "class_path": ["部门", "交通局", "公交"],
    "items": [
        {"name": "线路", "type": "C", "length": 20, "primary_key": True, "personal": "none", "base_item": False},
        {"name": "司机", "type": "C", "length": None, "primary_key": False, "personal": "sensitive", "base_item": True},
        {
            "name": "里程",
            "type": "N",
            "length": "8,2",
            "primary_key": False,
            "personal": "personal",
            "base_item": False,
        },
    ],
    "sharing_type": "withheld",
    "sharing_condition": "涉及商业秘密",
    "sharing_basis_kind": "law",
    "sharing_basis": "《某法》第三条",
    "opening_type": "unconditional",
    "opening_condition": "无",
    "sensitive": True,
    "desensitised": False,
    "region": ["500101", "500102"],
    "related_codes": ["307001/8"],
    "origin": "compiled",
    "contact_phone": "023-63112345",
}


def test_our_further_fields_come_back_from_the_second_sheet():
    rows, extension = write(RECORD, 1, TERMS)
    assert len(rows) == 3 and len(rows[0]) == len(COLUMNS) == 26
    first = ((number, dict(zip(LABELS, row, strict=True))) for number, row in enumerate(rows, 2))
    second = [(2, dict(zip(EXTENSION_LABELS, extension, strict=True)))]
    (entry,) = read(first, second, TERMS)
    assert not entry.faults and entry.rows == 3
    values, problems = normalise(entry.values, RULES, GUIDE)
    assert not problems
    back = {**entry.values, **values}
    for key in RECORD.keys() - {"provider", "tags"}:
        assert back[key] == RECORD[key], key
    assert entry.provider == "某市交通局"
    assert back["tags"] == sorted(RECORD["tags"], key=lambda tag: tag["name"])


def table(*rows):
    return [(number, dict(zip(LABELS, row, strict=False))) for number, row in enumerate(rows, 2)]


def cells(**given):
    names = {
        "code": "信息资源代码",
        "title": "信息资源名称",
        "item": "信息项名称",
        "number": "序号",
        "open": "是否向社会开放",
    }
    return {names.get(key, key): value for key, value in given.items()}


def test_rows_of_one_code_are_one_resource():
    rows = [(2, cells(code="307001/1", title="甲", item="一")), (3, cells(code="307001/1", title="甲", item="二"))]
    (entry,) = read(rows, (), TERMS)
    assert [item["name"] for item in entry.values["items"]] == ["一", "二"] and entry.rows == 2


def test_resource_columns_written_once_hold_for_the_following_items():
    rows = [
        (2, cells(code="307001/1", title="甲", item="一")),
        (3, cells(item="二")),
        (4, cells(title="乙", item="三")),
    ]
    assert [entry.rows for entry in read(rows, (), TERMS)] == [2, 1]


def test_a_code_used_for_two_resources_is_a_fault_of_the_row_that_disagrees():
    rows = [(2, cells(code="307001/1", title="甲", item="一")), (3, cells(code="307001/1", title="乙", item="二"))]
    (entry,) = read(rows, (), TERMS)
    assert entry.faults[0].value == "乙" and "2" in entry.faults[0].wrong.zh


def test_two_resources_without_code_and_items_are_never_taken_for_one():
    rows = [(2, cells(number=1, title="甲")), (3, cells(number=2, title="甲"))]
    assert len(list(read(rows, (), TERMS))) == 2


@pytest.mark.parametrize(
    ("opened", "condition", "opening"),
    [
        ("是", "", "unconditional"),
        ("1", "实名", "conditional"),
        ("否", "", "closed"),
        ("0", "", "closed"),
        ("", "", None),
    ],
)
def test_yes_and_no_become_the_three_opening_types_and_nothing_stays_nothing(opened, condition, opening):
    rows = [(2, {**cells(title="甲", open=opened), "开放条件": condition})]
    (entry,) = read(rows, (), TERMS)
    assert entry.values.get("opening_type") == opening


def test_the_empty_template_is_recognised_and_offers_every_list(tmp_path):
    path = tmp_path / "模板.xlsx"
    workbook.write_template(path)
    with reading.opened(path) as found:
        assert found.template and set(LABELS) == set(found.labels)
        assert list(found.rows) == []
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["扩展信息"][1]] == [column.label for column in EXTENSION]
    said = " ".join(str(cell) for row in book["填报说明"].values for cell in row if cell)
    assert "每半年" in said and "有条件共享" in said and "字符型C" in said


def test_text_that_looks_like_a_formula_stays_text(tmp_path):
    workbook.write_catalogue(tmp_path / "x.xlsx", [{**RECORD, "notes": "=HYPERLINK(1)"}])
    sheet = openpyxl.load_workbook(tmp_path / "x.xlsx")["信息资源目录"]
    cell = sheet.cell(2, 1 + LABELS.index("信息资源摘要"))
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")


def test_a_fault_names_the_row_where_it_stands_and_not_the_first_row_of_the_resource():
    one = {
        "信息资源名称": "停车场",
        "信息资源代码": "307001/1",
        "信息资源摘要": "甲",
        "信息项名称": "名称",
        "数据类型": "C",
    }
    rows = [
        (5, one),
        (6, {**one, "信息项名称": "泊位", "数据类型": "怪型"}),
        (7, {**one, "信息项名称": "日期", "信息资源摘要": "乙"}),
    ]
    (entry,) = read(rows, (), TERMS)
    assert entry.row == 5
    assert "字符型、数值型" in entry.faults[-1].fix.zh
    assert {(fault.row, fault.column, fault.value) for fault in entry.faults} == {
        (6, "数据类型", "怪型"),
        (7, "信息资源摘要", "乙"),
    }
