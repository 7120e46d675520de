"""Pages of the portal."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_portal", __name__)
