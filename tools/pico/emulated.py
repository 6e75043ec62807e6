"""An emulated Pico as a process, in real time: its REPL on a TCP port, UART1 on another program.

image.py makes what its flash holds; with `python3 -m tools.vmodule --tcp` at UART1:

    with emulated.board(flash, uart1="127.0.0.1:9000") as pico:
        pico.repl                        # "socket://127.0.0.1:7000", for mpremote
        pico.wait_for("done")            # the lines that main.py printed up to that one

By hand: `python3 -m tools.pico --help`.
"""

import contextlib
import socket
import subprocess

from tools.pico import found

_LIMIT = 600  # s; only what hangs is ended by it


class Failure(Exception):
    """The board did not do what was waited for; the text is what it printed."""


class Board:
    """A board that runs. `repl` is where mpremote connects to."""

    def __init__(self, process, address):
        self._process = process
        self._address = address
        self._socket = None
        self._text = ""
        self.repl = "socket://%s:%d" % address

    def _connect(self):
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=_LIMIT)
        return self._socket

    def send(self, text):
        """Type at the REPL."""
        self._connect().sendall(text.encode())

    def wait_for(self, last):
        """The lines that the board prints, up to one that is `last`, which is not among them.

        Failure where the board has printed a traceback and its prompt instead."""
        lines = []
        connection = self._connect()
        while True:
            line, end, rest = self._text.partition("\n")
            if end:
                self._text = rest
                if line.rstrip() == last:
                    return lines
                lines.append(line.rstrip())
            elif line == ">>> " and any(entry.startswith("Traceback") for entry in lines):
                raise Failure("\n".join(lines))
            else:
                data = connection.recv(4096)
                if not data:
                    raise Failure("\n".join([*lines, line]))
                self._text += data.decode("utf-8", "replace")

    def wait(self):
        """Until somebody ends the emulator."""
        self._process.wait()

    def close(self):
        """Leave the REPL; the board runs on."""
        if self._socket is not None:
            self._socket.close()


@contextlib.contextmanager
def board(flash, uart1=None, repl="127.0.0.1:0", save=False):
    """Start a board from a flash image; it ends when the block does.

    flash  path of the image: see image.py; with save=True the board's changes go back into it
    uart1  HOST:PORT of what listens for UART1
    repl   HOST:PORT for the REPL; port 0 takes a free one
    """
    words = found.command("emulator.mjs", image=str(flash), repl=repl, uart1=uart1, save=save)
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        word, _, address = process.stdout.readline().strip().partition(" ")
        if word != "listening":
            raise Failure("the emulator did not start")
        host, _, port = address.rpartition(":")
        running = Board(process, (host, int(port)))
        try:
            yield running
        finally:
            running.close()
    finally:
        process.stdin.close()  # ends it, as the end of this program does
        process.wait()
        process.stdout.close()
