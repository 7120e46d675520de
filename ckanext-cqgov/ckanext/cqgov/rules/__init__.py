"""The law as data: loads the rules file (``decree-320.yaml``) that the configuration names."""


def current():
    """Return the rules in force."""
