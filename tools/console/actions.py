"""What can be typed at the console: common actions by name, on the driver's own calls."""

import time

from tools.console.meanings import VALUES

_TURN_MS = 10


class Console:
    """The module behind `nic`; say(text) tells a result. Every action is a method whose parameters
    are words, and whose docstring is its help."""

    def __init__(self, nic, say):
        self._nic = nic
        self._say = say
        self._socket = None

    def run(self, line):
        """Carry out a line. OSError if the module or the network fails; ValueError where the line
        is not understood."""
        line = line.strip()
        words = line.split()
        if not words:
            return
        if words[0][:2].upper() == "AT":
            # The trace shows its answer.
            self._nic.command(line)
            return
        action = ACTIONS.get(words[0].lower())
        if action is None:
            raise ValueError("%s: no such action; `help` lists them" % words[0])
        usage = action.__doc__.split("\n")[0].partition(":")[0]
        least = sum(1 for word in usage.split()[1:] if word.isupper())
        most = len(usage.split()) - 1
        if words[0] == "send":
            words = line.split(None, 1)
        if not least <= len(words) - 1 <= most:
            raise ValueError("usage: " + usage)
        action(self, *words[1:])

    def idle(self):
        """What goes on while nobody types."""
        self._nic.poll()

    def help(self):
        """help: lists the actions"""
        for action in ACTIONS.values():
            usage, _, meaning = action.__doc__.partition(":")
            self._say("  %-28s%s" % (usage, meaning.strip()))
        self._say("  %-28s%s" % ("AT…", "any AT command"))
        self._say("  %-28s%s" % ("quit", "ends the console"))

    def info(self):
        """info: the model and its firmware"""
        self._say("%s, firmware %s" % (self._nic.config("model"), self._nic.config("firmware")))

    def signal(self):
        """signal: how strong the network is"""
        rssi = self._nic.status("rssi")
        self._say("no signal known" if rssi is None else "%d dBm" % rssi)

    def register(self):
        """register: whether the network has taken the module, and which"""
        self._say(VALUES["stat"].get(str(self._nic.status("registration")), "not known"))
        self._say("operator: " + (self._nic.status("operator") or "none"))

    def connect(self, *names):
        """connect [apn] [user] [key]: activates the context"""
        self._nic.connect(*names)
        while not self._nic.isconnected():
            if self._nic.status() < 0:
                raise self._nic.status("error")
            time.sleep(_TURN_MS / 1000)
        self._say("address: " + self._nic.ipconfig("addr4")[0])

    def disconnect(self):
        """disconnect: closes every socket and the context"""
        self._nic.disconnect()

    def open(self, host, port, kind="tcp"):
        """open HOST PORT [udp]: opens a socket"""
        if self._socket is not None:
            raise ValueError("a socket is open: close it first")
        if not port.isdigit() or kind not in ("tcp", "udp"):
            raise ValueError("usage: open HOST PORT [udp]")
        types = {"tcp": self._nic.SOCK_STREAM, "udp": self._nic.SOCK_DGRAM}
        made = self._nic.socket(self._nic.AF_INET, types[kind])
        made.connect((host, int(port)))
        self._socket = made
        self._say("open")

    def _open_socket(self):
        if self._socket is None:
            raise ValueError("no socket is open: open HOST PORT")
        return self._socket

    def send(self, text):
        """send TEXT: sends a line on the socket"""
        data = text.encode() + b"\r\n"
        self._open_socket().write(data)
        self._say("sent: %d bytes" % len(data))

    def receive(self, wait="5"):
        """receive [seconds]: shows what has come, or comes within 5 seconds"""
        made = self._open_socket()
        made.settimeout(float(wait))
        data = made.recv(1500)
        if not data:
            self._say("the peer has closed the connection")
        for line in data.decode("utf-8", "replace").splitlines():
            self._say("received: " + line)

    def close(self):
        """close: closes the socket"""
        self._open_socket().close()
        self._socket = None

    def sockets(self):
        """sockets: the module's own list"""
        for row in self._nic.netstat():
            self._say("%d %s %s:%d, %s" % (row[0], row[1], row[2], row[3], row[5]))

    def ping(self, host):
        """ping HOST: asks a host whether it is there"""
        result = self._nic.ping(host)
        self._say("sent %d, received %d" % (result.sent, result.received))

    def resolve(self, host):
        """resolve HOST: finds the addresses of a name"""
        self._say(", ".join(self._nic.resolve(host)))

    def ntp(self, host):
        """ntp HOST: asks a time server, and sets the module's clock"""
        self._say("%d-%02d-%02d %02d:%02d:%02d UTC" % tuple(self._nic.ntp(host)[:6]))

    def error(self):
        """error: the last error of the TCP/IP commands"""
        self._say("%d %s" % tuple(self._nic.error()))

    def wait(self, duration):
        """wait SECONDS: shows what comes unasked"""
        end = time.monotonic() + float(duration)
        while time.monotonic() < end:
            self._nic.poll()
            time.sleep(_TURN_MS / 1000)


_NAMES = (
    "help info signal register connect disconnect open send receive close sockets ping resolve ntp"
    " error wait"
)
ACTIONS = {name: getattr(Console, name) for name in _NAMES.split()}
