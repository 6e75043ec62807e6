"""The table of socket behaviours, and connect, on real interpreters."""

import end_to_end
import end_to_end_peers as peers
import pytest


@pytest.mark.parametrize("scenario", ["flags", "requests", "partial", "forms"])
def test_tcp(interpreter, scenario):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("behaviour", scenario, tcp.port)


@pytest.mark.parametrize("scenario", ["nothing_to_read", "timeouts"])
def test_tcp_and_udp(interpreter, scenario):
    with peers.tcp() as tcp, peers.udp() as udp, end_to_end.module(interpreter) as module:
        module.run("behaviour", scenario, tcp.port, udp.port)


@pytest.mark.parametrize("scenario", ["full_nonblocking", "full_timeout", "full_blocking_switch"])
def test_peer_that_does_not_read(interpreter, scenario):
    """What the calls said was taken reaches the peer: all of it, and once."""
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        (printed,) = module.run("behaviour", scenario, tcp.port)
        tcp.wait(1)
    assert printed == "%d %s" % (tcp.counts[0], tcp.digests[0])


@pytest.mark.parametrize("scenario", ["nonblocking", "nonblocking_blocking", "unconnected"])
def test_connect(interpreter, scenario):
    with peers.tcp() as tcp, end_to_end.module(interpreter) as module:
        module.run("connecting", scenario, tcp.port)


@pytest.mark.parametrize("scenario", ["unknown", "refused_text", "named"])
def test_names(interpreter, scenario):
    with peers.tcp() as tcp:
        with end_to_end.module(interpreter, "--host", "peer.example=127.0.0.1") as module:
            module.run("connecting", scenario, tcp.port)


def test_refused(interpreter):
    with peers.tcp() as tcp, peers.refusing() as refusing:
        with end_to_end.module(interpreter) as module:
            module.run("connecting", "refused", tcp.port, refusing)
            module.run("connecting", "nonblocking_refused", refusing)


@pytest.mark.parametrize("scenario", ["timeout", "opening"])
def test_connect_without_an_answer(interpreter, scenario):
    with peers.tcp() as tcp, peers.unanswering() as unanswering:
        with end_to_end.module(interpreter) as module:
            module.run("connecting", scenario, tcp.port, unanswering)


def test_close_while_opening(interpreter):
    with peers.tcp() as tcp, peers.refusing() as refusing, peers.unanswering() as unanswering:
        with end_to_end.module(interpreter) as module:
            module.run("connecting", "close_while_opening", tcp.port, refusing, unanswering)
