"""Messages as bytes, one package for each protocol; they do not know each other."""
