"""No action ends in an error of the server, whatever is sent to it."""

from __future__ import annotations

import json
import zlib

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from .junk import arguments, body

CALLERS = {"anonymous": 4, "editor": 4, "sysadmin": 8}
"""Who calls, and how many times each action."""


def actions():
    """Return the names of the actions of this configuration, without building the application."""
    import ckan.plugins as p
    from ckan import logic

    if not p.plugin_loaded("cqgov"):
        p.load_all()
    logic.get_action("package_show")
    return dict(logic._actions)


def answered(portal, caller, path, **sent):
    token = portal.tokens[caller]
    headers = {"Authorization": token} if token else {}
    answer = portal.app.test_client(use_cookies=False).open(path, headers=headers, **sent)
    try:
        return answer.status_code
    finally:
        answer.close()


def faults(portal, caller, name, action):
    """Call an action with generated values and return what ended in an error of the server."""
    found, path = [], f"/api/3/action/{name}"
    reads = getattr(action, "side_effect_free", False)

    @seed(zlib.crc32(f"{caller}/{name}".encode()))
    @settings(
        max_examples=CALLERS[caller],
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sent=arguments(name, action, portal.pool), by_get=st.booleans())
    def run(sent, by_get):
        if by_get and reads:
            flat = {key: value if isinstance(value, str) else json.dumps(value) for key, value in sent.items()}
            flat = {key: value.encode("utf-8", "replace").decode() for key, value in flat.items()}
            status = answered(portal, caller, path, method="GET", query_string=flat)
        else:
            kind = {"content_type": "application/json"}
            status = answered(portal, caller, path, method="POST", data=body(sent), **kind)
        if status >= 500:
            found.append(f"{name} ({status}): {str(sent)[:300]}")

    run()
    return found


@pytest.mark.parametrize("caller", CALLERS)
def test_no_action_ends_in_an_error_of_the_server(portal, caller):
    found = [fault for name, action in sorted(actions().items()) for fault in faults(portal, caller, name, action)]
    assert not found, "\n".join([f"{len(found)} errors of the server", *found])
