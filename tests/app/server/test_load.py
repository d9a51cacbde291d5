"""Many clients at once: photos wait for their turn in order, and nothing else waits for them."""

import json
import threading
import time

from app.limits.concurrency import BusyError
from app.server.threads import Threads

from ...support.serving import form, serve, until


class Connection:
    """A connection with one request, which takes until `go` is set."""

    def __init__(self, path, go, answered, command="POST"):
        self.requests = [self]
        self.path, self.command = path, command
        self.refusal = self.error = None
        self._go, self._answered = go, answered

    def refuse(self, reason):
        self.refusal = reason

    def service(self):
        if self.refusal is None:
            assert self._go.wait(60)
        self._answered.append(self)

    def cancel(self):
        pass


def threads(wait_s):
    return Threads(2, 1, {"/photo"}, wait_s)


def test_photos_are_answered_in_their_order_and_pages_at_once():
    go, free, answered, pool = threading.Event(), threading.Event(), [], threads(60)
    free.set()
    photos = [Connection("/photo", go, answered) for _ in range(20)]
    for photo in photos:
        pool.add_task(photo)
    pages = [Connection("/photo", free, answered, "GET"), Connection("/", free, answered)]
    for page in pages:
        pool.add_task(page)
    until(lambda: len(answered) == 2, "pages wait for photos")
    assert set(answered) == set(pages)
    go.set()
    until(lambda: len(answered) == 22, "not answered")
    assert answered[2:] == photos
    assert all(photo.refusal is None for photo in photos)
    pool.shutdown()


def test_a_photo_that_waited_too_long_is_refused():
    go, answered, pool = threading.Event(), [], threads(0.2)
    first, second = (Connection("/photo", go, answered) for _ in range(2))
    pool.add_task(first)
    pool.add_task(second)
    time.sleep(0.4)
    go.set()
    until(lambda: len(answered) == 2, "not answered")
    assert first.refusal is None
    assert isinstance(second.refusal, BusyError)
    pool.shutdown()


def test_a_photo_that_would_wait_too_long_is_refused_at_once():
    go, answered, pool = threading.Event(), [], threads(1)
    for _ in range(60):
        pool.took(2)  # seconds for a photo
    photos = [Connection("/photo", go, answered) for _ in range(3)]
    pool.add_task(photos[0])
    until(lambda: not pool._photos.queue, "not taken")
    pool.add_task(photos[1])
    pool.add_task(photos[2])
    until(lambda: answered == [photos[2]], "not refused")
    assert "within 1 seconds" in str(photos[2].refusal)
    go.set()
    until(lambda: len(answered) == 3, "not answered")
    pool.shutdown()


def test_many_photos_at_once_are_all_answered(tmp_path, photo):
    """As from the photos of one page, and from many clients; some end their path with a slash."""
    answers = []
    with serve(tmp_path, MIEN_WAIT_SECONDS="120") as served:

        def send(number):
            path = "/api/v1/recognize" + "/" * (number % 2)
            answers.append(served.request("POST", path, *form(photo)))

        clients = [threading.Thread(target=send, args=(number,)) for number in range(32)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(120)
        assert [status for status, _, _ in answers] == [200] * 32
        assert all(len(json.loads(body)["faces"]) == 1 for _, _, body in answers)


def test_photos_beyond_the_wait_get_503_and_retry_after(tmp_path, photo):
    answers = []
    with serve(tmp_path, MIEN_WAIT_SECONDS="0.1", MIEN_CONCURRENCY="1") as served:

        def send():
            answers.append(served.request("POST", "/api/v1/recognize", *form(photo)))

        clients = [threading.Thread(target=send) for _ in range(12)]
        for client in clients:
            client.start()
        for client in clients:
            client.join(120)
    refused = [(headers, body) for status, headers, body in answers if status == 503]
    assert refused
    assert {status for status, _, _ in answers} <= {200, 503}
    headers, body = refused[0]
    assert headers["Retry-After"] == "2"
    assert json.loads(body)["detail"].startswith("The server cannot answer another photo within")
