"""Shells that move bytes between sockets and the service; no rule of the trade lives here."""
