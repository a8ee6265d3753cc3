"""
How Gharial was built: with its hot path in C, or in plain Python.

This file is compiled along with the hot path, all of it or nothing (``hatch_build.py``
lists the modules), so it knows. Where C does by other means what plain Python does,
there are two files, ``…_in_c.pyx`` and ``…_in_python.py``, and a third without an ending
that chooses; their tests run over both.
"""

import sys

IS_COMPILED = not __file__.endswith(".py")
# What takes POSIX is left out elsewhere.
IS_POSIX_COMPILED = IS_COMPILED and sys.platform != "win32"
