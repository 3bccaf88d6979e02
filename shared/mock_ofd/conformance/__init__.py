"""Conformance: named scenarios that any register's software is led through, and a report card of what it did in them.

A scenario starts the client under test as a process, drives it by lines of JSON (:mod:`mock_ofd.conformance.line`),
stands between it and a fresh operator (:mod:`mock_ofd.conformance.front`), and judges by three witnesses: what the client
said, what passed on the wire, and what the operator's ledger holds.
"""
