"""Copies an organisation's events into django-auditlog's table, as it would have recorded them."""

from typing import Any

from django.core.management import call_command
from django.db import connection, transaction

# What actors have that django-auditlog's users need.
_USERS = """
INSERT INTO auth_user (username, email, first_name, last_name, password, is_superuser, is_staff,
  is_active, date_joined)
SELECT DISTINCT ON (actor_id) actor_id, actor_id, split_part(actor_name, ' ', 1),
  split_part(actor_name, ' ', 2), '', false, false, true, now()
FROM public.audit_event WHERE organization_id = %(organization)s
"""
_TYPES = """
INSERT INTO django_content_type (app_label, model)
SELECT DISTINCT 'bench', resource_type FROM public.audit_event
WHERE organization_id = %(organization)s
"""

# A model has a numeric key and a name; the session is what requests have in common; the rest of
# an event goes where additional data belong.
_ENTRIES = """
INSERT INTO auditlog_logentry (content_type_id, object_pk, object_id, object_repr, action,
  changes_text, changes, actor_id, actor_email, cid, remote_addr, timestamp, additional_data)
SELECT type.id, split_part(resource_id, '-', 2), split_part(resource_id, '-', 2)::bigint,
  resource_name, CASE change WHEN 'created' THEN 0 WHEN 'updated' THEN 1 WHEN 'deleted' THEN 2
    ELSE 3 END,
  '', CASE change WHEN 'updated' THEN '{"cron": ["0 4 * * *", "30 4 * * *"]}'::jsonb
    ELSE jsonb_build_object('name', jsonb_build_array('None', resource_name)) END,
  actor.id, event.actor_id, session, ip, occurred_at,
  jsonb_build_object('event_type', event_type, 'deployment', deployment, 'outcome', outcome,
    'details', details)
FROM public.audit_event AS event
JOIN auth_user AS actor ON actor.username = event.actor_id
JOIN django_content_type AS type ON type.app_label = 'bench' AND type.model = resource_type
WHERE organization_id = %(organization)s
"""
# Anything may be lost in a crash.
_FASTER = "SET LOCAL synchronous_commit = off"


def fill(organization: int) -> int:
    """Make the entries unless they are there; returns how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS peer")
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM auditlog_logentry)")
        if not cursor.fetchone()[0]:
            _copy({"organization": organization})
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = 'auditlog_logentry'")
        (count,) = cursor.fetchone()
    return int(count)


def _copy(parameters: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FASTER)
        for statement in (_USERS, _TYPES, _ENTRIES):
            cursor.execute(statement, parameters)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) auditlog_logentry")
