"""What tools/setup has made of the emulated Pico, and how Node is started on it."""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
FOLDER = TOP / ".tools" / "pico"
EMULATOR = FOLDER / "node_modules" / "rp2040js" / "dist" / "esm" / "index.js"
FIRMWARE = FOLDER / "firmware.bin"


def missing():
    """Why there is no emulated Pico here, in a line, or None."""
    try:
        entry = json.loads((TOP / ".tools" / "pico.json").read_text())
    except OSError:
        return "not set up; run: python3 tools/setup"
    reason = entry["pico"].get("missing")
    return reason and reason.splitlines()[0]


def version():
    """What the firmware calls itself, for people."""
    return json.loads((TOP / ".tools" / "pico.json").read_text())["pico"].get("version", "missing")


def command(program, **config):
    """The words that start a program of this folder."""
    words = dict(config, emulator=str(EMULATOR))
    return ["node", str(HERE / program), json.dumps(words)]
