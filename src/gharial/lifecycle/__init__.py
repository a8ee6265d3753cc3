"""One run, from loaded script to exit code."""
