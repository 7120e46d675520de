"""``ckan cqgov cache``: what is kept of public pages."""

from __future__ import annotations

import click
from redis.exceptions import RedisError

from ckanext.cqgov.page_cache import installation


@click.group("cache")
def group() -> None:
    """公众页面缓存 / kept public pages."""


@group.command("status")
def status() -> None:
    """缓存了多少、能否判断变化 / how much is kept, and whether changes are noticed."""
    if not installation.enabled():
        click.echo("页面缓存已关闭 / no pages are kept (ckanext.cqgov.page_cache.enabled)")
        return
    pages, size = asked(installation.store().status)
    click.echo(f"缓存页面 pages kept {pages}, {size / 1024:.0f} kB")
    if installation.versions().now() is None:
        raise click.ClickException(
            "无法判断变化，页面逐次生成；原因见日志 / changes can't be noticed, so pages are made anew; see the log"
        )
    click.echo("变化可即时判断 / changes are noticed")


@group.command("clear")
def clear() -> None:
    """清空缓存 / forget every kept page."""
    click.echo(f"已清空 forgot {asked(installation.store().clear)}")


def asked(question):
    """Return Redis' answer; a failure becomes one line."""
    try:
        return question()
    except RedisError as error:
        raise click.ClickException(f"Redis 无应答 / Redis does not answer: {error}") from error
