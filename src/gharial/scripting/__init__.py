"""From a path to something that a virtual user can run."""
