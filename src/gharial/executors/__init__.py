"""Executors: when iterations start, and on which virtual users."""
