"""Limits on what clients may ask of the server: rate, concurrency, bytes and time of uploads.

The memory for decoding is limited in app/inference/decoding/memory_budget.py.
"""

RECOGNISING = ("api.recognize", "pages.recognize")
"""The endpoints that take photos, to which these limits apply."""
