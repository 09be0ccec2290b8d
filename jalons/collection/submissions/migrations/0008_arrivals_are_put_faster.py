from django.db import migrations, models

# what a phone sends stays whole in its row until it comes in, soon after: compressing it first would only take time
WHOLE = "alter table submissions_arrival set (toast_tuple_target = 8160)"
DEFAULT = "alter table submissions_arrival reset (toast_tuple_target)"


class Migration(migrations.Migration):
    dependencies = [
        ("submissions", "0007_phones_send"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="arrival", name="arrival_content_once"),
        migrations.AddConstraint(
            model_name="arrival",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["conflict", "admitted", "dismissed"])),
                fields=("instance_id", "form", "sha256"),
                name="arrival_content_once",
            ),
        ),
        migrations.RunSQL(WHOLE, DEFAULT),
    ]
