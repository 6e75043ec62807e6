"""The raw REPL of a microcontroller, for MicroPython's unix port, which has none of its own.

Standard input and output are the serial line. What mpremote sends is run by this interpreter,
in its own file system: the protocol is the only thing that is acted here.
"""

import io
import sys

_CTRL_A = b"\x01"
_CTRL_B = b"\x02"
_CTRL_D = b"\x04"
_CTRL_E = b"\x05"
_BANNER = b"raw REPL; CTRL-B to exit\r\n"
_WINDOW = 1024

_in = open(0, "rb")
_out = open(1, "wb")
_before = set(sys.modules)


def _read(n):
    data = _in.read(n)
    if not data:
        raise SystemExit
    return data


def _run(code, scope):
    """Run a piece of code; its output goes out by itself, a traceback after the first Ctrl-D."""
    failure = io.StringIO()
    try:
        exec(code, scope)
    except SystemExit:
        pass
    except BaseException as error:
        sys.print_exception(error, failure)
    _out.write(_CTRL_D + failure.getvalue().encode() + _CTRL_D)


def _paste(scope):
    """Raw-paste mode: the sender may be one window ahead, and is told of each one read."""
    _out.write(b"R\x01" + _WINDOW.to_bytes(2, "little"))
    code = bytearray()
    while True:
        byte = _read(1)
        if byte == _CTRL_D:
            break
        code += byte
        if len(code) % _WINDOW == 0:
            _out.write(b"\x01")
    _out.write(_CTRL_D)
    _run(code.decode(), scope)


def _soft_reset():
    for name in set(sys.modules) - _before:
        del sys.modules[name]
    return {"__name__": "__main__"}


def main():
    raw = False
    scope = _soft_reset()
    line = bytearray()
    while True:
        byte = _read(1)
        if byte == _CTRL_A:
            raw = True
            line = bytearray()
            _out.write(_BANNER + b">")
        elif byte == _CTRL_B:
            raw = False
            _out.write(b"\r\n>>> ")
        elif raw and byte == _CTRL_D:
            _out.write(b"OK")
            if line:
                _run(line.decode(), scope)
            else:
                scope = _soft_reset()
                _out.write(b"\r\nMPY: soft reboot\r\n" + _BANNER)
            line = bytearray()
            _out.write(b">")
        elif raw and byte == _CTRL_E and not line:
            # "A" and Ctrl-A follow.
            _read(2)
            _paste(scope)
            _out.write(b">")
        elif raw and byte >= b"\x05":
            line += byte


main()
