"""What lies in the vault: the real address, or the file, of every resource of an entry that is not open (Arts. 16, 22, 34).

What is not open is not a matter of hiding a value when it is shown: the catalogue never has it. A resource then says the
address of its own page on the portal, and ``url_type`` says that the rest is in the vault.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from ckanext.cqgov.domain.access import UNCONDITIONAL, Dataset
from ckanext.cqgov.domain.text import Text

ARTICLE = "22"

URL_TYPE = "vault"
"""CKAN's ``url_type`` of a resource whose address or file is in the vault."""

UPLOAD = "upload"
"""CKAN's ``url_type`` of a resource whose file was uploaded."""

LINK, FILE = "link", "file"

COLUMNS = ("cache_url", "cache_last_updated", "hash", "mimetype", "mimetype_inner", "size")
"""CKAN's columns of a resource that tell of its content or lead to a copy of it."""

WITHHELD = (*COLUMNS, "original_name")
"""Keys of a resource that go into the vault with its address: a checksum proves a guess, a name of a file may say a name."""

REASON = Text(
    "该条目未无条件开放，数据不在公开位置存放，不能建数据表、预览或代理；经批准的使用者可下载，或由提供方先将条目改为无条件开放",
    "the entry is not open without conditions, so its data have no table, no preview and no proxy; whoever was granted them "
    "downloads them, or the provider first makes the entry open without conditions",
)


def is_open(state: str | None, private: bool | None, opening_type: str | None) -> bool:
    """Say whether everybody may have the data: active, not private, opened without conditions; what is not known is not (Art. 22)."""
    return state == "active" and private is False and opening_type == UNCONDITIONAL


def hidden(dataset: Dataset) -> bool:
    """Say whether the dataset's addresses and files belong into the vault: drafts, private, conditional, closed, deleted ones (Art. 22)."""
    return not is_open(dataset.state, not dataset.published, dataset.opening_type)


@dataclass(frozen=True)
class Holding:
    """What the vault holds of one resource.

    ``address`` is the link, or the key of the file: in the vault's storage, or where CKAN keeps public uploads as long as
    ``public`` says that the file has not been moved yet; empty for a file that never came. ``size`` is in bytes, ``sha256``
    in hex. ``facts`` are CKAN's own values that were withheld, ``url`` among them the plain name of a file.
    """

    resource_id: str
    package_id: str
    kind: str
    address: str
    public: bool = False
    original_name: str | None = None
    format: str | None = None
    media_type: str | None = None
    size: int | None = None
    sha256: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Taken(NamedTuple):
    """What becomes of one resource that comes in: how the catalogue says it, and what the vault is to hold of it.

    ``holding`` is None where there is nothing to hold; ``kept`` says that it is the one that the vault has already.
    """

    resource: dict[str, Any]
    holding: Holding | None
    kept: bool


def page(site: str, package_id: str, resource_id: str) -> str:
    """Return the address of a resource's page on the portal at ``site`` (its address, with or without a slash at the end)."""
    return f"{site.rstrip('/')}/dataset/{package_id}/resource/{resource_id}"


def is_page(url: str, own: str) -> bool:
    """Say whether ``url`` is the page ``own`` of a resource, or a download below it: in any language, by the dataset's id or name."""
    given, page_of_it = urlsplit(url.strip()), urlsplit(own)
    if given.scheme not in ("http", "https") or given.netloc != page_of_it.netloc:
        return False
    parts, wanted = given.path.strip("/").split("/"), page_of_it.path.strip("/").split("/")
    if "download" in parts:
        parts = parts[: parts.index("download")]
    return len(parts) >= 4 and parts[-4::2] == ["dataset", "resource"] and parts[-1] == wanted[-1]


def echoed(url: str, own: str, held: Holding) -> bool:
    """Say whether ``url`` means that the address stays as it is: the portal's page, or what the provider's own form shows."""
    if is_page(url, own):
        return True
    if held.kind == LINK:
        return url.strip() == held.address
    name = unquote(url.strip().rsplit("/", 1)[-1])
    return "://" not in url and name in {held.original_name, held.facts.get("url")} - {None, ""}


def taken(resource: Mapping[str, Any], own: str, held: Holding | None) -> Taken:
    """Return what becomes of a resource of an entry that is not open.

    ``resource`` is as CKAN's validators left it, with its ``id`` and ``package_id``; ``own`` is its page on the portal, ``held``
    what the vault has of it. A file's address is filled in by whoever stores the file.
    """
    url = str(resource.get("url") or "").strip()
    facts = {key: _plain(resource[key]) for key in WITHHELD if resource.get(key) not in (None, "")}
    name = facts.pop("original_name", None)
    shown = {key: value for key, value in resource.items() if key not in WITHHELD}
    shown |= dict.fromkeys(COLUMNS)
    if held is not None and echoed(url, own, held):
        kept = replace(held, facts={**held.facts, **facts}, format=resource.get("format") or held.format)
        return Taken({**shown, "url": own, "url_type": URL_TYPE}, kept, True)
    if not url:
        return Taken({**shown, "url": "", "url_type": None}, None, False)
    file = resource.get("url_type") == UPLOAD
    if file:
        facts["url"] = unquote(url.rsplit("/", 1)[-1])
    elif resource.get("url_type") not in (None, "", URL_TYPE):
        facts["url_type"] = resource["url_type"]
    holding = Holding(
        resource_id=resource["id"],
        package_id=resource["package_id"],
        kind=FILE if file else LINK,
        address="" if file else url,
        original_name=(name or facts["url"]) if file else None,
        format=resource.get("format"),
        media_type=facts.get("mimetype"),
        size=facts.get("size"),
        facts=facts,
    )
    return Taken({**shown, "url": own, "url_type": URL_TYPE}, holding, False)


def restored(held: Holding) -> dict[str, Any]:
    """Return the keys of the resource once it is open: CKAN's columns, and ``original_name`` where there is one."""
    values: dict[str, Any] = {key: held.facts.get(key) for key in COLUMNS}
    if values["cache_last_updated"]:
        values["cache_last_updated"] = datetime.fromisoformat(values["cache_last_updated"])
    if held.kind == FILE:
        values |= {"url": held.facts.get("url") or held.original_name or "", "url_type": UPLOAD}
        values["mimetype"] = values["mimetype"] or held.media_type
        values["size"] = held.size if held.size is not None else values["size"]
    else:
        values |= {"url": held.address, "url_type": held.facts.get("url_type")}
    if held.original_name:
        values["original_name"] = held.original_name
    return values


def _plain(value: Any) -> Any:
    """Return a value as JSON can hold it."""
    return value.isoformat() if isinstance(value, datetime) else value
