"""What each agreement weighs: how often it is seen in records of one person (m), and of two (u). Fellegi–Sunter."""

from typing import NamedTuple

NAMES = ("given", "family")


class Weight(NamedTuple):
    """m: share of the pairs of one person that agree so; u: share of the pairs of two persons.

    rare: whether u is, in place of the average, how common the name is.
    """

    m: float
    u: float
    rare: bool = False


# comparison -> level -> weight; the first level that holds counts. Unknown on either side weighs nothing.
WEIGHTS = {
    "given": {
        "same": Weight(0.47, 0.0054, rare=True),
        "sound": Weight(0.34, 0.0050, rare=True),
        "vowels": Weight(0.044, 0.0015),
        "exchanged": Weight(0.004, 0.00002),
        "slip": Weight(0.102, 0.0164),
        "apart": Weight(0.039, 0.9710),
    },
    "family": {
        "same": Weight(0.47, 0.0018, rare=True),
        "sound": Weight(0.31, 0.0012, rare=True),
        "vowels": Weight(0.033, 0.0003),
        "exchanged": Weight(0.004, 0.00002),
        "slip": Weight(0.145, 0.0079),
        "apart": Weight(0.032, 0.9867),
    },
    "birth": {
        "day": Weight(0.60, 0.00006),
        "age": Weight(0.05, 0.0055),
        "far": Weight(0.01, 0.0200),
        "year": Weight(0.22, 0.0036),
        "turned": Weight(0.018, 0.000005),
        "slip": Weight(0.06, 0.00006),
        "around": Weight(0.03, 0.0340),
        "apart": Weight(0.012, 0.9368),
    },
    "sex": {"same": Weight(0.98, 0.505), "apart": Weight(0.02, 0.495)},
    "phone": {"same": Weight(0.65, 0.00005), "slip": Weight(0.13, 0.00002), "apart": Weight(0.22, 0.99993)},
    "commune": {"same": Weight(0.885, 0.0007), "apart": Weight(0.115, 0.9993)},
    "identifier": {"same": Weight(0.99, 0.000001), "apart": Weight(0.01, 0.999999)},
}
