"""Write the parts of ``docs/`` that are copied from the code, so that they can't rot.

A page holds the place between two comments; the text between them belongs to this script:

    <!-- generated: fields -->
    <!-- /generated -->

    python scripts/reference.py            rewrite those parts
    python scripts/reference.py --check    change nothing; exit with 1 when a page is out of step

Parts: actions, config, cli, pages, fields, items, clocks, vocabularies, guide, decisions, weights.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType

import click
import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PACKAGES = ("cqgov", "sharing", "review")
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- /generated -->)", re.DOTALL)


def part_of(package: str, name: str) -> ModuleType | None:
    """Return ``ckanext.<package>.<name>``, or ``None`` when the package has no such module."""
    full = f"ckanext.{package}.{name}"
    try:
        return import_module(full)
    except ModuleNotFoundError as error:
        if error.name and full.startswith(error.name):
            return None
        raise


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; a bar or a line break in a cell can't break it."""
    head = list(head)
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rows:
        cells = (str(cell or "").replace("|", "\\|").replace("\n", " ") for cell in row)
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


FIELD = re.compile(r":(\w+)(?: (\S+))?:\s*(.*)", re.DOTALL)
HEADINGS = {"returns": "Returns", "return": "Returns", "raises": "Raises", "raise": "Raises"}


def prose(text: str | None) -> str:
    """Return a docstring as Markdown: its paragraphs, then its parameters, result and errors as a list."""
    cleaned = inspect.cleandoc(text or "").replace("``", "`")
    body, *fields = re.split(r"^(?=:\w+[^:\n]*:)", cleaned, flags=re.MULTILINE)
    found = [FIELD.fullmatch(" ".join(each.split())) for each in fields]
    types = {match[2]: match[3] for match in found if match and match[1] in ("type", "rtype")}
    lines = []
    for match in filter(None, found):
        kind, name, meaning = match.groups()
        if kind == "param":
            lines.append(f"- `{name}`{f' ({types[name]})' if name in types else ''}: {meaning}")
        elif kind in HEADINGS:
            about = f" `{name}`" if name else f" ({types[None]})" if kind.startswith("return") and None in types else ""
            lines.append(f"- {HEADINGS[kind]}{about}: {meaning}")
    return "\n\n".join(part for part in (_readable(body.strip()), _readable("\n".join(lines))) if part)


