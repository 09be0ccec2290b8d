"""How dates and numbers read in each language, where Django would say the month first."""
