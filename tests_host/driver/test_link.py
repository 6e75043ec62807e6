"""quectel.link: what is done after each failure, in which order and when."""

import errno
import sys

import virtual_time
import quectel
from failing_module import FailingModule, now, pass_time
from scripted import raises

clock = virtual_time.clock
DIALECTS = ("BC95GR", "BC20", "BG95S5", "BC25", "RM500U")
LADDER = (0, 0, 0, 0, 600, 1800, 3600)  # BG95-S5, Figure 1, note 3: s
LOOKS = ("AT+CEREG?", "AT+CGREG?")


def linked(model="BG95S5", spread=0, **options):
    """A module, its interface, and a link that has not made a step."""
    uart = FailingModule(model)
    nic = getattr(quectel, model)(uart)
    link = quectel.link.Link(nic, "internet", seed="1", spread=spread, **options)
    return uart, nic, link


def up(model="BG95S5", **options):
    uart, nic, link = linked(model, **options)
    assert pass_time(link, 300, lambda: link.up), (model, link.events)
    uart.asked.clear()
    return uart, nic, link


def words(link):
    return [text for _, text in link.events]


def opened(nic):
    s = nic.socket()
    s.connect(("h", 80))
    return s


# ---- the way up ----


def test_it_brings_the_module_up():
    for model in DIALECTS:
        uart, nic, link = linked(model)
        assert not link.up and uart.asked == []
        assert pass_time(link, 100, lambda: link.up), model
        assert nic.active() and nic.isconnected()
        assert words(link) == ["connects", "up, as 10.0.0.7"] and uart.restarts == []


def test_one_that_is_connected_already_is_watched():
    _, nic, link = linked()
    nic.active(True)
    nic.connect("internet", timeout=60)
    s = opened(nic)
    pass_time(link, 5)
    assert link.up and words(link) == ["up, as 10.0.0.7"] and s.connection.failure is None


def test_no_sim_restarts_the_module():
    for model in DIALECTS:
        uart, _, link = linked(model)
        uart.pin_state = None
        assert pass_time(link, 100, lambda: uart.restarts), model
        assert 20 <= uart.restarts[0] - link.events[0][0] < 24, model  # Figure 1: 20 s
        assert "no SIM in 20 s" in words(link)[1]
        uart.pin_state = "READY"
        assert pass_time(link, 100, lambda: link.up), model


def test_no_registration_goes_on_after_60_s_and_then_restarts():
    for model in ("BG95S5", "RM500U"):
        uart, _, link = linked(model)
        uart.stat = 4
        start = now()
        assert pass_time(link, 100, lambda: uart.restarts), model
        assert 60 <= uart.restarts[0] - start < 72, (model, uart.restarts)
        # The context was tried three times all the same, deactivated after each.
        tail = "EX=1" if model == "RM500U" else "=1"
        assert uart.count("AT+QIACT" + tail) == uart.count("AT+QIDEACT" + tail) == 3


def test_a_module_that_still_searches_is_given_its_time():
    uart, _, link = linked()
    uart.stat = 2
    uart.at(400, "stat", 1)
    assert pass_time(link, 500, lambda: link.up) and uart.restarts == []


def test_a_silent_activation_restarts_the_module():
    for model, line, seconds in (("BG95S5", "AT+QIACT=", 150), ("RM500U", "AT+QIACTEX=", 60)):
        uart, _, link = linked(model)
        uart.stat = 2  # where a refusal would be no failure
        uart.deaf = (line,)
        assert pass_time(link, 400, lambda: uart.restarts), model
        begun = link.events[0][0] + 60
        assert seconds <= uart.restarts[0] - begun < seconds + 8, (model, uart.restarts, begun)
        assert "no answer to AT+QIACT" in words(link)[1]


def test_a_module_that_never_answers_is_restarted():
    for model in DIALECTS:
        uart, _, link = linked(model)
        uart.silent = True
        assert pass_time(link, 80, lambda: len(link.events) > 2), model
        assert "does not answer" in words(link)[0] and words(link)[1] == "restarts, number 1"


# ---- while it is up ----


def test_a_lost_context_is_connected_again():
    for model in ("BG95S5", "RM500U"):
        uart, nic, link = up(model)
        s = opened(nic)
        uart.activated = False
        uart.say('+QIURC: "pdpdeact",1')
        assert pass_time(link, 10, lambda: not link.up)
        assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
        assert pass_time(link, 10, lambda: link.up) and uart.restarts == []
        assert words(link)[2] == "down: the context was deactivated"


