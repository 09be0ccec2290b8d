from django.contrib.postgres.indexes import OpClass
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("submissions", "0016_programs_are_told")]

    operations = [
        migrations.RemoveIndex("submission", "submission_by_collector"),
        migrations.AddIndex(
            "submission",
            models.Index(OpClass("collector", name="varchar_pattern_ops"), "id", name="submission_by_collector"),
        ),
    ]
