"""``python -m tests.bench [pattern]``: measures the rows whose name holds the pattern and writes ``var/bench.json``.

Every module of this package that has ``ROWS`` takes part. Rows that are not measured this time keep their last figures.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import sys
from fnmatch import fnmatch
from pathlib import Path

from tests import bench
from tests.bench.measure import Row, measured

OUTPUT = Path(__file__).resolve().parents[2] / "var" / "bench.json"


def rows(pattern: str) -> list[Row]:
    """Return the rows whose name fits the pattern (a part of the name, or with ``*``)."""
    modules = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.name.startswith("_"))
    found = [
        row for name in modules for row in getattr(importlib.import_module(f"{bench.__name__}.{name}"), "ROWS", ())
    ]
    return [row for row in found if fnmatch(row.name, pattern if "*" in pattern else f"*{pattern}*")]


def table(lines: list[dict]) -> str:
    """Return the lines as a table; what falls short is marked."""
    heads = ("row", "ours", "peer", "ratio", "bound", "unit", "n", "")
    cells = [
        (
            line["name"],
            f"{line['ours']:g}",
            f"{line['peer']:g} ({line.get('peer_name', '')})",
            f"{line['ratio']:.2f}",
            f"{'≥' if line['better'] == 'higher' else '≤'} {line['bound']:g}",
            line["unit"],
            str(line["n"]),
            "" if line["holds"] else "✗ falls short",
        )
        for line in lines
    ]
    widths = [max(len(row[place]) for row in (heads, *cells)) for place in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *cells)
    )


def main() -> int:
    """Measure, write, print; returns 1 when a row falls short, 2 when no row fits the pattern."""
    pattern = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("ROWS", "")
    chosen = rows(pattern)
    if not chosen:
        print(f"no row fits {pattern!r}", file=sys.stderr)
        return 2
    kept = {line["name"]: line for line in json.loads(OUTPUT.read_text("utf-8"))} if OUTPUT.exists() else {}
    fresh = []
    for row in chosen:
        print(f"measuring {row.name} …", file=sys.stderr, flush=True)
        line = measured(row)
        kept[row.name] = line
        fresh.append(line)
        OUTPUT.parent.mkdir(parents=True, exist_ok=True)
        OUTPUT.write_text(json.dumps(list(kept.values()), ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(table(fresh))
    return 0 if all(line["holds"] for line in fresh) else 1


if __name__ == "__main__":
    sys.exit(main())
