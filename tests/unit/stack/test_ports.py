"""Ports: chosen once, kept, chosen again when taken."""

from __future__ import annotations

import socket

import pytest
from stack import ports
from stack.trouble import Trouble


def test_every_service_gets_a_port_of_its_own():
    chosen = ports.choose({}, seed=7, is_free=lambda port: True)
    assert set(chosen) == set(ports.SERVICES)
    assert len(set(chosen.values())) == len(ports.SERVICES)
    assert all(ports.FIRST <= port <= ports.LAST for port in chosen.values())


def test_a_second_run_keeps_the_ports():
    chosen = ports.choose({}, seed=7, is_free=lambda port: True)
    assert ports.choose(chosen, seed=99, is_free=lambda port: True) == chosen


def test_a_port_that_somebody_took_is_chosen_again_and_the_others_stay():
    before = ports.choose({}, seed=7, is_free=lambda port: True)
    after = ports.choose(before, seed=7, is_free=lambda port: port != before["redis"])
    assert after["redis"] != before["redis"]
    assert {**after, "redis": 0} == {**before, "redis": 0}
    assert len(set(after.values())) == len(after)


def test_two_checkouts_seldom_meet():
    one = ports.choose({}, seed=1, is_free=lambda port: True)
    other = ports.choose({}, seed=5001, is_free=lambda port: True)
    assert not set(one.values()) & set(other.values())


def test_no_free_port_at_all_is_said():
    with pytest.raises(Trouble, match="No free port"):
        ports.choose({}, seed=1, is_free=lambda port: False)


def test_a_port_in_use_is_seen():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not ports.free(taken.getsockname()[1])


@pytest.mark.parametrize(
    ("given", "running", "expected"),
    [(None, None, 5000), ("", None, 5000), ("5077", None, 5077), (None, 5077, 5077), ("5078", 5077, 5078)],
)
def test_the_portal_s_port_is_given_or_the_running_one_or_5000(given, running, expected):
    assert ports.web_port(given, running) == expected


@pytest.mark.parametrize("given", ["abc", "0", "65536", "-1", "50 00"])
def test_a_word_that_is_no_port_is_refused(given):
    with pytest.raises(Trouble, match="not a port number"):
        ports.web_port(given, None)


def test_a_taken_portal_port_names_another_one_to_use():
    with pytest.raises(Trouble) as refused:
        ports.require_free(5000, "127.0.0.1", is_free=lambda port, host: False)
    assert "PORT=5001 make run" in refused.value.zh
    assert "PORT=5001 make run" in refused.value.en
