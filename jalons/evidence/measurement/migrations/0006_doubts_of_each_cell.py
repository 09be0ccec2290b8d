"""How many persons of each cell may be one, where the register hesitates."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("measurement", "0005_doubts_about_persons")]

    operations = [
        migrations.AddField(
            model_name="disaggregation",
            name="doubts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveIntegerField(), editable=False, null=True, size=None
            ),
        )
    ]
