"""The auth functions of cqgov, one module per noun."""

from ckanext.cqgov.collection import members
from ckanext.cqgov.logic.auth import (
    calendar,
    catalogue,
    dataset,
    duty,
    ledger,
    organization,
    rules,
    search_term,
    suggestion,
)

PARTS = members(calendar, catalogue, dataset, duty, ledger, organization, rules, search_term, suggestion)
