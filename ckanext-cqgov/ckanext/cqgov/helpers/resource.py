"""Template helpers of a resource's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import ckan.plugins.toolkit as tk

__all__ = ["format_resource_items"]

Items = list[tuple[str, Any]]


@tk.chained_helper
def format_resource_items(core: Callable[[Items], Items], items: Iterable[tuple[str, Any]]) -> Items:
    """Return what a reader can use of a resource's facts, named in the page's language.

    Core lists every key of the resource as it is in the program ("Package id", "Datastore active").
    """
    names = {
        "id": tk._("ID"),
        "original name": tk._("Original file name"),
        "size": tk._("File Size"),
        "mimetype": tk._("MIME Type"),
        "hash": tk._("Checksum"),
    }
    return [(names[key], value) for key, value in core(list(items)) if key in names]
