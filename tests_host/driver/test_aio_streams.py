"""asyncio's streams over the driver, in virtual time, on MicroPython's own asyncio: bulk traffic
on a paced line with a ticker beside it, and the loop of a port that has no tick.

CPython's streams want file descriptors, and the WebAssembly port's asyncio has none."""
# interpreters: unix

# isort: off
import virtual_select  # the first: it puts the virtual `select` in place
import virtual_time

# isort: on
import asyncio
import errno
import io

import quectel
from paced import PacedUART
from quectel import aio
from scripted import connected
from test_aio import CLOSE, OPEN, send
from ticker import LONGEST_MS, Ticker

clock = virtual_time.clock
RECV = [("!", '+QIURC: "recv",0')]
NOTHING = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: 0"), ("<", "OK")]
LISTEN = [(">", 'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0'), ("<", "OK")]
LISTENS = LISTEN + [("!", "+QIOPEN: 0,0")]


def read(data):
    header = [(">", "AT+QIRD=0,1500"), ("<", "+QIRD: %d" % len(data))]
    return header + [("<<", data), ("<", "OK")]


def play(script, body, **line):
    """Run `body(nic)` with a ticker beside it, which is never left waiting; what it returned. The
    script must have been played to its end."""
    uart = PacedUART(script, **line)
    nic = connected("BG95S5", uart)
    quectel.install(nic)
    ticker = Ticker()
    result = virtual_select.run(ticker.beside(body(nic)))
    assert uart.done(), (uart.script, bytes(uart.sent))
    assert not uart.overrun
    print("longest %.2f ms in %d turns" % (ticker.longest_ms, ticker.turns))
    assert ticker.longest_ms <= LONGEST_MS, ticker.longest_ms
    return result


# ---- how long the loop is held ----


def test_connect_of_two_minutes():
    script = OPEN[:2] + [("wait", 120)] + OPEN[2:]

    async def body(nic):
        await asyncio.open_connection("h", 80)

    start = clock.elapsed_ms()
    play(script, body)
    assert clock.elapsed_ms() - start > 120000


def bulk_down(baud):
    data = [bytes([65 + i]) * 1500 for i in range(20)]
    script = OPEN + RECV
    for piece in data:
        script += read(piece)

    async def body(nic):
        reader, _ = await asyncio.open_connection("h", 80)
        return await reader.readexactly(30000)

    start = clock.us
    assert play(script, body, baud=baud) == b"".join(data)
    return clock.us - start


def bulk_up(**line):
    data = [bytes([65 + i]) * 1460 for i in range(20)]
    script = list(OPEN)
    for piece in data:
        script += send(piece)

    async def body(nic):
        _, writer = await asyncio.open_connection("h", 80)
        for piece in data:
            writer.write(piece)
            await writer.drain()
        await asyncio.sleep(1)

    start = clock.us - clock.overslept
    play(script, body, **line)
    return clock.us - clock.overslept - start - 1000000


def test_bulk_down():
    for baud in (115200, 921600):
        took = bulk_down(baud)
        print("down at %d: %d us" % (baud, took))
        assert took < 30000 * 10000000 // baud * 5 // 4


def test_bulk_up_with_a_buffer_in_the_uart():
    for baud in (115200, 921600):
        took = bulk_up(baud=baud, txbuf=256)
        print("up at %d: %d us" % (baud, took))
        assert took < 29200 * 10000000 // baud * 5 // 4


def test_bulk_up_where_writing_to_the_uart_waits():
    for baud in (115200, 921600):
        took = bulk_up(baud=baud)
        print("up at %d: %d us" % (baud, took))
        assert took < 29200 * 10000000 // baud * 2


