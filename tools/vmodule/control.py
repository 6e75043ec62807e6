"""What a host does to a module beside the UART: its pins and supply, the rate of its own UART.

A TCP port (`--control HOST:PORT`), whose clients send lines and get `ok` or `error` for each:

    pwrkey 1      PWRKEY is pressed
    pwrkey 0      and let go
    reset 1       the same of RESET
    supply 0      the supply is switched off; 1: on
    dtr 1         the level of DTR
    psm_eint 1    PSM_EINT is pulled, and with 0 let go
    coverage 0    the network is gone; 1: it is there again
    baud 9600     the rate of the host's UART, for the fault `baud`
"""

import socket

from .loop import READ


class Control:
    """host:port to listen on; port 0 takes a free one. `address` tells which."""

    def __init__(self, loop, module, host, port):
        self._loop = loop
        self._module = module
        self._server = socket.create_server((host, port))
        self._server.setblocking(False)
        self._lines = {}  # client: what has come of its next line
        self.address = "tcp:{}:{}".format(host, self._server.getsockname()[1])
        loop.watch(self._server, READ, self._accept)

    def _accept(self, _events):
        try:
            client, _ = self._server.accept()
        except OSError:
            return
        self._lines[client] = b""
        self._loop.watch(client, READ, lambda _events: self._read(client))

    def _read(self, client):
        try:
            data = client.recv(1024)
        except OSError:
            data = b""
        if not data:
            return self._close(client)
        *lines, self._lines[client] = (self._lines[client] + data).split(b"\n")
        answers = [b"ok\n" if self._do(line.split()) else b"error\n" for line in lines]
        try:
            client.sendall(b"".join(answers))
        except OSError:
            self._close(client)  # it has gone without waiting for them

    def _do(self, words):
        """Whether the line is one of those above."""
        if len(words) != 2 or not words[1].isdigit():
            return False
        value, module = int(words[1]), self._module
        if words[0] == b"baud" and value:
            module.host_baud = value
            return True
        pins = {
            b"pwrkey": module.set_pwrkey,
            b"reset": module.set_reset,
            b"supply": module.set_supply,
            b"dtr": module.set_dtr,
            b"psm_eint": module.set_psm_eint,
            b"coverage": module.set_coverage,
        }
        if words[0] not in pins or value > 1:
            return False
        pins[words[0]](bool(value))
        return True

    def _close(self, client):
        self._loop.watch(client, 0, None)
        del self._lines[client]
        client.close()

    def close(self):
        for client in list(self._lines):
            self._close(client)
        self._loop.watch(self._server, 0, None)
        self._server.close()
