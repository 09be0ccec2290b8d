"""Decisions on persons: how names are brought to one form, what two records have in common, what is counted."""
