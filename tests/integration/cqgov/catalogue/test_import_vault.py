"""A file that reclassifies many entries moves their addresses and files as one write of each would (Arts. 16, 22)."""

from __future__ import annotations

import io

import ckan.plugins.toolkit as tk
import pytest
from werkzeug.datastructures import FileStorage

from ckanext.cqgov.catalogue import public_file
from ckanext.cqgov.exchange import workbook
from ckanext.cqgov.model import vault
from tests.entry import complete

SECRET = "https://canary.example.org/a.csv"
CODE = "307001/77"
LAW = {"opening_basis_kind": "law", "opening_basis": "《中华人民共和国档案法》第二十八条"}
CHANGES = {
    "conditional": {"opening_type": "conditional", "opening_condition": "须经申请", **LAW},
    "closed": {"opening_type": "closed", **LAW},
}


@pytest.fixture
def reclassified(tmp_path, carried_out, portal):
    """Return how an entry is imported once more, with other values."""

    def carry(**changes):
        path = tmp_path / "模板.xlsx"
        record = complete(provider_code=None, catalog_code=CODE, tags=[], **changes)
        workbook.write_catalogue(path, [{**record, "provider": "交通局"}])
        run = carried_out(path, user=portal.sysadmin["name"], publish=True)
        assert run.account.records["updated"] == 1, run.account.records

    return carry


@pytest.fixture
def stored(portal):
    """Return an open entry with a link and a file, as everybody sees it."""
    context = {"user": portal.sysadmin["name"]}
    entry = complete(provider_code=None, catalog_code=CODE, owner_org=portal.transport["id"], private=False)
    made = tk.get_action("package_create")(dict(context), {**entry, "resources": [{"name": "链接", "url": SECRET}]})
    upload = FileStorage(stream=io.BytesIO(b"a,b\n1,2\n"), filename="canary.csv")
    tk.get_action("resource_create")(
        dict(context), {"package_id": made["id"], "name": "文件", "format": "CSV", "upload": upload}
    )
    return shown(made["id"])


def shown(id):
    return tk.get_action("package_show")({"ignore_auth": True}, {"id": id})


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_an_import_closes_goes_into_the_vault_and_comes_out_again(stored, reclassified, change):
    link, file = stored["resources"]
    assert link["url"] == SECRET
    reclassified(**change)
    for each in (
        shown(stored["id"]),
        tk.get_action("package_search")({"ignore_auth": True}, {"include_private": True, "fl": "*"}),
    ):
        assert "canary" not in str(each)
    assert vault.of_resource(link["id"]).address == SECRET
    assert not vault.of_resource(file["id"]).public and not public_file.exists(file["id"])
    reclassified()
    after = shown(stored["id"])
    if after["private"]:  # whatever was withdrawn is published by a head's own act
        after = tk.get_action("package_patch")(
            {"ignore_auth": True, "user": ""}, {"id": stored["id"], "private": False}
        )
    assert [each["url"] for each in after["resources"]] == [SECRET, file["url"]]
