"""A YAML file that remembers on which line each of its values stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ckanext.cqgov import yaml_text
from ckanext.cqgov.domain.rulecheck import Fault
from ckanext.cqgov.domain.text import Text


class RulesError(ValueError):
    """A rules file does not hold; ``lines`` are the numbers of the faulty lines, ``text`` the whole message."""

    def __init__(self, text: Text, lines: tuple[int, ...] = ()) -> None:
        super().__init__(f"{text.zh}\n{text.en}")
        self.text, self.lines = text, lines


@dataclass(frozen=True)
class Document:
    """The plain values of a YAML file, with the line of each path."""

    path: Path
    tree: Any
    lines: dict[tuple[str | int, ...], int]

    @classmethod
    def read(cls, path: Path) -> Document:
        """Parse the file; ``RulesError`` when it can't be read, is not UTF-8 YAML, or says a key twice."""
        try:
            source = path.read_text("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise cls.unreadable(path, error) from error
        lines: dict[tuple[str | int, ...], int] = {}
        repeated: list[Fault] = []
        loader = yaml_text.Loader(source)
        try:
            node = loader.get_single_node()
            tree = _plain(loader, node, (), lines, repeated) if node else {}
        except RecursionError:
            raise cls(path, {}, {(): 1}).error([Fault((), yaml_text.TOO_DEEP)]) from None
        except yaml.YAMLError as error:
            line, what = yaml_text.fault(error)
            text = Text("不是有效的 YAML：{what}", "not valid YAML: {what}").filled(what=what)
            raise cls(path, {}, {(): line}).error([Fault((), text)]) from error
        finally:
            loader.dispose()
        document = cls(path, tree, lines)
        if repeated:
            raise document.error(repeated)
        return document

    @staticmethod
    def unreadable(path: Path, error: Exception) -> RulesError:
        """Return the error for a file that can't be opened or decoded."""
        return RulesError(
            Text(
                "无法读取规则文件 {path}（须为 UTF-8）：{error}",
                "cannot read the rules file {path} (must be UTF-8): {error}",
            ).filled(path=path, error=error)
        )

    def line(self, path: tuple[str | int, ...]) -> int:
        """Return the line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, found: Iterable[Fault]) -> RulesError:
        """Return one error that names file, line, value and remedy of every fault, in the order of the file."""
        placed = sorted(((self.line(fault.path), fault) for fault in found), key=lambda each: each[0])
        rows = [
            (f"{self.path}:{line}: {'.'.join(map(str, fault.path)) or '(root)'}: ", fault.text)
            for line, fault in placed
        ]
        return RulesError(
            Text(
                "\n".join(where + text.zh for where, text in rows), "\n".join(where + text.en for where, text in rows)
            ),
            tuple(line for line, _ in placed),
        )


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: tuple, lines: dict, repeated: list[Fault]) -> Any:
    """Return the node's plain value and note the line of everything in it."""
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node))
            if key in found:
                lines[(*path, key, "#")] = key_node.start_mark.line + 1
                text = Text("这个键写了两次；请删除一处", "this key is written twice; delete one of them")
                repeated.append(Fault((*path, key, "#"), text))
            found[key] = _plain(loader, value_node, (*path, key), lines, repeated)
            lines[(*path, key)] = key_node.start_mark.line + 1
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, item, (*path, index), lines, repeated) for index, item in enumerate(node.value)]
    return loader.construct_object(node)
