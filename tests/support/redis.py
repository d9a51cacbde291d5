"""A real Redis server for tests, on a port of its own, keeping nothing on the disk."""

import os
import shutil
import subprocess

from redis import Redis
from redis.exceptions import RedisError

from .serving import free_port, until

PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


class RedisServer:
    """Started and stopped as a test likes; the same port each time."""

    def __init__(self):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process = None

    def start(self):
        names = ("redis-server", "valkey-server")
        program = next(filter(None, (shutil.which(name, path=PATH) for name in names)), None)
        assert program, "The tests of the rate limit need a redis-server: run bin/get-redis."
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "/"]
        self.process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        until(self.answers, "Redis did not start")

    def client(self):
        return Redis.from_url(self.url, socket_timeout=5)

    def answers(self):
        try:
            with self.client() as client:
                return client.ping()
        except RedisError:
            return False

    def keys(self):
        with self.client() as client:
            return client.keys()

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
