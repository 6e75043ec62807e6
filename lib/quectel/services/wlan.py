# What programs that were written for Wi-Fi find as the module `network`: see quectel.install.
#
# The numbers are those of the port, as programs compare with them: MicroPython's documentation of
# network.WLAN, and what its ports define (extmod/network_cyw43.c, ports/esp32, ports/esp8266).
# What Wi-Fi alone knows is taken, remembered where WLAN.config could be asked for it, and has no
# effect.

import sys

from quectel import errors

STA_IF = 0
AP_IF = 1

# Of the ports whose numbers are their own: STAT_IDLE, _CONNECTING, _GOT_IP, _CONNECT_FAIL,
# _NO_AP_FOUND, _WRONG_PASSWORD; PM_NONE, _PERFORMANCE, _POWERSAVE.
_OWN = {
    "esp32": ((1000, 1001, 1010, 203, 201, 202), (0, 1, 2)),
    "esp8266": ((0, 1, 5, 4, 3, 2), (0, 2, 1)),
}
# Any other has the radio CYW43 (RP2, stm32, mimxrt), where RP2 alone has the names STAT_….
_CYW43 = ((0, 1, 3, -1, -2, -3), (0x10, 0xA11142, 0x11))
# SEC_OPEN, _WPA, _WPA2, _WPA_WPA2, _WPA3, _WPA2_WPA3.
_OWN_SECURITY = (0, 2, 3, 4, 6, 7)
_CYW43_SECURITY = (0, 0x200002, 0x400004, 0x400006, 0x1000004, 0x1400004)


def of_port(platform):
    """The numbers of `platform`, as sys.platform names it: states, power management, security."""
    if platform in _OWN:
        return _OWN[platform] + (_OWN_SECURITY,)
    return _CYW43 + (_CYW43_SECURITY,)


_states, _power, _security = of_port(sys.platform)
STAT_IDLE, STAT_CONNECTING, STAT_GOT_IP = _states[:3]
STAT_CONNECT_FAIL, STAT_NO_AP_FOUND, STAT_WRONG_PASSWORD = _states[3:]

# What WLAN.config takes and gives back without any effect, and what it says before.
_FIRST = {
    "antenna": 0,
    "authmode": 0,
    "bandwidth": 0,
    "channel": 0,
    "dhcp_hostname": "",
    "essid": "",
    "hidden": False,
    "hostname": "",
    "max_clients": 0,
    "monitor": 0,
    "pm": _power[1],
    "protocol": 0,
    "reconnects": -1,
    "security": 0,
    "ssid": "",
    "trace": 0,
    "txpower": 0,
}
_SECRET = ("key", "password")  # are taken and never kept
# What WLAN.ipconfig takes and does not act upon: the operator gives the addresses.
_GIVEN = ("dhcp4", "dhcp6", "autoconf6", "prefer")

_nic = None
_settings = {}
_country = "XX"


def serve(nic):
    """Have `nic` behind WLAN() from now on."""
    global _nic
    _nic = nic
    _settings.update(_FIRST)


def hostname(name=None):
    """The name that Wi-Fi would tell to its network; it is only kept."""
    return _keep("hostname", name)


def country(code=None):
    """The country whose channels Wi-Fi would use, of two letters; it is only kept."""
    global _country
    if code is None:
        return _country
    if len(code) != 2:
        raise ValueError("a country has two letters")
    _country = code
    return None


def ipconfig(*args, **kwargs):
    """WLAN().ipconfig, of which the firmware's takes "dns" and "prefer"."""
    return WLAN().ipconfig(*args, **kwargs)


def _keep(name, value):
    if value is None:
        return _settings[name]
    _settings[name] = value
    return None


class WLAN:
    """The interface, as a program for Wi-Fi sees it: network.WLAN(), network.WLAN(network.STA_IF).

    connect(ssid, key) connects to the access point name that `nic` has, by nic.config(apn=…) or an
    earlier nic.connect. status() gives the numbers of the port. Every other name is the nic's. As
    an access point, WLAN(network.AP_IF), it cannot be active: EOPNOTSUPP."""

    IF_STA = STA_IF
    IF_AP = AP_IF
    PM_NONE, PM_PERFORMANCE, PM_POWERSAVE = _power
    SEC_OPEN, SEC_WPA, SEC_WPA2, SEC_WPA_WPA2, SEC_WPA3, SEC_WPA2_WPA3 = _security

    def __init__(self, interface=STA_IF):
        if interface not in (STA_IF, AP_IF):
            raise ValueError("the interface must be STA_IF or AP_IF")
        self._station = interface == STA_IF

    def __getattr__(self, name):
        return getattr(_nic, name)

    def __repr__(self):
        return "<WLAN %s>" % ("STA" if self._station else "AP")

    def active(self, on=None):
        """nic.active()."""
        if self._station:
            if on is None or (on and _nic.active()):
                return _nic.active()  # the sockets that are open stay so
            return _nic.active(bool(on))
        if on:
            raise errors.not_supported(_nic.dialect.MODEL, "access point")
        return False

    def connect(self, ssid=None, key=None, **options):
        """nic.connect() to the access point name that the nic has."""
        if not self._station:
            raise errors.not_supported(_nic.dialect.MODEL, "access point")
        if ssid is not None:
            _settings["ssid"] = _settings["essid"] = ssid
        _nic.connect()

    def disconnect(self):
        """nic.disconnect()."""
        if self._station:
            _nic.disconnect()

    def isconnected(self):
        """nic.isconnected()."""
        return self._station and _nic.isconnected()

    def status(self, param=None):
        """One of the STAT_ constants of the module `network`: any failure is STAT_CONNECT_FAIL.
        With `param` as nic.status(param)."""
        if param is not None:
            return [] if param == "stations" else _nic.status(param)
        state = _nic.status() if self._station else _nic.STAT_IDLE
        if state == _nic.STAT_GOT_IP:
            return STAT_GOT_IP
        if state == _nic.STAT_IDLE:
            return STAT_IDLE
        return STAT_CONNECTING if state > 0 else STAT_CONNECT_FAIL

    def scan(self):
        """No network of Wi-Fi is in sight."""
        return []

    def config(self, *args, **kwargs):
        """The settings of Wi-Fi are taken and have no effect: antenna, authmode, bandwidth,
        channel, hidden, hostname, key, max_clients, pm, protocol, reconnects, security, ssid,
        txpower, …. config("mac") is made of the IMEI, as one that is administered locally. Every
        other one is nic.config's."""
        if kwargs:
            own = {}
            for name, value in kwargs.items():
                if name in _settings:
                    _keep(name, value)
                elif name not in _SECRET:
                    own[name] = value
            return _nic.config(**own) if own else None
        if args == ("mac",):
            # The serial number and what tells the models apart; the last digit is a check digit.
            digits = int(_nic.config("imei")[:14])
            return b"\x02" + (digits & 0xFFFFFFFFFF).to_bytes(5, "big")
        if len(args) == 1 and args[0] in _settings:
            return _settings[args[0]]
        return _nic.config(*args)

    def ifconfig(self, values=None):
        """nic.ifconfig(); "dhcp" is taken, as the operator gives the addresses."""
        return _nic.ifconfig() if values is None else values == "dhcp" or _nic.ifconfig(values)

    def ipconfig(self, *args, **kwargs):
        """nic.ipconfig(); dhcp4, dhcp6, autoconf6 and prefer are taken and have no effect."""
        own = {name: value for name, value in kwargs.items() if name not in _GIVEN}
        if args or own:
            return _nic.ipconfig(*args, **own)
        return None
