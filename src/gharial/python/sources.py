"""The ports to a script's code: what virtual users share, and what each one owns."""

from collections.abc import Container
from typing import Any, Protocol


class Modules(Protocol):
    """
    What of a script belongs to one VU.

    Attributes:
        main: Has the script's public functions as attributes, once it was executed.

    """

    @property
    def main(self) -> Any:
        """What has the script's public functions as attributes."""
        ...

    def execute(self) -> None:
        """Run the script's top level."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...


class Sources(Protocol):
    """
    What a script is made of, the same for all VUs.

    Attributes:
        files: The names of all files of its own, as the code objects carry them.

    """

    @property
    def files(self) -> Container[str]:
        """The names of all files of its own, as the code objects carry them."""
        ...

    def modules(self, label: str) -> Modules:
        """Return what belongs to one VU; ``label`` tells VUs apart."""
        ...

    def may_block(self) -> bool:
        """
        Return whether the code may suspend its virtual user, as far as is known.

        Asked when a top level has run, so that it has imported what it needs.
        """
        ...
