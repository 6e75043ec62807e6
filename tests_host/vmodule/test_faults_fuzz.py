"""Whatever faults strike together: the module itself never breaks, and does the same again."""

import random

import pytest
from tools.vmodule import faults
from tools.vmodule.dialects import KEYS

from .host import Host
from .nb import NbHost
from .test_fuzz import WORDS

LINES = [
    "AT+QISEND=0,4", "AT+QISEND=0", "data", "AT+QIRD=0,100", "AT+QIRD=1,100", "AT+QICLOSE=0",
    "AT+QISTATE?", "AT+QIGETERROR", "AT+CEREG?", "AT+CGPADDR?", "AT+COPS?", "AT+CSQ;+CPIN?",
    'AT+QIOPEN=1,0,"TCP","192.0.2.2",80,0,0', 'AT+QIOPEN=1,1,"TCP","192.0.2.2",80,0,1',
    'AT+QIOPEN=1,2,"UDP","192.0.2.2",80,0,0', "AT+QIACT=1", "AT+QIDEACT=1", "AT+CGACT?", "A/",
    'AT+QIDNSGIP=1,"example.com"', 'AT+QPING=1,"192.0.2.2",1,2', "AT+CFUN=1,1", "ATE0",
    'AT+QISENDEX=0,2,"3031"', 'AT+QNTP=1,"192.0.2.2"', "AT+QSCLK?", 'AT+CPIN="1234"',
]  # fmt: skip


def some_fault(choose):
    kind = choose.choice(list(faults.REGISTRY))
    values = []
    for name, default in faults.REGISTRY[kind].arguments:
        if default == "":
            break
        usual = {"every": 3, "after": 9, "number": 2, "code": 570}
        if kind == "outages":
            usual["text"] = "5-40,60-90,daily"
        number = usual.get(name, choose.randint(1, 40))
        about = "~" if name in ("every", "after") and choose.random() < 0.5 else ""
        values.append("{}{}".format(about, number))
    return kind + (":" + ",".join(values) if values else "")


def played(dialect, seed):
    """All that the module says while a host and a peer do this and that."""
    choose = random.Random(seed)
    specs = [some_fault(choose) for _ in range(3)]
    kind = Host if dialect in ("bg95", "rm500u") else NbHost
    host = kind(dialect=dialect, faults=specs, seed=seed, rtt=choose.choice((0, 0.3)))
    said = []
    for _ in range(80):
        if choose.random() < 0.1:
            host.module.feed(b"".join(choose.choices(WORDS, k=5)))
        host.type(choose.choice(LINES))
        if host.network.peers and choose.random() < 0.4:
            peer = choose.choice(host.network.peers)
            peer.send(choose.randbytes(choose.randrange(3000)))
            if choose.random() < 0.1:
                peer.close(choose.choice((0, 567)))
        if choose.random() < 0.5:
            host.clock.advance(choose.random() * 10)
        if choose.random() < 0.05:
            host.module.add_fault(faults.make(some_fault(choose)))
        said.append(host.module.take())
    for fault in list(host.module.faults):
        host.module.remove_fault(fault)
    return specs, said, host


@pytest.mark.parametrize("dialect", sorted(KEYS))
@pytest.mark.parametrize("seed", range(20))
def test_faults_together(dialect, seed):
    specs, said, host = played(dialect, seed)
    if not host.module.powered:
        host.module.press_key()  # one of them has switched it off
        host.clock.advance(5)
    host.module.reboot()
    host.clock.advance(200)
    host.module.take()
    host.type("ATE0")
    host.type("")  # the end of what a fault of the line has made of a prompt
    host.module.take()
    assert host.ask("AT") == ["OK"], specs
    assert played(dialect, seed)[1] == said, specs
