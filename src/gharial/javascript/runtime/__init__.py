"""The runtime: what every JavaScript script has in its global object."""
