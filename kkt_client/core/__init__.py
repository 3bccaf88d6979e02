"""What a cash register decides, as pure code: no clock, no chance, no input or output.

The time and every random number come in as values; what happened goes out as records and events.
"""
