"""Nobody gets from any action what they may not see."""

from __future__ import annotations

import pytest

from .calling import action_calls, summary, table
from .expectation import VIEWERS

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize("action", table()["actions"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_an_action_tells_nobody_what_they_may_not_see(portal, world, caller, viewer, action):
    found = []
    for call in action_calls(world, action, viewer):
        found += caller.leaks(world, call, world.viewers[viewer])
    assert not found, summary(found)
