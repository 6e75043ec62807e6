"""install(nic, network=True): what programs for Wi-Fi do with network.WLAN()."""

import errno
import sys

import quectel
from installing import ModulesKept
from scripted import ScriptedUART, connected, raises

JOIN = [
    (">", "AT+CPIN?"),
    ("<", "+CPIN: READY"),
    ("<", "OK"),
    (">", "AT+CEREG?"),
    ("<", "+CEREG: 0,1"),
    ("<", "OK"),
    (">", "AT+QIACT?"),
    ("<", "OK"),
    (">", 'AT+QICSGP=1,1,"operator.apn","","",0'),
    ("<", "OK"),
    (">", "AT+QIACT=1"),
    ("<", "OK"),
    (">", "AT+QIACT?"),
    ("<", '+QIACT: 1,1,1,"10.7.157.1"'),
    ("<", "OK"),
]
LEAVE = [(">", "AT+QIDEACT=1"), ("<", "OK")]


def installed(check, script=(), up=True, model="BG95S5"):
    """Run check(nic, network, uart) with the interface installed; all of the script is played."""
    uart = ScriptedUART(list(script))
    nic = connected(model, uart)
    nic.config(apn="operator.apn")
    if not up:
        nic.state = nic.STAT_IDLE
    with ModulesKept():
        quectel.install(nic, network=True)
        import network

        check(nic, network, uart)
        assert uart.done(), uart.script


def until(condition):
    """Look until it is so; the script ends what hangs."""
    for _ in range(100000):
        if condition():
            return
    raise AssertionError("it never became so")


def test_without_asking_the_module_network_is_left_alone():
    before = sys.modules.get("network")
    with ModulesKept():
        quectel.install(connected("BG95S5", ScriptedUART([])))
        assert sys.modules.get("network") is before


def test_a_program_for_wifi_joins_by_the_access_point_name_of_the_interface():
    def check(nic, network, uart):
        wlan = network.WLAN(network.STA_IF)
        wlan.active(True)
        wlan.config(pm=0xA11140)  # as on RP2
        assert wlan.status() == network.STAT_IDLE and not wlan.isconnected()
        wlan.connect("a network at home", "its secret")
        assert wlan.status() == network.STAT_CONNECTING
        until(wlan.isconnected)
        assert wlan.status() == network.STAT_GOT_IP == network.WLAN().status()
        assert wlan.ipconfig("addr4")[0] == "10.7.157.1"
        assert nic.apn == "operator.apn", "not the network's name"
        assert wlan.config("ssid") == "a network at home"
        assert not [line for line in uart.log if "home" in str(line) or "secret" in str(line)]
        wlan.disconnect()
        assert wlan.status() == network.STAT_IDLE

    installed(check, JOIN + LEAVE, up=False)


def test_all_ways_to_ask_for_it():
    def check(nic, network, uart):
        for wlan in (
            network.WLAN(),
            network.WLAN(network.STA_IF),
            network.WLAN(network.WLAN.IF_STA),
        ):
            assert isinstance(wlan, network.WLAN)
            assert wlan.isconnected() and wlan.active()
            assert wlan.socket is nic.socket, "any other name is the interface's"
            assert wlan.PM_NONE == network.WLAN.PM_NONE
        raises(ValueError, network.WLAN, 7)
        raises(AttributeError, lambda: network.WLAN().nothing)

    installed(check)


def test_the_numbers_are_those_of_the_port():
    def check(nic, network, uart):
        for platform, wanted in (
            ("rp2", (0, 1, 3, -1, -2, -3)),
            ("pyboard", (0, 1, 3, -1, -2, -3)),
            ("esp32", (1000, 1001, 1010, 203, 201, 202)),
            ("esp8266", (0, 1, 5, 4, 3, 2)),
        ):
            states, power, security = network.of_port(platform)
            assert states == wanted, platform
            assert (len(power), len(security), security[0]) == (3, 6, 0)
        # What mqtt_as makes of them: an error ends its wait, and nothing else does.
        states = network.of_port("esp32")[0]
        assert max(states[3:]) < min(states[:3])
        assert [1 <= n <= 2 for n in network.of_port("rp2")[0]] == [False, True] + [False] * 4

    installed(check)


