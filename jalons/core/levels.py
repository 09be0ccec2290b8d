"""The four levels of the permission matrix."""

from enum import IntEnum


class Level(IntEnum):
    """What a role may do in one app. Each level includes the ones before it."""

    NONE = 0
    VIEW = 1
    EDIT = 2
    DECIDE = 3  # validate, approve, sign, pay
