"""A host and a player for the NB-IoT modules: they attach by themselves, and answer twice."""

from .host import Host
from .player import Player

KEYS = ("bc95", "bc92", "bc20", "bc25")
OWN_ADDRESS = "100.127.243.105"


class NbHost(Host):
    def __init__(self, dialect="bc95", **options):
        super().__init__(context=False, dialect=dialect, **options)

    def setup(self, context=True):
        self.ask("ATE0")

    def open(self, number=0, kind="TCP", access=0, port=8009, local=0, address="192.0.2.2"):
        """Opens a socket; of a TCP client, the Peer at its other end."""
        line = 'AT+QIOPEN=1,{},"{}","{}",{},{},{}'
        answer = self.ask(line.format(number, kind, address, port, local, access))
        done = "CONNECT" if access == 2 else "+QIOPEN: {},0".format(number)
        assert answer == ["OK", done]
        return self.network.peers[-1] if kind == "TCP" else None

    def listen(self, number=0, port=2020):
        self.ask("AT+CGACT=1,1")
        self.open(number, "TCP LISTENER", 0, 0, port, OWN_ADDRESS)

    def send(self, data, number=0, answer="SEND OK"):
        """In hex in the line: every dialect can do that, with any byte."""
        line = 'AT+QISENDEX={},{},"{}"'.format(number, len(data), data.hex())
        assert self.ask(line) == ["OK", answer]


class NbPlayer(Player):
    def __init__(self, dialect):
        super().__init__(dialect)
        self.host.ask("ATE0")

    def given_address(self, ip):
        self.module.ADDRESSES = {1: ip}

    def given_receive_buffer(self, size, drops=False):
        self.module.RECEIVE_BUFFER = size
        self.module.drops_tcp = drops

    def given_settling(self, seconds):
        self.module.settling = seconds

    def given_deep_sleep(self):
        assert self.module.deep_sleep()

    def given_wake(self):
        self.module.wake()
