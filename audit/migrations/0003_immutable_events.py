"""PostgreSQL refuses to change a recorded event, whoever asks.

Row triggers are inherited by partitions, statement triggers are not, and only statement
triggers see TRUNCATE or a statement that matches no row. So every partition gets the guard
from the one function that makes partitions. ``ENABLE ALWAYS`` holds also under
``session_replication_role = replica``, which switches ordinary triggers off.
"""

from django.db import migrations

REFUSE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION '% on % refused: audit events are immutable', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation',
          HINT = 'Record a new event that corrects the old one.';
END $$;
"""

GUARD = """
CREATE FUNCTION audit_guard(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER audit_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                 'FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()', target);
  EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER audit_immutable', target);
END $$;
REVOKE ALL ON FUNCTION audit_guard(regclass) FROM PUBLIC;
"""

GUARD_PARENTS = """
CREATE TRIGGER audit_immutable_row BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_immutable_row BEFORE UPDATE OR DELETE ON audit_snapshot
  FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_immutable_row;
ALTER TABLE audit_snapshot ENABLE ALWAYS TRIGGER audit_immutable_row;
SELECT audit_guard('audit_event');
SELECT audit_guard('audit_snapshot');
"""

# Both tables together. Attaching instead of CREATE … PARTITION OF spares readers and writers
# the exclusive lock on the whole log. Runs with the owner's rights, so that the application,
# which has none of them, can still make the month an event falls into.
ENSURE_PARTITION = """
CREATE FUNCTION audit_ensure_partition(at timestamptz, width text DEFAULT 'month')
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  lower_bound timestamptz; upper_bound timestamptz; parent text; child text;
BEGIN
  IF width NOT IN ('day', 'week', 'month') THEN
    RAISE EXCEPTION 'a partition is a day, a week or a month wide, not %', width;
  END IF;
  IF at < timestamptz '1970-01-01 00:00+00' OR at > now() + interval '400 days' THEN
    RAISE EXCEPTION 'no partition for %: outside 1970 to 400 days from now', at;
  END IF;
  IF EXISTS (SELECT 1 FROM audit_partition p WHERE p.parent = 'audit_snapshot'
             AND p.starts_at <= at AND at < p.ends_at) THEN
    RETURN false;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtext('audit_ensure_partition'));
  IF EXISTS (SELECT 1 FROM audit_partition p WHERE p.parent = 'audit_snapshot'
             AND p.starts_at <= at AND at < p.ends_at) THEN
    RETURN false;
  END IF;
  -- Neighbours of another width cut the new partition short, so that none overlap.
  SELECT greatest(date_trunc(width, at, 'UTC'), max(p.ends_at)) INTO lower_bound
    FROM audit_partition p WHERE p.parent = 'audit_event' AND p.ends_at <= at;
  SELECT least(date_trunc(width, at, 'UTC') + ('1 ' || width)::interval, min(p.starts_at))
    INTO upper_bound FROM audit_partition p WHERE p.parent = 'audit_event' AND p.starts_at > at;
  FOREACH parent IN ARRAY ARRAY['audit_event', 'audit_snapshot'] LOOP
    child := parent || to_char(lower_bound AT TIME ZONE 'UTC', '_YYYYMMDD');
    EXECUTE format('CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING GENERATED '
                   'INCLUDING CONSTRAINTS INCLUDING STORAGE)', child, parent);
    EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                   parent, child, audit_id_floor(lower_bound), audit_id_floor(upper_bound));
    PERFORM audit_guard(format('public.%I', child)::regclass);
  END LOOP;
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION audit_ensure_partition(timestamptz, text) FROM PUBLIC;
"""

# Statistics decide the plans of the page: a partition without them is read row by row.
ANALYZE = """
CREATE FUNCTION audit_analyze(since timestamptz, until timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE partition_name text;
BEGIN
  FOR partition_name IN
    SELECT name FROM audit_partition WHERE starts_at <= until AND ends_at > since
  LOOP
    EXECUTE format('ANALYZE public.%I', partition_name);
  END LOOP;
  ANALYZE ONLY public.audit_event;
END $$;
REVOKE ALL ON FUNCTION audit_analyze(timestamptz, timestamptz) FROM PUBLIC;
"""

REVERSE = """
DROP FUNCTION audit_analyze(timestamptz, timestamptz);
DROP FUNCTION audit_ensure_partition(timestamptz, text);
DROP FUNCTION audit_guard(regclass);
DROP FUNCTION audit_refuse_change() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_partitioned_events")]

    operations = [
        migrations.RunSQL(REFUSE + GUARD + GUARD_PARENTS, migrations.RunSQL.noop),
        migrations.RunSQL(ENSURE_PARTITION + ANALYZE, REVERSE),
    ]
