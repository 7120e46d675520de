"""What is said when something is wrong: one line in Chinese, one in English, each with what to do."""

from __future__ import annotations

import subprocess
import sys
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


def cause(log: Path) -> str:
    """Return the line of a log that most likely says why, at most 200 characters."""
    lines = [line.strip() for line in log.read_text("utf-8", "replace").splitlines()[-80:] if line.strip()]
    telling = [line for line in lines if any(word in line for word in ("ERROR", "Error", "error:", "FATAL"))]
    return (telling or lines or [""])[-1][:200]
