"""Restarts, lost contexts, silence, SEND FAIL, lost and unasked-for URCs, and a mute module."""

import hashlib

import end_to_end
import end_to_end_peers as peers
import pytest

MEGABYTE = 1 << 20


def source_digest(count):
    return hashlib.sha256(peers.random_bytes(count, 77)).hexdigest()


def is_front(printed, data):
    """Whether `LENGTH DIGEST` is of the front of data, and not of all of it."""
    length, digest = printed.split()
    front = data[: int(length)]
    return len(front) < len(data) and hashlib.sha256(front).hexdigest() == digest


def test_restart(interpreter):
    with peers.tcp() as tcp, peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("trouble", "restarted", tcp.port, udp.port)


def test_a_restart_that_the_program_asks_for(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("trouble", "asked_to_restart", tcp.port)


def test_context_lost(interpreter):
    with peers.tcp() as tcp, peers.udp() as udp, end_to_end.module(interpreter) as module:
        tcp.take_away = module.take_contexts_away
        module.run("trouble", "deactivated", tcp.port, udp.port)


@pytest.mark.parametrize("after", [5000, 100000])
def test_restart_while_reading(interpreter, after):
    fault = "reboot:%d" % after
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        first, second = module.run("trouble", "restarted_reading", tcp.port, 200000)
    assert is_front(first, peers.random_bytes(200000, 77))
    assert second == source_digest(200000)


@pytest.mark.interpreters("cpython", "unix")
def test_restart_in_the_header_of_a_read(interpreter):
    """`+QIRD: 15` of `+QIRD: 1500` and then RDY, which must not count as fifteen bytes."""
    fault = "reboot-at:0,+QIRD: 15"
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        first, second = module.run("trouble", "restarted_reading", tcp.port, 5000)
    assert first == "0 " + hashlib.sha256(b"").hexdigest()
    assert second == source_digest(5000)


@pytest.mark.parametrize("after", [700, 1500, 2222])
def test_restart_while_sending(interpreter, after):
    fault = "reboot:%d" % after
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("trouble", "restarted_sending", tcp.port, 400000)
        tcp.wait(1)
    data = peers.program_bytes(400000, 3)[: tcp.counts[0]]
    assert hashlib.sha256(data).hexdigest() == tcp.digests[0]


@pytest.mark.interpreters("cpython", "unix")  # the third adds nothing but time
@pytest.mark.parametrize("after", [1, 20, 77, 150, 200, 250, 290, 400])
def test_restart_at_any_moment(interpreter, after):
    """On the way up, or just after: trying again is enough."""
    fault = "reboot:%d" % after
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("trouble", "comes_through", tcp.port, 5000)


def test_silence_while_reading(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", "silence:60") as module:
        (printed,) = module.run("trouble", "silent_reading", tcp.port, 100000)
    assert is_front(printed, peers.random_bytes(100000, 77))


def test_silence_while_sending(interpreter):
    """Nothing is sent twice: the peer got a front of the data, whatever was not answered."""
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", "silence:60,1") as module:
        module.run("trouble", "silent_sending", tcp.port, 100000)
        tcp.wait(1)
    data = peers.program_bytes(100000, 3)[: tcp.counts[0]]
    assert hashlib.sha256(data).hexdigest() == tcp.digests[0]


def test_a_peer_that_acknowledges_nothing(interpreter):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("trouble", "unacknowledged", tcp.port)


@pytest.mark.parametrize("fault", ["sendfail:20", "urc-noise:1", "urc-noise:2", "late:100,0.05"])
def test_megabyte_there(interpreter, fault):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("bulk", "there", tcp.port, "send", end_to_end.amount(interpreter, MEGABYTE))


@pytest.mark.parametrize("fault", ["lose-recv:1", "urc-noise:1", "urc-noise:2", "late:100,0.05"])
def test_megabyte_back(interpreter, fault):
    count = end_to_end.amount(interpreter, MEGABYTE)
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        printed = module.run("bulk", "back", tcp.port, "send", count)
    assert printed == [source_digest(count)]


@pytest.mark.parametrize("fault", ["sendfail:10", "lose-recv:2", "urc-noise:1", "late:20,0.05"])
def test_polled(interpreter, fault):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        printed = module.run("bulk", "polled", tcp.port, MEGABYTE // 4)
    assert printed == [source_digest(MEGABYTE // 4)]


@pytest.mark.parametrize("fault, count", [("lose-recv:3", 6), ("urc-noise:1", 100)])
def test_rounds(interpreter, fault, count):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("trouble", "rounds", tcp.port, count)


@pytest.mark.parametrize("fault", ["no-sim", "no-coverage", "mute"])
def test_nothing_works(interpreter, fault):
    with end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("trouble", fault.replace("-", "_"))


def test_coverage_comes(interpreter):
    with peers.tcp() as tcp:
        with end_to_end.module(interpreter, "--fault", "no-coverage:2") as module:
            module.run("trouble", "coverage_comes", tcp.port)


@pytest.mark.interpreters("cpython")  # what is asked is only whether it ends
@pytest.mark.parametrize("fault", ["drop:2000", "double:2000", "flip:2000", "error:7"])
def test_rough_line(interpreter, fault):
    with peers.tcp() as tcp, end_to_end.module(interpreter, "--fault", fault) as module:
        module.run("trouble", "rough", tcp.port, 10000)
