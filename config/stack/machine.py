"""One checkout's machine: its ports, secrets, services and supervisor, brought up step by step."""

from __future__ import annotations

import os
from collections.abc import Mapping

from stack import orphans, portal, ports, postgres, redis, settings, solr, supervision
from stack import services as addresses
from stack.places import Places, read_json
from stack.supervision import Program, Supervisor, wait
from stack.trouble import Trouble


class Machine:
    """Everything that runs for a checkout.

    :param places: the checkout.
    :param env: the environment: ``PORT``, ``HOST``, ``SITE_URL`` and the addresses of given services.
    """

    def __init__(self, places: Places, env: Mapping[str, str]):
        self.places, self.env = places, env
        self.keys = settings.keys(places.var / "secrets.json")
        self.own = addresses.own_programs(env)
        kept = ports.kept(places.var / "ports.json")
        self.supervisor = Supervisor(places, kept.get("supervisor", 0), self.keys["supervisor"])
        self.states = self.supervisor.states()
        if self.states:
            self.ports = kept
        else:
            orphans.end(places)
            self.ports = ports.choose(kept, int(places.key, 16))
            ports.keep(places.var / "ports.json", self.ports)
            self.supervisor = Supervisor(places, self.ports["supervisor"], self.keys["supervisor"])
        self.web = read_json(places.var / "web.json")
        self.choose_address()

    def choose_address(self) -> None:
        """Settle host and port of the portal, and refuse a port that belongs to somebody else."""
        running = self.web if self.states.get("web") == "RUNNING" else {}
        self.host = self.env.get("HOST") or running.get("host") or "127.0.0.1"
        self.port = ports.web_port(self.env.get("PORT"), running.get("port"))
        self.moved = bool(running) and (running.get("host"), running.get("port")) != (self.host, self.port)
        self.address = settings.site_url(self.host, self.port, self.env.get("SITE_URL"))

    def require_port(self) -> None:
        """Refuse a portal's port that belongs to somebody else.

        :raises Trouble: says how to choose another one.
        """
        if self.moved or self.states.get("web") not in ("RUNNING", "STARTING"):
            ports.require_free(self.port, self.host)

    def require_java(self) -> None:
        """Refuse a machine that cannot run our Solr; one that is given needs nothing here.

        :raises Trouble: says what to install.
        """
        if "solr" in self.own:
            solr.require_java()

    def fetch_solr(self) -> None:
        """Have the Solr program there, when it is ours to run."""
        if "solr" in self.own:
            solr.program(self.places)

    def services(self, *, lane: int = 0) -> addresses.Services:
        """Return the addresses of the services of the portal, or of a lane of the tests."""
        return addresses.of(self.env, self.ports, self.keys, lane=lane)

    def lanes(self) -> tuple[int, ...]:
        """Return the lanes in which tests can run side by side."""
        return addresses.lanes(self.own)

    def prepare(self) -> None:
        """Lay out data folders and configuration; nothing runs yet that did not run before."""
        if "postgres" in self.own:
            postgres.create(self.places, self.keys)
        self.cores_changed = "solr" in self.own and solr.lay_cores(self.places)

    def programs(self) -> list[Program]:
        """Return the programs that are ours to run, in the order in which they start."""
        root, found = os.geteuid() == 0, []
        if "postgres" in self.own:
            user = postgres.SYSTEM_USER if root else None
            command = postgres.command(self.places, self.ports["postgres"])
            found.append(Program("postgres", command, "/", user=user, stop="INT"))
        if "redis" in self.own:
            found.append(Program("redis", redis.command(self.places, self.ports["redis"], self.keys), "/"))
        if "solr" in self.own:
            folder = str(self.places.solr / "program" / "base")
            found.append(Program("solr", solr.command(self.places, self.ports["solr"]), folder))
        return found + portal.programs(self.places, self.host, self.port)

    def start_services(self, *, test: bool = False) -> None:
        """Start PostgreSQL, Redis and Solr, wait until each answers, and make the databases.

        :param test: make the databases of the tests instead of the portal's.
        :raises Trouble: when one does not answer.
        """
        root = os.geteuid() == 0
        text = supervision.configuration(
            self.places, self.ports["supervisor"], self.keys["supervisor"], self.programs(), root=root
        )
        stopped = self.supervisor.apply(text)
        solr_ran = self.supervisor.states().get("solr") == "RUNNING"
        for name in supervision.DATA_PROGRAMS:
            if name in self.own:
                self.supervisor.start(name)
        if self.cores_changed and solr_ran:
            core = self.services().solr  # what does not answer yet must not be taken for a core that is not there
            self.wait_for("solr", lambda core=core: solr.schema_name(core) is not None, 240, core)
            solr.load(self.places, self.ports["solr"])
        for lane in self.lanes() if test else (0,):
            services = self.services(lane=lane)
            self.wait_database(services, lane)
            self.wait_for("redis", lambda url=services.redis: redis.answers(url), 60, services.redis)
            core = services.solr
            self.wait_for("solr", lambda core=core: solr.schema_name(core) is not None, 240, core)
        if "solr" not in self.own:
            solr.require_fields(core)
        for name in stopped & set(supervision.PORTAL_PROGRAMS):  # tests leave a running portal running
            if test and self.states.get(name) == "RUNNING":
                self.supervisor.start(name)

    def wait_database(self, services: addresses.Services, lane: int) -> None:
        """Wait for PostgreSQL and make our databases in it, or check a given one."""
        if "postgres" in self.own:
            port = self.ports["postgres"]
            master = f"postgresql://postgres:{self.keys['postgres']}@127.0.0.1:{port}/postgres"
            answers = self.supervisor.unless_dead("postgres", lambda: postgres.answers(master))
            wait(answers, 120, "postgres", self.places)
            postgres.create_databases(port, self.keys, lane=lane)
        for url in (services.database, services.datastore_write, services.datastore_read):
            self.wait_for("postgres", lambda url=url: postgres.answers(url), 10, url)

    def open_ledger(self) -> None:
        """Let migrations at the ledger's tables; a given database is its administrator's affair."""
        if "postgres" in self.own:
            postgres.open_ledger(self.ports["postgres"], self.keys)

    def guard_ledger(self) -> None:
        """Take the ledger's tables out of the portal's hands; for a given database its administrator has to do it."""
        if "postgres" in self.own:
            postgres.guard_ledger(self.ports["postgres"], self.keys)

    def wait_for(self, name: str, ready, seconds: float, url: str) -> None:
        """Wait until a service answers: ours for a while, a given one but a moment.

        :raises Trouble: names our log, or the variable that gave the address.
        """
        if name in self.own:
            wait(self.supervisor.unless_dead(name, ready), seconds, name, self.places)
        elif not ready():
            where = url.rpartition("@")[2]
            raise Trouble(
                f"环境变量给出的 {name} 服务（{where}）没有响应：请检查该地址，或取消 CKAN_…_URL 改用自带服务。",
                f"The {name} given by the environment ({where}) does not answer: check it, or unset CKAN_…_URL.",
            )

    def identity(self) -> str:
        """Return what tells our own database cluster from one made anew."""
        return postgres.identity(self.places) if "postgres" in self.own else ""
