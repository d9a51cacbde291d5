"""Settings of the C library's memory allocator that keep the web process small.

Each time a large buffer is freed, glibc raises the threshold above which freed buffers are returned
to the system, up to 32 MB. Photos would then stay in the heap, of which each thread has its own.
"""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8

RETURNED_BYTES = 1 << 20
"""Buffers of this size or more are returned to the system when they are freed."""


def _libc() -> ctypes.CDLL | None:
    """The C library if it has the functions of glibc, otherwise None (musl, macOS)."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def configure() -> bool:
    """Return large buffers to the system when they are freed; let all threads share two heaps.

    Must be called before threads are started.

    Returns:
        Whether the C library has accepted the settings.
    """
    libc = _libc()
    if libc is None:
        return False
    accepted = libc.mallopt(M_MMAP_THRESHOLD, RETURNED_BYTES)
    accepted &= libc.mallopt(M_TRIM_THRESHOLD, RETURNED_BYTES)
    accepted &= libc.mallopt(M_ARENA_MAX, 2)
    return bool(accepted)


def trim() -> None:
    """Return free memory to the system, e.g. after a model was loaded."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
