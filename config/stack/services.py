"""The addresses of the services: given by the environment, or those of the project's own programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stack.trouble import Trouble

LANES = (1, 2)
"""Sets of services for tests: what runs side by side has databases, a Solr core and a Redis number of its own."""

VARIABLES = {
    "database": "CKAN_SQLALCHEMY_URL",
    "datastore_write": "CKAN_DATASTORE_WRITE_URL",
    "datastore_read": "CKAN_DATASTORE_READ_URL",
    "solr": "CKAN_SOLR_URL",
    "redis": "CKAN_REDIS_URL",
}


@dataclass(frozen=True)
class Services:
    """Addresses of everything that CKAN talks to.

    :param own: names of the programs that we run ourselves: of ``postgres``, ``redis``, ``solr``.
    """

    database: str
    datastore_write: str
    datastore_read: str
    solr: str
    redis: str
    own: frozenset[str]

    def environment(self) -> dict[str, str]:
        """Return the addresses as the variables that CKAN reads."""
        return {variable: getattr(self, field) for field, variable in VARIABLES.items()}


def own_programs(env: Mapping[str, str]) -> frozenset[str]:
    """Return the programs that are ours to run: those whose address the environment does not give."""
    given = {"postgres": "CKAN_SQLALCHEMY_URL", "redis": "CKAN_REDIS_URL", "solr": "CKAN_SOLR_URL"}
    return frozenset(program for program, variable in given.items() if not env.get(variable))


def lanes(own: frozenset[str]) -> tuple[int, ...]:
    """Return the lanes that tests have: given services are one set, so there is one lane.

    :param own: names of the programs that we run ourselves.
    """
    return LANES if own >= {"postgres", "redis", "solr"} else LANES[:1]


def ending(lane: int) -> str:
    """Return what the databases' names of a lane end with; nothing for the portal's (0)."""
    return "_test" + (str(lane) if lane > 1 else "") if lane else ""


def core(lane: int) -> str:
    """Return the name of a lane's Solr core; the portal's for 0."""
    return "test" + (str(lane) if lane > 1 else "") if lane else "ckan"


def of(env: Mapping[str, str], ports: Mapping[str, int], keys: Mapping[str, str], *, lane: int = 0) -> Services:
    """Return the services of the portal, or those of the tests.

    :param env: the environment; an address given there is used as it is.
    :param ports: our own programs' ports.
    :param keys: our own programs' passwords.
    :param lane: the tests' lane whose databases, Solr core and Redis number are meant; 0 for the portal's.
    :raises Trouble: when PostgreSQL is given without the two addresses of the DataStore.
    """
    own = own_programs(env)
    missing = [v for v in ("CKAN_DATASTORE_WRITE_URL", "CKAN_DATASTORE_READ_URL") if not env.get(v)]
    if "postgres" not in own and missing:
        raise Trouble(
            f"已给出 CKAN_SQLALCHEMY_URL，还需要 {'、'.join(missing)}（DataStore 数据库）。",
            f"CKAN_SQLALCHEMY_URL is set; {' and '.join(missing)} (the DataStore's database) must be set too.",
        )
    end = ending(lane)

    def postgres(user: str, database: str) -> str:
        return f"postgresql://{user}:{keys[user]}@127.0.0.1:{ports['postgres']}/{database}{end}"

    if "postgres" in own:
        addresses = (
            postgres("cqgov", "cqgov"),
            postgres("cqgov", "cqgov_datastore"),
            postgres("cqgov_reader", "cqgov_datastore"),
        )
    else:
        addresses = tuple(env[VARIABLES[f]] for f in ("database", "datastore_write", "datastore_read"))
    return Services(
        *addresses,
        solr=env.get("CKAN_SOLR_URL") or f"http://127.0.0.1:{ports['solr']}/solr/{core(lane)}",
        redis=env.get("CKAN_REDIS_URL") or f"redis://:{keys['redis']}@127.0.0.1:{ports['redis']}/{1 + lane}",
        own=own,
    )
