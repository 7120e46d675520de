"""Pages of the catalogue."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_catalogue", __name__)
