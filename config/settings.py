"""Settings, read from the environment; what is safe is the default."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from jalons.cli import postgres

BASE = Path(__file__).parent.parent
DATA = Path(os.environ.get("JALONS_DATA", BASE / "data")).resolve()
DEBUG = False
PRODUCTION = os.environ.get("JALONS_PRODUCTION", "") == "1"
DEMONSTRATION = os.environ.get("JALONS_DEMONSTRATION", "") == "1"


def _secret(name: str) -> str:
    """A secret from the environment; outside production, one made for this start."""
    value = os.environ.get(name, "")
    if PRODUCTION and len(value) < 50:
        raise ImproperlyConfigured(
            f"{name} est nécessaire en production : au moins 50 caractères tirés au hasard. "
            "Voir docs/guides/installation.md."
        )
    return value or secrets.token_urlsafe(48)


def _kept_secret(name: str) -> str:
    """As above, but kept in the data folder so that sessions outlive a restart of a first run."""
    kept = DATA / "secret_key"
    if not os.environ.get(name) and not PRODUCTION and kept.exists():
        return kept.read_text()
    value = _secret(name)
    if not os.environ.get(name) and not PRODUCTION:
        DATA.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(value)
    return value


def _database(url: str) -> dict:
    """Django's database settings from postgresql://user:password@host:port/name?host=/socket."""
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL doit commencer par postgresql://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _vault_key() -> str:
    """What seals the tokens of other servers: from the environment, else made once and kept in the data folder."""
    kept = DATA / "vault_key"
    if value := os.environ.get("JALONS_VAULT_KEY", ""):
        return value
    if not kept.exists():
        DATA.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(48))
    return kept.read_text()


SECRET_KEY = _kept_secret("JALONS_SECRET_KEY")
VAULT_KEY = _vault_key()
# a Kobo or a Central on this network, or on this machine
PRIVATE_SERVERS = os.environ.get("JALONS_PRIVATE_SERVERS", "") == "1"
ALLOWED_HOSTS = os.environ.get("JALONS_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host not in ("localhost", "127.0.0.1", "[::1]")]
DATABASES = {"default": _database(os.environ.get("DATABASE_URL") or postgres.url(DATA / "postgres"))}
DOCUMENTS = DATA / "documents"
PARTITIONS = DATA / "partitions"

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
LOCALE_PATHS = [BASE / "locale", BASE / "locale/libraries"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Africa/Casablanca"
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "template_partials",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "jalons.core",
    "jalons.foundation.territories",
    "jalons.foundation.programmes",
    "jalons.foundation.partners",
    "jalons.foundation.accounts",
    "jalons.planning.results",
    "jalons.collection.forms",
    "jalons.collection.submissions",
    "jalons.collection.people",
    "jalons.collection.quality",
    "jalons.evidence.measurement",
    "jalons.reporting.dashboards",
    "jalons.reporting.reports",
    "jalons.reporting.exchange",
    # after ours, so that our templates win
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "jalons.collection.submissions.openrosa.OpenRosa",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "jalons.core.pages.Health",
    "jalons.core.ranges.WholeOrCompressed",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "jalons.foundation.accounts.language.PersonLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "config.frame.frame",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "jalons.core.templatetags.jalons"],
        },
    }
]

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "jalons.foundation.accounts.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "5/5m/key,20/5m/ip", "reset_password": "5/m/ip,3/h/key"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person, replaced once the new one is confirmed
ACCOUNT_FORMS = {"add_email": "jalons.foundation.accounts.forms.AddressForm"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True  # what touches the account is told to its owner
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no message to an address that is nobody’s
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Jalons] "
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Jalons"
MFA_TOTP_TOLERANCE = 1  # a code of the half-minute before or after: clocks differ, and people type slowly (RFC 6238)
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody signs up alone: a new address replaces the other once its link is opened
ALLAUTH_TRUSTED_PROXY_COUNT = int(PRODUCTION)  # whose X-Forwarded-For is believed when attempts are counted by address
PROCRASTINATE_IMPORT_PATHS = ["jalons.core.jobs"]

CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "django_cache"}}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REDIRECT_EXEMPT = [r"^health/$"]  # asked from the machine itself
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "jalons.core.pages.forbidden"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024**2
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024**2
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # a form may ask a photo in each row of a repeat
FILE_UPLOAD_HANDLERS = [
    "jalons.core.uploads.WithinLimit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
EMAIL_HOST = os.environ.get("JALONS_EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST or PRODUCTION else 'console'}.EmailBackend"
EMAIL_PORT = int(os.environ.get("JALONS_EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("JALONS_EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("JALONS_EMAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("JALONS_EMAIL_TLS", "") == "1"
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = os.environ.get("JALONS_FROM", "jalons@localhost")

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
COLLECTED = PRODUCTION or os.environ.get("JALONS_STATIC") == "collected"  # by `jalons run`
WHITENOISE_USE_FINDERS = not COLLECTED
if COLLECTED:
    STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"discreet": {"()": "jalons.core.logs.Discreet"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "discreet"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # robots ask for any name, all day long
        "pyodk": {"level": "CRITICAL"},  # it writes out the answers of the server
    },
}
