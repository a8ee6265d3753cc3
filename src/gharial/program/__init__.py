"""What the commands and the test kit share: turns a script and options into a run."""
