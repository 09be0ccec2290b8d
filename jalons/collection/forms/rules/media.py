"""Files that a form needs beside itself: pictures, sounds, lists of choices."""

import re

FILE = re.compile(r"jr://(?:file|file-csv|images|audio|video)/([^<\"'\s]+)")
OWN = frozenset({"itemsets.csv"})  # made from the sheet of external choices


def files_named(xform: str) -> set[str]:
    """The files that an XForm asks the phone to hold.

    Source: ODK XForms specification, secondary instances and media.

    >>> sorted(files_named('<instance src="jr://file-csv/communes.csv"/><value form="image">jr://images/a.png</value>'))
    ['a.png', 'communes.csv']
    """
    return set(FILE.findall(xform))
