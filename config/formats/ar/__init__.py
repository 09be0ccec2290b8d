"""Arabic of Morocco."""
