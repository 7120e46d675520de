"""What an API token may do, and how long: scopes as a table, from the narrowest to all that its person may do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from ckanext.cqgov.domain.text import Text

READ, WRITE, FULL = "read", "write", "full"

SCOPES: dict[str, tuple[Text, Text]] = {
    READ: (
        Text("只读", "Read"),
        Text("只能查询和下载，不能更改任何内容", "asks and downloads; changes nothing"),
    ),
    WRITE: (
        Text("读写", "Read and write"),
        Text(
            "可维护目录和数据，不能管理账号、机构、岗位、授权、令牌和系统设置",
            "keeps catalogue and data; does not touch accounts, organisations, duties, grants, tokens or settings",
        ),
    ),
    FULL: (
        Text("全部权限", "Everything"),
        Text("与您本人登录后的权限相同", "all that you may do yourself"),
    ),
}
"""Scope, its name, what it may do."""

SAFE: Collection[str] = frozenset({"GET", "HEAD", "OPTIONS"})

READING_POSTS: Collection[str] = frozenset({"datatablesview.ajax", "datatablesview.filtered_download"})
"""Pages outside the API that only read, though they are asked by POST."""

READING_ACTIONS: Collection[str] = frozenset({"cqgov_download_link"})
"""Actions that only read, though they are not declared to: a link to data is asked for anew each time."""

ADMINISTRATION: tuple[str, ...] = (
    "user_*",
    "request_reset",
    "api_token_*",
    "organization_*",
    "group_*",
    "member_*",
    "config_option_*",
    "job_*",
    "vocabulary_*",
    "*_purge",
    "*_purge_*",
    "send_email_notifications",
    "activity_delete*",
    "datastore_function_*",
    "file_ownership_transfer",
    "task_status_*",
    "term_translation_*",
    "*_owner_role_*",
    "*_collaborator_*",
    "cqgov_duty_*",
    "cqgov_grant_*",
    "cqgov_organization_*",
    "cqgov_ledger_*",
    "cqgov_rules_*",
    "cqgov_search_term_*",
    "cqgov_calendar_*",
)
"""Names of actions that administer: who may do what, and how the portal works. Reading ones are open to every scope."""

ADMINISTRATION_PAGES: tuple[str, ...] = (
    "admin.*",
    "user.*",
    "organization.*",
    "group.*",
    "cqgov_duty.*",
    "cqgov_grant*.*",
    "cqgov_organization.*",
    "cqgov_search_term.*",
    "dataset.collaborator*",
    "dataset.new_collaborator",
)

REFUSED = Text(
    "这个 API 令牌的权限范围是“{scope}”（{may}），不能执行 {asked}。请用范围更大的令牌，或由本人登录后操作。",
    "The scope of this API token is “{scope}” ({may}); it may not do {asked}. Use a token with a wider scope, or log in.",
)
UNKNOWN_SCOPE = Text("权限范围只能是 {scopes}", "the scope is one of {scopes}")
DAYS = Text("有效期为 1 到 {most} 天的整数", "the token is valid for a whole number of days from 1 to {most}")


def allows_action(scope: str, action: str, *, reads: bool) -> bool:
    """Say whether a token may ask the API for an action.

    :param scope: the token's scope; an unknown one allows nothing.
    :param action: the action's name.
    :param reads: whether the action is declared to change nothing.
    """
    if scope == FULL:
        return True
    reads = reads or action in READING_ACTIONS
    if scope == WRITE:
        return reads or not _fits(action, ADMINISTRATION)
    return scope == READ and reads


def allows_page(scope: str, endpoint: str, method: str) -> bool:
    """Say whether a token may ask for a page outside the API.

    :param endpoint: Flask's name of the route.
    :param method: GET, POST and so on.
    """
    reads = method in SAFE or endpoint in READING_POSTS
    if scope == FULL:
        return True
    if scope == WRITE:
        return reads or not _fits(endpoint, ADMINISTRATION_PAGES)
    return scope == READ and reads


def refused(scope: str, asked: str) -> Text:
    """Return why a token is refused."""
    name, may = SCOPES.get(scope, SCOPES[READ])
    return REFUSED.filled(scope=name, may=may, asked=asked)


def days_problem(days: object, most: int) -> Text | None:
    """Return what is wrong with a number of days for which a token shall be valid."""
    whole = isinstance(days, int) and not isinstance(days, bool)
    return None if whole and 1 <= days <= most else DAYS.filled(most=most)  # type: ignore[operator]


def expiry(created: datetime, stored: str | None, most: int) -> datetime:
    """Return when a token ends: as was noted with it; one from before there was a rule, after the longest permitted time.

    :param created: when it was made (UTC, without zone, as CKAN stores it).
    :param stored: the end noted with it, as ISO 8601.
    :param most: the longest time a token may be valid, in days.
    """
    longest = created + timedelta(days=most)
    try:
        return min(datetime.fromisoformat(stored), longest) if stored else longest
    except ValueError:
        return created


def _fits(name: str, patterns: Collection[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
