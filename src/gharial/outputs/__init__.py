"""Outputs: where measurements are sent during a run."""
