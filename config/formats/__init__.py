"""How dates read in each language, where Django would say the month first."""
