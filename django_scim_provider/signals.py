"""The signals. Receivers of those that are sent after commit cannot undo anything.

None of them carries a token that opens anything: a receiver sees the row, which holds the stored
form.

``before_scim_token_generated``
    Inside the transaction, before anything is stored. Raising vetoes: nothing has changed, and the
    tokens that the connection had work on. Arguments: ``connection`` (a ``ProviderConnection``),
    ``scim_token`` (a ``SCIMToken`` that is not stored yet), ``user`` (who asked for it, or None).
``after_scim_token_generated``
    After commit. Arguments: ``connection``, ``scim_token``, ``user``.
``scim_token_revoked``
    After commit, for each token, those that a new one replaces included. Arguments: ``connection``,
    ``scim_token``.
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
