"""Where the ledger is kept. Adapters are strangers to one another; :mod:`ofd_server.app` picks one."""
