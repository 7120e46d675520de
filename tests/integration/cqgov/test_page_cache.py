"""Kept pages: every change shows at once, nobody gets another's page, and nothing can fill or break the portal."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest
import sqlalchemy as sa
from ckan.lib.search import SearchError, rebuild
from ckan.lib.search.common import make_connection
from ckan.tests import factories
from click.testing import CliRunner
from freezegun import freeze_time
from redis import Redis
from redis.exceptions import ConnectionError as ConnectionRefused

from ckanext.cqgov.catalogue import query
from ckanext.cqgov.cli import page_cache as command
from ckanext.cqgov.domain.page_cache import FOR_EVERYBODY, FOR_ONE
from ckanext.cqgov.model import public_change
from ckanext.cqgov.page_cache import installation
from ckanext.cqgov.page_cache.store import Store

PLACES = 5
pytestmark = [
    pytest.mark.ckan_config("ckanext.cqgov.page_cache.enabled", True),
    pytest.mark.ckan_config("ckanext.cqgov.page_cache.places", PLACES),
    pytest.mark.ckan_config("ckanext.cqgov.page_cache.ignored_cookies", ["_ga*"]),
    pytest.mark.ckan_config("WTF_CSRF_ENABLED", True),
    pytest.mark.ckan_config("SESSION_COOKIE_DOMAIN", "test.ckan.net"),  # sessions reach the site's address
    pytest.mark.usefixtures("ckan_config", "clean_db", "clean_index", "with_plugins"),
]


@pytest.fixture(autouse=True)
def nothing_kept(ckan_config, with_plugins):
    """Start and end with no page kept."""
    installation.store().clear()
    yield
    installation.store().clear()


@pytest.fixture
def boss():
    return factories.SysadminWithToken(name="boss", fullname="王处长")


@pytest.fixture
def office(boss):
    return factories.Organization(user={"name": "boss"}, name="traffic", title="市交通局")


@pytest.fixture
def parking(office):
    return entry(office, name="parking", title="停车场名录")


def entry(office, **changes):
    """Store an entry that everybody may see."""
    listed = {"origin": "listing", "source_portal": "某市平台", "source_key": str(uuid.uuid4())}
    data = {"owner_org": office["id"], "notes": "名称与位置。", "opening_type": "unconditional", "private": False}
    return tk.get_action("package_create")({"user": "boss"}, {**data, **listed, **changes})


def patched(**changes):
    return tk.get_action("package_patch")({"user": "boss"}, {"id": "parking", **changes})


def state(answer) -> str:
    """Return what the layer says it did: hit, made, or nothing."""
    return answer.headers.get("Cache-Status", "").removeprefix("cqgov; ").removeprefix("fwd=miss; ")


def kept(app, url, **sent):
    """Read a page as a visitor until it is kept, and return it as it is answered from there."""
    visitor = app.test_client(use_cookies=False)
    visitor.get(url, **sent)
    answer = visitor.get(url, **sent)
    assert state(answer) == "hit", answer.headers
    return answer


# --- a change is visible at once


def edit_by_api(app, boss):
    said = {"id": "parking", "title": "新的标题"}
    app.post("/api/3/action/package_patch", json=said, headers={"Authorization": boss["token"]}, status=200)


def edit_by_form(app, boss):
    client = app.test_client(user=model.User.get("boss"))
    page = client.get("/dataset/edit/parking").get_data(as_text=True)
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page.split('id="dataset-edit"')[-1]))
    fields = {name: value for name, value in found.items() if not name.startswith("items__")}
    token = re.search(r'name="_csrf_token"\s+(?:type="hidden"\s+)?(?:value|content)="([^"]+)"', page)[1]
    org = tk.get_action("organization_show")({"ignore_auth": True}, {"id": "traffic"})["id"]
    sent = {**fields, "_csrf_token": token, "title": "新的标题", "owner_org": org, "name": "parking", "save": "draft"}
    shown = tk.get_action("package_show")({"user": "boss"}, {"id": "parking"})
    keep = ("origin", "source_portal", "source_key", "opening_type", "notes")
    sent |= {key: shown[key] for key in keep}
    answer = client.post("/dataset/edit/parking", data=sent, follow_redirects=False)
    assert answer.status_code == 302, re.findall(r"error[^<]*<[^>]*>[^<]*", answer.get_data(as_text=True))[:9]


def rename_the_office(app, boss):
    tk.get_action("organization_patch")({"user": "boss"}, {"id": "traffic", "title": "新的标题"})


def rename_by_hand(app, boss):
    with sa.create_engine(tk.config["sqlalchemy.url"]).begin() as connection:
        connection.execute(sa.text("UPDATE \"group\" SET title = '新的标题' WHERE name = 'traffic'"))


def publish_another(app, boss):
    office = tk.get_action("organization_show")({"ignore_auth": True}, {"id": "traffic"})
    entry(office, name="another", title="新的标题")


def name_the_site(app, boss):
    client = app.test_client(user=model.User.get("boss"))
    page = client.get("/ckan-admin/config").get_data(as_text=True)
    token = re.search(r'name="_csrf_token" content="([^"]+)"', page)[1]
    sent = {"_csrf_token": token, "ckan.site_title": "新的标题", "ckan.theme": "css/main", "save": "1"}
    assert client.post("/ckan-admin/config", data=sent, follow_redirects=False).status_code in (200, 302)


@pytest.mark.parametrize(
    ("change", "pages"),
    [
        (edit_by_api, ("/dataset/", "/dataset/parking", "/organization/traffic", "/en/dataset/")),
        (edit_by_form, ("/dataset/", "/dataset/parking")),
        (rename_the_office, ("/organization/", "/organization/traffic")),
        (rename_by_hand, ("/organization/traffic",)),
        (publish_another, ("/dataset/", "/", "/organization/traffic")),
        (name_the_site, ("/", "/dataset/", "/about")),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_change_shows_with_the_next_request(app, boss, parking, change, pages):
    for page in pages:
        assert "新的标题" not in kept(app, page)
    change(app, boss)
    try:
        for page in pages:
            fresh = app.get(page)
            assert "新的标题" in fresh, page
            assert state(fresh) == "stored"
            assert "新的标题" in kept(app, page)
    finally:
        tk.get_action("config_option_update")({"ignore_auth": True}, {"ckan.site_title": "测试门户"})


@pytest.mark.parametrize("gone", ["deleted", "private", "closed"])
def test_what_visitors_may_no_longer_see_is_gone_with_the_next_request(app, parking, gone):
    assert "停车场名录" in kept(app, "/dataset/parking")
    assert "停车场名录" in kept(app, "/dataset/")
    if gone == "deleted":
        tk.get_action("package_delete")({"user": "boss"}, {"id": "parking"})
    elif gone == "private":
        patched(private=True)
    else:
        patched(opening_type="", private=True)
    assert app.get("/dataset/parking").status_code in (403, 404)
    assert "停车场名录" not in app.get("/dataset/")


def test_what_only_the_index_shows_is_shown_at_once(app, parking):
    assert "停车场名录" in kept(app, "/dataset/")
    solr = make_connection()
    solr.delete(q=f'name:parking AND site_id:"{tk.config["ckan.site_id"]}"', commit=True)
    assert "停车场名录" not in app.get("/dataset/")
    assert "停车场名录" not in kept(app, "/dataset/")
    rebuild("parking")
    assert "停车场名录" in app.get("/dataset/")


def test_an_import_by_another_process_shows_at_once(app, office, tmp_path):
    assert "公交线路" not in kept(app, "/dataset/")
    row = {
        "数据集名称": "公交线路",
        "摘要": "线路",
        "数据标签": "交通",
        "数据领域": "道路交通",
        "国家主题分类": "工业、交通",
        "首次发布日期": "2020-01-02",
        "更新日期": "2023-04-06",
        "更新频度": "每年",
        "数据提供方": "市交通局",
        "开放属性": "无条件开放",
        "联系方式": "a@example.com",
        "数据格式": ["csv"],
        "详情页网址": "https://example.com/1",
    }
    (tmp_path / "上海.json").write_text(json.dumps([row], ensure_ascii=False), "utf-8")
    words = [str(Path(sys.executable).with_name("ckan")), "cqgov", "catalogue", "import", str(tmp_path / "上海.json")]
    done = subprocess.run([*words, "--organization", "traffic", "--publish"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "公交线路" in app.get("/dataset/"), done.stdout


def test_rules_that_an_operator_changes_and_a_new_day_make_pages_anew(app, tmp_path, ckan_config):
    versions = installation.versions()
    with freeze_time("2026-11-23 15:59:59"):
        evening = versions.now()
        assert versions.now() == evening
    with freeze_time("2026-11-23 16:00:01"):  # midnight in Chongqing
        night = versions.now()
        assert night != evening
        copy = tmp_path / "rules.yaml"
        copy.write_bytes((Path(installation.__file__).parents[1] / "rules" / "decree-320.yaml").read_bytes())
        ckan_config["ckanext.cqgov.rules.file"] = str(copy)
        ours = versions.now()
        copy.write_bytes(copy.read_bytes() + b"\n")
        assert len({night, ours, versions.now()}) == 3


# --- what is noticed, in the database


def number() -> int:
    with model.meta.engine.connect() as connection:
        return public_change.version(connection)[0]


@pytest.fixture
def watched():
    installation.versions().watch()
    with model.meta.engine.begin() as connection:
        assert public_change.unwatched(connection) == []
        yield
        for table in ("later", "f_alembic_version"):
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {table}"))


@pytest.mark.parametrize(
    ("statement", "noticed"),
    [
        ("UPDATE package SET title = 'x'", True),
        ("DELETE FROM member WHERE id = 'none'", True),
        ("TRUNCATE tag CASCADE", True),
        ("UPDATE \"user\" SET fullname = 'x' WHERE name = 'boss'", True),
        ("UPDATE \"user\" SET last_active = now() WHERE name = 'boss'", False),
        ("INSERT INTO tracking_raw (user_key, url, tracking_type) VALUES ('a', 'b', 'c')", False),
        ("DELETE FROM api_token", False),
        ("SELECT 1", False),
    ],
)
def test_just_what_visitors_may_see_is_noticed(boss, watched, statement, noticed):
    before = number()
    model.Session.execute(sa.text(statement))
    assert number() == before  # for others it has not happened yet
    model.Session.commit()
    assert (number() != before) is noticed


def test_a_table_of_a_plugin_to_come_is_noticed_once_the_portal_has_started(watched):
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE later (id int)"))
        connection.execute(sa.text("CREATE TABLE f_alembic_version (id int)"))
    before = number()
    assert installation.versions().watch() == ["later"]
    assert number() != before  # nobody knows what was written before
    between = number()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO later VALUES (1)"))
    assert number() != between


def test_writers_wait_for_nobody_and_each_is_noticed_when_it_commits(office, watched):
    entry(office, name="one"), entry(office, name="two")
    engine = model.meta.engine
    start = number()
    with engine.connect() as slow, engine.connect() as quick, engine.connect() as undone:
        for connection in (slow, quick, undone):
            connection.execute(sa.text("SET lock_timeout = '1s'"))
        slow.execute(sa.text("UPDATE package SET notes = 'x' WHERE name = 'one'"))
        quick.execute(sa.text("UPDATE package SET notes = 'x' WHERE name = 'two'"))
        undone.execute(sa.text("INSERT INTO vocabulary (id, name) VALUES ('v', 'v')"))
        quick.commit()
        first = number()
        undone.rollback()
        assert start != first == number()
        slow.commit()
        assert number() not in (start, first)


def test_a_change_after_a_savepoint_that_was_undone_is_noticed(office, watched):
    before = number()
    with model.meta.engine.begin() as connection:
        with connection.begin_nested() as savepoint:
            connection.execute(sa.text("UPDATE package SET notes = 'x'"))
            savepoint.rollback()
        connection.execute(sa.text("UPDATE package SET notes = 'y'"))
    assert number() != before


def test_adding_up_leaves_the_version_as_it_is(office, watched):
    for title in "abc":
        tk.get_action("organization_patch")({"user": "boss"}, {"id": "traffic", "title": title})
    before = number()
    with model.meta.engine.begin() as connection:
        assert public_change.version(connection)[1] >= 3
        public_change.fold(connection)
    with model.meta.engine.begin() as connection:
        assert public_change.version(connection) == (before, 0)
        public_change.fold(connection)
        assert public_change.version(connection) == (before, 0)


def test_many_changes_are_added_up_by_whoever_reads(office, watched):
    with model.meta.engine.begin() as connection:
        connection.execute(sa.insert(public_change.changes), [{"stamp": 1}] * 500)
    versions = installation.versions()
    before = versions.now()
    with model.meta.engine.begin() as connection:
        assert public_change.version(connection)[1] == 0
    assert versions.now() == before


# --- a page made while something changes


def test_a_page_made_while_a_change_commits_is_never_taken_for_a_new_one(app, parking, monkeypatch):
    keep, changed = Store.keep, []

    def late(self, ticket, page):
        if not changed:
            changed.append(patched(title="新的标题"))
        return keep(self, ticket, page)

    monkeypatch.setattr(Store, "keep", late)
    assert "停车场名录" in app.get("/dataset/parking")
    assert changed
    after = app.get("/dataset/parking")
    assert "新的标题" in after
    assert state(after) == "stored"


def test_one_makes_a_page_and_the_others_wait_for_it(app, parking):
    app.get("/about")  # the application is warm
    answers = []

    def read():
        answers.append(app.test_client().get("/dataset/parking", base_url=tk.config["ckan.site_url"]))

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(state, answers)) == ["hit"] * 5 + ["stored"]
    assert len({answer.get_data() for answer in answers}) == 1


# --- to whom


def test_who_is_signed_in_never_gets_a_visitors_page_nor_a_visitor_theirs(app, boss, parking):
    signed_in = app.test_client(user=model.User.get("boss"))
    for url in ("/", "/dataset/", "/dataset/parking", "/organization/traffic", "/about"):
        own = signed_in.get(url, base_url=tk.config["ckan.site_url"])
        assert "王处长" in own.get_data(as_text=True)
        assert own.headers["Cache-Control"] == FOR_ONE
        assert "王处长" not in kept(app, url)
        again = signed_in.get(url, base_url=tk.config["ckan.site_url"])
        by_token = app.get(url, headers={"Authorization": boss["token"]})
        for answer in (again, by_token):
            assert "王处长" in answer.get_data(as_text=True)
            assert answer.headers["Cache-Control"] == FOR_ONE
            assert state(answer) == ""
            assert "ETag" not in answer.headers
        assert "王处长" not in kept(app, url)


def test_what_only_its_people_may_see_is_in_no_kept_page(app, boss, office):
    entry(office, name="inner", title="内部事项", opening_type="", private=True)
    signed_in = app.test_client(user=model.User.get("boss"))
    assert "内部事项" in signed_in.get("/organization/traffic").get_data(as_text=True)
    assert "内部事项" not in kept(app, "/organization/traffic")
    assert "内部事项" not in kept(app, "/dataset/")


@pytest.mark.parametrize(
    ("sent", "from_there"),
    [
        ({"Cookie": "_ga=1; _ga_2=3"}, True),
        ({"Cookie": "cqgov_device=x"}, True),
        ({"Cookie": "sso=1"}, False),
        ({"Cookie": "ckan=not-a-session"}, False),
        ({"Authorization": "not-a-token"}, False),
        ({"X-Forwarded-User": "clerk"}, False),
        ({"Origin": "https://other.example"}, False),
        ({"Accept": "application/json"}, False),
    ],
)
def test_only_visitors_who_read_are_answered_from_what_is_kept(app, parking, sent, from_there):
    kept(app, "/dataset/parking")
    client = app.test_client(use_cookies=False)
    answer = client.get("/dataset/parking", headers=sent, base_url=tk.config["ckan.site_url"])
    assert answer.status_code == 200
    assert (state(answer) == "hit") is from_there


PUBLIC = (
    "/",
    "/about",
    "/dataset/",
    "/dataset/?q=停车",
    "/dataset/parking",
    "/dataset/groups/parking",
    "/dataset/activity/parking",
    "/organization/",
    "/organization/traffic",
    "/organization/about/traffic",
    "/group/",
    "/due-date",
    "/user/login",
    "/nowhere",
)


@pytest.mark.parametrize("url", PUBLIC)
@pytest.mark.parametrize("language", ["", "/en"])
def test_no_page_opens_a_session_for_a_visitor_but_the_form_to_log_in(app, parking, url, language):
    answer = app.test_client().get(language + url, base_url=tk.config["ckan.site_url"], follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "<html" in page
    if url == "/user/login":
        assert re.search(r'name="_csrf_token"[^>]*value="[^"]{20}', page)
        assert answer.headers["Cache-Control"] == FOR_ONE
    elif url != "/nowhere":
        assert "Set-Cookie" not in answer.headers
        assert not re.search(r'name="_csrf_token"', page)
    assert not re.search(r'<meta[^>]*name="_csrf_token"', page)
    assert re.search(r'<meta[^>]*name="csrf_field_name" content="_csrf_token"', page)


def test_who_is_signed_in_gets_the_token_that_scripts_send(app, boss):
    page = app.test_client(user=model.User.get("boss")).get("/dataset/").get_data(as_text=True)
    assert re.search(r'<meta name="_csrf_token" content="[^"]{20}', page)


# --- what is kept


def test_every_page_that_the_configuration_names_is_there_and_is_kept(app, parking):
    factories.Group(user={"name": "boss"}, name="roads")
    names = {"dataset": "parking", "organization": "traffic", "group": "roads"}
    for endpoint in tk.config["ckanext.cqgov.page_cache.pages"]:
        kind, _, page = endpoint.partition(".")
        url = tk.url_for(endpoint, **({"id": names[kind]} if page in ("read", "about") and kind in names else {}))
        assert "<html" in kept(app, url)


@pytest.mark.parametrize(
    "url",
    [
        "/dataset/nowhere",
        "/nowhere",
        "/user/login",
        "/api/3/action/package_list",
        "/dataset/edit/parking",
        "/dashboard/",
    ]
    + [
        "/feeds/dataset.atom",
        "/robots.txt",
        "/dataset/?q=" + "x" * 2000,
        "/organization/activity/traffic",
    ],
)
def test_nothing_else_is_kept(app, parking, url):
    for _ in range(2):
        answer = app.test_client().get(url, base_url=tk.config["ckan.site_url"], follow_redirects=False)
        assert state(answer) in ("", "fwd=miss")


def test_a_page_that_shows_a_passing_failure_is_not_kept(app, parking, monkeypatch):
    def silent(*args, **kwargs):
        raise SearchError("Solr is silent")

    with monkeypatch.context() as patch:
        patch.setattr(query, "connection", silent)
        for url in ("/", "/dataset/"):
            for _ in range(2):
                assert state(app.get(url)) == "", url
    assert "停车场名录" in app.get("/dataset/")


def test_languages_hosts_and_parts_of_a_page_are_kept_apart(app, parking):
    assert 'lang="zh-Hans-CN"' in kept(app, "/dataset/")
    assert 'lang="en"' in kept(app, "/en/dataset/")
    part = kept(app, "/dataset/", headers={"HX-Request": "true"})
    assert "<html" not in part
    assert "<html" in app.get("/dataset/")


def test_parameters_in_another_order_are_the_same_page(app, parking):
    kept(app, "/dataset/?q=停车&sort=title_string+asc")
    assert state(app.get("/dataset/?sort=title_string%20asc&q=%E5%81%9C%E8%BD%A6")) == "hit"
    assert state(app.get("/dataset/?sort=title_string+desc&q=停车")) == "stored"


@pytest.mark.parametrize(
    "query", ["q=%FF%FE", "q=%00", "q=%F0%9F%9A%87", "%FF=1", "q=%", "&&==&", "q=1&" * 50, "page=-1"]
)
def test_odd_bytes_are_answered_calmly_again_and_again(app, parking, query):
    first, second = (app.test_client().get("/dataset/", query_string=query) for _ in range(2))
    assert first.status_code == second.status_code < 500
    assert first.get_data(as_text=True).count("parking") == second.get_data(as_text=True).count("parking")


def test_made_up_queries_take_no_more_than_their_places_and_push_out_no_page_of_the_portal(app, parking):
    before = kept(app, "/dataset/").get_data()
    for number_ in range(4 * PLACES):
        app.get(f"/about?x={number_}")
        app.get("/about", headers={"HX-Target": f"made-up-{number_}"})
        app.test_client().get("/about", base_url=f"http://made-up-{number_}.example")
    pages, size = installation.store().status()
    assert pages <= PLACES + 1
    assert 0 < size <= (PLACES + 1) * tk.config["ckanext.cqgov.page_cache.page_bytes"]
    again = app.get("/dataset/")
    assert state(again) == "hit"
    assert again.get_data() == before


@pytest.mark.ckan_config("ckanext.cqgov.page_cache.page_bytes", 100)
def test_a_page_larger_than_the_bound_is_answered_and_not_kept(app, parking):
    for _ in range(2):
        answer = app.get("/dataset/")
        assert "停车场名录" in answer
        assert state(answer) == "fwd=miss"


# --- what caches and browsers are told


def test_caches_may_keep_a_page_and_must_ask_each_time(app, parking):
    answer = kept(app, "/dataset/parking")
    assert answer.headers["Cache-Control"] == FOR_EVERYBODY
    assert {"Cookie", "Authorization", "Accept-Encoding", "HX-Request"} <= set(answer.headers["Vary"].split(", "))
    assert re.fullmatch(r'"[0-9a-f]{32}"', answer.headers["ETag"])
    asked = {"If-None-Match": answer.headers["ETag"]}
    same = app.get("/dataset/parking", headers=asked)
    assert (same.status_code, same.get_data(), same.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    patched(title="新的标题")
    assert app.get("/dataset/parking", headers=asked).status_code == 200


def test_the_tag_is_that_of_the_content_however_often_the_page_is_made(app, parking):
    first = kept(app, "/dataset/parking").headers["ETag"]
    installation.store().clear()
    assert app.get("/dataset/parking", headers={"If-None-Match": first}).status_code == 304


def test_head_tells_what_get_would_tell_and_keeps_the_page(app, parking):
    head = app.test_client().head("/dataset/parking")
    assert (state(head), head.get_data()) == ("stored", b"")
    page = app.test_client().get("/dataset/parking")
    assert state(page) == "hit"
    assert "停车场名录" in page.get_data(as_text=True)
    again = app.test_client().head("/dataset/parking")
    for name in ("ETag", "Content-Length", "Content-Type", "Cache-Control", "Vary"):
        assert head.headers[name] == page.headers[name] == again.headers[name]
    missing = app.test_client().head("/dataset/nowhere")
    assert (missing.status_code, missing.get_data()) == (404, b"")


def test_a_page_is_sent_compressed_to_whom_it_may_be(app, parking):
    plain = kept(app, "/dataset/parking")
    packed = app.get("/dataset/parking", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain.get_data()
    assert packed.headers["ETag"] != plain.headers["ETag"]


# --- when a service is away


def test_without_redis_pages_are_made_as_ever(app, parking, monkeypatch):
    def away(*args, **kwargs):
        raise ConnectionRefused("refused")

    monkeypatch.setattr(Redis, "execute_command", away)
    cached = app.app.extensions[installation.EXTENSION]._store
    for _ in range(2):
        assert "停车场名录" in app.get("/dataset/parking")
    monkeypatch.undo()
    cached._rests_until = 0.0
    kept(app, "/dataset/parking")


def test_without_an_answer_from_solr_or_the_database_nothing_is_kept(app, parking, monkeypatch):
    kept(app, "/dataset/parking")
    versions = app.app.extensions[installation.EXTENSION]._versions
    for part in ("_of_index", "_of_database"):

        def away(*args, **kwargs):
            raise OSError("refused")

        with monkeypatch.context() as patch:
            patch.setattr(versions, part, away)
            answer = app.get("/dataset/parking")
            assert "停车场名录" in answer
            assert state(answer) == ""
        versions._rests_until = 0.0
    assert state(app.get("/dataset/parking")) == "hit"


def test_a_connection_that_the_database_closed_is_made_anew(app, parking):
    kept(app, "/dataset/parking")
    versions = app.app.extensions[installation.EXTENSION]._versions
    with versions._engine.connect() as connection:
        pid = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
    with model.meta.engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert state(app.get("/dataset/parking")) == "hit"


# --- the commands


def test_the_command_tells_and_clears(app, parking):
    kept(app, "/dataset/parking")
    run = CliRunner().invoke
    told = run(command.group, ["status"])
    assert told.exit_code == 0, told.output
    assert "pages kept 1" in told.output
    assert "changes are noticed" in told.output
    assert "forgot 1" in run(command.group, ["clear"]).output
    assert state(app.get("/dataset/parking")) == "stored"


def test_turned_off_nothing_is_kept_and_answers_for_one_person_stay_private(make_app, ckan_config, boss, parking):
    ckan_config["ckanext.cqgov.page_cache.enabled"] = False
    app = make_app()
    assert [state(app.get("/dataset/parking")) for _ in range(2)] == ["", ""]
    assert app.get("/dataset/parking", headers={"Authorization": boss["token"]}).headers["Cache-Control"] == FOR_ONE
    assert "no pages are kept" in CliRunner().invoke(command.group, ["status"]).output
