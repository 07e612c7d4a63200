"""The type of a resource's document."""

from typing import Any

#: JSON, read by code that knows its shape; spelling every nesting out would prove nothing.
#: A document that was recorded is never changed in place: an edit works on a copy.
type Document = dict[str, Any]