def test_a_module_that_restarts_is_brought_up():
    for model in DIALECTS:
        uart, _, link = up(model)
        uart.say("RDY")
        assert pass_time(link, 10, lambda: not link.up), model
        assert pass_time(link, 30, lambda: link.up), model
        assert "AT+CFUN=1,1" not in uart.asked


def test_five_failed_opens_activate_the_context_anew():
    for model in DIALECTS:
        uart, nic, link = up(model)
        uart.opens = 566
        for _ in range(4):
            raises(OSError, opened, nic)
            pass_time(link, 1)
        uart.opens = 0
        opened(nic)  # one that does not fail: they are no longer consecutive
        uart.opens = 566
        for _ in range(4):
            raises(OSError, opened, nic)
            pass_time(link, 1)
        assert link.up and len(link.events) == 2, (model, link.events)
        raises(OSError, opened, nic)
        assert pass_time(link, 10, lambda: not link.up)
        assert pass_time(link, 10, lambda: link.up), (model, link.events)
        assert words(link)[2] == "5 opens failed: the context anew" and uart.restarts == []
        if uart.packet:
            assert [line for line in uart.asked if line.startswith("AT+QIDEACT")]


def test_opens_that_a_program_gives_up_have_failed():
    uart, nic, link = up("BG95S5")
    uart.opens = None
    for count in range(5):
        assert nic.failed_opens == count
        s = nic.socket()
        s.settimeout(5)
        assert raises(OSError, s.connect, ("h", 80)).args[0] == errno.ETIMEDOUT
        s.close()
    assert pass_time(link, 10, lambda: not link.up)
    assert words(link)[2] == "5 opens failed: the context anew"


def test_three_refused_deactivations_restart_the_module():
    uart, nic, link = up("BG95S5")
    uart.unknown = ("AT+QIDEACT",)
    nic.choose("failed_opens", 5)
    assert pass_time(link, 20, lambda: uart.restarts)
    assert uart.count("AT+QIDEACT=1") == 3
    assert "the context cannot be deactivated" in words(link)[3]


def test_a_silent_deactivation_restarts_the_module():
    uart, nic, link = up("BG95S5")
    uart.deaf = ("AT+QIDEACT",)
    nic.choose("failed_opens", 5)
    start = now()
    assert pass_time(link, 60, lambda: uart.restarts)
    assert 40 <= uart.restarts[0] - start < 42 and uart.count("AT+QIDEACT=1") == 1


def test_a_silent_close_restarts_the_module():
    for model in DIALECTS:
        uart, nic, link = up(model)
        s = opened(nic)
        uart.deaf = ("AT+QICLOSE",)
        s.setblocking(False)
        start = now()
        s.close()
        assert pass_time(link, 20, lambda: uart.restarts), (model, link.events)
        assert 10 <= uart.restarts[0] - start < 14, (model, uart.restarts, start)
        uart.deaf = ()
        assert pass_time(link, 30, lambda: link.up), model


def test_a_module_that_falls_silent_restarts():
    for model in DIALECTS:
        uart, _, link = up(model)
        uart.silent = True
        # A look at the registration each minute, and 60 s that the document allows to any command.
        assert pass_time(link, 130, lambda: "restarts, number 1" in words(link)), model
        assert "no answer to AT+QISTATE?" in words(link)[2]


def test_coverage_that_goes_without_a_word():
    for model in DIALECTS:
        uart, nic, link = up(model)
        uart.stat = 2
        start = now()
        assert pass_time(link, 70, lambda: not link.up), model
        assert words(link)[2] == "down: not registered, stat 2"
        assert nic.state == nic.STAT_GOT_IP
        uart.stat = 5
        assert pass_time(link, 15, lambda: link.up), model  # the same context is still there
        assert words(link)[3] == "registered again"
        assert now() - start < 90


def test_coverage_that_took_the_context_with_it():
    for model in ("BG95S5", "RM500U"):
        uart, _, link = up(model)
        uart.stat = 2
        assert pass_time(link, 70, lambda: not link.up), model
        uart.activated = False
        uart.stat = 1
        assert pass_time(link, 20, lambda: link.up), model
        assert words(link)[3:] == [
            "registered again",
            "down: the module restarted",  # as it has none of its contexts
            "connects",
            "up, as 10.0.0.7",
        ], link.events


