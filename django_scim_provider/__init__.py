"""A SCIM 2.0 service provider for Django projects (RFC 7643, RFC 7644, RFC 9865)."""
