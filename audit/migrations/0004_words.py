"""Free text: an event's words become terms of the one index, and a dictionary knows them all.

Details keys become terms too, for “has this detail”.
"""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

from audit.event_types import registry
from audit.models.words import searchable

# Beside the function of two arguments, by which searches make their terms.
TERMS = """
CREATE FUNCTION audit_terms(organization bigint, vals text[], details text[], words text)
RETURNS int8[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS $$
  SELECT ARRAY(
    SELECT pg_catalog.hashtextextended(organization::text || '|' || v, 0) FROM (
      SELECT v FROM pg_catalog.unnest(vals) v WHERE v IS NOT NULL
      UNION ALL SELECT d FROM pg_catalog.unnest(details) d
      UNION ALL SELECT 'has=' || pg_catalog.split_part(d, ':', 1) FROM pg_catalog.unnest(details) d
      UNION ALL SELECT DISTINCT 'word=' || w FROM pg_catalog.string_to_table(words, ' ') w
        WHERE w <> ''
    ) t(v))
$$;
"""

_VALUES = """ARRAY[
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
  ]"""

INDEX_WORDS = f"""
ALTER TABLE audit_event ALTER COLUMN terms SET EXPRESSION AS
  (audit_terms(organization_id, {_VALUES}, details, words));
"""
UNINDEX_WORDS = f"""
ALTER TABLE audit_event ALTER COLUMN terms SET EXPRESSION AS
  (audit_terms(organization_id, details || {_VALUES}));
DROP FUNCTION audit_terms(bigint, text[], text[], text);
"""

# Code point order, whatever the database's collation: a beginning is a range of the key. The
# trigram index finds words that are nearly the one that was typed.
DICTIONARY = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE TABLE audit_word (
  organization_id bigint NOT NULL REFERENCES audit_organization ON DELETE CASCADE,
  word text COLLATE "C" NOT NULL,
  PRIMARY KEY (organization_id, word)
);
CREATE INDEX audit_word_trigrams ON audit_word USING gin (word gin_trgm_ops);
"""

# The texts that recording takes words from, in its order; details come last.
_TEXTS = (
    "event_type, summary, resource_name, resource_id, resource_type, actor_name, actor_id,"
    " impersonator, deployment"
)
_BATCH = 5_000
NEXT = f"""
SELECT organization_id, id, details, {_TEXTS} FROM audit_event
WHERE (organization_id, id) > (%s, %s) ORDER BY organization_id, id LIMIT {_BATCH}
"""  # noqa: S608 -- constants only
FILL = """
UPDATE audit_event e SET words = filled.words
FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS filled (organization_id, id, words)
WHERE e.organization_id = filled.organization_id AND e.id = filled.id
"""
LEARN = """
INSERT INTO audit_word SELECT DISTINCT organization_id, word
FROM unnest(%s::bigint[], %s::text[]) AS filled (organization_id, words),
  string_to_table(words, ' ') AS word
WHERE length(word) BETWEEN 1 AND 32 AND regexp_count(word, '[0-9]') < 3
ON CONFLICT DO NOTHING
"""


def fill_words(apps: Any, schema_editor: Any) -> None:
    """Give the events of before their words.

    Nothing that was recorded changes: words are made of it. The guard steps aside inside this
    transaction, where nobody else can see it.
    """
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('audit_refuse_change'::regproc)")
        (guard,) = cursor.fetchone()
        cursor.execute(
            "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger"
            " LANGUAGE plpgsql SET search_path = pg_catalog AS 'BEGIN RETURN NEW; END'"
        )
        last: Any = (0, "00000000-0000-0000-0000-000000000000")
        while last:
            cursor.execute(NEXT, last)
            last = _fill(cursor, cursor.fetchall())
        cursor.execute(guard)


def _fill(cursor: Any, rows: list[tuple[Any, ...]]) -> Any:
    organizations = [row[0] for row in rows]
    words = [_words(*row[2:]) for row in rows]
    cursor.execute(FILL, [organizations, [row[1] for row in rows], words])
    cursor.execute(LEARN, [organizations, words])
    return rows[-1][:2] if rows else None


def _words(details: list[str], event_type: str, *texts: str) -> str:
    values = (detail.split(":", 1)[1] for detail in details)
    return searchable((registry.label(event_type), *texts, *values))


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_immutable_events")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE audit_event ADD COLUMN words text NOT NULL DEFAULT ''",
                    "ALTER TABLE audit_event DROP COLUMN words",
                ),
                migrations.RunSQL(DICTIONARY, "DROP TABLE audit_word"),
                migrations.RunPython(fill_words, migrations.RunPython.noop),
                # Last, for it writes every row anew, and without those of before.
                migrations.RunSQL(TERMS + INDEX_WORDS, UNINDEX_WORDS),
            ],
            state_operations=[
                migrations.AddField(
                    model_name="event",
                    name="words",
                    field=models.TextField(blank=True, default=""),
                ),
                migrations.CreateModel(
                    name="Word",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "organization_id",
                                "word",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("word", models.TextField(db_collation="C")),
                        (
                            "organization",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="audit.organization",
                            ),
                        ),
                    ],
                    options={"db_table": "audit_word"},
                ),
            ],
        ),
    ]
