"""Each fault that damages what is said, and that nothing else is damaged with it."""

import pytest

from .host import Host
from .nb import NbHost

PAYLOAD = bytes(range(65, 85)) * 5


def reader(fault, dialect="bg95", data=PAYLOAD):
    """A host with data waiting on socket 0, and a fault that concerns every second read."""
    host = (Host if dialect in ("bg95", "rm500u") else NbHost)(faults=[fault], dialect=dialect)
    peer = host.open()
    peer.send(data)
    host.module.take()
    return host


def asked(host, line):
    host.type(line)
    return host.module.take()


def whole(data):
    return b"\r\n+QIRD: %d\r\n%s\r\n\r\nOK\r\n" % (len(data), data)


@pytest.fixture(params=["bg95", "bc95"])
def dialect(request):
    return request.param


@pytest.mark.parametrize("name", ["drop-input", "double-input", "flip-input", "insert-input"])
def test_damaged_input(name):
    """The echo tells what the module has got."""
    change = {"drop-input": -1, "flip-input": 0}.get(name, 1)
    host = Host(faults=[name + ":20"], raw=True, seed=1)
    host.module.faults[0].output = lambda data: data
    sent = got = hits = 0
    for _ in range(400):
        before = sent
        host.module.feed(b"ABCDEFGHIJ")
        sent += 10
        echo = host.module.take()
        got += len(echo)
        hits += sum(a != b for a, b in zip(b"ABCDEFGHIJ", echo)) if not change else 0
        assert sent == before + 10
    hits = hits if not change else (got - sent) * change
    assert 0.8 < hits * 20 / sent < 1.2


def test_inserted_bytes():
    plain, host = Host(raw=True), Host(faults=["insert:30"], raw=True, seed=2)
    clean = damaged = b""
    for _ in range(200):
        plain.type("ATI")
        host.type("ATI")
        clean += plain.module.take()
        damaged += host.module.take()
    assert 0.8 < (len(damaged) - len(clean)) * 30 / len(clean) < 1.2


def test_a_run_of_bytes_is_lost():
    host = Host(faults=["drop-run:1000,300"], raw=True, seed=2)
    plain = Host(raw=True)
    clean = damaged = 0
    for _ in range(2000):
        plain.type("ATI")
        host.type("ATI")
        clean += len(plain.module.take())
        damaged += len(host.module.take())
    assert 0.8 < (clean - damaged) / (clean * 300 / 1300) < 1.2


def test_the_same_seed_does_the_same_again():
    said = []
    for seed in (1, 1, 2):
        host = Host(faults=["flip:9", "insert:30", "garble:2"], raw=True, seed=seed)
        for _ in range(20):
            host.type("AT+CSQ")
        said.append(host.module.take())
    assert said[0] == said[1] != said[2]


def test_lost_prompt(dialect):
    host = (Host if dialect == "bg95" else NbHost)(faults=["lose-prompt:2"], dialect=dialect)
    peer = host.open()
    last = b"\r\nSEND OK\r\n" if dialect == "bg95" else b"\r\nOK\r\n\r\nSEND OK\r\n"
    for prompt in (b"\r\n> ", b""):
        assert asked(host, "AT+QISEND=0,4") == prompt
        host.module.feed(b"data")
        assert host.module.take() == last
    assert peer.received == b"datadata"


def test_a_command_goes_into_the_prompt_that_was_lost():
    host = Host(faults=["lose-prompt:1"])
    peer = host.open()
    asked(host, "AT+QISEND=0,14")
    assert asked(host, "AT+QIGETERROR") == b"\r\nSEND OK\r\n"
    assert peer.received == b"AT+QIGETERROR\r"


def test_lost_typed_byte():
    host = Host(faults=["lose-typed:2"])
    peer = host.open()
    host.send(b"abcdefgh")
    asked(host, "AT+QISEND=0,8")
    host.module.feed(b"ijklmnop")
    assert host.module.take() == b""
    host.module.feed(b"q")
    assert host.lines() == ["SEND OK"]
    second = peer.received[8:]
    assert len(second) == 8 and second[-1:] == b"q"
    assert len(set(b"ijklmnopq") - set(second)) == 1


@pytest.mark.parametrize("name", ["drop-payload", "double-payload", "flip-payload"])
def test_damaged_payload(dialect, name):
    host = reader(name + ":2", dialect)
    tail = b"\r\n\r\nOK\r\n"
    assert asked(host, "AT+QIRD=0,50") == whole(PAYLOAD[:50])
    answer = asked(host, "AT+QIRD=0,50")
    assert answer.startswith(b"\r\n+QIRD: 50\r\n") and answer.endswith(tail)
    data = answer[len(b"\r\n+QIRD: 50\r\n") : -len(tail)]
    assert len(data) == 50 + {"drop-payload": -1, "double-payload": 1}.get(name, 0)
    assert data != PAYLOAD[50:]
    assert asked(host, "AT+QIRD=0,50") == b"\r\n+QIRD: 0\r\n\r\nOK\r\n"


