"""What programs do with the driver, on the module: each gives an outcome as text, which is
compared with the one that the documents promise. They are those of tests_host/support/field.py
where that has one of the name, so that a capture can be played there."""

import errno
import hashlib
import time

from tools.conforming import masks
from tools.conforming.peer import noise, wait

UNKNOWN = "no-such-host.invalid"  # RFC 6761: no DNS knows it
CLOSED_PORT = 9  # discard: nobody listens there today
_PIECE = 100
_ANSWER = bytes([65 + i % 26 for i in range(_PIECE)])
_CLIENT_S = 60  # s for what the peer sends to come
_CLOSE_S = 20  # s: a QICLOSE may take 10 s, and AT+QIGETERROR may follow
_SLICE_S = 0.02
_ERRORS = "ECONNRESET ECONNABORTED ECONNREFUSED ETIMEDOUT ENODEV EIO EACCES EHOSTUNREACH EAGAIN"


class NotTried(Exception):
    """The scenario cannot be tried here; the text says why."""


def told(error):
    """An OSError as text, as tests_host/support/field.py has it."""
    from quectel import errors

    for name in _ERRORS.split():
        if getattr(errno, name, None) == error.args[0]:
            break
    else:
        name = {errors.EBUSY: "EBUSY", errors.ENETUNREACH: "ENETUNREACH"}.get(error.args[0], "?")
    return "%s (%s)" % (name, error.args[1] if len(error.args) > 1 else "")


