"""The Kazakhstan protocol between a cash register and its operator, versions 2.0.2 and 2.0.3, on the wire.

A fixed header of 18 bytes (:mod:`~fiscal.protocols.kz.header`), a protobuf message of the version that the header names
(:mod:`~fiscal.protocols.kz.messages`), and the rules of the token and the request number
(:mod:`~fiscal.protocols.kz.numbers`). What a message means for a shop is said elsewhere.
"""
