"""The programme workbook: what its sheets hold, how they are written and read."""
