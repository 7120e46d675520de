"""Who reads the ledger, the page for inspectors, the export, and the commands (Art. 5, 29, 31, 39)."""

from __future__ import annotations

import csv
import io
import json
import re
from uuid import uuid4

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.common import config
from ckan.tests import factories
from ckan.tests.helpers import call_action

from ckanext.cqgov import keyring, upkeep
from ckanext.cqgov.domain import ledger_verbs
from ckanext.cqgov.ledger import export, refused
from ckanext.cqgov.model import ledger

ROWS = [
    {"title": "重庆市", "name": "city", "kind": "city-government"},
    {"title": "市发展改革委", "name": "ndrc", "kind": "city-department", "parent": "city", "authority": True},
    {"title": "东区", "name": "east", "kind": "district-government", "parent": "city"},
    {
        "title": "东区发改委",
        "name": "east-ndrc",
        "kind": "district-department",
        "parent": "east",
        "authority": True,
    },
    {"title": "东区城管局", "name": "east-parks", "kind": "district-department", "parent": "east"},
    {"title": "西区", "name": "west", "kind": "district-government", "parent": "city"},
]


@pytest.fixture(autouse=True)
def tree(with_plugins, clean_db):
    """A city with two districts."""
    call_action("cqgov_organization_import", organizations=ROWS)


@pytest.fixture
def mark():
    """A verb of this test's own: entries of earlier tests stay, as they must."""
    return f"tested.{uuid4().hex[:8]}"


def staff(duty=None, place="city"):
    name = uuid4().hex
    made = factories.UserWithToken(name=f"u{name}", email=f"{name}@example.com")
    if duty:
        call_action("cqgov_duty_assign", user_id=made["name"], organization_id=place, duty=duty)
    return made


def places():
    return {name: model.Group.get(name).id for name in ("city", "ndrc", "east", "east-ndrc", "east-parks", "west")}


@pytest.fixture
def acts(mark):
    """One entry about each of two districts' offices, one about the city's and one about none."""
    ids = places()
    for name in ("east-parks", "west", "ndrc"):
        ledger.record(model.Session, "someone", mark, "organization", ids[name], {"name": name})
    ledger.record(model.Session, "someone", mark, "calendar", "2026", {"name": "none"})
    model.Session.commit()
    return mark


def read_by(user, verb, **more):
    found = call_action("cqgov_ledger_list", {"user": user["name"], "ignore_auth": False}, verb=verb, **more)
    return {row["detail"]["name"] for row in found["results"]}


@pytest.mark.parametrize(
    ("duty", "place", "read"),
    [
        ("inspector", "ndrc", {"east-parks", "west", "ndrc", "none"}),
        ("authority-officer", "ndrc", {"east-parks", "west", "ndrc", "none"}),
        ("inspector", "east", {"east-parks"}),
        ("authority-officer", "east-ndrc", {"east-parks"}),
        ("head", "east-parks", None),
        ("handler", "ndrc", None),
        (None, None, None),
    ],
)
def test_each_reads_what_they_oversee_or_inspect(acts, duty, place, read):
    user = staff(duty, place)
    if read is None:
        for action in ("cqgov_ledger_list", "cqgov_ledger_status", "cqgov_ledger_show"):
            with pytest.raises(tk.NotAuthorized):
                call_action(action, {"user": user["name"], "ignore_auth": False})
        return
    assert read_by(user, acts) == read
    rows = call_action("cqgov_ledger_list", verb=acts)["results"]
    for row in rows:
        context = {"user": user["name"], "ignore_auth": False}
        if row["detail"]["name"] in read:
            assert call_action("cqgov_ledger_show", context, id=row["id"])["id"] == row["id"]
        else:
            with pytest.raises(tk.ObjectNotFound):
                call_action("cqgov_ledger_show", context, id=row["id"])


def test_a_filter_by_organisation_never_widens_what_one_may_read(acts):
    user = staff("inspector", "east")
    assert read_by(user, acts, organization_id="east-parks") == {"east-parks"}
    assert read_by(user, acts, organization_id="west") == set()
    with pytest.raises(tk.ValidationError):
        read_by(user, acts, organization_id="nowhere")


