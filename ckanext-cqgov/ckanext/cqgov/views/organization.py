"""The page of the whole tree of organisations."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ckan.plugins.toolkit as tk
from flask import Blueprint

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_organization", __name__)


@blueprint.get("/organizations/tree")
def tree():
    """Show every organisation below its superior; ``q`` filters. A plain GET form: a result can be linked to."""
    query = tk.request.args.get("q", "").strip()[:200]
    nodes = tk.get_action("cqgov_organization_tree")({"user": tk.g.user}, {"q": query})
    shown = {"query": query, "nodes": nodes, "found": _count(nodes)}
    return tk.render("cqgov/organization/tree.html", shown)


def _count(nodes: Iterable[dict[str, Any]]) -> int:
    return sum(1 + _count(node["children"]) for node in nodes)
