"""The Procfile under a process manager, as a platform starts and stops it."""

import json
import os
import re
import signal
import socket
import sys
from pathlib import Path

from ...support.serving import PATIENCE_S, ROOT, form, serve, until

# honcho by default kills processes that do not stop within 5 seconds; platforms wait 10 to 30.
HONCHO = """
import honcho.command, honcho.manager
honcho.manager.KILL_WAIT = 60
honcho.command.main()
"""


def test_a_photo_that_is_being_uploaded_at_sigterm_is_answered(tmp_path, photo):
    """SIGTERM comes when half of the photo has arrived: it is answered, then the server stops."""
    # As the shell of a platform does, honcho finds gunicorn on the path.
    binaries = Path(sys.executable).parent
    assert (binaries / "gunicorn").is_file()
    honcho = [sys.executable, "-c", HONCHO, "--no-colour", "--no-prefix", "start", "web"]
    path = f"{binaries}:{os.environ['PATH']}"
    with serve(tmp_path, command=honcho, PATH=path, WEB_CONCURRENCY="1") as served:
        body, headers = form(photo)
        with socket.create_connection(("127.0.0.1", served.port), PATIENCE_S) as line:
            head = "POST /api/v1/recognize HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            head += f"Content-Type: {headers['Content-Type']}\r\nContent-Length: {len(body)}\r\n"
            line.sendall(f"{head}\r\n".encode())
            # A thread has taken the request: it asks for the photo.
            assert line.recv(1000).startswith(b"HTTP/1.1 100 ")
            line.sendall(body[: len(body) // 2])
            served.process.send_signal(signal.SIGTERM)
            until(lambda: "Handling signal: term" in served.out.read_text(), served.out.read_text)
            line.sendall(body[len(body) // 2 :])
            answer = b""
            while chunk := line.recv(65536):
                answer += chunk
        head, _, content = answer.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert len(json.loads(content)["faces"]) == 1
        served.process.wait(PATIENCE_S)
        text = served.out.read_text()
        assert "Shutting down: Master" in text
        assert re.search(r'"route": "/api/v1/recognize", "status": 200', text)


def test_make_serve_runs_the_command_of_the_procfile():
    procfile = (ROOT / "Procfile").read_text().strip()
    assert procfile == "web: gunicorn 'app:create_app()'"
    assert "$(BIN)/gunicorn 'app:create_app()'" in (ROOT / "Makefile").read_text()
