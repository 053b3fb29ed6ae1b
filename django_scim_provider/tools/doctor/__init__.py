"""The doctor: checks a live deployment from outside, as an identity provider sees it.

Needs the extra ``tools``. Each module holds one subject: its checks, and the kinds of findings that
they can make. ``checkup`` runs them in order.
"""
