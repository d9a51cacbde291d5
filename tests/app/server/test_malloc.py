"""The settings of the allocator, in processes of their own, since they cannot be undone."""

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

assert malloc.configure()
# Freeing a buffer of 30 MB raises the threshold of glibc to that size. Buffers of 20 MB would then
# come from the heap and stay there, below a buffer that is still in use.
np.ones(30 << 20, np.uint8)
buffers = [np.ones(20 << 20, np.uint8) for _ in range(5)]
last = bytearray(200_000)
before = rss()
buffers.clear()
malloc.trim()
print(before - rss())
"""


def test_freed_buffers_are_returned_to_the_system():
    if platform.libc_ver()[0] != "glibc":
        code = "from app.server import malloc; assert not malloc.configure(); malloc.trim()"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
        return
    done = subprocess.run(
        [sys.executable, "-c", CODE], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert float(done.stdout) > 90
