"""The process as a whole: signals, standard streams, calls that do not return."""
