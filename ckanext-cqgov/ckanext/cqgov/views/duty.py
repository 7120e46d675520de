"""Pages of the duty."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_duty", __name__)
