"""The models of what operators work with: see ``django_scim_provider.models`` for all of them."""
