"""install(): the interface as the `socket` module of programs that are imported later."""

import sys

import quectel
from scripted import ScriptedUART

_NAMES = ("socket", "usocket")


def _installed():
    nic = quectel.BG95S5(ScriptedUART([]))
    quectel.install(nic)
    return nic


def _without(check):
    """Run check(nic) with the interface installed, and leave the modules as they were."""
    before = {name: sys.modules[name] for name in _NAMES if name in sys.modules}
    try:
        check(_installed())
    finally:
        for name in _NAMES:
            sys.modules.pop(name, None)
        sys.modules.update(before)


def test_both_names_are_the_interface():
    def check(nic):
        import socket

        import usocket

        assert socket is nic
        assert usocket is nic

    _without(check)


def test_it_looks_like_the_module():
    def check(nic):
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

    _without(check)
