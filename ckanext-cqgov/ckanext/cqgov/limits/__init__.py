"""Limits: how often, how much and from where anybody may ask, what a page may do in a browser, what stays out of logs."""

from ckanext.cqgov.limits import body_size, gate, headers, login, reset, sessions, tokens

BLUEPRINTS = [module.blueprint for module in (headers, sessions, gate, body_size, tokens)]
"""In the order in which they look at a request."""

ACCOUNTS = [module.blueprint for module in (login, reset)]
"""Those that look accounts up by what was sent, and so come after it was found to be text that can be looked up."""
