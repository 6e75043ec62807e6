"""Each fault by its name, and that the same seed does the same again."""

import types

import pytest
from tools.vmodule import faults

from .host import Host


def test_every_fault_has_a_line_of_help():
    assert len(faults.help_text().splitlines()) == len(faults.REGISTRY)
    for name in faults.REGISTRY:
        assert "  " + name in faults.help_text()


@pytest.mark.parametrize(
    "spec", ["nothing", "reboot", "sendfail:0", "no-sim:1", "silence:1,2,3", "reboot-at:1"]
)
def test_wrong_specs(spec):
    with pytest.raises(ValueError, match="fault"):
        faults.make(spec)


@pytest.mark.parametrize("after", range(1, 112))
def test_reboot_at_every_byte(after):
    host = Host(faults=["reboot:{}".format(after)], raw=True)
    said = b""
    for line in ("ATE0", "AT", "AT+CSQ", "ATI", "AT+CPIN?"):
        host.type(line)
        host.clock.advance(1)
        said += host.module.take()
    assert said[after:].startswith(b"\r\nRDY\r\n")
    host.ask("ATE0")
    assert host.ask("AT") == ["OK"]


@pytest.mark.parametrize("further", [-3, 0, 1, 6])
def test_reboot_at_a_text(further):
    host = Host(faults=["reboot-at:{},+CSQ: 2".format(further)], raw=True)
    said = b""
    for line in ("ATE0", "AT", "AT+CSQ", "AT+CSQ"):
        host.type(line)
        host.clock.advance(1)
        said += host.module.take()
    before, _, after = said.partition(b"\r\nRDY\r\n")
    answer = b"\r\n+CSQ: 24,0\r\n\r\nOK\r\n"
    assert before.endswith(b"OK\r\n" + answer[: len(b"\r\n+CSQ: 2") + further])
    assert answer in after  # once only


def test_reboot_at_a_text_in_pieces():
    reboots = []
    module = types.SimpleNamespace(collapse=lambda: reboots.append(True))
    fault = faults.make("reboot-at:1,a,b")(module)
    fault.begin()
    assert [fault.output(data) for data in (b"ba", b",", b"bc", b"d")] == [
        b"ba",
        b",",
        b"bc",
        b"d",
    ]
    assert reboots == [True]
    fault.begin()
    assert [fault.output(data) for data in (b"xa,b", b"cd")] == [b"xa,b", b"c"]
    assert reboots == [True] * 2


def test_silence():
    host = Host(faults=["silence:4,10"])  # the set-up is four commands
    assert host.ask("AT") == []
    host.clock.advance(9)
    assert host.ask("AT") == []
    host.clock.advance(2)
    assert host.ask("AT") == ["OK"]
    host = Host(faults=["mute"], raw=True)
    assert host.ask("AT") == []


def test_send_fail():
    host = Host(faults=["sendfail:2"])
    peer = host.open()
    for answer in ("SEND OK", "SEND FAIL") * 3:
        host.send(b"x", answer=answer)
    assert peer.received == b"xxx"


def test_lost_recv():
    host = Host(faults=["lose-recv:1"])
    peer = host.open()
    peer.send(b"x")
    assert host.lines() == []
    assert host.read() == b"x"
    host = Host(faults=["lose-urc:1"])
    assert host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80') == ["OK"]


def test_noise_stands_on_line_boundaries():
    host = Host(faults=["urc-noise:1"], seed=3)
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')
    host.network.peers[0].send(b"\r\npayload\r\n" * 5)
    host.module.take()
    host.type("AT+QIRD=0")
    said = host.module.take()
    assert b"+QIRD: 55\r\n" + b"\r\npayload\r\n" * 5 + b"\r\n" in said
    assert any(text.encode() in said for text in faults.UrcNoise.TEXTS)
    again = Host(faults=["urc-noise:1"], seed=3)
    again.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')
    again.network.peers[0].send(b"\r\npayload\r\n" * 5)
    again.module.take()
    again.type("AT+QIRD=0")
    assert again.module.take() == said


def test_pdpdeact():
    host = Host(faults=["pdpdeact:60"])
    host.open()
    host.clock.advance(59)
    assert host.lines() == []
    host.clock.advance(2)
    assert host.lines() == ['+QIURC: "pdpdeact",1']


def test_outage():
    host = Host(faults=["outage:6,30"])  # the set-up is four commands
    peer = host.open()
    for _ in range(2):
        assert '+QIURC: "pdpdeact",1' in host.ask("AT")
        for _ in range(10):
            assert host.ask("AT+CEREG?") == ["+CEREG: 0,2", "OK"]
        assert host.ask("AT+QIDEACT=1") == ["OK"]
        assert host.ask("AT+QIACT=1") == ["ERROR"]
        host.clock.advance(31)
        assert host.ask("AT+CEREG?") == ["+CEREG: 0,1", "OK"]
        assert host.ask("AT+QIACT=1") == ["OK"]
        for _ in range(3):
            assert host.ask("AT") == ["OK"]
    assert peer.closed


