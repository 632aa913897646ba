"""Providers and grants: values, real TLS, and a real provider."""
