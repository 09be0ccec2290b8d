"""What submissions are read, checked and reviewed by: pure functions on bytes, texts and dictionaries."""
