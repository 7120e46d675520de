"""What a table reader says when it cannot read."""

from __future__ import annotations

from ckanext.cqgov.domain.text import Text


class UnreadableTable(ValueError):
    """The file holds no table we can read; ``text`` says why and what to do, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


EMPTY = Text("文件是空的，没有可读取的表格。", "The file is empty: there is no table to read.")
BINARY = Text(
    "文件不是文本，也不是可识别的电子表格；请另存为 UTF-8 编码的 CSV 或 XLSX。",
    "The file is neither text nor a spreadsheet we know; save it as CSV in UTF-8 or as XLSX.",
)
ENCODING = Text(
    "无法判断文件的字符编码；请另存为 UTF-8 编码的 CSV。",
    "The character encoding of the file can't be told; save it as CSV in UTF-8.",
)
BROKEN = Text("文件无法按表格解析：{reason}", "The file can't be parsed as a table: {reason}")