def _readable(text: str) -> str:
    """Keep angle brackets outside code readable in Markdown."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if at % 2 else re.sub(r"<(?=\w)", "&lt;", piece) for at, piece in enumerate(pieces))


def actions() -> dict[str, Callable]:
    """Return every action of the three packages by its name."""
    return _registered("logic.action")


def auth_functions() -> dict[str, Callable]:
    """Return every auth function of the three packages by its name."""
    return _registered("logic.auth")


def _registered(where: str) -> dict[str, Callable]:
    found: dict[str, Callable] = {}
    for package in PACKAGES:
        module = part_of(package, where)
        found.update({name: part for name, part in getattr(module, "PARTS", {}).items() if name.startswith(package)})
    return found


def chained_actions() -> dict[str, Callable]:
    """Return the core actions that the packages extend, by their name."""
    found: dict[str, Callable] = {}
    for package in PACKAGES:
        parts = getattr(part_of(package, "logic.action"), "PARTS", {})
        found.update({name: part for name, part in parts.items() if not name.startswith(package)})
    return found


def actions_part() -> str:
    """Every action: how it may be called, by whom, and what its docstring says."""
    auth = auth_functions()
    blocks = []
    for name, function in sorted(actions().items()):
        read = "GET or POST" if getattr(function, "side_effect_free", False) else "POST"
        everyone = getattr(auth.get(name), "auth_allow_anonymous_access", False)
        who = "may be called without logging in" if everyone else "needs an account"
        blocks.append(f"### `{name}`\n\n*{read}; {who}.*\n\n{prose(function.__doc__)}")
    extended = sorted(chained_actions().items())
    if extended:
        blocks.append(
            "### Core actions that are extended\n\n"
            + table(("Action", "What is added"), ((f"`{name}`", first_line(part.__doc__)) for name, part in extended))
        )
    return "\n\n".join(blocks) or "None yet."


def first_line(text: str | None) -> str:
    """Return the first paragraph of a docstring on one line."""
    return " ".join(prose(text).split("\n\n")[0].split())


def config_options() -> list[dict]:
    """Return every declared configuration option of the three packages, in the order of the declarations."""
    found = []
    for package in PACKAGES:
        path = ROOT / f"ckanext-{package}" / "ckanext" / package / "config_declaration.yaml"
        if path.exists():
            for group in yaml.safe_load(path.read_text("utf-8"))["groups"]:
                found += group["options"]
    return found


def config_part() -> str:
    """Every configuration option with its default."""
    rows = []
    for option in config_options():
        default = option.get("default")
        shown = f"`{default}`" if default not in (None, "") else ""
        rows.append((f"`{option['key']}`", shown, first_line(option.get("description"))))
    return table(("Key", "Default", "Meaning"), rows)


def command_roots() -> dict[str, click.Command]:
    """Return what the three packages add to ``ckan``, by name: command line groups, and commands outside a group."""
    found: dict[str, click.Command] = {}
    for package in PACKAGES:
        module = part_of(package, "cli")
        for name in getattr(module, "__all__", ()):
            command = getattr(module, name)
            found[command.name or name] = command
    return found


def commands() -> dict[str, click.Command]:
    """Return every command line command of the three packages by its full name, groups left out."""
    found: dict[str, click.Command] = {}

    def walk(name: str, command: click.Command) -> None:
        if not isinstance(command, click.Group):
            found[name] = command
            return
        for child, below in sorted(command.commands.items()):
            walk(f"{name} {child}", below)

    for name, command in command_roots().items():
        walk(name, command)
    return found


def unknown_in(line: str) -> str:
    """Return the first word of a command line that leads nowhere, or an option that its command lacks; else nothing.

    :param line: what stands behind ``ckan``, as ``cqgov search terms import FILE --dry-run``. Words behind the name of
        a command are its arguments; a line may end with the name of a group.
    """
    below: dict[str, click.Command] = command_roots()
    command: click.Command | None = None
    options: list[str] = []
    for word in line.split():
        if word.startswith("-"):
            options.append(word.partition("=")[0])
        elif command is None or isinstance(command, click.Group):
            if word not in below:
                return word
            command = below[word]
            below = command.commands if isinstance(command, click.Group) else {}
    known = {"--help"}.union(*(one.opts + one.secondary_opts for one in command.params)) if command else set()
    return next((option for option in options if option not in known), "")


def cli_part() -> str:
    """Every command with its arguments and options."""
    blocks = []
    for name, command in commands().items():
        arguments = [option for option in command.params if isinstance(option, click.Argument)]
        options = [option for option in command.params if isinstance(option, click.Option)]
        usage = " ".join(["ckan", name, *(argument.make_metavar(click.Context(command)) for argument in arguments)])
        block = f"### `{name}`\n\n    {usage}{' [OPTIONS]' if options else ''}\n\n{prose(command.help)}"
        if options:
            rows = ((f"`{', '.join(option.opts + option.secondary_opts)}`", prose(option.help)) for option in options)
            block += "\n\n" + table(("Option", "Meaning"), rows)
        blocks.append(block)
    return "\n\n".join(blocks) or "None yet."


def pages_part() -> str:
    """Every page of our own: its address, methods and what the view's docstring says."""
    from flask import Flask

    app = Flask("reference", static_folder=None)
    for package in PACKAGES:
        for blueprint in getattr(part_of(package, "views"), "BLUEPRINTS", ()):
            app.register_blueprint(blueprint)
    rows = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        methods = ", ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        described = getattr(view, "view_class", None) or view
        rows.append((f"`{rule.rule}`", methods, first_line(described.__doc__)))
    return table(("Address", "Methods", "What it is"), rows) if rows else "None yet."


def fields_part() -> str:
    """Every field of a catalogue entry, from the one table that form, API, importer and export read."""
    from ckanext.cqgov.domain import catalogue_fields

    blocks = []
    for code, name in catalogue_fields.SECTIONS.items():
        rows = [
            (f"`{field.key}`", field.zh, field.en, _kind(field), _needed(field), field.help_en)
            for field in catalogue_fields.ALL
            if field.section == code
        ]
        head = ("Key", "中文", "English", "Type", "Complete entry", "What to enter")
        blocks.append(f"### {name.zh} · {name.en}\n\n{table(head, rows)}")
    return "\n\n".join(blocks)


def _kind(field) -> str:
    if field.vocabulary:
        return f"{field.kind} of `{field.vocabulary}`"
    limit = f", at most {field.max_length} characters" if field.kind == "text" and not field.core else ""
    return f"{field.kind}{limit}"


def _needed(field) -> str:
    if field.protected:
        return "set by the importer"
    return "always" if field.required else ""


def items_part() -> str:
    """What an information item holds."""
    from ckanext.cqgov.domain import catalogue_fields

    rows = (
        (f"`{field.key}`", field.zh, field.en, _kind(field), _needed(field)) for field in catalogue_fields.ITEM_FIELDS
    )
    return table(("Key", "中文", "English", "Type", "Needed"), rows)


