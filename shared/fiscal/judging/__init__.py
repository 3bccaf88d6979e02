"""The judge: what a register and an operator did, event by event, and a verdict on order, loss and doubling.

Nothing here reads a file: :mod:`mock_ofd.judge` knows the journals that the events come from.
"""
