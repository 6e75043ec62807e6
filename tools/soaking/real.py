"""`tools/soak --real`: the virtual module and a program as processes, and peers in this one, over
sockets of this machine and in real time."""

import random
import re
import select
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from tools.soaking import faults

_TOP = Path(__file__).resolve().parent.parent.parent
_PORTABLE = Path(__file__).resolve().parent / "portable"
sys.path[:0] = [str(_TOP / "tests_host"), str(_PORTABLE)]

import interpreters  # noqa: E402  how the tests start them
import stream_table  # noqa: E402


_HEALING = 1800  # s; only what hangs is ended by it
_AT_TEXT = re.compile(rb"AT\+Q|AT\+C|ATE0|AT\r")
_LEFT_OUT = ("hold", "hang", "refuse")  # need the network or the line of virtual time
KINDS = tuple(
    name for name in faults.NAMES if name not in _LEFT_OUT and not name.startswith("peer-")
)
CLASSES = {"bc95": "BC95GR", "bc92": "BC92", "bc20": "BC20", "bg95": "BG95S5", "bc25": "BC25",
           "rm500u": "RM500U"}  # fmt: skip


class Peer:
    """The far end of one connection."""

    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        self.head = bytearray()
        self.number = None
        self.got = self.given = 0
        self.spoiled = False
        self.next = time.monotonic() + 0.2

    def arrived(self, data):
        if self.number is None:
            missing = len(stream_table.head(0)) - len(self.head)
            self.head += data[:missing]
            data = data[missing:]
            if len(self.head) < len(stream_table.head(0)):
                return
            if not re.match(rb"\d{6}\n$", self.head):
                return self.wrong(bytes(self.head))
            self.number = int(self.head)
            self.up, self.down = stream_table.tables(self.number)
            self.server.peers[self.number] = self
        if data != self.up.piece(self.got, self.got + len(data)) and not self.spoiled:
            self.wrong(data)
        self.got += len(data)

    def wrong(self, data):
        self.spoiled = True
        wanted = self.up.piece(self.got, self.got + len(data)) if self.number is not None else b""
        at = next((i for i, pair in enumerate(zip(data, wanted)) if pair[0] != pair[1]), 0)
        self.server.note("peer of %s gets %r at %d" % (self.number, data[at:][:60], self.got + at))
        if _AT_TEXT.search(data[at:]):
            self.server.violations.append("at text: %s gets %r" % (self.number, data[at:][:60]))

    def give(self, rnd):
        if self.number is None:
            return
        size = rnd.choice((1, 20, 300, 1000))
        try:
            self.given += self.sock.send(self.down.piece(self.given, self.given + size))
        except BlockingIOError:
            pass


class Server(threading.Thread):
    """The peers; `number`: Peer in `peers`, also of those that are gone."""

    def __init__(self, seed, note):
        super().__init__(daemon=True)
        self.note = note
        self.peers = {}
        self.violations = []
        self.whole = False  # no peer closes any more
        self._random = random.Random(seed)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._running = True

    def stop(self):
        self._running = False
        self.join()
        self._socket.close()

    def run(self):
        open_ = {}
        while self._running:
            ready, _, _ = select.select([self._socket, *open_], [], [], 0.02)
            for sock in ready:
                if sock is self._socket:
                    new, _ = sock.accept()
                    new.setblocking(False)
                    open_[new] = Peer(self, new)
                    continue
                try:
                    data = sock.recv(65536)
                except OSError:
                    data = b""
                if data:
                    open_[sock].arrived(data)
                else:
                    open_.pop(sock)
                    sock.close()
            now = time.monotonic()
            for sock, peer in list(open_.items()):
                if now >= peer.next:
                    peer.next = now + self._random.choice((0.05, 0.5, 3.0, 10.0))
                    try:
                        peer.give(self._random)
                    except OSError:
                        continue
                    if not self.whole and self._random.random() < 0.03:
                        open_.pop(sock)
                        sock.shutdown(socket.SHUT_WR)
                        sock.close()
        for sock in open_:
            sock.close()


def run(key, seed, minutes, kinds, interpreter):
    """One run; a list of violations, what was counted, and the notes."""
    notes = []
    start = time.monotonic()

    def note(text):
        notes.append("%8.2f %s" % (time.monotonic() - start, text))

    server = Server(seed, note)
    server.start()
    seconds = minutes * 60
    words = [sys.executable, "-m", "tools.soaking.module", key, str(seed), str(seconds),
             "example.com=127.0.0.1", *(kinds or KINDS)]  # fmt: skip
    module = subprocess.Popen(
        words, cwd=str(_TOP), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        errors="replace",
    )  # fmt: skip
    listener = threading.Thread(target=lambda: notes.extend(
        "module " + line.rstrip() for line in module.stderr), daemon=True)  # fmt: skip
    listener.start()
    address = module.stdout.readline().strip().partition(" ")[2]
    env = {"MODEM": address, "MODULE": CLASSES[key]}
    path = [*interpreters.board_path(interpreter), _PORTABLE]
    program_words, environ = interpreters.command(
        interpreter, _PORTABLE / "soak_program.py",
        [str(server.port), str(seed), str(int(seconds))], path, env, "8M",
    )  # fmt: skip
    program = subprocess.Popen(
        program_words, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    timer = threading.Timer(seconds + _HEALING, program.kill)
    timer.start()
    lines = []
    for line in program.stdout:
        lines.append(line.rstrip())
        note("program " + line.rstrip())
        if " whole" in line:
            server.whole = True
    timer.cancel()
    program.wait()
    module.terminate()
    module.wait(20)
    listener.join(5)
    server.stop()
    violations = server.violations + judge(lines, server, bool(set(kinds or KINDS)))
    return violations, _total(lines, server), notes


def judge(lines, server, damaged):
    found = [line for line in lines if " violation " in line]
    if not lines or lines[-1] != "done":
        found.append("the program did not come to its end: %s" % lines[-3:])
    failed = set()
    for line in lines:
        words = line.split()
        if len(words) > 2 and words[1] in ("failed", "unopened"):
            failed.add(int(words[2]))
        if len(words) > 3 and words[1] == "ended":
            peer = server.peers.get(int(words[2]))
            if peer is not None and int(words[3]) > peer.given:
                found.append("invented: " + line)
        if len(words) > 5 and words[1] == "closed" and words[5] == "0":
            peer = server.peers.get(int(words[2]))
            if peer is not None and peer.got > int(words[3]) and not peer.spoiled:
                found.append("invented: %s, peer has %d" % (line, peer.got))
    if not damaged:
        found += ["spoiled: %d" % n for n, peer in server.peers.items() if peer.spoiled]
    return found


def _total(lines, server):
    for line in lines:
        words = line.split()
        if len(words) > 5 and words[1] == "total":
            return "%s calls, up %s down %s bytes, %d connections" % (
                words[2], words[3], words[4], len(server.peers))  # fmt: skip
    return "not finished"
