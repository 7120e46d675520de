"""Which encoding a text file has: UTF-8, UTF-16 or UTF-32 by its mark, UTF-8 without one, or GB18030."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import IO

from charset_normalizer import from_bytes

from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.unreadable import Unreadable
from ckanext.cqgov.tabular.encoding import marked

BLOCK = 1 << 20
SAMPLE = 1 << 16


def detect(binary: IO[bytes]) -> str:
    """Return the codec name of a seekable binary file, reading it in blocks; leaves the position at the start.

    Raises ``Unreadable`` when it is neither UTF-8 nor GB18030.
    """
    binary.seek(0)
    if codec := marked(binary.read(4)):
        binary.seek(0)
        return codec
    if _fits(binary, "utf-8"):
        return "utf-8"
    # No statistics decide for GB18030: headings and codes mislead every detector. They only name what else it may be.
    if _fits(binary, "gb18030"):
        return "gb18030"
    guess = from_bytes(binary.read(SAMPLE)).best()
    binary.seek(0)
    name = guess.encoding if guess else "?"
    raise Unreadable(
        Text(f"无法识别文件编码（疑似 {name}）", f"the file's encoding is not known (it may be {name})"),
        Text("请另存为 UTF-8 或 GB18030 后再导入", "save it as UTF-8 or GB18030 and import it again"),
    )


def _fits(binary: IO[bytes], codec: str) -> bool:
    """Say whether the whole file decodes strictly; leaves the position at the start."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    binary.seek(0)
    try:
        while block := binary.read(BLOCK):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    finally:
        binary.seek(0)
    return True


class AsUtf8:
    """A binary reader that gives the file's text as UTF-8, block by block (the JSON parser reads nothing else)."""

    def __init__(self, binary: IO[bytes], codec: str) -> None:
        self.blocks = self._recoded(binary, codec)
        self.rest = b""

    @staticmethod
    def _recoded(binary: IO[bytes], codec: str) -> Iterator[bytes]:
        decoder = codecs.getincrementaldecoder(codec)("strict")
        while block := binary.read(BLOCK):
            yield decoder.decode(block).encode()
        yield decoder.decode(b"", final=True).encode()

    def read(self, size: int = -1) -> bytes:
        """Return up to ``size`` bytes (all of the rest for -1); empty at the end."""
        while size < 0 or len(self.rest) < size:
            block = next(self.blocks, None)
            if block is None:
                break
            self.rest += block
        cut = len(self.rest) if size < 0 else size
        part, self.rest = self.rest[:cut], self.rest[cut:]
        return part
