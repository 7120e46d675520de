"""The ledger's key files: made once, private, renewed without losing the old, and plain words when they can't be used."""

from __future__ import annotations

import base64
import os
import stat

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from ckanext.cqgov import keyring


@pytest.fixture
def signing(tmp_path):
    path = tmp_path / "deep" / "signing.pem"
    keyring.make_signing_key(path)
    return path


@pytest.fixture
def address(tmp_path):
    path = tmp_path / "address.key"
    keyring.make_address_key(path)
    return path


def signed(path, message=b"m"):
    return keyring.signer(path), message, keyring.sign(path, message)


def test_a_signature_holds_for_its_message_and_key_alone(signing):
    keys = keyring.public_keys(keyring.public_file(signing))
    name, message, signature = signed(signing)
    assert keyring.is_signed(keys, name, message, signature) is True
    assert keyring.is_signed(keys, name, b"other", signature) is False
    assert keyring.is_signed(keys, name, message, "not base64!") is False
    assert keyring.is_signed(keys, name, message, base64.b64encode(b"x" * 64).decode()) is False
    assert keyring.is_signed(keys, "unknown", message, signature) is None


def test_a_key_is_made_once_and_only_its_owner_reads_it(signing, address):
    before = [path.read_bytes() for path in (signing, address)]
    assert keyring.make_signing_key(signing) is None and not keyring.make_address_key(address)
    assert [path.read_bytes() for path in (signing, address)] == before
    for path in (signing, address):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600 and keyring.is_private(path)
    os.chmod(signing, 0o640)
    assert not keyring.is_private(signing)


def test_a_new_key_counts_at_once_and_what_the_old_one_signed_stays_verifiable(signing):
    old = signed(signing)
    made = keyring.make_signing_key(signing, another=True)
    new = signed(signing)
    assert made == new[0] != old[0]
    keys = keyring.public_keys(keyring.public_file(signing))
    assert keyring.is_signed(keys, *old) is keyring.is_signed(keys, *new) is True


def test_an_address_is_told_by_the_key_that_hid_it_and_by_no_other(address, tmp_path):
    tokens = {keyring.encrypted(address, "203.0.113.9") for _ in range(3)}
    assert len(tokens) == 3, "the same address never looks the same twice"
    assert {keyring.decrypted(address, token) for token in tokens} == {"203.0.113.9"}
    other = tmp_path / "other.key"
    keyring.make_address_key(other)
    assert keyring.decrypted(other, tokens.pop()) is None
    assert keyring.decrypted(address, "not a token") is None


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_told_with_its_path(tmp_path, content):
    path = tmp_path / "broken"
    path.write_bytes(content)
    for use in (keyring.signer, lambda path: keyring.encrypted(path, "x")):
        with pytest.raises(keyring.KeyFault) as fault:
            use(path)
        assert str(path) in fault.value.text.zh and str(path) in fault.value.text.en


def test_a_key_of_another_kind_signs_nothing(tmp_path):
    path = tmp_path / "rsa.pem"
    private = generate_private_key(65537, 2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private.private_bytes(*form))
    with pytest.raises(keyring.KeyFault, match="Ed25519"):
        keyring.sign(path, b"m")


def test_a_missing_file_is_told_with_what_to_do(tmp_path):
    for use in (keyring.signer, keyring.public_keys, lambda path: keyring.encrypted(path, "x")):
        with pytest.raises(keyring.KeyFault, match="ckan cqgov ledger keys"):
            use(tmp_path / "nothing")


@pytest.mark.parametrize("line", ["onlyone", "a b c", "0123456789abcdef AAAA", "0123456789abcdef !", "密钥 x"])
def test_a_list_of_public_keys_that_somebody_changed_is_refused(signing, line):
    path = keyring.public_file(signing)
    path.write_text(path.read_text() + line + "\n", encoding="utf-8")
    with pytest.raises(keyring.KeyFault):
        keyring.public_keys(path)