def test_entries_of_the_first_version_belong_to_the_organisation_that_they_tell_of(mark):
    ids, user = places(), staff("inspector", "east")
    insert = sa.text(
        "INSERT INTO cqgov_ledger (actor, verb, subject_type, subject_id, detail, version) "
        "VALUES ('old', :verb, :type, :id, CAST(:detail AS jsonb), 1)"
    )
    for kind, id, detail in (
        ("organization", ids["east-parks"], {"name": "itself"}),
        ("duty", "d", {"name": "told", "organization_id": ids["east-parks"]}),
        ("dataset", "p", {"name": "owner", "owner_org": ids["east"]}),
        ("dataset", "p", {"name": "other", "owner_org": ids["west"]}),
    ):
        model.Session.execute(insert, {"verb": mark, "type": kind, "id": id, "detail": json.dumps(detail)})
    assert read_by(user, mark) == {"itself", "told", "owner"}
    model.Session.rollback()  # behind entries of version 2 they would break the chain, as they should


def test_filters_by_outcome_and_request_and_wrong_ones_are_told(mark):
    user = staff()
    refused({"user": user["name"]}, mark, "test", "x")
    ledger.record(model.Session, user["id"], mark, "test", "x", {})
    model.Session.commit()
    found = call_action("cqgov_ledger_list", verb=mark, outcome="refused")["results"]
    assert [row["outcome_title"] for row in found] == ["被拒绝 / refused"]
    assert call_action("cqgov_ledger_list", verb=mark, request_id="nothing")["results"] == []
    with pytest.raises(tk.ValidationError) as wrong:
        call_action("cqgov_ledger_list", outcome="perhaps")
    assert set(wrong.value.error_dict) == {"outcome"}


def test_the_page_shows_entries_filters_and_state_and_an_entry_its_seal(app, acts):
    upkeep.seal_ledger()
    headers = {"Authorization": staff("inspector", "ndrc")["token"]}
    page = app.get(f"/ledger?verb={acts}", headers=headers)
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    links = re.findall(r'href="(/ledger/\d+)"', text)
    assert len(links) == 4 and "东区城管局" in text
    one = app.get(links[0], headers=headers).get_data(as_text=True)
    assert acts in one and re.search("[0-9a-f]{64}", one)
    assert app.get("/ledger/999999999999", headers=headers).status_code == 404
    wrong = app.get("/ledger?outcome=perhaps&since=x&limit=1", headers=headers)
    assert wrong.status_code == 400 and 'href="#ledger-since"' in wrong.get_data(as_text=True)


def test_the_page_goes_on_to_older_entries(app, mark):
    ledger.record_many(model.Session, (ledger.Act("a", mark, "test", "x", {"n": n}) for n in range(60)))
    model.Session.commit()
    headers = {"Authorization": staff("inspector", "ndrc")["token"]}
    first = app.get(f"/ledger?verb={mark}", headers=headers).get_data(as_text=True)
    older = re.search(r'href="(/ledger\?[^"]*before=[^"]*)"', first).group(1).replace("&amp;", "&")
    second = app.get(older, headers=headers).get_data(as_text=True)
    numbers = [set(re.findall(r'href="/ledger/(\d+)"', page)) for page in (first, second)]
    assert (len(numbers[0]), len(numbers[1]), numbers[0] & numbers[1]) == (50, 10, set())


@pytest.mark.parametrize("address", ["/ledger", "/ledger/1", "/ledger/export.csv", "/ledger/export.jsonl"])
def test_the_pages_are_closed_to_everybody_else(app, address):
    headers = {"Authorization": staff("head", "east-parks")["token"]}
    assert app.get(address, headers=headers).status_code == 403
    assert app.get(address, follow_redirects=False).status_code in (302, 403)


@pytest.mark.parametrize(
    "address, verb", [("/ledger", "ledger.read"), ("/ledger/1", "ledger.read"), ("/ledger/export.csv", "ledger.export")]
)
def test_who_tries_to_read_it_without_the_duty_stands_in_it(app, address, verb):
    head = staff("head", "east-parks")
    app.get(address, headers={"Authorization": head["token"]}, expect_errors=True)
    found = ledger.listing(model.Session, actor=head["id"], outcome="refused")
    assert [(one["verb"], one["subject_type"]) for one in found] == [(verb, "ledger")]


