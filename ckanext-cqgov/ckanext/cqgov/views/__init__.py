"""Pages of cqgov, one blueprint per noun."""

from ckanext.cqgov import filenames
from ckanext.cqgov.limits import ACCOUNTS
from ckanext.cqgov.limits import BLUEPRINTS as LIMITS
from ckanext.cqgov.views import (
    calendar,
    catalogue,
    database_away,
    dataset,
    download,
    duty,
    grant,
    granted_data,
    ledger,
    list_order,
    missing,
    organization,
    reclassification,
    release,
    request_shape,
    request_text,
    resource_form,
    script_language,
    search,
    search_outage,
    search_term,
    suggestion,
)

BLUEPRINTS = [
    module.blueprint
    for module in (
        calendar,
        catalogue,
        dataset,
        download,
        duty,
        grant,
        granted_data,
        ledger,
        organization,
        reclassification,
        release,
        resource_form,
        search,
        search_term,
        suggestion,
    )
]
BLUEPRINTS += [
    request_text.blueprint,
    *ACCOUNTS,
    request_shape.blueprint,
    list_order.blueprint,
    missing.blueprint,
    filenames.blueprint,
    script_language.blueprint,
    search_outage.blueprint,
    database_away.blueprint,
]  # no pages of their own
BLUEPRINTS[:0] = LIMITS  # first: what is refused must cost next to nothing
