"""Operators' YAML: an impossible date is a value of its row, and nesting without end is said, not suffered."""

import pytest

from ckanext.cqgov import roster_file
from ckanext.cqgov.domain import roster_rows
from ckanext.cqgov.exchange import mappings
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.rules.document import Document, RulesError

DEEP = "a: " + "[" * 3000


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a YAML file and gives its path."""

    def write(text):
        path = tmp_path / "list.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_day_that_no_calendar_has_is_kept_for_whoever_judges_the_row(written):
    path = written("- {name: east, valid_from: 2025-02-30}\n- {name: west, valid_from: 2025-02-28}")
    first, second = roster_file.read(path)
    assert (first["valid_from"], second["valid_from"]) == ("2025-02-30", "2025-02-28")
    with pytest.raises(roster_rows.Refused):
        roster_rows.read({"name": "east", "title": "东", "valid_from": first["valid_from"]}, lambda code: True)


def test_a_rules_file_keeps_dates_as_they_are_written(written):
    assert Document.read(written("in_force_on: 2018-02-30")).tree == {"in_force_on": "2018-02-30"}


def test_nesting_without_end_is_an_answer_in_every_reader(written):
    path = written(DEEP)
    with pytest.raises(roster_file.UnreadableRoster, match="nested too deeply"):
        roster_file.read(path)
    with pytest.raises(RulesError, match="nested too deeply"):
        Document.read(path)
    with pytest.raises(Unreadable, match="nested too deeply"):
        mappings.load(path)
