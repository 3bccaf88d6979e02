"""Where a fiscal memory can live."""
