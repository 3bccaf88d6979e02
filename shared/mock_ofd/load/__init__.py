"""The reconnection backlog: a storm of registers against an operator, and what became of every document.

The rule: both sides are put together here and nowhere else. What the registers were told is held against what the
operator's ledger holds; a figure that was not measured is ``None``, never zero.
"""