@pytest.mark.parametrize("begin", "=+-@＝＋－＠\n\t")
def test_no_cell_of_the_export_is_a_formula_anywhere(begin):
    assert export._cell(f"{begin}1+1") == f"'{begin}1+1"


def test_the_export_is_whole_as_lines_safe_as_csv_and_recorded(app, mark):
    ledger.record(model.Session, "a", mark, "test", "=1+1", {"字": "中文", "n": 1.5})
    model.Session.commit()
    upkeep.seal_ledger()
    inspector = staff("inspector", "ndrc")
    headers = {"Authorization": inspector["token"]}
    lines = app.get(f"/ledger/export.jsonl?verb={mark}", headers=headers)
    assert lines.content_type.startswith("application/x-ndjson")
    (row,) = [json.loads(line) for line in lines.get_data(as_text=True).splitlines()]
    assert (row["subject_id"], row["detail"]) == ("=1+1", {"字": "中文", "n": 1.5})
    assert len(row["hash"]) == len(row["prev_hash"]) == 64
    sheet = app.get(f"/ledger/export.csv?verb={mark}", headers=headers)
    assert "filename*=UTF-8''" in sheet.headers["Content-Disposition"]
    text = sheet.get_data(as_text=True)
    assert text.startswith("\ufeffid,at,actor")
    (cells,) = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    assert (cells["subject_id"], json.loads(cells["detail"])) == ("'=1+1", {"字": "中文", "n": 1.5})
    exports = ledger.listing(model.Session, actor=inspector["id"], verb="ledger.export")
    assert [one["detail"]["format"] for one in exports] == ["csv", "jsonl"]
    assert exports[0]["detail"]["verb"] == mark
    assert app.get("/ledger/export.xml", headers=headers).status_code == 404
    assert app.get("/ledger/export.csv?since=x", headers=headers).status_code == 400


def test_the_export_of_a_district_holds_its_own_only(app, acts):
    headers = {"Authorization": staff("inspector", "east")["token"]}
    lines = app.get(f"/ledger/export.jsonl?verb={acts}", headers=headers).get_data(as_text=True).splitlines()
    assert [json.loads(line)["detail"]["name"] for line in lines] == ["east-parks"]
    empty = app.get("/ledger/export.csv?verb=nothing", headers=headers).get_data(as_text=True)
    assert empty.startswith("\ufeffid,at,actor") and len(empty.splitlines()) == 1


@pytest.fixture
def keys(tmp_path, monkeypatch):
    """Keys and a file of checkpoints, as ``make run`` lays them; nothing is left in the database's checkpoints."""
    for name, file in (("key", "signing.pem"), ("address_key", "address.key"), ("checkpoints", "checkpoints.jsonl")):
        monkeypatch.setitem(config, f"ckanext.cqgov.ledger.{name}", str(tmp_path / file))
    yield tmp_path
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE cqgov_ledger_checkpoint DISABLE TRIGGER USER"))
        connection.execute(sa.text("DELETE FROM cqgov_ledger_checkpoint"))
        connection.execute(sa.text("ALTER TABLE cqgov_ledger_checkpoint ENABLE TRIGGER USER"))


