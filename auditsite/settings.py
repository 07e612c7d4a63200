"""Every setting, read from the environment; secure unless the environment says otherwise."""

from typing import Any

from django.utils.csp import CSP

from auditsite import databases, env, local

BASE_DIR = local.BASE_DIR

# --- Who we are ---------------------------------------------------------------------------------

SECRET_KEY = env.required_secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = env.secret("SECRET_KEY_FALLBACKS").split()
# What masked secrets are fingerprinted with: the first of them; the others find earlier ones.
AUDIT_FINGERPRINT_KEYS = list(
    filter(None, (env.secret("AUDITSITE_FINGERPRINT_KEY"), SECRET_KEY, *SECRET_KEY_FALLBACKS))
)
DEBUG = env.flag("AUDITSITE_DEBUG", default=False)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

ROOT_URLCONF = "auditsite.urls"
WSGI_APPLICATION = "auditsite.wsgi.application"
AUTH_USER_MODEL = "auditsite.User"

INSTALLED_APPS = [
    "auditsite",  # first: its migrate command replaces Django's
    "audit.apps.AuditConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "lucide",
]

MIDDLEWARE = [
    "audit.recording.middleware.request_context",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "auditsite.middleware.permissions_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "audit.web.zone.show_in_zone",
    "auditsite.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "audit.web.context.viewer",
            ],
        },
    },
]

# --- Database -----------------------------------------------------------------------------------

# The runtime role: it may add events and read them, never change one.
AUDITSITE_APP_ROLE = databases.app_role()
DATABASES = databases.configured(local.DATABASE, AUDITSITE_APP_ROLE)
DATABASE_ROUTERS = ["auditsite.routers.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Transport and browser ----------------------------------------------------------------------

HTTPS = env.flag("AUDITSITE_HTTPS", default=True)

SECURE_SSL_REDIRECT = HTTPS
# Load balancers ask for these over plain HTTP, from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
# Only for a proxy that sets or removes this header itself on every request.
if env.flag("AUDITSITE_TRUST_FORWARDED_PROTO", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# A year, in seconds.
SECURE_HSTS_SECONDS = env.integer("AUDITSITE_HSTS_SECONDS", 31_536_000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
X_FRAME_OPTIONS = "DENY"

# Browsers accept a __Host- cookie only over HTTPS, for the whole host and no other.
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("AUDITSITE_SESSION_HOURS", 7 * 24, minimum=1) * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# --- Accounts -----------------------------------------------------------------------------------

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- What is recorded of the site's own use ------------------------------------------------------

AUDIT_ORGANIZATION = "auditsite.own_log.organizations_of"
AUDIT_TRUSTED_PROXIES = env.networks("AUDITSITE_TRUSTED_PROXIES")

# --- The API ------------------------------------------------------------------------------------

# Of one key, a minute. A call holds up to 1,000 events, so fewer a minute would shut it out.
AUDIT_API_CALLS_PER_MINUTE = env.integer("AUDITSITE_API_CALLS_PER_MINUTE", 1_200, minimum=1)
AUDIT_API_EVENTS_PER_MINUTE = env.integer("AUDITSITE_API_EVENTS_PER_MINUTE", 120_000, minimum=1_000)
# Of one person's pages.
AUDIT_BROWSER_CALLS_PER_MINUTE = env.integer("AUDITSITE_BROWSER_CALLS_PER_MINUTE", 120, minimum=1)
AUDIT_BROWSER_EVENTS_PER_MINUTE = env.integer(
    "AUDITSITE_BROWSER_EVENTS_PER_MINUTE", 1_200, minimum=100
)

# --- Language, time, static files ---------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = local.STATIC
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Logs ---------------------------------------------------------------------------------------

# To stderr, for whatever collects it. Paths and addresses can name people, so they are replaced
# by the route that was asked for; the audit log itself is the place for who did what.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"route_only": {"()": "auditsite.logs.RouteOnly"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["route_only"],
        },
    },
    "root": {
        "handlers": ["stderr"],
        "level": env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
    },
    "loggers": {
        # Django's own handlers would mail errors to ADMINS, of whom there are none.
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
        "psycopg.pool": {"level": "WARNING"},
        # It warns whenever a HEAD request is answered as Django answers it.
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
