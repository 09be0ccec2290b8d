"""How a value is measured: the formula, what it means, how it is computed. Pure Python, no Django."""
