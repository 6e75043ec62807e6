"""The files of bringup/ are loaded when they are needed and unloaded after."""

import gc
import sys

import quectel
from cellular_module import CellularModule
from scripted import ScriptedUART, connected, raises
from test_contexts import second
from test_modem import ACTIVATE, ADDRESS, AT, CONFIGURE, DEACTIVATE, INACTIVE, READY, REGISTERED
from test_modem import SIM, step_until

UP = SIM + REGISTERED + INACTIVE + CONFIGURE + ACTIVATE + ADDRESS
STATES = [(">", "AT+QISTATE?"), ("<", "OK")]


def loaded():
    """What is there of bringup and of what it reads of a dialect, wherever an import leaves it."""
    folders = "quectel.bringup", "quectel.dialects.details"
    found = [name for name in sys.modules if name.startswith(folders[0])]
    found += [name for name in sys.modules if name.startswith(folders[1])]
    found += [name for name in quectel.__dict__ if name == "bringup"]
    return found + [name for name in quectel.dialects.__dict__ if name == "details"]


def connect(nic):
    nic.connect("apn", "me", "pw")
    assert loaded()
    step_until(nic, nic.STAT_GOT_IP)
    assert loaded() == [], loaded()


def test_after_each_task_of_bringup():
    off = [(">", "AT+QIDEACT=1"), ("<", "OK"), (">", "AT+CFUN=0"), ("<", "OK")]
    uart = ScriptedUART(AT + READY + UP + DEACTIVATE + UP + off)
    nic = quectel.BG95S5(uart)
    nic.active(True)
    assert nic.module.ready and loaded() == [], loaded()
    connect(nic)
    nic.disconnect()
    assert nic.status() == nic.STAT_IDLE and loaded() == [], loaded()
    connect(nic)
    nic.active(False)
    assert uart.done() and loaded() == [], loaded()


def test_after_each_call_that_is_brief():
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart)
    nic.active(True)
    for call in (
        lambda: nic.on_change(print),
        lambda: nic.unlock("1234"),
        lambda: nic.connect("apn", timeout=60),
        lambda: nic.wait(1),
        lambda: nic.on_change(None),
        lambda: nic.baudrate(921600),
        lambda: nic.reset(),
        lambda: nic.power_off(),
    ):
        call()
        assert loaded() == [], loaded()


def test_after_a_check_that_finds_a_restart():
    uart = ScriptedUART(STATES + INACTIVE + INACTIVE + AT + READY + UP)
    nic = connected("BG95S5", uart)
    nic.module.check_alive()
    assert loaded() == [], loaded()  # whoever asks for it may stand deep in the stack
    nic.poll()
    while nic.module.checking:
        assert loaded()
        nic.poll()
    assert not nic.module.ready and loaded() == [], loaded()
    connect(nic)
    assert nic.module.ready and uart.done()


def test_the_check_of_a_quiet_module_loads_one_file():
    # It comes again and again, beside a program that waits.
    states = [("<", '+QISTATE: 0,"TCP","192.0.2.2",80,0,2,1,0,0,"uart1"'), ("<", "OK")]
    script = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    uart = ScriptedUART(script + STATES[:1] + states)
    nic = connected("BG95S5", uart)
    nic.socket().connect(("h", 80))
    quectel.unload("dialects.details")
    nic.module.check_ended()
    seen = set()
    while not uart.done() or nic.module.under_way:
        seen.update(loaded())
        nic.poll()
    assert seen == {"quectel.bringup", "quectel.bringup.recovery", "bringup"}, seen
    assert loaded() == [], loaded()


def test_after_a_second_context_came_and_went():
    lost = [("!", '+QIURC: "pdpdeact",2'), (">", "AT+QIDEACT=2"), ("<", "OK")]
    uart = ScriptedUART(lost)
    nic = connected("BG95S5", uart)
    other = second(nic)
    other._seen = True  # the program knows
    while not uart.done() or nic.module.under_way:
        nic.poll()
    assert other.epoch == 1 and nic.epoch == 0 and loaded() == [], loaded()


def test_after_a_question_that_is_no_task_of_bringup():
    uart = ScriptedUART([(">", "AT+CEREG?"), ("<", "+CEREG: 0,5"), ("<", "OK")])
    nic = connected("BG95S5", uart)
    assert nic.status("registration") == 5 and loaded() == [], loaded()


def test_after_detect():
    script = AT + [(">", "AT+CGMM"), ("<", "BG95-S5"), ("<", "OK")] + AT + READY
    nic = quectel.detect(ScriptedUART(script))
    assert nic.active() and loaded() == [], loaded()


def test_a_failed_attempt_unloads_as_well():
    script = AT + READY[:2] + [(">", "AT+CGMM"), ("<", "EC20"), ("<", "OK")]
    nic = quectel.BG95S5(ScriptedUART(script))
    raises(OSError, nic.active, True)
    assert loaded() == [], loaded()


def test_a_task_that_goes_on_keeps_it_loaded():
    # One of the same kind ends meanwhile.
    uart = ScriptedUART(AT + READY + SIM[:1] + [("wait", 3)] + SIM[1:])
    nic = quectel.BG95S5(uart)
    nic.active(True)
    nic.connect("apn", "me", "pw")
    task = nic.module.spawn(quectel.load("answers").pause(nic, 100), True)
    while not task.done:
        nic.poll()
    assert loaded() and nic.status() == nic.STAT_CONNECTING


class Forever(ScriptedUART):
    """A module that is brought up and switched off again and again."""

    def again(self):
        if not self.script:
            self.script = UP + DEACTIVATE
            self.log = []
            self._line, self._read = bytearray(), 0


def test_nothing_is_kept():
    if not hasattr(gc, "mem_alloc") or sys.platform == "webassembly":
        return  # CPython; a port that collects only when no program runs
    uart = Forever(AT + READY)
    nic = quectel.BG95S5(uart)
    nic.active(True)
    held = []
    for turn in range(6):
        uart.again()
        nic.connect("apn", "me", "pw")
        for name in loaded():
            if name.count(".") > 1:
                # Whoever keeps one function of a file keeps this, more of it each turn.
                sys.modules[name].ballast = bytearray(20000 * turn)
        step_until(nic, nic.STAT_GOT_IP)
        nic.disconnect()
        gc.collect()
        held.append(gc.mem_alloc())
    assert held[5] - held[2] < 500, held
