"""``gharial demo``: a chat server, a script that loads it, and the result."""

import os
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import click

from gharial.cli.background import in_background
from gharial.cli.command import Command
from gharial.cli.run import RunRequest, run_script
from gharial.cli.screen import screen_flags, screen_options
from gharial.program.parts import Parts
from gharial.program.read_script import ScriptRequest

SCRIPT = "demo_chat.js"
SERVER_NAME = "chat.gharial.test"


@click.command(cls=Command)
@screen_options
@click.pass_obj
def demo(parts: Parts, /, **flags: Any) -> int:
    """
    Load-test a built-in chat server for a few seconds.

    The server listens on this machine only, with TLS and a temporary certificate.
    """
    # Here, not above: each command would wait a quarter of a second for these to load.
    from gharial.servers.certificates import Certificates
    from gharial.servers.chat import ChatServer

    shown = screen_flags(flags)
    certificates = Certificates([SERVER_NAME])
    # A proxy would have to reach back to this machine.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    with (
        tempfile.TemporaryDirectory() as folder,
        as_file(files("gharial.cli").joinpath(SCRIPT)) as script,
        in_background(lambda: ChatServer(tls=certificates)) as server,
    ):
        ca_file = certificates.write_ca(Path(folder) / "ca.pem")
        hosts = f"{SERVER_NAME}={server.host}:{server.port}"
        if not shown.is_quiet:
            click.echo(
                f"A chat server listens at {server.url}; this runs against it:\n"
                f"  gharial run --hosts {hosts} --ca-cert {ca_file} {script}"
            )
        request = ScriptRequest(
            str(script),
            {"hosts": (hosts,), "caCertificates": (str(ca_file),)},
            has_system_variables=False,
        )
        return run_script(parts, RunRequest(request), shown)
