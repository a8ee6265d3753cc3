"""
The program ``gharial``; ``python -m gharial`` is the same.

Signals and streams come first: loading the rest takes half a second, and Ctrl+C then
would show where Python was.
"""

from gharial.process import collector
from gharial.process.interruption import interruption
from gharial.process.standard_streams import make_enduring


def main() -> None:
    """Run the program with the process's arguments, and end the process."""
    collector.own()
    make_enduring()
    interruption.install()
    from gharial.cli.leaving import leave
    from gharial.cli.main import main as run
    from gharial.errors import ExitCode
    from gharial.process import native_calls

    native_calls.allow(ExitCode.WORKER_LOST)
    leave(run())


if __name__ == "__main__":
    main()
