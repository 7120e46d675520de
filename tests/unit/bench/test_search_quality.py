"""The judged queries, the pools and the rows, on toy judgments and on what is stored."""

from __future__ import annotations

import gzip
import json
from collections import Counter

import pytest

from tests.bench import judged, pooling, search_quality
from tests.bench.analysers import BEFORE, SPLIT, STOCK, Answer, jieba_words, pairs, stock
from tests.bench.judged import Document, Query
from tests.bench.measure import measured

FIRST, SECOND = (Query("q1", "公厕", "", "synonym", "tune"), Query("q2", "gongce", "", "pinyin", "check"))
GRADES = {"q1": {"a": 3, "b": 2, "c": 0}, "q2": {"a": 3}}


def test_there_are_enough_queries_of_every_kind_and_half_of_each_kind_is_kept_from_tuning():
    queries = judged.queries()
    assert len(queries) >= 80
    assert len({query.id for query in queries}) == len({query.text for query in queries}) == len(queries)
    open_ = [query for query in queries if query.half in ("tune", "check")]
    assert Counter(query.half for query in open_)["check"] == len(open_) // 2
    assert all(query.need for query in queries)
    assert sum(query.kind == "pinyin" for query in queries) <= 4
    for kind in {query.kind for query in queries}:
        halves = Counter(query.half for query in queries if query.kind == kind)
        assert abs(halves["tune"] - halves["check"]) <= 1


def test_the_queries_held_back_are_of_every_kind_and_stand_apart():
    queries = judged.queries()
    held = [query for query in queries if query.half == "held"]
    assert len(held) >= 48 and {query.half for query in queries[112:]} == {"held", "used"}
    assert {query.kind for query in held} == {query.kind for query in queries}
    assert sum(query.kind == "pinyin" for query in held) <= 2


