"""nic.reset of a virtual module of this process that hangs, in virtual time, on CPython. CASES is
JSON: [dialect, faults, what is wired] of each. Prints for each a line of JSON: the levels of RESET
and PWRKEY, those of the supply, the restarts, and what nic.reset raised."""

import json
import os

# isort: off
from own_module import CLASSES, Line

# isort: on
import quectel


class Pin:
    """One of the module's, as machine.Pin has them."""

    def __init__(self, drive):
        self.levels = []
        self._drive = drive

    def value(self, level):
        self.levels.append(level)
        self._drive(level)


def played(key, faults, wired):
    line = Line(key, faults)
    pins = {
        "reset": Pin(line.drive("reset")),
        "pwrkey": Pin(line.drive("pwrkey")),
        "power": Pin(line.drive("supply")),
    }
    options = {name: pins[name] for name in wired}
    if "power" in options:
        options["power"] = pins["power"].value
    nic = getattr(quectel, CLASSES[key])(line, **options)
    error = None
    try:
        nic.reset()
        assert nic.active() and nic.module.ready
    except OSError as e:
        error = e.args[1]
    return [pin.levels for pin in pins.values()], line.module.powered, error


for case in json.loads(os.environ["CASES"]):
    print(json.dumps(played(*case)))
