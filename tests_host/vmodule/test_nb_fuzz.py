"""Nonsense on the UART of the NB-IoT modules: they never break, and are there again after it."""

import random

import pytest

from .nb import KEYS, OWN_ADDRESS, NbHost

WORDS = [
    b"AT", b"+QIOPEN=", b"+QISEND=", b"+QIRD=", b"+QICFG=", b"+QISTATE=", b"+QICLOSE=", b"+CGACT=",
    b"+CGATT=", b"+QISWTMD=", b"+QPING=", b"+QNTP=", b"+QIDNSGIP=", b"+QISENDEX=", b"+QIDNSCFG=",
    b"+QIKALIVE=", b"+QSCLK=", b"?", b"=?", b"1", b"0", b"2", b",", b'"', b'"TCP"', b'"192.0.2.2"',
    b'"viewmode"', b'"TCP LISTENER"', b'"data"', b"\r", b"\r", b"\n", b"\x1a", b"\x1b", b"+++",
    b"E1", b"E0", b"O", b"-1", b"99999999999", b"\xff\x00", b'AT+QISEND=0,1,"x"\r',
    b"AT+QICLOSE=0\r",
    b'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,2\r', b"AT+QISWTMD=0,2\r", b"AT+QIRD=0,7\r",
]  # fmt: skip


@pytest.mark.parametrize("dialect", KEYS)
@pytest.mark.parametrize("seed", range(100))
def test_nonsense(dialect, seed):
    choose = random.Random(seed)
    host = NbHost(dialect, latency=choose.choice((0, 0.05)))
    for line in (
        'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0', 'AT+QIOPEN=1,1,"UDP","192.0.2.2",80,5000,0',
        "AT+CGACT=1,1", 'AT+QIOPEN=1,2,"TCP LISTENER","{}",0,2020,2'.format(OWN_ADDRESS),
    ):  # fmt: skip
        host.clock.advance(1)
        host.ask(line)
    host.clock.advance(1)
    host.network.pings["192.0.2.2"] = [1] * 10
    for _ in range(60):
        host.module.feed(b"".join(choose.choices(WORDS, k=choose.randrange(1, 12))))
        if choose.random() < 0.2:
            host.clock.advance(choose.random() * 2)
        if choose.random() < 0.2:
            host.network.peers[-1].send(choose.randbytes(50))
        if choose.random() < 0.1 and 2020 in host.network.listeners:
            host.network.incoming(2020, "198.51.100.7", 9)
        if choose.random() < 0.05:
            host.module.deep_sleep()
        host.module.take(choose.randrange(200))
    for _ in range(2):  # the end of a half-typed line can let a connection in, transparent
        host.clock.advance(2)
        host.module.feed(b"+++")  # out of transparent mode, or out of sleep
        host.clock.advance(2)
        host.module.feed(b"\x1a" + b" " * 2880 + b"\r")  # out of a prompt of either kind
        host.clock.advance(200)
        host.module.take()
    for _ in range(2):
        host.ask("ATE0")
        host.clock.advance(1)
    host.module.take()
    host.type("AT")
    host.clock.advance(1)
    assert "OK" in host.lines()
