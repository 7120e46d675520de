"""Demo accounts: one for each role, with random passwords and API tokens in a file only its owner can read."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import ckan.model as model
import ckan.plugins.toolkit as tk
from ckan.lib import api_token

MARK = {"cqgov": {"demo": True}}  # in the account's plugin_extras; only accounts that bear it are ever touched
TOKEN = "demo"

Say = Callable[[str], None]
Context = Callable[[], dict[str, Any]]


def default_path() -> Path:
    """Return where the accounts are written: beside the portal's configuration file."""
    return Path(tk.config["__file__"]).resolve().parent / "accounts.json"


def load(accounts: list[dict[str, Any]], path: Path, context: Context, say: Say) -> int:
    """Make the accounts that are missing and write all of them to ``path``; return how many were made or renewed.

    What the file says about an account stays as long as it is true: a second run changes neither passwords nor tokens.
    An account of ours that the file does not know gets a new password. An account of the same name that is not of the
    demo is left alone and not written.
    """
    known = _read(path)
    written, changed = [], 0
    for wanted in accounts:
        user = model.User.get(wanted["name"])
        if user is not None and not is_demo(user):
            say(f"账号 {wanted['name']} 已存在且不是演示账号，未改动 / account exists and is not ours: left alone")
            continue
        before = known.get(wanted["name"], {})
        password = before.get("password") or secrets.token_urlsafe(12)
        if user is None:
            _create(wanted, password, context)
            changed += 1
        elif not before.get("password") or user.state != model.State.ACTIVE:
            _renew(wanted, password, context)
            changed += 1
        written.append(
            {
                "name": wanted["name"],
                "password": password,
                "token": before.get("token"),
                "organization": wanted.get("organization"),
                "duties": wanted.get("duties", []),
            }
        )
        _save(path, written, known)  # at once: a password that only the database knows would be lost
    for entry in written:
        if not _works(entry["token"], entry["name"]):
            entry["token"] = _token(entry["name"], context)
            _save(path, written, known)
    return changed


def is_demo(user: Any) -> bool:
    """Return whether an account was made by this loader."""
    return bool(((user.plugin_extras or {}).get("cqgov") or {}).get("demo"))


def _create(wanted: Mapping[str, Any], password: str, context: Context) -> None:
    tk.get_action("user_create")(
        context(),
        {
            "name": wanted["name"],
            "fullname": wanted["fullname"],
            "email": f"{wanted['name']}@demo.example.org",
            "about": "演示账号，人物为虚构。",
            "password": password,
            "sysadmin": bool(wanted.get("sysadmin")),
            "plugin_extras": MARK,
        },
    )


def _renew(wanted: Mapping[str, Any], password: str, context: Context) -> None:
    tk.get_action("user_patch")(context(), {"id": wanted["name"], "password": password, "state": model.State.ACTIVE})


def _works(token: Any, name: str) -> bool:
    owner = api_token.get_user_from_token(token, update_access_time=False) if token else None
    return owner is not None and owner.name == name


def _token(name: str, context: Context) -> str:
    """Make a new token; an old one of ours that nobody has the text of any more is revoked."""
    user = model.User.get(name)
    for old in [token for token in user.api_tokens if token.name == TOKEN]:
        model.ApiToken.revoke(old.id)
    wanted = {
        "user": name,
        "name": TOKEN,
        "scope": "full",
        "expires_in": tk.config["ckanext.cqgov.limits.token.most_days"],
    }
    return tk.get_action("api_token_create")(context(), wanted)["token"]


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        listed = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        message = f"账号文件无法读取 / the accounts file can't be read: {path}: {error}"
        raise tk.ValidationError({"accounts": [message]}) from error
    return {entry["name"]: entry for entry in listed if isinstance(entry, dict) and "name" in entry}


def _save(path: Path, written: list[dict[str, Any]], known: Mapping[str, dict[str, Any]]) -> None:
    """Replace the file in one step; an entry that this run has not come to yet stays in it."""
    names = {entry["name"] for entry in written}
    rest = [entry for name, entry in known.items() if name not in names]
    text = json.dumps([*written, *rest], ensure_ascii=False, indent=2) + "\n"
    if path.exists() and path.read_text("utf-8") == text and path.stat().st_mode & 0o777 == 0o600:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)
