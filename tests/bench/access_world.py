"""``python -m tests.bench.access_world KIND BIG FILE``: lays the datasets that the rows of reading ask for into one portal.

Runs under the configuration that ``CKAN_INI`` names, ours or a stock CKAN's, and says in ``FILE`` what lies where. Both get the same
open datasets with the same files, ours in fields and stock in extras; further one dataset with the file ``BIG``, which is open in
the stock CKAN and open on conditions in ours, where the holder of a token may have it.
"""

from __future__ import annotations

import io
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import Any

from tests.bench import city

OPEN = 24
FILE = b"".join(b"%d,500112,%d\n" % (number, number * 7) for number in range(20_000))  # some 300 kB
CONDITIONS = {
    "opening_type": "conditional",
    "opening_basis_kind": "law",
    "opening_basis": "《中华人民共和国档案法》第二十八条",
    "opening_condition": "须经申请",
}
ITEM = {"type": "C", "length": 200, "primary_key": False, "personal": "none", "base_item": False}


def entry(number: int, owner: str) -> dict[str, Any]:
    """Return the complete catalogue entry of a number."""
    return {
        "name": f"bench-access-{number}",
        "title": f"公共停车场基本信息（第{number}批）",
        "notes": "主城区公共停车场的名称、位置、泊位数和收费标准，由运营单位按月报送。" * 3,
        "owner_org": owner,
        "catalog_code": f"307009/{number + 1}",
        "class_path": ["部门", "市交通局", "停车管理"],
        "provider_code": "11500000009275780L",
        "format_class": "spreadsheet",
        "format_type": "xlsx",
        "items": [{"name": f"{name}{place}", **ITEM} for place in range(4) for name in ("名称", "泊位", "地址")],
        "sharing_type": "unconditional",
        "sharing_mode_class": "platform",
        "sharing_mode_type": "file",
        "opening_type": "unconditional",
        "update_cycle": "monthly",
        "published_on": "2024-01-02",
        "region": ["500112"],
        "sensitive": False,
        "tags": [{"name": "停车"}, {"name": "交通出行"}],
    }


def as_extras(made: dict[str, Any]) -> dict[str, Any]:
    """Return an entry as stock CKAN takes it."""
    from ckanext.cqgov.domain import catalogue
    from ckanext.cqgov.domain.catalogue_fields import FIELDS

    core = {key: made[key] for key in ("name", "title", "notes", "owner_org", "tags")}
    stored = catalogue.storage({key: value for key, value in made.items() if key in FIELDS and key not in core})
    return {**core, "extras": [{"key": key, "value": str(value)} for key, value in stored.items()]}


def person(owner: str, *, ours: bool) -> str:
    """Return the name of the head of the organisation, making the account once."""
    import ckan.model as model

    user = model.User.get("bench-head")
    if user is None:
        user = model.User(name="bench-head", email="bench@example.com", password="bench-only-a-long-one")
        model.Session.add(user)
        model.Session.flush()
        role = {"table_name": "user", "table_id": user.id, "capacity": "editor", "state": "active"}
        model.Session.add(model.Member(group=model.Group.get(owner), **role))
        if ours:
            from ckanext.cqgov.model.duty import Duty

            held = {"user_id": user.id, "organization_id": owner, "duty": "head", "assigned_by": user.id}
            model.Session.add(Duty(**held, valid_from=date(2018, 5, 5)))
        model.repo.commit()
    return user.name


def laid(made: dict[str, Any], head: str, content: bytes) -> dict[str, str]:
    """Return name, id and resource of a dataset with one file, making it once; the index hears of it again."""
    import ckan.logic as logic
    import ckan.model as model
    import ckan.plugins.toolkit as tk
    from werkzeug.datastructures import FileStorage

    def call(action: str, **data: Any) -> Any:
        return tk.get_action(action)({"user": head, "ignore_auth": False}, data)

    if model.Package.get(made["name"]) is None:
        created = call("package_create", **made, private=False)
        upload = FileStorage(io.BytesIO(content), "停车场.csv", content_type="text/csv")
        call("resource_create", package_id=created["id"], name="停车场", format="CSV", upload=upload)
    else:
        logic.index_update_package({"ignore_auth": True, "user": head}, model.Package.get(made["name"]).id)
    shown = call("package_show", id=made["name"])
    return {"id": shown["id"], "name": shown["name"], "resource": shown["resources"][0]["id"]}


def replaced(resource: str, big: Path, *, ours: bool) -> None:
    """Put the big file in the place of a resource's own, as a second name of the same bytes."""
    import ckan.model as model
    import ckan.plugins.toolkit as tk
    import sqlalchemy as sa
    from ckan.lib import files, uploader

    if ours:
        from ckanext.cqgov.catalogue import vault, vault_storage

        held = vault.address(resource)
        place = Path(vault_storage.path_of(held.address))
        size = sa.text("update cqgov_vault set size = :size where resource_id = :id")
        model.Session.execute(size, {"size": big.stat().st_size, "id": resource})
        model.repo.commit()
    else:
        upload = uploader.get_resource_uploader(tk.get_action("resource_show")({"ignore_auth": True}, {"id": resource}))
        place = Path(upload.storage.full_path(files.Location(upload.get_path(resource))))
    if not place.exists() or not place.samefile(big):
        place.unlink(missing_ok=True)
        os.link(big, place)


def main(kind: str, big: Path, said: Path) -> None:
    """Lay everything that is missing, and say what lies where."""
    import ckan.model as model
    import ckan.plugins.toolkit as tk
    from ckan.cli import CKANConfigLoader
    from ckan.config.middleware import make_app

    app = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
    with app._wsgi_app.test_request_context():
        ours, owner = kind == "ours", city.organization_of("重庆市人民政府")["id"]
        head = person(owner, ours=ours)
        shape = (lambda made: made) if ours else as_extras
        found = [laid(shape(entry(number, owner)), head, FILE) for number in range(OPEN)]
        conditions = CONDITIONS if ours else {}
        large = laid(shape({**entry(OPEN, owner), **conditions}), head, b"a,b\n1,2\n")
        replaced(large["resource"], big, ours=ours)
        model.Session.remove()
        token = tk.get_action("api_token_create")({"user": head, "ignore_auth": True}, {"user": head, "name": "bench"})
        said.write_text(json.dumps({"open": found, "large": large, "token": token["token"]}), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
