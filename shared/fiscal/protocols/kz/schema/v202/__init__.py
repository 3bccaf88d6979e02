"""Version 2.0.2."""
