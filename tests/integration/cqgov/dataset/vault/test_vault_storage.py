"""Where the vault's files lie: a storage of its own, by default a folder that is closed to others, never a public one."""

from __future__ import annotations

import hashlib
import io
import uuid

import pytest
from ckan.common import config
from ckan.exceptions import CkanConfigurationException
from ckan.lib import files

from ckanext.cqgov.catalogue import vault_storage

pytestmark = pytest.mark.usefixtures("with_plugins")


@pytest.fixture
def named(monkeypatch):
    """Let the vault be in a storage of a name that nothing is configured for; returns the name."""
    name = f"vault-{uuid.uuid4().hex}"
    monkeypatch.setitem(config, vault_storage.CONFIG, name)
    return name


@pytest.mark.usefixtures("named")
def test_without_a_storage_the_vault_is_a_folder_beside_ckans_own(tmp_path, monkeypatch):
    monkeypatch.setitem(config, "ckan.storage_path", str(tmp_path))
    stored = vault_storage.put(io.BytesIO(b"a,b\n"), 4, "text/csv")
    folder = tmp_path / "vault"
    assert (folder / stored.key).read_bytes() == b"a,b\n" and folder.stat().st_mode & 0o777 == 0o700
    assert stored.sha256 == hashlib.sha256(b"a,b\n").hexdigest() and stored.size == 4
    assert vault_storage.path_of(stored.key) == str(folder / stored.key)


@pytest.mark.usefixtures("named")
def test_with_neither_storage_nor_folder_nothing_is_stored(monkeypatch):
    monkeypatch.setitem(config, "ckan.storage_path", "")
    with pytest.raises(CkanConfigurationException, match="ckan.storage_path"):
        vault_storage.put(io.BytesIO(b"x"), 1, "text/plain")


def test_a_storage_that_ckan_serves_to_everybody_is_refused(named, tmp_path):
    settings = {"type": "ckan:fs", "path": str(tmp_path), "public": True, "name": named}
    files.storages.register(named, files.make_storage(named, settings))
    with pytest.raises(CkanConfigurationException, match="public"):
        vault_storage.put(io.BytesIO(b"x"), 1, "text/plain")


@pytest.mark.usefixtures("named")
def test_a_key_does_not_lead_out_of_the_folder(tmp_path, monkeypatch):
    monkeypatch.setitem(config, "ckan.storage_path", str(tmp_path))
    with pytest.raises(files.exc.LocationError):
        vault_storage.path_of("../../etc/passwd")


def test_a_part_of_a_file_is_read_in_pieces():
    content = bytes(range(256)) * 5000
    key = vault_storage.put(io.BytesIO(content), len(content), "application/octet-stream").key
    for start, end in ((0, None), (5, 10), (1_000_000, None), (0, 1), (len(content), None)):
        assert b"".join(vault_storage.chunks(key, start, end)) == content[start:end]
    assert vault_storage.reader(iter([b"ab", b"", b"cde"])).read() == b"abcde"
