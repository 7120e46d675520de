"""The words of the search through CKAN's actions, the pages and the commands."""

from __future__ import annotations

import io
import re
import threading

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.cli.cli import ckan
from ckan.config.middleware.flask_app import csrf
from ckan.tests import factories
from ckan.tests.helpers import call_action
from werkzeug.datastructures import FileStorage

from ckanext.cqgov import term_file
from ckanext.cqgov.catalogue import search_terms
from ckanext.cqgov.model import generation, ledger, search_term

ORGANIZATIONS = [
    {"title": "重庆市", "name": "city", "kind": "city-government"},
    {"title": "市大数据局", "name": "data", "kind": "city-department", "parent": "city", "authority": True},
    {"title": "东区", "name": "east", "kind": "district-government", "parent": "city", "authority": True},
]
ACTIONS = ("list", "show", "check", "create", "update", "delete", "import")


@pytest.fixture(autouse=True)
def tree(with_plugins, clean_db):
    """A city, its competent department and a district."""
    call_action("cqgov_organization_import", organizations=ORGANIZATIONS)


def officer(place="data", duty="authority-officer"):
    user = factories.UserWithToken()
    call_action("cqgov_duty_assign", user_id=user["name"], organization_id=place, duty=duty)
    return user


def add(words="公厕、公共厕所", kind="synonym", **more):
    return call_action("cqgov_search_term_create", kind=kind, words=words, **more)


def others(word):
    return search_terms.current().others(word)


def acts(verb, id):
    return ledger.listing(model.Session, verb=f"search-term.{verb}", subject_id=id)


def csv(*lines, head="kind,words,present,note,id"):
    return FileStorage(io.BytesIO("\n".join([head, *lines]).encode()), filename="terms.csv")


def test_a_group_is_known_from_the_next_search_on_and_forgotten_when_it_is_deleted():
    assert others("公厕") == ()
    group = add()
    assert others("公厕") == ("公共厕所",)
    call_action("cqgov_search_term_update", id=group["id"], words=["公厕", "公共厕所", "公共卫生间"])
    assert others("公厕") == ("公共厕所", "公共卫生间")
    call_action("cqgov_search_term_delete", id=group["id"])
    assert others("公厕") == ()


def test_another_process_knows_it_by_the_number_of_the_topic():
    before = generation.of("search-terms")
    group = add()
    first = generation.of("search-terms")
    call_action("cqgov_search_term_update", id=group["id"], note="unchanged words")
    second = generation.of("search-terms")
    call_action("cqgov_search_term_delete", id=group["id"])
    assert before < first < second < generation.of("search-terms")


def test_each_change_is_one_row_of_the_ledger_with_what_was_and_what_is():
    user = officer()
    context = {"user": user["name"], "ignore_auth": False}
    group = call_action("cqgov_search_term_create", context, kind="synonym", words="公厕、公共厕所")
    call_action("cqgov_search_term_update", dict(context), id=group["id"], words="公厕、厕所")
    call_action("cqgov_search_term_update", dict(context), id=group["id"], words="公厕、厕所")  # changes nothing
    call_action("cqgov_search_term_delete", dict(context), id=group["id"])
    (created,), (updated,), (deleted,) = (acts(verb, group["id"]) for verb in ("create", "update", "delete"))
    assert {row["subject_id"] for row in (created, updated, deleted)} == {group["id"]}
    assert {row["actor"] for row in (created, updated, deleted)} == {user["id"]}
    assert (created["detail"]["before"], created["detail"]["after"]["words"]) == (None, ["公厕", "公共厕所"])
    assert (updated["detail"]["before"]["words"], updated["detail"]["after"]["words"]) == (
        ["公厕", "公共厕所"],
        ["公厕", "厕所"],
    )
    assert deleted["detail"]["after"] is None


