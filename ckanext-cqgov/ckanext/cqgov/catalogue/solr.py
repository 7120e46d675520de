"""One kept connection per process for searching. CKAN makes a new one for every search: sockets, session and decoders anew."""

from __future__ import annotations

import json
import os
from typing import Any

import pysolr
import requests
import urllib3
from ckan.lib.search.common import make_connection
from ckan.plugins.toolkit import config

from ckanext.cqgov.catalogue import search_outage

POOL = 16
"""How many sockets are kept; more threads than that open and close their own."""

WAIT = 10
"""Seconds that a reader waits for an answer at most, whatever CKAN's ``solr_timeout`` grants to writing."""

AWAY = (404, 502, 503, 504)
"""Statuses that say that Solr or our core is away. Others, 500 among them, are about the query that was asked."""

GLANCE = 1.0
"""Seconds in which a Solr that is there answers a request for nothing."""


class KeptSolr(pysolr.Solr):
    """``pysolr.Solr`` with sockets that stay open; its answers and errors are those of pysolr."""

    def __init__(self, url: str, timeout: int | None) -> None:
        super().__init__(url, timeout=min(timeout or WAIT, WAIT))
        parsed = urllib3.util.parse_url(url)
        trusted = os.environ.get("REQUESTS_CA_BUNDLE") or requests.utils.DEFAULT_CA_BUNDLE_PATH
        headers = urllib3.make_headers(keep_alive=True, accept_encoding=True, basic_auth=parsed.auth)
        self.url = parsed._replace(auth=None).url
        self.decoder = json.JSONDecoder()  # reads Solr's answer in half the time of pysolr's choice, simplejson
        self._headers = dict(headers)
        self._path = (parsed.path or "").rstrip("/")
        self._pool = urllib3.PoolManager(maxsize=POOL, ca_certs=trusted).connection_from_url(self.url)

    def _select(self, params, handler=None):
        """Return the body of Solr's answer to a query, which is sent as JSON.

        As an address or a form every character of it would be quoted, parsed and quoted again on its way out, which takes
        longer than Solr takes to answer most queries.
        """
        path = f"{handler or self.search_handler or 'select'}/"
        asked = {"wt": "json", **params}
        if any(key.startswith("json.") for key in asked):  # JSON within JSON is no parameter to Solr
            form = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
            return self._send_request("post", path, body=pysolr.safe_urlencode(asked, True), headers=form)
        texts = {key: _texts(value) for key, value in asked.items() if value is not None}
        return self._posted(path, {"params": texts})

    def asked(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return Solr's whole answer to a query in its JSON Request API: what ``search`` has no parameters for.

        Raises ``pysolr.SolrError``, as ``search`` does, and ``ValueError`` for an answer that is no JSON.
        """
        return json.loads(self._posted("select/?wt=json", request))

    def _posted(self, path: str, request: dict[str, Any]) -> str:
        return self._send_request("post", path, body=json.dumps(request), headers={"Content-Type": "application/json"})

    def _send_request(self, method, path="", body=None, headers=None, files=None):
        """Return the body of Solr's answer; ``pysolr.SolrError`` with pysolr's words when there is none."""
        url = self._create_full_url(path)
        if search_outage.rests():
            raise pysolr.SolrError(f"Failed to connect to server at {url}: it did not answer a moment ago")
        try:
            answer = self._answer(method, path, body, headers)
        except urllib3.exceptions.HTTPError as error:
            if (
                not self._answers()
            ):  # else it is but this query that takes too long: nobody may stop the others by asking it
                search_outage.note()
            # urllib3 counts a refused connection among its timeouts
            refused = isinstance(error, urllib3.exceptions.NewConnectionError)
            if isinstance(error, urllib3.exceptions.TimeoutError) and not refused:
                raise pysolr.SolrError(f"Connection to server '{url}' timed out: {error}") from error
            raise pysolr.SolrError(f"Failed to connect to server at {url}: {error}") from error
        if answer.status != 200:
            if answer.status in AWAY:
                search_outage.note()
            raise pysolr.SolrError(
                f"Solr responded with an error (HTTP {answer.status}): {self._extract_error(_readable(answer))}"
            )
        return answer.data.decode("utf-8")

    def _answers(self) -> bool:
        """Say whether Solr answers anything at all."""
        try:
            self._pool.urlopen("HEAD", f"{self._path}/admin/ping", retries=False, timeout=GLANCE)
        except urllib3.exceptions.HTTPError:
            return False
        return True

    def _answer(self, method: str, path: str, body: Any, headers: Any) -> urllib3.BaseHTTPResponse:
        sent = {**self._headers, **(headers or {})}
        data = body.encode("utf-8") if isinstance(body, str) else body
        asked = (method.upper(), f"{self._path}/{path.lstrip('/')}", data, sent)
        try:
            return self._pool.urlopen(*asked, retries=False, timeout=self.timeout)
        except urllib3.exceptions.ProtocolError:
            # Solr closed a kept socket just as it was used again; asking is harmless, so it is asked once more.
            return self._pool.urlopen(*asked, retries=False, timeout=self.timeout)


def _texts(value: Any) -> str | list[str]:
    """Return a parameter as Solr takes it, one value or several."""
    if isinstance(value, list | tuple | set):
        return [str(each) for each in value]
    return str(value)


def _readable(answer: urllib3.BaseHTTPResponse) -> requests.Response:
    """Return the answer as pysolr's reader of errors takes it."""
    response = requests.Response()
    response.status_code = answer.status
    response.headers.update(answer.headers)
    response._content = answer.data
    return response


_kept: tuple[tuple[Any, ...], KeptSolr] | None = None


def connection() -> KeptSolr:
    """Return this process's connection to the configured Solr (a forked process opens its own)."""
    global _kept
    key = (os.getpid(), *(config.get(name) for name in ("solr_url", "solr_user", "solr_password", "solr_timeout")))
    kept = _kept
    if kept is None or kept[0] != key:
        given = make_connection(decode_dates=False)  # CKAN puts user and password into the address
        kept = _kept = (key, KeptSolr(given.url, given.timeout))
        search_outage.forget()
    return kept[1]
