import logging

from django.http import HttpRequest


class RouteOnly(logging.Filter):
    """Log the route of a request, not its path: paths name people, resources and sessions."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            match = request.resolver_match
            route = f"/{match.route}" if match else "an unknown path"
            record.msg, record.args = "%s %s on %s", (_outcome(record), request.method, route)
        return True


def _outcome(record: logging.LogRecord) -> str:
    """Django's messages begin with the outcome: ``Internal Server Error: /path``."""
    return record.getMessage().partition(":")[0]
