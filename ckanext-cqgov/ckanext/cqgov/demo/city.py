"""What the demo city consists of, as shipped in the folder ``data``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent / "data"
SAMPLE = DATA / "sample" / "shanghai_2023.json"
SAMPLE_MAPPING = "shanghai"
SAMPLE_ORGANIZATION = "sample-shanghai-2023"
SAMPLE_NOTICE = (
    "样例目录：取自上海市公共数据开放平台 2023 年年中的公开清单（CNPDS 项目整理，Apache-2.0），"
    "仅供演示检索和登记，不是现行目录，也不属于重庆市。"
)


def accounts() -> list[dict[str, Any]]:
    """Return the accounts: name, fullname, and where they have any, organisation, duties and ``sysadmin``."""
    return _listed("accounts.yaml")


def organizations() -> list[dict[str, Any]]:
    """Return the organisations as ``cqgov organization import`` reads them."""
    return _listed("organizations.yaml")


def entries() -> list[dict[str, Any]]:
    """Return the invented catalogue entries; of those that are open on conditions, some have a file or a link."""
    return _listed("invented.yaml")


def datasets() -> list[dict[str, Any]]:
    """Return the datasets with real files: an entry and its ``resources`` (file, original_name, name, description)."""
    return _listed("datasets.yaml")


def content(resource: Mapping[str, Any]) -> bytes:
    """Return the file of a dataset's resource."""
    return (DATA / "files" / resource["file"]).read_bytes()


def _listed(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((DATA / name).read_text("utf-8"))
