"""Queries to begin with, in the explorer."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Example:
    name: str
    title: str
    query: str
    variables: str = "{}"


EXAMPLES: Final = (
    Example(
        "recent",
        "Recent events",
        """query ($query: String, $after: String) {
  events(query: $query, first: 10, after: $after) {
    nodes {
      occurredAt
      sentence
      changedPaths
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}""",
        '{"query": "since:now-7d"}',
    ),
    Example(
        "changes",
        "What changed, as JSON Patch",
        """{
  events(first: 5, filters: {change: ["updated"]}) {
    nodes {
      occurredAt
      actor { name }
      resource { type id }
      diffSummary { added removed changed moved }
      patch
    }
  }
}""",
    ),
    Example(
        "counts",
        "Who and what, counted",
        """{
  facets(filters: {since: "now-30d"}) {
    total { count isExact }
    facets {
      field
      values { label count }
    }
  }
}""",
    ),
    Example(
        "dagster",
        "As Dagster+ prints it",
        """query AuditLogQuery(
$limit: Int,
$cursor: String,
$filters: AuditLogFilters
) {
auditLog {
auditLogEntries(limit: $limit, cursor: $cursor, filters: $filters) {
id
eventType
authorUserEmail
authorAgentTokenId
eventMetadata
timestamp
deploymentName
}
}
}""",
        '{"limit": 5}',
    ),
)
