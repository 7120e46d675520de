"""The portal as a WSGI application for gunicorn: ``stack.wsgi:application``, configured by ``CKAN_INI``."""

from __future__ import annotations

import os
from logging.config import fileConfig

from ckan.cli import CKANConfigLoader
from ckan.config.middleware import make_app
from gunicorn.http import message

from stack.portal import LONGEST_ADDRESS

message.MAX_REQUEST_LINE = LONGEST_ADDRESS  # else gunicorn takes 8 kB at most, whatever it is told

fileConfig(os.environ["CKAN_INI"], disable_existing_loggers=False)
application = make_app(CKANConfigLoader(os.environ["CKAN_INI"]).get_config())