def test_a_change_that_cannot_be_recorded_does_not_happen(monkeypatch):
    before = generation.of("search-terms")

    def broken(*_args):
        raise RuntimeError("the ledger does not answer")

    monkeypatch.setattr(ledger, "record_many", broken)
    with pytest.raises(RuntimeError):
        add()
    model.Session.rollback()
    assert (search_term.groups(), generation.of("search-terms")) == ([], before)


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_but_sysadmins_and_officers_of_the_city_may(app, action):
    group = add()
    data = {"id": group["id"], "q": "公厕", "kind": "name", "words": "长江北岸", "groups": []}
    refused = [factories.UserWithToken(), officer("data", "handler"), officer("east")]
    for headers in ({}, *({"Authorization": user["token"]} for user in refused)):
        answer = app.post(f"/api/3/action/cqgov_search_term_{action}", json=data, headers=headers)
        assert answer.status_code == 403, answer.body
    assert [one.words for one in search_term.groups()] == [("公厕", "公共厕所")]
    for user in (officer(), factories.SysadminWithToken()):
        answer = app.post(
            f"/api/3/action/cqgov_search_term_{action}",
            json={**data, "words": f"长江北岸{user['id'][:8]}", "kind": "name"},
            headers={"Authorization": user["token"]},
        )
        assert answer.status_code in ((200, 404) if action in ("delete", "show", "update") else (200,)), answer.body


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"kind": "synonym", "words": "公厕"}, "words"),
        ({"kind": "nickname", "words": "公厕、厕所"}, "kind"),
        ({"words": "公厕、厕所"}, "kind"),
        ({"kind": "synonym"}, "words"),
        ({"kind": "synonym", "words": {"a": 1}}, "words"),
        ({"kind": "synonym", "words": ["公厕", 3]}, "words"),
        ({"kind": "synonym", "words": ["公厕", 'x:"y"']}, "words"),
        ({"kind": "synonym", "words": "公厕、\ud800厕"}, "words"),
        ({"kind": "synonym", "words": "公" * 5_000}, "words"),
        ({"kind": "renamed", "words": "工商局"}, "present"),
        ({"kind": ["synonym"], "words": "公厕、厕所"}, "kind"),
        ({"kind": "related", "words": "找工作"}, "related"),
        ({"kind": "related", "words": "找工作", "related": ["招聘", 3]}, "related"),
        ({"kind": "related", "words": "找工作", "related": {"a": 1}}, "related"),
        ({"kind": "synonym", "words": "公厕、厕所", "related": "招聘"}, "related"),
        ({"kind": "synonym", "words": "公厕、厕所", "note": "注" * 600}, "note"),
    ],
)
def test_wrong_input_is_a_sentence_at_its_field(data, field):
    with pytest.raises(tk.ValidationError) as refused:
        call_action("cqgov_search_term_create", **data)
    assert list(refused.value.error_dict) == [field]
    assert search_term.groups() == []


def test_a_word_is_refused_where_another_group_of_its_kind_has_it():
    add("公厕、公共厕所")
    with pytest.raises(tk.ValidationError) as refused:
        add("洗手间、公廁")
    assert "公厕、公共厕所" in refused.value.error_dict["words"][0]
    add("公共厕所", kind="name")


def test_the_database_itself_refuses_a_word_twice_and_a_second_present_name():
    add("公厕、公共厕所")
    add("工商局", kind="renamed", present="市场监管局")
    insert = "INSERT INTO cqgov_search_term (kind, key, group_id, word, present, position) VALUES "
    renamed = model.Session.execute(sa.text("SELECT id FROM cqgov_search_term_group WHERE kind = 'renamed'")).scalar()
    model.Session.commit()
    for values in ("('synonym', '公厕', '{0}', '公厕', false, 9)", "('renamed', '某局', '{0}', '某局', true, 9)"):
        with pytest.raises(sa.exc.IntegrityError):
            model.Session.execute(sa.text(insert + values.format(renamed)))
        model.Session.rollback()


