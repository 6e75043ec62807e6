"""What an earlier program left behind: its sockets, its settings, a half-sent command."""

import time

import board
import quectel
from scenario import HOST, main, online, peer, same


def leaves_sockets(port, count):
    """Open `count` sockets, with data unread, and end."""
    nic = online()
    sockets = [peer(nic, port, "source", 3000, i) for i in range(count)]
    for s in sockets[:3]:
        s.read(10)
    same(len(nic.command("AT+QISTATE?")), count, "open")


def _write(uart, data):
    at = 0
    while at < len(data):
        at += uart.write(data[at:]) or 0


def _read_until(uart, end):
    data = b""
    buf = bytearray(1)
    while not data.endswith(end):
        if uart.any() and uart.readinto(buf):
            data += bytes(buf)
    return data


def _raw(uart, line, end=b"OK\r\n"):
    _write(uart, line + b"\r")
    return _read_until(uart, end)


def leaves_send(port, part):
    """End in the middle of a QISEND: `part` of its 1460 bytes have been sent."""
    nic = online()
    peer(nic, port, "quiet")
    uart = nic.channel.uart
    _raw(uart, b"AT+QISEND=0,1460", b"> ")
    _write(uart, b"x" * part)


def leaves_text(port):
    """The same with a QISEND without a length, which only Ctrl+Z ends."""
    nic = online()
    peer(nic, port, "quiet")
    uart = nic.channel.uart
    _raw(uart, b"AT+QISEND=0", b"> ")
    _write(uart, b"half a tex")


def leaves_line(port):
    """End in the middle of a command line."""
    nic = online()
    peer(nic, port, "quiet")
    _write(nic.channel.uart, b"AT+QISEND=0,1")


def leaves_answer(port):
    """End with the answer of a QIRD unread."""
    nic = online()
    s = peer(nic, port, "source", 30000, 1)
    s.read(1)
    _write(nic.channel.uart, b"AT+QIRD=0,1500\r")


def leaves_transparent(port):
    """End in transparent mode."""
    uart = online().channel.uart
    line = b'AT+QIOPEN=1,0,"TCP","127.0.0.1",%d,0,2' % port
    _raw(uart, line, b"CONNECT\r\n")
    _write(uart, b"echo\nhello")
    _read_until(uart, b"hello")


_SETTINGS = (
    b"ATE1",
    b"AT+CMEE=2",
    b"AT+QISDE=1",
    b'AT+QICFG="dataformat",1,1',
    b'AT+QICFG="viewmode",1',
    b'AT+QICFG="recvind",1',
    b"AT+CEREG=2",
    b"AT+CGREG=2",
)


def leaves_settings(port):
    """End with every setting otherwise than the driver wants it."""
    nic = online()
    peer(nic, port, "quiet")
    for line in _SETTINGS:
        _raw(nic.channel.uart, line)


def leaves_off(port):
    """End with the radio off."""
    online().active(False)


def takes_over(port):
    """active(True) makes the module as good as new: all sockets closed, twelve can be opened."""
    nic = quectel.BG95S5(board.uart())
    nic.active(True)
    same(nic.command("AT+QISTATE?"), [], "open after active(True)")
    nic.connect("internet")
    while not nic.isconnected():
        assert nic.status() >= 0, nic.status("error")
        time.sleep_ms(1)
    sockets = [peer(nic, port, "echo") for _ in range(12)]
    for s in sockets:
        s.sendall(b"\r\nOK\r\n> hello")
        same(s.read(13), b"\r\nOK\r\n> hello", "echo")
    s = sockets.pop()
    s.close()
    same(len(peer(nic, port, "source", 50000, 2).read()), 50000, "much")


def same_line(port):
    """A soft reset with the UART kept: a second interface on the same line."""
    uart = board.uart()
    for _ in range(3):
        nic = quectel.BG95S5(uart)
        nic.active(True)
        same(nic.command("AT+QISTATE?"), [], "open after active(True)")
        nic.connect("internet")
        while not nic.isconnected():
            time.sleep_ms(1)
        s = nic.socket()
        s.connect((HOST, port))
        s.sendall(b"echo\nhello")
        same(s.read(5), b"hello", "echo")
        s.sendall(b"unread")


if __name__ == "__main__":
    main(globals())
