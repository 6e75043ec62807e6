"""mpremote itself, with more patience: an emulated board is slow where the machine is busy.

`patient_mpremote.py WORDS …` is `mpremote WORDS …`. With `--usb DEVICE` before them, that is the
one board that mpremote finds by itself: a port, or the address of an emulated Pico's REPL.
"""

import socket
import sys
import time
import types

import serial.tools.list_ports
from mpremote import transport_serial
from mpremote.main import main

_PATIENCE = 60  # times the ten seconds that it usually waits
_OFTEN = 10  # times as often as usual it looks whether the board has answered

transport_serial.time = types.SimpleNamespace(
    monotonic=lambda: time.monotonic() / _PATIENCE,
    sleep=lambda seconds: time.sleep(seconds / _OFTEN),
)
_connected = socket.create_connection


def _at_once(*args, **options):
    """What is written leaves at once, not only when what was written before is acknowledged."""
    connection = _connected(*args, **options)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


socket.create_connection = _at_once
if sys.argv[1] == "--usb":
    port = types.SimpleNamespace(device=sys.argv[2], vid=1, pid=1)
    del sys.argv[1:3]
    serial.tools.list_ports.comports = lambda: [port]
sys.exit(main())
