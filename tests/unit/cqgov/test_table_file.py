"""Which files are taken for tables."""

from __future__ import annotations

import re

import pytest

from ckanext.cqgov.domain.table_file import ENDING, is_table


@pytest.mark.parametrize(
    "form, name, expected",
    [
        ("CSV", "停车场", True),
        ("", "停车场.XLSX", True),
        (None, "a.tab", True),
        ("PDF", "a.csv", True),
        ("PDF", "a.pdf", False),
        ("", "csv", False),
        (None, None, False),
    ],
)
def test_a_file_is_a_table_by_its_format_or_by_its_name(form, name, expected):
    assert is_table(form, name) is expected


@pytest.mark.parametrize("name", ["a.csv", "a.tab", "a.pdf", "csv", "a.csv.gz", ""])
def test_the_expression_for_the_database_says_the_same_of_a_name(name):
    assert bool(re.search(ENDING, name)) is is_table(None, name)
