"""Java's version, and Solr's home."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from stack import solr
from stack.places import Places
from stack.trouble import Trouble

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('openjdk version "21" 2023-09-19', 21),
        ('java version "1.8.0_392"', 8),
        ("command not found", 0),
    ],
)
def test_java_tells_its_version_in_several_forms(text, version):
    assert solr.java_version(text) == version


def test_a_java_that_is_too_old_is_refused_with_what_to_install(monkeypatch, tmp_path):
    fake = tmp_path / "bin" / "java"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_392\"' >&2\n")
    fake.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Trouble, match="Java 8 is too old.*default-jre-headless"):
        solr.require_java()


def test_a_missing_java_is_refused_with_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(Trouble, match="Java is missing.*default-jre-headless"):
        solr.require_java()


def test_cores_are_laid_out_and_a_change_is_seen(tmp_path):
    places = Places(tmp_path)
    (tmp_path / "config").mkdir()
    subprocess.run(["cp", "-r", str(ROOT / "config" / "solr"), str(tmp_path / "config")], check=True)
    assert solr.lay_cores(places)
    assert not solr.lay_cores(places)
    assert (places.solr / "data" / "ckan" / "core.properties").read_text() == "name=ckan\n"
    (tmp_path / "config" / "solr" / "core" / "synonyms.txt").write_text("公交,公共汽车\n")
    assert solr.lay_cores(places)
    assert "公交" in (places.solr / "data" / "test" / "conf" / "synonyms.txt").read_text()


def test_a_core_that_a_rebuild_swapped_into_another_folder_is_found_there(tmp_path):
    places = Places(tmp_path)
    (tmp_path / "config").mkdir()
    subprocess.run(["cp", "-r", str(ROOT / "config" / "solr"), str(tmp_path / "config")], check=True)
    swapped = places.solr / "data" / "ckan_second"
    swapped.mkdir(parents=True)
    (swapped / "core.properties").write_text("#Written by CorePropertiesLocator\nname=ckan\n")
    assert solr.lay_cores(places) and not solr.lay_cores(places)
    assert (swapped / "conf" / "schema.xml").exists()
    assert not (places.solr / "data" / "ckan").exists()
    assert (places.solr / "data" / "test" / "core.properties").read_text() == "name=test\n"


def test_our_schema_keeps_every_field_of_ckan_s_own():
    """Ours may say more of a field (``docValues``, so that counting is quick), never anything else."""
    import ckan

    def declared(text):
        lines = re.findall(r"<(field|dynamicField|copyField|schema) ([^>]*?)/?>", text)
        return [(kind, dict(re.findall(r'(\w+)="([^"]*)"', said))) for kind, said in lines]

    own = declared((Path(ckan.__file__).parent / "config" / "solr" / "schema.xml").read_text("utf-8"))
    ours = declared((ROOT / "config" / "solr" / "core" / "schema.xml").read_text("utf-8"))
    assert len(own) > 60
    further = {"docValues", "useDocValuesAsStored"}
    kept = [(kind, {key: value for key, value in said.items() if key not in further}) for kind, said in ours]
    assert [each for each in own if each not in kept] == []
