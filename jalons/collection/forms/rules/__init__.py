"""What a form is and what its expressions mean. Pure Python: no database, no clock, no Django."""
