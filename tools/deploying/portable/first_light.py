# First light: whether the module on this board answers, and what it says of itself. Run on the
# board by tools/deploy. The last line is the verdict: "first light: ok", or what to look at.

import errno
import time

import board

REGISTRATION_S = 60  # 3GPP names no time; a module that was never in this network takes minutes
# <stat> of AT+CEREG? (3GPP TS 27.007)
STATES = ("not searching", "at home", "searching", "denied", "unknown", "roaming")


def module():
    """The network interface, active; an OSError says what to look at."""
    nic = board.modem()
    try:
        nic.active(True)
    except OSError as e:
        if e.args[0] == errno.ETIMEDOUT:
            raise OSError(
                e.args[0],
                "nothing answers AT: look at the supply, at TX and RX (crossed?), at the level "
                "shifter, at PWRKEY, and at BAUDRATE of board.py",
            )
        raise
    return nic


def registered(nic):
    """The state of the registration, after a wait where the module is searching."""
    start = time.ticks_ms()
    while True:
        state = nic.status("registration")
        if state not in (0, 2) or time.ticks_diff(time.ticks_ms(), start) > REGISTRATION_S * 1000:
            return state
        time.sleep(1)


def first_light():
    """Print what there is; returns what to look at, or None."""
    nic = module()
    print("module:", nic.config("model"))
    print("firmware:", nic.config("firmware"))
    try:
        sim = nic.command("AT+CPIN?")[-1]  # 3GPP TS 27.007
    except OSError as e:
        sim = e.args[-1]
    print("SIM:", sim)
    if not sim.endswith("READY"):
        return "no SIM that can be used: look at the card, and at its PIN"
    print("signal:", nic.status("rssi"), "dBm")
    state = registered(nic)
    print("registration:", STATES[state] if state < len(STATES) else state)
    if state not in (1, 5):
        return (
            "not registered: look at the antenna, at the signal above, and whether the SIM is "
            "active; a module in a new network may take minutes"
        )
    print("operator:", nic.status("operator"))
    return None


try:
    verdict = first_light()
except OSError as e:
    verdict = str(e.args[-1])
print("first light:", verdict or "ok")
