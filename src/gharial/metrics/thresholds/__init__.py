"""Judging metrics against the limits a script sets."""