def test_what_people_say_finds_what_the_catalogue_calls_it_and_never_the_reverse():
    group = add("找工作、找活", kind="related", related="招聘、就业服务")
    assert (group["words"], group["related"]) == (["找工作", "找活"], ["招聘", "就业服务"])
    assert call_action("cqgov_search_term_show", id=group["id"]) == group
    add("缺人", kind="related", related=["招聘"])
    with pytest.raises(tk.ValidationError) as refused:
        add("找活", kind="related", related="岗位")
    assert list(refused.value.error_dict) == ["words"]
    terms = search_terms.current()
    assert [terms.related(word) for word in ("找活", "缺人", "招聘")] == [("招聘", "就业服务"), ("招聘",), ()]
    assert call_action("cqgov_search_term_list", q="招聘")["count"] == 2
    changed = call_action("cqgov_search_term_update", id=group["id"], related="招聘、岗位")
    assert changed["words"] == group["words"] and search_terms.current().related("找工作") == ("招聘", "岗位")
    assert acts("update", group["id"])[0]["detail"]["after"]["related"] == ["招聘", "岗位"]


def test_the_database_itself_refuses_a_word_said_twice_and_words_of_the_catalogue_elsewhere():
    groups = {"related": add("找工作", kind="related", related="招聘"), "synonym": add("公厕、公共厕所")}
    other = add("缺人", kind="related", related="招聘")
    insert = "INSERT INTO cqgov_search_term (kind, key, group_id, word, present, position) VALUES "
    for kind, id, key, present in (
        ("related", other["id"], "找工作", "false"),
        ("related", other["id"], "招聘", "true"),
        ("synonym", groups["synonym"]["id"], "招聘", "true"),
        ("related", groups["synonym"]["id"], "招聘", "true"),
    ):
        with pytest.raises(sa.exc.IntegrityError):
            model.Session.execute(sa.text(f"{insert} ('{kind}', '{key}', '{id}', '{key}', {present}, 9)"))
        model.Session.rollback()


def test_two_who_add_the_same_word_at_once_end_with_one_group():
    outcomes, gate = [], threading.Barrier(4)

    def one(number):
        gate.wait()
        try:
            add(f"公厕、词语{number}")
            outcomes.append("added")
        except tk.ValidationError as error:
            outcomes.append(sorted(error.error_dict)[0])
        finally:
            model.Session.remove()

    threads = [threading.Thread(target=one, args=[number]) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join(60) for thread in threads]
    assert sorted(outcomes) == ["added", "words", "words", "words"]
    assert len(search_term.groups()) == 1


def test_an_import_takes_all_rows_or_none_and_names_the_wrong_ones():
    add("公厕、公共厕所")
    with pytest.raises(tk.ValidationError) as refused:
        call_action(
            "cqgov_search_term_import",
            upload=csv("同义词,低保、最低生活保障", "同义词,医保", ",养老、敬老", "更名,工商局"),
        )
    told = " ".join(refused.value.error_dict["upload"])
    assert all(f"第 {row} 行" in told for row in (3, 4, 5)) and "第 2 行" not in told
    assert len(search_term.groups()) == 1


def test_the_same_file_twice_changes_nothing_and_a_trial_run_writes_nothing():
    rows = ("同义词,低保、最低生活保障", "更名,工商局|质监局,市场监管局")
    trial = call_action("cqgov_search_term_import", upload=csv(*rows), dry_run=True)
    assert (trial["created"], search_term.groups()) == (2, [])
    first = call_action("cqgov_search_term_import", upload=csv(*rows))
    number = generation.of("search-terms")
    again = call_action("cqgov_search_term_import", upload=csv(*rows))
    assert (first["created"], again["created"], again["updated"], again["unchanged"]) == (2, 0, 0, 2)
    assert generation.of("search-terms") == number
    assert [len(acts("create", group.id)) for group in search_term.groups()] == [1, 1]
    assert others("质监局") == ("市场监管局",)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"groups": "公厕"},
        {"groups": ["公厕"]},
        {"groups": [{"kind": 5, "words": None}]},
        {"groups": [{"kind": "synonym", "words": [1]}]},
        {"upload": "not a file"},
        {"upload": FileStorage(io.BytesIO(b"\x00\x01"), filename="x.csv")},
        {"groups": [], "shipped": True},
        {"shipped": "perhaps"},
    ],
)
def test_an_import_that_makes_no_sense_is_a_sentence(data):
    with pytest.raises(tk.ValidationError):
        call_action("cqgov_search_term_import", **data)


