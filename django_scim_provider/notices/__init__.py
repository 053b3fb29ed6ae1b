"""Notices: what people are told of connections, once each."""
