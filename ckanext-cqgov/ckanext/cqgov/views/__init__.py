"""Pages of cqgov, one blueprint per noun."""

from ckanext.cqgov import filenames
from ckanext.cqgov.views import (
    calendar,
    catalogue,
    dataset,
    duty,
    list_order,
    organization,
    request_text,
    script_language,
    search,
    search_outage,
    search_term,
    suggestion,
)

BLUEPRINTS = [
    module.blueprint for module in (calendar, catalogue, dataset, duty, organization, search, search_term, suggestion)
]
BLUEPRINTS += [
    request_text.blueprint,
    list_order.blueprint,
    filenames.blueprint,
    script_language.blueprint,
    search_outage.blueprint,
]  # no pages of their own
