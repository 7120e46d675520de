"""While nobody works off background jobs: reading and writing go on, what must not wait is done by the upkeep, imports wait."""

from __future__ import annotations

import io
import json

import ckan.plugins.toolkit as tk
import pytest
from werkzeug.datastructures import FileStorage

from ckanext.cqgov import upkeep
from ckanext.cqgov.domain.reclassification import State
from ckanext.cqgov.exchange import upload
from ckanext.cqgov.model import reclassification as rows

from .conftest import RESTRICTED

pytestmark = pytest.mark.usefixtures("non_clean_db")


def test_what_is_closed_is_closed_at_once_and_finished_by_the_upkeep(site, fresh_tiers, monkeypatch):
    monkeypatch.setitem(tk.config, "ckanext.cqgov.reclassification.at_once_megabytes", 0)
    made = fresh_tiers.datasets["open"]
    path = f"/dataset/{made['name']}/resource/{made['resources'][0]['id']}/download"
    assert site.get(path).status_code == 200
    fresh_tiers.head.call("package_patch", id=made["id"], opening_type="closed", **RESTRICTED)
    assert rows.latest(made["id"]).state is State.WAITING
    assert site.get(path).status_code == 404 and site.get(f"/dataset/{made['name']}").status_code == 404
    assert upkeep.once((upkeep.finish_reclassifications,))
    done = rows.latest(made["id"])
    assert done.state is State.DONE and not any(done.proof.values())


def test_a_granted_table_is_loaded_by_the_upkeep(site, fresh_tiers):
    resource = fresh_tiers.resources["conditional"]["id"]
    asked = {"json": {"resource_id": resource}, "headers": {"Authorization": fresh_tiers.handler["token"]}}
    assert site.post("/api/3/action/cqgov_data_search", **asked).status_code == 409
    assert upkeep.once((upkeep.load_granted_tables,))
    answer = site.post("/api/3/action/cqgov_data_search", **asked)
    assert answer.status_code == 200 and answer.json["result"]["records"][0]["b"] == "conditional-canary-51c7"


def test_a_large_import_waits_and_says_so_while_reading_goes_on(site, fresh_tiers, provider, monkeypatch):
    monkeypatch.setattr(upload, "AT_ONCE", 10)
    row = {"数据集名称": "等待导入", "摘要": "摘要", "数据标签": "交通", "数据领域": "道路交通", "更新频度": "每年"}
    row |= {
        "国家主题分类": "工业、交通",
        "首次发布日期": "2020-01-02",
        "更新日期": "2023-04-06",
        "开放属性": "无条件开放",
    }
    row |= {"数据提供方": "局", "联系方式": "a@example.com", "数据格式": ["csv"], "详情页网址": "https://example.com/"}
    file = FileStorage(io.BytesIO(json.dumps([row], ensure_ascii=False).encode()), "目录.json")
    run = provider.head.call("cqgov_catalogue_import", organization=provider.name, upload=file)
    assert run["state"] == "waiting" and run["rows_read"] == 0
    assert provider.head.call("cqgov_catalogue_import_show", id=run["id"])["state"] == "waiting"
    for path in ("/", "/dataset/", f"/dataset/{fresh_tiers.datasets['open']['name']}"):
        assert site.get(path).status_code == 200
    upload.carry_out(run["id"])  # the worker is back
    assert provider.head.call("cqgov_catalogue_import_show", id=run["id"])["state"] == "done"
