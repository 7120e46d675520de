"""Pages of cqgov, one blueprint per noun."""

from ckanext.cqgov.views import calendar, catalogue, dataset, duty, organization, portal

BLUEPRINTS = [module.blueprint for module in (calendar, catalogue, dataset, duty, organization, portal)]
