"""Groups of words: what is accepted, what importing a list changes, what a release brings, files."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov import divisions, term_file
from ckanext.cqgov.domain.search_terms import KINDS, NAME, RELATED, RENAMED, SYNONYM
from ckanext.cqgov.domain.term_delivery import delivered, division_groups, mark, shipped_key, short_names
from ckanext.cqgov.domain.term_groups import (
    LONGEST,
    MOST_WORDS,
    Group,
    Holders,
    checked,
    kind_of,
    split,
)
from ckanext.cqgov.domain.term_list import Entry, planned


def synonyms(id: str, line: str, note: str = "") -> Group:
    return Group(id, SYNONYM, tuple(line.split("、")), note=note)


def row(
    number: int, line: str, kind: str = SYNONYM, present: str = "", id: str = "", note: str = "", related: str = ""
) -> Entry:
    return Entry(number, kind, tuple(line.split("、")), present, note, id, tuple(split(related)))


def said(id: str, line: str, related: str) -> Group:
    return Group(id, RELATED, tuple(line.split("、")), related=tuple(related.split("、")))


def imported(existing: list[Group], *entries: Entry):
    numbers = count(1)
    return planned(existing, entries, lambda: f"new{next(numbers)}")


def fields(faults) -> list[tuple[int | None, str]]:
    return [(fault.row, fault.field) for fault in faults]


def test_words_are_separated_by_what_people_type():
    assert split(" 公厕、公共厕所，公共卫生间;厕所 | 洗手间\nwc toilet ") == [
        "公厕",
        "公共厕所",
        "公共卫生间",
        "厕所",
        "洗手间",
        "wc toilet",
    ]


def test_a_word_that_comes_twice_in_any_writing_is_taken_once():
    group, faults = checked("1", SYNONYM, ["社保", "社會保險", "社会保险", "ＧＤＰ", "gdp"])
    assert (group.words, faults) == (("社保", "社會保險", "GDP"), [])


@pytest.mark.parametrize(
    ("kind", "words", "present", "note", "field"),
    [
        ("nickname", ["公厕", "厕所"], "", "", "kind"),
        (SYNONYM, [], "", "", "words"),
        (SYNONYM, ["公厕"], "", "", "words"),
        (SYNONYM, ["公厕", "Ｘ"], "", "", "words"),
        (SYNONYM, ["公厕", "x"], "", "", "words"),
        (SYNONYM, ["公厕", "厕" * (LONGEST + 1)], "", "", "words"),
        (SYNONYM, ["公厕", 'title:"厕所"'], "", "", "words"),
        (SYNONYM, ["公厕", "{!lucene}厕所"], "", "", "words"),
        (SYNONYM, ["公厕", "-厕所"], "", "", "words"),
        (SYNONYM, ["公厕", "=1+1"], "", "", "words"),
        (SYNONYM, [f"公厕{n}" for n in range(MOST_WORDS + 1)], "", "", "words"),
        (SYNONYM, ["公厕", "厕所"], "洗手间", "", "present"),
        (RENAMED, ["工商局"], "", "", "present"),
        (RENAMED, ["工商局"], "工商局", "", "present"),
        (SYNONYM, ["公厕", "厕所"], "", "注" * 501, "note"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(kind, words, present, note, field):
    _, faults = checked("1", kind, words, present, note)
    assert {fault.field for fault in faults} == {field}
    assert all(fault.text.zh and fault.text.en for fault in faults)


@pytest.mark.parametrize(
    ("kind", "words", "related", "field"),
    [
        (RELATED, ["找工作"], [], "related"),
        (RELATED, ["找工作"], ["聘"], "related"),
        (RELATED, ["找工作"], ["招聘:x"], "related"),
        (RELATED, ["找工作", "招聘"], ["招聘"], "related"),
        (RELATED, ["找工作"], [f"招聘{n}" for n in range(MOST_WORDS + 1)], "related"),
        (RELATED, [], ["招聘"], "words"),
        (SYNONYM, ["公厕", "厕所"], ["招聘"], "related"),
        (NAME, ["长江北岸"], ["招聘"], "related"),
    ],
)
def test_what_is_wrong_with_related_words_is_said_at_its_field(kind, words, related, field):
    assert {fault.field for fault in checked("1", kind, words, related=related)[1]} == {field}


def test_a_word_that_people_say_may_be_one_chinese_character():
    assert checked("1", RELATED, ["鱼"], related=["水产"])[1] == [] and checked("1", SYNONYM, ["狗", "犬"])[1] == []


def test_a_related_group_may_have_one_word_and_is_called_in_both_languages():
    groups = [checked("1", kind, ["找工作"], related=["招聘", "招聘"]) for kind in ("相关说法", "related")]
    assert groups == [(said("1", "找工作", "招聘"), [])] * 2
    assert groups[0][0].shown() == "找工作 → 招聘"


def test_many_groups_lead_to_a_word_of_the_catalogue_and_one_word_is_said_in_one():
    holders = Holders([said("1", "找工作", "招聘")])
    assert holders.faults(said("2", "缺人、招聘", "招聘会、招工")) == []
    assert fields(holders.faults(said("2", "找工作", "岗位"))) == [(None, "words")]


def test_a_row_adds_its_related_words_and_the_same_again_changes_nothing():
    rows = [row(2, "找工作", RELATED, related="招聘"), row(3, "缺人", RELATED, related="招聘")]
    first = imported([], *rows)
    assert [group.shown() for group in first.created] == ["找工作 → 招聘", "缺人 → 招聘"]
    again = imported(list(first.created), *rows)
    assert (again.created, again.updated, again.unchanged, again.faults) == ((), (), 2, ())
    more = imported([said("1", "找工作", "招聘")], row(2, "找工作、找活", RELATED, related="招聘、岗位"))
    assert more.updated == (said("1", "找工作、找活", "招聘、岗位"),)
    against = imported([], row(2, "找工作", RELATED, related="招聘"), row(3, "找工作", RELATED, related="岗位"))
    assert fields(against.faults) == [(3, "words")]


def test_a_single_name_is_a_group_and_kinds_may_be_said_in_both_languages():
    assert checked("1", "名称", ["长江北岸"])[1] == checked("1", "Names", ["长江北岸"])[1] == []
    assert [kind_of(text.zh) for text in KINDS.values()] == list(KINDS)


def test_a_word_stands_in_one_group_of_its_kind_and_may_stand_in_one_of_each():
    holders = Holders([synonyms("1", "公厕、公共厕所")])
    assert fields(holders.faults(synonyms("2", "厕所、公共厕所"))) == [(None, "words")]
    assert holders.faults(Group("2", NAME, ("公共厕所",))) == []
    assert holders.faults(synonyms("1", "公厕、厕所")) == []


def test_a_new_row_is_a_new_group_and_the_same_list_again_changes_nothing():
    rows = [row(2, "公厕、公共厕所"), row(3, "工商局、质监局", RENAMED, "市场监管局")]
    first = imported([], *rows)
    assert [group.shown() for group in first.created] == ["公厕、公共厕所", "工商局、质监局 → 市场监管局"]
    again = imported(list(first.created), *rows)
    assert (again.created, again.updated, again.unchanged, again.faults) == ((), (), 2, ())


def test_a_row_adds_its_words_to_the_group_that_has_one_of_them():
    plan = imported([synonyms("1", "公厕、公共厕所", "旧")], row(2, "公共厕所、公共卫生间"))
    assert plan.updated == (synonyms("1", "公厕、公共厕所、公共卫生间", "旧"),)


def test_a_row_with_an_id_says_what_the_group_is():
    plan = imported([synonyms("1", "公厕、公共厕所")], row(2, "公厕、厕所", id="1"))
    assert plan.updated == (synonyms("1", "公厕、厕所"),)


def test_a_row_that_repeats_part_of_an_earlier_one_is_no_contradiction():
    plan = imported(
        [synonyms("1", "公厕、厕所")], row(2, "公厕、公共厕所"), row(3, "公厕、公共厕所"), row(4, "厕所、公厕")
    )
    assert (plan.faults, plan.updated) == ((), (synonyms("1", "公厕、厕所、公共厕所"),))


def test_a_thing_that_is_renamed_again_keeps_its_last_name_as_a_former_one():
    plan = imported([Group("1", RENAMED, ("工商局",), "市场监管局")], row(2, "工商局", RENAMED, "市场局"))
    assert plan.updated == (Group("1", RENAMED, ("市场监管局", "工商局"), "市场局"),)


def test_two_rows_may_exchange_a_word():
    before = [synonyms("1", "甲甲、乙乙、丙丙"), synonyms("2", "丁丁、戊戊")]
    plan = imported(before, row(2, "甲甲、乙乙", id="1"), row(3, "丁丁、戊戊、丙丙", id="2"))
    assert plan.faults == () and len(plan.updated) == 2


@pytest.mark.parametrize(
    ("existing", "rows", "wrong"),
    [
        ([], [row(2, "公厕、公共厕所"), row(3, "x")], [(3, "words"), (3, "words")]),
        ([], [row(2, "公厕、公共厕所"), row(3, "公厕、洗手间")], [(3, "words")]),
        ([synonyms("1", "甲甲、乙乙"), synonyms("2", "丙丙、丁丁")], [row(5, "甲甲、丙丙")], [(5, "words")]),
        ([synonyms("1", "甲甲、乙乙"), synonyms("2", "丙丙、丁丁")], [row(5, "甲甲、丙丙", id="1")], [(5, "words")]),
        ([synonyms("1", "甲甲、乙乙")], [row(2, "甲甲、丙丙", id="1"), row(3, "丁丁、丙丙")], [(3, "words")]),
    ],
)
def test_a_list_that_contradicts_itself_or_what_is_there_names_the_row(existing, rows, wrong):
    assert fields(imported(existing, *rows).faults) == wrong


def test_the_export_of_what_was_imported_is_read_as_the_same_groups():
    groups = [
        synonyms("1", "公厕、公共厕所", "=注，有逗号\n和换行"),
        Group("2", RENAMED, ("工商局", "质监局"), "市场监管局"),
        Group("3", NAME, ("长江北岸",)),
        said("4", "找工作、找活", "招聘、就业服务"),
    ]
    content = term_file.as_csv(groups)
    assert b"\r\n1,synonym" in content and ",=" not in content.decode() and '"=' not in content.decode()
    plan = imported(groups, *term_file.entries(content))
    assert (plan.created, plan.updated, plan.unchanged, plan.faults) == ((), (), 4, ())


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("comma", [",", ";", "\t"])
def test_files_of_offices_are_read_with_the_line_of_each_row(codec, comma):
    lines = [
        ["类型", "词语", "现用名称"],
        ["同义词", "公厕、公共厕所、公共卫生间", ""],
        [],
        ["更名", "工商局|质监局", "市场监管局"],
    ]
    content = "\n".join(comma.join(line) for line in lines).encode(codec)
    assert term_file.entries(content) == [
        Entry(2, "同义词", ("公厕", "公共厕所", "公共卫生间")),
        Entry(4, "更名", ("工商局", "质监局"), "市场监管局"),
    ]


@pytest.mark.parametrize("content", [b"", b"kind,words\n", b"a,b\n1,2", b"\x00\x01\x02", "词语\n公厕".encode()])
def test_a_file_that_cannot_be_read_says_why_in_both_languages(content):
    with pytest.raises(term_file.UnreadableTerms) as refused:
        term_file.entries(content)
    assert refused.value.text.zh and refused.value.text.en


def bring(existing: list[Group], shipped: list[Group], origin=None, offered=None):
    return delivered({one.id: one for one in existing}, origin or {}, offered or {}, shipped, lambda: "new")


def test_a_release_brings_its_groups_once():
    one = synonyms("", "公厕、公共厕所")
    first = bring([], [one])
    assert [group.words for group in first.created] == [one.words]
    again = bring([synonyms("new", "公厕、公共厕所")], [one], {shipped_key(one): "new"}, first.offered)
    assert (again.created, again.updated, again.kept) == ((), (), ())


def test_what_somebody_deleted_does_not_come_back():
    one = synonyms("", "公厕、公共厕所")
    plan = bring([], [one], {}, {shipped_key(one): mark(one)})
    assert (plan.created, plan.updated) == ((), ())


def test_a_new_release_changes_what_nobody_changed_and_leaves_the_rest():
    old, new = synonyms("", "公厕、公共厕所"), synonyms("", "公厕、公共厕所、公共卫生间")
    origin, offered = {shipped_key(old): "1"}, {shipped_key(old): mark(old)}
    untouched = bring([synonyms("1", "公厕、公共厕所")], [new], origin, offered)
    assert untouched.updated == (synonyms("1", "公厕、公共厕所、公共卫生间"),)
    changed = bring([synonyms("1", "公厕、洗手间")], [new], origin, offered)
    assert (changed.updated, len(changed.kept)) == ((), 1)
    deleted = bring([], [new], {}, offered)
    assert (deleted.created, len(deleted.kept)) == ((), 1)


def test_a_new_release_changes_what_people_say_leads_to():
    old, new = said("", "找工作", "招聘"), said("", "找工作", "招聘、岗位")
    plan = bring([said("1", "找工作", "招聘")], [new], {shipped_key(old): "1"}, {shipped_key(old): mark(old)})
    assert plan.updated == (said("1", "找工作", "招聘、岗位"),)


def test_a_shipped_group_gives_way_to_what_somebody_entered():
    plan = bring([synonyms("own", "公厕、茅房")], [synonyms("", "公厕、公共厕所")])
    assert (plan.created, plan.updated, len(plan.kept)) == ((), (), 1)


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("璧山区", ("璧山",)),
        ("长寿县", ("长寿",)),
        ("江津市", ("江津",)),
        ("忠县", ()),
        ("两江新区", ()),
        ("酉阳土家族苗族自治县", ("酉阳自治县", "酉阳县", "酉阳")),
        ("彭水苗族土家族自治县", ("彭水自治县", "彭水县", "彭水")),
    ],
)
def test_divisions_are_called_by_their_short_names(name, short):
    assert short_names(name) == short


def test_the_groups_of_the_divisions_hold_each_word_once_and_lead_to_what_exists():
    groups = division_groups(divisions.current())
    for kind in KINDS:
        every = [word for group in groups if group.kind == kind for word in group.everything]
        assert len(every) == len(set(every))
    former = {word: group.present for group in groups if group.kind == RENAMED for word in group.words}
    assert {former[name] for name in ("江北区", "渝北区")} == {"两江新区"}
    assert (former["璧山县"], former["黔江土家族苗族自治县"]) == ("璧山区", "黔江区")


def test_every_shipped_group_could_have_been_entered_by_hand():
    for group in term_file.shipped():
        assert checked(group.id, group.kind, group.words, group.present, group.note, group.related) == (group, [])


@given(
    st.lists(st.text(max_size=70), max_size=8),
    st.sampled_from(list(KINDS)),
    st.text(max_size=20),
    st.lists(st.text(max_size=70), max_size=3),
)
def test_whatever_is_entered_is_judged(words, kind, present, related):
    group, faults = checked("1", kind, words, present, related=related)
    if not faults:
        assert checked("1", kind, group.words, group.present, group.note, group.related) == (group, [])
        again = imported([], Entry(1, kind, group.words, group.present, related=group.related))
        assert not again.faults and again.created[0].words == group.words


@given(
    st.lists(st.lists(st.sampled_from(["甲甲", "乙乙", "丙丙", "丁丁", "戊戊"]), min_size=2, max_size=3), max_size=6)
)
def test_importing_twice_is_importing_once_and_no_word_ends_in_two_groups(lines):
    rows = [Entry(number, SYNONYM, tuple(line)) for number, line in enumerate(lines, start=2)]
    first = imported([], *rows)
    if first.faults:
        return
    words = [word for group in first.created for word in group.words]
    assert len(words) == len(set(words))
    again = imported(list(first.created), *rows)
    assert (again.created, again.updated, again.faults) == ((), (), ())
