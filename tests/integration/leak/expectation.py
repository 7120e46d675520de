"""What each viewer may see of each tier: written down by hand from the decree, and never computed by the portal's code."""

from __future__ import annotations

from .canary import Sighting

NOTHING, ENTRY, DATA = 0, 1, 2

VIEWERS = (
    "anonymous",
    "citizen",
    "holder",
    "columns",
    "rows",
    "staff",
    "handler",
    "head",
    "reviewer",
    "authority",
    "inspector",
    "sysadmin",
)
"""``handler``, ``head`` and ``reviewer`` are of the department that provides everything; ``staff`` handles another
department's data; ``holder`` is a citizen with a grant for the conditional dataset alone, ``columns`` one with a grant for a column of its
table, ``rows`` one for some of its rows, without leave to store them."""

# Tier: its code in canaries, and the levels of VIEWERS in order.
#                                     anon cit hold cols rows staff hand head rev auth insp sys
TIERS: dict[str, tuple[str, tuple[int, ...]]] = {
    "open": ("op", (2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2)),  # Art. 22
    "conditional": ("cc", (1, 1, 2, 1, 1, 1, 2, 2, 2, 1, 2, 2)),  # Art. 22, 24; shared on conditions
    "conditional-shared": (
        "cs",
        (1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2),
    ),  # Art. 16: shared without conditions; overseers are staff too
    "closed": ("cl", (0, 0, 0, 0, 0, 0, 2, 2, 2, 1, 2, 2)),  # Art. 22; withheld from sharing
    "closed-unreleased": ("cu", (0, 0, 0, 0, 0, 0, 2, 2, 2, 1, 2, 2)),  # shared without conditions, not yet released
    "closed-released": ("cr", (0, 0, 0, 0, 0, 1, 2, 2, 2, 1, 2, 2)),  # Art. 16, 19; shared on conditions
    "closed-released-shared": ("rs", (0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2, 2)),  # Art. 16
    "draft": ("dr", (0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 2)),  # Art. 30: nobody but the provider before a decision
    "private": ("pr", (0, 0, 0, 0, 0, 0, 2, 2, 2, 1, 2, 2)),  # complete, of open type, not published
    "deleted": ("de", (0, 0, 0, 0, 0, 0, 2, 2, 2, 1, 2, 2)),
    "open-to-conditional": ("oc", (1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 2, 2)),  # reclassified
    "open-to-closed": ("od", (0, 0, 0, 0, 0, 0, 2, 2, 2, 1, 2, 2)),  # reclassified
    "purged": ("pu", (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)),  # the ledger alone remembers that there was one
}
PARTS: dict[tuple[str, str], frozenset[str]] = {
    ("columns", "conditional"): frozenset({"cell of another column", "cell of another column and row", "file name"}),
    ("rows", "conditional"): frozenset({"column", "cell", "cell of another column"}),
}
"""Viewer and tier -> what of its data a grant opens to them (Arts. 19, 24). An extract bears the name of the file that it is made
of; who may only query (Art. 34(5)) gets no file, and so no name."""

CODES = {code: tier for tier, (code, _levels) in TIERS.items()}

OWN_FORMS = ("dataset_resource.edit", "resource.edit", "cqgov_resource_form.edit", "cqgov_resource_address")
"""Where the provider's editors see a real address: in the form in which they wrote it."""

FETCHES = ("dataset_resource.download", "resource.download")
"""What leads who may have the data to it."""

LEDGER = ("cqgov_ledger_list", "cqgov_ledger_show", "cqgov_ledger.index", "cqgov_ledger.show", "cqgov_ledger.export")
READERS = ("authority", "inspector", "sysadmin")
"""Whose duty it is to read what was done: the ledger names to them what it was done to, whatever became of it, and which columns
were read (Arts. 29, 31)."""

NAMED = ("column", "id of a view")
"""What of data the ledger names to its readers: who was refused a deed is recorded with the thing that they named."""

EDITORS = ("handler", "head", "sysadmin")


def level(viewer: str, tier: str) -> int:
    """Return how much of a tier the viewer may see."""
    return TIERS[tier][1][VIEWERS.index(viewer)]


def permitted(viewer: str, seen: Sighting, row: str) -> bool:
    """Say whether what was seen may be in an answer to ``viewer`` from the route or action ``row``."""
    tier = CODES[seen.tier]
    allowed = level(viewer, tier)
    if row in LEDGER and viewer in READERS and (seen.gives == "entry" or seen.what in NAMED):
        return True
    if seen.gives == "entry":
        return allowed >= ENTRY
    if seen.what in PARTS.get((viewer, tier), ()):
        return True
    if seen.gives == "data" or tier == "open":
        return allowed >= DATA
    return allowed >= DATA and (row in FETCHES or (viewer in EDITORS and row in OWN_FORMS))
