"""How often anybody may ask: which kind of request is limited by which rate, for whom it is counted, what is said of it.

A window starts at another moment for each asker, so that not all of them may go on in the same second.
"""

from __future__ import annotations

import ipaddress
import math
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from ckanext.cqgov.domain.text import Text

SEARCH, DOWNLOAD, APPLICATION, LOGIN, RESET, API, PAGE = (
    "search",
    "download",
    "application",
    "login",
    "reset",
    "api",
    "page",
)
KINDS = (SEARCH, DOWNLOAD, APPLICATION, LOGIN, RESET, API, PAGE)

CLOSED: Collection[str] = frozenset({APPLICATION, LOGIN, RESET})
"""Kinds that are refused while nobody can count: guessing passwords and flooding departments must never be unlimited."""

ANY, POST = "*", "POST"

ROUTES: tuple[tuple[str, str, str | None], ...] = (
    ("static", ANY, None),
    ("webassets.index", ANY, None),
    ("cqgov_suggestion.*", ANY, API),  # one request for each key that somebody presses
    ("user.login", POST, LOGIN),
    ("user.request_reset", POST, RESET),
    ("user.perform_reset", ANY, RESET),  # the key is in its address
    ("user.register", POST, RESET),
    ("*_application.*", POST, APPLICATION),
    ("*_correction.*", POST, APPLICATION),
    ("*_dispute.*", POST, APPLICATION),
    ("*_resource.download", ANY, DOWNLOAD),
    ("*_download.*", ANY, DOWNLOAD),
    ("file.*", ANY, DOWNLOAD),
    ("datastore.dump", ANY, DOWNLOAD),
    ("datatablesview.filtered_download", ANY, DOWNLOAD),
    ("datatablesview.ajax", ANY, API),
    ("*.search", ANY, SEARCH),
    ("feeds.*", ANY, SEARCH),
    ("cqgov_granted_data.*", ANY, SEARCH),
    ("organization.read", ANY, SEARCH),
    ("group.read", ANY, SEARCH),
    ("api.dataset_autocomplete", ANY, SEARCH),
    ("api.*", ANY, API),
)
"""Pattern of an endpoint, method, kind; the first that fits counts. Nothing fits: a page."""

ACTIONS: tuple[tuple[str, str], ...] = (
    ("*_application_*", APPLICATION),
    ("*_correction_*", APPLICATION),
    ("*_dispute_*", APPLICATION),
    ("package_search", SEARCH),
    ("*_autocomplete", SEARCH),
    ("resource_search", SEARCH),
    ("tag_search", SEARCH),
    ("current_package_list_with_resources", SEARCH),
    ("datastore_search*", SEARCH),
    ("cqgov_data_search", SEARCH),
)
"""Pattern of an action's name and its kind; the first that fits counts. Nothing fits: the API in general."""

READ_ONLY = ("_show", "_list", "_search", "_check")
"""Endings of actions on applications that submit nothing."""


@lru_cache(maxsize=4096)
def kind_of(endpoint: str, method: str, action: str | None = None) -> str | None:
    """Return the kind of a request, or nothing for a file that everybody gets and that costs nothing.

    :param endpoint: Flask's name of the route, empty where there is none.
    :param method: GET, POST and so on.
    :param action: name of the action, when the API is asked for one.
    """
    if action is not None:
        for pattern, kind in ACTIONS:
            if fnmatchcase(action, pattern) and not (kind == APPLICATION and action.endswith(READ_ONLY)):
                return kind
        return API
    for pattern, wanted, kind in ROUTES:
        if wanted in (ANY, method) and fnmatchcase(endpoint, pattern):
            return kind
    return PAGE


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds."""

    amount: int
    seconds: int


@dataclass(frozen=True)
class Standing:
    """Where an asker stands: the rate, how many requests are counted in this window, seconds until it ends."""

    rate: Rate
    counted: int
    ends_in: int

    @property
    def refused(self) -> bool:
        """Whether this request is one too many."""
        return self.counted > self.rate.amount

    def headers(self) -> dict[str, str]:
        """Return the headers that tell an asker (draft-ietf-httpapi-ratelimit-headers), with Retry-After when refused."""
        said = {
            "RateLimit-Limit": str(self.rate.amount),
            "RateLimit-Remaining": str(max(self.rate.amount - self.counted, 0)),
            "RateLimit-Reset": str(self.ends_in),
            "RateLimit-Policy": f"{self.rate.amount};w={self.rate.seconds}",
        }
        return {**said, "Retry-After": str(self.ends_in)} if self.refused else said


def window(now: float, seconds: int, asker: str) -> tuple[int, int]:
    """Return the number of the present window and in how many whole seconds (at least one) it ends.

    :param now: seconds since 1970.
    :param seconds: length of a window.
    :param asker: for whom is counted; windows of different askers end at different moments.
    """
    moved = now + zlib.crc32(asker.encode()) % seconds
    number = int(moved // seconds)
    return number, max(1, math.ceil((number + 1) * seconds - moved))


STEPS = 20


def step(rate: Rate) -> int:
    """Return how many requests of one asker a process counts by itself before it tells the others: a twentieth of the rate.

    With ``n`` processes up to ``n`` steps too many may pass. A rate below 40 is counted one by one.
    """
    return max(1, rate.amount // STEPS)


@lru_cache(maxsize=4096)
def place_of(address: str) -> str:
    """Return for which address is counted: an IPv4 address itself, of an IPv6 address its first 64 bits.

    Whoever has an IPv6 line has at least 2**64 addresses. What is no address counts as one and the same.
    """
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Say whether an address lies in one of the networks (``10.0.0.0/8``, ``2001:db8::/32``, single addresses).

    Raises ``ValueError`` for a network that can't be read.
    """
    try:
        found = ipaddress.ip_address(address.strip("[]").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network, strict=False) for network in networks)


TOO_MANY = Text(
    "访问过于频繁，请在 {wait} 后再试。您的账号和数据不受影响。",
    "Too many requests. Please try again in {wait}. Nothing is wrong with your account or your data.",
)
UNCOUNTED = Text(
    "暂时无法登录、重置密码或提交申请：计数服务没有响应，为防止密码被猜测而暂停。浏览和检索照常，请过几分钟再试。",
    "Logging in, resetting a password and applying are closed for the moment: the service that counts attempts does not "
    "answer, and passwords must not be guessed meanwhile. Reading and searching go on; please try again in a few minutes.",
)


def wait(seconds: int) -> Text:
    """Return a time to wait as people say it."""
    if seconds < 90:
        return Text(f"{seconds} 秒", f"{seconds} seconds")
    minutes = -(-seconds // 60)
    if minutes < 90:
        return Text(f"{minutes} 分钟", f"{minutes} minutes")
    hours = -(-minutes // 60)
    return Text(f"{hours} 小时", f"{hours} hours")
