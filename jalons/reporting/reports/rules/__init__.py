"""What a report tells, how it is written in French, what changed since the previous one, when it may be issued."""
