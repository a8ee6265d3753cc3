"""Names of threads by which others know what they are for."""

from typing import Final

OUTPUT_THREADS: Final = "gharial-output-"
"""What the names of threads begin with in which outputs work."""