def test_shipped_words_come_once_and_never_against_what_somebody_did():
    own = add("公厕、茅房")
    first = call_action("cqgov_search_term_import", shipped=True)
    assert first["created"] == len(term_file.shipped()) - 1 and first["kept"] == 1
    gone = next(group for group in search_term.groups() if "低保" in group.words)
    changed = next(group for group in search_term.groups() if "公积金" in group.words)
    call_action("cqgov_search_term_delete", id=gone.id)
    call_action("cqgov_search_term_update", id=changed.id, words="公积金、住房公积金、房改基金")
    again = call_action("cqgov_search_term_import", shipped=True)
    assert (again["created"], again["updated"]) == (0, 0)
    assert others("低保") == () and "房改基金" in others("住房公积金")
    assert search_term.get(own["id"]).words == ("公厕", "茅房")
    assert "两江新区" in others("渝北")


def test_organisations_are_words_however_they_are_written():
    assert "市大数据局" in search_terms.current()
    sysadmin = {"user": factories.Sysadmin()["name"]}
    call_action("cqgov_organization_update", id="data", title="市数据局", aliases=["市数管局"])
    assert others("市大数据局") == ("市数据局", "市数管局")
    call_action("organization_patch", dict(sysadmin), id="east", title="东城区")
    assert "东城区" in search_terms.current()
    call_action("organization_create", dict(sysadmin), name="west", title="西城区")
    assert "西城区" in search_terms.current()
    before = generation.of("organizations")
    call_action("organization_delete", dict(sysadmin), id="west")
    assert "西城区" not in search_terms.current() and generation.of("organizations") > before
    call_action("organization_purge", dict(sysadmin), id="west")
    call_action("organization_purge", dict(sysadmin), id="east")
    assert "东城区" not in search_terms.current()


def test_the_list_is_filtered_and_paged():
    for number in range(5):
        add(f"词语{number}、单词{number}")
    add("词语一百", kind="name")
    found = call_action("cqgov_search_term_list", q="词语", kind="synonym", limit=2, offset=4)
    assert (found["count"], len(found["results"])) == (5, 1)
    assert found["counts"] == {"synonym": 5, "name": 1, "renamed": 0, "related": 0}
    assert call_action("cqgov_search_term_list", q="詞語一")["count"] == 1
    assert call_action("cqgov_search_term_list", q="%")["count"] == 0


def test_the_api_is_read_by_get_and_a_missing_group_is_not_found(app):
    headers = {"Authorization": officer()["token"]}
    add()
    read = app.get("/api/3/action/cqgov_search_term_check?q=城市公廁", headers=headers).json["result"]
    assert read["units"][1] == {"text": "公厕", "known": True, "others": ["公共厕所"], "related": []}
    for action in ("show", "update", "delete"):
        answer = app.post(f"/api/3/action/cqgov_search_term_{action}", json={"id": "nowhere"}, headers=headers)
        assert answer.status_code == 404


