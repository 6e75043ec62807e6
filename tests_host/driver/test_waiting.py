"""nic.connect(…, timeout=) and nic.wait: how long they wait, what ends them early, and the words
for a registration that does not come, which are the same for every dialect."""

import errno

import virtual_time
import quectel
from cellular_module import CellularModule
from scripted import raises

virtual_time.clock.part = 8  # hours of silence, in which a tenth more does not matter
DIALECTS = ("BC95GR", "BC92", "BC20", "BG95S5", "BC25", "RM500U")


def brought_up(model, **what):
    """A module, and its interface after active(True)."""
    uart = CellularModule(model)
    for name, value in what.items():
        setattr(uart, name, value)
    nic = getattr(quectel, model)(uart)
    nic.active(True)
    return uart, nic


class Took:
    """How many seconds of virtual time a block took."""

    def __enter__(self):
        self.since = virtual_time.clock.elapsed_ms()
        return self

    def __exit__(self, kind, value, trace):
        self.seconds = (virtual_time.clock.elapsed_ms() - self.since) / 1000


def test_connect_with_a_time_out_returns_connected():
    for model in DIALECTS:
        _, nic = brought_up(model)
        assert nic.connect("internet", timeout=60) is None
        assert nic.isconnected() and nic.ipconfig("addr4")[0] == "10.0.0.7", model
        nic.wait(1)


def test_wait_after_connect():
    for model in DIALECTS:
        uart, nic = brought_up(model, stat=2)
        uart.at(30, "stat", 5)
        nic.connect("internet")
        assert nic.status() == nic.STAT_CONNECTING
        with Took() as took:
            nic.wait(60)
        assert nic.status() == nic.STAT_GOT_IP and 28 < took.seconds < 35, (model, took.seconds)


def test_a_registration_that_takes_minutes():
    # BG95 scanning all bands; a module for NB-IoT after a cold start.
    for model in DIALECTS:
        for kind in (2, 0):
            uart, nic = brought_up(model, stat=kind)
            uart.at(200, "stat", 1)
            with Took() as took:
                nic.connect("internet", timeout=300)
            assert nic.isconnected() and 199 < took.seconds < 290, (model, kind, took.seconds)


def test_without_a_time_out_a_search_goes_on_too():
    for model in DIALECTS:
        uart, nic = brought_up(model, stat=2)
        uart.at(180, "stat", 1)
        nic.connect("internet")
        nic.wait()
        assert nic.isconnected(), model


def test_no_coverage_has_one_text():
    for stat, csq, words in (
        (2, 8, "no registration (searching, rssi -97 dBm)"),
        (2, 99, "no registration (searching, rssi unknown)"),
        (0, 99, "no registration (not searching, rssi unknown)"),
        (4, 99, "no registration (no coverage, rssi unknown)"),
    ):
        seen = []
        for model in DIALECTS:
            _, nic = brought_up(model, stat=stat, csq=csq)
            with Took() as took:
                error = raises(OSError, nic.connect, "internet", timeout=90)
            assert 90 <= took.seconds < 97, (model, took.seconds)
            seen.append((error.args, type(error)))
            assert error.args[0] == quectel.errors.ENETUNREACH
            assert error.args[1].startswith(words + ": look at"), (model, error)
            # Nothing was cancelled: it may be waited for again.
            assert nic.status() == nic.STAT_CONNECTING
        assert seen == seen[:1] * len(seen)


def test_the_same_text_where_connect_gives_up():
    texts = []
    for model in DIALECTS:
        uart, nic = brought_up(model, stat=0)
        nic.connect("internet")
        error = raises(OSError, nic.wait)
        assert nic.status() == nic.STAT_CONNECT_FAIL and nic.status("error") is error
        texts.append(error.args)
        # The module's own code is told where it has refused something.
        assert error.code == (561 if uart.packet else None), model
    assert texts == texts[:1] * len(texts) and "not searching" in texts[0][1]


