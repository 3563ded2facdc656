"""Requests to one site: deadlines, sizes, retries, certificates, and what must not be printed."""
