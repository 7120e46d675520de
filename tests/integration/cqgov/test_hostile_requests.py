"""What a hostile or broken client sends: an answer of the 400s, no error of the server, and nothing left behind."""

from __future__ import annotations

import json

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
from ckan.tests import factories

from ckanext.cqgov.exchange.reading import opened
from ckanext.cqgov.exchange.unreadable import Unreadable

pytestmark = pytest.mark.usefixtures("with_plugins")


def sent(app, action, body, **headers):
    """Send a body as it is to an action and return the answer's status."""
    url = f"/api/3/action/{action}"
    return app.post(url, data=body, headers={"Content-Type": "application/json", **headers}).status_code


@pytest.mark.parametrize("action", ["cqgov_organization_tree", "cqgov_duty_end", "package_show", "package_search"])
@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"id": "a\x00b"}),
        json.dumps({"id": "\ud800"}),
        json.dumps({"\x00": 1}),
        '{"id": ' + "[" * 5000 + "]" * 5000 + "}",
        '{"id": ' + '{"a":' * 200 + "1" + "}" * 201,
        "[" * 5000,
        '{"id": NaN}',
        '{"id": [-Infinity]}',
        '{"id": 1e999}',
    ],
)
def test_text_that_cannot_be_stored_and_endless_nesting_are_a_bad_request(app, action, body):
    assert sent(app, action, body) == 400


def test_such_text_is_refused_in_addresses_parameters_and_forms_too(app):
    for path in ("/dataset/%00", "/organization/%00/duties", "/catalogue/import/%00", "/organizations/tree?q=%00"):
        assert app.get(path).status_code == 400, path
    assert app.post("/api/3/action/package_show", data={json.dumps({"id": "\x00"}): "1"}).status_code == 400
    assert app.post("/api/3/action/package_show", data={"id": "a\x00b"}).status_code == 400


def test_whole_pairs_and_written_out_escapes_pass(app):
    word = "\U00020bb7野家\\u0000 NaN Infinity 1e999"
    answer = app.post("/api/3/action/cqgov_organization_tree", json={"q": word})
    assert answer.status_code == 200


@pytest.mark.parametrize("year", [[], [[]], {"a": {}}, [None]])
def test_a_year_of_another_kind_is_a_validation_error(year):
    with pytest.raises(tk.ValidationError):
        tk.get_action("cqgov_calendar_show")({}, {"year": year})


@pytest.mark.parametrize("given", [True, -1.5, ["x"], {"a": 1}])
def test_the_organization_of_an_import_or_export_must_be_a_text(given):
    user = factories.Sysadmin()
    context = {"user": user["name"], "ignore_auth": True}
    for action in ("cqgov_catalogue_import", "cqgov_catalogue_export"):
        with pytest.raises(tk.ValidationError) as refused:
            tk.get_action(action)(dict(context), {"organization": given})
        assert "organization" in refused.value.error_dict


def test_the_switches_of_an_import_must_be_true_or_false():
    context = {"user": factories.Sysadmin()["name"], "ignore_auth": True}
    for key in ("dry_run", "publish", "draft"):
        with pytest.raises(tk.ValidationError) as refused:
            tk.get_action("cqgov_catalogue_import")(dict(context), {key: "2026-13-45"})
        assert key in refused.value.error_dict


def test_a_number_of_thousands_of_digits_is_an_unreadable_file_and_no_crash(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('{"a":' + "9" * 5000 + "}")
    with pytest.raises(Unreadable), opened(path) as table:
        list(table.rows)


def test_a_record_nested_without_end_is_one_bad_row_and_the_rest_is_read(tmp_path):
    path = tmp_path / "x.json"
    path.write_text('[{"a": "1"}, {"a": ' + '{"a":' * 3000 + "1" + "}" * 3000 + '}, {"a": ["1", {"b": "2"}]}]')
    with opened(path) as table:
        assert [row for _number, row in table.rows] == [{"a": "1"}, {"": "…"}, {"a": ["1", {"b": "2"}]}]


def test_a_session_that_broke_is_left_to_nobody():
    """A flush that fails must not poison the thread: the next visitor would get the error of the one before."""
    from flask import got_request_exception

    model.Session.add(model.Tag("\x00"))
    with pytest.raises(ValueError):
        model.Session.flush()
    got_request_exception.send(None, exception=ValueError())
    assert model.Session.query(model.User).limit(1).all() is not None


@pytest.mark.parametrize("path", ["/api/3/action/user_show?id={}", "/user/{}"])
def test_a_visitor_cannot_tell_a_user_from_none(app, path):
    name = factories.User()["name"]
    told = [app.get(path.format(who)) for who in (name, "nobody-of-that-name")]
    assert told[0].status_code == told[1].status_code >= 400
    assert name not in told[0].get_data(as_text=True).replace(path.format(name), "")


def test_the_list_of_users_is_not_told_to_visitors(app):
    assert app.get("/api/3/action/user_list", status=403)
