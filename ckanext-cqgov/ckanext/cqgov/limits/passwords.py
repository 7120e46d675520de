"""The rule of passwords in CKAN's own place for it, so that every form and the API go by it."""

from __future__ import annotations

from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk

from ckanext.cqgov.domain.limits_accounts import password_problem
from ckanext.cqgov.language import pick
from ckanext.cqgov.limits.settings import setting


def user_password_validator(key: Any, data: Any, errors: Any, context: Any) -> None:
    """Refuse a password that is short, easy to guess or holds its owner's name; nothing means that none is set."""
    value = data[key]
    if isinstance(value, tk.missing.__class__) or value == "":
        return
    if not isinstance(value, str):
        errors[("password",)].append(tk._("Passwords must be strings"))
        return
    least, strength = setting("password.minimum_length"), setting("password.strength")
    if problem := password_problem(value, names(data, context), least=least, strength=strength):
        errors[("password",)].append(pick(problem))


def names(data: Any, context: Any) -> list[str]:
    """Return the names of whose password it is: as sent, and as stored."""
    found = [data.get((field,)) for field in ("name", "fullname", "email")]
    user = context.get("user_obj") or model.User.get(data.get(("id",)) or "")
    if user is not None:
        found += [user.name, user.fullname, user.email]
    return [each.partition("@")[0] for each in found if isinstance(each, str)]
