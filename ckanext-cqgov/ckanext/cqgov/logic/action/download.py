"""Actions of downloads: links to data, and the address that a provider entered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import ckan.plugins.toolkit as tk

from ckanext.cqgov.catalogue import access, grants, vault
from ckanext.cqgov.domain.access import Level
from ckanext.cqgov.domain.vault import FILE, LINK
from ckanext.cqgov.download import link
from ckanext.cqgov.logic import asking, named

__all__ = ["cqgov_download_link", "cqgov_resource_address"]


def cqgov_download_link(context, data_dict):
    """Return the way to the data of a resource, for who may have them (Arts. 16, 19, 22, 24).

    Of an open resource that is its own address. Of any other it is a link that is good for some minutes, and only together with
    the session or API token that asked for it; the right to the data is checked again when it is followed.

    :param id: the id of the resource

    :returns: ``{"url", "expires", "kind", "name", "format", "media_type", "size", "sha256"}``; ``expires`` (ISO 8601, UTC) and the
    facts of the file are null for what is open, ``kind`` is ``file`` or ``link``, ``size`` is in bytes
    :raises NotFound: when there is no such resource for whoever asks, or it has no data
    :raises NotAuthorized: for whom only the catalogue entry is open
    """
    resource, package = _of(context, data_dict)
    access.require(context, package, Level.DATA)
    tk.check_access("cqgov_download_link", context, {"id": resource.id, "package": package})
    held = vault.address(resource.id)
    if held is None:
        shown = tk.get_action("resource_show")(tk.fresh_context(context), {"id": resource.id})
        return _told(shown.get("url") or "", None, None)
    user = asking.user(context)
    if user is None or (held.kind == FILE and not held.address):
        raise tk.ObjectNotFound(tk._("No download is available"))
    held = grants.described(access.viewer(context), resource, held)
    token = link.issued(resource.id, user.id)
    url = tk.url_for("cqgov_download.follow", token=token, qualified=True, locale="default")
    return _told(url, datetime.now(UTC) + timedelta(seconds=link.seconds()), held)


@tk.side_effect_free
def cqgov_resource_address(context, data_dict):
    """Return what the provider entered for a resource that is not open: for who may edit its entry, and nobody else (Art. 22).

    :param id: the id of the resource

    :returns: ``{"id", "kind", "url", "name", "format", "media_type", "size", "sha256"}``; ``kind`` is ``link`` (then ``url`` is its
    address), ``file`` (then ``name`` is the file's) or null where nothing is in the vault (then ``url`` is the public one)
    :raises NotFound: when there is no such resource for whoever asks
    :raises NotAuthorized: for who may not edit the entry
    """
    resource, package = _of(context, data_dict)
    access.require(context, package, Level.CATALOGUE)
    tk.check_access("cqgov_resource_address", context, {"id": resource.id, "package": package})
    held = vault.address(resource.id)
    if held is None:
        shown = tk.get_action("resource_show")(tk.fresh_context(context), {"id": resource.id})
        return {"id": resource.id, **_facts(None), "url": shown.get("url")}
    return {"id": resource.id, **_facts(held), "url": held.address if held.kind == LINK else None}


def _of(context: Any, data_dict: Any) -> tuple[Any, Any]:
    """Return the resource and its dataset; who sees nothing of it is told by the level of access that follows."""
    resource = named.resource(tk.get_or_bust(data_dict, "id"))
    if resource is None:
        raise tk.ObjectNotFound()
    return resource, resource.package


def _facts(held: Any) -> dict[str, Any]:
    keys = {"kind": "kind", "name": "original_name", **{key: key for key in ("format", "media_type", "size", "sha256")}}
    return {key: getattr(held, name, None) for key, name in keys.items()}


def _told(url: str, expires: datetime | None, held: Any) -> dict[str, Any]:
    return {"url": url, "expires": expires.isoformat(timespec="seconds") if expires else None, **_facts(held)}
