"""asyncio over the driver, in virtual time: awaited calls, the pump, how long the loop is held.

On MicroPython's own asyncio and on CPython's; streams are in test_aio_streams.py. The WebAssembly
port's asyncio lives in JavaScript's event loop, which knows no virtual time."""
# interpreters: cpython unix

# isort: off
import virtual_select  # the first: it knows the real clock
import virtual_time

# isort: on
import asyncio
import errno

import quectel
from cellular_module import CellularModule
from paced import PacedUART
from quectel import aio
from scripted import connected
from test_modem import ADDRESS, AT, DEACTIVATE, INACTIVE, READY, REGISTERED, SIM
from ticker import LONGEST_MS, Ticker

clock = virtual_time.clock
OPEN = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
CLOSE = [(">", "AT+QICLOSE=0"), ("<", "OK")]
CSQ = [(">", "AT+CSQ"), ("<", "+CSQ: 20,99"), ("<", "OK")]


def send(data):
    return [(">", "AT+QISEND=0,%d" % len(data)), ("<prompt", "> "), (">>", data), ("<", "SEND OK")]


def play(script, body, nic=None):
    """Run `body(nic)` with a ticker beside it, which is never left waiting; what it returned. The
    script must have been played to its end."""
    uart = PacedUART(script) if nic is None else nic.channel.uart
    nic = nic or connected("BG95S5", uart)
    ticker = Ticker()
    result = virtual_select.run(ticker.beside(body(nic)))
    assert uart.done(), (uart.script, bytes(uart.sent))
    assert ticker.longest_ms <= LONGEST_MS, ticker.longest_ms
    return result


async def failing(awaitable, kind=OSError):
    """Await what must raise; returns the exception."""
    try:
        await awaitable
    except kind as e:
        return e
    raise AssertionError("nothing was raised")


# ---- calls that take long ----


def test_ping_of_ten_packets():
    script = [(">", 'AT+QPING=1,"192.0.2.1",4,10'), ("<", "OK")]
    for ms in range(100, 110):
        script += [("wait", 3), ("!", '+QPING: 0,"192.0.2.1",32,%d,50' % ms)]
    script += [("!", "+QPING: 0,10,10,0,100,109,104")]

    async def body(nic):
        start = clock.elapsed_ms()
        result = await aio.ping(nic, "192.0.2.1", count=10)
        return tuple(result)[:6], clock.elapsed_ms() - start

    result, took = play(script, body)
    assert result == (10, 10, 0, 100, 109, 104) and took > 30000


def test_dns_answer_after_a_minute():
    script = [(">", 'AT+QIDNSGIP=1,"two.example"'), ("<", "OK"), ("wait", 59)]
    script += [("!", '+QIURC: "dnsgip",0,2,600'), ("!", '+QIURC: "dnsgip","192.0.2.1"')]
    script += [("!", '+QIURC: "dnsgip","192.0.2.2"')]

    async def body(nic):
        return await aio.resolve(nic, "two.example")

    start = clock.elapsed_ms()
    assert play(script, body) == ["192.0.2.1", "192.0.2.2"]
    assert clock.elapsed_ms() - start > 59000


def test_a_search_for_networks_of_three_minutes():
    row = '(1,"Virtual, old","Virt","00101",9),,(0-4),(0-2)'
    script = [(">", "AT+COPS=?"), ("wait", 170), ("<", "+COPS: " + row), ("<", "OK")]
    script += [(">", "AT+COPS=?"), ("<", "ERROR")]

    async def body(nic):
        found = await aio.operators(nic)
        error = await failing(aio.operators(nic))
        return [tuple(network) for network in found], error.args[0]

    wanted = [("available", "Virtual, old", "Virt", "00101", "NB-IoT")], errno.EOPNOTSUPP
    assert play(script, body) == wanted


