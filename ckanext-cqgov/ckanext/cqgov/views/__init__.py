"""Pages of cqgov, one blueprint per noun."""

from ckanext.cqgov import filenames
from ckanext.cqgov.views import calendar, catalogue, dataset, duty, organization, portal

BLUEPRINTS = [module.blueprint for module in (calendar, catalogue, dataset, duty, organization, portal)]
BLUEPRINTS.append(filenames.blueprint)  # no page of its own: it names downloads
