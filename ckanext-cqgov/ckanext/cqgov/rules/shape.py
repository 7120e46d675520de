"""Says in both languages where a parsed file departs from its JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from ckanext.cqgov.domain.rulecheck import Fault
from ckanext.cqgov.domain.text import Text

SAID = {
    "required": Text("缺少 {detail}；请补上", "{detail} is missing; add it"),
    "additionalProperties": Text(
        "不认识的键 {detail}；请改正拼写或删除", "unknown key {detail}; correct its spelling or delete it"
    ),
    "type": Text("值的类型不对，应为 {detail}", "the value has the wrong type, it must be {detail}"),
    "enum": Text("只能是 {detail} 之一", "must be one of {detail}"),
    "const": Text("必须是 {detail}", "must be {detail}"),
    "pattern": Text("写法不符合 {detail}", "must look like {detail}"),
    "minimum": Text("不能小于 {detail}", "must not be less than {detail}"),
    "maximum": Text("不能大于 {detail}", "must not be more than {detail}"),
    "minLength": Text("不能为空", "must not be empty"),
    "minItems": Text("至少要有 {detail} 个值", "needs at least {detail} value"),
    "minProperties": Text("至少要有 {detail} 个值", "needs at least {detail} value"),
    "uniqueItems": Text("同一个值写了两次", "the same value is written twice"),
}


def misshapen(tree: Any, schema: Mapping[str, Any]) -> list[Fault]:
    """Return every departure of ``tree`` from ``schema``; empty when the shape is right."""
    return [fault for error in Draft202012Validator(schema).iter_errors(tree) for fault in _said(error)]


def _said(error) -> list[Fault]:
    path = tuple(error.absolute_path)
    said = SAID.get(error.validator)
    if said is None:
        return [Fault(path, Text(error.message, error.message))]
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        # jsonschema reports once per missing key; each report names its own
        named = next((key for key in missing if repr(key) in error.message), missing[0])
        return [Fault(path, said.filled(detail=named))]
    if error.validator == "additionalProperties":
        extra = [key for key in error.instance if key not in error.schema.get("properties", {})]
        return [Fault((*path, key), said.filled(detail=key)) for key in extra]
    if "propertyNames" in error.absolute_schema_path:
        path = (*path, error.instance)
    detail = error.validator_value
    return [Fault(path, said.filled(detail=" | ".join(map(str, detail)) if isinstance(detail, list) else detail))]
