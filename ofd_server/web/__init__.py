"""Pages for people: no script, nothing loaded from elsewhere, readable on a telephone."""
