"""Registers and an operator in virtual time, on simulated links and stores, from a seed.

What runs here is the product itself: the operator's service and gateway, the register with its delivery, the sessions
and codecs of both, the same asyncio code. Replaced are only the network under the event loop, the two stores, and the
clocks. So a crash can fall between any two steps, an hour takes a millisecond, and the same seed does the same again.
"""
