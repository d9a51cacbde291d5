"""Limits on what clients may ask of the server: rate, bytes and time of uploads."""

RECOGNISING = ("api.recognize", "pages.recognize")
"""The endpoints that take photos, to which these limits apply."""
