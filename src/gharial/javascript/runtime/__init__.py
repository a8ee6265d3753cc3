"""What every script in JavaScript finds in its global object."""