def test_denied_ends_after_a_minute():
    # 3GPP: a network that denies may be followed by another one, so a first denial ends nothing.
    for model in DIALECTS:
        uart, nic = brought_up(model, stat=3)
        with Took() as took:
            error = raises(OSError, nic.connect, "internet", timeout=300)
        assert 59 < took.seconds < 75, (model, took.seconds)
        assert error.args[0] == errno.EACCES, model
        assert error.args[1].startswith("registration denied (rssi -73 dBm): "), error
        assert nic.status() == nic.STAT_CONNECT_FAIL
        assert error.code == (561 if uart.packet else None), model
        uart, nic = brought_up(model, stat=3)
        uart.at(30, "stat", 5)
        nic.connect("internet", timeout=300)
        assert nic.isconnected(), model


def test_no_sim_ends_it():
    for model in DIALECTS:
        for state, most in ((None, 22), ("SIM PIN", 1), ("SIM PUK", 1)):
            _, nic = brought_up(model, pin_state=state)
            with Took() as took:
                error = raises(OSError, nic.connect, "internet", timeout=300)
            assert took.seconds < most and error.args[0] == errno.ENODEV, (model, state)
            assert nic.status() == nic.STAT_NO_SIM


def test_a_time_out_in_the_middle_of_something_else():
    _, nic = brought_up("BG95S5", pin_state=None)
    error = raises(OSError, nic.connect, "internet", timeout=5)
    assert error.args[0] == errno.ETIMEDOUT and "SIM" in error.args[1]
    # Registered, and the module does not answer to the activation.
    uart, nic = brought_up("BG95S5")
    uart._activate = lambda name: ""
    with Took() as took:
        error = raises(OSError, nic.connect, "internet", timeout=20)
    assert took.seconds < 26 and error.args == (errno.ETIMEDOUT, "not connected within 20 s")
    uart, nic = brought_up("BC95GR", refuses=561)
    error = raises(OSError, nic.connect, "internet", timeout=20)
    assert error.args[0] == errno.ETIMEDOUT and "access point name" in error.args[1]


def test_a_long_command_has_the_channel_when_the_time_is_over():
    uart, nic = brought_up("BG95S5", stat=2)
    uart._activate = lambda name: ""  # from the 60th second on
    error = raises(OSError, nic.connect, "internet", timeout=70)
    assert error.args[1].startswith("no registration (searching, rssi unknown): ")


def test_what_is_refused_while_registered_ends_it():
    for model in ("BG95S5", "RM500U"):
        for code in (552, 561):
            _, nic = brought_up(model, refuses=code)
            with Took() as took:
                error = raises(OSError, nic.connect, "wrong", timeout=300)
            assert took.seconds < 5 and error.code == code


def test_no_answer_to_the_activation_is_no_missing_registration():
    uart, nic = brought_up("BG95S5", stat=0)
    uart._activate = lambda name: ""
    nic.connect("internet")
    error = raises(OSError, nic.wait)
    assert error.args[0] == errno.ETIMEDOUT and "AT+QIACT" in error.args[1]


def test_it_may_be_waited_for_again():
    uart, nic = brought_up("BC20", stat=2)
    raises(OSError, nic.connect, "internet", timeout=1)
    uart.at(100, "stat", 1)
    raises(OSError, nic.wait, 10)
    nic.wait(120)
    assert nic.isconnected()


def test_wait_without_connect_and_wrong_time_outs():
    uart, nic = brought_up("BG95S5")
    before = len(uart.asked)
    assert raises(OSError, nic.wait, 10).args[0] == quectel.errors.ENETUNREACH
    raises(ValueError, nic.wait, -1)
    raises(ValueError, nic.connect, "internet", timeout=-1)
    raises(TypeError, nic.connect, "internet", timeout="60")
    assert len(uart.asked) == before and nic.status() == nic.STAT_IDLE
    nic = quectel.BG95S5(CellularModule("BG95S5"))
    assert raises(OSError, nic.connect, "internet", timeout=10).args[0] == errno.ENODEV


def test_a_restart_meanwhile():
    uart, nic = brought_up("BG95S5", stat=2)
    nic.connect("internet")
    uart.at(20, "stat", 1)
    uart.say("RDY", 10000)
    nic.wait(100)
    assert nic.isconnected() and uart.count("ATE0") == 2
