"""What the commands and the test kit share: from a script and options to a run."""
