"""Settings of the example project.

Read from the environment: ``DATABASE_URL``, ``CACHE_URL``, ``SECRET_KEY``, ``DEBUG``,
``ALLOWED_HOSTS``, ``CONN_MAX_AGE``, ``FAKE_IDP_ORIGIN``.
"""

from __future__ import annotations

from pathlib import Path

from example import environment, log_ins

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = environment.secret_key(BASE_DIR / ".secret_key")
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.listed("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")

ROOT_URLCONF = "example.urls"
WSGI_APPLICATION = "example.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "organizations",
    "django_scim_provider",
    "example",
]
REST_FRAMEWORK: dict[str, object] = {}
if environment.installed("drf_spectacular"):
    INSTALLED_APPS.append("drf_spectacular")
    REST_FRAMEWORK["DEFAULT_SCHEMA_CLASS"] = "drf_spectacular.openapi.AutoSchema"
SPECTACULAR_SETTINGS = {"TITLE": "Management of SCIM connections", "VERSION": "1"}
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_scim_provider.log_in.middleware.ActiveAccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

DATABASES = {"default": environment.database(f"sqlite:///{BASE_DIR / 'example.sqlite3'}")}
CACHES = {"default": environment.cache("locmem://")}

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"

AUTH_USER_MODEL = "example.User"
LOGIN_URL = "log-in"
LOGIN_REDIRECT_URL = "scim-portal:connections"

# Everything else that the app needs is on by default.
SCIM_PROVIDER: dict[str, object] = {
    "ADAPTER": "example.scim.Adapter",
    "EXTENSIONS": {"User": ["example.scim.WORKPLACE"]},
    "RESOURCE_TYPES": ["example.scim.DEVICES"],
    "ORGANIZATION_BACKEND": "django_scim_provider.organizations.DjangoOrganizationsBackend",
}

# Without it, people log in by password alone.
FAKE_IDP_ORIGIN = environment.text("FAKE_IDP_ORIGIN")
if FAKE_IDP_ORIGIN:
    INSTALLED_APPS += log_ins.APPS
    MIDDLEWARE.append("allauth.account.middleware.AccountMiddleware")
    AUTHENTICATION_BACKENDS = [
        "django.contrib.auth.backends.ModelBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
    SCIM_PROVIDER["LOG_IN"] = log_ins.BINDINGS
    globals().update(log_ins.allauth_settings(FAKE_IDP_ORIGIN, SECRET_KEY))
