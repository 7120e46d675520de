"""The fields of a catalogue entry: one table that the form, the API, the importer and the documentation read.

Labels are the national compilation guide's own terms (发改高技〔2017〕1272号); what the decree adds or this portal
needs is marked in the help texts. ``core`` fields belong to CKAN and are listed only because completeness and the form
speak of them too.
"""

from __future__ import annotations

from ckanext.cqgov.domain.catalogue_field import BOOL, CHOICE, DATE, ITEMS, LIST, SECTIONS, TEXT, Field
from ckanext.cqgov.domain.catalogue_fields_content import CONTENT
from ckanext.cqgov.domain.catalogue_fields_terms import TERMS

__all__ = [
    "ALL", "BOOL", "CHOICE", "COMPUTED", "CORE", "DATE", "FIELDS", "ITEMS", "ITEM_FIELDS", "LIST", "PROTECTED",
    "SECTIONS", "TEXT", "Field",
]  # fmt: skip

ALL: tuple[Field, ...] = CONTENT + TERMS
"""Every field in the order of the form."""

CORE: dict[str, Field] = {field.key: field for field in ALL if field.core}
FIELDS: dict[str, Field] = {field.key: field for field in ALL if not field.core}
PROTECTED: tuple[str, ...] = tuple(field.key for field in ALL if field.protected)
COMPUTED = "complete"
"""Shown with every entry, ignored on input."""

ITEM_FIELDS: tuple[Field, ...] = (
    Field(key="name", kind=TEXT, zh="信息项名称", en="Item name", section="items", max_length=200, required=True),
    Field(
        key="type", kind=CHOICE, vocabulary="data_types", zh="数据类型", en="Data type", section="items", required=True
    ),
    Field(key="length", kind=TEXT, zh="数据长度", en="Length", section="items", max_length=20),
    Field(key="primary_key", kind=BOOL, zh="主键", en="Primary key", section="items"),
    Field(
        key="personal",
        kind=CHOICE,
        vocabulary="personal_classes",
        zh="个人信息类别",
        en="Personal class",
        section="items",
    ),
    Field(key="base_item", kind=BOOL, zh="基础信息项", en="Base item", section="items"),
)
