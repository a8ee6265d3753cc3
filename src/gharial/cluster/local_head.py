"""
A local cluster for one run: a process that lives as long as its standard input is open.

Run as a module with the number of CPUs. It prints the head's address when it is there, and
ends the cluster when its standard input ends, however who started it has ended.
"""

import os
import shutil
import sys
import tempfile


def main() -> None:
    """Start the cluster, and hold it until the input ends."""
    os.environ.pop("RAY_ADDRESS", None)
    from gharial.cluster.ray_engine import start_head

    # Short, because Ray puts Unix sockets below it.
    folder = tempfile.mkdtemp(prefix="gray-")
    try:
        address, end = start_head(int(sys.argv[1]), folder)
        try:
            print(address, flush=True)
            sys.stdin.buffer.read()
        finally:
            end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