class Scenarios:
    """The driver on one UART; `make` makes its interface. `peer`, `world`: see the player. `bulk`:
    how many bytes go each way."""

    def __init__(self, make, peer, world, apn, bulk):
        self._make = make
        self._peer = peer
        self._world = world
        self._apn = apn  # (apn, user, key), or ()
        self._bulk = bulk
        self._nic = None
        self.want = None  # what field.py says, where that is more than the outcome

    def all(self):
        """(name, what it is, function, the name in field.py with its argument or None) of each."""
        return (
            ("bringup", "the module is woken and made ready", self._bringup, "bringup"),
            ("identity", "model, firmware, IMEI, IMSI, ICCID", self._identity, None),
            ("model", "the model", self._model, "identity model"),
            ("network", "the context, an address", self._network, "network"),
            ("status", "signal, registration, operator", self._status, None),
            ("resolve", "a name is looked up", self._resolve, None),
            ("unknown-name", "a name that nobody knows", self._unknown, "resolve"),
            ("ping", "four pings", self._ping, None),
            ("ntp", "the time", self._ntp, None),
            ("request", "TCP: a request, an answer, the peer closes", self._request, "request"),
            ("send", "TCP: what is sent comes to the peer", self._send, "send test"),
            ("refused", "TCP: a port where nobody listens", self._refused, "opens"),
            ("open-unknown", "TCP: a name that nobody knows", self._open_unknown, None),
            ("pushed", "TCP: push mode", self._pushed, "pushed %d" % _PIECE),
            ("up", "TCP: %d bytes of any value to the peer" % self._bulk, self._up, None),
            ("down", "TCP: %d bytes of any value from the peer" % self._bulk, self._down, None),
            ("udp", "UDP: a datagram and its echo", self._udp, None),
            ("server", "TCP: the peer is the client", self._server, None),
            ("transparent", "TCP: transparent mode", self._transparent, None),
            ("error", "the last error is told", self._error, None),
        )

    def settle(self):
        """Let the driver come to rest: a close goes on behind a program's back."""
        if self._nic is not None:
            module = self._nic.module
            end = time.monotonic() + _CLOSE_S
            while module.under_way and time.monotonic() < end:
                module.wait()

    # ---- what they share ----

    def _up_nic(self):
        if self._nic is None or not self._nic.module.active:
            raise NotTried("the module was not made ready")
        if self._nic.status() != self._nic.STAT_GOT_IP:
            raise NotTried("there is no network")
        return self._nic

    def _far(self, echo=False):
        if self._peer is None:
            raise NotTried("needs a peer: --peer")
        self._peer.new(echo)

    def _opened(self):
        nic = self._up_nic()
        s = nic.socket()
        try:
            s.connect(self._world.peer)
        except OSError:
            s.close()
            raise
        return s

    def _wait_for_peer(self):
        # The open of TCP may be told here before the peer has seen it.
        wait(self._peer.connections, _CLIENT_S)

    @staticmethod
    def _read(s, most=1 << 20):
        got = b""
        try:
            while len(got) < most:
                piece = s.recv(512)
                if not piece:
                    return got, "end of file"
                got += piece
        except OSError as error:
            return got, told(error)
        return got, "all"

    # ---- each one ----

    def _bringup(self):
        self._nic = self._make()
        self._nic.active(True)
        return "ready", "ready"

    def _model(self):
        if self._nic is None or not self._nic.module.active:
            raise NotTried("the module was not made ready")
        model = self._nic.config("model")
        return model, model

    def _identity(self):
        if self._nic is None or not self._nic.module.active:
            raise NotTried("the module was not made ready")
        missing = []
        for key in ("model", "firmware", "imei", "imsi", "iccid"):
            try:
                self._nic.config(key)
            except OSError as error:
                missing.append("%s: %s" % (key, told(error)))
        return "all are told", "; ".join(missing) or "all are told"

    def _network(self):
        nic = self._nic
        if nic is None or not nic.module.active:
            raise NotTried("the module was not made ready")
        nic.connect(*self._apn)
        while not nic.isconnected():  # the driver gives up at the document's times
            if nic.status() < 0:
                return "connected", "failed: " + told(nic.status("error"))
            time.sleep(_SLICE_S)
        return "connected", "connected"

    def _status(self):
        nic = self._up_nic()
        rssi, stat, operator = [nic.status(name) for name in ("rssi", "registration", "operator")]
        missing = []
        if rssi is not None and not -150 < rssi < 0:
            missing.append("rssi %r" % rssi)
        if stat not in (1, 5):
            missing.append("registration %r" % stat)
        if not isinstance(operator, str):
            missing.append("operator %r" % operator)
        return "registered", "; ".join(missing) or "registered"

    def _resolve(self):
        nic = self._up_nic()
        if not self._world.host:
            raise NotTried("needs a name: --host")
        return "addresses", "addresses" if nic.resolve(self._world.host) else "none"

    def _unknown(self):
        nic = self._up_nic()
        try:
            return "EHOSTUNREACH", repr(nic.resolve(UNKNOWN))
        except OSError as error:
            # The driver's tests ask for another name, and the words tell it.
            self.want = "raises " + told(error).replace(UNKNOWN, masks.HOST)
            return "EHOSTUNREACH", told(error).partition(" ")[0]

    def _ping(self):
        nic = self._up_nic()
        if not self._world.host:
            raise NotTried("needs a name that answers pings: --host")
        outcome = nic.ping(self._world.host)
        sent, received, lost = outcome[:3]
        return "4 sent, 4 told of", "%d sent, %d told of" % (sent, received + lost)

    def _ntp(self):
        nic = self._up_nic()
        if nic.dialect.NTP_MS is None:
            raise NotTried("its document has no AT+QNTP")
        if not self._world.ntp:
            raise NotTried("needs a time server: --ntp")
        fields = nic.ntp(self._world.ntp, set=False)
        return "a date", "a date" if 2020 <= fields[0] < 2100 else "the year %d" % fields[0]

    def _request(self):
        self._far()
        s = self._opened()
        try:
            s.send(b"GET")
            self._wait_for_peer()
            self._peer.send(_ANSWER)
            self._peer.close()
            got, end = self._read(s)
        finally:
            s.close()
        return (
            "%d bytes then end of file" % _PIECE,
            ("%d bytes then %s" if got == _ANSWER[: len(got)] else "%d bytes, others, then %s")
            % (len(got), end),
        )

    def _send(self):
        self._far()
        s = self._opened()
        try:
            count = s.send(b"test")
            self._wait_for_peer()
            seen = wait(lambda: self._peer.state()[0] >= 4, _CLIENT_S) and self._peer.got()
        finally:
            s.close()
        if seen != b"test":
            return "sent 4", "sent %d, the peer has %r" % (count, seen)
        return "sent 4", "sent %d" % count

    def _refused(self):
        self._far()
        s = self._up_nic().socket()
        wanted = "ECONNREFUSED"
        try:
            s.connect((self._world.peer[0], CLOSED_PORT))
            return wanted, "open as %d" % s.connection.id
        except OSError as error:
            # A network on the way may drop what the host would refuse.
            ours = "%s:%d" % (self._world.peer[0], CLOSED_PORT)
            self.want = told(error).replace(ours, "%s:%d" % (masks.PEER, masks.PEER_PORT))
            name = told(error).partition(" ")[0]
            return wanted, wanted if name in (wanted, "ETIMEDOUT") else told(error)
        finally:
            s.close()

    def _open_unknown(self):
        s = self._up_nic().socket()
        try:
            s.connect((UNKNOWN, 80))
            return "EHOSTUNREACH", "open"
        except OSError as error:
            return "EHOSTUNREACH", told(error).partition(" ")[0]
        finally:
            s.close()

    def _pushed(self):
        self._far()
        nic = self._up_nic()
        s = nic.socket()
        try:
            s.setsockopt(nic.SOL_SOCKET, nic.SO_RCVBUF, 4096)
            s.setsockopt(nic.SOL_QUECTEL, nic.ACCESS_MODE, nic.PUSH)
            s.settimeout(_CLIENT_S)
            s.connect(self._world.peer)
            self._wait_for_peer()
            self._peer.send(_ANSWER)
            got, end = self._read(s, _PIECE)
        finally:
            s.close()
        end = end if got == _ANSWER[: len(got)] else "others"
        return "%d bytes then all" % _PIECE, "%d bytes then %s" % (len(got), end)

    def _up(self):
        self._far()
        s = self._opened()
        data = noise(self._bulk, 1)
        try:
            s.write(data)
            self._wait_for_peer()
            wait(lambda: self._peer.state()[0] >= len(data), _CLIENT_S)
            count, digest, _ = self._peer.state()
        finally:
            s.close()
        return (
            self._bytes(len(data), hashlib.sha256(data).hexdigest()),
            self._bytes(count, digest),
        )

    def _down(self):
        self._far()
        s = self._opened()
        data = noise(self._bulk, 2)
        try:
            s.settimeout(_CLIENT_S)
            self._wait_for_peer()
            self._peer.pour(len(data), 2)
            self._peer.close()
            got, end = self._read(s)
        finally:
            s.close()
        return (
            self._bytes(len(data), hashlib.sha256(data).hexdigest()) + ", end of file",
            "%s, %s" % (self._bytes(len(got), hashlib.sha256(got).hexdigest()), end),
        )

    @staticmethod
    def _bytes(count, digest):
        return "%d bytes, SHA-256 %s" % (count, digest[:16])

    def _udp(self):
        self._far(echo=True)
        nic = self._up_nic()
        s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        try:
            s.connect(self._world.peer)
            s.settimeout(_CLIENT_S)
            for _ in range(3):  # datagrams may be lost
                s.send(_ANSWER)
                try:
                    got = s.recv(1500)
                    return "the echo", "the echo" if got == _ANSWER else repr(got)
                except OSError as error:
                    end = told(error)
            return "the echo", end
        finally:
            s.close()

    def _server(self):
        nic = self._up_nic()
        if "TCP LISTENER" not in nic.dialect.SERVICES:
            raise NotTried("its document has no TCP LISTENER")
        if self._world.incoming is None:
            raise NotTried("the peer must reach the module: --incoming, where the network lets it")
        self._far()
        s = nic.socket()
        try:
            if "nat" in nic.dialect.OPTIONS:
                nic.config(nat=1)  # rm500u 2.3.7, note 3
            port = self._world.local_port("server")
            s.bind(("", port))
            s.listen(1)
            s.settimeout(_CLIENT_S)
            self._peer.connect(self._world.incoming or self._world.address, port)
            client, _ = s.accept()
            try:
                self._peer.send(_ANSWER)
                client.settimeout(_CLIENT_S)
                got, end = self._read(client, _PIECE)
                client.send(b"reply")
                wait(lambda: self._peer.state()[0] >= 5, _CLIENT_S)
                seen = self._peer.got()
            finally:
                client.close()
        finally:
            s.close()
        return (
            "%d bytes then all, reply" % _PIECE,
            "%d bytes then %s, %s" % (len(got), end, seen.decode("latin-1")),
        )

    def _transparent(self):
        nic = self._up_nic()
        if 2 not in nic.dialect.ACCESS_MODES:
            raise NotTried("its document has no transparent mode")
        self._far(echo=True)
        s = self._opened()
        try:
            s.settimeout(_CLIENT_S)
            with s.transparent() as stream:
                stream.write(_ANSWER)
                end = time.monotonic() + _CLIENT_S
                got = b""
                while len(got) < _PIECE and time.monotonic() < end:
                    got += stream.read(_PIECE - len(got)) or b""
            s.send(b"again")
            again, _ = self._read(s, 5)
        finally:
            s.close()
        seen = "the echo" if got == _ANSWER else "%d bytes" % len(got)
        return "the echo, then again", "%s, then %s" % (seen, again.decode("latin-1"))

    def _error(self):
        code, text = self._up_nic().error()
        return "a code and a text", (
            "a code and a text" if isinstance(code, int) and text else repr((code, text))
        )
