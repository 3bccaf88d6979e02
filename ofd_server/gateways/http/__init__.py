"""HTTP: registers that speak the protocol over it, people who administer, pages, events, health.

The rule: one table of routes (:mod:`.routes`) is what is served and what ``openapi.json`` says. A handler turns a
request into a call of the service or the journal and its outcome into JSON by :mod:`ofd_server.core.views`; it decides
nothing.
"""