def test_a_query_of_no_known_half_is_refused(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text(json.dumps({"id": "q9", "text": "桥", "need": "桥梁", "kind": "one-char", "half": "hold"}), "utf-8")
    with pytest.raises(ValueError, match=r"q9 \(hold\)"):
        judged.queries(path)


def test_every_query_has_an_answer_in_the_catalogues():
    words = {line["query"]: line["words"] for line in judged.lines(judged.FOLDER / "pool_words.jsonl")}
    for query in judged.queries():
        assert any(pooling.holds(document, words[query.id]) for document in judged.documents().values()), query.text


def test_every_query_that_is_judged_has_something_relevant():
    grades = judged.judgments()
    assert grades.keys() <= {query.id for query in judged.queries()}
    assert [id_ for id_, found in grades.items() if not any(found.values())] == []


def test_repeats_are_one_document_whatever_their_spaces_and_empty_abstracts():
    assert judged.document_id("停车场 ", " 名称\n地址") == judged.document_id("停车场", "名称 地址")
    assert judged.document_id("停车场", "无") == judged.document_id("停车场", None)
    assert judged.document_id("停车场", "名称") != judged.document_id("停车场名称", "")


def test_the_listings_hold_the_distinct_documents_that_are_judged():
    assert len(judged.documents()) == 4606


def test_judgments_are_read_and_contradictions_are_refused(tmp_path):
    path = tmp_path / "judgments.jsonl.gz"
    lines = [{"query": "q1", "doc": "a", "grade": 3}, {"query": "q1", "doc": "b", "grade": 0}]
    path.write_bytes(gzip.compress("\n".join(json.dumps(line) for line in lines).encode()))
    assert judged.judgments(path) == {"q1": {"a": 3, "b": 0}}
    path.write_bytes(gzip.compress("\n".join(json.dumps({**line, "doc": "a"}) for line in lines).encode()))
    with pytest.raises(ValueError, match="judged 3 and 0"):
        judged.judgments(path)
    path.write_bytes(gzip.compress(json.dumps({**lines[0], "grade": 4}).encode()))
    with pytest.raises(ValueError, match="no grade"):
        judged.judgments(path)


def test_a_pool_takes_the_first_of_every_ranking_and_tells_nothing_by_its_order():
    deep = [f"d{place}" for place in range(60)]
    chosen = pooling.pool(FIRST, [deep, ["x", "d0"]], [["no listing says this"]])
    assert sorted(chosen) == sorted([*deep[: pooling.TOP], "x"])
    assert chosen != [*deep[: pooling.TOP], "x"]
    assert chosen == pooling.pool(FIRST, [["x", "d0"], deep][::-1], [["no listing says this"]])


def test_what_is_judged_is_not_written_again_and_only_new_queries_are_read_for(monkeypatch):
    toy = {id_: Document(id_, title, "", []) for id_, title in (("a", "公厕"), ("b", "公厕二"), ("c", "桥"))}
    monkeypatch.setattr(judged, "documents", lambda: toy)
    assert sorted(pooling.fresh(FIRST, [["c"]], [["公厕"]], {"q0": {"a": 3}})) == ["a", "b", "c"]
    assert pooling.fresh(FIRST, [["c", "a"]], [["公厕"]], {"q1": {"a": 3}}) == ["c"]
    assert pooling.fresh(FIRST, [["c", "a"]], [["公厕"]], {"q1": {"a": 3, "c": 0}}) == []


def test_words_are_looked_for_in_title_abstract_and_with_a_second_part_in_the_provider():
    document = Document("a", "公园清单", "名称、GPS", ["浦东新区人民政府"])
    assert pooling.holds(document, [["公园"]])
    assert pooling.holds(document, [["gps"]])
    assert pooling.holds(document, [["浦东", "公园"]])
    assert not pooling.holds(document, [["浦东"]])
    assert not pooling.holds(document, [["浦东", "桥"]])
    assert pooling.holds(document, [["@浦东新区人民政府"]])


def test_sheets_share_the_work_evenly_and_show_nothing_of_who_found_what():
    some = list(judged.documents())[:40]
    pools = {Query(f"q{place}", "词", "需求", "kind", "tune"): some[: 5 + place] for place in range(24)}
    found = pooling.sheets(pools, {})
    sizes = [sum(len(line["documents"]) for line in sheet) for sheet in found]
    assert sum(sizes) == sum(map(len, pools.values())) and max(sizes) - min(sizes) <= 10
    assert set(found[0][0]) == {"query", "text", "need", "documents"}
    assert set(found[0][0]["documents"][0]) == {"doc", "provider", "title", "abstract"}


def test_a_long_abstract_is_cut_but_what_it_says_about_the_query_stays():
    document = Document("a", "名单", "甲" * 300 + "经纬度" + "乙" * 300, ["局"])
    seen = pooling.shown(document, [["经纬度"]])["abstract"]
    assert "经纬度" in seen and len(seen) < 220
    assert pooling.shown(document, [["坐标"]])["abstract"] == "甲" * pooling.CUT + "…"


def test_the_peers_cut_the_query_as_they_say():
    assert pairs("停車場 PM２.5 桥") == "停車 車場 PM2.5 桥"
    assert jieba_words("停车场信息").split() == ["停车", "车场", "停车场", "信息"]
    assert stock("停车场")["defType"] == "dismax"
    assert "defType" not in stock("title:停车场")


def toy(monkeypatch, ours):
    """Put toy answers in the place of the measured ones."""
    bad = [Answer(["c", "x"], 90), Answer([], 0)]
    middling = [Answer(["b", "a", "x"], 80), Answer([], 0)]
    answers = {"ours": ours, STOCK: bad, **dict.fromkeys(BEFORE, bad), SPLIT: middling}
    result = search_quality.board([FIRST, SECOND], answers, GRADES)
    monkeypatch.setattr(search_quality, "measured", lambda: result)
    return result


def test_the_rows_measure_toy_judgments_as_worked_out_by_hand(monkeypatch):
    result = toy(monkeypatch, [Answer(["a", "b"], 2), Answer(["a"], 1)])
    lines = {row.name.removeprefix("search-quality."): measured(row) for row in search_quality.ROWS}
    # b before a: (3 + 7/log2(3)) / (7 + 3/log2(3)) = 0.83399, and nothing on the second query
    assert lines["ndcg"]["ours"] == 1.0 and lines["ndcg"]["peer"] == pytest.approx(0.417, abs=5e-4)
    assert lines["ndcg"]["peer_name"] == SPLIT == result.best()
    assert lines["ndcg"]["gain"]["mean"] == pytest.approx(0.583, abs=5e-4)
    assert lines["ndcg"]["gain_without_pinyin"]["mean"] == pytest.approx(0.166, abs=5e-4)
    assert lines["ndcg"]["gain_on_queries_never_tuned_by"]["mean"] == 1.0
    assert lines["ndcg"]["gain_on_queries_held_back"] is None
    assert lines["ndcg"]["holds"] and lines["ndcg"]["unjudged_in_top_10"] == {"ours": 0, SPLIT: 1}
    assert lines["precision"]["ours"] == pytest.approx(0.15)
    assert lines["recall"]["ours"] == 1.0
    assert lines["empty"]["ours"] == 0 and lines["empty"]["peer"] == 2 and lines["empty"]["holds"]
    assert lines["hits"]["ours"] == 1.5 and lines["hits"]["peer"] == 40
    assert "ours" in search_quality.table(result).splitlines()[1]
    assert search_quality.kept(result)["kinds"]["pinyin"][SPLIT] == 0.0
    assert search_quality.kept(result)["halves"]["check"] == {
        "ours": 1.0,
        **dict.fromkeys(result.scores.keys() - {"ours"}, 0.0),
    }


def test_the_gain_on_queries_held_back_is_paired_on_them_alone(monkeypatch):
    third, fourth = (Query(id_, text, "", "everyday", "held") for id_, text in (("q3", "桥"), ("q4", "茶")))
    good, poor = [Answer(["a"], 1)] * 4, [Answer(["x"], 1)] * 2 + [Answer(["a"], 1), Answer(["x"], 1)]
    grades = {query: {"a": 3} for query in ("q1", "q2", "q3", "q4")}
    answers = {"ours": good, **dict.fromkeys(BEFORE, poor), STOCK: poor}
    result = search_quality.board([FIRST, SECOND, third, fourth], answers, grades)
    monkeypatch.setattr(search_quality, "measured", lambda: result)
    said = search_quality.gained()
    assert said["gain"]["mean"] == 0.75
    assert said["gain_on_queries_held_back"] == {"mean": 0.5, "low": 0.0, "high": 1.0}
    assert said["queries"] == 4


def test_queries_without_judgments_are_said_and_left_out(capsys):
    assert search_quality.graded([FIRST, SECOND], {"q2": {"a": 3}}) == [SECOND]
    assert "left out: q1" in capsys.readouterr().err
    assert search_quality.graded([FIRST, SECOND], GRADES) == [FIRST, SECOND]
    assert capsys.readouterr().err == ""


def test_the_ndcg_row_falls_short_without_the_gain(monkeypatch):
    toy(monkeypatch, [Answer(["b", "a"], 2), Answer([], 0)])
    line = measured(search_quality.ROWS[0])
    assert line["ratio"] == 1.0 and not line["holds"]


def test_a_query_without_any_relevant_judgment_is_refused():
    with pytest.raises(ValueError, match="q2"):
        search_quality.board([FIRST, SECOND], {}, {"q1": {"a": 1}, "q2": {"a": 0}})
