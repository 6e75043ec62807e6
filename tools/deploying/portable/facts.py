# What a board has, as a line of JSON. Run on the board by tools/deploy.

import gc
import json
import os
import sys

LIB = "/lib"  # where mpremote's mip installs
for entry in sys.path:
    if entry.endswith("/lib") and not entry.startswith("/rom"):
        LIB = entry
        break
ROOT = LIB[: -len("lib")]


def held(folder, block):
    """Bytes of whole blocks that the files in a folder take."""
    total = 0
    try:
        names = os.listdir(folder)
    except OSError:
        return 0
    for name in names:
        path = folder + "/" + name
        status = os.stat(path)
        if status[0] & 0x4000:
            total += held(path, block)
        else:
            total += (status[6] + block - 1) // block * block
    return total


def facts():
    """See checks.Facts."""
    status = os.statvfs(ROOT)
    block = status[0]
    gc.collect()
    return {
        "platform": sys.platform,
        "machine": getattr(sys.implementation, "_machine", sys.platform),
        "version": sys.implementation.version[:3],
        "heap": gc.mem_free(),
        "block": block,
        "room": status[1] * status[3],
        "lib": LIB,
        "held": held(LIB + "/quectel", block),
        "main": "main.py" in os.listdir(ROOT),
    }


print("facts", json.dumps(facts()))
