"""The limit on upload bytes that are held at the same time; the server's use of it is tested in
tests/app/server/test_slow_clients.py."""

import threading

import pytest

from app.limits.concurrency import BusyError
from app.limits.upload_budget import UploadBudget


def test_reserved_bytes_are_released():
    budget = UploadBudget(100)
    budget.reserve(60)
    budget.reserve(40)
    with pytest.raises(BusyError, match=r"already holds 100 bytes.*limit is 100 bytes"):
        budget.reserve(1)
    budget.release(40)
    budget.reserve(40)


def test_a_single_upload_may_exceed_the_limit():
    """Also where it is counted in pieces."""
    budget = UploadBudget(100)
    budget.reserve(90)
    budget.reserve(410, held=90)
    with pytest.raises(BusyError):
        budget.reserve(1)
    budget.release(500)
    budget.reserve(100)


def test_concurrent_uploads_are_counted_correctly():
    budget = UploadBudget(10_000)

    def use():
        for _ in range(500):
            budget.reserve(3)
            budget.release(3)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget._reserved == 0