def test_any_failure_is_told_by_the_ports_number():
    def check(nic, network, uart):
        wlan = network.WLAN()
        for state in (nic.STAT_NO_SIM, nic.STAT_CONNECT_FAIL):
            nic.state = state
            assert wlan.status() == network.STAT_CONNECT_FAIL
        nic.failure = OSError(errno.ECONNREFUSED)
        assert wlan.status("error") is nic.failure

    installed(check)


def test_what_wifi_alone_knows_is_taken():
    def check(nic, network, uart):
        wlan = network.WLAN()
        assert wlan.config("pm") == wlan.PM_PERFORMANCE
        wlan.config(
            pm=wlan.PM_NONE, txpower=10, channel=6, reconnects=0, key="secret", hidden=True
        )
        assert wlan.config("pm") == wlan.PM_NONE and wlan.config("channel") == 6
        assert (wlan.config("txpower"), wlan.config("reconnects")) == (10, 0)
        raises(ValueError, wlan.config, "key")
        wlan.config(hostname="sensor", dhcp_hostname="sensor", coalesce=True)
        assert network.hostname() == "sensor" == wlan.config("hostname")
        assert nic.config("coalesce") is True, "what is the interface's goes there"
        network.hostname("other")
        assert network.hostname() == "other"
        assert network.country() == "XX" and network.country("DE") is None
        assert network.country() == "DE"
        raises(ValueError, network.country, "Germany")
        assert wlan.scan() == [] == wlan.status("stations")
        assert wlan.ipconfig(dhcp4=True) is None and network.ipconfig(prefer=4) is None
        raises(TypeError, wlan.config)
        raises(ValueError, wlan.config, "bssid")
        fixed = ("10.0.0.2", "255.255.255.0", "10.0.0.1", "10.0.0.1")
        assert raises(OSError, wlan.ifconfig, fixed).args[0] == errno.EOPNOTSUPP
        wlan.ifconfig("dhcp")

    installed(check)


def test_two_boards_are_told_apart_by_an_address_made_of_the_imei():
    def check(nic, network, uart):
        wlan = network.WLAN()
        one, two = wlan.config("mac"), wlan.config("mac")
        assert len(one) == 6 and one != two
        assert one[0] & 3 == 2 == two[0] & 3, "administered locally, of one station"

    def imei(number):
        return [(">", "AT+CGSN=1"), ("<", '+CGSN: "%s"' % number), ("<", "OK")]

    installed(check, imei("866425030000017") + imei("866425030000025"))


def test_active_again_leaves_what_is_open():
    def check(nic, network, uart):
        network.WLAN().active(True)  # nothing is sent

    installed(check)


def test_an_access_point_is_never_active():
    def check(nic, network, uart):
        point = network.WLAN(network.AP_IF)
        assert point.active() is False and point.active(False) is False
        error = raises(OSError, point.active, True)
        assert error.args[0] == errno.EOPNOTSUPP and "BG95S5" in error.args[1]
        assert raises(OSError, point.connect, "name", "key").args[0] == errno.EOPNOTSUPP
        point.disconnect()  # not the station
        assert point.isconnected() is False and point.status() == network.STAT_IDLE
        assert nic.isconnected()

    installed(check)


def test_every_dialect_serves_as_well():
    def check(nic, network, uart):
        wlan = network.WLAN()
        assert wlan.status() == network.STAT_GOT_IP
        wlan.config(pm=0)
        assert "access point" in raises(OSError, network.WLAN(1).active, True).args[1]

    for model in ("BC95GR", "BC20", "BC25", "RM500U"):
        installed(check, model=model)
