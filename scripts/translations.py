"""Keep the translation catalogues of the three packages in step with the code.

Each package has its own catalogue (``ckanext-<package>.pot``, ``.po`` and ``.mo``). The one of cqgov also carries
what CKAN's own zh_Hans_CN lacks or says badly, because CKAN lets a plugin's catalogue win over its own.

    python scripts/translations.py update    extract the texts, refresh .pot, .po and .mo; prints what has no translation
    python scripts/translations.py check     change nothing; exit with 1 when a file is out of step or a text untranslated

The .po is the place to translate in; after editing it run ``update`` again.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import polib
from werkzeug.exceptions import default_exceptions

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("cqgov", "sharing", "review")
LANGUAGE = "zh_Hans_CN"
CORE_COMMENT = "CKAN"
"""The extracted comment that marks a text of CKAN's own in our catalogue."""
UNUSED_PREFIX = "ckanext/example_"
"""Texts of CKAN's example extensions, which no portal loads."""
UNLISTED = (
    "Must start with {prefix}",
    "Must start with any of the prefixes: {prefixes}",
    "Manage resource: {name}",
    "active",
    "deleted",
    "draft",
    "pending",
    *(code.description for code in default_exceptions.values() if code.description),
)
"""Texts that CKAN's template of texts does not list: forgotten ones, and those that are made at run time (states, errors)."""
HEADER = {
    "Project-Id-Version": "cqgov-suite",
    "Language": "zh_Hans_CN",
    "Plural-Forms": "nplurals=1; plural=0;",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Transfer-Encoding": "8bit",
}


def catalogue_folder(package: str) -> Path:
    """Return the ``i18n`` folder of ``package``."""
    return ROOT / f"ckanext-{package}" / "ckanext" / package / "i18n"


def po_path(package: str) -> Path:
    """Return where the translations of ``package`` are."""
    return catalogue_folder(package) / LANGUAGE / "LC_MESSAGES" / f"ckanext-{package}.po"


def core_folder() -> Path:
    """Return CKAN's ``i18n`` folder without importing CKAN (which would want a configuration)."""
    spec = importlib.util.find_spec("ckan")
    if spec is None or spec.origin is None:
        raise SystemExit("CKAN is not installed in this environment.")
    return Path(spec.origin).parent / "i18n"


def core_texts() -> dict[str, polib.POEntry]:
    """Return CKAN's translatable texts by msgid, without those of its example extensions."""
    listed = {
        entry.msgid: entry
        for entry in polib.pofile(str(core_folder() / "ckan.pot"))
        if not all(path.startswith(UNUSED_PREFIX) for path, _ in entry.occurrences)
    }
    return listed | {text: polib.POEntry(msgid=text) for text in UNLISTED}


def core_translations() -> dict[str, polib.POEntry]:
    """Return what CKAN says in Chinese, by msgid: what a portal without our catalogue shows.

    The .po is asked, for the .mo repeats the English of a plural that nobody translated.
    """
    source = polib.pofile(str(core_folder() / LANGUAGE / "LC_MESSAGES" / "ckan.po"))
    return {entry.msgid: entry for entry in source if translated(entry) and not entry.obsolete}


def translated(entry: polib.POEntry) -> bool:
    """Say whether ``entry`` has a translation in every plural form of the language."""
    if entry.msgid_plural:
        return bool(entry.msgstr_plural) and all(entry.msgstr_plural.values())
    return bool(entry.msgstr)


def extracted(package: str) -> polib.POFile:
    """Return the texts found in the code, templates and scripts of ``package``, sorted, with the files they occur in."""
    source = Path(f"ckanext-{package}") / "ckanext"
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "extracted.pot"
        command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg"]
        command += ["-k", "translate", "--add-location=file", "--sort-output", "-o", str(target), str(source)]
        subprocess.run(command, check=True, cwd=ROOT)
        found = polib.pofile(str(target))
    template = polib.POFile(wrapwidth=110)
    template.metadata = dict(HEADER)
    template.metadata["Language"] = ""
    template.extend(sorted(found, key=lambda entry: entry.msgid))
    return template


def merged(package: str, template: polib.POFile) -> polib.POFile:
    """Return the catalogue of ``package``: the texts of ``template`` and, for cqgov, CKAN's, with what is translated.

    A text that is gone from the code is dropped; a text of CKAN's that CKAN lacks in Chinese is added untranslated.
    """
    old = {entry.msgid: entry for entry in polib.pofile(str(po_path(package)))} if po_path(package).exists() else {}
    core_zh = core_translations()
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = dict(HEADER)
    ours = {entry.msgid for entry in template}
    for entry in template:
        copy = polib.POEntry(
            msgid=entry.msgid,
            msgid_plural=entry.msgid_plural,
            occurrences=entry.occurrences,
            flags=list(entry.flags),
        )
        take_translation(copy, old.get(entry.msgid), core_zh.get(entry.msgid))
        catalogue.append(copy)
    if package == "cqgov":
        for msgid, entry in sorted(core_texts().items()):
            kept = old.get(msgid)
            if msgid in ours or (kept is None and msgid in core_zh):
                continue
            copy = polib.POEntry(
                msgid=msgid, msgid_plural=entry.msgid_plural, comment=CORE_COMMENT, flags=list(entry.flags)
            )
            take_translation(copy, kept)
            catalogue.append(copy)
    return catalogue


def take_translation(entry: polib.POEntry, *candidates: polib.POEntry | None) -> None:
    """Give ``entry`` the first translation among ``candidates``; leave it empty when there is none."""
    if entry.msgid_plural:
        entry.msgstr_plural = {0: ""}
    for candidate in candidates:
        if candidate is None or not translated(candidate):
            continue
        if entry.msgid_plural:
            entry.msgstr_plural = {0: candidate.msgstr_plural.get(0, candidate.msgstr)}
        else:
            entry.msgstr = candidate.msgstr or candidate.msgstr_plural.get(0, "")
        return


def files(package: str) -> dict[Path, bytes]:
    """Return what the three files of ``package`` should hold."""
    template = extracted(package)
    catalogue = merged(package, template)
    po = po_path(package)
    return {
        catalogue_folder(package) / f"ckanext-{package}.pot": f"{template}\n".encode(),
        po: f"{catalogue}\n".encode(),
        po.with_suffix(".mo"): catalogue.to_binary(),
    }


def untranslated(package: str) -> list[str]:
    """Return the texts of the committed catalogue of ``package`` that have no translation."""
    return [entry.msgid for entry in polib.pofile(str(po_path(package))) if not translated(entry)]


def main(arguments: list[str]) -> int:
    """Run ``update`` or ``check``; return the exit code."""
    if arguments not in (["update"], ["check"]):
        print(__doc__)
        return 2
    stale = []
    for package in PACKAGES:
        for path, content in files(package).items():
            if path.exists() and path.read_bytes() == content:
                continue
            stale.append(path.relative_to(ROOT))
            if arguments == ["update"]:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    missing = [(package, text) for package in PACKAGES if po_path(package).exists() for text in untranslated(package)]
    for path in stale:
        print(f"{'written' if arguments == ['update'] else 'out of step'}: {path}")
    for package, text in missing:
        print(f"no translation in {package}: {text!r}")
    return 1 if missing or (stale and arguments == ["check"]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