def test_coverage_that_stays_away():
    for model in DIALECTS:
        uart, nic, link = up(model)
        s = opened(nic)
        uart.stat = 2
        uart.activated = False
        assert pass_time(link, 150, lambda: nic.state != nic.STAT_GOT_IP), model
        assert words(link)[3] == "not registered: the context anew"
        assert raises(OSError, s.recv, 1).args[0] == errno.ECONNABORTED
        uart.at(120, "stat", 1)
        assert pass_time(link, 150, lambda: link.up), model
        assert uart.restarts == []


def test_a_module_that_sleeps_is_not_asked():
    for model in DIALECTS:
        uart, nic, link = up(model)
        nic.channel.choose("asleep", True)  # as nic.sleep does, and the URC of deep sleep
        pass_time(link, 3600)
        assert uart.asked == [] and link.up, (model, uart.asked)
        nic.channel.choose("asleep", False)
        pass_time(link, 130)
        assert LOOKS[0] in uart.asked, model


def test_a_firmware_that_tells_no_registration_is_taken_for_registered():
    uart, _, link = up("BC95GR")
    uart.unknown = LOOKS
    assert not pass_time(link, 300, lambda: not link.up)


# ---- the ladder ----


def gaps(times):
    return [after - before for before, after in zip(times, times[1:])]


def test_the_ladder():
    for model in DIALECTS:
        uart, _, link = linked(model)
        uart.pin_state = None
        pass_time(link, 6 * 3600)
        between = gaps(uart.restarts)
        # 20 s for the SIM, and some for the start; then 10 min, 30 min, each hour.
        assert all(20 <= gap < 40 for gap in between[:3]), (model, between)
        for gap, rung in zip(between[3:], LADDER[4:] + (3600,) * 9):
            assert rung - 1 < gap < rung + 1, (model, between)
        assert len(uart.restarts) == 4 + 1 + 1 + 5, (model, between)  # 6 h less 43 min: 5 of 1 h


def test_the_ladder_begins_anew_once_the_link_was_up():
    uart, _, link = linked()
    uart.pin_state = None
    pass_time(link, 3600)
    assert len(uart.restarts) == 6
    uart.pin_state = "READY"
    assert pass_time(link, 3600, lambda: link.up)
    for minutes, restarts in ((5, 0), (15, 4)):
        pass_time(link, minutes * 60)
        uart.restarts.clear()
        uart.pin_state = None
        uart.say("RDY")
        pass_time(link, 300)
        assert len(uart.restarts) == restarts, minutes
        uart.pin_state = "READY"
        assert pass_time(link, 3700, lambda: link.up)


def test_between_two_rungs_a_network_that_is_back_is_taken():
    for model in DIALECTS:
        uart, _, link = linked(model)
        uart.stat = 4
        pass_time(link, 3 * 3600)
        before = len(uart.restarts)
        uart.stat = 1
        assert pass_time(link, 65, lambda: link.up), model
        assert len(uart.restarts) == before


def test_a_network_that_is_back_before_the_first_restart_is_taken():
    uart = FailingModule("BG95S5")
    nic = quectel.BG95S5(uart)
    link = quectel.link.Link(nic, "internet", seed="1", spread=600)
    uart.stat = 4
    assert pass_time(link, 100, lambda: "restart 1 in " in str(words(link)))
    assert int(words(link)[-1].split()[3]) > 30, link.events
    uart.stat = 1
    assert pass_time(link, 700, lambda: link.up) and uart.restarts == []
    assert "registered" in words(link)


def test_between_two_rungs_a_refusal_is_tried_again():
    uart, _, link = linked("BG95S5")
    uart.refuses = 561
    pass_time(link, 3 * 3600)
    before = len(uart.restarts)
    assert before == 8 and "refused the access point" in words(link)[-1], link.events
    uart.refuses = None
    assert pass_time(link, 3600, lambda: link.up) and len(uart.restarts) == before


# ---- what is kept over a restart of the microcontroller ----


def test_state_goes_on_over_a_restart():
    uart, _, link = linked("BG95S5")
    uart.pin_state = None
    pass_time(link, 3 * 3600)
    last = uart.restarts[-1]
    state = link.state
    assert len(state) == 10
    clock.sleep(60)  # it restarts, and the clock goes on
    link = quectel.link.Link(quectel.BG95S5(uart), "internet", state=state, seed="1", spread=0)
    uart.restarts.clear()
    pass_time(link, 3 * 3600)
    assert 3599 < uart.restarts[0] - last < 3602
    assert [round(gap) for gap in gaps(uart.restarts)] in ([3600], [3600, 3600])


