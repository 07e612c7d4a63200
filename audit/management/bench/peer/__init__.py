"""django-auditlog's admin over the same events, as the peer that ours is measured against.

It wants another user model and the admin, so it is a Django project of its own, in a process of
its own: ``python -m audit.management.bench.peer``, started by ``manage.py bench``. It keeps its
tables in the schema ``peer`` of the same database.
"""
