"""Run the tests that compare numbers as other processors and other numbers of threads would.

`make test-processors`, or `python -m tests.support.processors [NAME...]` for some configurations.
Each is a set of environment variables by which the numeric libraries choose older instructions:

- ONEDNN_MAX_CPU_ISA: oneDNN, both TensorFlow's and the one inside OpenVINO's CPU plug-in.
- TF_ENABLE_ONEDNN_OPTS=0: TensorFlow's own (Eigen) kernels.
- NPY_DISABLE_CPU_FEATURES, OPENBLAS_CORETYPE, OPENCV_CPU_DISABLE: NumPy, OpenBLAS, OpenCV.

Only what this processor has can be chosen or switched off; the rest is named as left out. Prints a
row for each configuration; ends with 1 if a test fails in any.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

ROOT = Path(__file__).parents[2]
GROUPS = {
    "openvino": [
        "tests/inference/detection",
        "tests/inference/test_backends.py",
        "tests/inference/test_preprocess.py",
        "tests/inference/test_recognizer.py",
    ],
    "tensorflow": [
        "tests/training/measure",
        "tests/training/test_augment.py",
        "tests/training/train/test_fused_layers.py",
        "tests/training/train/test_initial_weights.py",
        "tests/training/train/test_targets.py",
        "tests/converter/test_published.py",
    ],
}
"""Tests by the Keras backend that they run on, which is fixed for a process."""
NUMPY = [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]
NUMPY_AVX512 = [name for name in NUMPY if name == "X86_V4" or name.startswith("AVX512")]
AVX2, AVX512 = (__cpu_features__.get(name, False) for name in ("AVX2", "AVX512_SKX"))

CONFIGURATIONS: dict[str, tuple[bool, dict[str, str]]] = {
    "SSE4 (Nehalem)": (
        True,
        {
            "ONEDNN_MAX_CPU_ISA": "SSE41",
            "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY),
            "OPENBLAS_CORETYPE": "Nehalem",
            "OPENCV_CPU_DISABLE": "AVX,AVX2,AVX512-SKX",
        },
    ),
    "AVX2 (Haswell)": (
        AVX2,
        {
            "ONEDNN_MAX_CPU_ISA": "AVX2",
            "NPY_DISABLE_CPU_FEATURES": " ".join(NUMPY_AVX512),
            "OPENBLAS_CORETYPE": "Haswell",
            "OPENCV_CPU_DISABLE": "AVX512-SKX",
        },
    ),
    "AVX-512 (SkylakeX)": (
        AVX512,
        {"ONEDNN_MAX_CPU_ISA": "AVX512_CORE", "OPENBLAS_CORETYPE": "SkylakeX"},
    ),
    "OpenBLAS for Zen": (AVX2, {"OPENBLAS_CORETYPE": "Zen"}),
    "TensorFlow without oneDNN": (True, {"TF_ENABLE_ONEDNN_OPTS": "0"}),
    "one thread": (True, {"THREADS": "1"}),
    "two threads": ((os.cpu_count() or 1) > 1, {"THREADS": "2"}),
}
"""Name -> (whether this processor can run it, environment)."""
THREADS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"),
    *("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"),
)


def main(names: list[str]) -> int:
    """Run the configurations `names`, or all; 1 if a test fails in any."""
    if unknown := set(names) - set(CONFIGURATIONS):
        print(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(CONFIGURATIONS)}")
        return 2
    failed = 0
    print(f"{'configuration':<26} passed failed skipped seconds", flush=True)
    for name in names or CONFIGURATIONS:
        possible, environment = CONFIGURATIONS[name]
        if not possible:
            print(f"{name:<26} left out: this processor cannot run it", flush=True)
            continue
        began, counts = time.monotonic(), [0, 0, 0]
        for backend in GROUPS:
            counts = [a + b for a, b in zip(counts, run(backend, environment), strict=True)]
        passed, wrong, skipped = counts
        failed += wrong
        seconds = time.monotonic() - began
        print(f"{name:<26} {passed:>6} {wrong:>6} {skipped:>7} {seconds:>7.0f}", flush=True)
    return int(failed > 0)


def run(backend: str, environment: dict[str, str]) -> list[int]:
    """[passed, failed, skipped] of the tests on `backend`; prints what failed."""
    given = {**os.environ, "KERAS_BACKEND": backend, **environment}
    threads = given.pop("THREADS", None)
    given |= dict.fromkeys(THREADS, threads) if threads else {}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *GROUPS[backend]],
            cwd=ROOT,
            env=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=(lambda: bind(int(threads))) if threads else None,
        )
        if not report.is_file():
            print(done.stdout)
            return [0, 1, 0]
        suite = next(ElementTree.parse(report).getroot().iter("testsuite"))
    total, failures, errors, skipped = (
        int(suite.get(key, "0")) for key in ("tests", "failures", "errors", "skipped")
    )
    wrong = failures + errors
    if wrong or done.returncode:
        print(done.stdout)
    return [total - wrong - skipped, wrong or int(done.returncode != 0), skipped]


def bind(count: int) -> None:
    """Keep this process to `count` processors: OpenVINO takes as many threads as it may run on."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
