"""Recognise folders of photos and videos, on one machine or on a cluster: `python -m app.batch`.

It needs requirements-batch.txt; the web process imports nothing of this package. See docs/batch.md.
"""
