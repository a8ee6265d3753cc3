"""``gharial demo``: a chat server, a script that loads it, and what came of it."""

import click


@click.command()
def demo() -> None:
    """Load a chat server of our own and show what that looks like."""
