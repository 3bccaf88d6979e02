"""Our own protocol between a register and the operator: a fixed header of 16 bytes, a msgpack body.

``docs/reference/native-protocol.md`` describes it for people who write a client in another language.
"""
