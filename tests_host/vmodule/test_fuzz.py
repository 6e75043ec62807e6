"""Nonsense on the UART: the module never breaks, and is there again after it."""

import random

import pytest

from .host import Host

WORDS = [
    b"AT", b"+QIOPEN=", b"+QISEND=", b"+QIRD=", b"+QICFG=", b"+QISTATE=", b"+QICLOSE=",
    b"+QICSGP=",
    b"+QIACT=", b"+QISWTMD=", b"+QPING=", b"+QNTP=", b"+QIDNSGIP=", b"+QISENDEX=", b"?", b"=?",
    b"1", b"0", b"2", b",", b'"', b'"TCP"', b'"192.0.2.2"', b'"viewmode"', b"\r", b"\r", b"\n",
    b"+QIACTEX=", b"+QIDEACTEX=", b'"close mode"', b'"sendinfo"', b'"qisend/timeout"',
    b'"passiveclosed"', b"150", b"\x1a", b"\x1b", b"+++", b"E1", b"E0",
    b"O", b"&D1", b"-1", b"99999999999", b"\xff\x00",
]  # fmt: skip


@pytest.mark.parametrize("dialect", ["bg95", "rm500u"])
@pytest.mark.parametrize("seed", range(200))
def test_nonsense(dialect, seed):
    host = Host(dialect=dialect)
    choose = random.Random(seed)
    host.open(0)
    host.open(1, "UDP", local=5000)
    host.serve(2)
    host.network.pings["192.0.2.2"] = [1] * 10
    for _ in range(60):
        host.module.feed(b"".join(choose.choices(WORDS, k=choose.randrange(1, 12))))
        if choose.random() < 0.2:
            host.clock.advance(choose.random() * 2)
        if choose.random() < 0.2:
            host.network.peers[0].send(choose.randbytes(50))
        if choose.random() < 0.1 and 3030 in host.network.sockets:
            host.network.datagram(3030, b"x" * 20, "198.51.100.7", 9)
        host.module.take(choose.randrange(200))
    host.clock.advance(2)
    host.module.feed(b"+++")  # out of transparent mode, if it is in it
    host.clock.advance(2)
    host.module.feed(b"\x1a" + b" " * 1460 + b"\r")  # out of a prompt of either kind
    host.clock.advance(200)
    host.module.take()
    host.ask("ATE0")
    assert "OK" in host.ask("AT")
