"""How long a session lasts and what a password must be. Pure: times are seconds since 1970, names come from the caller."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pypinyin import lazy_pinyin
from zxcvbn import zxcvbn

from ckanext.cqgov.domain.text import Text, folded

LONGEST = 72
"""Characters of a password that are judged; more make no password worse."""

MOST = 1_000
"""Characters that a password may have; the library that hashes it gives up at some thousands."""

COMMON_HERE = ("ckan", "cqgov", "chongqing", "zhengwu", "gongkai", "shuju", "password", "mima", "woaini", "admin")
"""Words that somebody who attacks this portal tries first, besides the 30,000 common passwords that ``zxcvbn`` brings."""

SHORTEST_NAME = 3
"""Characters that a name must have for a password to be refused because it holds the name."""

TOO_SHORT = Text("密码至少要有 {least} 个字符", "The password needs at least {least} characters")
TOO_LONG = Text("密码至多 {most} 个字符", "The password may have at most {most} characters")
GUESSABLE = Text(
    "这个密码太容易被猜到：请不要用常见密码、连续或重复的字符、生日和键盘顺序；几个不相干的词连起来就很好",
    "This password is too easy to guess: no common passwords, sequences, repetitions, dates or rows of the keyboard; a few "
    "words that have nothing to do with each other are good",
)
HOLDS_NAME = Text("密码不能包含账号、姓名或邮箱", "The password must not hold the account's name, your name or e-mail")


def password_problem(password: str, names: Iterable[str], *, least: int, strength: int) -> Text | None:
    """Return why a password is refused, or nothing when it is good enough.

    :param password: the password.
    :param names: the account's name, the person's name, the e-mail's part before the @; empty ones are left out.
    :param least: how many characters it must have.
    :param strength: how hard to guess it must be, 0 to 4 after ``zxcvbn``; with 0 only the length counts.
    """
    if len(password) < least:
        return TOO_SHORT.filled(least=least)
    if len(password) > MOST:
        return TOO_LONG.filled(most=MOST)
    if strength <= 0:
        return None
    own = own_words(names)
    plain = folded(password)
    if any(word in plain for word in own):
        return HOLDS_NAME
    judged = zxcvbn(password[:LONGEST], user_inputs=[*own, *COMMON_HERE])
    return GUESSABLE if judged["score"] < strength else None


def own_words(names: Iterable[str]) -> list[str]:
    """Return a person's names as a password may hold them: as written, and Chinese ones in pinyin."""
    words: list[str] = []
    for name in names:
        plain = folded(name)
        words += [plain, folded("".join(lazy_pinyin(plain)))]
    return [word for word in dict.fromkeys(words) if len(word) >= (SHORTEST_NAME if word.isascii() else 2)]


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts: without a request, and from logging in at most; in seconds."""

    idle: int
    most: int


def is_over(began: float, seen: float, now: float, lifetime: Lifetime) -> bool:
    """Say whether a session has ended.

    :param began: when the person logged in.
    :param seen: when the last request came.
    """
    return now - seen > lifetime.idle or now - began > lifetime.most
