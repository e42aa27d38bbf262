"""An example of a plugin for Muster."""