def test_outages_by_a_timetable():
    host = Host(faults=["outages:60-90,0:02-0:03:30.5"])
    for wait, stat in (
        (59, 1),
        (2, 2),
        (28, 2),
        (2, 1),
        (28, 1),
        (2, 2),
        (89, 2),
        (1, 1),
        (1e5, 1),
    ):
        host.clock.advance(wait)
        host.module.take()
        assert host.ask("AT+CEREG?") == ["+CEREG: 0,{}".format(stat), "OK"]


def test_outages_each_day():
    host = Host(faults=["outages:1:00-2:00,22:15-24:45,daily"])
    out = 0
    for hour in range(24 * 30):
        host.clock.advance(1800)
        out += not host.module.coverage
        host.clock.advance(1800)
        host.module.take()
    assert out == 30 * 4 - 1  # at 1:30, 22:30, 23:30 and, but for the first day, 0:30
    host.module.remove_fault(host.module.faults[0])
    host.clock.advance(1e6)
    assert not host.module.coverage  # as it was: between 22:15 and 24:45


@pytest.mark.parametrize(
    "times",
    [
        "",
        "daily",
        "10",
        "10-",
        "20-10",
        "10-20,15-30",
        "1:2:3:4-5",
        "a-b",
        "-1-5",
        "1:00-26:00,daily",
    ],
)
def test_wrong_timetables(times):
    with pytest.raises(ValueError, match="outages"):
        Host(faults=["outages:" + times])


def test_black_hole():
    host = Host(faults=["black-hole:60,600"])
    host.network.pings["192.0.2.2"] = [20.0] * 3
    host.type('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')
    host.clock.advance(1)
    assert host.lines() == ["OK", "+QIOPEN: 0,0"]
    host.type('AT+QIOPEN=1,1,"UDP","192.0.2.2",80,5000')
    host.type('AT+QIOPEN=1,3,"TCP","192.0.2.2",80')
    host.clock.advance(1)
    host.lines()
    peer = host.network.peers[0]
    for number in range(2):
        host.send(b"before", number)
    peer.send(b"there")
    host.clock.advance(1)
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read() == b"there" and peer.received == b"before"
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 6,6,0", "OK"]
    host.clock.advance(60)
    for number in range(2):
        host.send(b"after", number)
    peer.send(b"held")
    host.network.datagram(5000, b"lost", "192.0.2.2", 80)
    host.type('AT+QIOPEN=1,2,"TCP","192.0.2.2",80')
    host.clock.advance(1)
    assert host.lines() == ["OK"]
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 11,6,5", "OK"]
    host.type('AT+QPING=1,"192.0.2.2",4,1')
    host.clock.advance(5)
    assert host.lines()[1:] == ["+QPING: 569", "+QPING: 0,1,0,1,0,0,0"]
    assert host.ask("AT+QICLOSE=2") == ["OK"]
    host.type("AT+QICLOSE=3")
    host.clock.advance(9)
    assert host.lines() == []
    host.clock.advance(2)
    assert host.lines() == ["OK"]
    host.clock.advance(600)
    assert peer.received == b"beforeafter"
    assert host.lines() == ['+QIURC: "recv",0'] and host.read() == b"held"
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 11,11,0", "OK"]
    assert [data for data, _, _ in host.network.sent] == [b"before"]


def test_error_and_late():
    host = Host(faults=["error:5,568"])  # the set-up counts three
    assert host.ask("AT+QISTATE") == ["OK"]
    host.refused("AT+QISTATE", 568)
    host = Host(faults=["late:5,3"])
    assert host.ask("AT") == []
    host.clock.advance(3)
    assert host.lines() == ["OK"]


@pytest.mark.parametrize(("name", "change"), [("drop", -1), ("double", 1), ("flip", 0)])
def test_damaged_bytes(name, change):
    plain = Host(raw=True)
    host = Host(faults=[name + ":20"], raw=True, seed=1)
    clean = damaged = b""
    for _ in range(200):
        plain.type("ATI")
        host.type("ATI")
        clean += plain.module.take()
        damaged += host.module.take()
    hits = (len(damaged) - len(clean)) * change if change else sum(
        a != b for a, b in zip(clean, damaged))  # fmt: skip
    assert 0.8 < hits * 20 / len(clean) < 1.2


def test_about_every_so_many():
    host = Host(faults=["sendfail:~4"], seed=6)
    peer = host.open()
    answers = []
    for _ in range(200):
        host.type("AT+QISEND=0,1")
        host.module.take()
        host.module.feed(b"x")
        answers += host.lines()
    assert 30 < answers.count("SEND FAIL") < 70
    assert len(peer.received) == answers.count("SEND OK") == 200 - answers.count("SEND FAIL")
    assert answers != ["SEND OK", "SEND OK", "SEND OK", "SEND FAIL"] * 50
    host = Host(faults=["restart:~60"], seed=6)
    host.clock.advance(6000)
    assert 70 < host.module.counts["reboot"] < 130


def test_faults_that_come_and_go():
    host = Host()
    lost = host.module.add_fault(faults.make("lose-result:1"))
    restarts = host.module.add_fault(faults.make("restart:60"))
    assert host.ask("AT") == []
    host.module.remove_fault(lost)
    assert host.ask("AT") == ["OK"]
    host.clock.advance(61)
    host.module.remove_fault(restarts)
    host.clock.advance(600)
    assert host.module.counts["reboot"] == 1
