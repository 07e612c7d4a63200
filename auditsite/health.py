"""Two questions of a load balancer: does the process answer, and can it serve?"""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# Whether what follows the present partition already has its place.
_NEXT_PARTITION = """
SELECT EXISTS (
  SELECT FROM audit_partition AS present
  JOIN audit_partition AS next ON next.parent = present.parent AND next.starts_at = present.ends_at
  WHERE present.starts_at <= now() AND now() < present.ends_at)
"""


class _NotMigrated(Exception):
    pass


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 while the database is reachable and migrated, else 503.

    A missing next partition is told, but leaves the answer at 200: recording makes partitions
    on demand, and taking the site out of service would not bring it back.
    """
    try:
        _require_migrations()
        has_next = _has_next_partition()
    except _NotMigrated:
        return JsonResponse({"database": "ok", "migrations": "missing"}, status=503)
    except (OperationalError, DatabaseError):
        return JsonResponse({"database": "unreachable"}, status=503)
    partition = "ok" if has_next else "missing"
    return JsonResponse({"database": "ok", "migrations": "ok", "next_partition": partition})


@cache  # an exception is not remembered, and what has been applied stays applied
def _require_migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _NotMigrated


def _has_next_partition() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_PARTITION)
        row = cursor.fetchone()
    return bool(row and row[0])
