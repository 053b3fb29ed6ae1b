"""A project with django-scim2, as its documentation says."""
