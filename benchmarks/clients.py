"""How each client is told to make a load."""

import shutil
import string
import sys
import tempfile
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
    if client == "artillery":
        template = string.Template((SCRIPTS / "echo.artillery.yml").read_text("utf-8"))
        filled = Path(tempfile.mkdtemp()) / "echo.yml"
        filled.write_text(
            template.substitute(
                url=url, users=load.users, payload="x" * load.size_bytes
            ),
            "utf-8",
        )
        quiet = {"ARTILLERY_DISABLE_TELEMETRY": "true"}
        return ["artillery", "run", "--quiet", str(filled)], environment | quiet
    if client == "locust":
        users = str(load.users)
        return [
            *("locust", "--headless", "--skip-log", "-u", users, "-r", users),
            *("-t", "2h", "-f", str(SCRIPTS / "locustfile.py")),
        ], environment
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


def flags_for_lag(address: str) -> tuple[str, ...]:
    """Return what lets one of ours tell its loop's lag there; nothing if nowhere."""
    if not address:
        return ()
    return ("--address", address, "--summary-trend-stats", "p(50),p(99)")


def peers() -> list[str]:
    """Return the other tools that are on the path."""
    return [name for name in ("k6", "artillery", "locust") if shutil.which(name)]
