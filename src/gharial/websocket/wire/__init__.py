"""The frame engines that a connection can run on."""
