"""What the catalogue's tests share: a portal with two departments, and small files to import."""

import gzip
import json
from pathlib import Path

import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.tests import factories

DATA = Path(__file__).parents[3] / "data" / "catalogue"
CREDIT_CODE = "11500000009275637F"


def rows(name, count=None):
    return json.loads(gzip.decompress((DATA / name).read_bytes()))[:count]


@pytest.fixture
def portal(clean_db, clean_index, with_plugins):
    """An empty portal with two departments and a sysadmin; ``CREDIT_CODE`` is the first department's."""
    from ckanext.cqgov.model.organization import Organization

    class Portal:
        sysadmin = factories.Sysadmin()
        transport = factories.Organization(name="transport", title="交通局")
        education = factories.Organization(name="education", title="教育局")

    model.Session.add(
        Organization(group_id=Portal.transport["id"], uscc=CREDIT_CODE, aliases=["市交通局"], former_names=[])
    )
    model.Session.commit()
    return Portal


def count():
    """Return how many datasets there are, as another process has left them."""
    model.Session.commit()
    return model.Session.execute(sa.select(sa.func.count()).select_from(model.package_table)).scalar()


@pytest.fixture
def listing(tmp_path):
    """Write rows in the shape of the Shanghai listing to a file; departments alternate unless a row names its own."""

    def write(*given, name="上海.json", **common):
        written = []
        for number, row in enumerate(given):
            title = row.get("title", f"数据{number}")
            written.append(
                {
                    "数据集名称": title,
                    "摘要": row.get("notes", f"{title}的摘要"),
                    "数据标签": row.get("tags", "交通,公交"),
                    "数据领域": "道路交通",
                    "国家主题分类": "工业、交通",
                    "首次发布日期": row.get("first", "2020-01-02"),
                    "更新日期": row.get("last", "2023-04-06"),
                    "更新频度": row.get("cycle", "每年"),
                    "数据提供方": row.get("provider", "交通局"),
                    "开放属性": row.get("opening", "无条件开放"),
                    "联系方式": "sjkf@shanghai.gov.cn",
                    "数据格式": ["csv", "xlsx"],
                    "详情页网址": "https://data.sh.gov.cn/same",
                    **common,
                }
            )
        path = tmp_path / name
        path.write_text(json.dumps(written), "utf-8")
        return path

    return write


@pytest.fixture
def carried_out():
    """Import a file and return its run; keywords are those of ``Order`` and ``Wishes``."""

    def carry(path, *, organization=None, publish=False, draft=False, user=None, **order):
        from ckanext.cqgov.exchange import operation

        wanted = operation.Order(
            path,
            operation.actor_named(user),
            operation.Wishes(operation.organization_named(organization), publish, draft),
            **order,
        )
        with operation.prepared(wanted) as (run, source, _resumed):
            operation.carry_out(wanted, run, source)
        return run

    return carry
