"""The formats that are offered are those of what somebody may see, and so is their order."""

from __future__ import annotations

import uuid

import pytest
from ckan.tests import factories

from .conftest import RESTRICTED, actor

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


def test_formats_of_hidden_entries_are_offered_to_nobody_else(provider, entry, app):
    mark = uuid.uuid4().hex[:12]
    many, few, secret = f"{mark}m", f"{mark}f", f"{mark}s"

    def made(formats, **changes):
        resources = [{"name": each, "format": each, "url": "https://a.example/"} for each in formats]
        provider.head.call("package_create", **entry(resources=resources, **changes))

    made([many, many, few.upper()], private=False)
    made([few, few, few, secret], opening_type="closed", sharing_type="conditional", **RESTRICTED)
    asked = f"/api/3/action/format_autocomplete?q={mark.upper()}"
    assert app.get(asked).json["result"] == [many, few]
    assert app.get(f"{asked}&limit=1").json["result"] == [many]
    util = app.get(f"/api/2/util/resource/format_autocomplete?incomplete={mark}").json["ResultSet"]["Result"]
    assert [each["Format"] for each in util] == [many, few]
    stranger = {"Authorization": factories.APIToken(user=actor().name)["token"]}
    assert app.get(asked, headers=stranger).json["result"] == [many, few]
    assert provider.clerk.call("format_autocomplete", q=mark) == [few, many, secret]
    assert app.get(f"{asked}&limit=x", status=409).json["error"]["limit"]
