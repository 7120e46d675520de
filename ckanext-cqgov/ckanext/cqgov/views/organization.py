"""Pages of the organization."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_organization", __name__)
