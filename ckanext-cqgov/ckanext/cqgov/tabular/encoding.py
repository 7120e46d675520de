"""Which encoding a text file has: UTF-8 first, then GB18030, and only then a guess."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from ckanext.cqgov.tabular.errors import BINARY, ENCODING, UnreadableTable

BOMS = (  # the longer marks first: UTF-32's begins with UTF-16's
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
EVERYDAY_SHARE = 0.6  # of the non-ASCII characters; text in another encoding misread as GB18030 stays far below
SAMPLE = 65_536  # characters or bytes looked at; a table's encoding doesn't change on the way


def marked(start: bytes) -> str | None:
    """Return the codec that the byte order mark at the start of a file names (its first four bytes suffice), else None."""
    return next((encoding for mark, encoding in BOMS if start.startswith(mark)), None)


def decoded(content: bytes) -> tuple[str, str]:
    """Return ``(text, encoding)`` of a text file's bytes.

    GB18030 stands for GB2312 and GBK, which it contains. Raises ``UnreadableTable`` for binary content and for
    text whose encoding can't be told.
    """
    if encoding := marked(content):
        text = _strictly(content, encoding)
        if text is None:
            raise UnreadableTable(ENCODING)
        return text, encoding
    if b"\x00" in content[:SAMPLE]:
        raise UnreadableTable(BINARY)
    text = _strictly(content, "utf-8")
    if text is not None:
        return text, "utf-8"
    chinese = _strictly(content, "gb18030")
    if chinese is not None and _everyday(chinese[:SAMPLE]):
        return chinese, "gb18030"
    guess = from_bytes(content[:SAMPLE]).best()
    if guess is not None:
        text = _strictly(content, guess.encoding)
        if text is not None:
            return text, guess.encoding
    if chinese is not None:
        return chinese, "gb18030"
    raise UnreadableTable(ENCODING)


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _everyday(text: str) -> bool:
    """Are most non-ASCII characters of the 6,763 + 682 of GB 2312? Bytes of Big5 or Latin-1 read as GB18030 are not."""
    foreign = [character for character in text if ord(character) > 127]
    common = sum(1 for character in foreign if _strictly_encoded(character))
    return not foreign or common / len(foreign) >= EVERYDAY_SHARE


def _strictly_encoded(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
