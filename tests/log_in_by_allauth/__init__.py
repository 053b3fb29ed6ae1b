"""django-allauth, with identity providers of the tests."""
