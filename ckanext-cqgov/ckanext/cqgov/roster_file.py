"""Reads an operator's list of organisations from YAML or CSV; each row remembers the line it stands in."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import yaml

from ckanext.cqgov import yaml_text
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.tabular import UnreadableTable, decoded

ROW = "__row__"

NOT_YAML = Text("第 {line} 行不是有效的 YAML：{why}", "line {line} is not valid YAML: {why}")
NOT_LIST = Text(
    "应为机构的列表，或含 organizations 键的表",
    "must be a list of organisations, or a table with the key organizations",
)
EMPTY = Text("文件中没有机构", "there is no organisation in the file")


class UnreadableRoster(ValueError):
    """The file as a whole can't be read; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        """Take the sentence that says what is wrong."""
        self.text = text
        super().__init__(str(text))


def read(path: Path) -> list[dict[str, Any]]:
    """Return the rows of ``path`` (``.csv``, else YAML) with their line number under ``__row__``.

    CSV may be UTF-8 (with BOM) or GB18030. Raises ``UnreadableRoster``.
    """
    try:
        text, _ = decoded(path.read_bytes())
    except UnreadableTable as error:
        raise UnreadableRoster(error.text) from error
    rows = _csv(text) if path.suffix.lower() in (".csv", ".tsv", ".txt") else _yaml(text)
    if not rows:
        raise UnreadableRoster(EMPTY)
    return rows


def _csv(text: str) -> list[dict[str, Any]]:
    first = text.split("\n", 1)[0]
    delimiter = "\t" if first.count("\t") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = next(reader, [])
    # A quoted cell may hold line breaks, so a row begins on the line after the one that was read last.
    rows, line = [], reader.line_num + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            rows.append({**dict(zip(header, cells, strict=False)), ROW: line})
        line = reader.line_num + 1
    return rows


def _yaml(text: str) -> list[dict[str, Any]]:
    loader = yaml_text.Loader(text)
    try:
        node = loader.get_single_node()
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == "organizations"), None)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            raise UnreadableRoster(NOT_LIST)
        found = []
        for item in node.value:
            value = loader.construct_document(item)
            line = item.start_mark.line + 1
            found.append({**value, ROW: line} if isinstance(value, dict) else {"title": "", ROW: line})
        return found
    except yaml.YAMLError as error:
        line, why = yaml_text.fault(error)
        raise UnreadableRoster(NOT_YAML.filled(line=line, why=why)) from error
    except RecursionError:
        raise UnreadableRoster(yaml_text.TOO_DEEP) from None
    finally:
        loader.dispose()
