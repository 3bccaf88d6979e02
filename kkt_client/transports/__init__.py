"""The ways to an operator."""
