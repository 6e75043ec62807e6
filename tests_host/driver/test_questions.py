"""Questions whose answers come later: one of a kind at a time, and no answer goes to another."""

import errno

import virtual_time
import quectel
from scripted import ScriptedUART, connected, raises


def asked(host):
    return [(">", 'AT+QIDNSGIP=1,"%s"' % host), ("<", "OK")]


def answer(address):
    return [("!", '+QIURC: "dnsgip",0,1,600'), ("!", '+QIURC: "dnsgip","%s"' % address)]


def begin(nic, host):
    return nic.module.spawn(quectel.load("services.dns").resolving(nic, host))


def test_two_names_at_once():
    script = asked("one.example") + [("wait", 1)] + answer("192.0.2.1")
    script += asked("two.example") + [("wait", 1)] + answer("192.0.2.2")
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    tasks = [begin(nic, "one.example"), begin(nic, "two.example")]
    assert [nic.module.complete(task) for task in reversed(tasks)] == [
        ["192.0.2.2"],
        ["192.0.2.1"],
    ]
    assert uart.done()


def test_names_pings_and_time_do_not_wait_for_each_other():
    script = asked("one.example")
    script += [(">", 'AT+QPING=1,"192.0.2.9",4,1'), ("<", "OK")]
    script += [(">", 'AT+QNTP=1,"192.0.2.8",123,0'), ("<", "OK"), ("wait", 1)]
    script += answer("192.0.2.1") + [("!", '+QPING: 0,"192.0.2.9",32,90,64')]
    script += [("!", "+QPING: 0,1,1,0,90,90,90"), ("!", '+QNTP: 0,"2026/07/03,00:56:27+00"')]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    ping = quectel.load("services.ping").pinging(nic, "192.0.2.9", 1, 4, 32)
    ntp = quectel.load("services.ntp").asking(nic, "192.0.2.8", 123, False)
    tasks = [begin(nic, "one.example"), nic.module.spawn(ping), nic.module.spawn(ntp)]
    assert nic.module.complete(tasks[0]) == ["192.0.2.1"]
    assert nic.module.complete(tasks[1]).received == 1 and nic.module.complete(tasks[2])[0] == 2026


def test_pings_at_once():
    script = []
    for host in ("192.0.2.1", "192.0.2.2"):
        script += [(">", 'AT+QPING=1,"%s",4,1' % host), ("<", "OK"), ("wait", 1)]
        script += [("!", '+QPING: 0,"%s",32,90,64' % host), ("!", "+QPING: 0,1,1,0,90,90,90")]
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    tasks = [
        nic.module.spawn(quectel.load("services.ping").pinging(nic, host, 1, 4, 32))
        for host in ("192.0.2.1", "192.0.2.2")
    ]
    assert [nic.module.complete(task).replies[0].address for task in tasks] == [
        "192.0.2.1",
        "192.0.2.2",
    ]


def test_a_question_given_up():
    # Its answer is not that of the next one, which is asked when it has come …
    script = asked("slow.example") + [("wait", 65)] + answer("192.0.2.1")
    script += asked("two.example") + answer("192.0.2.2")
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    assert raises(OSError, nic.resolve, "slow.example").args[0] == errno.ETIMEDOUT
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert uart.done()
    # … or cannot come any more.
    script = asked("slow.example") + [("wait", 65)] + asked("two.example") + answer("192.0.2.2")
    nic = connected("BG95S5", ScriptedUART(script))
    raises(OSError, nic.resolve, "slow.example")
    start = virtual_time.clock.elapsed_ms()
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert virtual_time.clock.elapsed_ms() - start < nic.dialect.SILENCE_MS + 1000


def test_a_question_that_was_cancelled():
    script = asked("slow.example") + [("wait", 5)] + answer("192.0.2.1")
    script += asked("two.example") + answer("192.0.2.2")
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    task = begin(nic, "slow.example")
    for _ in range(10):
        nic.poll()
    task.cancel()
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert uart.done()


def test_the_same_question_again():
    # Whichever answer comes is right, so it need not wait; but the other one may come as well.
    script = asked("slow.example") + [("wait", 59)] + asked("slow.example") + answer("192.0.2.1")
    script += [("wait", 3)] + answer("192.0.2.1") + asked("two.example") + answer("192.0.2.2")
    uart = ScriptedUART(script)
    nic = connected("BG95S5", uart)
    raises(OSError, nic.resolve, "slow.example")
    start = virtual_time.clock.elapsed_ms()
    assert nic.resolve("slow.example") == ["192.0.2.1"]
    assert virtual_time.clock.elapsed_ms() - start < 2000
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert uart.done()


def test_many_questions_given_up_leave_little():
    nic = connected("BG95S5", ScriptedUART(asked("slow.example") * 4))
    before = len(nic.channel.owners)
    for _ in range(4):
        raises(OSError, nic.resolve, "slow.example")
    assert len(nic.channel.owners) < before + 4


def test_a_refused_question_bars_no_other():
    script = [(">", 'AT+QIDNSGIP=1,"one.example"'), ("<", "ERROR"), (">", "AT+QIGETERROR")]
    script += [("<", "+QIGETERROR: 564, dns busy"), ("<", "OK")]
    script += asked("two.example") + answer("192.0.2.2")
    nic = connected("BG95S5", ScriptedUART(script))
    assert raises(OSError, nic.resolve, "one.example").code == 564
    start = virtual_time.clock.elapsed_ms()
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert virtual_time.clock.elapsed_ms() - start < 1000


def test_a_restart_ends_what_bars():
    script = asked("slow.example") + [("wait", 1), ("!", "RDY")]
    nic = connected("BG95S5", ScriptedUART(script + asked("two.example") + answer("192.0.2.2")))
    assert raises(OSError, nic.resolve, "slow.example").args[0] == errno.ECONNABORTED
    nic.module.ready = True
    nic.state = nic.STAT_GOT_IP
    start = virtual_time.clock.elapsed_ms()
    assert nic.resolve("two.example") == ["192.0.2.2"]
    assert virtual_time.clock.elapsed_ms() - start < 1000
