from django.db import migrations

# what was reviewed stays as it was decided then; a rereading of its form opens it again when its reviewer brought it in
SIGN = """
update submissions_submission s set author_id = v.by_id
  from submissions_submissionversion v
 where v.submission_id = s.id and v.number = s.version and s.author_id is null and s.reviewed_by_id is null
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0005_corrections_wait_beside_what_counts")]

    operations = [migrations.RunSQL(SIGN, migrations.RunSQL.noop)]
