"""The demonstration: a day of a grocery in Almaty, played against an operator while the network misbehaves."""
