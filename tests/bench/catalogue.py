"""The two real catalogues in the tests' own portal, and how the portal itself answers a query.

Loaded with the product's importer, each entry under its provider, and with the words that ship with the portal.
``BENCH_KEEP=1`` keeps what is loaded for the next run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from tests.bench import imports
from tests.bench.analysers import DEPTH, Answer, names
from tests.bench.judged import LISTINGS, documents, once


def keep() -> bool:
    """Say whether the loaded catalogues stay for the next run."""
    return bool(os.environ.get("BENCH_KEEP"))


@contextmanager
def loaded() -> Iterator[None]:
    """Load both catalogues into the tests' portal, public; empties it at the end unless told to keep it."""
    from tests.conftest import _migrate

    _migrate(os.environ["CKAN_SQLALCHEMY_URL"])
    if not (keep() and complete()):
        imports.emptied()
        providers()
        for listing in LISTINGS:
            words = ["ckan", "-c", imports.configuration(), "cqgov", "catalogue", "import", str(listing), "--publish"]
            imports.timed(imports.command(*words))
        imports.timed(
            imports.command("ckan", "-c", imports.configuration(), "cqgov", "search", "terms", "import", "--shipped")
        )
        names.cache_clear()
        if not complete():
            raise RuntimeError(f"only {len(set(names().values()))} of {len(documents())} documents are in the index")
    try:
        yield
    finally:
        if not keep():
            imports.emptied()


def complete() -> bool:
    """Say whether the index holds every document of the listings and nothing else, and the database the shipped words."""
    names.cache_clear()
    with imports.database().connect() as connection:  # a changed migration empties it and leaves the index as it is
        words = connection.scalar(sa.text("SELECT count(*) FROM cqgov_search_term"))
    return bool(words) and set(names().values()) == set(documents())


def providers() -> None:
    """Make an organisation for every provider that has none."""
    titles = dict.fromkeys(title for document in documents().values() for title in document.providers)
    with imports.database().connect() as connection:
        known = set(connection.execute(sa.text('SELECT title FROM "group" WHERE is_organization')).scalars())
    new = [title for title in titles if title not in known]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "organizations.jsonl"
        records = ({"name": f"provider-{place:03d}", "title": title} for place, title in enumerate(new, len(known)))
        path.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
        if new:
            imports.timed(
                imports.command(
                    "ckanapi", "load", "organizations", "-c", imports.configuration(), "-I", str(path), "-q"
                )
            )


def answers(texts: Sequence[str], depth: int = DEPTH) -> list[Answer]:
    """Return what ``package_search`` gives an anonymous caller for each text, in the order of the texts.

    The portal runs in a process of its own, so that no connection of its stays open here.
    """
    words = [sys.executable, "-m", "tests.bench.catalogue", str(2 * depth)]
    done = subprocess.run(
        words, input=json.dumps(list(texts)), capture_output=True, text=True, cwd=imports.ROOT, env={**os.environ}
    )
    if done.returncode:
        raise RuntimeError(f"the portal did not answer:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return [Answer(once(names()[id_] for id_ in each["ids"])[:depth], each["count"]) for each in found]


def main() -> None:
    """Answer the queries of the standard input: a list of texts in, a list of ids and counts out."""
    from ckan.cli import load_config
    from ckan.config.middleware import make_app
    from ckan.plugins import toolkit as tk

    app = make_app(load_config(imports.configuration()))
    rows, found = int(sys.argv[1]), []
    with app._wsgi_app.test_request_context():
        for text in json.load(sys.stdin):
            asked = {"q": text, "rows": rows, "fl": "id"}
            result = tk.get_action("package_search")({"user": "", "ignore_auth": False}, asked)
            found.append({"ids": [each["id"] for each in result["results"]], "count": result["count"]})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
