"""The supervisor's configuration is one that supervisord itself reads."""

from __future__ import annotations

import pytest
from stack.places import Places
from stack.supervision import Program, Supervisor, configuration, wait
from stack.trouble import Trouble
from supervisor.options import ServerOptions


@pytest.fixture
def places(tmp_path):
    found = Places(tmp_path / "check out 100%")
    found.log.mkdir(parents=True)
    return found


def parsed(places, programs):
    file = places.var / "supervisord.conf"
    file.write_text(configuration(places, 20001, "pa%ss", programs, root=False))
    options = ServerOptions()
    options.realize(["-c", str(file)], doc="")
    return options


def test_supervisord_reads_folders_with_spaces_and_percent_signs(places):
    program = Program("web", ["/bin/echo", "a b", "1%"], str(places.root), env={"CKAN_INI": str(places.ini)})
    options = parsed(places, [program])
    (group,) = options.process_group_configs
    (process,) = group.process_configs
    assert process.command == "/bin/echo 'a b' 1%"
    assert process.directory == str(places.root)
    assert process.environment == {"CKAN_INI": str(places.ini)}
    assert process.stdout_logfile == str(places.log / "web.log")


def test_the_supervisor_listens_on_loopback_with_a_password(places):
    (server,) = parsed(places, []).server_configs
    assert (server["host"], server["port"], server["password"]) == ("127.0.0.1", 20001, "pa%ss")


def test_nothing_runs_where_no_supervisor_answers(places):
    nobody = Supervisor(places, 9, "x")
    assert nobody.states() == {}
    assert not nobody.shutdown()


def test_a_program_that_never_answers_names_its_log(places):
    with pytest.raises(Trouble, match=r"log/solr\.log"):
        wait(lambda: False, 0, "solr", places)
