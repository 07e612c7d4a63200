"""Gunicorn's settings: ``gunicorn -c python:auditsite.gunicorn auditsite.wsgi``."""

from auditsite import env

bind = f"{env.text('AUDITSITE_HOST', '127.0.0.1')}:{env.integer('PORT', 8000, maximum=65_535)}"

worker_class = "gthread"
workers = env.integer("WEB_WORKERS", 2, minimum=1)
threads = env.integer("WEB_THREADS", 4, minimum=1)

# Bytes. The filters are the URL, and a single tag may have 2,048 characters.
limit_request_line = 8190

# Seconds. A page is bounded to a few; exports stream, which keeps a worker alive.
timeout = 60
graceful_timeout = 15

# Paths and addresses name people: who read what belongs in the audit log, not in a text file.
accesslog = None
errorlog = "-"
loglevel = "error"
control_socket_disable = True
