"""Which files are taken: by size, ending and contents."""

from __future__ import annotations

import pytest

from ckanext.cqgov.domain.limits_uploads import KINDS, STARTS, ZIP, ending_of, fits, is_text, leads_out, problem

ALLOWED = sorted(KINDS)
CSV = "停车场,泊位\n解放碑,320\n".encode()
PE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(200)


def said(name: str, head: bytes, type_: str = "text/plain", size: int | None = None) -> str:
    found = problem(name, len(head) if size is None else size, head, type_, allowed=ALLOWED, limit=1)
    return "" if found is None else found.en


@pytest.mark.parametrize(
    "name, head, type_",
    [
        ("停车场.csv", CSV, "text/plain"),
        ("停车场.csv", "停车场,泊位\n解放碑,320\n".encode("gb18030"), "application/octet-stream"),
        ("停车场.txt", "停车场".encode("utf-16"), "text/plain"),
        ("STOPS.CSV", CSV, "text/csv"),
        ("mz.csv", b"MZ,parking\n1,2\n", "text/plain"),
        ("a.xlsx", b"PK\x03\x04" + bytes(60), "application/zip"),
        ("a.xls", STARTS["ole"][0] + bytes(60), "application/vnd.ms-excel"),
        ("a.et", STARTS["ole"][0] + bytes(60), "application/vnd.ms-excel"),
        ("a.ofd", b"PK\x03\x04" + bytes(60), "application/zip"),
        ("a.pdf", b"%PDF-1.7", "application/pdf"),
        ("a.json", b'{"a": 1}', "application/json"),
        ("python.txt", b"import os\nimport sys\n", "text/x-python"),
        ("a.csv.gz", b"\x1f\x8b\x08" + bytes(20), "application/gzip"),
        ("a.dbf", b"\x03\x7a\x01\x01" + bytes(40), "application/x-dbf"),
        ("a.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video/mp4"),
        ("a.jpeg", b"\xff\xd8\xff\xe0" + bytes(40), "image/jpeg"),
    ],
)
def test_data_is_taken(name, head, type_):
    assert said(name, head, type_) == ""


@pytest.mark.parametrize(
    "name, head, type_",
    [
        ("setup.exe", PE, "application/x-dosexec"),
        ("parking.csv", PE, "application/x-dosexec"),
        ("parking.csv", PE, "application/octet-stream"),
        ("parking.pdf", b"\x7fELF\x02\x01\x01" + bytes(50), "application/x-executable"),
        ("parking.csv", b"#!/bin/sh\nrm -rf /\n", "text/x-shellscript"),
        ("run.bat", b"@echo off\r\n", "text/plain"),
        ("lib.jar", b"PK\x03\x04" + bytes(60), "application/java-archive"),
        ("report.xlsm", b"PK\x03\x04" + bytes(60), "application/zip"),
        ("shell.php", b"<?php phpinfo();", "text/x-php"),
        ("a.txt", b"\xca\xfe\xba\xbe\x00\x00\x00\x34", "application/x-java-applet"),
        ("shortcut.csv", b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(50), "application/octet-stream"),
    ],
)
def test_a_program_is_not_whatever_its_name_says(name, head, type_):
    assert "a program, a script" in said(name, head, type_)


@pytest.mark.parametrize(
    "name, head, type_",
    [
        ("a.csv", b"PK\x03\x04" + bytes(60), "application/zip"),
        ("a.xlsx", CSV, "text/plain"),
        ("a.pdf", CSV, "text/plain"),
        ("a.png", b"GIF89a", "image/gif"),
        ("a.json", bytes(range(256)), "application/octet-stream"),
        ("a.mp4", CSV, "text/plain"),
    ],
)
def test_contents_must_fit_the_ending(name, head, type_):
    assert "Give it its right ending" in said(name, head, type_)


def test_other_endings_none_nothing_and_too_much_are_refused_in_words_that_help():
    assert "are not taken. Possible are:" in said("a.7z", b"7z\xbc\xaf", "application/x-7z-compressed")
    assert "has no ending" in said("data", CSV)
    assert said("a.csv", b"") == "The file is empty"
    assert said("a.csv", CSV, size=1_000_001) == "The file has 2 MB; 1 MB are possible. Compress it, or split it"
    assert said("a.csv", CSV, size=1_000_000) == ""


def test_an_ending_that_an_operator_adds_is_taken_as_it_is_but_for_programs():
    assert fits("las", b"LASF", "application/octet-stream")
    assert problem("a.las", 9, PE, "", allowed=["las"], limit=1) is not None


@pytest.mark.parametrize(
    "name, ending",
    [("a.CSV", "csv"), ("a.csv.gz", "gz"), ("a", ""), ("x.y/a", ""), (".csv", "csv"), ("a. csv ", "csv")],
)
def test_the_ending_is_the_last_part(name, ending):
    assert ending_of(name) == ending


def test_every_kind_of_contents_is_known_by_something():
    known = {*STARTS, "text", "media"}
    assert {kind for kinds in KINDS.values() for kind in kinds} <= known
    assert ZIP in KINDS["xlsx"]


@pytest.mark.parametrize("head, text", [(CSV, True), (b"a\0b", False), (bytes([1, 2, 3, 4]), False), (b"", True)])
def test_text_has_no_zero_byte_and_hardly_a_control_character(head, text):
    assert is_text(head) is text


@pytest.mark.parametrize(
    "name, out",
    [("a/b.csv", False), ("../b", True), ("/etc/passwd", True), ("C:\\x", True), ("a\\..\\b", True), ("..b", False)],
)
def test_an_entry_that_leads_out_of_its_archive_is_known(name, out):
    assert leads_out(name) is out
