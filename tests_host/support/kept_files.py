"""The files of bringup/ stay loaded from one play of a script to the next.

The driver unloads them after each use, and each play would load them anew. A script that is played
whole or a byte at a time does so, as a program does; this is for the many plays besides, which
differ from those in the line only."""

import sys

FOLDERS = "bringup", "answers", "dialects.details"  # what the driver unloads


def _nothing(folder):
    return False


class KeptFiles:
    """Within it, the driver unloads nothing; what is loaded then is unloaded at its end."""

    def __init__(self):
        self._unload = None

    def __enter__(self):
        module = sys.modules.get("quectel.module")
        if module:
            self._unload = module.unload
            module.unload = _nothing

    def __exit__(self, kind, value, traceback):
        unload, self._unload = self._unload, None
        if unload:
            sys.modules["quectel.module"].unload = unload
            for folder in FOLDERS:
                unload(folder)
