# The interface in the place of the modules `socket` and `network`.

import sys

from quectel import load
from quectel.socket import METHODS, Socket


def install(nic, network):
    """See quectel.install."""
    # Programs look into the class for what an instance finds by its __getattr__, and override it.
    for name, file in METHODS.items():
        setattr(Socket, name, _method(name, file))
    sys.modules["socket"] = nic
    # Older programs say `usocket`: without this they would get the built-in one.
    sys.modules["usocket"] = nic
    if network:
        wlan = load("services.wlan")
        wlan.serve(nic)
        sys.modules["network"] = wlan


def _method(name, file):
    def method(sock, *args, **kwargs):
        return getattr(load(file), name)(sock, *args, **kwargs)

    return method
