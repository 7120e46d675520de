"""Rows ``package_search.p50``, ``.p95``, ``.growth`` and ``suggest``: how long a search takes, over HTTP, at 100,000 datasets.

Our portal and a stock CKAN stand side by side (``portals``) and get the same requests in turn from one client over kept
connections, in an order drawn anew each round. A round asks every request once. Before a round both indexes take a change
and open a new searcher, so that Solr's cached results of the round before are gone and every figure is of a query asked for
the first time since; three requests that are not counted then load what every query needs. A request counts for the ratio
when both sides return a full page; what only one side finds is reported apart.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from statistics import median, quantiles
from typing import Any

from tests.bench import city
from tests.bench.measure import Row
from tests.bench.portals import DATASETS, OURS, SMALL, STOCK, Portal, raised

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
PAGE = 20
FACETS = json.dumps(["organization", "groups", "tags", "res_format", "license_id"])  # those of CKAN's own list page
NUMBERS_AND_ENGLISH = (
    "2019 2020 2021 2022 SODA2022 shanghai guizhou data csv json xlsx xml rdf conditional unconditional daily monthly "
    "yearly sjkf@shanghai.gov.cn 2020-01-02 gov.cn listing"
).split()
APART = "公交站点 停车场 小学名单 医疗机构 PM2.5 统一社会信用代码 2021年GDP 渝北区公园 水质监测 行政处罚信息".split()
PREFIXES = "交通 公交 医疗 教育 学校 环境 统计 企业 停车 渝北 江北 住房 公积金 社会 信用 jiaotong xuexiao huanjing 2021 行政".split()

Request = Mapping[str, str]


class Client:
    """One client with a kept connection to one address."""

    def __init__(self, url: str) -> None:
        parsed = urllib.parse.urlparse(url)
        self.path = parsed.path
        self.connection = http.client.HTTPConnection(parsed.hostname or "", parsed.port, timeout=120)

    def get(self, path: str, words: Mapping[str, str]) -> tuple[float, bytes]:
        """Return the milliseconds until the answer was read, and its body; raises when it is not 200."""
        address = f"{self.path}{path}?{urllib.parse.urlencode(words)}"
        began = time.perf_counter()
        self.connection.request("GET", address)
        answer = self.connection.getresponse()
        body = answer.read()
        taken = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{address}: {answer.status} {body[:500]!r}")
        return taken, body

    def search(self, request: Request) -> float:
        """Return the milliseconds of a dataset search."""
        return self.get("/api/3/action/package_search", request)[0]

    def found(self, request: Request) -> int:
        """Return how many datasets a search returns on its page."""
        return len(json.loads(self.get("/api/3/action/package_search", request)[1])["result"]["results"])


@dataclass
class Samples:
    """The milliseconds of each request on each side."""

    taken: dict[str, list[list[float]]] = field(default_factory=dict)
    apart: dict[str, list[float]] = field(default_factory=dict)
    chinese: list[bool] = field(default_factory=list)

    @property
    def requests(self) -> int:
        """Return how many requests both sides answer with a full page."""
        return len(self.chinese)

    def all(self, side: str) -> list[float]:
        """Return every figure of a side."""
        return [one for each in self.taken[side] for one in each]


def requests() -> list[Request]:
    """Return the requests: words of the catalogue, numbers, English, everything; pages, filters and orders among them."""
    tags: Counter[str] = Counter()
    themes: Counter[str] = Counter()
    for _department, text in city.records():
        shown = json.loads(text)[1]
        tags.update(tag["name"] for tag in shown["tags"])
        themes.update([shown["opening_theme"]] if shown.get("opening_theme") else [])
    words = [word for word, _ in tags.most_common(30)] + [word for word, _ in themes.most_common(20)]
    kinds: list[Request] = [
        {},
        {"start": "20"},
        {"fq": "res_format:CSV"},
        {"sort": "metadata_modified desc"},
        {"start": "60"},
        {"sort": "title_string asc"},
        {"fq": 'tags:"SODA2022"'},
    ]
    found: list[Request] = []
    for place, word in enumerate(dict.fromkeys([*words, *NUMBERS_AND_ENGLISH])):
        faceted = {"facet.field": FACETS} if place % 2 else {}
        found.append({"q": word, "rows": str(PAGE), **faceted, **kinds[place % len(kinds)]})
    for kind in kinds:
        found += [
            {"q": "*:*", "rows": str(PAGE), **kind},
            {"q": "*:*", "rows": str(PAGE), "facet.field": FACETS, **kind},
        ]
    return found


def fresh(portal: Portal) -> None:
    """Let a portal's index take a change that no search sees, and open a new searcher."""
    client = Client(portal.core)
    body = json.dumps([{"index_id": "elsewhere", "id": "elsewhere", "site_id": "elsewhere"}])
    client.connection.request(
        "POST", f"{client.path}/update?commit=true", body, headers={"Content-Type": "application/json"}
    )
    answer = client.connection.getresponse()
    if answer.status != 200:
        raise RuntimeError(f"{portal.core} took no change: {answer.read()[:500]!r}")
    client.connection.close()


