"""Plays a conversation (see conversations/bg95.py) on a module in this process."""

import calendar
import itertools
import struct

from .host import Host


def sections(conversations):
    """The keys by section, "3.2" of "3.2.1 tcp client open": its parts belong together."""

    def section(key):
        return ".".join(key.split()[0].split(".")[:2])

    return {name: list(keys) for name, keys in itertools.groupby(sorted(conversations), section)}


class Player:
    def __init__(self, dialect="bg95"):
        self.host = Host(context=False, dialect=dialect)
        self.module = self.host.module
        self.module.AT_PORT = "usbmodem"
        self.network = self.host.network
        self.seen = 0  # bytes of the peer's already asked for
        self.waiting = b""  # what the module said and no step has matched yet

    def play(self, key, steps):
        actions = {
            ">": self.type, ">>": self.module.feed, "<": self.line, "!": self.line,
            "<<": self.payload, "<=": self.expect, "<prompt": self.prompt, "peer": self.peer,
            "given": self.given, "wait": self.host.clock.advance,
        }  # fmt: skip
        for number, (kind, what) in enumerate(steps):
            self.place = "{}, step {}: {} {!r}".format(key, number, kind, what)
            actions[kind](what)
        self.waiting += self.module.take()
        assert self.waiting == b"", key

    def expect(self, data):
        self.waiting += self.module.take()
        assert self.waiting[: len(data)] == data, self.place
        self.waiting = self.waiting[len(data) :]

    def type(self, line):
        self.waiting += self.module.take()
        assert self.waiting == b"", self.place
        self.host.type(line)

    def line(self, text):
        header = "\r\n{}\r\n".format(text).encode()
        self.expect(header)

    def payload(self, data):
        # In push mode the data are of the same report: the CRLF of its end comes behind them.
        self.expect(data + b"\r\n")

    def prompt(self, text):
        self.expect(b"\r\n" + text.encode())

    # --- the world -------------------------------------------------------------------------

    def given(self, what):
        getattr(self, "given_" + what[0].replace(" ", "_"))(*what[1:])

    def given_context(self, number, kind):
        self.host.type("AT+QIDEACT={}".format(number))
        self.host.type('AT+QICSGP={},{},"CMNBIOT","","",0'.format(number, kind))
        self.host.type("AT+QIACT={}".format(number))
        assert self.host.lines() == ["OK", "OK", "OK"]

    def given_nat(self, mode):
        assert self.host.ask('AT+QCFG="nat",{}'.format(mode)) == ["OK"]

    def given_local_port(self, port):
        self.network.next_port = port

    def given_host(self, name, ip):
        self.network.hosts[name] = [ip]

    def given_ping(self, ip, times):
        self.network.pings[ip] = list(times)

    def given_ntp(self, fields):
        seconds = calendar.timegm(fields + (0, 0, 0)) + 2208988800

        def answer(socket, data, ip, port):
            assert (len(data), data[0] & 7, port) == (48, 3, 123)
            reply = bytes(40) + struct.pack("!II", seconds, 0)
            self.network.datagram(socket.local_port, reply, ip, port)

        self.network.on_datagram = answer

    def peer(self, what):
        if isinstance(what, bytes):
            self.network.peers[-1].send(what)
        else:
            getattr(self, "peer_" + what[0].replace(" ", "_"))(*what[1:])

    def peer_accept(self, ip, port):
        (listener,) = self.network.listeners
        assert self.network.incoming(listener, ip, port)
        self.seen = 0

    def peer_datagram(self, data, ip, port):
        (socket,) = self.network.sockets
        self.network.datagram(socket, data, ip, port)

    def peer_got(self, data):
        got = bytes(self.network.peers[-1].received[self.seen :])
        self.seen += len(got)
        assert got == data, self.place

    def peer_got_datagram(self, data, ip, port):
        assert self.network.sent.pop(0) == (data, ip, port), self.place
