"""The version of everything that a public page is made of: two equal versions, two equal pages.

It is asked for with every request, so that a change is visible at once. One query to the database and one request to
Solr, over connections that stay open.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from typing import Any

import sqlalchemy as sa
import urllib3
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool
from urllib3.exceptions import HTTPError

from ckanext.cqgov import clock, rules
from ckanext.cqgov.model import public_change

log = logging.getLogger(__name__)

MANY_ROWS = 200
REST = 5.0
"""Seconds for which pages are made without the cache after a service did not answer."""

WAIT = 2.0
"""Seconds that a service is waited for."""

INDEX = ("version", "numDocs", "maxDoc", "deletedDocs", "directory", "segmentsFile", "lastModified", "userData")
"""What Solr says of the index that is searched now. Another core behind the same name has another directory."""


class Versions:
    """Gives the present version; ``release`` is what the process itself is made of."""

    def __init__(self, database: str, solr: str, solr_auth: str | None, release: str) -> None:
        self._release = release
        options = {"connect_args": {"connect_timeout": int(WAIT)}, "isolation_level": "AUTOCOMMIT"}
        self._engine = sa.create_engine(database, pool_reset_on_return=None, pool_size=4, **options)
        self._patient = sa.create_engine(database, poolclass=NullPool)
        parts = urllib3.util.parse_url(solr.rstrip("/"))
        auth = solr_auth or parts.auth
        self._luke = f"{parts.path or ''}/admin/luke?show=index&numTerms=0&wt=json"
        self._solr = urllib3.connection_from_url(
            f"{parts.scheme}://{parts.netloc}",
            maxsize=8,
            timeout=WAIT,
            retries=urllib3.Retry(total=1, redirect=0),
            headers=urllib3.make_headers(basic_auth=auth, keep_alive=True) if auth else None,
        )
        self._watching = False
        self._rests_until = 0.0

    def now(self) -> str | None:
        """Return the version, or nothing when it can't be known: then pages are made as if there were no cache."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            if not self._watching:
                self.watch()
            parts = (self._of_database(), self._of_index(), self._release, rules.marks(), clock.today().isoformat())
        except (SQLAlchemyError, HTTPError, OSError, ValueError, KeyError, rules.RulesError) as error:
            log.warning("public pages are made anew for %s s: %s", REST, error)
            self._rests_until = time.monotonic() + REST
            return None
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def watch(self) -> list[str]:
        """Have every table noticed that visitors may see; returns those that were not."""
        with self._patient.begin() as connection:
            added = public_change.watch(connection)
        if added:
            log.info("changes of these tables are noticed from now on: %s", ", ".join(added))
        self._watching = True
        return added

    def _of_database(self) -> int:
        number, rows = self._asked()
        if rows > MANY_ROWS:
            with self._patient.begin() as connection:
                public_change.fold(connection)
        return number

    def _asked(self) -> tuple[int, int]:
        try:
            with self._engine.connect() as connection:
                return public_change.version(connection)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise
        with self._engine.connect() as connection:  # the database was restarted since the last request
            return public_change.version(connection)

    def _of_index(self) -> tuple[Any, ...]:
        answer = self._solr.request("GET", self._luke)
        if answer.status != 200:
            raise ValueError(f"Solr answers {answer.status}")
        index = json.loads(answer.data)["index"]
        return index["version"], *(repr(index.get(name)) for name in INDEX)
