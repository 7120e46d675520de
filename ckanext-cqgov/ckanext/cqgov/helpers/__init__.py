"""Template helpers of cqgov, one module per noun."""

from ckanext.cqgov.collection import members
from ckanext.cqgov.helpers import calendar, dataset, entry_form, facet, organization, portal, resource, search

PARTS = members(calendar, dataset, entry_form, facet, organization, portal, resource, search)
