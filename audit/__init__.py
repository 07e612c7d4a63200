"""Immutable audit events: who changed what, when, and how.

Each sub-package answers one question about an event, and imports only those below it
(``lint-imports`` enforces it)::

    apps
    management | checks             commands and system checks
    web | api | templatetags        how it is shown, and served to programs
    browsing | custody              how it is found, how it stays trustworthy
    recording                       how it gets in
    access                          who may do what
    models                          how it is stored
    diff | event_types | simulation pure: what changed, what happened, what a demo looks like
    client                          pure: how other programs record
    event_id                        pure: what an event is known by
"""
