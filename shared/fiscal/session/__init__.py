"""The conversation of a register and an operator over one connection, without the connection."""
