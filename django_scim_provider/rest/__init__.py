"""The HTTP side, on Django REST framework."""
