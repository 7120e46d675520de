"""The base plugin: catalogue, calendar, organisations, access and the portal's look. Wiring only, no rules."""

from __future__ import annotations

import ckan.plugins as p
import ckan.plugins.toolkit as tk
from ckan.lib.plugins import DefaultTranslation

from ckanext.cqgov import circumstances, form_token, helpers, page_cache, rules, views
from ckanext.cqgov.catalogue import index_later, query
from ckanext.cqgov.catalogue.attachments import AttachedFiles
from ckanext.cqgov.catalogue.door import CatalogueDoor
from ckanext.cqgov.catalogue.facets import CatalogueFacets
from ckanext.cqgov.catalogue.form import CatalogueForm
from ckanext.cqgov.catalogue.granted_tables import GrantedTables
from ckanext.cqgov.catalogue.held_grants import OwnGrants
from ckanext.cqgov.catalogue.index import CatalogueIndex
from ckanext.cqgov.catalogue.labels import AccessLabels
from ckanext.cqgov.catalogue.vault_intake import VaultedResources
from ckanext.cqgov.filenames import FileNames
from ckanext.cqgov.interfaces import IGrants
from ckanext.cqgov.limits import install as limits
from ckanext.cqgov.limits.passwords import user_password_validator
from ckanext.cqgov.limits.tokens import Tokens
from ckanext.cqgov.logic import action, auth, existence, refusals
from ckanext.cqgov.views import search_outage


@tk.blanket.actions(lambda: refusals.recorded(existence.actions(action.parts())))
@tk.blanket.auth_functions(lambda: existence.auth_functions(auth.parts()))
@tk.blanket.helpers(helpers.PARTS)
@tk.blanket.blueprints(views.BLUEPRINTS)
@tk.blanket.cli
@tk.blanket.config_declarations
@tk.blanket.validators({"user_password_validator": user_password_validator})
class CqgovPlugin(
    CatalogueForm,
    CatalogueDoor,
    CatalogueIndex,
    CatalogueFacets,
    AccessLabels,
    FileNames,
    VaultedResources,
    GrantedTables,
    AttachedFiles,
    OwnGrants,
    Tokens,
    DefaultTranslation,
    p.SingletonPlugin,
):
    """Registers the parts of ``ckanext.cqgov`` with CKAN."""

    p.implements(p.IConfigurer)
    p.implements(p.IConfigurable)
    p.implements(p.ITranslation)
    p.implements(p.IDatasetForm, inherit=True)
    p.implements(p.IPackageController, inherit=True)
    p.implements(p.IFacets, inherit=True)
    p.implements(p.IPermissionLabels)
    p.implements(p.IResourceController, inherit=True)
    p.implements(p.IUploader, inherit=True)
    p.implements(p.IMiddleware, inherit=True)
    p.implements(p.IApiToken, inherit=True)
    p.implements(p.IFiles, inherit=True)
    p.implements(IGrants, inherit=True)

    def update_config(self, config):
        """Add our templates, public files and assets (first plugin wins)."""
        tk.add_template_directory(config, "templates")
        tk.add_public_directory(config, "public")
        tk.add_resource("assets", "cqgov")

    def configure(self, config):
        """Refuse to start with a rules file that does not hold; search and index datasets our way."""
        rules.check()
        query.register()
        index_later.register()

    def make_middleware(self, app, config):
        """Answer visitors with kept pages where nothing has changed; keep the form token in force; name and limit requests."""
        return circumstances.install(page_cache.install(limits.install(form_token.install(search_outage.install(app)))))
