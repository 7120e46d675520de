"""The sharing plugin. Wiring only, no rules."""

from __future__ import annotations

import ckan.plugins as p
from ckan.lib.plugins import DefaultTranslation


class SharingPlugin(DefaultTranslation, p.SingletonPlugin):
    """Registers the parts of ``ckanext.sharing`` with CKAN."""

    p.implements(p.ITranslation)
