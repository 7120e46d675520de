"""Mapping files: the shipped ones and those an operator wrote."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from ckanext.cqgov import yaml_text
from ckanext.cqgov.domain import mapping
from ckanext.cqgov.domain.catalogue_fields import CORE, FIELDS
from ckanext.cqgov.domain.mapping import ListingMapping, MappingError
from ckanext.cqgov.domain.text import Text
from ckanext.cqgov.exchange.terms import RulesTerms
from ckanext.cqgov.exchange.unreadable import Unreadable

FOLDER = Path(__file__).parent.parent / "data" / "mappings"
# What a listing may say: not who owns the record, and nothing that only the importer decides.
FILLABLE = (
    frozenset(CORE) - {"owner_org"} | frozenset(FIELDS) - {"origin", "source_portal", "source_key", "items"} | {"name"}
)


def load(path: Path) -> ListingMapping:
    """Read one mapping file; raises ``Unreadable`` naming everything that is wrong with it."""
    try:
        data = yaml.load(path.read_text("utf-8-sig"), yaml_text.Loader)
        return mapping.parse(data, FILLABLE, RulesTerms().vocabularies())
    except MappingError as error:
        faults = error.problems
    except yaml.YAMLError as error:
        faults = [Text(f"不是有效的 YAML：{error}", f"is not YAML: {error}")]
    except RecursionError:
        faults = [yaml_text.TOO_DEEP]
    except (OSError, UnicodeDecodeError) as error:
        faults = [Text(f"无法读取：{error}", f"cannot be read: {error}")]
    raise Unreadable(
        Text(
            f"对照文件 {path.name}：" + "；".join(fault.zh for fault in faults),
            f"mapping {path.name}: " + "; ".join(fault.en for fault in faults),
        ),
        Text("写法见文档 docs/import.md", "docs/import.md says how to write one"),
    )


@cache
def shipped() -> dict[str, ListingMapping]:
    """Return the mappings that come with the product, by name."""
    return {found.name: found for found in (load(path) for path in sorted(FOLDER.glob("*.yaml")))}


def named(name: str) -> ListingMapping:
    """Return the shipped mapping ``name``, or the one in the file of that path; raises ``Unreadable``."""
    if name in shipped():
        return shipped()[name]
    if Path(name).suffix in (".yaml", ".yml"):
        return load(Path(name))
    raise Unreadable(
        Text(f"没有名为“{name}”的对照文件", f"there is no mapping '{name}'"),
        Text(
            f"可用：{'、'.join(shipped())}；或给出 .yaml 文件的路径",
            f"there are {', '.join(shipped())}; or give the path of a .yaml file",
        ),
    )


def recognised(labels: Iterable[str]) -> ListingMapping:
    """Return the one shipped mapping that fits a file with these columns; raises ``Unreadable``."""
    labels = list(labels)
    fitting = [found for found in shipped().values() if found.fits(labels)]
    if len(fitting) == 1:
        return fitting[0]
    columns = "、".join(labels[:12])
    raise Unreadable(
        Text(
            f"无法判断文件的结构，其列名为：{columns}",
            f"the file is neither the template nor a known listing; columns: {columns}",
        ),
        Text(
            "请使用国家目录模板，或用 --mapping 指明对照文件（写法见 docs/import.md）",
            "use the national template, or name a mapping with --mapping (docs/import.md says how to write one)",
        ),
    )
