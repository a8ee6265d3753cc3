"""The live dashboard: what its viewers are told."""
