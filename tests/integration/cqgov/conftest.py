"""What tests in this folder share: an entry that is open to everybody, for whatever only such an entry has."""

from __future__ import annotations

import uuid

import pytest
from ckan.tests import factories

from tests.entry import complete


@pytest.fixture
def open_dataset():
    """Return a maker of complete entries, open without conditions and public; keyword arguments are CKAN's factory's."""

    def made(**changes):
        code = f"307001/{uuid.uuid4().int % 10**12}"
        owner = changes.pop("owner_org", None) or factories.Organization()["id"]
        return factories.Dataset(**complete(**{"catalog_code": code, "owner_org": owner, "private": False, **changes}))

    return made
