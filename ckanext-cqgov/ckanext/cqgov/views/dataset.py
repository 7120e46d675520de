"""Pages of the dataset."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("cqgov_dataset", __name__)
