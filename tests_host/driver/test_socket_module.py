"""What programs expect of the module `socket`: a class, constants, addresses, native errors."""

import errno

import quectel
from installing import ModulesKept
from openings import LISTEN, REFUSED, TCP
from scripted import ScriptedUART, connected, raises

INCOMING = [("!", '+QIURC: "incoming",1,0,"10.0.0.9",77')]
# What native sockets have, and ours too.
METHODS = (
    "accept bind close connect listen makefile read readinto readline recv recvfrom send sendall "
    "sendto setblocking setsockopt settimeout write"
).split()


def interface(script=(), name="BG95S5"):
    return connected(name, ScriptedUART(list(script)))


def unsupported(call, *args):
    """The words of EOPNOTSUPP, which name the module."""
    error = raises(OSError, call, *args)
    assert error.args[0] == errno.EOPNOTSUPP
    assert error.args[1].startswith("BG95S5 has no "), error.args[1]
    return error.args[1]


# ---- the class ----


def test_socket_is_a_class():
    nic = interface()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    assert isinstance(nic.socket, type)
    assert isinstance(s, nic.socket) and type(s) is nic.socket
    assert isinstance(s, quectel.socket.Socket)
    assert hasattr(nic.socket, "sendall") and not hasattr(nic.socket, "nothing")
    assert not isinstance(s, interface().socket), "another interface's"


def test_a_class_of_its_own_overrides_and_calls():
    uart = ScriptedUART(TCP + [(">", "AT+QISEND=0,3"), ("<prompt", "> "), (">>", b"ABC")])
    uart.script.append(("<", "SEND OK"))
    nic = connected("BG95S5", uart)

    class Loud(nic.socket):
        def __init__(self, name):
            super().__init__(nic.AF_INET, nic.SOCK_STREAM)
            self.name = name

        def send(self, data, flags=0):
            return super().send(data.upper(), flags)

    s = Loud("one")
    s.connect(("h", 80))
    assert (s.send(b"abc"), s.name) == (3, "one")
    assert uart.done()


def test_an_accepted_client_is_one_too():
    uart = ScriptedUART(LISTEN + INCOMING)
    nic = connected("BG95S5", uart)
    s = nic.socket()
    s.bind(("", 2020))
    s.listen()
    client, peer = s.accept()
    assert type(client) is nic.socket and peer == ("10.0.0.9", 77)


def test_installed_it_has_every_method():
    with ModulesKept():
        quectel.install(interface(LISTEN + INCOMING))
        import socket

        assert [name for name in METHODS if not hasattr(socket.socket, name)] == []
        assert isinstance(socket.socket(), socket.socket)

        class Server(socket.socket):
            def accept(self):
                client, peer = super().accept()
                return client, peer[0]

        s = Server()
        s.bind(("", 2020))
        s.listen()
        assert s.accept()[1] == "10.0.0.9"


# ---- errors as native sockets have them ----


def test_what_is_no_number_is_a_type_error():
    nic = interface(TCP)
    for args in ((None,), ("x",), (nic.AF_INET, None), (nic.AF_INET, nic.SOCK_RAW, None)):
        raises(TypeError, nic.socket, *args)
    s = nic.socket()
    raises(TypeError, s.connect, ("h", "80"))
    raises(TypeError, s.connect, ("h", None))
    raises(TypeError, s.connect, "h")
    raises(TypeError, s.bind, ("", "80"))
    raises(TypeError, s.settimeout, "x")
    raises(ValueError, s.settimeout, -1)
    raises(ValueError, s.connect, ("h", 65536))
    s.connect(("h", 80))
    for size in (None, "5", 1.5, b"5"):
        raises(TypeError, s.recv, size)
    raises(ValueError, s.recv, -1)
    raises(TypeError, s.send, 5)
    raises(TypeError, s.send, None)
    raises(TypeError, s.recv_into, b"bytes")


def test_kinds_of_sockets_that_there_are_not():
    nic = interface()
    assert "raw sockets" in unsupported(nic.socket, nic.AF_INET, nic.SOCK_RAW)
    assert "type 123456" in unsupported(nic.socket, nic.AF_INET, 123456)
    assert "family 17" in unsupported(nic.socket, 17)


