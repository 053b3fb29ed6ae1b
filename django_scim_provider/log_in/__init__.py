"""Log-in: whether somebody whom a log-in provider asserts is an active account of a connection.

SCIM is not log-in. What logs people in asks here, and the bridges in ``contrib`` do so for the
usual packages: the log-in provider decides the connection (``SCIM_PROVIDER["LOG_IN"]``), and the
connection's own ``externalId`` or ``userName`` the account. An e-mail address decides nothing.
"""

from __future__ import annotations

from django_scim_provider.log_in.bindings import Binding, binding_of
from django_scim_provider.log_in.bound_sessions import connection_of_session, remember_connection
from django_scim_provider.log_in.entering import (
    ActiveAccount,
    account_of_log_in,
    active_account,
    may_sign_up,
)
from django_scim_provider.log_in.refusal_answers import refusal_answer
from django_scim_provider.log_in.refusals import LogInRefused, Refusal

__all__ = [
    "ActiveAccount",
    "Binding",
    "LogInRefused",
    "Refusal",
    "account_of_log_in",
    "active_account",
    "binding_of",
    "connection_of_session",
    "may_sign_up",
    "refusal_answer",
    "remember_connection",
]
