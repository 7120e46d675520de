"""Limits: how often, how much and from where anybody may ask, what a page may do in a browser, what stays out of logs."""

from ckanext.cqgov.limits import body_size, gate, headers, login, reset, sessions, tokens

BLUEPRINTS = [module.blueprint for module in (headers, sessions, gate, body_size, tokens, login, reset)]
"""In the order in which they look at a request."""
