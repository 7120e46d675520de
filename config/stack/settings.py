"""The portal's configuration ``var/ckan.ini`` and the secrets in it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from string import Template

from stack.places import Places, read_json, write_private
from stack.services import Services

KEYS = ("secret_key", "token_secret", "postgres", "cqgov", "cqgov_reader", "redis", "supervisor")


def keys(path: Path) -> dict[str, str]:
    """Return the checkout's secrets, making those that are missing.

    :param path: file in which they are kept, readable by its owner only.
    """
    kept = read_json(path)
    complete = {name: kept.get(name) or secrets.token_urlsafe(32) for name in KEYS}
    if complete != kept:
        write_private(path, json.dumps(complete, indent=1) + "\n")
    return complete


def site_url(host: str, port: int, given: str | None) -> str:
    """Return the address that links lead to: ``SITE_URL`` if given, else the one that the portal listens on."""
    if given:
        return given.rstrip("/")
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"


def rendered(template: str, values: Mapping[str, str], local: str = "") -> str:
    """Return the configuration.

    :param template: text with ``${name}`` for each value.
    :param values: the values; a ``%`` in them is doubled, as the format wants it.
    :param local: the operator's own ``key = value`` lines; each takes the place of the template's line with that key.
    """
    text = Template(template).substitute({name: value.replace("%", "%%") for name, value in values.items()})
    own = [line for line in local.splitlines() if "=" in line and not line.lstrip().startswith(("#", ";", "["))]
    names = {line.split("=", 1)[0].strip() for line in own}
    lines = []
    for line in text.splitlines():
        if "=" in line and line.split("=", 1)[0].strip() in names:
            continue
        lines.append(line)
        if line.strip() == "use = egg:ckan":
            lines += own
    return "\n".join(lines) + "\n"


def ledger_folder(places: Places) -> Path:
    """Return the folder of what the ledger keeps outside the database."""
    return places.var / "ledger"


def lay_ledger_keys(folder: Path) -> None:
    """Make the keys that sign the ledger's checkpoints and encrypt addresses, unless they are there."""
    from ckanext.cqgov import keyring

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    keyring.make_signing_key(folder / "signing.pem")
    keyring.make_address_key(folder / "address.key")


def write(places: Places, services: Services, secret: Mapping[str, str], address: str) -> None:
    """Write ``var/ckan.ini``, readable by its owner only, and make the keys that it names.

    :param places: the checkout.
    :param services: addresses of the services.
    :param secret: the checkout's secrets.
    :param address: the portal's address.
    """
    lay_ledger_keys(ledger_folder(places))
    local = places.var / "local.ini"
    values = {
        "secret_key": secret["secret_key"],
        "token_secret": secret["token_secret"],
        "database_url": services.database,
        "datastore_write_url": services.datastore_write,
        "datastore_read_url": services.datastore_read,
        "redis_url": services.redis,
        "solr_url": services.solr,
        "site_url": address,
        "storage_path": str(places.var / "storage"),
        "ledger_folder": str(ledger_folder(places)),
    }
    template = (places.root / "config" / "ckan.ini.template").read_text("utf-8")
    text = rendered(template, values, local.read_text("utf-8") if local.exists() else "")
    if not places.ini.exists() or places.ini.read_text("utf-8") != text:
        write_private(places.ini, text)
