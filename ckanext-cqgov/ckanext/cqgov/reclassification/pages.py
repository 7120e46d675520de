"""Kept public pages: every one is made anew, and those that are kept are thrown away."""

from __future__ import annotations

import ckan.model as model

from ckanext.cqgov.model import generation, public_change
from ckanext.cqgov.page_cache import installation
from ckanext.cqgov.reclassification.subject import Subject


def forget(subject: Subject) -> int:
    """Advance what all kept pages depend on, and clear them; returns how many there were. Raises ``RedisError``; commits nothing."""
    generation.advance(model.Session, public_change.TOPIC)
    return installation.store().clear() if installation.enabled() else 0
