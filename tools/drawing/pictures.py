"""What each picture shows: titles, labels and numbers, from the kept figures alone."""

from typing import NamedTuple

from tools import manifest
from tools.benching import kept
from tools.benching.least import LEAST, of_a_transfer

FOLDER = manifest.LIB / "docs" / "pictures"
BAUD = 115200
LATENCY_MS = 20
_WIRE = {
    "receiving": "down",
    "sending": "up",
    "64 bytes there and back": "64 bytes",
}
# What the picture calls a way to install, and what the figures call it.
_WAYS = {
    ".py": ".py on the file system",
    ".mpy": ".mpy on the file system",
    "ROMFS": ".mpy in ROMFS",
    "frozen": "frozen",
}
_RAM = {
    "RAM with one socket in use": "RAM, %s, 1 in use",
    "heap that import and bring-up need": "least free heap, %s",
}


class Picture(NamedTuple):
    """Bars in groups."""

    title: str
    unit: str
    groups: list
    below: str  # what the groups are
    series: dict  # {name: [a number for each group]}


def _above(figures, key, way):
    # Percent of time that a transfer takes above the least that the document allows.
    name = "wire: %s, %d baud, %d ms, %s: seconds" % (key, BAUD, LATENCY_MS, way)
    least = of_a_transfer(key, BAUD, LATENCY_MS / 1000, way)
    return round(100 * (figures[name] / least - 1), 2)


def _wire(figures):
    groups = ["%s: %d / %d" % (key, LEAST[key].read_max, LEAST[key].most(False)) for key in LEAST]
    series = {name: [_above(figures, key, way) for key in LEAST] for name, way in _WIRE.items()}
    title = "Time on the wire above the least, %d baud, latency %d ms"
    title %= (BAUD, LATENCY_MS)
    below = "dialect: bytes of one AT+QIRD / AT+QISEND"
    return Picture(title, "%", groups, below, series)


def _ram(figures):
    series = {
        name: [
            round(figures["pico memory: %s: bytes" % (what % way)] / 1024, 1)
            for way in _WAYS.values()
        ]
        for name, what in _RAM.items()
    }
    title = "Memory that the driver of a BG95-S5 takes on a Pico"
    return Picture(title, "KB", list(_WAYS), "way to install", series)


def all_of(figures=None):
    """{file name: Picture} of the kept figures."""
    figures = figures or kept.load()
    return {"wire.svg": _wire(figures), "ram.svg": _ram(figures)}