def test_the_pages_add_change_and_delete(app):
    headers = {"Authorization": officer()["token"]}
    empty = app.get("/search-terms", headers=headers)
    assert empty.status_code == 200 and "import --shipped" in empty.body
    assert 'name="words"' in app.get("/search-terms/new", headers=headers).body
    form = {"kind": "synonym", "words": "公厕\r\n公共厕所", "present": "", "note": "常用"}
    done = app.post("/search-terms/new", headers=headers, data=form, follow_redirects=False)
    assert done.status_code == 302 and others("公厕") == ("公共厕所",)
    wrong = app.post("/search-terms/new", headers=headers, data={**form, "words": "公厕、<b>"})
    assert wrong.status_code == 400
    assert 'aria-invalid="true"' in wrong.body and "term-words-error" in wrong.body and "<b>" not in wrong.body
    id = search_term.groups()[0].id
    page = app.get(f"/search-terms/{id}", headers=headers).body
    assert "公厕\n公共厕所</textarea>" in page and 'value="常用"' in page
    changed = app.post(
        f"/search-terms/{id}", headers=headers, data={**form, "words": "公厕、厕所"}, follow_redirects=False
    )
    assert changed.status_code == 302 and others("公厕") == ("厕所",)
    assert search_term.get(id).words == ("公厕", "厕所")
    listed = app.get("/search-terms?q=厕所&kind=synonym&try=附近公厕", headers=headers).body
    assert "公厕、厕所" in listed and "<td>附近</td>" in listed
    gone = app.post(f"/search-terms/{id}/delete", headers=headers, follow_redirects=False)
    assert gone.status_code == 302 and search_term.groups() == []
    assert app.get(f"/search-terms/{id}", headers=headers).status_code == 404


def test_the_pages_add_and_show_related_words(app):
    headers = {"Authorization": officer()["token"]}
    form = {"kind": "related", "words": "找工作", "present": "", "related": "", "note": ""}
    wrong = app.post("/search-terms/new", headers=headers, data=form)
    assert wrong.status_code == 400 and "term-related-error" in wrong.body
    done = app.post(
        "/search-terms/new", headers=headers, data={**form, "related": "招聘\r\n就业服务"}, follow_redirects=False
    )
    assert done.status_code == 302
    (group,) = search_term.groups()
    assert group.related == ("招聘", "就业服务")
    assert "招聘\n就业服务</textarea>" in app.get(f"/search-terms/{group.id}", headers=headers).body
    listed = app.get("/search-terms?kind=related&try=找工作", headers=headers).body
    assert "找工作 → 招聘、就业服务" in listed and "<td>招聘、就业服务</td>" in listed


def test_the_page_imports_and_exports(app):
    headers = {"Authorization": officer()["token"]}

    def send(text, **more):
        upload = (io.BytesIO(text.encode("gb18030")), "词语.csv")
        return app.post(
            "/search-terms/import",
            headers=headers,
            data={"upload": upload, **more},
            content_type="multipart/form-data",
            follow_redirects=False,
        )

    text = "类型,词语,现用名称\n同义词,低保、最低生活保障\n更名,工商局,市场监管局\n"
    more = "类型,词语,目录用语\n相关说法,找工作,招聘、就业服务\n"
    assert send(text, dry_run="true").status_code == 302 and search_term.groups() == []
    assert send(text).status_code == 302 and len(search_term.groups()) == 2
    assert send(more).status_code == 302 and search_terms.current().related("找工作") == ("招聘", "就业服务")
    refused = send("类型,词语\n同义词,低\n")
    assert refused.status_code == 400 and "2" in refused.get_data(as_text=True)
    assert app.post("/search-terms/import", headers=headers, data={}).status_code == 400
    export = app.get("/search-terms/export.csv", headers=headers)
    assert "filename*=UTF-8''" in export.headers["Content-Disposition"]
    entries = term_file.entries(export.get_data())
    assert [(entry.words, entry.related) for entry in entries] == [
        (("找工作",), ("招聘", "就业服务")),
        (("工商局",), ()),
        (("低保", "最低生活保障"), ()),
    ]


