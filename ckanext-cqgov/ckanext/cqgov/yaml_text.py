"""How every YAML file of an operator is read: dates stay as they were written, and what is wrong has a line."""

from __future__ import annotations

import yaml

from ckanext.cqgov.domain.text import Text

TIMESTAMP = "tag:yaml.org,2002:timestamp"
TOO_DEEP = Text("嵌套过深，或别名（*）指向自身", "nested too deeply, or an alias (*) that holds itself")


class Loader(yaml.SafeLoader):
    """YAML without dates: 2025-02-30 is a value to be judged by whoever knows the field, not a crash of the parser."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def fault(error: yaml.YAMLError) -> tuple[int, str]:
    """Return the line (from 1) and the reason of a parser's error."""
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1, getattr(error, "problem", None) or str(error)
