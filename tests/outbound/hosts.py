"""Hosts to call: sockets on loopback whose behaviour, good or bad, each test writes down itself."""

from __future__ import annotations

import errno
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from apis.outbound import Guard, Resolver

Behaviour = Callable[[socket.socket], None]

LOOPBACK = ("127.0.0.0/8", "::1/128")
OPEN = Guard(LOOPBACK)
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


class Host:
    """A server that hands each connection to `behave` in a thread of its own, and keeps the request heads it read.

    With a certificate it speaks TLS; `names` are the server names that clients asked for (SNI).
    """

    def __init__(self, behave: Behaviour, *, certificate: Path | None = None, address: str = "127.0.0.1") -> None:
        self._behave = behave
        self._tls: ssl.SSLContext | None = None
        self.connections = 0
        self.names: list[str | None] = []
        if certificate:
            self.replace_certificate(certificate)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family, backlog=200)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http{'s' if certificate else ''}://{f'[{address}]' if ':' in address else address}:{self.port}"
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)  # else the waiting accept() would take one more
        self._acceptor.join()  # else it could take one from the next host, whose listener gets the number of this one
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def replace_certificate(self, certificate: Path) -> None:
        """Show another certificate on connections from now on."""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._tls.sni_callback = lambda _socket, name, _context: self.names.append(name)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                try:
                    connection, _ = self._listener.accept()
                except OSError as error:
                    # A test takes all descriptors of this process for a moment; what waits is accepted after that.
                    if error.errno != errno.EMFILE:
                        raise
                    continue
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.add(connection)
        try:
            # A client that breaks off is what many tests are about.
            with suppress(OSError):
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                self._behave(connection)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()


def read_head(connection: socket.socket) -> bytes:
    """One request's head, with its empty line; b"" when the client has gone."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            return b""
        head += byte
    return head


def answering(*answers: bytes, seen: list[bytes] | None = None) -> Behaviour:
    """Answers the requests of a connection in turn, the last answer again and again; `seen` gets heads with bodies."""

    def behave(connection: socket.socket) -> None:
        at = 0
        while head := read_head(connection):
            length = header(head, "content-length")
            body = b""
            while length and len(body) < int(length):
                body += connection.recv(65536)
            if seen is not None:
                seen.append(head + body)
            connection.sendall(answers[min(at, len(answers) - 1)])
            at += 1

    return behave


def once(answer: bytes) -> Behaviour:
    """Reads a request, sends bytes that need not be HTTP, and closes."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(answer)

    return behave


def silent(connection: socket.socket) -> None:
    """Reads, and says nothing."""
    while connection.recv(4096):
        pass


def reset(beginning: bytes) -> Behaviour:
    """Sends so much, and breaks the connection off with a reset."""

    def behave(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(beginning)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


def trickling(connection: socket.socket) -> None:
    """Sends a status line and then a header without end, a byte every tenth of a second."""
    read_head(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-A: ")
    connection.settimeout(0.1)
    while True:
        with suppress(TimeoutError):
            if not connection.recv(1):
                return
        connection.sendall(b"x")


def header(head: bytes, name: str) -> str | None:
    """The value of a request's header, None when it has none."""
    for line in head.decode("latin-1").split("\r\n")[1:]:
        given, _, value = line.partition(":")
        if given.lower() == name:
            return value.strip()
    return None


@contextmanager
def full(address: str, port: int = 0) -> Iterator[int]:
    """A listener whose queue is full: it drops anyone who tries to connect, as a firewall does. Gives its port."""
    with socket.create_server((address, port), backlog=0) as listener:
        port = listener.getsockname()[1]
        with ExitStack() as queue:
            for _ in range(3):
                client = queue.enter_context(socket.socket())
                client.setblocking(False)
                client.connect_ex((address, port))
            yield port


class Names:
    """A DNS of one's own: `Names({"api.test": ["127.0.0.1"]}).resolver`; `asked` are the names looked up, in order.

    A name's value may be a list of lists: one answer after the other, the last one again and again.
    """

    def __init__(self, names: dict[str, Sequence[str] | Sequence[Sequence[str]]], ttl_s: float = 30) -> None:
        self._names = names
        self.asked: list[str] = []
        self.resolver = Resolver(self._lookup, ttl_s)

    def _lookup(self, host: str) -> Sequence[str]:
        self.asked.append(host)
        if host not in self._names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self._names[host]
        if answers and not isinstance(answers[0], str):
            return answers[min(self.asked.count(host), len(answers)) - 1]
        return answers  # type: ignore[return-value]
