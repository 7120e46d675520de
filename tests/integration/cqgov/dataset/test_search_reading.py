"""How words that people type are read: widths, other names, pinyin, series of near-duplicates, freshness."""

from __future__ import annotations

from datetime import date, timedelta

import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.cqgov.clock import today

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")

ANYBODY = {"user": "", "ignore_auth": False}


@pytest.fixture
def publish(provider, entry):
    """Publish an entry."""

    def published(title, notes="没有别的", **values):
        values = {"tags": [], "items": [{"name": "序号", "type": "C", "length": 20}], **values}
        return provider.head.call("package_create", **entry(title=title, notes=notes, private=False, **values))

    return published


@pytest.fixture
def search():
    """Search as a visitor over the API."""
    return lambda q, **params: tk.get_action("package_search")(dict(ANYBODY), {"q": q, **params})


@pytest.fixture
def page(app):
    """Search as the page of all datasets does, for a visitor."""

    def answer(q, **params):
        with app.flask_app.test_request_context("/dataset/"):
            facets = ["cqgov_freshness", "cqgov_update_cycle", "cqgov_provider"]
            asked = {"q": q, "fq": "+dataset_type:dataset", "facet.field": facets, "rows": 20, "extras": {}}
            return tk.get_action("package_search")({**ANYBODY, "for_view": True}, {**asked, **params})

    return answer


@pytest.fixture
def known():
    """Let the portal know a group of words for one test."""
    made = []

    def group(**values):
        made.append(tk.get_action("cqgov_search_term_create")({"ignore_auth": True}, values)["id"])

    yield group
    for id in made:
        tk.get_action("cqgov_search_term_delete")({"ignore_auth": True}, {"id": id})


def titles(answer):
    """Return the titles of an answer in order."""
    return [one["title"] for one in answer["results"]]


@pytest.mark.parametrize("query", ["重慶公廁", "重庆公厕", "重 庆公 厕", "ＡＱＩ重庆公厕"])
def test_traditional_and_full_width_is_the_same(publish, search, query):
    publish("重庆公厕分布AQI")
    assert titles(search(query)) == ["重庆公厕分布AQI"]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("2021年GDP", "全市GDP统计2021年"),
        ("PM2.5", "pm2.5监测数据"),
        ("A级景区", "A级景区名录"),
        ("5G基站", "新建5G基站位置"),
        ("茶", "永川茶叶产量"),
        ("stop", "City bus stops"),
        ("2021", "全市GDP统计2021年"),
    ],
)
def test_mixed_queries(publish, search, query, title):
    for one in (
        "全市GDP统计2021年",
        "pm2.5监测数据",
        "A级景区名录",
        "新建5G基站位置",
        "永川茶叶产量",
        "City bus stops",
    ):
        publish(one)
    assert titles(search(query))[0] == title


def test_an_entry_is_found_by_the_name_of_a_column(publish, search):
    publish("企业名录", items=[{"name": "统一社会信用代码", "type": "C", "length": 18}])
    publish("社会信用体系建设")
    assert titles(search("统一社会信用代码"))[0] == "企业名录"


def test_title_before_abstract_before_items(publish, search):
    publish("甲类目录", items=[{"name": "桥梁荷载", "type": "C", "length": 18}])
    publish("乙类目录", notes="全市桥梁荷载情况")
    publish("桥梁荷载目录")
    assert titles(search("桥梁荷载")) == ["桥梁荷载目录", "乙类目录", "甲类目录"]


def test_the_exact_title_comes_first(publish, search):
    publish("公交线路公交线路公交线路", notes="公交线路公交线路公交线路", updated_on=today().isoformat())
    publish("公交线路")
    assert titles(search(" 公交  线路 "))[0] == "公交线路"


def test_of_two_alike_the_fresher_comes_first(publish, search):
    publish("公交线路甲", published_on="2010-01-01", updated_on="2010-01-02")
    publish("公交线路乙", published_on="2010-01-01", updated_on=today().isoformat())
    assert titles(search("公交线路")) == ["公交线路乙", "公交线路甲"]


def test_the_provider_is_found_by_its_alias(publish, search, provider):
    from ckanext.cqgov.model import organization

    one = organization.get(provider.id)
    organization.write([], [one.__class__(**{**vars(one), "aliases": ("轨道指挥部",)})])
    publish("客流统计")
    assert titles(search("轨道指挥部客流")) == ["客流统计"]


def test_a_new_word_is_found_at_once(publish, search):
    publish("普通目录")
    assert search("氢能目录")["count"] == 1
    publish("氢能")
    assert "氢能" in titles(search("氢能目录"))


