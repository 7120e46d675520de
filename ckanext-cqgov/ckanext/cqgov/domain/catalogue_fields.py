"""The fields of a catalogue entry: one table that the form, the API, the importer and the documentation read.

Labels are the national compilation guide's own terms (发改高技〔2017〕1272号); what the decree adds or this portal
needs is marked in the help texts. ``core`` fields belong to CKAN and are listed only because completeness and the form
speak of them too.
"""

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


ALL: tuple[Field, ...] = (
    Field(
        key="title",
        kind=TEXT,
        zh="信息资源名称",
        en="Title",
        section="identity",
        required=True,
        core=True,
        help_zh="公众看得懂的名称，写明内容和范围，例如“公共停车场基本信息”。",
        help_en="A name that the public understands: content and scope, e.g. “Public car parks: basic information”.",
    ),
    Field(
        key="owner_org",
        kind=TEXT,
        zh="信息资源提供方",
        en="Provider",
        section="identity",
        required=True,
        core=True,
        help_zh="产生和提供该资源的政务部门。",
        help_en="The department that produces and provides the resource.",
    ),
    Field(
        key="provider_unit",
        kind=TEXT,
        zh="下设机构",
        en="Unit of the provider",
        section="identity",
        max_length=200,
        help_zh="提供方内部负责该资源的处室或单位。",
        help_en="The office inside the provider that is responsible.",
    ),
    Field(
        key="provider_code",
        kind=TEXT,
        zh="信息资源提供方代码",
        en="Provider code",
        section="identity",
        max_length=40,
        required=True,
        help_zh="统一社会信用代码（18 位）；留空时取自提供方的登记。",
        help_en="Unified social credit code (18 characters); taken from the provider's entry when empty.",
    ),
    Field(
        key="notes",
        kind=TEXT,
        zh="信息资源摘要",
        en="Abstract",
        section="identity",
        max_length=20000,
        multiline=True,
        required=True,
        core=True,
        help_zh="概括资源内容、来源、范围和用途。",
        help_en="What the resource contains, where it comes from, what it is for.",
    ),
    Field(
        key="tags",
        kind=LIST,
        zh="标签",
        en="Tags",
        section="identity",
        core=True,
        help_zh="便于查找的关键词，可用中文。",
        help_en="Keywords that help to find it; Chinese is fine.",
    ),
    Field(
        key="class_path",
        kind=LIST,
        zh="信息资源分类",
        en="Class path",
        section="classification",
        max_entries=5,
        max_length=100,
        required=True,
        help_zh="依次填写类、项、目、细目、细目，至少填到“目”，例如：主题 / 城乡建设 / 停车管理。",
        help_en="Class, division, category and up to two details, at least three levels.",
    ),
    Field(
        key="catalog_code",
        kind=TEXT,
        zh="信息资源代码",
        en="Catalogue code",
        section="classification",
        max_length=64,
        required=True,
        help_zh="前段码/后段码：类 1 位（1 基础、2 主题、3 部门）、项 2 位、目 3 位、细目不限，"
        "“/”后为顺序码。例如 307001/12。全目录唯一。",
        help_en="Front part/back part: 1 digit class (1 base, 2 theme, 3 department), 2 division, 3 category, "
        "any details, then “/” and a serial number, e.g. 307001/12. Unique in the catalogue.",
    ),
    Field(
        key="related_matter",
        kind=TEXT,
        zh="关联业务事项",
        en="Related business matter",
        section="classification",
        help_zh="产生该资源的行政权力或服务事项名称。",
        help_en="The administrative matter that produces the resource.",
    ),
    Field(
        key="base_kind",
        kind=CHOICE,
        vocabulary="base_kinds",
        zh="基础信息类别（本办法）",
        en="Base information (decree)",
        section="classification",
        help_zh="属于本办法第十七条第（二）项所列五类基础信息的，选择类别。",
        help_en="Choose when the resource is base information in the sense of Art. 17(2) of the decree.",
    ),
    Field(
        key="guide_base_class",
        kind=CHOICE,
        vocabulary="guide_base_classes",
        zh="基础信息资源类别（编制指南）",
        en="Base class (guide)",
        section="classification",
        help_zh="编制指南的五类基础信息资源，与本办法的五类并不相同。",
        help_en="The compilation guide's five base classes; they differ from the decree's five.",
    ),
    Field(
        key="thematic_kind",
        kind=CHOICE,
        vocabulary="thematic_kinds",
        zh="主题信息类别",
        en="Thematic information",
        section="classification",
        help_zh="属于本办法第十七条第（三）项的跨部门主题信息资源的，选择类别；此类资源必须共享。",
        help_en="Choose for cross-department thematic information (Art. 17(3)); it must be shared.",
    ),
    Field(
        key="related_codes",
        kind=LIST,
        zh="关联资源代码",
        en="Related codes",
        section="classification",
        max_length=64,
        help_zh="同一资源在其他目录中的代码，多个用逗号分隔。",
        help_en="Codes of the same resource elsewhere, separated by commas.",
    ),
    Field(
        key="format_class",
        kind=CHOICE,
        vocabulary="format_classes",
        zh="信息资源格式分类",
        en="Format class",
        section="format",
        required=True,
        help_zh="决定可选的格式类型和共享方式。",
        help_en="Decides which format types and sharing modes are possible.",
    ),
    Field(
        key="format_type",
        kind=TEXT,
        zh="信息资源格式类型",
        en="Format type",
        section="format",
        max_length=50,
        required=True,
        help_zh="例如 xlsx、mysql；不在列表中的填“其他”并在下一栏说明。",
        help_en="E.g. xlsx, mysql; for one that is not listed enter “other” and describe it below.",
    ),
    Field(
        key="format_other",
        kind=TEXT,
        zh="其他类型资源格式描述",
        en="Other format",
        section="format",
        help_zh="格式类型为“其他”时填写。",
        help_en="Describe the format when its type is “other”.",
    ),
    Field(
        key="items",
        kind=ITEMS,
        zh="信息项信息",
        en="Information items",
        section="items",
        max_entries=2000,
        required=True,
        help_zh="每行一个信息项，可从 Excel 直接粘贴：名称、数据类型、数据长度、主键、个人信息类别、基础信息项。",
        help_en="One row per item; paste from Excel: name, data type, length, primary key, personal class, base item.",
    ),
    Field(
        key="sharing_type",
        kind=CHOICE,
        vocabulary="sharing_types",
        zh="共享类型",
        en="Sharing type",
        section="sharing",
        required=True,
        help_zh="以共享为原则；选择有条件共享或不予共享的，须有法律、行政法规或者党中央、国务院政策依据。",
        help_en="Sharing is the rule; a restriction needs a law, an administrative regulation or a central policy.",
    ),
    Field(
        key="sharing_condition",
        kind=TEXT,
        zh="共享条件",
        en="Sharing condition",
        section="sharing",
        max_length=2000,
        multiline=True,
        help_zh="有条件共享时写明使用用途（行政依据、工作参考、数据校核、业务协同）和范围；不予共享时可说明理由。",
        help_en="For conditional sharing: permitted use and scope; for withheld resources, if you like, the reason.",
    ),
    Field(
        key="sharing_basis_kind",
        kind=CHOICE,
        vocabulary="basis_kinds",
        zh="共享限制依据种类",
        en="Kind of legal basis (sharing)",
        section="sharing",
        help_zh="仅限法律、行政法规、党中央和国务院政策。",
        help_en="Only a law, an administrative regulation or a policy of the Central Committee or the State Council.",
    ),
    Field(
        key="sharing_basis",
        kind=TEXT,
        zh="共享限制依据",
        en="Legal basis (sharing)",
        section="sharing",
        max_length=2000,
        multiline=True,
        help_zh="写明依据名称和条款，例如《中华人民共和国税收征收管理法》第八条。",
        help_en="Name and article of the text.",
    ),
    Field(
        key="sharing_mode_class",
        kind=CHOICE,
        vocabulary="sharing_mode_classes",
        zh="共享方式分类",
        en="Sharing mode class",
        section="sharing",
        help_zh="通过共享平台，或邮件、拷盘、介质交换等。",
        help_en="Through the platform, or by mail and media.",
    ),
    Field(
        key="sharing_mode_type",
        kind=CHOICE,
        vocabulary="sharing_mode_types",
        zh="共享方式类型",
        en="Sharing mode type",
        section="sharing",
        help_zh="须与格式分类一致：数据库资源以数据库或服务接口共享，文件资源以文件共享。",
        help_en="Must suit the format class: a database is shared as database or interface, a file as file.",
    ),
    Field(
        key="opening_type",
        kind=CHOICE,
        vocabulary="opening_types",
        zh="开放类型",
        en="Opening type",
        section="opening",
        required=True,
        help_zh="必须选择；未选择的按不予开放处理。",
        help_en="Must be chosen; without it the resource counts as closed.",
    ),
    Field(
        key="opening_condition",
        kind=TEXT,
        zh="开放条件",
        en="Opening condition",
        section="opening",
        max_length=2000,
        multiline=True,
        help_zh="有条件开放时写明使用条件和适用范围；不予开放时可说明理由。",
        help_en="For conditional opening: conditions and scope of use; for closed resources, if you like, the reason.",
    ),
    Field(
        key="opening_basis_kind",
        kind=CHOICE,
        vocabulary="basis_kinds",
        zh="开放限制依据种类",
        en="Kind of legal basis (opening)",
        section="opening",
        help_zh="不予开放时必填。",
        help_en="Needed for closed resources.",
    ),
    Field(
        key="opening_basis",
        kind=TEXT,
        zh="开放限制依据",
        en="Legal basis (opening)",
        section="opening",
        max_length=2000,
        multiline=True,
        help_zh="写明依据名称和条款。",
        help_en="Name and article of the text.",
    ),
    Field(
        key="sensitive",
        kind=BOOL,
        zh="含敏感信息",
        en="Contains sensitive information",
        section="opening",
        help_zh="非涉密但涉及敏感信息。涉密信息不得进入本系统。",
        help_en="Unclassified but sensitive. Classified information must never enter this system.",
    ),
    Field(
        key="desensitised",
        kind=BOOL,
        zh="已脱敏清洗",
        en="Desensitised",
        section="opening",
        help_zh="敏感信息经脱敏清洗后方可开放。",
        help_en="Sensitive information may be opened only after desensitisation.",
    ),
    Field(
        key="opening_theme",
        kind=TEXT,
        zh="开放主题分类",
        en="Opening theme",
        section="opening",
        max_length=100,
        help_zh="面向公众的主题，例如交通运输、教育科技。",
        help_en="The theme under which the public looks for it.",
    ),
    Field(
        key="update_cycle",
        kind=CHOICE,
        vocabulary="update_cycles",
        zh="更新周期",
        en="Update cycle",
        section="upkeep",
        required=True,
        help_zh="承诺的更新频率。",
        help_en="How often the provider promises to update.",
    ),
    Field(
        key="published_on",
        kind=DATE,
        zh="发布日期",
        en="Published on",
        section="upkeep",
        help_zh="向共享平台或社会发布的日期，格式 2018-05-05。",
        help_en="When it was published for sharing or opening, as 2018-05-05.",
    ),
    Field(
        key="updated_on",
        kind=DATE,
        zh="更新日期",
        en="Updated on",
        section="upkeep",
        help_zh="内容最近一次更新的日期，不早于发布日期。",
        help_en="When its content last changed; not before publishing.",
    ),
    Field(
        key="region",
        kind=LIST,
        zh="行政区划",
        en="Region",
        section="upkeep",
        max_length=12,
        help_zh="覆盖范围的行政区划代码，多个用逗号分隔，例如 500112。",
        help_en="Division codes of the area covered, separated by commas, e.g. 500112.",
    ),
    Field(
        key="source_system",
        kind=TEXT,
        zh="来源系统",
        en="Source system",
        section="upkeep",
        max_length=200,
        help_zh="产生该资源的政务信息系统名称。",
        help_en="The information system that produces the resource.",
    ),
    Field(
        key="contact_unit",
        kind=TEXT,
        zh="联系单位",
        en="Contact",
        section="upkeep",
        max_length=200,
        help_zh="受理咨询的单位或处室。",
        help_en="The office that answers questions.",
    ),
    Field(
        key="contact_phone",
        kind=TEXT,
        zh="联系电话",
        en="Telephone",
        section="upkeep",
        max_length=50,
        help_zh="办公电话，例如 023-63112345。",
        help_en="Office telephone, e.g. 023-63112345.",
    ),
    Field(
        key="contact_email",
        kind=TEXT,
        zh="电子邮箱",
        en="E-mail",
        section="upkeep",
        max_length=200,
        help_zh="办公邮箱。",
        help_en="Office e-mail address.",
    ),
    Field(
        key="origin",
        kind=CHOICE,
        vocabulary="origins",
        zh="条目来源",
        en="Origin",
        section="provenance",
        protected=True,
        help_zh="本部门编制，或从其他平台的目录登记。",
        help_en="Compiled by the department, or listed from another portal.",
    ),
    Field(
        key="source_portal",
        kind=TEXT,
        zh="来源平台",
        en="Source portal",
        section="provenance",
        max_length=200,
        protected=True,
        help_zh="登记条目所在的平台。",
        help_en="The portal from which the entry was listed.",
    ),
    Field(
        key="source_id",
        kind=TEXT,
        zh="来源标识",
        en="Source id",
        section="provenance",
        max_length=500,
        protected=True,
        help_zh="条目在来源平台的标识。",
        help_en="The entry's id at its source.",
    ),
    Field(
        key="source_url",
        kind=TEXT,
        zh="来源网址",
        en="Source page",
        section="provenance",
        max_length=2000,
        protected=True,
        help_zh="条目在来源平台的详情页。",
        help_en="The entry's page at its source.",
    ),
    Field(
        key="source_key",
        kind=TEXT,
        zh="来源键",
        en="Source key",
        section="provenance",
        max_length=500,
        protected=True,
        help_zh="导入时识别同一条目的键。",
        help_en="What the importer recognises the entry by.",
    ),
    Field(
        key="demo_notice",
        kind=TEXT,
        zh="示例说明",
        en="Sample notice",
        section="provenance",
        max_length=500,
        protected=True,
        multiline=True,
        help_zh="示例或虚构数据在页面上显示的说明。",
        help_en="Shown on the page when the entry is a sample or invented.",
    ),
)

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
