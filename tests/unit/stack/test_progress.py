"""Steps: done once, done again when their inputs change or when they were cut short."""

from __future__ import annotations

import pytest
from stack.progress import Stamps, fingerprint, step


def test_a_step_is_done_once(tmp_path):
    stamps, done = Stamps(tmp_path / "stamps"), []
    assert stamps.once("solr", "a", lambda: done.append(1))
    assert not stamps.once("solr", "a", lambda: done.append(2))
    assert done == [1]


def test_a_step_is_done_again_when_its_inputs_change(tmp_path):
    stamps, done = Stamps(tmp_path), []
    stamps.once("solr", "a", lambda: done.append(1))
    stamps.once("solr", "b", lambda: done.append(2))
    assert done == [1, 2]


def test_a_step_that_was_cut_short_is_done_again(tmp_path):
    stamps, done = Stamps(tmp_path), []
    stamps.once("solr", "a", lambda: None)
    with pytest.raises(KeyboardInterrupt):
        stamps.once("solr", "b", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert not stamps.done("solr", "b")
    assert stamps.once("solr", "a", lambda: done.append(1))
    assert done == [1]


def test_a_fingerprint_sees_contents_names_and_missing_files(tmp_path):
    file = tmp_path / "one"
    missing = fingerprint([file])
    file.write_text("x")
    first = fingerprint([file])
    file.write_text("y")
    assert len({missing, first, fingerprint([file]), fingerprint(["y"])}) == 4


def test_a_step_shows_its_number_and_its_end(capsys):
    with step(3, "检查 Checks"):
        assert capsys.readouterr().out == "[3/9] 检查 Checks … "
    assert capsys.readouterr().out == "0 s\n"
    with pytest.raises(ValueError), step(4, "Solr"):
        raise ValueError
    assert capsys.readouterr().out.endswith("✗\n")
