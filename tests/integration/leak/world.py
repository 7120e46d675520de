"""One portal that holds every tier at once, each with its canaries, made as people make it: by calling actions."""

from __future__ import annotations

import io
import uuid
from dataclasses import dataclass, field
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
import sqlalchemy as sa
from ckan.tests import factories
from werkzeug.datastructures import FileStorage

from . import people
from .canary import Register, token
from .entries import OTHER_COLUMN, ROWS, entry, link, listing, restriction, table
from .expectation import TIERS

OPENED_FIRST = ("open", "deleted", "open-to-conditional", "open-to-closed", "purged")
PUBLISHED = ("conditional", "conditional-shared")
RELEASED = ("closed-released", "closed-released-shared")


@dataclass
class Piece:
    """What a tier has of its own; ids of what it lacks are of nothing at all."""

    tier: str
    code: str
    dataset: str = ""
    name: str = ""
    resource: str = ""
    link: str = ""
    view: str = field(default_factory=lambda: str(uuid.uuid4()))
    activity: str = field(default_factory=lambda: str(uuid.uuid4()))
    old_activity: str = field(default_factory=lambda: str(uuid.uuid4()))
    file: str = field(default_factory=lambda: str(uuid.uuid4()))
    location: str = "nothing"

    @property
    def tag(self) -> str:
        """Return the tag that only this tier's dataset has."""
        return token(self.code, "ta")

    @property
    def sql(self) -> str:
        """Return a query of the DataStore table of the uploaded file."""
        return f'SELECT * FROM "{self.resource}"'


@dataclass
class World:
    """Everything that the suite calls and looks for."""

    viewers: dict[str, people.Viewer]
    places: dict[str, str]
    pieces: dict[str, Piece]
    scratch: Piece
    register: Register
    names: dict[str, str]

    def named(self, name: str, piece: Piece) -> str:
        """Return what ``$name`` in the table stands for, of ``piece`` where each tier has its own."""
        return self.names[name] if name in self.names else getattr(piece, name)


def build() -> World:
    """Make the world in an empty portal."""
    places = people.departments()
    viewers = people.viewers(places)
    pieces = {
        tier: made(tier, code, number, places["provider"], viewers)
        for number, (tier, (code, _levels)) in enumerate(TIERS.items())
    }
    scratch = made("open", "xx", len(TIERS), places["provider"], viewers)
    group, spare = factories.Group(title="leak group"), factories.Group(title="leak spare")
    extra = factories.Organization(title="leak spare department")
    conditional, part = pieces["conditional"], {"resources": [pieces["conditional"].resource]}
    granted = grant(viewers, conditional, "holder", storage=True)
    grant(viewers, conditional, "columns", columns=[OTHER_COLUMN], storage=True, **part)
    grant(viewers, conditional, "rows", rows=[ROWS], storage=False, **part)
    work_off()
    names = {
        "grant": granted["id"],
        "organization": places["provider"],
        "other_organization": places["other"],
        "group": group["id"],
        "author": viewers["handler"].id,
        "author_name": viewers["handler"].user,
        "scratch": scratch.dataset,
        "scratch_user": people.account("spare").id,
        "scratch_group": spare["id"],
        "scratch_organization": extra["id"],
        "import_run": imported(viewers["handler"], places["provider"]),
        "nothing": str(uuid.uuid4()),
        "nobody": "nobody-of-that-name",
    }
    for piece in pieces.values():
        if model.Package.get(piece.dataset):
            member = {"id": group["id"], "object": piece.dataset, "object_type": "package", "capacity": "public"}
            viewers["sysadmin"].call("member_create", **member)
    return World(viewers, places, pieces, scratch, register(pieces), names)


def made(tier: str, code: str, number: int, organization: str, viewers: dict[str, people.Viewer]) -> Piece:
    """Make the dataset of a tier: created, filled, published or released, changed once, then moved where it belongs."""
    head, sysadmin = viewers["head"], viewers["sysadmin"]
    given = entry(tier, code, number, organization)
    if tier == "draft":
        given["state"] = "draft"
    created = (viewers["handler"] if tier in ("draft", "private") else head).call("package_create", **given)
    piece = Piece(tier, code, created["id"], given["name"])
    if tier in OPENED_FIRST + PUBLISHED:
        head.call("package_patch", id=piece.dataset, private=False)
    fill(piece, viewers["handler"])
    if tier in OPENED_FIRST:
        for name in ("citizen", "staff"):
            viewers[name].call("follow_dataset", id=piece.dataset)
    if tier in RELEASED:
        release(piece, head)
    head.call("package_patch", id=piece.dataset, title=f"暗哨停车场 {token(code, 'ti')}")
    head.call("resource_patch", id=piece.link, url=link(code))
    if tier == "open-to-conditional":
        head.call("package_patch", id=piece.dataset, **restriction(code, "conditional"))
    if tier == "open-to-closed":
        head.call("package_patch", id=piece.dataset, **restriction(code, "closed"))
    attach(piece, sysadmin)
    remember(piece)
    if tier == "deleted":
        head.call("package_delete", id=piece.dataset)
    if tier == "purged":
        head.call("package_delete", id=piece.dataset)
        sysadmin.call("dataset_purge", id=piece.dataset)
    work_off()
    return piece


