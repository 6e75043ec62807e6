"""The whole program as an RM500U: a process on a TCP port, to real sockets on loopback."""

import random
import socket
import threading

from end_to_end_peers import free_port

from .endtoend import PATIENCE, Echo, Line, Process

TCP = ("--tcp", "127.0.0.1:0")
DATA = random.Random(5).getrandbits(8 * 300_000).to_bytes(300_000, "big")


def module(*options):
    return Process(*TCP, *options, dialect="rm500u")


def test_data_both_ways_with_sendinfo():
    echo = Echo()
    with module("--host", "example.test=127.0.0.1:{}".format(echo.port)) as address:
        line = Line(address)
        line.setup()
        line.ask('AT+QICFG="sendinfo",1')
        assert line.open(0, "TCP", "example.test", 80) == 0
        sent = 0
        got = b""
        while len(got) < len(DATA):
            piece = DATA[sent : sent + 1460]
            if piece:
                line.ask("AT+QISEND=0,{}".format(len(piece)), rb"\r\n> ")
                line.send(piece)
                match = line.until(rb"\r\n\+QISEND: 0,([01]),(\d+)\r\n\r\nOK\r\n")
                sent += len(piece) if match.group(1) == b"0" else 0
                assert 0 <= int(match.group(2)) <= 10240
            got += line.read(0)[0]
        assert got == DATA
        line.ask("AT+QICLOSE=0")
        line.close()
    echo.close()


def test_a_peer_that_does_not_read():
    with socket.create_server(("127.0.0.1", 0)) as server, module() as address:
        server.settimeout(PATIENCE)
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", server.getsockname()[1])
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        taken = 0
        while line.write(0, b"x" * 1460) == b"OK":
            taken += 1460
        left = taken
        while left:
            left -= len(client.recv(65536))
        while line.write(0, b"y" * 1460) != b"OK":
            pass
        assert client.recv(1460)[:1] == b"y"
        client.close()
        line.close()


def test_servers_and_several_contexts():
    local = free_port()
    with module("--model", "RG500U") as address:
        line = Line(address)
        line.setup()
        line.ask("AT+CGMM", rb"\r\nRG500U\r\n\r\nOK\r\n")
        line.ask('AT+QICSGP=2,3,"internet","","","",0')
        line.ask("AT+QIACTEX=2,1", rb'\r\n\+QIACTEX: 2,0,3,"10\.7\.157\.2","2001:[^"]*"\r\n')
        line.ask('AT+QCFG="nat",1')
        command = 'AT+QIOPEN=2,1,"TCP LISTENER","127.0.0.1",0,{},0,1'
        line.ask(command.format(local), rb"\r\n\+QIOPEN: 1,0\r\n")
        with socket.create_connection(("127.0.0.1", local)) as client:
            client.settimeout(PATIENCE)
            line.until(rb'"incoming",11,1,"127.0.0.1",\d+\r\n')
            with socket.create_connection(("127.0.0.1", local)):
                line.until(rb'"incoming full"(,1)?\r\n')
            client.sendall(b"hello")
            line.until(rb'"recv",11\r\n')
            assert line.read(11)[0] == b"hello"
            line.write(11, b"there")
            assert client.recv(10) == b"there"
            line.ask('AT+QICFG="close mode",1')
            line.ask("AT+QICLOSE=11", rb'\r\nOK\r\n\r\n\+QIURC: "closed",11\r\n')
            assert client.recv(10) == b""
        line.ask("AT+QIDEACTEX=2", rb"\r\n\+QIDEACTEX: 2,0\r\n")
        line.ask("AT+QISTATE=1,1", rb"^\r\nOK\r\n")
        line.close()


def test_udp_service():
    local = free_port()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer, module() as address:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(PATIENCE)
        line = Line(address)
        line.setup()
        assert line.open(2, "UDP SERVICE", "127.0.0.1", 0, local) == 0
        peer.sendto(b"datagram", ("127.0.0.1", local))
        line.until(rb'"recv",2\r\n')
        port = peer.getsockname()[1]
        assert line.read(2) == (b"datagram", b'"127.0.0.1",%d' % port)
        line.write(2, b"reply", ',"127.0.0.1",{}'.format(port))
        assert peer.recv(100) == b"reply"
        line.close()


def test_passive_close():
    with socket.create_server(("127.0.0.1", 0)) as server, module() as address:
        server.settimeout(PATIENCE)
        line = Line(address)
        line.setup()
        line.ask('AT+QICFG="passiveclosed",1')
        line.open(0, "TCP", "127.0.0.1", server.getsockname()[1])
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        client.sendall(b"last words")
        client.shutdown(socket.SHUT_WR)
        line.until(rb'"closed",0\r\n')
        assert client.recv(10) == b""  # the module's FIN, before any QICLOSE
        assert line.read(0)[0] == b"last words"
        line.ask("AT+QICLOSE=0")
        client.close()
        line.close()


def test_a_server_that_comes_up_late():
    local = free_port()
    with module() as address:
        line = Line(address)
        line.setup()
        line.send(b'AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,0,11,60\r' % local)
        line.until(rb"\r\nOK\r\n")
        line.ask("AT+QISTATE=1,0", rb",1,1,0,0,.*\r\n\r\nOK\r\n")
        with socket.create_server(("127.0.0.1", local)) as server:
            server.settimeout(PATIENCE)
            line.until(rb"\r\n\+QIOPEN: 0,0\r\n")
            server.accept()[0].close()
        line.close()


def test_transparent_mode():
    with socket.create_server(("127.0.0.1", 0)) as server, module() as address:
        server.settimeout(PATIENCE)
        line = Line(address)
        line.setup()
        line.open(0, "TCP", "127.0.0.1", server.getsockname()[1], access=2)
        client, _ = server.accept()
        client.settimeout(PATIENCE)
        sender = threading.Thread(target=line.send, args=(DATA,), daemon=True)
        sender.start()
        got = b""
        while len(got) < len(DATA):
            got += client.recv(65536)
        sender.join(PATIENCE)
        assert got == DATA
        client.sendall(DATA)
        assert line.exactly(len(DATA)) == DATA
        client.close()
        line.until(rb"\r\nNO CARRIER\r\n")
        line.ask("AT+QICLOSE=0")
        line.close()
