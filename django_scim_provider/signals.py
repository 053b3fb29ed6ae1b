"""The signals. Receivers of those that are sent after commit cannot undo anything.

``before_scim_token_generated``
    Inside the transaction, before anything is stored. Raising vetoes: nothing has changed, and the
    tokens that the connection had work on. Arguments: ``user`` (who asked for it, or None),
    ``membership`` (theirs in the connection's organization, as the organization backend has it, or
    None), ``connection`` (a ``ProviderConnection``), ``token`` (a ``SCIMToken`` that is not stored
    yet), ``scim_token`` (what the identity provider will send; keep it out of logs). It is sent
    again, with the same ``token.pk`` and ``scim_token``, where a deadlock undid the transaction.
``after_scim_token_generated``
    After commit. The same arguments; ``token`` is stored.
``scim_token_revoked``
    After commit, for each token, those that a new one replaces included. Arguments: ``connection``,
    ``token``.
``user_provisioned``, ``user_deprovisioned``
    After commit. Arguments: ``account`` (a ``LinkedAccount``), ``connection``.
``user_updated``, ``user_deactivated``
    After commit. Arguments: ``account``, ``connection``, ``changed`` (a frozenset of the names of
    attributes, those of extensions with their URN, such as ``title`` and
    ``urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department``; empty where
    ``scim_drift`` brought the user in line with a resource that stays as it is).
``group_changed``
    After commit. Arguments: ``group`` (a ``ProvisionedGroup``), ``connection``, ``changed`` (as
    above; all attributes of a new group, none of one that is deleted).
``role_granted``, ``role_revoked``
    After commit, for each. Arguments: ``connection``, ``provider_id``, ``user_id``,
    ``django_group_id``, ``organization_role`` and ``project_role``, all but one of the last three
    of which are None.

``scim_notice``
    After commit, once for each thing that people should know of a connection. Arguments:
    ``connection``, ``kind`` (``token.expiring``, ``connection.silent``, ``connection.failing`` or
    ``connection.drift``), ``facts`` (a dict of numbers and moments, such as ``{"days": 3}``).

``connection`` is a ``ProviderConnection`` everywhere; those that are sent for users, groups and
roles read it when it is looked at.
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
role_granted = Signal()
role_revoked = Signal()
scim_notice = Signal()
