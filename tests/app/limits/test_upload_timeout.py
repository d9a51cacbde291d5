"""An upload that stalls is ended and frees its thread; one that is only slow is answered."""

import socket
import threading

import pytest

from app import create_app
from app.limits import upload_timeout

from ...support.requests import assert_page, assert_problem
from ...support.serving import form, request, serve, until


@pytest.fixture
def line():
    """Two ends of a connection: the client's and the server's."""
    ends = socket.socketpair()
    yield ends
    for end in ends:
        end.close()


def send(end, path, body, headers, seconds, in_all=300):
    """The answer to a request whose body comes from the socket `end`."""
    settings = {"MIEN_STALL_SECONDS": seconds, "MIEN_UPLOAD_SECONDS": in_all}
    client = create_app({"TESTING": True, **settings}).test_client()
    with end.makefile("rb") as stream:
        own = {
            "wsgi.input": stream,
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": headers["Content-Type"],
            upload_timeout.SOCKET: end,
        }
        return client.post(path, environ_overrides=own)


@pytest.mark.parametrize("path", ["/photo", "/api/v1/recognize"])
def test_an_upload_that_stalls_gets_408(line, photo, path):
    body, headers = form(photo)
    line[1].settimeout(77)
    line[0].sendall(body[:1000])
    response = send(line[1], path, body, headers, 0.2)
    if path == "/photo":
        assert_page(response, 408, "No more bytes of the upload arrived for 0.2 seconds")
    else:
        assert_problem(response, 408, "No more bytes of the upload arrived for 0.2 seconds")
    assert line[1].gettimeout() == 77  # as the server had set it


def test_an_upload_that_is_too_slow_in_total_gets_408(line, photo):
    """A byte now and then, each in time."""
    body, headers = form(photo)
    stop = threading.Event()

    def trickle():
        for byte in body:
            if stop.wait(0.05):
                return
            line[0].sendall(bytes([byte]))

    sender = threading.Thread(target=trickle)
    sender.start()
    try:
        response = send(line[1], "/api/v1/recognize", body, headers, 10, in_all=0.5)
    finally:
        stop.set()
        sender.join()
    assert_problem(response, 408, "The upload took more than 0.5 seconds")
    line[1].sendall(b"an answer")  # the other direction is open
    assert line[0].recv(99) == b"an answer"


def test_no_timer_is_left_running_after_a_complete_upload(line, photo):
    body, headers = form(photo)
    line[0].sendall(body)
    before = set(threading.enumerate())
    assert send(line[1], "/api/v1/recognize", body, headers, 10).status_code == 200
    left = [t for t in threading.enumerate() if isinstance(t, threading.Timer)]
    for timer in set(left) - before:
        timer.join(5)
        assert not timer.is_alive()


def test_an_upload_with_a_pause_is_answered(line, photo):
    body, headers = form(photo)
    first, second = body[: len(body) // 2], body[len(body) // 2 :]
    line[0].sendall(first)
    later = threading.Timer(0.3, line[0].sendall, [second])
    later.start()
    try:
        found = send(line[1], "/api/v1/recognize", body, headers, 60)
        assert found.status_code == 200, found.text
    finally:
        later.join()


def test_stalled_uploads_do_not_block_others(tmp_path, photo):
    """More than there are places for photos; the page, and a photo, are answered meanwhile."""
    body, headers = form(photo)
    head = "POST /api/v1/recognize HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    head += f"Content-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n\r\n"
    with serve(tmp_path, MIEN_STALL_SECONDS="4") as served:
        stopped = [socket.create_connection(("127.0.0.1", served.port), 120) for _ in range(8)]
        for sender in stopped:
            sender.sendall(head.encode())
            assert sender.recv(1000).startswith(b"HTTP/1.1 100 ")
            sender.sendall(body[:1000])
        assert request(served.port, "GET", "/photo")[0] == 200
        assert request(served.port, "POST", "/api/v1/recognize", *form(photo))[0] == 200
        # Each gets an answer before its connection is closed.
        assert b" 408 " in until(lambda: stopped[0].recv(1000), "no answer")
        for sender in stopped:
            sender.close()
