"""The facts of a sale and of a register, as frozen values, and the arithmetic on them."""
