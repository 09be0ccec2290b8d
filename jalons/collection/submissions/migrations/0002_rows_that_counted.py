from django.db import migrations

# Typed tables made before this learn since when their rows count; what counted before comes back when they are rebuilt.
FORWARD = """
do $$
declare typed record;
begin
  for typed in select tablename from pg_tables where schemaname = 'projection' loop
    execute format('alter table projection.%1$I
                      add column if not exists _since timestamptz,
                      add column if not exists _until timestamptz not null default ''infinity'',
                      drop constraint if exists %2$I,
                      add primary key (_submission, _row, _until)', typed.tablename, typed.tablename || '_pkey');
    execute format('update projection.%I t set _since = s.reviewed_at from submissions_submission s
                     where s.id = t._submission and t._state = ''validated''', typed.tablename);
  end loop;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("submissions", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
