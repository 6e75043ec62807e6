"""What tests of quectel.install share."""

import sys

_NAMES = ("socket", "usocket", "network")


class ModulesKept:
    """After a block with this the modules that install replaces are again those from before."""

    def __enter__(self):
        self._before = {name: sys.modules[name] for name in _NAMES if name in sys.modules}

    def __exit__(self, kind, value, trace):
        for name in _NAMES:
            sys.modules.pop(name, None)
        sys.modules.update(self._before)
