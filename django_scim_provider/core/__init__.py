"""The SCIM protocol as pure functions: values in, values out.

Nothing in here imports Django or Django REST framework, reads a clock or touches a network.
"""
