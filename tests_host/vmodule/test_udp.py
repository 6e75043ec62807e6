"""UDP clients and services."""

from .host import Host


def test_client():
    host = Host()
    host.open(0, "UDP", port=53, local=5000)
    host.send(b"query")
    assert host.network.sent == [(b"query", "192.0.2.2", 53)]
    host.network.datagram(5000, b"answer", "192.0.2.2", 53)
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read() == b"answer"
    assert host.read() == b""
    assert host.ask("AT+QISEND=0,0") == ["+QISEND: 5,5,0", "OK"]
    assert host.ask("AT+QICLOSE=0") == ["OK"]
    assert host.network.sockets == {}


def test_a_read_gives_one_datagram_or_a_part_of_one():
    host = Host()
    host.open(0, "UDP", local=5000)
    for data in (b"first", b"second"):
        host.network.datagram(5000, data, "192.0.2.2", 8009)
    assert host.lines() == ['+QIURC: "recv",0']
    assert host.read(length=3) == b"fir"
    assert host.read(length=1500) == b"st"
    assert host.read() == b"second"
    assert host.read() == b""


def test_service_reads_whole_datagrams():
    host = Host()
    host.serve()
    host.network.datagram(3030, b"x" * 2000, "198.51.100.7", 1234)
    assert host.lines() == ['+QIURC: "recv",2']
    host.type("AT+QIRD=2,10")
    expected = b'\r\n+QIRD: 2000,"198.51.100.7",1234\r\n' + b"x" * 2000 + b"\r\n\r\nOK\r\n"
    assert host.module.take() == expected
    assert host.ask("AT+QIRD=2,0") == ["+QIRD: 2000,2000,0", "OK"]


def test_service_pushes_with_the_peer():
    host = Host()
    host.serve(access=1)
    host.network.datagram(3030, b"\r\nOK\r\n", "198.51.100.7", 1234)
    expected = b'\r\n+QIURC: "recv",2,6,"198.51.100.7",1234\r\n\r\nOK\r\n\r\n'
    assert host.module.take() == expected


def test_a_full_queue_drops():
    host = Host()
    host.serve()
    for number in range(70):
        host.network.datagram(3030, bytes((number,)), "198.51.100.7", 1234)
    got = []
    while True:
        answer = host.ask("AT+QIRD=2")
        if "+QIRD: 0" in answer:
            break
        got.append(answer)
    assert len(got) == 64
    assert host.module.counts["datagram dropped"] == 6
    host.network.datagram(3030, b"x", "198.51.100.7", 1234)
    assert host.lines() == ['+QIURC: "recv",2']
