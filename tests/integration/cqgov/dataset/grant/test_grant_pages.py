"""The pages of grants: on the entry, its own page with forms, and the holder's list."""

from __future__ import annotations

import pytest
from ckan.tests import factories

from .conftest import COLUMN

pytestmark = pytest.mark.usefixtures("non_clean_db", "clean_index", "with_plugins")


@pytest.fixture
def head(provider):
    """Return the header of the provider's head."""
    return {"Authorization": factories.APIToken(user=provider.head.name)["token"]}


def form(**changes):
    return {"purpose": "编制停车规划", "terms_version": "2026-1", **changes}


def test_the_head_gives_and_revokes_on_the_page(app, dataset, resource, head, holder, search):
    address = f"/dataset/{dataset['name']}/grants"
    shown = app.get(address, headers=head)
    assert shown.status_code == 200 and 'name="purpose"' in shown.text and "负责人" in shown.text
    data = form(holder_user=holder.name, resources=resource, columns="停车场\n泊位数", rows="区县 = 渝中区")
    made = app.post(address, headers=head, data=data, follow_redirects=False)
    assert made.status_code == 302, made.text
    assert search(holder)["records"][0] == {"停车场": "解放碑", "泊位数": 120}
    listed = app.get(address, headers=head)
    assert "编制停车规划" in listed.text and "区县 = 渝中区" in listed.text
    (grant,) = holder.call("cqgov_grant_list")
    assert grant["resource_titles"] == ["表"]
    bare = app.post(f"{address}/{grant['id']}/revoke", headers=head, data={})
    assert bare.status_code == 400 and "理由" in bare.text
    done = app.post(f"{address}/{grant['id']}/revoke", headers=head, data={"reason": "结束"}, follow_redirects=False)
    assert done.status_code == 302 and holder.call("cqgov_grant_list")[0]["state"] == "revoked"


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(app, dataset, head):
    answer = app.post(f"/dataset/{dataset['name']}/grants", headers=head, data=form(holder_user="nobody-here"))
    assert answer.status_code == 400 and "编制停车规划" in answer.text and 'aria-invalid="true"' in answer.text


def test_others_see_neither_the_form_nor_other_peoples_grants(app, dataset, give, holder, stranger):
    give()
    address = f"/dataset/{dataset['name']}/grants"
    own = app.get(address, headers=holder.headers)
    assert "编制停车规划" in own.text and 'name="purpose"' not in own.text and COLUMN not in own.text
    other = app.get(address, headers=stranger.headers)
    assert other.status_code == 200 and "编制停车规划" not in other.text and 'name="purpose"' not in other.text
    assert app.post(address, headers=stranger.headers, data=form(holder_user=stranger.name)).status_code == 403
    assert app.get(address).status_code == 403
    assert app.get("/dataset/no-such-entry/grants", headers=stranger.headers).status_code == 404


def test_a_grant_is_not_revoked_under_another_entrys_address(app, dataset, give, head, provider, restricted):
    granted = give()
    other = provider.head.call("package_create", **restricted(private=False))
    address = f"/dataset/{other['name']}/grants/{granted['id']}/revoke"
    assert app.post(address, headers=head, data={"reason": "x"}).status_code == 404


def test_the_entrys_page_tells_of_grants_those_who_see_them(app, dataset, give, holder, stranger, head):
    give(valid_until="2099-12-31")
    page = f"/dataset/{dataset['name']}"
    for headers, there in ((holder.headers, True), (head, True), (stranger.headers, False), ({}, False)):
        text = app.get(page, headers=headers).text
        assert ("2099-12-31" in text) is there and (f"{page}/grants" in text) is there


def test_the_holder_has_a_list_of_their_own(app, dataset, give, holder, stranger):
    give(valid_until="2099-12-31")
    mine = app.get("/dashboard/grants", headers=holder.headers)
    assert mine.status_code == 200 and "2099-12-31" in mine.text and dataset["title"] in mine.text
    assert mine.text.count("<h1") == 1
    assert "2099-12-31" not in app.get("/dashboard/grants", headers=stranger.headers).text
    assert app.get("/dashboard/grants", follow_redirects=False).status_code == 302


def test_the_pages_speak_english(app, dataset, give, head):
    give()
    assert "Give a grant" in app.get(f"/en/dataset/{dataset['name']}/grants", headers=head).text


def test_every_form_carries_the_form_token(app, dataset, head, give):
    give()
    page = app.get(f"/dataset/{dataset['name']}/grants", headers=head).text
    forms = [part.partition("</form>")[0] for part in page.split("<form ")[1:] if "/grants" in part.partition(">")[0]]
    assert len(forms) == 2 and all('name="_csrf_token"' in form for form in forms)
