"""Pages of the calendar."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_calendar", __name__)
