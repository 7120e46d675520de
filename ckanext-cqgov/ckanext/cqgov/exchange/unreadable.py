"""A file that cannot be imported at all, as against a row that is refused."""

from __future__ import annotations

from pathlib import Path

from ckanext.cqgov.domain.text import Text


class Unreadable(ValueError):
    """Nothing of the file was imported: what is wrong with it, and how to mend it."""

    def __init__(self, wrong: Text, fix: Text) -> None:
        super().__init__(f"{wrong}\n{fix}")
        self.wrong = wrong
        self.fix = fix


def no_access(path: Path, error: OSError) -> Unreadable:
    """Return what to tell when a file can't be opened or written: the reason of the operating system, and a remedy."""
    what = error.strerror or str(error)
    return Unreadable(
        Text(f"文件无法读写：{path}（{what}）", f"cannot open {path}: {what}"),
        Text("请检查路径和权限", "check the path and the permissions"),
    )