def test_ntp():
    script = [(">", 'AT+QNTP=1,"ntp.example",123,0'), ("<", "OK"), ("wait", 60)]
    script += [("!", '+QNTP: 0,"2018/04/20,03:08:20"')]

    async def body(nic):
        return await aio.ntp(nic, "ntp.example", set=False)

    assert play(script, body) == (2018, 4, 20, 3, 8, 20, 4, 110)


def test_two_calls_at_once():
    script = [(">", "AT+CSQ"), ("wait", 20), ("<", "+CSQ: 20,99"), ("<", "OK")]
    script += [(">", "AT+COPS?"), ("wait", 20), ("<", '+COPS: 0,0,"home",9'), ("<", "OK")]

    async def body(nic):
        calls = aio.command(nic, "AT+CSQ"), aio.command(nic, "AT+COPS?")
        return list(await asyncio.gather(*calls))

    assert play(script, body) == [["+CSQ: 20,99"], ['+COPS: 0,0,"home",9']]


def test_errors_are_raised():
    script = [(">", "AT+X"), ("<", "+CME ERROR: 552"), (">", 'AT+QIDNSGIP=1,"none.example"')]
    script += [("<", "OK"), ("!", '+QIURC: "dnsgip",565,0,0'), (">", "AT+Y"), ("wait", 4)]

    async def body(nic):
        seen = [await failing(aio.command(nic, "AT+X"))]
        seen.append(await failing(aio.resolve(nic, "none.example")))
        nic.module.ready = (
            False  # a module that was made ready would be asked whether it restarted
        )
        seen.append(await failing(aio.command(nic, "AT+Y", timeout=3000)))
        await asyncio.sleep(2)
        return [(e.args[0], e.code) for e in seen]

    expected = [(errno.EINVAL, 552), (errno.EHOSTUNREACH, 565), (errno.ETIMEDOUT, None)]
    assert play(script, body) == expected


def test_a_call_that_was_given_up_goes_on():
    script = [(">", "AT+X"), ("wait", 20), ("<", "late"), ("<", "OK")] + CSQ

    async def body(nic):
        await failing(asyncio.wait_for(aio.command(nic, "AT+X"), 5), asyncio.TimeoutError)
        start = clock.elapsed_ms()
        lines = await aio.command(nic, "AT+CSQ")
        return lines, clock.elapsed_ms() - start

    lines, took = play(script, body)
    assert lines == ["+CSQ: 20,99"] and 14000 < took < 16000


def test_from_power_up_to_the_end():
    down = [(">", "AT+CFUN=0"), ("<", "OK")]
    slowly = SIM + REGISTERED + INACTIVE + [(">", 'AT+QICSGP=1,1,"apn","","",0'), ("<", "OK")]
    slowly += [(">", "AT+QIACT=1"), ("wait", 20), ("<", "OK")] + ADDRESS
    script = AT + READY + slowly + DEACTIVATE + down

    async def body(nic):
        seen = [await aio.active(nic, True)]
        start = clock.elapsed_ms()
        await aio.connect(nic, "apn")
        seen += [clock.elapsed_ms() - start > 20000, nic.isconnected()]
        await aio.disconnect(nic)
        seen.append(nic.isconnected())
        return seen + [await aio.active(nic, False)]

    nic = quectel.BG95S5(PacedUART(script))
    assert play(script, body, nic) == [True, True, True, False, False]


def test_why_connect_failed():
    script = [(">", "AT+CPIN?"), ("<", "+CME ERROR: 10")] * 200

    async def body(nic):
        nic.state = nic.STAT_IDLE
        error = await failing(aio.connect(nic))
        nic.channel.uart.script = []
        return error, nic.status()

    nic = connected("BG95S5", PacedUART(script))
    nic.dialect.SIM_MS = 3000
    error, status = play(script, body, nic)
    assert "SIM" in str(error) and status == nic.STAT_NO_SIM, error


