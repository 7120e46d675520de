"""A visitor's read of what is public asks the database nothing more than CKAN itself does."""

from __future__ import annotations

from collections import Counter

import ckan.model as model
import pytest

from ckanext.cqgov.logic import existence

from .test_access_existence import Statements

pytestmark = pytest.mark.usefixtures("clean_index", "non_clean_db", "with_plugins")


@pytest.mark.parametrize("way", ["name", "id"])
@pytest.mark.parametrize("opening", ["unconditional", "conditional"])
def test_showing_a_public_entry_asks_nothing_more(provider, entry, app, monkeypatch, way, opening):
    from .conftest import RESTRICTED

    more = RESTRICTED if opening == "conditional" else {}
    made = provider.head.call("package_create", **entry(private=False, opening_type=opening, **more))
    addresses = (f"/api/3/action/package_show?id={made[way]}", f"/dataset/{made['name']}?x={way}")

    def asked(address: str) -> Counter:
        app.get(address)
        model.Session.remove()
        with Statements() as statements:
            assert app.get(address).status_code == 200
        return Counter(statements)

    guarded = [asked(address) for address in addresses]
    monkeypatch.setattr(existence, "stood_in", lambda _name, _context, data: (data, {}, []))
    plain = [asked(address) for address in addresses]
    for ours, theirs in zip(guarded, plain, strict=True):
        assert not ours - theirs


def test_a_search_asks_one_thing_more(provider, entry, app):
    provider.head.call("package_create", **entry(private=False))

    def asked(address: str) -> list[str]:
        app.get(address)
        with Statements() as statements:
            app.get(address)
        return [each for each in statements if "package.private" in each and "package.id = ANY" in each]

    assert len(asked("/api/3/action/package_search?q=停车场")) == 1
    assert not asked("/api/3/action/package_search?q=停车场&rows=0")
