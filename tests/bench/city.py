"""A large city for the bench: the real catalogue records, multiplied with varied wording.

``dataset`` makes them, each as CKAN shows it with its own schema and with ours; the same number always gives the same
dataset. What differs between two datasets made from one record: districts, streets, years, departments and some words,
replaced alike in title, abstract, items and resources. Every number is a dataset of its own; none is a copy with another
name only.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = {"shanghai": "shanghai_shanghai", "guiyang": "guizhou_guiyang"}
CITY = "重庆市"
REAL = (
    "浦东新区 黄浦区 徐汇区 长宁区 静安区 普陀区 虹口区 杨浦区 闵行区 宝山区 嘉定区 金山区 松江区 青浦区 奉贤区 崇明区 "
    "南明区 云岩区 花溪区 乌当区 白云区 观山湖区 清镇市 修文县 息烽县 开阳县"
).split()
WORDS = {"信息": "数据", "情况": "明细", "名单": "名录", "统计": "汇总", "企业": "单位", "管理": "监管"}
MARKS = {"head": "⟦头⟧", "tail": "⟦尾⟧", "scope": "⟦域⟧", "id": "⟦号⟧", "name": "⟦名⟧", "department": "⟦厅⟧"}
CHANGED = re.compile(
    "|".join(
        sorted(
            [
                *MARKS.values(),
                *REAL,
                *(one[:-1] for one in REAL if len(one) == 3),
                *WORDS,
                "上海市",
                "上海",
                "贵阳市",
                "贵阳",
            ],
            key=len,
            reverse=True,
        )
    )
    + r"|20[12]\d(?=年)"
)
GENERAL = ("序号", "名称", "统一社会信用代码", "所属区县", "地址", "联系电话", "更新日期")
STARTED = datetime(2020, 1, 1, 8)

Shown = tuple[dict[str, Any], dict[str, Any]]  # with CKAN's own schema, and with ours


@cache
def districts() -> list[str]:
    """Return the names of the city's present districts and counties, in the order of their codes."""
    path = ROOT / "ckanext-cqgov" / "ckanext" / "cqgov" / "data" / "divisions" / "chongqing.csv"
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["level"] == "district" and not row["valid_to"]]
    return [row["name"] for row in sorted(rows, key=lambda row: row["code"])]


@cache
def streets() -> list[str]:
    """Return the names of the city's streets and towns."""
    path = ROOT / "ckanext-cqgov" / "ckanext" / "cqgov" / "demo" / "data" / "files" / "chongqing_streets_modood.csv"
    with path.open(encoding="utf-8") as file:
        return sorted({row["name"] for row in csv.DictReader(file)})


