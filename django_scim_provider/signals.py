"""The signals. Receivers of those that are sent after commit cannot undo anything.

``before_scim_token_generated``
    Inside the transaction, before anything is stored. Raising vetoes: nothing has changed. Arguments:
    ``connection``, ``user`` (or None), ``token`` (the wire form).
``after_scim_token_generated``
    After commit. Arguments: ``connection``, ``user`` (or None), ``token`` (the wire form).
``scim_token_revoked``
    After commit. Arguments: ``connection``, ``scim_token`` (the row).
``user_provisioned``, ``user_updated``, ``user_deactivated``, ``user_deprovisioned``
    After commit. Argument: ``account`` (a ``LinkedAccount``).
``group_changed``
    After commit. Argument: ``group`` (a ``ProvisionedGroup``).
"""

from __future__ import annotations

from django.dispatch import Signal

before_scim_token_generated = Signal()
after_scim_token_generated = Signal()
scim_token_revoked = Signal()
user_provisioned = Signal()
user_updated = Signal()
user_deactivated = Signal()
user_deprovisioned = Signal()
group_changed = Signal()
