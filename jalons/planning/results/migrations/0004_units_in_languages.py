from django.db import migrations

import jalons.core.fields

MODELS = ("catalogueindicator", "catalogueindicatorevent", "indicatorversion", "indicatorversionevent")
SPREAD = """
alter table results_{model}
    alter column unit drop not null,
    alter column unit type jsonb using case when unit <> '' then jsonb_build_object('fr', unit) end
"""
GATHER = """
alter table results_{model} alter column unit type varchar(60) using coalesce(unit ->> 'fr', '');
alter table results_{model} alter column unit set not null
"""


def spread(model):
    """What was written becomes the French text; a unit left empty is none. No row is rewritten in the histories."""
    field = jalons.core.fields.TranslatedField(blank=True, null=True, validators=[jalons.core.fields.brief])
    return migrations.RunSQL(
        SPREAD.format(model=model),
        GATHER.format(model=model),
        state_operations=[migrations.AlterField(model_name=model, name="unit", field=field)],
    )


class Migration(migrations.Migration):
    dependencies = [
        ("results", "0003_every_row_has_its_history"),
    ]

    operations = [spread(model) for model in MODELS]
