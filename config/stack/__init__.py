"""Brings the portal and its services up on one machine, and runs the tests on the same services.

``bootstrap`` (bash) installs Debian packages and makes ``.venv``; everything after that is ``python -m stack COMMAND``.
All state lies under ``var/`` of the checkout (as root, PostgreSQL's data may have to lie under ``/var/lib/cqgov``).
"""