def test_choosing_a_filter_never_changes_what_is_counted(publish, search):
    for number in range(12):
        publish(f"停车场名录之{chr(0x7532 + number)}")
    publish("停车楼", update_cycle="yearly")
    publish("停车场年报", update_cycle="yearly")
    counted = search("停车场", **{"facet.field": ["cqgov_update_cycle"]})
    assert counted["count"] == 14  # with 停车楼, for the page is not full without it
    counts = {item["name"]: item["count"] for item in counted["search_facets"]["cqgov_update_cycle"]["items"]}
    for cycle, count in counts.items():
        assert search("停车场", fq=f"cqgov_update_cycle:{cycle}")["count"] == count
        assert search("停车场", fq_list=[f"cqgov_update_cycle:{cycle}"])["count"] == count


def test_quotes_and_minus_work_for_chinese(publish, search):
    publish("公交线路")
    publish("公交专用道和地铁线路")
    assert titles(search('"公交线路"')) == ["公交线路"]
    assert titles(search("线路 -地铁")) == ["公交线路"]
    assert search('"公交地铁"')["count"] == 0


def test_pinyin_when_nothing_else_is_found(publish, search):
    publish("重庆市停车场")
    for query in ("chongqing", "tingchechang", "tcc"):
        answer = search(query)
        assert titles(answer) == ["重庆市停车场"] and answer["cqgov"]["read_as"] == "pinyin"
        assert search(query, ext_exact="true")["count"] == 0 and "cqgov" not in search(query, ext_exact="true")


def test_relaxed_when_even_that_finds_nothing(publish, search):
    publish("公交线路")
    answer = search("公交氢能补贴办法说明")
    assert titles(answer) == ["公交线路"] and "cqgov" not in answer  # 公交 is all that anybody wrote
    publish("补贴办法")
    publish("说明")
    answer = search("city xylophone 公交")
    assert titles(answer) == ["公交线路"]
    publish("City bus stops")
    answer = search("xylophone stops violin")
    assert titles(answer) == ["City bus stops"] and answer["cqgov"]["read_as"] == "relaxed"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("R&D", "全社会R&D经费"),
        ("r & d", "全社会R&D经费"),
        ("Ｒ＆Ｄ经费", "全社会R&D经费"),
        ("A/B", "分级A/B名录"),
        ("C++", "C语言竞赛"),
    ],
)
def test_letters_joined_by_signs_are_one_word(publish, search, query, found):
    for title in ("全社会R&D经费", "分级A/B名录", "C语言竞赛", "D类人才和R类人才"):
        publish(title)
    assert titles(search(query)) == [found]
    assert search("Q&A")["count"] == 0 and search("AT&T")["count"] == 0


def test_a_known_word_written_with_a_blank_is_found_by_its_other_names(publish, search, known):
    known(kind="synonym", words="拖欠工资、欠薪")
    for title in ("欠薪单位", "拖欠职工工资的单位", "工资总额"):
        publish(title)
    assert set(titles(search("拖欠 工资"))[:2]) == {"欠薪单位", "拖欠职工工资的单位"}


def test_a_character_by_itself_may_be_a_known_word(publish, search, known):
    known(kind="related", words="鱼", related="水产")
    publish("水产品产量")
    publish("洞庭街道水费")
    assert titles(search("鱼")) == ["水产品产量"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("驾校", "普通机动车驾驶员培训企业名录"),  # another name, in part
        ("拆违", "拆控违数据"),  # short for longer words
        ("旧衣服捐到哪里", "清镇市旧物捐赠站点"),  # two characters that few have
    ],
)
def test_what_nobody_wrote_is_read_in_other_ways_at_last(publish, search, known, query, found):
    known(kind="synonym", words="驾校、机动车驾驶员培训机构")
    for title in ("普通机动车驾驶员培训企业名录", "拆控违数据", "清镇市旧物捐赠站点", "培训班信息"):
        publish(title)
    answer = search(query)
    assert titles(answer) == [found] and answer["cqgov"]["read_as"] == "relaxed"
    assert search(query, ext_exact="true")["count"] == 0
    filtered = search(query, fq="cqgov_update_cycle:weekly")
    assert filtered["count"] == 0 and filtered["cqgov"]["read_as"] == "relaxed"


def test_who_may_see_what_is_asked_only_where_it_counts(publish, search, monkeypatch):
    from ckanext.cqgov.catalogue import rights

    asked = []
    labels = rights.labels
    monkeypatch.setattr(rights, "labels", lambda context: asked.append(1) or labels(context))
    publish("公交线路")
    for query in ("*:*", "title:公交", "公交", "bus"):
        search(query)
    assert asked == []
    search("公交氢能补贴")
    assert asked == [1]


def test_nothing_is_still_nothing(publish, search):
    publish("公交线路")
    assert search("氢能")["count"] == 0 and search("zzzz qqqq")["count"] == 0