@cache
def records() -> list[tuple[str, str]]:
    """Return each distinct real record as ``(department, template)``; the template is JSON of what CKAN shows."""
    import yaml

    from ckanext.cqgov.domain import exchange, mapping
    from ckanext.cqgov.domain.catalogue_vocabulary import Vocabulary
    from ckanext.cqgov.exchange.mappings import FILLABLE, FOLDER
    from ckanext.cqgov.rules import load, load_guide

    words, found, seen = Vocabulary(load(), load_guide()), [], set()
    for name, file in CATALOGUES.items():
        read = mapping.parse(yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")), FILLABLE)
        rows = json.loads(gzip.decompress((ROOT / "tests" / "data" / "catalogue" / f"{file}.json.gz").read_bytes()))
        for number, row in enumerate(rows, 1):
            entry = mapping.apply(read, row, number, words.code)
            key = exchange.identity(entry.values, entry.provider).key
            if key not in seen:
                seen.add(key)
                found.append((entry.provider, template(entry.values)))
    return found


def template(values: dict[str, Any]) -> str:
    """Return a record's dataset as JSON, with marks where its variations differ."""
    from ckanext.cqgov.domain import catalogue
    from ckanext.cqgov.domain.catalogue_fields import FIELDS

    values = {**values, "items": items(values.get("notes") or "")}
    formats = (values.get("format_other") or "CSV").split("、")
    core = {
        "id": MARKS["id"],
        "name": MARKS["name"],
        "title": f"{MARKS['head']}{values['title']}{MARKS['tail']}",
        "notes": f"{values.get('notes') or values['title']}。{MARKS['scope']}",
        "author": None,
        "author_email": None,
        "creator_user_id": None,
        "isopen": False,
        "license_id": None,
        "license_title": None,
        "maintainer": None,
        "maintainer_email": None,
        "num_resources": len(formats),
        "num_tags": len(values.get("tags") or ()),
        "private": False,
        "state": "active",
        "type": "dataset",
        "url": None,
        "version": None,
        "groups": [],
        "relationships_as_subject": [],
        "relationships_as_object": [],
        "tags": [
            {
                "display_name": tag["name"],
                "id": tag["name"],
                "name": tag["name"],
                "state": "active",
                "vocabulary_id": None,
            }
            for tag in values.get("tags") or ()
        ],
        "resources": [resource(values["title"], number, kind) for number, kind in enumerate(formats)],
    }
    kept = {key: value for key, value in values.items() if key in FIELDS and key not in core}
    stored = [{"key": key, "value": value} for key, value in catalogue.storage(kept).items()]
    return json.dumps(
        [{**core, "extras": stored}, {**core, **kept, "extras": [], "complete": True}], ensure_ascii=False
    )


def items(notes: str) -> list[dict[str, Any]]:
    """Return the information items that an abstract lists, or the usual ones."""
    named = [part for part in re.split(r"[、，,；;。：:\s]|包括|以及", notes) if 2 <= len(part) <= 12]
    names = list(dict.fromkeys(named if len(named) >= 3 else GENERAL))[:30]
    kind = {"type": "string", "length": "100", "primary_key": False, "personal": False, "base_item": None}
    return [{"name": name, **kind} for name in names]


def resource(title: str, number: int, kind: str) -> dict[str, Any]:
    """Return one file of a dataset as CKAN shows it."""
    return {
        "cache_last_updated": None,
        "cache_url": None,
        "created": STARTED.isoformat(),
        "description": f"{MARKS['head']}{title}",
        "format": kind.upper(),
        "hash": "",
        "id": f"{MARKS['id']}-{number}",
        "last_modified": None,
        "metadata_modified": STARTED.isoformat(),
        "mimetype": None,
        "mimetype_inner": None,
        "name": f"{MARKS['head']}{title}{MARKS['tail']}.{kind.lower()}",
        "package_id": MARKS["id"],
        "position": number,
        "resource_type": None,
        "size": 4096 + number,
        "state": "active",
        "url": f"http://127.0.0.1/files/{MARKS['name']}/{number}.{kind.lower()}",
        "url_type": None,
    }


def wording(number: int) -> dict[str, str]:
    """Return what each changed word becomes in one variation of a record."""
    areas, towns = districts(), streets()
    district, street = areas[number * 7 % len(areas)], towns[number * 131 % len(towns)]
    year, cycle = 2012 + number * 5 % 14, number // 7
    heads = ("", district, f"{district}{street}", f"{year}年{district}", f"{CITY}{district}", street, f"{year}年")
    found = {"上海市": CITY, "贵阳市": CITY, "上海": CITY[:-1], "贵阳": CITY[:-1]}
    for place, real in enumerate(REAL):
        other = areas[(place + number * 7) % len(areas)]
        found[real] = other
        found[real[:-1]] = other[:-1] if len(other) == 3 else other
    found |= {word: other for place, (word, other) in enumerate(WORDS.items()) if number >> place & 1}
    found |= {str(shown): str(2012 + (shown + number) % 14) for shown in range(2010, 2030)}
    found[MARKS["head"]] = heads[number % len(heads)]
    found[MARKS["tail"]] = ("", f"（{year}年）", f"（第{cycle + 1}批）")[number % 3] if number else ""
    found[MARKS["scope"]] = f"数据范围为{district}{street}，{year}年度，由{MARKS['department']}采集、核对并按期更新。"
    return found


def varied(text: str, words: dict[str, str]) -> str:
    """Return a text with every changed word replaced; what was put in is not looked at again."""
    return CHANGED.sub(lambda found: words.get(found[0], found[0]), text)


def organization_of(title: str) -> dict[str, Any]:
    """Return the organisation of a title as CKAN shows it within a dataset."""
    key = str(uuid5(NAMESPACE_URL, f"bench-organization-{title}"))
    return {
        "id": key,
        "name": f"bench-{key[:13]}",
        "title": title,
        "type": "organization",
        "description": "",
        "image_url": "",
        "created": STARTED.isoformat(),
        "is_organization": True,
        "approval_status": "approved",
        "state": "active",
    }


@cache
def wordings(number: int) -> dict[str, str]:
    """Return ``wording`` of a variation, worked out once."""
    return wording(number)


def dataset(number: int) -> Shown:
    """Return the dataset of a number as CKAN shows it: with its own schema, and with ours."""
    department, text = records()[number % len(records())]
    words = wordings(number // len(records()))
    title = varied(department, words)
    key = str(uuid5(NAMESPACE_URL, f"bench-dataset-{number}"))
    own = {MARKS["id"]: key, MARKS["name"]: f"bench-{key[:18]}"}
    text = varied(text, {**words, **own}).replace(MARKS["department"], title)
    default, custom = json.loads(text)
    owner = organization_of(title)
    created = STARTED + timedelta(minutes=number * 31 % 2_800_000)
    more = {
        "owner_org": owner["id"],
        "organization": owner,
        "metadata_created": created.isoformat() + ".000001",
        "metadata_modified": (created + timedelta(hours=number % 700)).isoformat() + ".000001",
    }
    return {**default, **more}, {**custom, **more}


def organizations(count: int) -> list[dict[str, Any]]:
    """Return the organisations that own the first so many datasets."""
    pairs = {(department, number // len(records())) for number, (department, _) in _numbered(count)}
    titles = {varied(department, wordings(variation)) for department, variation in pairs}
    return [organization_of(title) for title in sorted(titles)]


def _numbered(count: int) -> Iterator[tuple[int, tuple[str, str]]]:
    return ((number, records()[number % len(records())]) for number in range(count))
