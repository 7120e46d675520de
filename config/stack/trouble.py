"""What is said when something is wrong: one line in Chinese, one in English, each with what to do."""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


class Trouble(Exception):
    """A failure that the person at the keyboard can mend.

    :param zh: what is wrong and what to do, in Chinese.
    :param en: the same in English.
    """

    def __init__(self, zh: str, en: str):
        super().__init__(en)
        self.zh, self.en = zh, en

    def say(self) -> None:
        """Print both lines to standard error."""
        sys.stdout.flush()
        print(f"\n✗ {self.zh}\n  {self.en}", file=sys.stderr)


def ran(command: list, log: Path, zh: str, en: str, **options) -> None:
    """Run a command with its output going to a log file.

    :param command: program and arguments.
    :param log: file that the output is added to.
    :param zh: what failed and what to do, for the message; the log's name is added.
    :param en: the same in English.
    :param options: further arguments of ``subprocess.run``.
    :raises Trouble: when the program is missing or ends with a code other than zero.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "ab") as out:
        out.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        out.flush()
        try:
            code = subprocess.run(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL, **options).returncode
        except FileNotFoundError as error:
            raise Trouble(
                f"{zh}：找不到程序 {error.filename}。", f"{en}: program {error.filename} not found."
            ) from error
    if code:
        raise Trouble(f"{zh}（{cause(log)}；详见 {log}）", f"{en} ({cause(log)}; see {log})")


def code_of(work: Callable[[], int | None]) -> int:
    """Do the work and return the exit code; a failure that somebody can mend is said in words instead of a traceback."""
    try:
        return work() or 0
    except Trouble as trouble:
        trouble.say()
    except OSError as error:
        if not (trouble := told_by_the_system(error)):
            raise
        trouble.say()
    return 1


def told_by_the_system(error: OSError) -> Trouble | None:
    """Return what to say of an error that only the machine's owner can mend; ``None`` for all others."""
    where = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Trouble(
            f"磁盘已满（{where}）：请清理后重试。", f"The disk is full ({where}): free some space and run it again."
        )
    if isinstance(error, PermissionError):
        return Trouble(
            f"没有权限：{where} 属于其他用户。请用第一次运行时的用户，或先用该用户 make clean。",
            f"No permission: {where} belongs to another user. Run as the user of the first run, or make clean as that user.",
        )
    return None


def cause(log: Path) -> str:
    """Return the line of a log that most likely says why, at most 200 characters."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()[-80:] if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("ERROR", "Error", "error:", "FATAL"))]
    return (telling or lines or [""])[-1][:200]
