"""Nobody gets from any route what they may not see."""

from __future__ import annotations

import pytest

from .calling import route_calls, summary, table
from .expectation import VIEWERS

pytestmark = pytest.mark.usefixtures("portal")


@pytest.mark.parametrize("endpoint", table()["routes"])
@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_route_tells_nobody_what_they_may_not_see(portal, world, caller, viewer, endpoint):
    found = []
    for call in route_calls(world, portal, endpoint, viewer):
        found += caller.leaks(world, call, world.viewers[viewer])
    assert not found, summary(found)