def test_connect_and_wait_with_a_time_out():
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart)
    nic.active(True)
    uart.stat = 2

    async def body():
        start = clock.elapsed_ms()
        error = await failing(aio.connect(nic, "internet", timeout=10))
        assert "no registration (searching, " in error.args[1]
        assert clock.elapsed_ms() - start < 16000
        error = await failing(aio.wait(nic, 5))
        assert error.args[0] == quectel.errors.ENETUNREACH
        uart.stat = 5
        await aio.wait(nic, 30)
        return nic.isconnected()

    ticker = Ticker()
    assert virtual_select.run(ticker.beside(body()))
    assert ticker.longest_ms <= LONGEST_MS, ticker.longest_ms


def test_connect_of_a_module_that_is_not_active():
    async def body(nic):
        nic.module.active = False
        return (await failing(aio.connect(nic))).args[0]

    assert play([], body) == errno.ENODEV


# ---- the pump ----


def opened(nic, blocking=False):
    s = nic.socket()
    s.connect(("h", 80))
    s.setblocking(blocking)
    return s


def test_what_a_write_took_over_goes_without_anybody_waiting():
    async def body(nic):
        s = opened(nic)
        assert s.write(b"x" * 1000) == 1000
        await asyncio.sleep(0.5)
        return bytes(nic.channel.uart.log[-1])

    assert play(OPEN + send(b"x" * 1000), body) == b"x" * 1000


def test_a_connect_and_a_close_go_on_alone():
    async def body(nic):
        s = nic.socket()
        s.setblocking(False)
        try:
            s.connect(("h", 80))
        except OSError as e:
            assert e.args[0] == errno.EINPROGRESS
        await asyncio.sleep(130)
        s.close()
        await asyncio.sleep(11)
        return nic.module.connections

    slow = OPEN[:2] + [("wait", 120)] + OPEN[2:] + [CLOSE[0], ("wait", 9), CLOSE[1]]
    assert play(slow, body) == []


def test_settle():
    slow = [(">", "AT+QICLOSE=0"), ("wait", 9), ("<", "OK")]

    async def body(nic):
        s = opened(nic)
        s.write(b"x" * 1460)
        s.close()
        seen = [nic.module.under_way]
        error = await failing(aio.settle(nic, timeout=3))
        seen += [error.args[0], nic.module.under_way]
        await aio.settle(nic)
        return seen + [nic.module.under_way, nic.module.connections]

    outcome = [True, errno.ETIMEDOUT, True, False, []]
    assert play(OPEN + send(b"x" * 1460) + slow, body) == outcome


def test_it_ends_when_there_is_nothing_to_step():
    async def body(nic):
        s = opened(nic)
        await asyncio.sleep(1)
        alive = nic.module.pump.running
        s.close()
        await asyncio.sleep(1)
        return alive, nic.module.pump.running

    assert play(OPEN + CLOSE, body) == (True, False)


def test_the_next_call_ends_a_press_that_ctrl_c_has_left():
    class Pin:
        levels = []
        pressed = None

        def value(self, level):
            self.levels.append(level)
            Pin.pressed()

    async def body(nic):
        nic.module.spawn(quectel.load("bringup.reset").resetting(nic), True)
        pressed = asyncio.Event()
        Pin.pressed = pressed.set
        await pressed.wait()
        raise KeyboardInterrupt

    uart = CellularModule("BG95S5")
    uart.silent = True
    nic = quectel.BG95S5(uart, reset=Pin())
    try:
        virtual_select.run(body(nic))
    except KeyboardInterrupt:
        Pin.levels.append("Ctrl-C")
    clock.sleep_ms(nic.RESET_MS)
    nic.poll()
    assert Pin.levels == [1, "Ctrl-C", 0]


def test_it_steps_rarely_while_sockets_are_only_open():
    async def body(nic):
        opened(nic)
        await asyncio.sleep(0.5)
        steps = [0]
        poll = nic.module.poll

        def counted():
            steps[0] += 1
            return poll()

        nic.module.poll = counted
        await asyncio.sleep(0.4)
        return steps[0]

    assert 15 <= play(OPEN, body) <= 25


