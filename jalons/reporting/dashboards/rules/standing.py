"""How strong the proof behind a value is."""

ORDER = ("reached", "on_track", "watch", "late", "regression", "unmatched", "no_data")


def grade(origin: str, state: str, answered: int | None, asked: int | None) -> str:
    """Strength of the proof behind a value, A to D.

    A: computed from validated submissions, checked by a second person, nine answers in ten.
    B: computed from validated submissions, at least half of the answers, or a number of cases that nobody can tell.
    C: typed and checked by a second person, or computed on less than half of the answers.
    D: typed, not checked yet.
    Missing: an unknown number of cases asked never gives an A.
    Source:  decision 0012.

    >>> grade("computed", "published", 482, 500), grade("computed", "draft", 5, 20), grade("typed", "draft", None, None)
    ('A', 'C', 'D')
    """
    checked = state != "draft"
    if origin == "typed":
        return "C" if checked else "D"
    cover = answered / asked if answered is not None and asked else None
    if cover is not None and cover < 0.5:
        return "C"
    return "A" if checked and cover is not None and cover >= 0.9 else "B"
