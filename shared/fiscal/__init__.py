"""What the register and the operator must agree on: the domain, the wire formats, the sessions, the faults.

Everything in this package is pure: it reads no clock, no socket, no file, no environment and no random source.
The time goes in as a value, chance goes in as a seeded ``random.Random`` or as a number that was already drawn.
"""
