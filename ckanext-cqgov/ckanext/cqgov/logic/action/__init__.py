"""The actions of cqgov, one module per noun."""

from ckanext.cqgov.collection import members
from ckanext.cqgov.logic.action import (
    calendar,
    catalogue,
    dataset,
    disclosure,
    duty,
    ledger,
    organization,
    rules,
    search,
    search_term,
    search_term_import,
    suggestion,
)

PARTS = members(
    calendar,
    catalogue,
    dataset,
    disclosure,
    duty,
    ledger,
    organization,
    rules,
    search,
    search_term,
    search_term_import,
    suggestion,
)
