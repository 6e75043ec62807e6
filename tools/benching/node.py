"""What a message of the battery node of boards/examples costs: AT exchanges, and how long the
module is kept awake, beside the least that the documents allow.

The node's own code runs. What is counted are its messages after the first, which goes online. The
module sleeps deeply between two of them, or, where DTR lets it sleep, for as long as DTR is high.
"""

import importlib
import sys

from tools.benching import rig
from tools.benching.least import seconds
from tools.benching.wire import TRAVEL
from tools.vmodule import faults

BAUD = 115200
LATENCY = 0.02  # s
_BETWEEN = 600  # s
_MESSAGES = 5
_READING = b"21.5"
_SERVER = ("192.0.2.3", 5683)
_DATAGRAM = b"2 " + _READING
_ANSWER = b"2"
_IN_TEXT = '%d,"%s"' % (len(_DATAGRAM), _DATAGRAM.decode())
_GIVEN = '\r\n+QIURC: "recv",0,1,'
_PROMPT = "\r\n>"
_OK = "\r\nOK\r\n"
# The one command that the documents want for a message over a UDP socket that is open: it has the
# data in its line, or behind a prompt, and in direct push mode the answer comes unasked. A module
# sleeps and wakes without a command: by a pin, once AT+QSCLK=1 has been said, or by itself.
# The command with the data, what it answers before it takes them, and where that stands.
_SENDS = {
    # "BC65&BC92&BC95-GR TCP/IP Application Note" 1.2; view mode and push: 2.2.11, 2.3.2
    "bc95": ("AT+QISEND=0,%s,2\r" % _IN_TEXT, "", "2.2.4, `<rai_mode>`"),
    # "BC20 TCP/IP AT Commands Manual" 1.0
    "bc20": ("AT+QISEND=0,%s\r" % _IN_TEXT, "", "2.1.5"),
    # "BG95-S5 TCP/IP Application Note"
    "bg95": ('AT+QISENDEX=0,"%s",2\r' % _DATAGRAM.hex(), "", "2.3.9, `<RAI_info>`"),
    # "BC25&BC32 TCP/IP" 1.0; that UDP lives over deep sleep: 4.4
    "bc25": ("AT+QISEND=0,%s\r" % _IN_TEXT, "", "2.1.5, 4.4"),
    # "RGx00U&RM500U Series TCP/IP Application Note" 1.0
    "rm500u": ("AT+QISEND=0,%d\r" % len(_DATAGRAM), _PROMPT, "2.3.10"),
}
# With the radio off meanwhile, what goes before that and behind it (BG95-S5 2.3.2, 2.3.4; RGx00U&
# RM500U 2.3.5, 2.3.7; CFUN: 3GPP TS 27.007), once the module reports its registration unasked.
_OPEN = 'AT+QIOPEN=1,0,"UDP","%s",%d,0,1\r' % _SERVER
_AROUND = {
    "bg95": ("AT+CFUN=1\r", "AT+QIACT=1\r", _OPEN, "AT+CFUN=0\r"),
    "rm500u": ("AT+CFUN=1\r", "AT+QIACTEX=1\r", _OPEN, "AT+CFUN=0\r"),
}
KEYS = tuple(_SENDS)
# The pin that wakes it; BC20's document has no sleep, real ones sleep and wake by what is typed.
PINS = {"bc95": "psm_eint", "bg95": "dtr", "bc25": "psm_eint", "rm500u": "dtr"}
_FAULTS = {"bc20": "sleepy", "bg95": "dtr-sleep", "rm500u": "dtr-sleep"}


def ways(key):
    """How its module may be woken: by its pin; without that by what is typed, or not at all."""
    pin = PINS.get(key)
    return ([pin] if pin else []) + ["radio off" if pin == "dtr" else "UART"]


class Least:
    """The least of a message that the documents allow.

    commands  their names; section: where the one with the data stands
    seconds   from the first byte to the last, without the network's time for a registration
    """

    def __init__(self, key, way):
        command, prompt, self.section = _SENDS[key]
        *before, last = _AROUND[key] if way == "radio off" else [""]
        around = [*before, last] if last else []
        self.commands = [text.split("=")[0] for text in (*before, command, last) if text]
        took = sum(seconds(len(text) + len(_OK), 1, BAUD, LATENCY) for text in around)
        took += seconds(len(command), 1, BAUD, LATENCY)
        if prompt:
            took += seconds(len(prompt) + len(_DATAGRAM), 1, BAUD, LATENCY)
        self.seconds = took + TRAVEL + seconds(len(_GIVEN) + len(_ANSWER), 0, BAUD, LATENCY)


def _imported():
    folder = str(rig.TOP / "boards" / "examples")
    if folder not in sys.path:
        sys.path.append(folder)
    module = importlib.import_module("node")
    module.time = rig.TIME
    return module


def measure(key, way):
    """(exchanges, seconds awake) of a message, in one of the `ways` of a dialect."""
    node = _imported().Node(_SERVER, 20)
    world = rig.Rig(key, BAUD, LATENCY, trace=node.trace, pins={way} & {PINS.get(key)})
    if key in _FAULTS:
        world.module.add_fault(faults.make(_FAULTS[key]))

    def answer(s, data, ip, port):
        number = data.partition(b" ")[0]
        world.clock.call_later(TRAVEL, lambda: s.sink.datagram(number, ip, port))

    world.network.on_datagram = answer
    for number in range(_MESSAGES + 1):
        if number == 1:
            world.log.clear()
            exchanges, awake_ms = node.exchanges, node.awake_ms
        node.report(world.nic, "internet", number, _READING)
        world.clock.advance(_BETWEEN)
        world.idle(1)
        if key not in _FAULTS:
            assert world.module.deep_sleep()
            world.idle(1)

    awake = (node.awake_ms - awake_ms) / 1000
    return (node.exchanges - exchanges) / _MESSAGES, round(awake / _MESSAGES, 3)
