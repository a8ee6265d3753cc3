"""
Runs a command, and prints what it and all that it started took, as JSON.

    python -I -S spawn.py SECONDS COMMAND...

A process of its own, and a small one: a new program's peak of memory begins with what the
process had that started it, so the benchmarks' own memory would be in it.
"""

import ctypes
import json
import os
import signal
import sys

_SET_CHILD_SUBREAPER = 36


def main() -> None:
    """Run the command, for at most so many seconds; what it says goes to our errors."""
    limit_s, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        # Processes whose parent ended first are then counted, too.
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if not child:
        os.setsid()
        os.dup2(2, 1)
        try:
            os.execvp(command[0], command)
        except OSError as error:
            os.write(2, str(error).encode())
            os._exit(127)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(limit_s)
    _, status, used = os.wait4(child, 0)
    user_s, system_s, memory = used.ru_utime, used.ru_stime, used.ru_maxrss
    while True:
        try:
            _, _, used = os.wait4(-1, 0)
        except ChildProcessError:
            break
        user_s, system_s = user_s + used.ru_utime, system_s + used.ru_stime
    memory_kb = memory // 1024 if sys.platform == "darwin" else memory
    code = os.waitstatus_to_exitcode(status)
    json.dump([code, user_s, system_s, memory_kb], sys.stdout)


if __name__ == "__main__":
    main()
