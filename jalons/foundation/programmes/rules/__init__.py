"""How a programme's time is cut, and how it is shared out between sectors and countries."""
