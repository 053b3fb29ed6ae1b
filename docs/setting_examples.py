"""The settings by subject, each with an example: source of a value that is not the default."""

from __future__ import annotations

GROUPS: dict[str, dict[str, str]] = {
    "Tokens": {
        "STORE_SCIM_TOKEN": '"encrypted"',
        "ARGON2": '{"time_cost": 3, "memory_cost": 65536}',
        "MAX_LIVE_TOKENS": "2",
        "LAST_USED_INTERVAL": "60",
        "TOKEN_VERIFIER": '"shop.scim.verify_token"',
        "DEFAULT_SCIM": """[
    {
        "provider_id": "acme",
        "scim_token": "a-secret-of-at-least-24-characters",
        "profile": "okta",
        "scopes": ["scim.users.read", "scim.users.write"],
    },
]""",
    },
    "Profiles": {
        "PROFILES": """{
    "acme": {"title": "Acme Directory", "base": "okta", "unique_group_names": True},
}""",
    },
    "Connections that people manage": {
        "PROVIDER_OWNERSHIP": '{"enabled": False}',
        "REQUIRED_ROLE": '["boss"]',
        "CAN_GENERATE_TOKEN": '"shop.scim.may_generate"',
        "RESERVED_PROVIDER_IDS": '["payroll"]',
        "RECENT_LOGIN": "3600",
        "ADMIN_RECENT_LOGIN": "300",
    },
    "The portal": {
        "PORTAL_RECENT_LOGIN": "900",
        "PORTAL_BASE_TEMPLATE": '"shop/base.html"',
        "PORTAL_CONTENT_SECURITY_POLICY": "\"default-src 'self'; font-src https://fonts.example\"",
    },
    "Organizations": {
        "ORGANIZATION_BACKEND": ('"django_scim_provider.organizations.DjangoOrganizationsBackend"'),
        "MEMBERSHIP": '{"model": "shop.Membership", "organization": "company"}',
        "REQUEST_CONTEXT": '"shop.tenancy.schema_of"',
    },
    "Users": {
        "ADAPTER": '"accounts.scim.Adapter"',
        "LINK_EXISTING_USERS": '{"trusted_domains": ["acme.example"]}',
        "LOG_IN": '{"okta-acme": {"connection": "acme", "external_id": "sub"}}',
        "LOG_IN_REFUSED_URL": '"/no-account/"',
        "UNIQUE_EMAILS": "True",
        "ALLOW_PRIVILEGED_USERS": "True",
        "ALLOW_PASSWORD": "True",
        "DEPROVISION": '"deactivate"',
        "REVOKERS": """[
    "django_scim_provider.revokers.revoke_sessions",
    "shop.scim.end_api_keys",
]""",
    },
    "Types and attributes of your own": {
        "ATTRIBUTE_MAP": '{"title": "job_title"}',
        "CONNECTION_ATTRIBUTE_MAPS": '{"acme": {"title": "job_title"}}',
        "EXTENSIONS": '{"User": ["accounts.scim.WORKPLACE"]}',
        "RESOURCE_TYPES": '["shop.scim.DEVICES"]',
        "USER_STORE": '"shop.scim.Users"',
        "GROUP_STORE": '"shop.scim.Groups"',
    },
    "What is kept of people": {
        "FAILED_IDENTITIES": "0",
        "EVENT_VALUES": "30",
    },
    "The database": {
        "DATABASE": '"default"',
        "PREPARED_STATEMENTS": "True",
        "RETRY_TIME_LIMIT": "0",
        "QUERY_TIME_LIMIT": "2.5",
        "INDEXED_ATTRIBUTES": '["title", "name.middleName"]',
    },
    "Limits on requests": {
        "THROTTLE_RATES": '{"connection": "600/minute", "discovery": None}',
        "THROTTLE_CACHE": '"throttles"',
        "NUM_PROXIES": "1",
    },
    "Pages": {
        "DEFAULT_PAGE_SIZE": "50",
        "MAX_PAGE_SIZE": "200",
        "CURSOR_TIMEOUT": "600",
    },
    "Size of requests and resources": {
        "MAX_BODY_BYTES": "1024 * 1024",
        "MAX_BODY_DEPTH": "16",
        "MAX_BODY_OBJECTS": "20_000",
        "MAX_RESOURCE_SIZE": "64 * 1024",
        "MAX_ATTRIBUTE_VALUES": "100",
        "MAX_PATCH_OPERATIONS": "200",
        "MAX_PATCH_STEPS": "20_000",
    },
    "Bulk requests": {
        "BULK_MAX_OPERATIONS": "100",
        "BULK_MAX_PAYLOAD_SIZE": "1024 * 1024",
        "BULK_TIME_LIMIT": "5",
    },
    "Discovery and addresses": {
        "PUBLIC_DISCOVERY": "True",
        "BASE_URL": '"https://app.example.com/scim/v2"',
        "DOCUMENTATION_URI": '"https://help.example.com/directory"',
        "DOCS_URL": '"https://docs.example.com/django-scim-provider/"',
    },
    "Notices and webhooks": {
        "NOTICE_EMAILS": '["it@example.com"]',
        "NOTICE_FAILURES": "25",
        "WEBHOOK_USER_NAMES": "True",
        "WEBHOOK_ALLOWED_HOSTS": '["hooks.internal"]',
        "WEBHOOK_ALLOWED_NETWORKS": '["10.1.0.0/16"]',
        "WEBHOOK_CA_FILE": '"/etc/ssl/own-authority.pem"',
        "WEBHOOK_TASKS": '"default"',
        "CHECK_TASKS": '"default"',
    },
    "Logs, metrics and spans": {
        "INSTRUMENTS": '["prometheus"]',
    },
}
"""Names of settings and their examples, by the headings of the page."""
EXAMPLES = {name: example for group in GROUPS.values() for name, example in group.items()}
ELSEWHERE = "More"
"""The heading of a setting that no group names yet."""
