"""Events and snapshots, partitioned by range of id, with one index that serves every filter.

The measurements behind this layout are in docs/storage.md.
"""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import audit.models.fields

# The smallest id an event at a moment can have: the bound of a partition.
ID_FLOOR = """
CREATE FUNCTION audit_id_floor(at timestamptz) RETURNS uuid
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0')
          || repeat('0', 20))::uuid
$$;
"""

# The moment an id begins with. Unlike uuid_extract_timestamp it also reads partition bounds,
# which carry no version.
ID_TIME = """
CREATE FUNCTION audit_id_time(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT to_timestamp(
    ('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint / 1000.0)
$$;
"""

# Salted with the organisation, so that no term of one ever meets another's in the index. The
# cost keeps the planner from calling it row by row where the stored column will do.
TERMS = """
CREATE FUNCTION audit_terms(organization bigint, vals text[]) RETURNS int8[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
  SELECT ARRAY(
    SELECT pg_catalog.hashtextextended(organization::text || '|' || v, 0)
    FROM pg_catalog.unnest(vals) v WHERE v IS NOT NULL)
$$;
"""

EVENTS = """
CREATE TABLE audit_event (
  organization_id bigint NOT NULL,
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  actor_kind text NOT NULL,
  actor_id text NOT NULL,
  actor_name text NOT NULL DEFAULT '',
  impersonator text NOT NULL DEFAULT '',
  event_type text NOT NULL,
  change text NOT NULL,
  outcome text NOT NULL,
  resource_type text NOT NULL DEFAULT '',
  resource_id text NOT NULL DEFAULT '',
  resource_name text NOT NULL DEFAULT '',
  deployment text NOT NULL DEFAULT '',
  branch_deployment text NOT NULL DEFAULT '',
  details text[] NOT NULL DEFAULT '{}',
  summary text NOT NULL DEFAULT '',
  session text NOT NULL DEFAULT '',
  ip inet,
  user_agent text NOT NULL DEFAULT '',
  request_id text NOT NULL DEFAULT '',
  changed_paths text[] NOT NULL DEFAULT '{}',
  terms int8[] GENERATED ALWAYS AS (audit_terms(organization_id, details || ARRAY[
    'actor=' || actor_id,
    'actor_kind=' || actor_kind,
    'impersonator=' || nullif(impersonator, ''),
    'event_type=' || event_type,
    'change=' || change,
    'outcome=' || outcome,
    'resource_type=' || nullif(resource_type, ''),
    'resource=' || resource_type || '/' || nullif(resource_id, ''),
    'deployment=' || nullif(deployment, ''),
    'branch_deployment=' || nullif(branch_deployment, ''),
    'session=' || nullif(session, ''),
    'ip=' || host(ip),
    'request_id=' || nullif(request_id, '')
  ])) STORED,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT audit_event_id_is_its_time
    CHECK (uuid_extract_version(id) IS NOT DISTINCT FROM 7
           AND date_trunc('milliseconds', occurred_at, 'UTC') = uuid_extract_timestamp(id))
) PARTITION BY RANGE (id);
CREATE INDEX audit_event_terms ON audit_event USING gin (terms)
  WITH (gin_pending_list_limit = 8192);
"""

SNAPSHOTS = """
CREATE TABLE audit_snapshot (
  organization_id bigint NOT NULL,
  id uuid NOT NULL,
  before json,
  after json,
  PRIMARY KEY (organization_id, id),
  CONSTRAINT audit_snapshot_is_not_empty CHECK (before IS NOT NULL OR after IS NOT NULL)
) PARTITION BY RANGE (id);
"""

# The catalogue is the truth about partitions; this reads it.
PARTITION_VIEW = """
CREATE VIEW audit_partition AS
SELECT child.relname::text AS name,
       parent.relname::text AS parent,
       audit_id_time(bounds[1]::uuid) AS starts_at,
       audit_id_time(bounds[2]::uuid) AS ends_at,
       child.reltuples AS estimated_rows
FROM pg_inherits
JOIN pg_class child ON child.oid = inhrelid
JOIN pg_class parent ON parent.oid = inhparent
CROSS JOIN LATERAL regexp_match(
  pg_get_expr(child.relpartbound, child.oid), $re$FROM \\('(.*)'\\) TO \\('(.*)'\\)$re$) AS bounds
WHERE parent.oid IN ('audit_event'::regclass, 'audit_snapshot'::regclass)
  AND child.relkind IN ('r', 'p');
"""

DROP_ALL = """
DROP VIEW audit_partition;
DROP TABLE audit_snapshot;
DROP TABLE audit_event;
DROP FUNCTION audit_terms(bigint, text[]);
DROP FUNCTION audit_id_time(uuid);
DROP FUNCTION audit_id_floor(timestamptz);
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_organizations")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(ID_FLOOR + ID_TIME + TERMS, migrations.RunSQL.noop),
                migrations.RunSQL(EVENTS + SNAPSHOTS + PARTITION_VIEW, DROP_ALL),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "organization_id",
                                "id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("id", models.UUIDField()),
                        ("occurred_at", models.DateTimeField()),
                        (
                            "recorded_at",
                            models.DateTimeField(
                                db_default=django.db.models.functions.datetime.Now()
                            ),
                        ),
                        (
                            "actor_kind",
                            models.TextField(
                                choices=[
                                    ("user", "User"),
                                    ("service_account", "Service account"),
                                    ("agent_token", "Agent token"),
                                    ("system", "System"),
                                ]
                            ),
                        ),
                        ("actor_id", models.TextField()),
                        ("actor_name", models.TextField(blank=True, default="")),
                        ("impersonator", models.TextField(blank=True, default="")),
                        ("event_type", models.TextField()),
                        (
                            "change",
                            models.TextField(
                                choices=[
                                    ("created", "Created"),
                                    ("updated", "Updated"),
                                    ("deleted", "Deleted"),
                                    ("other", "Other"),
                                ],
                                default="other",
                            ),
                        ),
                        (
                            "outcome",
                            models.TextField(
                                choices=[
                                    ("success", "Success"),
                                    ("failure", "Failure"),
                                    ("denied", "Denied"),
                                ],
                                default="success",
                            ),
                        ),
                        ("resource_type", models.TextField(blank=True, default="")),
                        ("resource_id", models.TextField(blank=True, default="")),
                        ("resource_name", models.TextField(blank=True, default="")),
                        ("deployment", models.TextField(blank=True, default="")),
                        ("branch_deployment", models.TextField(blank=True, default="")),
                        ("details", audit.models.fields.DetailsField(default=dict)),
                        ("summary", models.TextField(blank=True, default="")),
                        ("session", models.TextField(blank=True, default="")),
                        ("ip", models.GenericIPAddressField(blank=True, null=True)),
                        ("user_agent", models.TextField(blank=True, default="")),
                        ("request_id", models.TextField(blank=True, default="")),
                        ("changed_paths", audit.models.fields.TextsField(blank=True, default=list)),
                        (
                            "organization",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="events",
                                to="audit.organization",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_event",
                    },
                ),
                migrations.CreateModel(
                    name="Snapshot",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "organization_id",
                                "id",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("id", models.UUIDField()),
                        ("before", audit.models.fields.DocumentField(null=True)),
                        ("after", audit.models.fields.DocumentField(null=True)),
                        (
                            "organization",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="audit.organization",
                            ),
                        ),
                    ],
                    options={
                        "db_table": "audit_snapshot",
                    },
                ),
            ],
        ),
    ]
