"""Which files may be uploaded: an ending that is allowed, contents that fit the ending, nothing that a computer would run.

The tables speak of contents by their first bytes and by the name that ``libmagic`` has for them. Archives, and the formats that
are zip archives inside (xlsx, docx, ofd …), are looked through entry by entry (``limits/archives.py``).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ckanext.cqgov.domain.text import Text

ZIP, OLE, GZIP, TEXT, MEDIA = "zip", "ole", "gzip", "text", "media"

HEAD = 8192
"""Bytes of a file that are looked at to tell what it is."""

STARTS: dict[str, tuple[bytes, ...]] = {
    ZIP: (b"PK\x03\x04", b"PK\x05\x06"),
    OLE: (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    GZIP: (b"\x1f\x8b",),
    "pdf": (b"%PDF-", b"\xef\xbb\xbf%PDF-"),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "jpg": (b"\xff\xd8\xff",),
    "gif": (b"GIF87a", b"GIF89a"),
    "bmp": (b"BM",),
    "tif": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "webp": (b"RIFF",),
    "parquet": (b"PAR1",),
    "sqlite": (b"SQLite format 3\x00",),
    "access": (b"\x00\x01\x00\x00Standard ",),
    "shp": (b"\x00\x00\x27\x0a",),
    "dbf": tuple(
        bytes([kind]) for kind in (0x02, 0x03, 0x04, 0x05, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0xCB, 0xF5)
    ),
    "rm": (b".RMF", b".ra\xfd"),
    "swf": (b"FWS", b"CWS", b"ZWS"),
    "avi": (b"RIFF",),
    "wav": (b"RIFF",),
    "mpg": (b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3", b"G"),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"\xff\xfa"),
}
"""What contents begin with, by their kind."""

KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        "csv tsv txt json geojson jsonl xml rdf ttl jsonld n3 nt html htm md sql kml gml svg".split(), (TEXT,)
    ),
    **dict.fromkeys("xlsx docx pptx ods odt odp ofd kmz zip".split(), (ZIP,)),
    **dict.fromkeys("xls doc ppt".split(), (OLE,)),
    **dict.fromkeys("et wps dps".split(), (OLE, ZIP)),
    "gz": (GZIP,),
    "jpeg": ("jpg",),
    "tiff": ("tif",),
    "mdb": ("access",),
    "accdb": ("access",),
    "gpkg": ("sqlite",),
    **{name: (name,) for name in "pdf png jpg gif bmp tif webp parquet sqlite shp dbf rm swf avi wav mpg mp3".split()},
    "mp4": (MEDIA,),
}
"""Ending, and the kinds of contents that it may have. An ending that an operator allows besides must only be no program."""

PROGRAMS: tuple[bytes, ...] = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"#!",
    b"\x00asm",
    b"dex\n",
    b"L\x00\x00\x00\x01\x14\x02\x00",
    b"!<arch>\ndebian",
    b"\xed\xab\xee\xdb",
)
"""What programs of Windows, Linux, macOS, Java, Android, scripts, links and packages begin with."""

PROGRAM_TYPES: tuple[str, ...] = (
    "application/x-dosexec",
    "application/vnd.microsoft.portable-executable",
    "application/x-executable",
    "application/x-pie-executable",
    "application/x-sharedlib",
    "application/x-object",
    "application/x-mach-binary",
    "application/x-msi",
    "application/java-archive",
    "application/x-java-applet",
    "application/vnd.android.package-archive",
    "text/x-shellscript",
    "text/x-msdos-batch",
    "text/x-python",
    "text/x-perl",
    "text/x-php",
)
"""Names that ``libmagic`` has for programs."""

PROGRAM_ENDINGS: Collection[str] = frozenset(
    "exe com dll sys scr pif cpl msi msp bat cmd ps1 psm1 vbs vbe js jse wsf wsh hta lnk reg jar class apk dex deb rpm "
    "sh bash csh ksh so dylib app dmg pkg elf bin run php phtml asp aspx jsp py pl rb xlsm xlsb xlam docm dotm pptm ppam".split()
)
"""Endings that a computer would run, or that hold macros."""

MACROS: Collection[str] = frozenset({"vbaproject.bin", "vbadata.xml", "activex1.bin"})
"""Entries of office files that are programs."""

NO_ENDING = Text("文件名没有扩展名，无法判断类型", "The file's name has no ending, so nobody can tell what it is")
NOT_ALLOWED = Text(
    "不接受 .{ending} 文件。可上传的类型：{allowed}",
    "Files of the type .{ending} are not taken. Possible are: {allowed}",
)
IS_PROGRAM = Text(
    "“{name}”是可执行程序、脚本或带宏的文件，不能上传。请只上传数据",
    "“{name}” is a program, a script or a file with macros, which can't be uploaded. Upload the data alone",
)
NOT_WHAT_IT_SAYS = Text(
    "文件内容与扩展名 .{ending} 不符。请用正确的扩展名，或重新导出文件",
    "The contents of the file are not those of a .{ending} file. Give it its right ending, or export it again",
)
TOO_LARGE = Text(
    "文件有 {size} MB，超过上限 {limit} MB。请压缩或分成几个文件",
    "The file has {size} MB; {limit} MB are possible. Compress it, or split it",
)
EMPTY = Text("文件是空的", "The file is empty")


def ending_of(name: str) -> str:
    """Return a file name's ending in lower case, without the dot; of ``a.csv.gz`` it is ``gz``."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return last.rpartition(".")[2].strip().lower() if "." in last else ""


