"""``gharial serve``: a chat or echo server to try scripts against."""

import click


@click.group()
def serve() -> None:
    """Start a server to try scripts against."""
