"""TLS over the driver's sockets, for the tls_ programs: MicroPython's `tls`, CPython's `ssl`.

CPython's `ssl` wants a file descriptor, which the driver's sockets have not: there the TLS is done
in memory, and its bytes go over the socket.
"""

import os
import sys

import board
import quectel
from scenario import HOST, attach

NAME = "tls.example"
_MICROPYTHON = sys.implementation.name == "micropython"
if _MICROPYTHON:
    import tls
else:
    import ssl


def traced(trace):
    """The module that MODULE names, online, with its AT lines given to `trace`."""
    nic = getattr(quectel, os.getenv("MODULE"))(board.uart(), trace=trace)
    nic.active(True)
    attach(nic)
    return nic


def raw(nic, port):
    """A TCP connection to the server."""
    s = nic.socket()
    s.connect((HOST, port))
    return s


def trusting(trusted):
    """A client's context of MicroPython that believes the authority in the file `trusted`."""
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    with open(trusted, "rb") as file:
        # mbedtls knows text from DER by the zero at its end.
        context.load_verify_locations(file.read() + b"\0")
    return context


def session(sock, trusted, name=NAME, handshake=True):
    """A TLS client over `sock` that believes the authority in the file `trusted` and wants the
    certificate of `name`."""
    if not _MICROPYTHON:
        return _InMemory(sock, ssl.create_default_context(cafile=trusted), name)
    return trusting(trusted).wrap_socket(
        sock, server_hostname=name, do_handshake_on_connect=handshake
    )


def opened(nic, port, trusted, *words):
    """A TCP connection and the TLS over it, where the server has been told what to do."""
    s = raw(nic, port)
    w = session(s, trusted)
    w.write(" ".join(str(word) for word in words).encode() + b"\n")
    return s, w


class _InMemory:
    def __init__(self, sock, context, name):
        self._sock = sock
        self._in = ssl.MemoryBIO()
        self._out = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._in, self._out, server_hostname=name)
        try:
            self._run(self._tls.do_handshake)
        except ssl.SSLError:
            self._flush()  # the alert that says why
            raise

    def _run(self, call, *args):
        while True:
            try:
                result = call(*args)
            except ssl.SSLWantReadError:
                self._flush()
                data = self._sock.recv(4096)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()
            else:
                self._flush()
                return result

    def _flush(self):
        if self._out.pending:
            self._sock.sendall(self._out.read())

    def readinto(self, buf):
        got = 0
        view = memoryview(buf)
        while got < len(buf):
            n = self._run(self._tls.read, len(buf) - got, view[got:])
            if not n:
                break
            got += n
        return got

    def read(self, count):
        buf = bytearray(count)
        return bytes(buf[: self.readinto(buf)])

    def readline(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.read(1)
            if not byte:
                break
            line += byte
        return line

    def write(self, data):
        return self._run(self._tls.write, data)

    def cipher(self):
        return self._tls.cipher()[:2]

    def close(self):
        self._sock.close()
