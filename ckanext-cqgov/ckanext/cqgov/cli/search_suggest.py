"""``ckan cqgov search suggest``: what the search boxes offer for words that somebody types."""

from __future__ import annotations

import ckan.plugins.toolkit as tk
import click
from ckan.lib.search import SearchError, SolrConnectionError

from ckanext.cqgov.domain.suggestion import MOST

HEADINGS = {"titles": "数据集 datasets", "organizations": "机构 organisations", "themes": "主题 themes"}


@click.command("suggest")
@click.argument("words", nargs=-1, required=True)
@click.option(
    "--limit", type=click.IntRange(1, MOST), default=MOST, show_default=True, help="最多几条 / how many at most."
)
def suggest(words: tuple[str, ...], limit: int) -> None:
    """访客键入这些字、拼音或首字母时的建议 / what a visitor is offered for these characters, pinyin or initials."""
    try:
        found = tk.get_action("cqgov_suggest")({"user": ""}, {"q": " ".join(words), "limit": limit})
    except (SearchError, SolrConnectionError) as error:
        raise click.ClickException(f"检索服务没有应答 / the search service does not answer: {error}") from error
    for key, heading in HEADINGS.items():
        if found[key]:
            click.echo(heading)
        for one in found[key]:
            click.echo(f"  {one['title']}" if key == "themes" else f"  {one['title']}  {one['name']}")
    if not any(found.values()):
        click.echo("没有建议 / no suggestions")
