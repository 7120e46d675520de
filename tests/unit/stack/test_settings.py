"""The portal's configuration and its secrets."""

from __future__ import annotations

import configparser
import stat
from pathlib import Path

import pytest
from stack import settings

TEMPLATE = (Path(__file__).resolve().parents[3] / "config" / "ckan.ini.template").read_text("utf-8")
VALUES = {
    "secret_key": "s",
    "token_secret": "t",
    "database_url": "postgresql://a:p%40ss@h/d",
    "datastore_write_url": "w",
    "datastore_read_url": "r",
    "redis_url": "redis://",
    "solr_url": "http://solr",
    "site_url": "http://portal",
    "storage_path": "/folder with spaces/100%",
    "ledger_folder": "/folder with spaces/ledger",
}


def read(text):
    parser = configparser.ConfigParser()
    parser.optionxform = str
    parser.read_string(text)
    return parser["app:main"]


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path):
    made = settings.keys(tmp_path / "secrets.json")
    assert all(len(value) >= 32 for value in made.values())
    assert len(set(made.values())) == len(made)
    assert settings.keys(tmp_path / "secrets.json") == made
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600


def test_secrets_that_were_cut_short_are_completed(tmp_path):
    (tmp_path / "secrets.json").write_text('{"redis": "kept", "sec')
    assert set(settings.keys(tmp_path / "secrets.json")) == set(settings.KEYS)


def test_the_template_takes_every_value_as_it_is():
    section = read(settings.rendered(TEMPLATE, VALUES))
    assert section["sqlalchemy.url"] == VALUES["database_url"]
    assert section["ckan.storage_path"] == VALUES["storage_path"]
    assert section["ckan.locale_default"] == "zh_Hans_CN"


def test_the_operator_s_own_lines_win():
    section = read(settings.rendered(TEMPLATE, VALUES, "# mine\nckan.site_title = 某市\nsmtp.server = mail:25\n"))
    assert section["ckan.site_title"] == "某市"
    assert section["smtp.server"] == "mail:25"


@pytest.mark.parametrize(
    ("host", "given", "expected"),
    [
        ("127.0.0.1", None, "http://127.0.0.1:5000"),
        ("0.0.0.0", None, "http://127.0.0.1:5000"),
        ("portal.example", None, "http://portal.example:5000"),
        ("0.0.0.0", "https://data.example/", "https://data.example"),
    ],
)
def test_links_lead_to_where_the_portal_listens_or_to_the_given_address(host, given, expected):
    assert settings.site_url(host, 5000, given) == expected


def test_the_ledger_s_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    folder = tmp_path / "var" / "ledger"
    settings.lay_ledger_keys(folder)
    made = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(made) == {"signing.pem", "signing.pem.pub", "address.key"}
    assert {stat.S_IMODE((folder / name).stat().st_mode) for name in ("signing.pem", "address.key")} == {0o600}
    settings.lay_ledger_keys(folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == made