def test_the_commands_make_keys_sign_verify_and_export(cli, keys, mark):
    made = cli.invoke(ckan, ["cqgov", "ledger", "keys"])
    assert made.exit_code == 0 and made.output.count("made") == 2, made.output
    assert "kept" in cli.invoke(ckan, ["cqgov", "ledger", "keys"]).output
    assert keyring.is_private(keys / "signing.pem") and keyring.is_private(keys / "address.key")
    ledger.record(model.Session, "a", mark, "test", "x", {})
    model.Session.commit()
    assert cli.invoke(ckan, ["cqgov", "ledger", "seal"]).exit_code == 0
    found = json.loads(cli.invoke(ckan, ["cqgov", "ledger", "verify", "--json"]).stdout)
    assert found["whole"] and found["unsealed"] == 0 and not found["gaps"]
    assert found["checkpoint"]["key"] == keyring.signer(keys / "signing.pem")
    path = keys / "ledger.jsonl"
    assert cli.invoke(ckan, ["cqgov", "ledger", "export", "-o", str(path)]).exit_code == 0
    offline = cli.invoke(ckan, ["cqgov", "ledger", "verify", "--export", str(path)])
    assert offline.exit_code == 0 and "intact" in offline.output, offline.output
    path.write_text(path.read_text().replace(f'"{mark}"', '"forged"'))
    broken = cli.invoke(ckan, ["cqgov", "ledger", "verify", "--export", str(path)])
    assert broken.exit_code == 1 and "is broken" in broken.output
    (keys / "checkpoints.jsonl").unlink()
    assert cli.invoke(ckan, ["cqgov", "ledger", "verify", "--no-seal"]).exit_code == 3
    (keys / "signing.pem.pub").unlink()
    assert cli.invoke(ckan, ["cqgov", "ledger", "verify", "--no-seal"]).exit_code == 3


def test_addresses_are_shown_to_the_holder_of_the_key_and_that_is_recorded(cli, app, keys, mark):
    cli.invoke(ckan, ["cqgov", "ledger", "keys"])
    with app.flask_app.test_request_context("/", environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        ledger.record(model.Session, "a", mark, "test", "x", {})
        model.Session.commit()
    (row,) = call_action("cqgov_ledger_list", verb=mark)["results"]
    assert row["has_address"] and "address" not in row
    assert "203.0.113.9" not in cli.invoke(ckan, ["cqgov", "ledger", "list", "--verb", mark]).output
    assert "203.0.113.9" in cli.invoke(ckan, ["cqgov", "ledger", "list", "--verb", mark, "--addresses"]).output
    shown = cli.invoke(ckan, ["cqgov", "ledger", "export", "--verb", mark, "--addresses"]).stdout
    assert json.loads(shown)["client_address"] == "203.0.113.9"
    looks = ledger.listing(model.Session, verb="ledger.addresses", limit=2)
    assert [one["detail"].get("verb") for one in looks] == [mark, mark]


def test_a_key_that_is_missing_keeps_nothing_from_being_sealed(keys, mark, caplog):
    ledger.record(model.Session, "a", mark, "test", "x", {})
    model.Session.commit()
    assert upkeep.seal_ledger() >= 1
    assert "no checkpoint was made" in caplog.text
    assert call_action("cqgov_ledger_list", verb=mark)["results"][0]["position"]


def test_the_upkeep_verifies_when_it_is_due_and_records_what_it_found(monkeypatch):
    monkeypatch.setitem(config, "ckanext.cqgov.ledger.verify_hours", 24)
    upkeep.verify_ledger()
    last = ledger.listing(model.Session, verb="ledger.verify", limit=1)[0]
    assert last["outcome"] == "done" and last["detail"]["whole"] is True
    assert upkeep.verify_ledger() == 0
    status = call_action("cqgov_ledger_status")
    assert status["verified"]["whole"] is True and status["guarded"] is False


def test_the_sql_for_the_administrator_names_the_portal_s_role(cli):
    role = model.Session.execute(sa.text("SELECT current_user")).scalar()
    sql = cli.invoke(ckan, ["cqgov", "ledger", "permissions"]).stdout
    assert f'TO "{role}"' in sql and "OWNER TO cqgov_ledger" in sql
    assert f'OWNER TO "{role}"' in cli.invoke(ckan, ["cqgov", "ledger", "permissions", "--open"]).stdout


def test_every_verb_that_the_code_records_has_a_name():
    from pathlib import Path

    import ckanext.cqgov

    root = Path(ckanext.cqgov.__file__).parent
    calls = re.compile(r"\b(?:record|Act|refused)\(.{,120}?\"([a-z-]+\.[a-z-]+)\"", re.DOTALL)
    found = {verb for path in root.rglob("*.py") for verb in calls.findall(path.read_text("utf-8"))}
    assert {"dataset.purge", "dataset.withdraw", "ledger.verify"} <= found
    assert found <= set(ledger_verbs.VERBS), found - set(ledger_verbs.VERBS)
