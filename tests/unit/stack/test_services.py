"""Addresses: our own programs' unless the environment gives others."""

from __future__ import annotations

import pytest
from stack import services
from stack.trouble import Trouble

PORTS = {"postgres": 1, "redis": 2, "solr": 3, "supervisor": 4}
KEYS = {"cqgov": "a", "cqgov_reader": "b", "redis": "c", "postgres": "d"}
GIVEN = {
    "CKAN_SQLALCHEMY_URL": "postgresql://x/main",
    "CKAN_DATASTORE_WRITE_URL": "postgresql://x/store",
    "CKAN_DATASTORE_READ_URL": "postgresql://y/store",
    "CKAN_SOLR_URL": "http://solr/cat",
    "CKAN_REDIS_URL": "redis://r/0",
}


def test_without_given_addresses_all_three_programs_are_ours():
    found = services.of({}, PORTS, KEYS)
    assert found.own == {"postgres", "redis", "solr"}
    assert found.database == "postgresql://cqgov:a@127.0.0.1:1/cqgov"
    assert found.datastore_read == "postgresql://cqgov_reader:b@127.0.0.1:1/cqgov_datastore"
    assert found.redis == "redis://:c@127.0.0.1:2/1"
    assert found.solr == "http://127.0.0.1:3/solr/ckan"


def test_the_tests_have_databases_a_core_and_a_redis_number_of_their_own():
    portal, tests = services.of({}, PORTS, KEYS), services.of({}, PORTS, KEYS, lane=1)
    ours, theirs = portal.environment().values(), tests.environment().values()
    assert not set(ours) & set(theirs)
    assert tests.database.endswith("/cqgov_test")


def test_tests_side_by_side_share_nothing_and_given_services_are_one_set():
    first, second = (set(services.of({}, PORTS, KEYS, lane=lane).environment().values()) for lane in services.LANES)
    assert not first & second
    assert services.lanes(services.of({}, PORTS, KEYS).own) == services.LANES
    assert services.lanes(frozenset({"postgres", "solr"})) == (1,)


def test_given_addresses_are_used_as_they_are():
    found = services.of(GIVEN, PORTS, KEYS)
    assert found.own == frozenset()
    assert found.environment() == GIVEN


def test_one_given_service_leaves_the_others_ours():
    assert services.of({"CKAN_REDIS_URL": "redis://r/0"}, PORTS, KEYS).own == {"postgres", "solr"}


def test_a_given_database_without_its_datastore_is_refused():
    with pytest.raises(Trouble, match="CKAN_DATASTORE_READ_URL"):
        services.of({"CKAN_SQLALCHEMY_URL": "postgresql://x/main"}, PORTS, KEYS)
