"""Actions of the rules."""

from __future__ import annotations

import ckan.plugins.toolkit as tk

from ckanext.cqgov import rules

__all__ = ["cqgov_rules_show"]


@tk.side_effect_free
def cqgov_rules_show(context, data_dict):
    """Return the rules in force, open to everyone.

    :returns: ``text`` (the decree's names) and one key per section, each ``{code: entry}``; an entry has ``zh``,
        ``en``, ``basis`` (``decree``, ``other-law`` or ``operator``), ``article`` (only the decree's), ``source`` (on what
        it rests, ``{zh, en}``) and what its section adds, such as ``days``. ``guide`` holds the compilation guide's value lists.
    :rtype: dictionary
    """
    tk.check_access("cqgov_rules_show", context, data_dict)
    return {**rules.current().as_dict(), "guide": rules.guide().as_dict()}
