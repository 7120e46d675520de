"""Pure rules: stdlib and own domain only; no CKAN, Flask, SQLAlchemy, clock or I/O."""
