"""As whom the commands act: whoever may run them runs the portal."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
import click


def context() -> dict[str, Any]:
    """Return an action's context of the site's own user, who may do everything."""
    return {"user": tk.get_action("get_site_user")({"ignore_auth": True}, {})["name"], "ignore_auth": True}


def act(action: str, data: dict[str, Any], acting: dict[str, Any] | None = None) -> Any:
    """Call an action as the site's own user, or in the context ``acting``; parameters that are None are left out.

    Raises ``click.ClickException`` that says line by line what is wrong with the input, or that it may not be.
    """
    given = {key: value for key, value in data.items() if value is not None}
    try:
        return tk.get_action(action)(acting or context(), given)
    except tk.ValidationError as error:
        lines = [f"{field}: {message}" for field, messages in error.error_dict.items() for message in messages]
        raise click.ClickException("\n".join(lines)) from error
    except tk.ObjectNotFound as error:
        raise click.ClickException(f"没有找到 / not found: {given.get('id') or error}") from error
    except tk.NotAuthorized as error:
        raise click.ClickException(str(error)) from error
