"""What a field of the catalogue is: its key, its kind, its names, where it stands and how it is limited."""

from __future__ import annotations

from dataclasses import dataclass

from ckanext.cqgov.domain.text import Text

TEXT, CHOICE, BOOL, DATE, LIST, ITEMS = "text", "choice", "bool", "date", "list", "items"

SECTIONS: dict[str, Text] = {
    "identity": Text("基本信息", "Identity"),
    "classification": Text("分类与编码", "Classification and code"),
    "format": Text("资源格式", "Format"),
    "items": Text("信息项", "Information items"),
    "sharing": Text("共享属性", "Sharing"),
    "opening": Text("开放属性", "Opening"),
    "upkeep": Text("更新与联系", "Upkeep and contact"),
    "provenance": Text("来源登记", "Provenance"),
}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field: its top-level key, how it is typed, shown and limited.

    ``vocabulary`` names a section of the rules or the guide (kind ``choice``). ``max_length`` counts characters of a
    text, or of each entry of a list; ``max_entries`` caps a list or the item table. ``required`` means: always needed
    for a complete entry (conditional needs are in ``completeness``). ``protected`` fields are set by the importer or
    an operator only. ``core`` fields are CKAN's own and pass through CKAN's validators.
    """

    key: str
    kind: str
    zh: str
    en: str
    section: str
    vocabulary: str | None = None
    max_length: int = 500
    max_entries: int = 100
    multiline: bool = False
    required: bool = False
    protected: bool = False
    core: bool = False
    help_zh: str = ""
    help_en: str = ""

    @property
    def label(self) -> Text:
        """The field's name in both languages."""
        return Text(self.zh, self.en)

    @property
    def help(self) -> Text:
        """What a clerk should enter, in both languages."""
        return Text(self.help_zh, self.help_en)

    @property
    def form_id(self) -> str:
        """The id of the field in the form, so that a list of what is missing can link to it."""
        return f"field-{self.key}"