def release(piece: Piece, head: people.Viewer) -> None:
    """Let a closed entry into the catalogue that departments share."""
    head.call("cqgov_dataset_release", id=piece.dataset)


def fill(piece: Piece, handler: people.Viewer) -> None:
    """Give a dataset a linked and an uploaded resource, and try to give it a DataStore table and views."""
    code = piece.code
    common = {"package_id": piece.dataset, "format": "CSV"}
    common["description"] = f"说明 {token(code, 'rd')}"
    linked = handler.call("resource_create", name=f"链接 {token(code, 'rn')}", url=link(code, "ol"), **common)
    piece.link = linked["id"]
    upload = FileStorage(io.BytesIO(table(code)), f"停车场{token(code, 'fn')}.csv", content_type="text/csv")
    stored = handler.call("resource_create", name=f"表格 {token(code, 'rn')}", upload=upload, **common)
    piece.resource = stored["id"]
    column = {"id": token(code, "co"), "type": "text", "info": {"label": token(code, "di")}}
    records = [{token(code, "co"): token(code, "ce")}]
    attempt(handler, "datastore_create", resource_id=piece.resource, fields=[column], records=records, force=True)
    view = attempt(
        handler,
        "resource_view_create",
        resource_id=piece.resource,
        title=token(code, "vi"),
        view_type="datatables_view",
    )
    if view:
        piece.view = view["id"]


def attempt(who: people.Viewer, action: str, **data: Any) -> Any:
    """Call what the portal should refuse for some tiers; whether it should have is asked elsewhere."""
    try:
        return who.call(action, **data)
    except (tk.ValidationError, tk.NotAuthorized, tk.ObjectNotFound):
        model.Session.rollback()
        return None


def grant(viewers: dict[str, people.Viewer], piece: Piece, holder: str, **scope: Any) -> dict[str, Any]:
    """Grant the data of a dataset, or a part of them, to a viewer."""
    terms = {"purpose": "核验停车场备案", "terms_version": "1"}
    head, user = viewers["head"], viewers[holder].id
    return head.call("cqgov_grant_create", dataset_id=piece.dataset, holder_user=user, **terms, **scope)


def imported(handler: people.Viewer, organization: str) -> str:
    """Import a file of the provider that is rejected; returns the id of the run, whose report quotes it."""
    file = FileStorage(io.BytesIO(listing(TIERS["closed"][0])), "目录.json")
    return handler.call("cqgov_catalogue_import", organization=organization, upload=file)["id"]


def attach(piece: Piece, sysadmin: people.Viewer) -> None:
    """Attach a file to the dataset by CKAN's own API of files, which only the operator may use."""
    content = FileStorage(io.BytesIO(token(piece.code, "ac").encode()), content_type="text/plain")
    made = sysadmin.call("file_create", name=f"{token(piece.code, 'an')}.txt", upload=content)
    sysadmin.call("file_ownership_transfer", id=made["id"], owner_type="package", owner_id=piece.dataset, force=True)
    piece.file, piece.location = made["id"], made["location"]


def remember(piece: Piece) -> None:
    """Note the oldest and newest version that the activity stream kept."""
    rows = sa.text("SELECT id FROM activity WHERE object_id = :id ORDER BY timestamp")
    kept = list(model.Session.execute(rows, {"id": piece.dataset}).scalars())
    if kept:
        piece.old_activity, piece.activity = kept[0], kept[-1]


def work_off() -> None:
    """Carry out every job that waits, in this process."""
    from ckan.lib import jobs
    from rq import SimpleWorker

    for queue in jobs.get_all_queues():
        SimpleWorker([queue], connection=queue.connection).work(burst=True, logging_level="ERROR")


def register(pieces: dict[str, Piece]) -> Register:
    """Return the register of canaries with the ids of all pieces."""
    ids = {}
    for piece in pieces.values():
        ids[piece.dataset] = (piece.code, "id of the dataset", "entry")
        ids[piece.resource] = ids[piece.link] = (piece.code, "id of a resource", "entry")
        ids[piece.view] = (piece.code, "id of a view", "data")
        ids[piece.file] = (piece.code, "id of an attachment", "entry")
    return Register(frozenset(piece.code for piece in pieces.values()), ids)
