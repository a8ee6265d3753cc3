"""The whole process: signals, standard streams, calls that do not return."""