def is_program(name: str, head: bytes, type_: str = "") -> bool:
    """Say whether a file is something that a computer would run.

    :param name: its name.
    :param head: its first bytes.
    :param type_: what ``libmagic`` calls it, where that was asked.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    if ending_of(last) in PROGRAM_ENDINGS or last in MACROS:
        return True
    if head.startswith(PROGRAMS) and not (head.startswith(b"MZ") and is_text(head)):
        return True
    return type_ in PROGRAM_TYPES and not (type_.startswith("text/x-") and KINDS.get(ending_of(last)) == (TEXT,))


def is_text(head: bytes) -> bool:
    """Say whether the beginning of a file is text: no zero byte (but in UTF-16 with its mark), hardly a control character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    controls = sum(byte < 32 and byte not in b"\t\n\r\f\x1a\x1b" for byte in head)
    return b"\0" not in head and controls * 100 <= len(head)


def fits(ending: str, head: bytes, type_: str) -> bool:
    """Say whether contents fit an ending; one that is in no table fits anything.

    :param ending: the ending in lower case, without the dot.
    :param head: the first bytes.
    :param type_: what ``libmagic`` calls the contents.
    """
    return ending not in KINDS or any(_is(kind, head, type_) for kind in KINDS[ending])


def _is(kind: str, head: bytes, type_: str) -> bool:
    if kind == TEXT:
        return is_text(head)
    if kind == MEDIA:
        return type_.startswith(("video/", "audio/")) or head[4:8] == b"ftyp"
    return head.startswith(STARTS[kind])


def problem(name: str, size: int, head: bytes, type_: str, *, allowed: Collection[str], limit: int) -> Text | None:
    """Return why a file is not taken, or nothing; whether an archive holds what it may is another question.

    :param name: the file's name as handed in.
    :param size: its size in bytes.
    :param head: its first bytes (``HEAD``).
    :param type_: what ``libmagic`` calls it.
    :param allowed: endings that may be uploaded.
    :param limit: the largest size, in MB.
    """
    ending = ending_of(name)
    if size > limit * 1_000_000:
        return TOO_LARGE.filled(size=-(-size // 1_000_000), limit=limit)
    if size == 0:
        return EMPTY
    if is_program(name, head, type_):
        return IS_PROGRAM.filled(name=name)
    if not ending:
        return NO_ENDING
    if ending not in allowed:
        return NOT_ALLOWED.filled(ending=ending, allowed="、".join(sorted(allowed)))
    return None if fits(ending, head, type_) else NOT_WHAT_IT_SAYS.filled(ending=ending)


@dataclass(frozen=True)
class ArchiveLimits:
    """What an archive may hold: entries, bytes unpacked, times as large as packed, levels of archives."""

    entries: int
    size: int
    ratio: int
    depth: int


FREE = 20_000_000
"""Bytes unpacked up to which nobody asks how well they were packed: tables pack very well."""

TOO_MANY_ENTRIES = Text("压缩包超过 {limit} 个文件", "the archive has more than {limit} entries")
UNPACKS_TOO_LARGE = Text("解压后超过 {limit} MB", "it has more than {limit} MB when unpacked")
PACKED_TOO_WELL = Text(
    "解压后超过原大小的 {limit} 倍，疑似压缩炸弹",
    "it grows by more than {limit} times when unpacked, as archive bombs do",
)
TOO_DEEP = Text("压缩包嵌套超过 {limit} 层", "it has archives within archives more than {limit} levels deep")
OTHER_METHOD = Text(
    "其中的“{name}”使用了无法检查的压缩方法，请用普通方式（Deflate）重新压缩",
    "“{name}” in it is packed by a method that can't be looked through; pack it anew the ordinary way (Deflate)",
)
ENCRYPTED = Text("压缩包加密，无法检查", "it is encrypted and can't be looked through")
BROKEN = Text("压缩包已损坏或不是压缩包", "it is broken, or no archive")
ESCAPES = Text("压缩包内有指向包外的路径：{name}", "it has a path that leads out of it: {name}")
IN_ARCHIVE = Text("“{name}”不能上传：{why}", "“{name}” can't be uploaded: {why}")
HOLDS_PROGRAM = Text("其中的“{name}”是可执行程序、脚本或宏", "“{name}” in it is a program, a script or a macro")


def leads_out(name: str) -> bool:
    """Say whether an entry's name leads out of the folder that an archive is unpacked into."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":")
