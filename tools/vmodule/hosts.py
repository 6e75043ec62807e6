"""Where names and addresses of the module's world lead on this machine: `--host`.

NAME=ADDR lets NAME resolve to ADDR. NAME=ADDR:PORT also sends every port of NAME to that one;
NAME then resolves to an address of its own (from 198.51.100.0/24), so that a program that looks
a name up first and connects later is led to the same place. NAME may be an address.
"""

import ipaddress


def parse_endpoint(text):
    """("127.0.0.1", None) or ("::1", 8009) from `127.0.0.1` or `[::1]:8009`. ValueError."""
    if text.startswith("["):
        address, _, port = text[1:].partition("]")
        port = port[1:] if port.startswith(":") else port and "?"
    elif text.count(":") > 1:
        address, port = text, ""
    else:
        address, _, port = text.partition(":")
    if address == "localhost":
        address = "127.0.0.1"
    number = int(port) if port else None
    if number is not None and not 0 < number < 65536:
        raise ValueError("port {} is not in 1 to 65535".format(number))
    return str(ipaddress.ip_address(address)), number


def is_address(text):
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def normal(name):
    """The one way of writing an address, or a name in small letters."""
    return str(ipaddress.ip_address(name)) if is_address(name) else name.lower()


class Hosts:
    """specs: the texts of `--host`. everywhere: reach beyond this machine (--allow-network)."""

    def __init__(self, specs=(), everywhere=False):
        self.everywhere = everywhere
        self._places = {}  # name or address: (address, port or None)
        self._aliases = {}  # name: the address made up for it
        for spec in specs:
            name, equals, place = spec.partition("=")
            if not (name and equals and place):
                raise ValueError("--host {}: not NAME=ADDR[:PORT]".format(spec))
            self._add(normal(name), *parse_endpoint(place))

    def _add(self, name, address, port):
        self._places[name] = (address, port)
        if port is not None and not is_address(name):
            alias = "198.51.100.{}".format(len(self._aliases) + 1)
            self._aliases[name] = alias
            self._places[alias] = (address, port)

    def addresses(self, name):
        """What DNS tells of `name`, or None if it has to be asked of this machine."""
        name = normal(name)
        if name in self._aliases:
            return [self._aliases[name]]
        if name in self._places:
            return [self._places[name][0]]
        return None if self.everywhere else []

    def place(self, address, port):
        """The endpoint on this machine, or None if the address may not be reached."""
        address, mapped = self._places.get(normal(address), (address, None))
        if not (self.everywhere or ipaddress.ip_address(address).is_loopback):
            return None
        return address, port if mapped is None else mapped
