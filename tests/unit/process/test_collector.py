"""Garbage waits while something is loaded, in our own program only."""

import subprocess
import sys

CODE = """
import gc
from gharial.process import collector

before = gc.get_freeze_count()
with collector.paused():
    print(gc.isenabled())
print(gc.isenabled(), gc.get_freeze_count() == before)
collector.own()
print(gc.isenabled())
collector.resume()
print(gc.isenabled(), gc.get_freeze_count() > 1000)
with collector.paused():
    print(gc.isenabled())
print(gc.isenabled())
"""


def test_it_waits_once_the_process_is_ours() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True
    )
    assert ran.stdout.split("\n")[:-1] == [
        "True",
        "True True",
        "False",
        "True True",
        "False",
        "True",
    ]
