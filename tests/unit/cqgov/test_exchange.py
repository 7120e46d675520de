"""Identity, fingerprint and the account of every row."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.cqgov.domain.exchange import Account, Outcome, content_key, fingerprint, identity
from ckanext.cqgov.exchange.encoding import detect


def test_a_record_is_recognised_by_its_code_before_everything_else():
    values = {"catalog_code": "307001/1", "source_id": "a", "source_portal": "p", "name": "d-x", "title": "t"}
    assert identity(values, "局").kind == "code"
    assert identity({**values, "catalog_code": ""}, "局").key == "a"


def test_a_record_without_code_and_id_is_recognised_by_provider_title_first_date_and_abstract():
    values = {"title": "停车场", "published_on": "2020-01-01", "notes": "摘要", "source_portal": "p"}
    same = {**values, "update_cycle": "daily", "tags": [{"name": "交通"}]}
    assert identity(values, "局") == identity(same, "局")
    for other in ({"title": "公交"}, {"published_on": "2020-01-02"}, {"notes": ""}, {"source_portal": "q"}):
        assert identity({**values, **other}, "局") != identity(values, "局")
    assert identity(values, "另一局") != identity(values, "局")


def test_blanks_do_not_make_another_record():
    assert content_key("局", " 停车场  信息 ", "", "a\nb") == content_key("局", "停车场 信息", "", "a b")


def test_the_parts_of_a_content_key_cannot_run_into_each_other():
    assert content_key("局", "ab", "", "c") != content_key("局", "a", "", "bc")


@given(st.dictionaries(st.text(max_size=5), st.one_of(st.text(max_size=5), st.booleans(), st.none())))
def test_the_fingerprint_does_not_depend_on_order_or_on_empty_fields(values):
    assert fingerprint(values) == fingerprint(dict(reversed(list({**values, "empty-field": ""}.items()))))


@given(st.lists(st.tuples(st.sampled_from(list(Outcome)), st.integers(1, 9))))
def test_the_account_always_balances_and_survives_being_stored(booked):
    account = Account()
    for outcome, rows in booked:
        account.book(outcome, rows)
    assert account.balanced()
    assert account.rows_read == sum(rows for _outcome, rows in booked)
    assert Account.of(account.as_dict()) == account


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
def test_a_file_is_read_in_the_encoding_that_its_mark_or_its_bytes_tell(codec):
    binary = io.BytesIO("信息资源名称,摘要\n公共停车场,每月汇总".encode(codec))
    found = detect(binary)
    assert binary.tell() == 0
    assert binary.read().decode(found).startswith("信息资源名称")
