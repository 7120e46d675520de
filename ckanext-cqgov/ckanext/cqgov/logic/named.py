"""What a client names: the dataset or resource behind an id or name that may be of any kind, or of nothing."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk


def package(reference: Any) -> Any:
    """Return the CKAN package with this id or name, in whatever state, None where there is none; whoever asks may not see it yet."""
    return model.Package.get(reference) if _is_key(reference) else None


def required_package(reference: Any) -> Any:
    """Return the CKAN package with this id or name. Raises ``ObjectNotFound`` as CKAN does for a name that nobody bears.

    In an action one that does not exist for whoever asks was replaced by such a name before (``logic.existence``).
    """
    found = package(reference)
    if found is None:
        raise tk.ObjectNotFound(tk._("Dataset not found"))
    return found


def resource(reference: Any) -> Any:
    """Return the active CKAN resource with this id, None where there is none; whoever asks may not see it yet."""
    found = model.Resource.get(reference) if _is_key(reference) else None
    return found if found is not None and found.state == "active" else None


def _is_key(reference: Any) -> bool:
    """Say whether the database can be asked for it: PostgreSQL takes no zero character."""
    return isinstance(reference, str) and reference != "" and "\0" not in reference
