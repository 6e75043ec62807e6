# Settings that change the form of data and answers, and how the driver follows them. Loaded when
# a program chooses one; the driver itself uses the plain form of each.
#
#   AT+QICFG="dataformat"  data as hex digits: received (all documents), sent behind the prompt
#                          (BG95-S5 2.3.15, RG200U&RG500U&RM500U 2.3.1)
#   AT+QICFG="viewmode"    data follows a comma in the header's line (all documents)
#   AT+QICFG="showlength"  how many fields that header has (the BC modules)
#   AT+QICFG="sendinfo"    +QISEND: <connectID>,<status>,<free_size> and OK instead of SEND OK, but
#                          for a UDP SERVICE (RG200U&RG500U&RM500U 2.3.1, 2.3.10)
#   AT+QICFG="close mode"  +QIURC: "closed" after the OK of AT+QICLOSE (RG200U&RG500U&RM500U 2.3.1)
#   AT+QISDE               the module echoes the data behind the prompt (BG95-S5 2.3.16,
#                          RG200U&RG500U&RM500U 2.3.15)

from micropython import const

from quectel import at
from quectel.connection import OPEN
from quectel.errors import not_supported
from quectel.modes.hex import put_hex

KEYS = ("dataformat", "viewmode", "showlength", "sendinfo", "close mode", "qisde")
_ROOM = const(128)  # bytes that are decoded at a time


class Formats:
    """What differs from the plain forms; `module.formats`, None while nothing does.

    receives_hex  data comes as hex digits
    closes        a `closed` URC follows AT+QICLOSE
    """

    def __init__(self, module):
        self._module = module
        self.receives_hex = self.closes = False
        self._decoder = Decoder()
        self._sends_hex = self._reports = self._echoes = self._inline = False
        self.header_fields = 2 if module.dialect.READ_REMAINING else 1

    def follow(self, key, values):
        """The module has been told `values`."""
        on = bool(values[0])
        if key == "dataformat":
            self._sends_hex = on
            self.receives_hex = bool(values[1])
        elif key == "viewmode":
            self._inline = on
        elif key == "showlength":
            self.header_fields = 2 if on else 1
        elif key == "sendinfo":
            self._reports = on
        elif key == "close mode":
            self.closes = on
        else:
            self._echoes = on
        inline = Inline(self._module, self.header_fields) if self._inline else None
        self._module.channel.choose("inline", inline)
        self._module.channel.choose("echoes_data", self._echoes)
        for connection in self._module.connections:
            if connection.state == OPEN:
                connection.make_commands()

    # ---- what a connection reads and writes with ----

    def receive(self, channel, count, sink):
        """`count` bytes of data follow, for `sink` or for nobody."""
        if not self.receives_hex:
            channel.receive(count, sink)
        else:
            channel.receive(2 * count, None if sink is None else self._decoder.over(sink))

    def sender(self, command, serves):
        """The command that sends as `command` would, of a UDP SERVICE where it `serves`."""
        reports = self._reports and not serves
        if not self._sends_hex and not reports:
            return command
        return Sender(command, self._sends_hex, reports, self._module.dialect.SEND_MAX)


def prepare(nic, key, values):
    """Before the module is told: refuse what the document does not have yet, and wait until
    nothing that looks as before is under way."""
    module = nic.module
    dialect = nic.dialect
    if key == "dataformat" and values[0] and not dialect.ACKED:
        # BC65&BC92&BC95-GR 2.2.11, BC20 2.1.11, BC25&BC32 2.1.11 leave it to later firmware.
        raise not_supported(dialect.MODEL, "sending in hex behind the prompt")
    while any([not c.has_sent() or c.reading for c in module.connections]):
        for connection in module.connections:
            if connection.reading:
                connection.advance()
        module.wait()


class Sender(at.Command):
    """A dialect's command `plain` that sends, with the data in hex, or with a report in place of
    SEND OK."""

    def __init__(self, plain, in_hex, reports, most):
        super().__init__(b"", plain.timeout, plain.prefix, plain.needs)
        self._plain = plain
        self._digits = bytearray(most // 2 * 2) if in_hex else None
        self._refused = False
        if reports:
            self.needs = at.OK
            self.prefix = b"+QISEND: "

    def direct(self, peer):
        """See modes/server.py."""
        self._plain.direct(peer)

    def largest(self, data, start, end):
        """How many bytes one exchange, and so one datagram, can carry."""
        most = self._plain.largest(data, start, end)
        return most if self._digits is None else len(self._digits) // 2

    def load(self, data, start, end):
        """Take the next bytes of `data[start:end]`; returns how many this exchange carries."""
        self._refused = False
        plain, digits = self._plain, self._digits
        if digits is None:
            count = plain.load(data, start, end)
        else:
            count = min(end - start, len(digits) // 2)
            put_hex(digits, 0, data, start, start + count)
            plain.load(digits, 0, 2 * count)
        self.line_out = plain.line_out
        self.line_end = plain.line_end
        self.give(plain.data, plain.data_at, plain.data_end)
        return count

    def line(self, channel):
        """+QISEND: <connectID>,<status>,<free_size>"""
        channel.number()
        self._refused = channel.number() != 0

    def ended(self, result, code=None):
        super().ended(at.SEND_FAIL if result == at.DONE and self._refused else result, code)


class Decoder:
    """Hex digits on their way to another sink, which gets the bytes."""

    def __init__(self):
        self._bytes = bytearray(_ROOM)

    def over(self, sink):
        """Digits for `sink` come; returns this."""
        self._sink = sink
        self._count = 0
        self._high = -1  # the first digit of a byte whose second has not come
        self._whole = True
        return self

    def write(self, buf, start, count):
        """The next digits are buf[start:start + count]."""
        for i in range(start, start + count):
            digit = buf[i] | 32
            if 48 <= digit <= 57 and buf[i] == digit:
                digit -= 48
            elif 97 <= digit <= 102:
                digit -= 87
            else:
                self._whole = False
                digit = 0
            if self._high < 0:
                self._high = digit
                continue
            self._bytes[self._count] = self._high << 4 | digit
            self._high = -1
            self._count += 1
            if self._count == _ROOM:
                self._flush()

    def _flush(self):
        self._sink.write(self._bytes, 0, self._count)
        self._count = 0

    def complete(self):
        """That was the last digit."""
        self._flush()
        if self._whole:
            self._sink.complete()
        else:
            self._sink.damaged()

    def damaged(self):
        """Digits were lost or doubled."""
        self._sink.damaged()


class Inline:
    """Finds the headers whose data stands on their own line."""

    def __init__(self, module, fields):
        self._module = module
        self._fields = fields

    def limit(self, rx, head, end):
        """Where the text that begins at rx[head] may end before `end`: at the next comma."""
        comma = rx.find(b",", head, end)
        return end if comma < 0 else comma

    def ends_header(self, channel, line):
        """Whether the comma that has just come ends a header."""
        command = channel.command
        if command is not None and command.prefix == b"+QIRD: " and line.startswith(b"+QIRD:"):
            return line.count(b",") + 1 == (command.header_fields or self._fields)
        words = line.replace(b" ", b"").split(b",")
        if words[0] != b'+QIURC:"recv"' or len(words) < 2 or not words[1].isdigit():
            return False
        connection = self._module.lookup(int(words[1]))
        if connection is None or not connection.push:
            return False
        return len(words) == (5 if connection.SERVES else 3)