def test_bulk_up_beside_sockets_that_wait():
    """Each look at a socket steps the line; together they hold the loop no longer than one."""
    data = bytes(1460)
    script = []
    for i in range(12):
        script += [(">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % i), ("<", "OK")]
        script += [("!", "+QIOPEN: %d,0" % i)]
    script += send(data) * 10

    async def body(nic):
        streams = []
        for _ in range(12):
            streams.append(await asyncio.open_connection("h", 80))
        readers = [asyncio.create_task(reader.read(1)) for reader, _ in streams[1:]]
        for _ in range(10):
            streams[0][1].write(data)
            await streams[0][1].drain()
        await aio.settle(nic)
        for task in readers:
            task.cancel()

    for baud in (460800, 576000, 921600):
        for txbuf in (256, 64, 0):
            play(script, body, baud=baud, txbuf=txbuf)


# ---- the end of a program that never settles ----


def slow_send(data):
    first, prompt, taken, sent = send(data)
    return [first, ("wait", 0.3), prompt, taken, ("wait", 0.3), sent]


def test_when_wait_closed_returns_the_module_has_it_all():
    data = [bytes([65 + i]) * 1460 for i in range(3)]
    script = list(OPEN)
    for piece in data:
        script += slow_send(piece)
    script += CLOSE[:1] + [("wait", 3)] + CLOSE[1:]

    for close in ("wait_closed", "aclose"):

        async def body(nic):
            _, writer = await asyncio.open_connection("h", 80)
            writer.write(b"".join(data))
            await writer.drain()
            writer.close()
            await getattr(writer, close)()
            # From here on a program may end, sleep deeply or block.
            assert (
                nic.channel.uart.done()
                and not nic.module.under_way
                and nic.module.connections == []
            )

        play(script, body)


def test_wait_closed_beside_one_that_goes_on():
    script = OPEN + [(">", OPEN[0][1].replace("=1,0", "=1,1")), OPEN[1], ("!", "+QIOPEN: 1,0")]
    script += slow_send(b"last words") + CLOSE

    async def body(nic):
        _, writer = await asyncio.open_connection("h", 80)
        await asyncio.open_connection("h", 80)
        writer.write(b"last words")
        await writer.wait_closed()
        assert nic.channel.uart.done() and len(nic.module.connections) == 1

    play(script, body)


def test_a_wait_closed_that_is_cancelled_leaves_the_close_to_the_driver():
    script = OPEN + slow_send(b"last words") + CLOSE

    async def body(nic):
        _, writer = await asyncio.open_connection("h", 80)
        writer.write(b"last words")
        await writer.drain()
        try:
            await asyncio.wait_for_ms(writer.wait_closed(), 100)
            raise AssertionError("too early")
        except asyncio.TimeoutError:
            await aio.settle(nic)

    play(script, body)


def test_wait_closed_of_other_streams():
    class Other(io.IOBase):
        closed = 0

        def close(self):
            self.closed += 1

    async def body(nic):
        await asyncio.open_connection("h", 80)  # from now on a loop has sockets of ours
        other = Other()
        await asyncio.StreamWriter(other).wait_closed()
        assert other.closed == 1

    play(OPEN, body)


# ---- connections that a cancelled open_connection has lost ----


async def lose(count, after=200):
    for _ in range(count):
        try:
            await asyncio.wait_for_ms(asyncio.open_connection("h", 80), after)
            raise AssertionError("open")
        except asyncio.TimeoutError:
            pass


def opening(connect_id, *result):
    script = [(">", 'AT+QIOPEN=1,%d,"TCP","h",80,0,0' % connect_id), ("<", "OK")]
    return script + [("!", "+QIOPEN: %d,0" % number) for number in result]


def test_connections_lost_by_wait_for_are_taken_back():
    # Some open when nobody waits any more, some never.
    script = opening(0)
    for i in range(1, 12):
        script += opening(i, *([i - 1] if i % 2 else []))
    for i in range(3):
        script += [(">", "AT+QICLOSE=%d" % i), ("<", "OK")] + opening(i, i)
    script += [(">", "AT+QISEND=0,1"), ("<prompt", "> "), (">>", b"x"), ("<", "SEND OK")]

    async def body(nic):
        await lose(12)
        _, writer = await asyncio.open_connection("h", 80)
        for _ in range(2):
            await asyncio.open_connection("h", 80)
        writer.write(b"x")
        while not nic.channel.uart.done():
            await asyncio.sleep_ms(2)

    play(script, body)


def test_connections_lost_a_moment_ago():
    script = []
    for i in range(12):
        script += opening(i)
    script += [(">", "AT+QICLOSE=0"), ("<", "OK")] + opening(0, 0)

    async def body(nic):
        await lose(12, 6)
        await asyncio.open_connection("h", 80)
        assert nic.channel.uart.done()

    play(script, body)


def test_what_a_task_waits_for_is_not_taken_back():
    script = opening(0)
    for i in range(1, 12):
        script += opening(i)
    script += [(">", "AT+QICLOSE=1"), ("<", "OK")] + opening(1, 1, 0)

    async def body(nic):
        waiting = asyncio.create_task(asyncio.open_connection("h", 80))
        await lose(11)
        await asyncio.open_connection("h", 80)
        await waiting

    play(script, body)


# ---- a port without a tick ----


def alone(script, body):
    """Run `body(nic)` with nothing beside it, on a loop that only its own time-outs wake."""
    uart = PacedUART(script)
    nic = connected("BG95S5", uart)
    quectel.install(nic)
    virtual_select.Settings.sleeps_through = True
    try:
        result = virtual_select.run(body(nic))
    finally:
        virtual_select.Settings.sleeps_through = False
    assert uart.done(), (uart.script, bytes(uart.sent))
    return result


def test_such_a_loop_sleeps_for_ever_where_nobody_steps_it():
    """So the tests below see something."""

    class Never(io.IOBase):
        def ioctl(self, request, arg):
            return 0

    async def body(nic):
        await asyncio.StreamReader(Never()).read(1)

    try:
        alone([], body)
    except virtual_select.Asleep:
        return
    raise AssertionError("it woke")


def test_a_lone_connect_and_reader():
    script = OPEN[:2] + [("wait", 120)] + OPEN[2:] + NOTHING + [("wait", 0.5)] + RECV
    script += read(b"at last\n") + CLOSE

    async def body(nic):
        reader, writer = await asyncio.open_connection("h", 80)
        line = await reader.readline()
        writer.close()
        await writer.wait_closed()
        await aio.settle(nic)
        return line

    assert alone(script, body) == b"at last\n"


def test_a_lone_reader_whose_hint_was_lost():
    script = OPEN + NOTHING + NOTHING + read(b"unannounced")

    async def body(nic):
        reader, _ = await asyncio.open_connection("h", 80)
        return await reader.readexactly(11)

    assert alone(script, body) == b"unannounced"


def test_a_lone_writer():
    data = b"x" * 1460

    async def body(nic):
        _, writer = await asyncio.open_connection("h", 80)
        for _ in range(3):
            writer.write(data)
            await writer.drain()
        await aio.settle(nic)

    alone(OPEN + send(data) * 3, body)


def test_a_lone_listener():
    script = LISTENS + [("wait", 60), ("!", '+QIURC: "incoming",11,0,"192.0.2.9",4000')]
    came = asyncio.Event()

    async def body(nic):
        async def serve(reader, writer):
            came.set()

        await asyncio.start_server(serve, "0.0.0.0", 2020)
        await came.wait()

    alone(script, body)


def test_a_lone_datagram_socket():
    script = [(">", 'AT+QIOPEN=1,0,"UDP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
    script += send(b"hello") + NOTHING + [("wait", 0.5)] + RECV + read(b"world")

    async def body(nic):
        u = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
        u.setblocking(False)
        while True:
            try:
                u.sendto(b"hello", ("h", 80))
                break
            except OSError as e:
                assert e.args[0] == errno.EAGAIN
                await asyncio.sleep_ms(10)
        return await asyncio.StreamReader(u).read(100)

    assert alone(script, body) == b"world"


def test_a_socket_opened_before_the_loop():
    script = OPEN + NOTHING + [("wait", 0.5)] + RECV + read(b"later")

    async def body(nic):
        await aio.settle(nic)
        return await asyncio.StreamReader(s).readexactly(5)

    uart = PacedUART(script)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.connect(("h", 80))
    s.setblocking(False)
    virtual_select.Settings.sleeps_through = True
    try:
        assert virtual_select.run(body(nic)) == b"later" and uart.done()
    finally:
        virtual_select.Settings.sleeps_through = False


# ---- delivery ----


def told(acked, total=4):
    answer = "+QISEND: %d,%d,%d" % (total, acked, total - acked)
    return [(">", "AT+QISEND=0,0"), ("<", answer), ("<", "OK")]


def test_a_reader_is_told_that_the_peer_acknowledges_nothing():
    async def body(nic):
        nic.dialect.choose("LOOK_MS", 100000)  # no looks for data between
        reader, writer = await asyncio.open_connection("h", 80)
        reader.s.setsockopt(nic.SOL_QUECTEL, nic.DELIVERY, 20)
        writer.write(b"data")
        await writer.drain()
        try:
            await reader.read(1)
        except OSError as e:
            return e.args[0], "4 bytes sent, 0 acknowledged" in str(e)

    assert play(OPEN + send(b"data") + 4 * told(0), body) == (errno.ECONNABORTED, True)


def test_drain_of_a_stream():
    """asyncio's own is over when the socket has taken the bytes, this when the peer has them."""
    data = bytes(4000)
    script = OPEN + send(data[:1460]) + send(data[1460:2920]) + send(data[2920:])
    script += told(2920, 4000) + told(4000, 4000)

    async def body(nic):
        _, writer = await asyncio.open_connection("h", 80)
        writer.write(data)
        await aio.drain(writer, 10)

    play(script, body)


class Wrapped(io.IOBase):
    """As a socket with TLS over it: what is below cannot be reached."""

    def write(self, data):
        return len(data)

    def ioctl(self, request, arg):
        return arg


def test_drain_of_a_stream_with_tls():
    async def body(nic):
        stream = asyncio.StreamWriter(Wrapped())
        stream.write(b"data")
        try:
            await aio.drain(stream)
        except TypeError as e:
            return "below TLS" in str(e)

    assert play([], body)
