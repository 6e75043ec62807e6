# Settings that change how data and answers look, and how the driver follows them. Loaded when a
# program chooses one; what the driver wants of itself is the plain form of each.
#
#   AT+QICFG="dataformat"  data as hex digits: received (all documents), sent behind the prompt
#                          (BG95-S5 2.3.15, RG200U&RG500U&RM500U 2.3.1)
#   AT+QICFG="sendinfo"    +QISEND: <connectID>,<status>,<free_size> and OK instead of SEND OK, but
#                          for a UDP SERVICE (RG200U&RG500U&RM500U 2.3.1, 2.3.10)
#   AT+QICFG="close mode"  +QIURC: "closed" after the OK of AT+QICLOSE (RG200U&RG500U&RM500U 2.3.1)
#   AT+QISDE               the module echoes the data behind the prompt (BG95-S5 2.3.16,
#                          RG200U&RG500U&RM500U 2.3.15)

import errno

from micropython import const
from quectel import at
from quectel.errors import Error, not_supported

KEYS = ("dataformat", "sendinfo", "close mode", "qisde")
_ROOM = const(128)  # hex digits decoded at a time


class Formats:
    """What differs from the plain form; `nic.module.formats`, None while nothing does."""

    def __init__(self, nic):
        self._nic = nic
        self.decoder = None  # for data received in hex
        self.hex = False  # data is sent in hex
        self.reports = False  # sendinfo
        self.closes = False  # "close mode"

    def over(self, channel, connection=None):
        """`channel` as what takes a payload should see it, one for `connection`."""
        return channel if self.decoder is None else self.decoder.over(channel, connection)

    def dress(self, command):
        """Make a sending command follow; returns it."""
        if self.hex:
            _send_hex(command, self._nic.dialect.SEND_MAX)
        if self.reports and not hasattr(command, "direct"):
            _read_report(command)
        return command

    def follow(self, key, values):
        """The module has been told `values`."""
        if key == "dataformat":
            self.hex = bool(values[0])
            self.decoder = Decoder() if values[1] else None
        elif key == "sendinfo":
            self.reports = bool(values[0])
        elif key == "close mode":
            self.closes = bool(values[0])
        else:
            self._nic.channel.echoes_data = bool(values[0])
        for conn in self._nic.module.connections:
            if conn.is_connected:
                conn.make_sender()


def prepare(nic, key, values):
    """Before the module is told: refuse what the document does not have yet, and wait until
    nothing that looks as before is under way."""
    dialect = nic.dialect
    if key == "dataformat" and values[0] and not dialect.ACKED:
        # BC65&BC92&BC95-GR 2.2.11, BC20 2.1.11, BC25&BC32 2.1.11 leave it to later firmware.
        raise not_supported(dialect.MODEL, "sending in hex behind the prompt")
    while any(not conn.sender.idle or conn.receiver.reading for conn in nic.module.connections):
        for conn in nic.module.connections:
            if conn.receiver.reading:
                conn.receiver.advance()
        nic.module.wait()


def _send_hex(command, most):
    digits = bytearray(most // 2 * 2)
    load = command.load

    def load_hex(data, at_, end):
        count = min(end - at_, len(digits) // 2)
        at.put_hex(digits, 0, data, at_, at_ + count)
        load(digits, 0, 2 * count)
        return count

    def largest(data, at_, end):
        return len(digits) // 2

    command.load = load_hex
    command.largest = largest


def _read_report(command):
    load = command.load

    def load_again(data, at_, end):
        command.refused = False
        return load(data, at_, end)

    def line(channel):
        channel.number()
        command.refused = channel.number() != 0

    command.needs = at.OK
    command.prefix = b"+QISEND: "
    command.load = load_again
    command.line = line


class Decoder:
    """Hex digits on their way to where the bytes go: to a Channel it is what takes a payload, and
    to what takes a payload it is the Channel."""

    def __init__(self):
        self._damaged = False  # something else than digits came
        self._connection = None
        self._channel = None
        self._digits = bytearray(_ROOM)
        self._given = False
        self._left = 0
        self._store = None
        self._into = None
        self._at = 0
        self._room = 0

    def __getattr__(self, name):
        return getattr(self._channel, name)

    # ---- a Channel to what takes a payload ----

    def over(self, channel, connection):
        """Stand before `channel`; returns this."""
        self._channel = channel
        self._connection = connection
        return self

    def expect(self, count, into, at, room, store=None):
        """As Channel.expect: `count` bytes, which are twice as many digits."""
        self._damaged = self._given = False
        self._left = 2 * count
        self._store = store
        self.place(into, at, room)
        self._channel.expect(self._left, None, 0, 0, self)

    def place(self, into, at, room):
        """Where the next bytes go."""
        self._into = into
        self._at = at
        self._room = room

    # ---- what takes a payload to a Channel ----

    def more(self, channel):
        """The digits are full: decode them, and give them again."""
        if self._given:
            self._decode(_ROOM)
        self._given = True
        channel.place(self._digits, 0, _ROOM)

    def complete(self):
        """The last digit is here."""
        self._decode(self._left)
        if self._damaged and self._connection is not None:
            error = Error(errno.ECONNABORTED, "data was damaged on the line")
            self._connection.fail(error)
        elif self._store is not None:
            self._store.complete()

    def damaged(self):
        """Digits were lost or doubled."""
        if self._store is not None:
            self._store.damaged()

    def _decode(self, count):
        self._left -= count
        for i in range(0, count, 2):
            high, low = self._value(i), self._value(i + 1)
            if not self._room and self._store is not None:
                self._store.more(self)
            if self._room and self._into is not None:
                self._into[self._at] = high << 4 | low
                self._at += 1
                self._room -= 1

    def _value(self, index):
        digit = self._digits[index]
        if 48 <= digit <= 57:
            return digit - 48
        digit |= 32
        if 97 <= digit <= 102:
            return digit - 87
        self._damaged = True
        return 0
