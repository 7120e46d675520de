"""A grant opens resources, or parts of their tables: not what somebody attached to the entry beside them."""

from __future__ import annotations

import uuid

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.mark.parametrize("part", [{"columns": ["区县"]}, {"storage": True}], ids=["a column", "all"])
@pytest.mark.parametrize("kind", ["package", "resource"])
def test_no_grant_shows_an_attached_file(give, dataset, resource, holder, provider, kind, part):
    place = {"storage": "test", "location": uuid.uuid4().hex}
    file = model.File(name="beside.csv", **place, size=12, content_type="text/csv", hash="x")
    model.Session.add(file)
    model.Session.flush()
    owner = dataset["id"] if kind == "package" else resource
    model.Session.add(model.FileOwner(file_id=file.id, owner_id=owner, owner_type=kind))
    model.Session.commit()
    give(resources=[resource], **part)
    assert holder.call("cqgov_data_search", resource_id=resource)["total"]
    with pytest.raises(tk.NotAuthorized):
        holder.call("file_show", id=file.id)
    assert provider.clerk.call("file_show", id=file.id)["name"] == "beside.csv"
