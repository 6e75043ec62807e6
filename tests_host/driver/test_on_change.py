"""nic.on_change: what it tells, and when; and what print(nic) shows."""

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import ScriptedUART, connected, raises

DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")
REPORT = "AT+CEREG=1"


class Told:
    """Remembers what it was told."""

    def __init__(self):
        self.changes = []

    def __call__(self, what, value):
        self.changes.append((what, value))

    def taken(self):
        """What was told since the last time."""
        changes, self.changes = self.changes, []
        return changes


def online(model="BG95S5"):
    uart = CellularModule(model)
    nic = getattr(quectel, model)(uart)
    nic.active(True)
    told = Told()
    nic.on_change(told)
    nic.connect("internet", timeout=60)
    return uart, nic, told


def polled(nic, ms=100):
    start = virtual_time.clock.elapsed_ms()
    while virtual_time.clock.elapsed_ms() - start < ms:
        nic.poll()


def test_connecting_and_disconnecting():
    for model in DIALECTS:
        uart, nic, told = online(model)
        assert [what for what, _ in told.changes[:1]] == ["status"]
        statuses = [value for what, value in told.changes if what == "status"]
        assert statuses == [nic.STAT_CONNECTING, nic.STAT_GOT_IP], (model, told.changes)
        if uart.packet:
            assert ("registration", 1) in told.changes
        told.taken()
        nic.disconnect()
        assert told.taken() == [
            ("context", "the interface was disconnected"),
            ("status", nic.STAT_IDLE),
        ]


def test_registration_lost_and_back():
    for model in DIALECTS:
        uart, nic, told = online(model)
        assert REPORT in uart.asked
        told.taken()
        polled(nic)
        assert told.taken() == []
        for line, stat in (
            ("+CEREG: 2", 2),
            ('+CEREG: 5,"1848","0014B501",9', 5),
            ("+CEREG: 3", 3),
            ("+CEREG:1", 1),
        ):
            uart.say(line)
            polled(nic)
            assert told.taken() == [("registration", stat)], (model, line)
        uart.say("+CEREG: 1")
        uart.say("+CEREG: x")
        polled(nic)
        assert told.taken() == [] and nic.isconnected()


def test_one_radio_is_enough():
    uart, nic, told = online("BG95S5")
    uart.say("+CEREG: 5")
    uart.say("+CGREG: 2")
    uart.say("+CGREG: 4")
    polled(nic)
    assert told.taken()[-1:] == [("registration", 5)]
    uart.say("+CEREG: 2")
    polled(nic)
    assert told.taken() == [("registration", 2)]


def test_a_context_that_is_lost():
    uart, nic, told = online("BG95S5")
    told.taken()
    uart.say('+QIURC: "pdpdeact",1')
    polled(nic)
    assert told.taken() == [
        ("context", "the context was deactivated"),
        ("status", nic.STAT_IDLE),
    ]


def test_a_restart_and_what_is_set_again():
    for model in DIALECTS:
        uart, nic, told = online(model)
        told.taken()
        uart.asked.clear()
        uart.say("RDY")
        polled(nic)
        assert told.taken() == [
            ("restart", "the module restarted"),
            ("status", nic.STAT_IDLE),
        ], model
        nic.connect("internet", timeout=60)
        assert REPORT in uart.asked, model
        told.taken()
        uart.say("+CEREG: 2")
        polled(nic)
        assert told.taken() == [("registration", 2)], model


def test_reset_is_one_restart():
    uart, nic, told = online("BG95S5")
    uart.down = ("POWERED DOWN",)
    told.taken()
    nic.reset()
    assert [change for change in told.taken() if change[0] == "restart"] == [
        ("restart", "the module was reset")
    ]


def test_before_active_nothing_is_sent():
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart)
    told = Told()
    nic.on_change(told)
    assert uart.asked == []
    nic.active(True)
    assert REPORT in uart.asked and told.taken() == []


def test_it_can_be_stopped():
    uart, nic, told = online("BG95S5")
    nic.on_change(None)
    assert uart.asked[-2:] == ["AT+CEREG=0", "AT+CGREG=0"] and nic.channel.watchers == []
    told.taken()
    uart.say("+CEREG: 2")
    uart.say("RDY")
    polled(nic)
    assert told.taken() == [] and nic.status() == nic.STAT_IDLE
    nic.on_change(None)


def test_another_callback_takes_its_place():
    uart, nic, told = online("BG95S5")
    told.taken()
    other = Told()
    nic.on_change(other)
    uart.say("+CEREG: 2")
    polled(nic)
    assert told.taken() == [] and other.taken() == [("registration", 2)]


def test_a_firmware_that_does_not_report():
    uart = CellularModule("BG95S5")
    uart.unknown = ("AT+CEREG=", "AT+CGREG=")
    nic = quectel.BG95S5(uart)
    told = Told()
    nic.on_change(told)
    nic.active(True)
    nic.connect("internet", timeout=60)
    assert ("status", nic.STAT_GOT_IP) in told.changes


def test_it_may_connect_again():
    uart, nic, _ = online("BG95S5")

    def again(what, value):
        if what == "status" and value == nic.STAT_IDLE:
            nic.connect("internet")

    nic.on_change(again)
    uart.say("RDY")
    polled(nic, 5000)
    assert nic.isconnected()


def test_what_it_raises_stops_nothing():
    uart, nic, told = online("BG95S5")
    told.taken()

    def faulty(what, value):
        told(what, value)
        raise RuntimeError("a fault of the program")

    nic.on_change(faulty)
    for stat in (2, 5):
        uart.say("+CEREG: %d" % stat)
        polled(nic)
        assert told.taken() == [("registration", stat)]
    assert nic.isconnected()


def test_each_context_is_told_of_its_own():
    uart, nic, told = online("BG95S5")
    other = nic.context(2)
    told.taken()
    of_other = Told()
    other.on_change(of_other)
    uart.say('+QIURC: "pdpdeact",1')
    polled(nic)
    assert len(told.taken()) == 2 and of_other.taken() == []


# ---- print(nic) ----


def test_what_is_shown_sends_nothing():
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart)
    assert repr(nic) == "<BG95S5 not active>" and uart.asked == []
    nic.active(True)
    before = len(uart.asked)
    assert str(nic) == "<BG95S5 not connected>" and len(uart.asked) == before
    uart.stat = 2
    nic.connect("internet")
    assert repr(nic) == "<BG95S5 connecting>"
    raises(OSError, nic.wait, 10)
    assert repr(nic) == "<BG95S5 connecting, searching>"
    uart.stat = 3
    raises(OSError, nic.wait, 200)
    assert repr(nic).startswith("<BG95S5 not connected: registration denied (")
    uart.stat = 5
    nic.connect("internet", timeout=60)
    before = len(uart.asked)
    assert repr(nic) == "<BG95S5 connected as 10.0.0.7 by internet>"
    assert repr(nic.context(2)) == "<BG95S5 context 2 not connected>"
    assert len(uart.asked) == before


def test_sockets_are_counted():
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    nic = connected("RM500U", ScriptedUART(script))
    nic.socket().connect(("h", 80))
    assert repr(nic) == "<RM500U connected as 10.7.157.1, 1 socket>"
