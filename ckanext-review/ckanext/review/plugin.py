"""The review plugin. Wiring only, no rules."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation


class ReviewPlugin(DefaultTranslation, p.SingletonPlugin):
    """Registers the parts of ``ckanext.review`` with CKAN."""

    p.implements(p.IConfigurer)
    p.implements(p.ITranslation)

    def update_config(self, config):
        """Add our templates, public files and assets."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "review")
