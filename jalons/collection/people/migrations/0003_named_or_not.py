import django.utils.timezone
from django.db import migrations, models

FILL = """
update people_link l set is_named = true from people_alias a
 where a.id = l.alias_id and (a.pair is not null or a.is_erased)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_partner_told"),
    ]

    operations = [
        migrations.AddField(
            model_name="link",
            name="is_named",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="link",
            name="since",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