def timed(portals: Mapping[str, Portal], asked: Sequence[Request], rounds: int) -> dict[str, list[list[float]]]:
    """Return the milliseconds of each request in each round on each side, the sides in turn."""
    clients = {side: Client(portal.url) for side, portal in portals.items()}
    taken: dict[str, list[list[float]]] = {side: [[] for _ in asked] for side in portals}
    order = random.Random(20261123)
    for number in range(-1, rounds):  # the first round warms the processes and does not count
        for side, portal in portals.items():
            fresh(portal)
            for sort in ("score desc", "title_string asc", "metadata_modified desc"):
                clients[side].search({"q": "*:*", "rows": "1", "facet.field": FACETS, "sort": sort})
        for place in order.sample(range(len(asked)), len(asked)):
            for side in order.sample(list(portals), len(portals)):
                figure = clients[side].search(asked[place])
                if number >= 0:
                    taken[side][place].append(figure)
    return taken


@cache
def searched() -> Samples:
    """Measure dataset searches of both sides, once for all rows of this run."""
    ours, stock = raised((OURS, DATASETS), (STOCK, DATASETS))
    portals, clients = {OURS: ours, STOCK: stock}, [Client(ours.url), Client(stock.url)]
    asked = requests()
    full = [each for each in asked if all(client.found(each) == PAGE for client in clients)]
    rest = [each for each in asked if each not in full] + [{"q": word, "rows": str(PAGE)} for word in APART]
    apart = timed(portals, rest, max(ROUNDS // 2, 1))
    return Samples(
        timed(portals, full, ROUNDS),
        {side: [one for each in found for one in each] for side, found in apart.items()},
        [not each["q"].isascii() for each in full],
    )


def p95(figures: Iterable[float]) -> float:
    """Return the 95th percentile."""
    return quantiles(figures, n=20, method="inclusive")[-1]


def interval(samples: Samples, figure: Callable[[list[float]], float], draws: int = 1000) -> list[float]:
    """Return the 95 % bootstrap interval of ours/stock: requests are drawn, each with all its rounds on both sides."""
    chance, places = random.Random(1), range(samples.requests)
    ratios = []
    for _ in range(draws):
        drawn = chance.choices(places, k=len(places))
        sides = [figure([one for place in drawn for one in samples.taken[side][place]]) for side in (OURS, STOCK)]
        ratios.append(sides[0] / sides[1])
    ratios.sort()
    return [round(ratios[int(draws * 0.025)], 3), round(ratios[int(draws * 0.975)], 3)]


def told(figure: Callable[[list[float]], float]) -> dict[str, Any]:
    """Return what else a row of dataset searches tells."""
    samples = searched()
    spread = {side: [round(one, 2) for one in quantiles(samples.all(side), n=10)[::8]] for side in (OURS, STOCK)}
    parts = {}
    for name, wanted in (("Chinese", True), ("other", False)):
        sides = [
            [
                one
                for each, is_so in zip(samples.taken[side], samples.chinese, strict=True)
                if is_so == wanted
                for one in each
            ]
            for side in (OURS, STOCK)
        ]
        parts[name] = round(figure(sides[0]) / figure(sides[1]), 3)
    return {
        "n": len(samples.all(OURS)),
        "requests": samples.requests,
        "datasets": DATASETS,
        "interval": interval(samples, figure),
        "by_words": parts,  # the ratio of requests with Chinese words, and of the others
        "spread": spread,  # the 10th and 90th percentile
        "apart": {
            "n": len(samples.apart[OURS]),
            **{side: round(figure(found), 2) for side, found in samples.apart.items()},
        },
    }


GROWTH: dict[str, list[float]] = {}


def grown() -> float:
    """Return the median of our searches at the full number of datasets; the one at 1,000 is kept for its peer."""
    large, small = raised((OURS, DATASETS), (OURS, SMALL))
    clients = [Client(large.url), Client(small.url)]
    full = [each for each in requests() if all(client.found(each) == PAGE for client in clients)]
    taken = timed({"large": large, "small": small}, full, max(ROUNDS // 2, 1))
    GROWTH.update({side: [one for each in found for one in each] for side, found in taken.items()})
    return median(GROWTH["large"])


SUGGEST: dict[str, list[float]] = {}


def suggested() -> float:
    """Return the median of suggestions; those of an empty API call and of a raw Solr query are kept for the peer."""
    portal = raised((OURS, DATASETS))[0]
    site, solr = Client(portal.url), Client(portal.core)
    raw = {"rows": "10", "fl": "id,name,title", "wt": "json"}
    asked: list[tuple[str, Callable[[str], float]]] = [
        ("suggest", lambda prefix: site.get("/api/3/action/cqgov_suggest", {"q": prefix})[0]),
        ("empty", lambda _prefix: site.get("/api/3/action/status_show", {})[0]),
        ("solr", lambda prefix: solr.get("/select", {**raw, "q": f"title_zh:{prefix}"})[0]),
    ]
    order = random.Random(7)
    SUGGEST.update({name: [] for name, _ in asked})
    for number in range(-1, ROUNDS):
        fresh(portal)
        for prefix in order.sample(PREFIXES, len(PREFIXES)):
            for name, ask in order.sample(asked, len(asked)):
                taken = ask(prefix)
                if number >= 0:
                    SUGGEST[name].append(taken)
    return median(SUGGEST["suggest"])


ROWS = [
    Row(
        "package_search.p50",
        "ms",
        "lower",
        1.05,
        lambda: median(searched().all(OURS)),
        {"stock CKAN": lambda: median(searched().all(STOCK))},
        rounds=1,
        said=lambda: told(median),
    ),
    Row(
        "package_search.p95",
        "ms",
        "lower",
        1.15,
        lambda: p95(searched().all(OURS)),
        {"stock CKAN": lambda: p95(searched().all(STOCK))},
        rounds=1,
        said=lambda: told(p95),
    ),
    Row(
        "package_search.growth",
        "ms",
        "lower",
        3,
        grown,
        {f"ours at {SMALL} datasets": lambda: median(GROWTH["small"])},
        rounds=1,
        said=lambda: {"n": len(GROWTH["large"]), "datasets": DATASETS},
    ),
    Row(
        "suggest",
        "ms",
        "lower",
        1.5,
        suggested,
        {"an empty API call and a raw Solr query": lambda: median(SUGGEST["empty"]) + median(SUGGEST["solr"])},
        rounds=1,
        said=lambda: {"n": len(SUGGEST["suggest"]), **{name: round(median(SUGGEST[name]), 2) for name in SUGGEST}},
    ),
]
