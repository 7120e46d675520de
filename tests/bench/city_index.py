"""The bench's city as documents of a search index, each side's own: a program that fills one core.

``documents`` hands the datasets to the indexing of the CKAN that runs in this process, so a stock CKAN and our portal each
index what they would have made themselves; nothing is taken from one to the other.
``python -m tests.bench.city_index CORE COUNT STEP KIND FILE …`` runs under the configuration that ``CKAN_INI`` names.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.bench.city import Shown, dataset


def documents(found: Iterable[Shown], *, ours: bool) -> list[dict[str, Any]]:
    """Return the documents that the indexing of this process's CKAN makes of datasets.

    CKAN sends each document and asks the database for each dataset; here the documents are gathered instead, and the
    dataset asked for is made from what is shown. Our portal takes many at a time, as its own bulk path does.
    """
    from contextlib import nullcontext
    from unittest.mock import patch

    import ckan.model as model
    from ckan.lib.search import index

    if ours:
        from ckanext.cqgov.catalogue.index import places_remembered as remembered
    else:
        remembered = nullcontext
    gathered: list[dict[str, Any]] = []
    current: list[Any] = []

    class Gathering:
        url = "gathering documents"

        def add(self, docs: list[dict[str, Any]], **_options: Any) -> None:
            gathered.extend(docs)

    with (
        remembered(),
        patch.object(index, "make_connection", Gathering),
        patch.object(model.Package, "get", lambda _reference, **_options: current[-1]),
    ):
        indexing = index.PackageSearchIndex()
        for default, custom in found:
            keys = ("id", "name", "owner_org", "private", "state", "type", "creator_user_id")
            extras = {extra["key"]: extra["value"] for extra in default["extras"]}
            current.append(model.Package(**{key: default[key] for key in keys}, extras=extras))
            indexing.index_package({**default, "with_custom_schema": custom if ours else default}, True)
    return gathered


def fill(core: str, count: int, step: int, *, ours: bool, batch: int = 500) -> None:
    """Post every ``step``-th of the first ``count`` datasets to a core, a batch at a time, and commit.

    :param core: the core's address.
    :param ours: whether this process runs our portal.
    """
    import requests

    with requests.Session() as session:
        numbers = range(0, count, step)
        for start in range(0, len(numbers), batch):
            found = documents((dataset(number) for number in numbers[start : start + batch]), ours=ours)
            body = json.dumps(found, ensure_ascii=False).encode()
            session.post(
                f"{core}/update", data=body, headers={"Content-Type": "application/json"}, timeout=300
            ).raise_for_status()
        session.get(f"{core}/update?optimize=true&maxSegments=4", timeout=600).raise_for_status()


def sample(*, ours: bool) -> str:
    """Return the documents of a few datasets as text: while it stays the same, a filled core is still right."""
    found = documents((dataset(number) for number in range(0, 4_000, 97)), ours=ours)
    return json.dumps(found, ensure_ascii=False, sort_keys=True, default=str)


def main(words: list[str]) -> None:
    """Fill a core unless it holds these very documents already: ``FILE`` keeps their fingerprint, further words are part of it."""
    core, count, step, kind, kept = words[0], int(words[1]), int(words[2]), words[3], Path(words[4])
    import requests
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    with app._wsgi_app.test_request_context():
        ours = kind == "ours"
        text = f"{count} {step} {sample(ours=ours)} {' '.join(words[5:])}"
        mark = hashlib.sha256(text.encode()).hexdigest()
        answer = requests.get(f"{core}/select?q=*:*&fq=-site_id:elsewhere&rows=0", timeout=60).json()["response"]
        if kept.exists() and kept.read_text() == mark and answer["numFound"] == len(range(0, count, step)):
            return
        kept.unlink(missing_ok=True)
        answer = requests.post(f"{core}/update?commit=true", json={"delete": {"query": "*:*"}}, timeout=300)
        answer.raise_for_status()
        fill(core, count, step, ours=ours)
        kept.write_text(mark)


if __name__ == "__main__":
    main(sys.argv[1:])
