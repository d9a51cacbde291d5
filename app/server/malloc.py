"""Settings of the C library's allocator that keep the web process small.

glibc raises the size from which a buffer is given back to the system when it is freed, up to 32
MB, each time a larger one was freed; photos then stay in the heap, in one for each thread.
"""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8

BUFFER_BYTES = 1 << 20
"""Buffers from this size on go back to the system as they are freed."""


def _libc() -> ctypes.CDLL | None:
    """The C library where it has glibc's functions; None elsewhere (musl, macOS)."""
    library = ctypes.CDLL(None)
    return library if hasattr(library, "mallopt") and hasattr(library, "malloc_trim") else None


def give_back_early() -> bool:
    """Let large buffers go back to the system at once and all threads share two heaps.

    To be called before threads are started. False where the C library has no such settings.
    """
    libc = _libc()
    if libc is None:
        return False
    done = libc.mallopt(M_MMAP_THRESHOLD, BUFFER_BYTES)
    done &= libc.mallopt(M_TRIM_THRESHOLD, BUFFER_BYTES)
    done &= libc.mallopt(M_ARENA_MAX, 2)
    return bool(done)


def trim() -> None:
    """Give back what is free now, as after loading a model."""
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)
