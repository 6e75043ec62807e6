"""A host in the test's hand: it types on the module's UART and says what must come back."""

from tools.vmodule import create
from tools.vmodule.clock import VirtualClock
from tools.vmodule.fake import FakeNetwork


class Host:
    """A module in this process, with a fake network and a clock that stands still.

    As a driver does first, it turns the echoes off, unless `raw` is asked for.
    """

    def __init__(self, faults=(), raw=False, context=True, dialect="bg95", **options):
        self.clock = VirtualClock()
        self.network = FakeNetwork({"example.com": ["192.0.2.2"]}, self.clock)
        self.module = create(dialect, self.network, self.clock, faults, **options)
        if not raw:
            self.setup(context)

    def setup(self, context=True):
        lines = ["ATE0", "AT+QISDE=0"]
        if context:
            lines += ['AT+QICSGP=1,1,"internet"', "AT+QIACT=1"]
        for line in lines:
            self.type(line)
        self.module.take()

    def type(self, line):
        self.module.feed(line.encode("latin-1") + b"\r")

    def ask(self, line):
        """Types a line; all that the module says, as a list of lines without the blank ones."""
        self.type(line)
        return self.lines()

    def lines(self):
        return [line for line in self.module.take().decode("latin-1").split("\r\n") if line]

    def error(self):
        """The code that QIGETERROR tells."""
        line = self.ask("AT+QIGETERROR")[0]
        return int(line.split(":")[1].split(",")[0])

    def refused(self, line, code):
        assert self.ask(line) == ["ERROR"], line
        assert self.error() == code, line

    def open(self, number=0, kind="TCP", access=0, port=8009, local=0, address="192.0.2.2"):
        """Opens a socket; of a TCP client, the Peer at its other end."""
        line = 'AT+QIOPEN=1,{},"{}","{}",{},{},{}'
        answer = self.ask(line.format(number, kind, address, port, local, access))
        if access == 2:
            assert answer == ["CONNECT"]
        else:
            assert answer == ["OK", "+QIOPEN: {},0".format(number)]
        return self.network.peers[-1] if kind == "TCP" else None

    def listen(self, number=1, port=2020, access=0):
        self.open(number, "TCP LISTENER", access, 0, port, "127.0.0.1")

    def serve(self, number=2, port=3030, access=0):
        self.open(number, "UDP SERVICE", access, 0, port, "127.0.0.1")

    def send(self, data, number=0, answer="SEND OK"):
        self.type("AT+QISEND={},{}".format(number, len(data)))
        assert self.module.take() == b"\r\n> "
        self.module.feed(data)
        assert self.lines() == [answer]

    def read(self, number=0, length=1500):
        """One QIRD: the bytes that it gives."""
        self.type("AT+QIRD={},{}".format(number, length))
        answer = self.module.take()
        if answer == b"\r\n+QIRD: 0\r\n\r\nOK\r\n":
            return b""
        header, _, rest = answer[2:].partition(b"\r\n")
        count = int(header.split(b":")[1].split(b",")[0])
        assert rest[count:] == b"\r\n\r\nOK\r\n", answer
        return rest[:count]
