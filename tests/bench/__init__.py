"""What is measured against the peers: ``make bench``, or ``python -m tests.bench [pattern]``."""
