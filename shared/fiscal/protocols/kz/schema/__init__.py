"""The messages of each version as protobuf sees them: a ``.proto`` file, and what ``make proto`` makes of it.

The rule: only :mod:`fiscal.protocols.kz.messages` imports from here, and only when the first message of a version is
handled, because loading protobuf and a schema takes tens of milliseconds.
"""
