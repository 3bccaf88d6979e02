"""Many registers in one process: the real outbox and the real session over a memory that is made to be light.

The rule: what is sent next, what an answer means and how long a register stays away is decided by the same code as in a
shop (:mod:`kkt_client.core.outbox`, :mod:`fiscal.session`, :mod:`fiscal.retry`). Lighter are the memory, which is gone
with the process, and the shell, which has no task for a register.
"""