def clocks_part() -> str:
    """The time limits of the rules file."""
    from ckanext.cqgov import rules

    book = rules.load()
    rows = []
    for code, clock in book.clocks.items():
        length = (
            f"{clock.days} working days" if clock.days else f"every year by {clock.month}/{clock.day or 'last day'}"
        )
        longer = (
            f"once, at most {clock.extension_days} working days, by the {clock.extension_by}"
            if clock.extensible
            else "none"
        )
        rows.append((f"`{code}`", clock.zh, clock.en, length, longer, f"Art. {clock.article}"))
    return table(("Code", "中文", "English", "Length", "Extension", "Decree"), rows)


def vocabularies_part() -> str:
    """Every section of the decree's rules file: codes, names, and on what each rests."""
    from ckanext.cqgov import rules
    from ckanext.cqgov.domain.rules import sections

    book = rules.load()
    return _sections(book, (name for name in sections(type(book)) if name not in ("clocks", "laws")))


def guide_part() -> str:
    """Every section of the compilation guide's value lists, with the words that are understood on input."""
    from ckanext.cqgov import rules
    from ckanext.cqgov.domain.rules import sections

    book = rules.load_guide()
    return _sections(book, (name for name in sections(type(book)) if name != "laws"), synonyms=True)


def _sections(book, names: Iterable[str], synonyms: bool = False) -> str:
    blocks = []
    for name in names:
        entries: Mapping = book.section(name)
        head = ["Code", "中文", "English", "Rests on"] + (["Also understood"] if synonyms else [])
        rows = [
            [f"`{code}`", entry.zh, entry.en, book.source(entry).en] + (["、".join(entry.synonyms)] if synonyms else [])
            for code, entry in entries.items()
        ]
        blocks.append(f"### `{name}`\n\n{table(head, rows)}")
    return "\n\n".join(blocks)


def weights_part() -> str:
    """The numbers that decide what a search finds and in which order."""
    from ckanext.cqgov.domain import search_weights as weights

    places = {
        "title_zh": "title",
        "title_words": "title, as a word of the dictionary",
        "notes_zh": "abstract",
        "text_zh": "anywhere",
    }
    rows = [(f"a word in: {places[field]}", f"×{weight:g}") for field, weight in weights.FIELDS.items()]
    rows.append(("a synonym or another name, of the word that was typed", f"{weights.OTHER_NAME:.0%}"))
    rows.append(
        ("what the catalogue calls it (related words), of the word that was typed", f"{weights.RELATED_WORD:.0%}")
    )
    rows.append(("a lone character beside words", f"{weights.LONE:.0%}"))
    for field, weight in weights.WHOLE.items():
        rows.append((f"the whole query, or a whole word of it, in one piece: {places[field]}", f"+{weight:.0%}"))
    for size, fields in weights.NEIGHBOURS.items():
        for field, weight in fields.items():
            rows.append((f"{size} characters of the query in a row: {places[field]}", f"+{weight:.0%}"))
    rows += [(f"a word in: {places[field]}", f"+{weight:.0%}") for field, weight in weights.WORDS.items()]
    rows.append(("content changed today; half of it a year later", f"+{weights.FRESH:.0%}"))
    rows.append((f"visits in two weeks, {weights.MUCH_USED:,} and more", f"+{weights.USED:.0%}"))
    return table(("What", "Counts"), rows)


def decisions_part() -> str:
    """Every decision record with its title and status, from the files themselves."""
    rows = []
    for path in sorted((DOCS / "adr").glob("[0-9]*.md")):
        page = path.read_text("utf-8")
        title = re.search(r"^# (?:\d+[.:]\s*)?(.+)$", page, re.MULTILINE)
        status = re.search(r"^\W*Status\W+([^\n·]+)", page, re.MULTILINE)
        name = title[1].strip() if title else path.stem
        rows.append((f"[{path.stem[:4]}]({path.name})", name, status[1].strip(" *_") if status else ""))
    return table(("Number", "Decision", "Status"), rows) if rows else "None yet."


PARTS: dict[str, Callable[[], str]] = {
    "actions": actions_part,
    "config": config_part,
    "cli": cli_part,
    "pages": pages_part,
    "fields": fields_part,
    "items": items_part,
    "clocks": clocks_part,
    "vocabularies": vocabularies_part,
    "guide": guide_part,
    "decisions": decisions_part,
    "weights": weights_part,
}


def rewritten(page: str) -> str:
    """Return ``page`` with every generated part as the code has it now; ``KeyError`` names an unknown part."""
    return PART.sub(lambda found: f"{found[1]}\n{PARTS[found[2]]()}\n\n{found[3]}", page)


def main(arguments: list[str]) -> int:
    """Rewrite the pages, or with ``--check`` compare them; return the exit code."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    stale = []
    for path in sorted(DOCS.rglob("*.md")):
        before = path.read_text("utf-8")
        after = rewritten(before)
        if after != before:
            stale.append(path)
            if not arguments:
                path.write_text(after, "utf-8")
    for path in stale:
        print(f"{'out of step' if arguments else 'written'}: {path.relative_to(ROOT)}")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
