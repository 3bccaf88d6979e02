"""A register for point-of-sale code in any language: its calls over local HTTP.

The rule: nothing of a register is decided here. A request becomes one call of :class:`kkt_client.CashRegister`, with the
same durability and the same keys, and what that returns or raises becomes the answer.
"""
