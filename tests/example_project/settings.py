"""What a project of one's own needs: the app, its middleware, and the name of a log."""

import os

SECRET_KEY = "only for tests"
ALLOWED_HOSTS = ["testserver"]
ROOT_URLCONF = "tests.example_project.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": os.environ["EXAMPLE_DATABASE"],
        "HOST": os.environ["EXAMPLE_HOST"],
        "PORT": os.environ["EXAMPLE_PORT"],
        "USER": os.environ["EXAMPLE_USER"],
        "PASSWORD": os.environ["EXAMPLE_PASSWORD"],
        "OPTIONS": {"options": os.environ.get("EXAMPLE_OPTIONS", "")},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "tests.example_project.shop",
]
INSTALLED_APPS += ["audit"]

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "audit.recording.middleware.request_context",
]

AUDIT_ORGANIZATION = "shop"
AUDIT_TRUSTED_PROXIES = ["10.0.0.0/8"]
