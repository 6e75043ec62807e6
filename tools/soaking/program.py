"""The program over the driver: opens, sends, receives, listens and closes as its seed has it, and
compares all that it gets with what was sent."""

import errno

from tools.soaking import patterns
from tools.soaking.world import ONLINE, Link

_ADDRESS = "192.0.2.2"
_NAME = "example.com"
_POLLIN, _POLLOUT, _POLLERR = 1, 4, 8
_MOMENT = 2.0  # s more than its time-out that a call may take
_SPOILED = 15.0  # s after which a program must have been told that its data was damaged
_PASSING = (errno.EAGAIN, errno.ETIMEDOUT, errno.EINPROGRESS)
_TOLD = (errno.ECONNRESET, errno.EPIPE)  # a peer or the network has ended it
_TRIES = 3
_MOST_CLIENTS = 4


class Program:
    def __init__(self, world):
        self.world = world
        self.nic = world.nic
        self.random = world.random
        self.dialect = world.dialect
        self.open_s = max(self.dialect.OPEN_MS) / 1000 + self.dialect.RESOLVE_MS / 1000
        self.close_s = self.dialect.CLOSE_MS / 1000 + 1 + self.dialect.SEND_MS / 1000
        self.objects = []  # after each cycle
        self.port = 6000

    # ---- a run ----

    def run(self, seconds):
        """Cycles of trouble and of healing, for `seconds` of virtual time."""
        world = self.world
        end = world.now() + seconds
        world.bring_up()
        if not world.online(ONLINE):
            world.violate("wedged", "not online at the beginning")
            world.check()
        if self.dialect.OPTIONS.get("nat"):
            world.call(60, "config(nat=1)", lambda: self.nic.config(nat=1))
        self._heal()
        while world.now() < end:
            length = self.random.choice((120.0, 300.0, 900.0))
            world.faults_on()
            self._live(min(world.now() + length, end))
            world.faults_off()
            self._heal()
            world.counts["cycles"] += 1

    def _live(self, end):
        world = self.world
        # What each call of the program costs an endless stream of faults to answer is its own
        # affair: the time is looked at between calls.
        while world.now() < end:
            if not world.isconnected() and self.random.random() < 0.8:
                self._wait_online()
                continue
            self._act()
            world.check()

    def _wait_online(self):
        world = self.world
        if self.nic.status() != self.nic.STAT_CONNECTING:
            if self.random.random() < 0.1:
                limit = world.bound(self.nic.BOOT_MS / 1000 + 60)
                world.call(limit, "active(True)", self.nic.active, True)
            world.call(5.0, "connect", self.nic.connect, "internet")
        world.idle(self.random.choice((0.2, 3.0, 20.0)))
        self._sweep()

    def _act(self):
        rnd = self.random
        links = [link for link in self.world.links if link.sock is not None]
        streams = [link for link in links if not link.datagram]
        datagrams = [link for link in links if link.datagram]
        acts = [(self._open_tcp, 3), (self._idle, 3), (self._ask, 0.6), (self._sweep, 1)]
        if streams:
            acts += [(lambda: self._receive(rnd.choice(streams)), 8),
                     (lambda: self._send(rnd.choice(streams)), 8),
                     (lambda: self._close(rnd.choice(streams)), 0.7)]  # fmt: skip
        if len(datagrams) < 2:
            acts.append((self._open_udp, 0.7))
        if datagrams:
            acts += [(lambda: self._send_to(rnd.choice(datagrams)), 3),
                     (lambda: self._receive_from(rnd.choice(datagrams)), 3),
                     (lambda: self._close(rnd.choice(datagrams)), 0.3)]  # fmt: skip
        if "TCP LISTENER" in self.dialect.SERVICES:
            if self.world.listener is None:
                acts.append((self._listen, 1))
            else:
                acts += [(self._accept, 3), (self._unlisten, 0.1)]
        rnd.choices([act for act, _ in acts], [weight for _, weight in acts])[0]()

    # ---- opening ----

    def _link(self, prefix, kind=None):
        world = self.world
        name = "%s %d %s%d" % (world.key, world.seed, prefix, next(world.names))
        link = Link(name, kind or self.random.choice(world.patterns))
        return link

    def _mode(self):
        return self.random.choice((None, 0, 0, 0.2, 5, 30))

    def _open_tcp(self, mode=-1, host=None):
        """A Link, or the OSError."""
        world = self.world
        if len(world.links) >= self.dialect.SOCKETS:
            return None
        link = self._link("tcp")
        port = next(world.ports)
        world.network.expected[port] = link
        link.sock = self.nic.socket()
        mode = self._mode() if mode == -1 else mode
        link.sock.settimeout(mode)
        host = host or self.random.choice((_ADDRESS, _ADDRESS, _NAME))
        limit = world.bound(self.open_s) if mode is None else mode + _MOMENT
        _, error = world.call(limit, "%s.connect" % link, link.sock.connect, (host, port))
        world.links.append(link)
        if error is None:
            if link.peer is None or link.peer not in world.network.peers:
                world.violate("wrong data", "%s is connected, its peer is not" % link)
            return link
        if error.args[0] == errno.EINPROGRESS and mode == 0:
            link.opening = True
            return link
        link.failed = True
        self._unlink(link)
        self._explain(link, error, "connect")
        return error

    def _open_udp(self):
        world = self.world
        if len(world.links) >= self.dialect.SOCKETS:
            return None
        link = self._link("udp", patterns.RANDOM)
        link.datagram = True
        port = next(world.ports)
        world.network.expected[port] = link
        link.port = port
        link.sock = self.nic.socket(type=self.nic.SOCK_DGRAM)
        link.sock.settimeout(self._mode())
        world.links.append(link)
        return link

    def _unlink(self, link):
        """The program has done with it."""
        world = self.world
        sock, link.sock = link.sock, None
        limit = world.bound(self.close_s)
        world.call(limit, "%s.close" % link, sock.close)
        if link in world.links:
            world.links.remove(link)
        return sock

    # ---- what may be ----

    def _explain(self, link, error, what):
        """An error with nothing that could be its cause is a violation."""
        world = self.world
        if not world.harmless or error.args[0] in _PASSING:
            return
        if error.args[0] == errno.ENOBUFS:
            return  # connects that were given up hold their numbers for a while
        if link.refused or link.hung or "buffer was full" in str(error):
            return
        if "never asked about" in str(error):
            return  # numbers had run out, and nobody had called or polled this for a minute
        peer = link.peer
        if peer is not None and (peer.ended is not None or peer.stalled):
            return
        world.violate("no cause", "%s.%s raises %r" % (link, what, error))

    # ---- data ----

    def _ready(self, link):
        """Whether a socket that was opened without waiting is open by now."""
        if not link.opening:
            return True
        flags, _ = self.world.call(1.0, "ioctl", link.sock.ioctl, 3, _POLLOUT)
        if not flags:
            self.world.idle(0.3)
            return False
        link.opening = False
        if flags & _POLLERR:
            link.failed = True
            self._unlink(link)
            return False
        return True

    def _wait(self, link, wanted):
        """As a poller does, for a while."""
        world = self.world
        end = world.now() + self.random.choice((0.05, 0.5, 3.0))
        while world.now() < end:
            flags, _ = world.call(1.0, "ioctl", link.sock.ioctl, 3, wanted)
            if flags:
                return
            world.clock.advance(0.001)

    def _send(self, link):
        world, rnd = self.world, self.random
        if not self._ready(link):
            return
        size = rnd.choice((1, 10, 100, 512, 1500, 4000))
        mode = self._mode()
        if mode is None and link.peer is not None and link.peer.stalled:
            mode = 5
        if mode is None:
            mode = 700 + world.slow  # as good as for ever; a peer may stall meanwhile
        if mode == 0:
            self._wait(link, _POLLOUT)
        link.sock.settimeout(mode)
        data = link.up.piece(link.sent, link.sent + size)
        link.offered = max(link.offered, link.sent + size)
        start = world.now()
        how = link.sock.write if rnd.random() < 0.5 else link.sock.send
        count, error = world.call(mode + _MOMENT, "%s.send(%d)" % (link, size), how, data)
        took = world.now() - start
        if error is not None:
            if error.args[0] in (errno.EAGAIN, errno.ETIMEDOUT):
                link.offered = link.sent
            else:
                self._failed(link, error, "send")
            return
        if not count:
            link.offered = link.sent
            world.poll()
            return
        if not 0 < count <= size:
            world.violate("wrong data", "%s.send(%d) returns %r" % (link, size, count))
        link.sent += count
        link.offered = link.sent
        world.counts["up"] += count
        if link.spoiled is not None and start > link.spoiled + _SPOILED:
            world.violate("goes on", "%s sends on after its data was damaged" % link)
        peer = link.peer
        if mode and took < mode - 0.01 and peer.checked < link.sent and not peer.closed:
            if peer.ended is None and link.spoiled is None:
                world.violate("lost", "%s: peer has %d of %d" % (link, peer.checked, link.sent))
        world.check()

    def _receive(self, link):
        world, rnd = self.world, self.random
        if not self._ready(link):
            return
        mode = rnd.choice((0, 0, 0.3, 5, 60))
        link.sock.settimeout(mode)
        if mode == 0:
            self._wait(link, _POLLIN)
        size = rnd.choice((1, 10, 200, 300, 1500, 5000))
        buf = bytearray(size)
        how = rnd.choice(("recv", "recv_into", "readinto", "read"))
        give = size if how in ("recv", "read") else buf
        # read and readinto wait again after each piece.
        limit = (mode + _MOMENT) * (1 if how.startswith("recv") else 20)
        value, error = world.call(
            limit, "%s.%s(%d)" % (link, how, size), getattr(link.sock, how), give
        )
        if error is not None:
            if error.args[0] not in _PASSING:
                self._failed(link, error, how)
            return
        if value is None:
            world.poll()
            return
        data = value if how in ("recv", "read") else bytes(buf[:value])
        self._got(link, data, how)

    def _got(self, link, data, how):
        world = self.world
        wanted = link.down.piece(link.got, link.got + len(data))
        peer = link.peer
        if data != wanted:
            same = 0
            while data[same] == wanted[same]:
                same += 1
            found = link.down.place(data[same : same + 12])
            others = [
                other.name
                for other in world.links
                if other is not link and other.down.place(data[same : same + 12]) >= 0
            ]
            world.violate("wrong data", "%s.%s at %d: %r, not %r (its own from %d; of %s)" % (
                link, how, link.got + same, data[same : same + 24], wanted[same : same + 24],
                found, others))  # fmt: skip
            world.check()
        link.got += len(data)
        world.counts["down"] += len(data)
        if link.got > peer.taken:
            world.violate("invented", "%s has %d of %d bytes" % (link, link.got, peer.taken))
        if not data:
            self._end_of_file(link)
        world.check()

    def _end_of_file(self, link):
        world, peer = self.world, link.peer
        link.ended = True
        if peer.ended is None and not peer.closed:
            # A module whose context has gone tells `closed` as well.
            world.violate("end of file", "%s ends, its peer has not" % link)
        elif world.read_was_refused():
            pass  # the module has dropped what it had not told of: nobody can know
        elif link.got < peer.taken:
            world.violate("lost", "%s ends after %d of %d bytes" % (link, link.got, peer.taken))
        elif peer.ended == 0 and link.got < peer.given and not peer.closed:
            world.violate("lost", "%s ends after %d of %d bytes" % (link, link.got, peer.given))
        world.check()
        self._unlink(link)

    def _failed(self, link, error, what):
        if error.args[0] in _TOLD:
            return self._explain(link, error, what)  # what has come can still be read
        link.failed = True
        self.world.counts["failures"] += 1
        self._explain(link, error, what)
        self.world.check()
        if self.random.random() < 0.7:
            self._unlink(link)

    # ---- datagrams ----

    def _send_to(self, link):
        world = self.world
        size = self.random.choice((5, 60, 400, 512))
        number = link.next_out
        link.next_out += 1
        data = patterns.datagram(link.up, number, size)
        link.outgoing[number] = data
        if len(link.outgoing) > 300:
            link.outgoing.pop(min(link.outgoing))
        mode = self._mode()
        link.sock.settimeout(mode)
        if mode == 0:
            self._wait(link, _POLLOUT)
        limit = world.bound(self.open_s + self.dialect.SEND_MS / 1000)
        start = world.now()
        count, error = world.call(
            limit if mode is None else 2 * mode + _MOMENT,
            "%s.sendto(%d)" % (link, size),
            link.sock.sendto, data, (_ADDRESS, link.port),
        )  # fmt: skip
        if error is not None:
            if error.args[0] not in _PASSING:
                self._failed(link, error, "sendto")
            return
        if count not in (size, None):
            world.violate("wrong data", "%s.sendto(%d) returns %r" % (link, size, count))
        if count and mode and world.now() - start < mode - 0.01 and world.harmless:
            if number in link.outgoing:
                world.violate("lost", "%s: a datagram was sent and did not come" % link)
        world.check()

    def _receive_from(self, link):
        world = self.world
        mode = self.random.choice((0, 0.3, 5, 30))
        link.sock.settimeout(mode)
        if mode == 0:
            self._wait(link, _POLLIN)
        # One that is being opened is waited for first, as long again.
        limit = 2 * mode + _MOMENT
        value, error = world.call(limit, "%s.recv" % link, link.sock.recv, 1500)
        if error is not None:
            if error.args[0] not in _PASSING + (errno.ENOTCONN,):
                self._failed(link, error, "recv")
            return
        if not value:
            if value is None or world.module.services:
                return
            return
        number = patterns.datagram_number(value)
        wanted = link.incoming.pop(number, None)
        if wanted != value:
            world.violate("wrong data", "%s gets the datagram %r, not %r (%s, last was %d)" % (
                link, value[:40], (wanted or b"")[:40], len(value), link.last_in))  # fmt: skip
        elif number <= link.last_in:
            world.violate("wrong data", "%s gets datagram %d after %d" % (
                link, number, link.last_in))  # fmt: skip
        link.last_in = number
        world.counts["datagrams"] += 1
        world.check()

    # ---- servers ----

    def _listen(self):
        world = self.world
        if len(world.links) >= self.dialect.SOCKETS - 1:
            return
        self.port = 6000 + (self.port - 5999) % 1000
        sock = self.nic.socket()
        _, error = world.call(5.0, "bind", sock.bind, ("", self.port))
        if error is None:
            sock.settimeout(self.random.choice((None, 0)))
            _, error = world.call(world.bound(self.open_s), "listen", sock.listen, 2)
        if error is not None:
            world.call(world.bound(self.close_s), "close", sock.close)
            return
        sock.settimeout(0)
        world.listener = sock
        self._clients(sock, self.port)

    def _clients(self, sock, port):
        # From now on clients come now and then, for as long as this one listens.
        world = self.world

        def come():
            if world.listener is not sock or world.healing:
                return
            self._client(port)
            world.clock.call_later(self.random.choice((0.5, 10.0, 60.0)), come)

        world.clock.call_later(1.0, come)

    def _client(self, port):
        world = self.world
        if len(world.clients) > _MOST_CLIENTS:
            return
        link = self._link("client")
        number = next(world.client_ports)
        if world.network.client(port, number, link) is not None:
            world.clients[number] = link
            # One that nobody accepts goes away.
            world.clock.call_later(300.0, lambda: world.clients.pop(number, None))

    def _accept(self):
        world = self.world
        mode = self.random.choice((0, 0.3, 20))
        sock = world.listener
        sock.settimeout(mode)
        value, error = world.call(mode + _MOMENT, "accept", sock.accept)
        if error is not None:
            if error.args[0] not in _PASSING:
                self._unlisten()
            return
        client, address = value
        link = world.clients.pop(address[1], None)
        if link is None:
            # Nobody's any more, or the address was damaged on the line.
            world.call(world.bound(self.close_s), "client.close", client.close)
            return
        link.sock = client
        world.links.append(link)

    def _unlisten(self):
        world = self.world
        sock, world.listener = world.listener, None
        world.clients.clear()
        sock.settimeout(None)
        limit = world.bound(self.close_s * self.dialect.SOCKETS)
        world.call(limit, "listener.close", sock.close)

    # ---- the rest ----

    def _close(self, link):
        link.sock.settimeout(self.random.choice((None, None, 0)))
        peer, sent = link.peer, link.sent
        blocks = link.sock.timeout_ms != 0
        self._unlink(link)
        if not (blocks and self.world.harmless and peer and not link.failed):
            return
        if peer.ended is None and not peer.stalled and peer.checked < sent:
            self.world.violate("lost", "%s closed: %d of %d" % (link, peer.checked, sent))
            self.world.check()

    def _sweep(self):
        """Closes what has failed, as programs do, though not at once."""
        for link in self.world.links[:]:
            if link.failed:
                self._unlink(link)

    def _idle(self):
        self.world.idle(self.random.choice((0.01, 0.01, 0.3, 0.3, 3.0, 3.0, 20.0, 100.0)))

    def _ask(self):
        world, nic, d = self.world, self.nic, self.dialect
        slow = d.SILENCE_MS / 1000
        calls = [
            (d.RESOLVE_MS / 1000 + slow, "resolve", nic.resolve, _NAME),
            (slow, "error", nic.error),
            (slow, "status", nic.status, "rssi"),
            (2 * slow, "registration", nic.status, "registration"),
            (slow, "netstat", nic.netstat),
            (slow, "command", nic.command, "AT"),
            (d.PING_MS / 1000 + slow, "ping", nic.ping, _ADDRESS, 2, 2),
        ]
        limit, name, func, *args = self.random.choice(calls)
        if name == "ping" and self.random.random() < 0.5:
            world.network.pings[_ADDRESS] = [20.0, 30.0]
        world.call(world.bound(limit + 2), name, func, *args)
        links = [link for link in world.links if link.sock is not None and not link.datagram]
        if links and self.random.random() < 0.5:
            link = self.random.choice(links)
            link.sock.settimeout(None)
            world.call(world.bound(slow), "acked", link.sock.acked)

    # ---- healing ----

    def _heal(self):
        """The line and the module are whole again: everything must work, and nothing is kept."""
        world = self.world
        world.idle(_SPOILED + 5)
        for link in world.links[:]:
            if link.spoiled is not None and not (link.failed or link.ended or link.datagram):
                self._must_have_failed(link)
        for link in world.links[:]:
            link.sock.settimeout(None)
            self._unlink(link)
        if world.listener is not None:
            self._unlisten()
        world.clients.clear()
        self._answers()
        for _ in range(_TRIES):
            if not world.online(ONLINE):
                world.violate("wedged", "not online after %.0f s: %r" % (
                    ONLINE, self.nic.status("error")))  # fmt: skip
                world.check()
            if self._whole_set():
                break
            self._look_at_context()
        else:
            world.violate("wedged", "connects fail for ever")
        world.check()
        world.network.expected.clear()
        world.network.peers.clear()
        self._weigh()

    def _must_have_failed(self, link):
        if link.opening:
            return
        link.sock.settimeout(0)
        _, error = self.world.call(2.0, "send", link.sock.send, b"")
        if error is None and self.world.now() > link.spoiled + _SPOILED:
            self.world.violate("goes on", "%s has not failed, its data was damaged" % link)
            self.world.check()

    def _answers(self):
        world = self.world
        start = world.now()
        while True:
            limit = world.bound(60 + self.dialect.SEND_MS / 1000)
            _, error = world.call(limit, "command AT", self.nic.command, "AT", 10000)
            if error is None:
                return
            if world.now() - start > world.slow:
                world.violate("wedged", "no answer to AT")
                world.check()
            world.idle(1.0)

    def _whole_set(self, patient=True):
        """Opens as many sockets as there are, sends and receives over each; False if a connect
        fails for another reason than that the numbers have run out."""
        world = self.world
        links = []
        for _ in range(self.dialect.SOCKETS):
            link = self._open_tcp(None, _ADDRESS)
            if not isinstance(link, Link):
                for link_ in links:
                    self._unlink(link_)
                if link is None or link.args[0] == errno.ENOBUFS:
                    if patient:
                        # Connects that were given up are waited for in the background.
                        world.idle(self.open_s + self.close_s)
                        return self._whole_set(False)
                    world.violate("leak", "%d of %d can be opened: %r; the module has %s, %s" % (
                        len(links), self.dialect.SOCKETS, link, sorted(world.module.services),
                        "the driver has %s" % [conn.id for conn in world.nic.module.connections],
                    ))  # fmt: skip
                    world.check()
                return False
            links.append(link)
        for link in links:
            link.sock.settimeout(60)
            link.peer.give(40)
            link.offered = link.sent + 30
            data = link.up.piece(link.sent, link.sent + 30)
            count, error = world.call(62.0, "send", link.sock.send, data)
            if error is None:
                link.sent += count
            got = 0
            while error is None and got < 40:
                value, error = world.call(62.0, "recv", link.sock.recv, 40 - got)
                if error is None:
                    got += len(value)
                    if not value:
                        return self._undo(links)
                    self._got(link, value, "recv")
            if error is not None:
                return self._undo(links)
        for link in links:
            link.sock.settimeout(None)
            self._unlink(link)
        return True

    def _undo(self, links):
        for link in links:
            if link.sock is not None:
                self._unlink(link)
        return False

    def _look_at_context(self):
        """A connect has failed: a context that is lost must be seen within a while."""
        world = self.world
        end = world.now() + 150.0
        while world.now() < end:
            if not world.isconnected() or not world.context_lost:
                return
            world.idle(1.0)
        world.violate("isconnected", "the context is lost, and isconnected() is True")
        world.check()

    def _weigh(self):
        world = self.world
        world.idle(5.0)
        count = world.objects()
        self.objects.append(count)
        # What is loaded on first use stays: the first cycles are not compared.
        if len(self.objects) >= 5:
            early, late = self.objects[2], self.objects[-1]
            rising = self.objects[-3] < self.objects[-2] < late
            if rising and late > early * 1.3 + 100:
                world.violate("heap", "objects after each cycle: %s" % self.objects[-8:])
                world.check()