def test_damaged_push():
    host = Host(faults=["drop-payload:1"])
    peer = host.open(access=1)
    peer.send(b"0123456789")
    answer = host.module.take()
    assert answer.startswith(b'\r\n+QIURC: "recv",0,10\r\n')
    assert len(answer) == len(b'\r\n+QIURC: "recv",0,10\r\n') + 9 + 2


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("count-negative", -1, -1),
        ("count-huge", 9999999999, 9999999999),
        ("count-above-asked", 500, 500),
        ("count-above", 51, 59),
        ("count-below", 41, 49),
    ],
)
def test_wrong_counts(dialect, name, low, high):
    host = reader(name + ":2", dialect)
    assert asked(host, "AT+QIRD=0,50") == whole(PAYLOAD[:50])
    header, _, rest = asked(host, "AT+QIRD=0,50")[2:].partition(b"\r\n")
    assert low <= int(header.split(b":")[1]) <= high
    assert rest == PAYLOAD[50:] + b"\r\n\r\nOK\r\n"
    host.ask("AT+QIRD=0,50")
    if name == "count-negative":  # where nothing waits, too
        assert host.ask("AT+QIRD=0,50") == ["+QIRD: -1", "OK"]


def test_missing_count():
    host = reader("count-missing:1")
    assert asked(host, "AT+QIRD=0,50") == whole(PAYLOAD[:50]).replace(b"50", b"", 1)


def test_wrong_count_in_push_mode():
    host = Host(faults=["count-huge:1"])
    host.open(access=1).send(b"x")
    assert host.module.take() == b'\r\n+QIURC: "recv",0,9999999999\r\nx\r\n'


def garbled(line):
    try:
        return any(not field or int(field) < 0 or int(field) > 10**9 for field in line.split(","))
    except ValueError:
        return True


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("qigeterror", "AT+QIGETERROR"),
        ("CSQ", "AT+CSQ"),
        ("QISEND", "AT+QISEND=0,0"),
        ("QIRD", "AT+QIRD=0,0"),
    ],
)
def test_garbled_numbers(name, command):
    host = Host(faults=["garble:2," + name], seed=5)
    host.open()
    plain = host.ask(command)[0]
    seen = set()
    for _ in range(60):
        line = host.ask(command)[0]
        numbers = line.split(": ")[1].replace(", operate successfully", "")
        assert line != plain and garbled(numbers), line
        assert line.startswith("+" + name.upper() + ": ")
        assert host.ask(command)[0] == plain
        seen.add(line)
    assert len(seen) > 3  # a letter, nothing, a negative number, one that is too long


def test_garbled_numbers_of_whatever_there_is():
    host = Host(faults=["garble:1"], context=False)
    assert host.ask("ATI")[0] == "Quectel"  # is no line of numbers
    for command in ("AT+CREG?", "AT+QICSGP=1", "AT+QIDNSCFG=1"):
        assert garbled(host.ask(command)[0].split(": ")[1].replace('""', "0"))
    host = Host(faults=["garble:1"], dialect="rm500u")
    line = host.ask("AT+QIRD=5")[0]
    assert line.startswith("+CME ERROR: ") and garbled(line.split(": ")[1])
    host = Host(faults=["garble:1,QIOPEN"], seed=1)
    assert garbled(host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')[1].split(": ")[1])


def test_lost_lines():
    host = reader("lose-line:2,QIRD")
    assert asked(host, "AT+QIRD=0,50") == whole(PAYLOAD[:50])
    assert host.ask("AT+CSQ") == ["+CSQ: 24,0", "OK"]
    assert asked(host, "AT+QIRD=0,50") == b"\r\nOK\r\n"
    host = Host(faults=["lose-line:1"])
    assert host.ask("AT+CSQ") == ["OK"]
    assert host.ask("ATI")[0] == "Quectel"


def test_lost_results(dialect):
    host = (Host if dialect == "bg95" else NbHost)(faults=["lose-result:2"], dialect=dialect)
    if dialect == "bc95":
        host.ask('AT+QIOPEN=1,0,"TCP","192.0.2.2",80')  # the set-up is one result
    assert host.ask("AT") == ["OK"]
    assert host.ask("AT+CSQ") == ["+CSQ: 24,0"]
    assert host.ask("AT+NOTHING") == ["ERROR"]
    assert host.ask("AT+NOTHING") == []
    if dialect == "bc95":
        assert host.ask('AT+QISENDEX=0,1,"30"') == ["OK"]


def test_urcs_cut_at_the_front():
    host = Host(faults=["cut-urc:2"], seed=3)
    peer = host.open()  # +QIOPEN is the first URC
    whole_urc = b'\r\n+QIURC: "recv",0\r\n'
    seen = set()
    for _ in range(40):
        peer.send(b"x")
        said = host.module.take()
        assert whole_urc.endswith(said) and said != whole_urc and said.endswith(b"\r\n")
        seen.add(len(said))
        assert host.read() == b"x"
        peer.send(b"x")
        assert host.module.take() == whole_urc
        host.read()
    assert len(seen) > 10
