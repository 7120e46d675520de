"""Keys of the ledger, in files outside the database: what signs checkpoints, and what encrypts clients' addresses.

Knows files and cryptography only, neither CKAN nor the database, so that the set-up can make the keys before either runs.
A key file is readable by its owner only. Beside the signing key lies ``<file>.pub`` with every public key there ever was:
with a copy of that, checkpoints are checked on any machine.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ckanext.cqgov.domain.text import Text


class KeyFault(Exception):
    """A key file that is missing or can't be used."""

    def __init__(self, text: Text) -> None:
        """Say what is wrong and what to do."""
        super().__init__(str(text))
        self.text = text


MISSING = Text(
    "没有密钥文件 {path}：请运行 ckan cqgov ledger keys，或从备份恢复",
    "there is no key file {path}: run ckan cqgov ledger keys, or restore it from a backup",
)
UNREADABLE = Text("密钥文件 {path} 无法读取：{reason}", "the key file {path} can't be used: {reason}")


def public_file(path: Path) -> Path:
    """Return the file of public keys that belongs to a signing key."""
    return path.with_name(path.name + ".pub")


def make_signing_key(path: Path, *, another: bool = False) -> str | None:
    """Make a signing key unless there is one, or ``another`` in its place; returns its id, None when nothing was made.

    The old public key stays in the list, so that what it signed stays verifiable.
    """
    if path.exists() and not another:
        return None
    private = Ed25519PrivateKey.generate()
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(public_file(path), "a", encoding="ascii") as out:  # before the key: nothing is signed by an unknown one
        out.write(f"{_id(raw)} {base64.b64encode(raw).decode()}\n")
        out.flush()
        os.fsync(out.fileno())
    _write(path, pem)
    return _id(raw)


def make_address_key(path: Path, *, another: bool = False) -> bool:
    """Make a key for addresses unless there is one, or ``another`` before the old ones; returns whether one was made."""
    if path.exists() and not another:
        return False
    old = path.read_bytes() if path.exists() else b""
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, Fernet.generate_key() + b"\n" + old)
    return True


def sign(path: Path, message: bytes) -> str:
    """Return the signature (base64) of ``message``. Raises ``KeyFault``."""
    return base64.b64encode(_signing(path, _stamp(path)).sign(message)).decode()


def signer(path: Path) -> str:
    """Return the id of the key that signs. Raises ``KeyFault``."""
    public = _signing(path, _stamp(path)).public_key()
    return _id(public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


def public_keys(path: Path) -> dict[str, Ed25519PublicKey]:
    """Return the keys of a file of public keys by their id. Raises ``KeyFault``."""
    try:
        lines = [line.split() for line in path.read_text("ascii").splitlines() if line.strip()]
        keys = {name: base64.b64decode(key, validate=True) for name, key in lines}
        if any(_id(raw) != name for name, raw in keys.items()):
            raise ValueError("a key does not have the id that stands beside it")
        return {name: Ed25519PublicKey.from_public_bytes(raw) for name, raw in keys.items()}
    except FileNotFoundError as error:
        raise KeyFault(MISSING.filled(path=path)) from error
    except (OSError, ValueError) as error:
        raise KeyFault(UNREADABLE.filled(path=path, reason=error)) from error


def is_signed(keys: Mapping[str, Ed25519PublicKey], key: str, message: bytes, signature: str) -> bool | None:
    """Say whether ``signature`` is that of ``key`` under ``message``; None when the key is not known."""
    if key not in keys:
        return None
    try:
        keys[key].verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def encrypted(path: Path, text: str) -> str:
    """Return ``text`` encrypted by the newest key for addresses. Raises ``KeyFault``."""
    return _addresses(path, _stamp(path)).encrypt(text.encode()).decode("ascii")


def decrypted(path: Path, token: str) -> str | None:
    """Return what ``encrypted`` hid, None when none of the keys fits. Raises ``KeyFault``."""
    try:
        return _addresses(path, _stamp(path)).decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def is_private(path: Path) -> bool:
    """Say whether nobody but its owner may read a file."""
    return not path.stat().st_mode & 0o077


def _id(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()[:16]


def _stamp(path: Path) -> tuple[int, int]:
    """Return what changes when a key file does, so that a key is read once and again after a change."""
    try:
        found = path.stat()
    except OSError as error:
        raise KeyFault(MISSING.filled(path=path)) from error
    return found.st_mtime_ns, found.st_ino


@lru_cache(maxsize=8)
def _signing(path: Path, _stamp: tuple[int, int]) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyFault(UNREADABLE.filled(path=path, reason=error)) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFault(UNREADABLE.filled(path=path, reason="Ed25519"))
    return key


@lru_cache(maxsize=8)
def _addresses(path: Path, _stamp: tuple[int, int]) -> MultiFernet:
    try:
        return MultiFernet([Fernet(line) for line in path.read_bytes().split()])
    except (OSError, ValueError) as error:
        raise KeyFault(UNREADABLE.filled(path=path, reason=error)) from error


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, path)
