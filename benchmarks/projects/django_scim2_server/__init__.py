"""A project with django-scim2-server, as its documentation says."""
