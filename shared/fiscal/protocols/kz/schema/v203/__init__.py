"""Version 2.0.3."""
