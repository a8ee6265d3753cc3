"""How each client is told to make a load."""

import os
import shutil
import sys
from pathlib import Path

from benchmarks.measure import Load

SCRIPTS = Path(__file__).parent / "scripts"
FLOOR, PYTHON, JAVASCRIPT = "floor", "python", "javascript"
OURS = (PYTHON, JAVASCRIPT)


def command(
    client: str, load: Load, url: str, *, workers: int = 1, flags: tuple[str, ...] = ()
) -> tuple[list[str], dict[str, str]]:
    """Return a client's command line and the variables of its environment."""
    environment = {
        "URL": url,
        "SIZE": str(load.size_bytes),
        "KIND": load.kind,
        "SOCKETS": str(load.sockets),
    }
    if client == FLOOR:
        count = load.users * load.sockets
        return [
            *(sys.executable, "-m", "benchmarks.floor", load.mode, url),
            *(str(count), str(load.size_bytes), load.kind),
        ], environment
    suffix = ".py" if client == PYTHON else ".js"
    mode = load.mode if load.has_listener else "idle"
    script = SCRIPTS / f"{mode}{suffix}"
    if client == "k6":
        return [
            *("k6", "run", "--quiet", "--vus", str(load.users), "--duration", "2h"),
            *("--insecure-skip-tls-verify", str(script)),
        ], environment
    return [
        *(sys.executable, "-m", "gharial", "run", "--quiet", "--workers", str(workers)),
        *("--vus", str(load.users), "--duration", "2h", "--insecure-skip-tls-verify"),
        *flags,
        str(script),
    ], environment


def peers() -> list[str]:
    """Return the other tools that are installed here."""
    found = []
    if shutil.which("k6"):
        found.append("k6")
    if shutil.which("artillery") or os.environ.get("ARTILLERY"):
        found.append("artillery")
    return found
