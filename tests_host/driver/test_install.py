"""install(): the interface as the `socket` module of programs that are imported later."""

import quectel
from installing import ModulesKept
from scripted import ScriptedUART


def _installed():
    nic = quectel.BG95S5(ScriptedUART([]))
    quectel.install(nic)
    return nic


def test_both_names_are_the_interface():
    with ModulesKept():
        nic = _installed()
        import socket

        import usocket

        assert socket is nic
        assert usocket is nic


def test_it_looks_like_the_module():
    with ModulesKept():
        _installed()
        import socket

        ai = socket.getaddrinfo("example.com", 80, 0, socket.SOCK_STREAM)[0]
        assert ai[-1] == ("example.com", 80)
        s = socket.socket(ai[0], ai[1], ai[2])
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.settimeout(None)
        s.close()
        from socket import AF_INET, SOCK_DGRAM

        u = socket.socket(AF_INET, SOCK_DGRAM)
        u.close()
