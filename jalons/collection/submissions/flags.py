"""How many flags of the latest version of each submission still ask for an answer."""

from collections.abc import Iterable

from django.db import connection

COUNT = """
update submissions_submission s set flag_count = n.open
  from (select k.id, count(f.id) filter (where f.state = 'open') as open
          from unnest(%s::bigint[]) as k (id)
          join submissions_submission o on o.id = k.id
          left join submissions_flag f on f.submission_id = k.id and f.version = o.version
         group by k.id) n
 where s.id = n.id and s.flag_count <> n.open
"""


def count_flags(submissions: Iterable[int]) -> None:
    """Write it beside each submission, where lists filter on it."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [sorted(set(submissions))])