def test_every_run_has_its_own():
    nic = connected("BG95S5", PacedUART(OPEN + send(b"one") + send(b"two") + CLOSE))

    async def write(data):
        if not sockets:
            sockets.append(opened(nic))
        sockets[0].write(data)
        await asyncio.sleep(0.1)
        assert not nic.module.under_way

    async def close():
        sockets[0].close()
        await aio.settle(nic)

    sockets = []
    virtual_select.run(write(b"one"))
    virtual_select.run(write(b"two"))
    virtual_select.run(close())
    assert nic.channel.uart.done() and not nic.module.connections


def test_a_program_without_a_loop_has_none():
    nic = connected("BG95S5", PacedUART(OPEN + CLOSE))
    opened(nic, blocking=True).close()
    assert not nic.module.pump.running


def test_a_callback_that_raises_does_not_stop_it():
    async def body(nic):
        seen = []

        def heard(line):
            seen.append(line)
            raise ValueError("a fault of the program")

        nic.on_urc("+QIURC", heard)
        opened(nic)
        await asyncio.sleep(4)
        return len(seen), nic.module.pump.running

    urc = [("wait", 1), ("!", '+QIURC: "other"')]
    assert play(OPEN + urc * 3, body) == (3, True)


# ---- delivery ----


def told(acked, total=4):
    answer = "+QISEND: %d,%d,%d" % (total, acked, total - acked)
    return [(">", "AT+QISEND=0,0"), ("<", answer), ("<", "OK")]


def test_drain_waits_for_the_acknowledgement():
    async def body(nic):
        s = opened(nic)
        s.write(b"data")
        start = clock.elapsed_ms()
        await aio.drain(s)
        took = clock.elapsed_ms() - start
        e = await failing(aio.drain(s, 0.4))
        return took, e.args[0]

    script = OPEN + send(b"data") + told(0) + told(2) + told(4) + 3 * told(2)
    took, number = play(script, body)
    assert 700 <= took < 1000 and number == errno.ETIMEDOUT  # pauses of 250 and 500 ms


def test_drain_where_the_module_cannot_tell():
    async def body(nic):
        e = await failing(aio.drain(nic.socket()))
        return e.args[0], "BC25" in str(e)

    nic = connected("BC25", PacedUART([]))
    assert play([], body, nic) == (errno.EOPNOTSUPP, True)


def test_delivery_is_checked_by_the_pump():
    """Nobody waits for the socket, and nobody calls the interface."""

    async def body(nic):
        s = opened(nic)
        s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 20)
        s.write(b"data")
        await asyncio.sleep(30)
        e = s.connection.failure
        return e.args[0], "4 bytes sent, 1 acknowledged" in str(e)

    script = OPEN + send(b"data") + 5 * told(1)
    assert play(script, body) == (errno.ECONNABORTED, True)


def test_settle_waits_for_the_acknowledgement_where_it_is_checked():
    async def body(nic):
        s = opened(nic)
        s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 120)
        s.write(b"data")
        await aio.settle(nic)
        return nic.module.under_way

    assert play(OPEN + send(b"data") + told(0) + told(4), body) is False


class _Dtr:
    """A pin without which the module does not hear."""

    OUT = 1

    def __init__(self, uart):
        self._uart = uart

    def init(self, mode):
        pass

    def value(self, level):
        self._uart.silent = level > 0


async def test_sleep_and_awake():
    uart = CellularModule("BG95S5")
    nic = quectel.BG95S5(uart, dtr=_Dtr(uart))
    await aio.active(nic, True)
    await aio.sleep(nic)
    assert uart.silent and nic.status("sleep")
    await aio.awake(nic)
    assert not uart.silent and not nic.status("sleep")
    try:
        await aio.sleep(quectel.BG95S5(uart))
    except OSError as e:
        assert e.args[0] == errno.EOPNOTSUPP
    else:
        raise AssertionError("nothing would wake it")