@pytest.mark.parametrize("page", ["", "/new", "/export.csv", "/x", "/import", "/x/delete"])
def test_the_pages_are_closed_to_everybody_else(app, page):
    method = app.post if page in ("/import", "/x/delete") else app.get
    for headers in (
        {},
        {"Authorization": factories.UserWithToken()["token"]},
        {"Authorization": officer("east")["token"]},
    ):
        assert method(f"/search-terms{page}", headers=headers, follow_redirects=False).status_code in (302, 403)
    if page in ("", "/new", "/export.csv"):
        refused = app.get(f"/search-terms{page}", headers={"Authorization": factories.UserWithToken()["token"]})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", "page=x", "page=9999999999", "page=٣", "kind=x", "q=%25_%27", "try=%22"]
)
def test_odd_addresses_of_the_list_are_calm(app, query):
    add()
    assert app.get(f"/search-terms?{query}", headers={"Authorization": officer()["token"]}).status_code == 200


@pytest.mark.ckan_config("WTF_CSRF_ENABLED", True)
@pytest.mark.ckan_config("SESSION_COOKIE_DOMAIN", "test.ckan.net")
def test_the_forms_carry_a_token_and_do_nothing_without_it(ckan_config, app, monkeypatch):
    # CKAN exempts a view for the life of the process once somebody called it with an API token, as other tests do.
    monkeypatch.setattr(csrf, "_exempt_views", set())
    boss = factories.Sysadmin()
    client = app.test_client(user=model.User.get(boss["name"]))
    page = client.get("/search-terms/new").get_data(as_text=True)
    token = re.search(r'name="_csrf_token"\s+(?:type="hidden"\s+)?(?:value|content)="([^"]+)"', page)[1]
    form = {"kind": "name", "words": "长江北岸", "present": "", "note": ""}
    client.post("/search-terms/new", data=form)
    assert search_term.groups() == []
    client.post("/search-terms/new", data={**form, "_csrf_token": token}, headers={"Referer": "http://test.ckan.net/"})
    (group,) = search_term.groups()
    listed = client.get("/search-terms").get_data(as_text=True)
    forms = re.findall(r'<form method="post"[^>]*action="[^"]*/search-terms[^"]*".*?</form>', listed, re.S)
    assert len(forms) == 2 and all("_csrf_token" in one for one in forms)
    client.post(f"/search-terms/{group.id}/delete")
    assert len(search_term.groups()) == 1


def test_the_commands_import_list_check_and_export(cli, tmp_path):
    def run(*words):
        return cli.invoke(ckan, ["cqgov", "search", "terms", *map(str, words)])

    file, out = tmp_path / "terms.csv", tmp_path / "out.csv"
    table = "kind,words,present,related\nsynonym,公厕|公共厕所,,\nrenamed,工商局,市场监管局,\nrelated,找工作,,招聘|就业服务\n"
    file.write_text(table, encoding="utf-8")
    assert "created 3" in run("import", file, "--dry-run").output and search_term.groups() == []
    assert "created 3" in run("import", file).output
    assert "unchanged 3" in run("import", file).output
    assert "找工作 → 招聘、就业服务" in run("list", "--kind", "related").output
    assert "✓ 找工作  ~ 招聘、就业服务" in run("check", "找工作").output
    assert "工商局 → 市场监管局" in run("list").output and "工商局" not in run("list", "-q", "厕所").output
    assert "✓ 公厕  = 公共厕所" in run("check", "附近公厕").output
    assert "3" in run("export", out).output
    assert "unchanged 3" in run("import", out).output
    file.write_text("kind,words\nsynonym,低保|最低生活保障\nsynonym,公厕\n", encoding="utf-8")
    wrong = run("import", file)
    assert wrong.exit_code == 1 and "3" in wrong.output and "Traceback" not in wrong.output
    assert run("import").exit_code == 2 and run("import", file, "--shipped").exit_code == 2
    assert len(search_term.groups()) == 3
    shipped = run("import", "--shipped")
    assert shipped.exit_code == 0 and f"created {len(term_file.shipped()) - 3}" in shipped.output, shipped.output
