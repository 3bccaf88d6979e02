"""Operators and registers for tests: what the pytest plugin gives out, and what it does between two tests."""
