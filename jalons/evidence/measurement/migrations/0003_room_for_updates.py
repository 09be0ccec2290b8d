"""A draft brought up to date stays on its page, where its nine indexes need not follow it."""

from django.db import migrations

ROOM = "alter table measurement_indicatorvalue set (fillfactor = {});"


class Migration(migrations.Migration):
    dependencies = [("measurement", "0002_initial")]

    operations = [migrations.RunSQL(ROOM.format(50), ROOM.format(100))]