def test_a_filter_that_leaves_nothing_changes_no_reading(publish, search):
    publish("公交线路")
    answer = search("公交线路", fq="cqgov_update_cycle:weekly")
    assert answer["count"] == 0 and "cqgov" not in answer


def test_a_reading_stays_when_a_filter_is_chosen(publish, search):
    publish("停车场")
    answer = search("tingchechang", fq="cqgov_update_cycle:monthly")
    assert answer["count"] == 1 and answer["cqgov"]["read_as"] == "pinyin"


def test_a_series_is_shown_once_on_the_page_and_whole_in_the_api(publish, page, search):
    for year in (2019, 2020, 2021):
        publish(f"{year}年公交线路")
    publish("公交线路站点")
    answer = page("公交线路")
    assert answer["count"] == 2 and answer["cqgov"]["datasets"] == 4
    assert sorted(answer["cqgov"]["similar"].values()) == [2]
    assert set(answer["cqgov"]["similar"]) <= {one["id"] for one in answer["results"]}
    counts = {item["name"]: item["count"] for item in answer["search_facets"]["cqgov_update_cycle"]["items"]}
    assert sum(counts.values()) == 4
    assert page("公交线路", extras={"ext_similar": "all"})["count"] == 4
    api = search("公交线路")
    assert api["count"] == 4 and len(api["results"]) == 4 and "cqgov" not in api


def test_a_series_in_another_order_shows_its_first(publish, page):
    for year in (2019, 2020, 2021):
        publish(f"{year}年公交线路")
    assert titles(page("公交线路", sort="title_string desc")) == ["2021年公交线路"]
    assert titles(page("公交线路", sort="title_string asc")) == ["2019年公交线路"]


def test_the_page_says_how_it_read(publish, page):
    publish("公交线路")
    reading = page("公交线路")["cqgov"]
    assert reading["read_as"] is None and set(reading["terms"]) == {"公交", "交线", "线路"}
    assert page("*:*")["cqgov"]["datasets"] == 1


@pytest.fixture
def aged(publish):
    """Publish entries of each freshness."""
    old, now = (today() - timedelta(days=400)).isoformat(), today().isoformat()
    for title, cycle, updated in (
        ("甲", "yearly", old),
        ("乙", "daily", now),
        ("丙", "monthly", now),
        ("丁", "irregular", old),
    ):
        publish(f"公交{title}", update_cycle=cycle, published_on="2010-01-01", updated_on=updated)


def test_freshness_is_counted_and_filtered(aged, search):
    counted = search("公交", **{"facet.field": ["cqgov_freshness"]})["search_facets"]["cqgov_freshness"]["items"]
    assert {item["name"]: item["count"] for item in counted} == {"overdue": 1, "on-time": 2, "no-cycle": 1}
    for value, found in (("overdue", {"公交甲"}), ("on-time", {"公交乙", "公交丙"}), ("no-cycle", {"公交丁"})):
        assert set(titles(search("公交", fq=f'+cqgov_freshness:"{value}"'))) == found
        assert set(titles(search("*:*", fq_list=[f"cqgov_freshness:{value}"]))) == found
    assert len(titles(search("", fq="cqgov_freshness:(overdue OR no-cycle)"))) == 2
    assert titles(search("cqgov_freshness:overdue")) == ["公交甲"]
    assert titles(search("", fq="cqgov_freshness:whatever")) == []


def test_what_is_due_today_is_not_yet_overdue(publish, search):
    updated = today() - timedelta(days=7)
    publish("周报", update_cycle="weekly", published_on="2010-01-01", updated_on=updated.isoformat())
    assert titles(search("周报", fq="cqgov_freshness:on-time")) == ["周报"]
    assert date.fromisoformat(updated.isoformat()) + timedelta(days=7) == today()


def test_the_facet_by_freshness_comes_with_others(aged, page):
    facets = page("公交")["search_facets"]
    assert {"cqgov_freshness", "cqgov_update_cycle", "cqgov_provider"} <= set(facets)


def test_a_provider_counts_for_all_above_it(search, entry, provider):
    from ckanext.cqgov.model import organization

    above = factories.Organization()
    one, parent = organization.get(provider.id), organization.get(above["id"])
    organization.write([], [parent, one.__class__(**{**vars(one), "parent_id": above["id"]})])
    provider.head.call("package_create", **entry(title="公交线路", private=False))
    found = search("公交", **{"facet.field": ["cqgov_provider"]})
    names = {item["name"]: item["count"] for item in found["search_facets"]["cqgov_provider"]["items"]}
    assert names == {provider.name: 1, above["name"]: 1}
    assert search("公交", fq=f"cqgov_provider:{above['name']}")["count"] == 1
