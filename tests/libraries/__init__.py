"""Runs npm's client libraries in virtual users, against their real servers."""
