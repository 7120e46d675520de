"""Pages of the calendar."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
from flask import Blueprint

from ckanext.cqgov import rules
from ckanext.cqgov.clock import today
from ckanext.cqgov.domain.calendar import LAST_YEAR
from ckanext.cqgov.model import calendar

__all__ = ["blueprint"]

blueprint = Blueprint("cqgov_calendar", __name__)
FIELDS = ("rule", "days", "received")
PRESET = "open_reply"  # what a citizen most likely comes for


@blueprint.get("/due-date")
def due_date():
    """Explain a due date day by day (期限计算); a plain GET form, so that a result can be linked to."""
    asked = {key: tk.request.args.get(key, "").strip() for key in FIELDS}
    result, errors = None, {}
    if any(asked.values()):
        try:
            result = tk.get_action("cqgov_due_date")({}, {key: value for key, value in asked.items() if value})
        except tk.ValidationError as error:
            errors = {key: messages for key, messages in error.error_dict.items() if key in FIELDS}
    else:
        asked["rule"] = PRESET if PRESET in rules.current().clocks else ""
    years = calendar.current().years
    page = tk.render(
        "cqgov/due_date.html",
        {
            "asked": {**asked, "received": asked["received"] or today().isoformat()},
            "clocks": list(rules.current().clocks.values()),
            "errors": errors,
            "result": result,
            "first": f"{min(years)}-01-01",
            "last": f"{LAST_YEAR}-12-31",
            "most": rules.current().caps["due_date_days"].value,
            "notices": [year for year in years.values() if year.official],
        },
    )
    return page, 400 if errors else 200
