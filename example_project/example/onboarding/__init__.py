"""What ``manage.py demo`` plays: an identity provider that brings a company's people in."""
