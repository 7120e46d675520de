"""Keeps tokens, keys and passwords out of every log of the process (rules in ``domain/limits_logs.py``)."""

from __future__ import annotations

import logging
from typing import Any

from ckanext.cqgov.domain.limits_logs import masked


class Masked(logging.Formatter):
    """Writes a record as another formatter does, without secrets: message, traceback and all."""

    def __init__(self, plain: logging.Formatter | None) -> None:
        super().__init__()
        self._plain = plain or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line or lines."""
        return masked(self._plain.format(record))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)


def install() -> None:
    """Have every handler that is there write without secrets; done twice is done once."""
    for handler in handlers():
        if not isinstance(handler.formatter, Masked):
            handler.setFormatter(Masked(handler.formatter))


def handlers() -> list[logging.Handler]:
    """Return the handlers of all loggers."""
    loggers = [logging.getLogger(), *logging.Logger.manager.loggerDict.values()]
    return [handler for logger in loggers for handler in getattr(logger, "handlers", ())]
