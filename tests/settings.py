"""The settings of the tests: the site's own, given the environment they ask for."""

import os

os.environ |= {
    "SECRET_KEY": "only for tests",
    "ALLOWED_HOSTS": "testserver localhost 127.0.0.1",
    "AUDITSITE_HTTPS": "off",
    "AUDITSITE_POOL_SIZE": "0",
}
os.environ.pop("DATABASE_OWNER_URL", None)

from auditsite.settings import *  # noqa: F403
from auditsite.settings import DATABASES, INSTALLED_APPS, STORAGES

# The test database is made with the owner's rights; conftest.py takes them away afterwards.
DATABASES["default"]["OPTIONS"].pop("options", None)
DATABASE_ROUTERS = []

# Argon2 is slow on purpose.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Static files straight from their sources.
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

# The models that tracking is tried on.
INSTALLED_APPS = [*INSTALLED_APPS, "tests.example_project.shop"]

# Most tests count the events they record themselves; those of tracking turn this on.
AUDIT_RECORD_CHANGES = False
