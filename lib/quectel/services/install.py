# The interface in the place of the modules `socket` and `network`.

import sys

from quectel import deferred, load
from quectel.socket import METHODS, Socket


def install(nic, network):
    """See quectel.install."""
    # Programs look into the class for what an instance finds by its __getattr__, and override it.
    for name in METHODS:
        setattr(Socket, name, _method(name))
    sys.modules["socket"] = nic
    # Older programs say `usocket`: without this they would get the built-in one.
    sys.modules["usocket"] = nic
    if network:
        wlan = load("services.wlan")
        wlan.serve(nic)
        sys.modules["network"] = wlan


def _method(name):
    def method(sock, *args, **kwargs):
        return deferred(sock, METHODS, name, Socket)(*args, **kwargs)

    return method
