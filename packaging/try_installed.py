"""
Fail unless the Gharial that is installed for this Python is compiled, and makes load.

    python packaging/try_installed.py
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

LIMIT_S = 120
SCRIPT = """
import { check } from 'k6';
export const options = { thresholds: { checks: ['rate==1'] }, noDataThresholds: 'fail' };
export default function () {
  const socket = new WebSocket(__ENV.URL);
  socket.onopen = () => socket.send('hello');
  socket.onmessage = ({ data }) => {
    check(data, { 'is an echo': (text) => text === 'hello' });
    socket.close();
  };
}
"""


def gharial(*arguments: str) -> str:
    """Return what a command prints; exit if it fails."""
    command = [sys.executable, "-m", "gharial", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    if done.returncode != 0:
        raise SystemExit(
            f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}"
        )
    return done.stdout


def main() -> None:
    """Show the version, and run a script against an echo server."""
    version = json.loads(gharial("version", "--json"))
    if not version["compiled"]:
        raise SystemExit(f"the hot path is not compiled: {version}")
    from gharial.servers.echo import EchoServer
    from gharial.servers.server_thread import serving

    with tempfile.TemporaryDirectory() as folder, serving(EchoServer()) as server:
        script = Path(folder, "script.js")
        script.write_text(SCRIPT)
        run = ("run", "--vus", "2", "--iterations", "10", "--workers", "2")
        gharial(*run, "-e", f"URL={server.url}", str(script))
    print(f"gharial {version['version']} works on Python {version['python']}")


if __name__ == "__main__":
    main()
