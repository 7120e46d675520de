"""A way to a service that a test can cut: what a fault looks like from the portal, with the service itself untouched."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit, urlunsplit

PIECE = 65536


class Relay:
    """Passes bytes between a loopback port and a service until it is cut; mended, it listens on the same port again."""

    def __init__(self, url: str, default_port: int) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or default_port)
        self._silent = False
        self._open: set[socket.socket] = set()
        self._listening: socket.socket | None = None
        self._port = 0
        self.mend()
        user, _, _ = parts.netloc.rpartition("@")
        place = f"{user}@" if user else ""
        self.url = urlunsplit(parts._replace(netloc=f"{place}127.0.0.1:{self._port}"))

    def mend(self) -> None:
        """Let the service be reached (again)."""
        self._silent = False
        if self._listening is None:
            listening = socket.socket()
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(("127.0.0.1", self._port))
            listening.listen(64)
            self._port = listening.getsockname()[1]
            self._listening = listening
            threading.Thread(target=self._accept, args=(listening,), daemon=True).start()

    def cut(self) -> None:
        """Have nothing listen there any more, and end what was open: the service has stopped."""
        listening, self._listening = self._listening, None
        if listening is not None:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            listening.close()
        self._end()

    def silence(self) -> None:
        """Take connections and never answer: the service hangs."""
        self._silent = True
        self._end()

    def _end(self) -> None:
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                asked, _ = listening.accept()
            except OSError:
                return
            self._open.add(asked)
            if self._silent:
                continue
            try:
                served = socket.create_connection(self._target, timeout=30)
            except OSError:
                asked.close()
                continue
            served.settimeout(None)
            self._open.add(served)
            for pair in ((asked, served), (served, asked)):
                threading.Thread(target=self._pass, args=pair, daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := one.recv(PIECE):
                other.sendall(piece)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            self._open.discard(each)
