"""The clock of these tests: it goes on faster in silence, and hides nothing by that."""

import virtual_time
from quectel import at
from scripted import ScriptedUART

clock = virtual_time.clock


def timed(script, timeout):
    """The result of a command with a time-out, in ms, how many ms it took and how many polls."""
    channel = at.Channel(ScriptedUART([(">", "AT+X")] + script))
    command = at.Command(b"AT+X", timeout)
    start = clock.elapsed_ms()
    polls = 0
    channel.start(command)
    while command.result == at.PENDING:
        channel.pause(channel.poll())
        polls += 1
    return command.result, clock.elapsed_ms() - start, polls


def test_a_time_out_is_seen_at_nearly_its_time():
    for timeout in (50, 300, 3000, 150000):
        result, took, polls = timed([], timeout)
        most = timeout // 2 if timeout < virtual_time.SHORT_MS else timeout // 15
        most = min(most, 2 * virtual_time.MOST_MS)
        assert result == at.TIMEOUT and timeout < took <= timeout + most, (timeout, took)
        assert polls < 1000, (timeout, polls)


def test_a_time_out_is_seen_at_its_time_where_that_is_measured():
    with virtual_time.fine:
        result, took, _ = timed([], 3000)
    assert result == at.TIMEOUT and 3000 < took <= 3005, took


def test_what_comes_later_comes_at_its_time():
    for seconds in (0.006, 0.3, 3, 120):
        result, took, polls = timed([("wait", seconds), ("<", "OK")], 150000)
        assert result == at.DONE and 0 <= took - int(seconds * 1000) <= 1, (seconds, took)
        assert polls > 5, polls


def test_what_comes_too_late_comes_after_the_time_out():
    result, _, _ = timed([("wait", 3.001), ("<", "OK")], 2800)
    assert result == at.TIMEOUT


def test_a_sleep_of_the_test_is_as_long_as_it_says():
    uart = ScriptedUART([])
    assert uart.any() == 0
    start = clock.us
    clock.sleep_ms(7)
    assert clock.us - start == 7000