def test_options_that_no_module_has():
    nic = interface()
    s = nic.socket(nic.AF_INET, nic.SOCK_DGRAM)
    assert "broadcast" in unsupported(s.setsockopt, nic.SOL_SOCKET, nic.SO_BROADCAST, 1)
    assert s.setsockopt(nic.SOL_SOCKET, nic.SO_BROADCAST, 0) is None
    assert "SO_ERROR" in unsupported(s.setsockopt, nic.SOL_SOCKET, nic.SO_ERROR, 1)
    group = bytes((224, 0, 0, 251, 0, 0, 0, 0))
    text = unsupported(s.setsockopt, nic.IPPROTO_IP, nic.IP_ADD_MEMBERSHIP, group)
    assert "multicast" in text
    assert s.setsockopt(nic.SOL_SOCKET, nic.SO_REUSEADDR, 1) is None
    assert "SO_ERROR" in unsupported(s.getsockopt, nic.SOL_SOCKET, nic.SO_REUSEADDR)


def test_so_error_tells_why_a_connect_failed_once():
    nic = interface(REFUSED + TCP + [(">", "AT+QICLOSE=0"), ("<", "OK")])
    s = nic.socket()
    s.setblocking(False)
    assert s.getsockopt(nic.SOL_SOCKET, nic.SO_ERROR) == 0
    assert raises(OSError, s.connect, ("h", 80)).args[0] == errno.EINPROGRESS
    told = 0
    while not told:
        told = s.getsockopt(nic.SOL_SOCKET, nic.SO_ERROR)
    assert told == errno.ECONNREFUSED
    assert s.getsockopt(nic.SOL_SOCKET, nic.SO_ERROR) == 0
    s.setblocking(True)
    s.connect(("h", 80))
    assert s.getsockopt(nic.SOL_SOCKET, nic.SO_ERROR) == 0
    s.connection.fail(OSError(errno.ECONNABORTED))
    assert s.getsockopt(nic.SOL_SOCKET, nic.SO_ERROR) == errno.ECONNABORTED
    s.close()
    error = raises(OSError, s.getsockopt, nic.SOL_SOCKET, nic.SO_ERROR)
    assert error.args[0] == errno.EBADF


# ---- addresses ----


def test_addresses_as_bytes_and_back():
    nic = interface()
    assert nic.inet_pton(nic.AF_INET, "192.0.2.1") == b"\xc0\0\x02\x01"
    assert nic.inet_ntop(nic.AF_INET, b"\xc0\0\x02\x01") == "192.0.2.1"
    for text, data in (
        ("::", bytes(16)),
        ("::1", bytes(15) + b"\x01"),
        ("2001:db8::ff", b"\x20\x01\x0d\xb8" + bytes(11) + b"\xff"),
        ("1:0:3::", b"\0\x01\0\0\0\x03" + bytes(10)),
        ("1:2:3:4:5:6:7:8", bytes([n // 2 + 1 if n % 2 else 0 for n in range(16)])),
        (
            "1:0:3:4:5:6:7:8",
            b"\0\x01\0\0" + bytes([n // 2 + 3 if n % 2 else 0 for n in range(12)]),
        ),
        ("a::b:0:0:c", b"\0\x0a" + bytes(7) + b"\x0b" + bytes(5) + b"\x0c"),
    ):
        assert nic.inet_pton(nic.AF_INET6, text) == data, text
        assert nic.inet_ntop(nic.AF_INET6, data) == text, data
    assert nic.inet_pton(nic.AF_INET6, "::FFFF:192.0.2.1")[10:] == b"\xff\xff\xc0\0\x02\x01"
    assert nic.inet_pton(nic.AF_INET6, "1:2:3:4:5:6:7::")[-4:] == b"\0\x07\0\0"
    assert nic.inet_ntop(nic.AF_INET6, memoryview(bytearray(16))) == "::"


def test_what_is_no_address():
    nic = interface()
    for text in ("", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1.2.3.04", "1.2.3.x", "host", "1.2.3.4 "):
        assert raises(OSError, nic.inet_pton, nic.AF_INET, text).args[0] == errno.EINVAL, text
    for text in (
        "",
        ":",
        ":::",
        "1::2::3",
        "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9",
        "1:2:3:4::5:6:7:8",
    ):
        assert raises(OSError, nic.inet_pton, nic.AF_INET6, text).args[0] == errno.EINVAL, text
    for text in ("12345::", "g::", "::1.2.3", "1.2.3.4::", "::+1", "::0x1"):
        assert raises(OSError, nic.inet_pton, nic.AF_INET6, text).args[0] == errno.EINVAL, text
    raises(TypeError, nic.inet_pton, nic.AF_INET, b"1.2.3.4")
    raises(OSError, nic.inet_pton, 99, "1.2.3.4")
    raises(OSError, nic.inet_ntop, 99, bytes(4))
    raises(ValueError, nic.inet_ntop, nic.AF_INET, bytes(5))
