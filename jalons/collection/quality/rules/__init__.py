"""What makes an answer doubtful, whatever stores it: pure functions."""
