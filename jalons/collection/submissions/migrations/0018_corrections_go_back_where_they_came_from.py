from django.db import migrations, models

# what was corrected before is taken for what is there: only later corrections are sent
HOLD = """
update submissions_counterpart c set holds = s.version from submissions_submission s where s.id = c.submission_id
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0017_latest_of_a_collector")]

    operations = [
        migrations.AddField("counterpart", "holds", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("counterpart", "sending", models.PositiveIntegerField(blank=True, null=True)),
        migrations.AddField("counterpart", "unsent", models.JSONField(blank=True, default=dict)),
        migrations.RunSQL(HOLD, migrations.RunSQL.noop),
    ]
