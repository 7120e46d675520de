"""What is kept: no store but the vault holds a real address, a file name or data of what is not open."""

from __future__ import annotations

import json
import re
import urllib.request
from urllib.parse import quote, urlencode

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.common import config

from .canary import TOKEN
from .expectation import CODES, ENTRY, level

pytestmark = pytest.mark.usefixtures("portal")

PATTERN = "zq[a-z]{4}[0-9a-f]{8}"
KEPT = {
    "cqgov_vault": ("address of a link", "earlier address of a link", "file name"),
    "cqgov_granted_table": ("column",),
    "cqgov_import_reject": ("line of an import",),
    "file": ("name of an attachment",),
}
"""Table -> what it is there to hold: the vault its addresses and names, the list of granted tables their columns, the report of an
import its lines; ``file`` names what somebody attached by CKAN's own API of files, and whoever asks for it there is asked for the
right to the data. No table holds a cell."""

NUMBERS = re.compile(r"p?(int|float|long|double|date|boolean)s?")
"""Types of the index that hold no words."""

REMEMBERS = ("cqgov_ledger",)
"""Tables that remember what was purged, for inspectors."""


def solr(path, **parameters):
    address = f"{config['solr_url']}/{path}?{urlencode({'wt': 'json', **parameters}, doseq=True)}"
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def hidden(world, text):
    """Return what a text says of the data or real address of a tier that is not open."""
    return {
        f"{seen.what} of {CODES[seen.tier]}"
        for seen in world.register.found(text)
        if seen.gives != "entry" and CODES[seen.tier] != "open" and TOKEN.fullmatch(seen.word)
    }


def entries(world, text, viewer):
    """Return the tiers of which a text names the entry, though ``viewer`` may not know of them."""
    seen = {CODES[one.tier] for one in world.register.found(text)}
    return {tier for tier in seen if level(viewer, tier) < ENTRY}


def tables(connection, schema="public"):
    found = sa.text(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND relnamespace = to_regnamespace(:s)"
        " AND has_table_privilege(oid, 'SELECT')"
    )
    return list(connection.execute(found, {"s": schema}).scalars())


def rows(connection, table, schema="public"):
    named = f'"{schema}"."{table}"'
    return list(connection.execute(sa.text(f"SELECT t::text FROM {named} t WHERE t::text ~* '{PATTERN}'")).scalars())


def test_no_document_of_the_index_holds_an_address_or_data_of_what_is_not_open(world):
    documents = solr("select", q="*:*", fl="*", rows=1000)["response"]["docs"]
    assert len(documents) >= 10
    assert {found for one in documents for found in hidden(world, json.dumps(one, ensure_ascii=False))} == set()


def test_no_term_of_the_index_does_either(world):
    fields = solr("admin/luke", numTerms=0, fl="*")["fields"]
    found = {}
    for name in (name for name, field in fields.items() if not NUMBERS.fullmatch(field["type"])):
        answer = solr("terms", **{"terms.fl": name, "terms.regex": f".*{PATTERN}.*", "terms.limit": -1})
        told = hidden(world, json.dumps(answer["terms"].get(name, [])))
        if told:
            found[name] = told
    assert len(fields) > 20 and found == {}


@pytest.mark.parametrize(("viewer", "label"), [("anonymous", "public"), ("staff", "staff")])
def test_the_labels_in_the_index_let_nobody_see_what_they_may_not(world, viewer, label):
    documents = solr("select", q=f'permission_labels:"{label}"', fl="*", rows=1000)["response"]["docs"]
    texts = [json.dumps(one, ensure_ascii=False) for one in documents]
    assert texts and set().union(*(entries(world, text, viewer) for text in texts)) == set()


def test_nothing_is_left_of_what_was_purged_but_in_the_ledger(world):
    documents = json.dumps(solr("select", q="*:*", fl="*", rows=1000), ensure_ascii=False)
    assert "purged" not in {CODES[one.tier] for one in world.register.found(documents)}
    with model.meta.engine.connect() as connection:
        names = [name for name in tables(connection) if not name.startswith(REMEMBERS)]
        left = {name for name in names for row in rows(connection, name) if "zqpu" in row.lower()}
    assert left == set()


def test_no_table_but_the_vault_holds_an_address_or_data_of_what_is_not_open(world):
    found = {}
    with model.meta.engine.connect() as connection:
        for name in tables(connection):
            told = {each for row in rows(connection, name) for each in hidden(world, row)}
            if name.startswith(REMEMBERS):  # which columns were read
                told = {each for each in told if not each.startswith("column ")}
            told = {each for each in told if each.rpartition(" of ")[0] not in KEPT.get(name, ())}
            if told:
                found[name] = sorted(told)
    assert found == {}


@pytest.mark.parametrize("address", ["ckan.datastore.write_url", "ckan.datastore.read_url"])
def test_the_datastore_holds_no_row_of_what_is_not_open(world, address):
    closed = {key for piece in world.pieces.values() if piece.tier != "open" for key in (piece.resource, piece.link)}
    engine = sa.create_engine(config[address])
    with engine.connect() as connection:
        names = set(tables(connection))
        assert names & closed == set()
        known = connection.execute(sa.text('SELECT name, alias_of FROM "_table_metadata"')).all()
        assert {each for row in known for each in row} & closed == set()
        found = {each for name in names for row in rows(connection, name) for each in hidden(world, row)}
    engine.dispose()
    assert found == set()


def test_the_reading_role_of_the_datastore_reaches_no_other_schema(world):
    engine = sa.create_engine(config["ckan.datastore.read_url"])
    query = sa.text(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)'"
        " AND has_schema_privilege(current_user, oid, 'USAGE')"
    )
    with engine.connect() as connection:
        assert list(connection.execute(query).scalars()) == []
    engine.dispose()


def test_redis_holds_no_word_of_what_visitors_may_not_see(world, caller):
    import redis

    connection = redis.Redis.from_url(config["ckan.redis.url"])
    found = set()
    for key in connection.scan_iter(count=1000):
        kind = connection.type(key)
        kept = {b"string": connection.get, b"hash": connection.hgetall}.get(kind)
        text = str(kept(key)) if kept else str(connection.lrange(key, 0, -1) if kind == b"list" else "")
        words = {seen for seen in world.register.found(f"{key!r} {text}") if TOKEN.fullmatch(seen.word)}
        found |= {
            f"{key!r}: {seen.what} of {CODES[seen.tier]}"
            for seen in words
            if level("anonymous", CODES[seen.tier]) < ENTRY
        }
        found |= {f"{key!r}: {each}" for each in hidden(world, text)}
    assert found == set()


def test_no_file_of_the_portal_is_served_past_the_routes(world, portal):
    for piece in world.pieces.values():
        for folder in ("uploads", "resources", "storage", "public"):
            address = f"/{folder}/{quote(piece.location)}"
            answer = portal.test_client().get(address)
            assert answer.status_code in (301, 302, 404), address
