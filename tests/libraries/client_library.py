"""What is said about one client library: its packages, its server, what it promises."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Library:
    """
    One row: a client library as its users set it up.

    Attributes:
        file: Name of its script in ``clients``, without an ending.
        packages: What the script imports, the library first, as ``name@version``.
        server_file: Name of its server in ``servers``.
        server_packages: What the server runs on, the server first.
        variant: How it is set up, where there is more than one way.
        reconnects: Whether the library connects again by itself.
        flags: Flags of ``gharial run`` that it needs.
        python_packages: Packages of PyPI for the server.
        server: What the server is, where ``server_packages`` does not say it.
        needs: What it needs that a page in a browser does not give it, either.
        note: What a user has to know.
        measured_users: Virtual users of the measurement of its cost.

    """

    file: str
    packages: tuple[str, ...]
    server_file: str
    server_packages: tuple[str, ...] = ()
    variant: str = ""
    reconnects: bool = True
    flags: tuple[str, ...] = ()
    python_packages: tuple[str, ...] = ()
    server: str = ""
    needs: str = ""
    note: str = ""
    measured_users: int = 200

    @property
    def npm_name(self) -> str:
        """The library's name in npm."""
        return self.packages[0].rpartition("@")[0] if self.packages else "none"

    @property
    def name(self) -> str:
        """The library's name in npm, and how it is set up."""
        return f"{self.npm_name} ({self.variant})" if self.variant else self.npm_name

    @property
    def version(self) -> str:
        """The library's version."""
        return self.packages[0].rpartition("@")[2] if self.packages else ""

    @property
    def server_name(self) -> str:
        """The server and its version."""
        package = [*self.server_packages, *self.python_packages][0]
        name, _, version = package.replace("==", "@").rpartition("@")
        return self.server or f"{name.partition('@npm:')[2] or name} {version}"

    @property
    def script(self) -> Path:
        """The virtual users' script."""
        return FOLDER / "clients" / f"{self.file}.js"

    @property
    def server_script(self) -> Path:
        """The server's program."""
        return FOLDER / "servers" / self.server_file
