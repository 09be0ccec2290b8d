"""Years that a programme and its people live in; outside them a digit is missing or too many. Rules read it too."""

FIRST_YEAR, LAST_YEAR = 1900, 2099
