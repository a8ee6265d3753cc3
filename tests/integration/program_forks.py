"""Loads Gharial once, and forks for each order to run it; see `program.py`."""

import gc
import json
import os
import socket
import sys
import time
from typing import Any


def serve(orders: socket.socket) -> None:
    """Fork for each order, until whoever sends them has gone."""
    while True:
        data, descriptors, _, _ = socket.recv_fds(orders, 1, 3)
        if not data:
            return
        if os.fork() == 0:
            orders.close()
            attend(*descriptors)
            return
        for each in descriptors:
            os.close(each)
        _reap()


def attend(answer_to: int, stdout: int, stderr: int) -> None:
    """Run Gharial in another fork; answer with its process id, then its exit code."""
    with socket.socket(fileno=answer_to) as answers, answers.makefile("r") as asked:
        order = json.loads(asked.readline())
        pid = os.fork()
        if pid:
            answers.sendall(f"{pid}\n".encode())
            _, status = os.waitpid(pid, 0)
            answers.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            return
    become(order, stdout, stderr)


def become(order: dict[str, Any], stdout: int, stderr: int) -> None:
    """Be what ``python -m gharial`` would be."""
    from gharial import __main__ as program

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.close(stdout)
    os.close(stderr)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    sys.path[0] = order["folder"]
    sys.argv[:] = [str(program.__file__), *order["arguments"]]
    # What starts workers looks at it.
    sys.modules["__main__"] = program
    program.main()


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    import gharial.cli.main
    import gharial.outputs.pump  # noqa: F401 - as a run does

    gc.freeze()
    serve(socket.socket(fileno=int(sys.argv[1])))
