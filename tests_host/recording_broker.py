"""An MQTT 3.1.1 broker that keeps what is published to it, and goes away when it is told to."""

import contextlib
import socket
import threading

CONNECT, PUBLISH, DISCONNECT = 1, 3, 14


def _packet(stream):
    """(type and flags, what follows) of the next packet; None at the end."""
    head = stream.read(1)
    size = shift = 0
    while head:
        byte = stream.read(1)
        if not byte:
            return None
        size |= (byte[0] & 0x7F) << shift
        shift += 7
        if not byte[0] & 0x80:
            data = stream.read(size)
            return (head[0], data) if len(data) == size else None
    return None


class Broker:
    """One client at a time, as a client of the same name throws out the one before.

    published    [(topic, message)] of everything that came, in order
    connections  how many there were
    silent       so many messages are kept and not acknowledged: the connection ends there
    """

    def __init__(self, limit, silent=0):
        self.published = []
        self.connections = 0
        self.silent = silent
        self._news = threading.Condition()
        self._limit = limit
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def messages(self, topic):
        return [message for where, message in list(self.published) if where == topic]

    def wait_for(self, count):
        """Wait until so many messages have come in all."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.published) >= count, self._limit)

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(self._limit)

    def _serve(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                connection.settimeout(self._limit)
                with connection.makefile("rb") as stream:
                    self._talk(connection, stream)

    def _talk(self, connection, stream):
        while True:
            packet = _packet(stream)
            if packet is None or packet[0] >> 4 == DISCONNECT:
                return
            head, data = packet
            if head >> 4 == CONNECT:
                connection.sendall(b"\x20\x02\x00\x00")
            elif head >> 4 == PUBLISH:
                end = 2 + int.from_bytes(data[:2], "big")
                number = data[end : end + 2]
                with self._news:
                    self.published.append((data[2:end].decode(), data[end + 2 :]))
                    self._news.notify_all()
                if self.silent:
                    self.silent -= 1
                    return
                connection.sendall(b"\x40\x02" + number)
