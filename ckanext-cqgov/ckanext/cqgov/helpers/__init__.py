"""Template helpers of cqgov, one module per noun."""

from ckanext.cqgov.collection import members
from ckanext.cqgov.helpers import (
    calendar,
    dataset,
    download,
    entry_form,
    facet,
    grant,
    limits,
    organization,
    portal,
    reclassification,
    release,
    resource,
    search,
)

PARTS = members(
    calendar,
    dataset,
    download,
    entry_form,
    facet,
    grant,
    limits,
    organization,
    portal,
    reclassification,
    release,
    resource,
    search,
)
