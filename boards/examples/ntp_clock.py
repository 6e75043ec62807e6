"""A clock that a time server keeps right.

    ntp_clock.py [SERVER [TICKS [PORT]]]

Prints the time every second, TICKS times (0, as without it: for ever). The module asks the
server at the beginning and every hour; in between the milliseconds of the board count. Where
`machine` has an RTC, `nic.ntp` sets that as well, and `time.gmtime` is right from then on.
"""

import time

import quectel
from online import argument, online

SERVER = argument(1, "pool.ntp.org")
TICKS = int(argument(2, "0"))
PORT = int(argument(3, "123"))
ASK_EVERY = 3600  # seconds


def seconds_of(now: "tuple[int, ...]") -> int:
    """Seconds since midnight of a time as time.gmtime gives it."""
    return now[3] * 3600 + now[4] * 60 + now[5]


def ask(nic: "quectel.nic.Nic"):
    """The server's time, and the board's milliseconds at which it came."""
    now = nic.ntp(SERVER, PORT)
    print("%04d-%02d-%02d, says %s" % (now[0], now[1], now[2], SERVER))
    return now, time.ticks_ms()


def main():
    nic = online()
    number = 0
    now, asked = ask(nic)
    while number < TICKS or not TICKS:
        if time.ticks_diff(time.ticks_ms(), asked) >= ASK_EVERY * 1000:
            now, asked = ask(nic)
        since = time.ticks_diff(time.ticks_ms(), asked)
        of_day = (seconds_of(now) + since // 1000) % 86400
        print("%02d:%02d:%02d UTC" % (of_day // 3600, of_day // 60 % 60, of_day % 60))
        number += 1
        time.sleep_ms(1000 - since % 1000)  # to the next full second
    print("module:", "%04d-%02d-%02d %02d:%02d:%02d" % nic.clock()[:6])


main()
