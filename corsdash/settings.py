"""Django's settings, from the environment alone; unset means the embedded default (SQLite and an own broker)."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

from django.utils.csp import CSP
from kombu.entity import Exchange, Queue

from corsdash.assets import fingerprint
from corsdash.environment import (
    DATABASE_FILE,
    LOG_LEVELS,
    ROOT,
    broker_url,
    certificates,
    data_folder,
    database,
    demo_ports,
    keep_private,
    log_level,
    mailer,
    networks,
    number,
    own_url,
    plain_networks,
    ports,
    secret_key,
    switch,
    text,
    words,
)

DATA = data_folder()
_LOCAL_HOSTS = ("localhost", ".localhost", "127.0.0.1", "[::1]")
EMBEDDED = not text("DATABASE_URL")
keep_private(DATA, DATABASE_FILE if EMBEDDED else "")
DEBUG = switch("CORSDASH_DEBUG")
SECRET_KEY = secret_key(DATA, EMBEDDED)

# Where people reach the dashboard; links in messages start with it.
CORSDASH_URL = own_url()
SECURE = CORSDASH_URL.startswith("https://")
ALLOWED_HOSTS = words("CORSDASH_ALLOWED_HOSTS") or [re.sub(r":\d+$", "", urlsplit(CORSDASH_URL).netloc)]
# Programs on this machine ask under its own names: `up`, health checks of containers.
ALLOWED_HOSTS += _LOCAL_HOSTS
# A panel with all its lists full, and more than that, so that the page itself says what is too much.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
CSRF_FAILURE_VIEW = "corsdash.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [CORSDASH_URL]
CORSDASH_BEHIND_PROXY = switch("CORSDASH_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CORSDASH_BEHIND_PROXY else None

CORSDASH_ALLOWED_NETWORKS = networks("CORSDASH_ALLOWED_NETWORKS")
CORSDASH_ALLOWED_PORTS = ports("CORSDASH_ALLOWED_PORTS")
CORSDASH_CA_FILE = certificates("CORSDASH_CA_FILE")
# The demo AWS and its gateway, and nothing else of loopback.
CORSDASH_DEMO_ADDRESSES = [f"127.0.0.1:{port}" for port in demo_ports(DATA)]
# Endpoints of accounts for which anyone who started this machine's processes vouches.
CORSDASH_DEMO_ENDPOINT = f"http://{CORSDASH_DEMO_ADDRESSES[0]}" if CORSDASH_DEMO_ADDRESSES else ""
# Control-plane calls a second to one account; more than 5 only for an emulator on this machine.
CORSDASH_CALLS_PER_S = number("CORSDASH_CALLS_PER_S", 4, 0.1, 1000)
CORSDASH_REFUSE_EDIT_TAG = words("CORSDASH_REFUSE_EDIT_TAG")
# From where Prometheus may read /metrics without a token.
CORSDASH_METRICS_NETWORKS = plain_networks("CORSDASH_METRICS_NETWORKS")
CORSDASH_SYNC_SECONDS = int(number("CORSDASH_SYNC_SECONDS", 300, 1, 86_400))
# Days after which results of probes and their roll-ups are deleted.
CORSDASH_KEEP_RESULTS_DAYS = number("CORSDASH_KEEP_RESULTS_DAYS", 14, 1, 3650)
CORSDASH_KEEP_5_MINUTES_DAYS = number("CORSDASH_KEEP_5_MINUTES_DAYS", 2, 1, 3650)
CORSDASH_KEEP_HOURLY_DAYS = number("CORSDASH_KEEP_HOURLY_DAYS", 92, 1, 3650)
CORSDASH_KEEP_DAILY_DAYS = number("CORSDASH_KEEP_DAILY_DAYS", 1100, 1, 36_500)
CORSDASH_NOTE_REQUIRED = switch("CORSDASH_NOTE_REQUIRED")
# Whether people without sign-in may explain errors, against configurations that they paste.
CORSDASH_PUBLIC_EXPLAIN = switch("CORSDASH_PUBLIC_EXPLAIN")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "apis",
]

MIDDLEWARE = [
    "corsdash.hosts.HealthUnderAnyName",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "corsdash.assets.StaticFiles",
    "django.middleware.gzip.GZipMiddleware",
    "apis.access.middleware.KeptNowhere",
    "corsdash.errors.DatabasePatience",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "apis.access.middleware.AuditedRequest",
    "apis.access.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "corsdash.errors.MethodNotAllowedPage",
    "corsdash.errors.AppErrorMessage",
]

ROOT_URLCONF = "corsdash.urls"
ASGI_APPLICATION = "corsdash.asgi.application"
WSGI_APPLICATION = "corsdash.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["apis.ui.template_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apis.access.context_processors.shell",
                "apis.editing.context_processors.waiting",
                "apis.alerting.context_processors.waiting",
            ],
            "builtins": ["apis.ui.tags"],
            "libraries": {
                "cors": "apis.ui.cors_tags",
                "inventory": "apis.inventory.tags",
                "probing": "apis.probing.tags",
                "editing": "apis.editing.tags",
                "alerting": "apis.alerting.tags",
            },
        },
    }
]

if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA / DATABASE_FILE,
            "CONN_MAX_AGE": 60,  # Opening one takes as long as five queries.
            "OPTIONS": {
                # Writers queue instead of failing with "database is locked".
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;"
                # Overwriting what is deleted doubles the time that pruning holds the database; secrets are encrypted.
                " PRAGMA secure_delete=FAST;",
            },
        }
    }
else:
    DATABASES = {"default": database()}
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"].setdefault("CONN_HEALTH_CHECKS", True)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = text("REDIS_URL")
CELERY_BROKER_URL = broker_url(DATA)
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("redis+socket://")
CELERY_TASK_IGNORE_RESULT = True
# Each worker's queues, the more urgent first. `celery`: probes, messages and the schedule; it never waits for AWS.
# `interactive`: a person waits for it, and AWS may be slow. `requested`: long work that a person started. `background`:
# reads that no one waits for. Whatever one of these workers waits for, the other two go on.
WORKER_QUEUES = {"worker": ("celery",), "interactive": ("interactive",), "background": ("requested", "background")}
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for queues in WORKER_QUEUES.values() for name in queues
]
CELERY_TASK_ROUTES = {
    f"apis.{name}": {"queue": queue}
    for queue, names in {
        "interactive": (
            "inventory.tasks.refresh",
            "inventory.tasks.read_live",
            "probing.tasks.check_live",
            "editing.apply.tasks.apply_change",
            "editing.grants.tasks.apply_grant",
            "editing.review.tasks.apply_proposal",
            "editing.grants.tasks.end_grant",
            "editing.apply.tasks.deploy_stage",
        ),
        "requested": ("editing.bulk.tasks.work_on_bulk_job",),
        "background": (
            "inventory.tasks.sync_region",
            "inventory.tasks.details",
            "inventory.tasks.refresh_in_background",
            "inventory.tasks.attribute",
            "probing.tasks.learn_endpoints",
            "probing.tasks.prune",
            "alerting.tasks.prune",
        ),
    }.items()
    for name in names
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
# A worker prefetches nothing, so that urgent tasks can overtake.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# For workers and beat; requests wait for half a second at most (see jobs/queue.py).
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 2, "interval_start": 0.1, "interval_step": 0.3}
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith(("redis", "valkey")):
    # What a killed worker held comes back after the visibility timeout, which must exceed the longest task; kombu
    # looks for it only every 100 s by default.
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,
        "unacked_restore_interval": 60,
        "unacked_restore_throttle": 1,
        "unacked_restore_limit": 1000,
        # The queues of one worker in their order, not in turns.
        "queue_order_strategy": "priority",
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
    }
CELERY_BEAT_SCHEDULER = "corsdash.beat:Scheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "inventory-sync": {"task": "apis.inventory.tasks.sync", "schedule": timedelta(seconds=CORSDASH_SYNC_SECONDS)},
    # Every `schedule.TICK_S` seconds.
    "probing-tick": {"task": "apis.probing.tasks.tick", "schedule": timedelta(seconds=2), "options": {"expires": 10}},
    "editing-sweep": {
        "task": "apis.editing.tasks.sweep",
        "schedule": timedelta(seconds=15),
        "options": {"expires": 30},
    },
    "probing-endpoints": {
        "task": "apis.probing.tasks.learn_endpoints",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "probing-prune": {"task": "apis.probing.tasks.prune", "schedule": timedelta(hours=1)},
    "alerting-prune": {"task": "apis.alerting.tasks.prune", "schedule": timedelta(hours=6)},
    "alerting-settle": {
        "task": "apis.alerting.tasks.settle",
        "schedule": timedelta(seconds=2),
        "options": {"expires": 10},
    },
    "alerting-sweep": {
        "task": "apis.alerting.tasks.sweep",
        "schedule": timedelta(seconds=10),
        "options": {"expires": 30},
    },
}

# Holds limits that every web process must share. In the database, so that one can sign in to see why when the broker
# is down. The table is that of `access.models.CacheEntry`: `migrate` makes it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "apis_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

# One backend, or each wrong password would be hashed twice.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apis.access.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "apis.access.forms.SignInForm",
    "change_password": "apis.access.forms.ChangePasswordForm",
}
# Failed sign-ins are limited by `access.throttle`.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "change_password": "5/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if CORSDASH_BEHIND_PROXY else 0

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "corsdash_session", "corsdash_csrf"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "manifest-src": [CSP.SELF],
}

MAILERS = {"default": mailer()}
DEFAULT_FROM_EMAIL = text("CORSDASH_EMAIL_FROM", "corsdash@localhost")

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

STATICFILES_DIRS = [ROOT / "static"]
# Served from where they lie, without collecting, under an address that changes with any of them: a page never meets the
# style or the modules of another release, and what a module imports comes from the same place.
STATIC_RELEASE = fingerprint(ROOT / "static")
STATIC_URL = "static/" if DEBUG else f"static/{STATIC_RELEASE}/"
# Compressed by the web server before its first request.
STATIC_COMPRESSED = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "corsdash.assets.StaticAddresses"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0
WHITENOISE_IMMUTABLE_FILE_TEST = "^$" if DEBUG else "."

CONFIDENTIAL_LOGGERS = (
    "botocore.auth", "botocore.endpoint", "botocore.httpsession", "botocore.hooks", "botocore.parsers",
    "botocore.regions", "django.db.backends",
)  # fmt: skip
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "corsdash.redaction.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "filters": {
        "full": {"()": "apis.jobs.full_storage.FullStorageFilter"},
        "outage": {"()": "apis.jobs.database_outage.DatabaseOutageFilter"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["full", "outage"]}},
    "root": {"handlers": ["stderr"], "level": log_level("WARNING")},
    "loggers": {
        "apis": {"level": log_level("INFO")},
        # It logs with a traceback what we then say in one sentence.
        "botocore.credentials": {"level": log_level("ERROR")},
        # What it logs of failures may hold the secrets of its URLs; each delivery says how it went.
        "apprise": {"level": "CRITICAL"},
        # Their DEBUG lines are whole requests and responses, rows and parameters: nothing to keep in a log.
        **{name: {"level": max(log_level("INFO"), "INFO", key=LOG_LEVELS.index)} for name in CONFIDENTIAL_LOGGERS},
    },
}
