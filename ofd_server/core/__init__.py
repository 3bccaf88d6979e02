"""What the operator decides, as functions of values: no clock, no storage, no network."""
