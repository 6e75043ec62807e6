"""A module that sleeps between two messages, on a virtual module in virtual time: see
test_sleeping.py, which gives DIALECT, FAULT and PINS, and compares what is printed."""

import errno
import os

import lockstep
import quectel

CLASSES = {"bg95": "BG95S5", "rm500u": "RM500U", "bc95": "BC95GR", "bc92": "BC92", "bc25": "BC25"}
MESSAGES = 4
SILENCE_MS = 60000
PORT = 7


def opened(nic, kind):
    s = nic.socket(nic.AF_INET, kind)
    s.settimeout(30)
    s.connect(("echo.example", PORT))
    return s


def main():
    pins = os.getenv("PINS").split()
    uart = lockstep.LockstepUART(os.getenv("DIALECT"), [os.getenv("FAULT")])
    options = {name: uart.pin(name) for name in pins}
    nic = getattr(quectel, CLASSES[os.getenv("DIALECT")])(uart, **options)
    nic.active(True)
    nic.connect("internet", timeout=120)
    tcp, udp = opened(nic, nic.SOCK_STREAM), opened(nic, nic.SOCK_DGRAM)
    for number in range(MESSAGES):
        try:
            nic.sleep()
        except OSError as e:
            assert e.args[0] == errno.EOPNOTSUPP, e
        lockstep.clock.sleep_ms(SILENCE_MS)
        message = b"message %d" % number
        begun = lockstep.clock.us
        assert udp.send(message) == len(message)
        assert udp.recv(100) == message, number
        print("took", (lockstep.clock.us - begun) // 1000000)
    try:
        tcp.send(b"still here")
        print("tcp", tcp.recv(100) == b"still here")
    except OSError as e:
        assert e.args[0] == errno.ECONNABORTED or e.args[0] == errno.ECONNRESET, e
        print("tcp", "fails")
    nic.awake()
    lockstep.clock.sleep_ms(SILENCE_MS)
    assert udp.send(b"awake") == 5 and udp.recv(100) == b"awake"
    udp.close()
    tcp.close()
    print("end")


main()
