"""What each row of a workbook asks of the actions of programmes and results."""
