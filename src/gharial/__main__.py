"""``python -m gharial`` is the command ``gharial``."""

from gharial.cli.main import main

main()