def test_state_with_a_clock_that_begins_anew():
    seconds = [5000.5]  # some ports tell fractions
    uart, _, link = linked("BG95S5", clock=lambda: seconds[0])
    uart.pin_state = None
    pass_time(link, 3600 * 3)
    passed = now() - uart.restarts[-1]
    state = link.state
    seconds[0] = 0
    link = quectel.link.Link(
        quectel.BG95S5(uart),
        "internet",
        state=state,
        seed="1",
        spread=0,
        clock=lambda: seconds[0],
    )
    start = now()
    uart.restarts.clear()
    pass_time(link, 3700, lambda: uart.restarts)
    assert 3599 <= uart.restarts[0] - start + passed < 3603


def test_a_state_that_is_none():
    _, _, link = linked()
    good = link.state
    for state in (None, b"", bytes(10), b"\xff" * 10, good[:9], good + b"0", good[:9] + b"\0"):
        uart, _, link = linked(state=state)
        uart.pin_state = None
        assert pass_time(link, 30, lambda: uart.restarts), state


def test_a_state_in_the_memory_of_a_clock():
    memory = bytearray(10)

    def store(text):
        memory[:] = link.state

    uart, _, link = linked(tell=store)
    uart.pin_state = None
    pass_time(link, 3000)
    assert bytes(memory) == bytes(memory)[:9] + bytes([sum(memory[:9]) & 255])
    assert memory[2] == len(uart.restarts) > 4


# ---- the random part of a wait ----


def test_waits_are_longer_only_and_differ_by_the_seed():
    firsts = []
    for seed in ("860000000000010", "860000000000028", b"\x01\x02"):
        uart = FailingModule("BG95S5")
        link = quectel.link.Link(quectel.BG95S5(uart), "internet", seed=seed)
        uart.pin_state = None
        start = now()
        pass_time(link, 9 * 3600)
        firsts.append(uart.restarts[0] - start)
        between = gaps(uart.restarts)
        assert 20 <= firsts[-1] < 90 and len(between) > 8
        for gap, rung in zip(between[3:], LADDER[4:] + (3600,) * 9):
            assert rung - 1 < gap < rung * 1.25 + 2, between
        assert len({int(gap) for gap in between}) > 5, between
    assert len({int(first) for first in firsts}) == 3, firsts


def test_the_same_seed_does_the_same():
    times = []
    for _ in range(2):
        uart = FailingModule("BG95S5")
        link = quectel.link.Link(quectel.BG95S5(uart), "internet", seed="1")
        uart.pin_state = None
        pass_time(link, 3 * 3600)
        times.append([int(gap) for gap in gaps(uart.restarts)])
    assert [abs(a - b) < 2 for a, b in zip(*times)] and len(times[0]) == len(times[1])


def test_a_board_without_a_seed():
    nic = quectel.BG95S5(FailingModule("BG95S5"))
    if sys.platform == "webassembly":  # it has nothing that could be one
        assert "seed" in raises(ValueError, quectel.link.Link, nic).args[0]
        return
    link = quectel.link.Link(nic)
    assert pass_time(link, 60, lambda: link.up)


# ---- what it tells ----


def test_events_are_bounded_and_told():
    told = []
    uart, _, link = linked(tell=told.append)
    uart.pin_state = None
    pass_time(link, 12 * 3600)
    assert len(link.events) == 16 and len(told) > 30
    assert words(link) == told[-16:]
    assert all(before[0] <= after[0] for before, after in zip(link.events, link.events[1:]))


def test_a_callback_that_raises_is_printed():
    def faulty(text):
        raise RuntimeError("a fault of the program")

    _, _, link = linked(tell=faulty)
    assert pass_time(link, 60, lambda: link.up)


def test_wrong_arguments_are_refused():
    nic = quectel.BG95S5(FailingModule("BG95S5"))
    for apn, options in (
        ('a"b', {}),
        ("a", {"spread": -1}),
        ("a", {"look": 0}),
    ):
        raises(ValueError, quectel.link.Link, nic, apn, **options)
    assert nic.channel.uart.asked == []


def test_a_callback_of_the_program_stays():
    uart, nic, link = up()
    told = []
    nic.on_change(lambda what, value: told.append(what))
    nic.on_change(None)
    nic.on_change(lambda what, value: told.append(what))
    uart.say("RDY")
    assert pass_time(link, 60, lambda: link.up and "restart" in told)
    assert "down: the module restarted" in words(link)
