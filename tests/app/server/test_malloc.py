"""The allocator's settings, in a process of their own: they last for a process's life."""

import platform
import subprocess
import sys

from ...support.serving import ROOT

CODE = """
import ctypes, os, re
import numpy as np
from app.server import malloc

def rss():
    with open("/proc/self/status") as file:
        return int(re.search(r"VmRSS:\\s+(\\d+)", file.read())[1]) / 1024

assert malloc.give_back_early()
# A buffer of 30 MB that is freed raises glibc's own threshold to it; then buffers of 20 MB would
# come from the heap, and stay there below one that is still in use.
np.ones(30 << 20, np.uint8)
buffers = [np.ones(20 << 20, np.uint8) for _ in range(5)]
last = bytearray(200_000)
before = rss()
buffers.clear()
malloc.trim()
print(before - rss())
"""


def test_buffers_go_back_to_the_system_as_they_are_freed():
    if platform.libc_ver()[0] != "glibc":
        code = "from app import malloc; assert not malloc.give_back_early(); malloc.trim()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        return
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert float(done.stdout) > 90
