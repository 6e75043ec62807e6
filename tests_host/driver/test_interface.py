"""`nic` where a program has `network.WLAN`: its methods, its constants, what it raises, and the
loops that such programs wait in."""

import errno

import virtual_time
import quectel
from scripted import ScriptedUART, connected, raises

WAKE = [
    (">", "AT"),
    ("<", "OK"),
    (">", "ATE0"),
    ("<", "OK"),
    (">", "AT+CGMM"),
    ("<", "BG95-S5"),
    ("<", "OK"),
    (">", "AT+CFUN?"),
    ("<", "+CFUN: 1"),
    ("<", "OK"),
    (">", 'AT+QURCCFG="urcport"'),
    ("<", "ERROR"),
    (">", "AT+QISDE=0"),
    ("<", "OK"),
    (">", 'AT+QICFG="dataformat",0,0'),
    ("<", "OK"),
    (">", 'AT+QICFG="viewmode",0'),
    ("<", "OK"),
    (">", 'AT+QICFG="recvind",0'),
    ("<", "OK"),
    (">", "AT+QISTATE?"),
    ("<", "OK"),
]
SIM = [(">", "AT+CPIN?"), ("<", "+CPIN: READY"), ("<", "OK")]
REGISTERED = [(">", "AT+CEREG?"), ("<", "+CEREG: 0,1"), ("<", "OK")]
INACTIVE = [(">", "AT+QIACT?"), ("<", "OK")]
CONFIGURE = [(">", 'AT+QICSGP=1,1,"internet","","",0'), ("<", "OK")]
ADDRESS = [(">", "AT+QIACT?"), ("<", '+QIACT: 1,1,1,"10.0.0.7"'), ("<", "OK")]
CONNECT = SIM + REGISTERED + INACTIVE + CONFIGURE + [(">", "AT+QIACT=1"), ("<", "OK")] + ADDRESS
REFUSED = [
    (">", "AT+QIACT=1"),
    ("<", "ERROR"),
    (">", "AT+QIGETERROR"),
    ("<", "+QIGETERROR: 561, activate pdp context failed"),
    ("<", "OK"),
    (">", "AT+QIDEACT=1"),
    ("<", "OK"),
]
DNS = [(">", "AT+QIDNSCFG=1"), ("<", '+QIDNSCFG: 1,"192.0.2.53","192.0.2.54"'), ("<", "OK")]


def fresh(*parts):
    script = []
    for part in parts:
        script += part
    uart = ScriptedUART(script)
    return uart, quectel.BG95S5(uart)


def up(*parts):
    script = []
    for part in parts:
        script += part
    return connected("BG95S5", ScriptedUART(script))


def refusal(call, *args, **kwargs):
    """The errno of an OSError with words for people."""
    error = raises(OSError, call, *args, **kwargs)
    assert len(error.args) > 1 and error.args[1], error
    return error.args[0]


# ---- the loops of programs ----


def test_waiting_for_isconnected():
    uart, nic = fresh(WAKE, CONNECT, DNS)
    if not nic.isconnected():
        nic.active(True)
        nic.connect("internet")
        while not nic.isconnected():
            virtual_time.clock.sleep_ms(100)
    assert nic.ifconfig()[0] == "10.0.0.7"
    assert uart.done()


def test_waiting_for_a_status_below_0_or_3_and_up():
    """As the examples for the Pico W do, with numbers in the place of constants."""
    uart, nic = fresh(WAKE, CONNECT)
    nic.active(True)
    nic.connect("internet")
    left = 30
    while left > 0:
        if nic.status() < 0 or nic.status() >= 3:
            break
        left -= 1
        virtual_time.clock.sleep(1)
    assert nic.status() == 3 and left
    assert uart.done()


def test_the_same_loop_ends_where_the_context_is_refused():
    uart, nic = fresh(WAKE, SIM, REGISTERED, INACTIVE, CONFIGURE, REFUSED, REFUSED, REFUSED)
    nic.active(True)
    nic.connect("internet")
    for _ in range(1000):
        if nic.status() < 0 or nic.status() >= 3:
            break
        virtual_time.clock.sleep(1)
    assert nic.status() == nic.STAT_CONNECT_FAIL == -1
    assert not nic.isconnected() and nic.status("error").code == 561
    assert uart.done()


def test_waiting_for_the_end_of_connecting():
    """As programs for the ESP32 do."""
    uart, nic = fresh(WAKE, CONNECT)
    nic.active(True)
    nic.connect("internet")
    while nic.status() == nic.STAT_CONNECTING:
        virtual_time.clock.sleep_ms(50)
    assert nic.status() == nic.STAT_GOT_IP
    assert uart.done()


def test_the_numbers_of_the_constants_are_those_of_rp2():
    _, nic = fresh()
    assert (nic.STAT_IDLE, nic.STAT_CONNECTING, nic.STAT_GOT_IP) == (0, 1, 3)
    assert nic.STAT_CONNECT_FAIL == -1
    # -2 and -3 are an access point not found and a wrong password: no such thing here.
    assert nic.STAT_NO_SIM == -4


# ---- before it is active ----


def test_an_interface_that_is_not_active_asks_nothing():
    uart, nic = fresh()
    assert nic.active() is False
    assert nic.isconnected() is False and nic.status() == nic.STAT_IDLE
    assert nic.ipconfig("addr4") == ("0.0.0.0", "0.0.0.0") and nic.ipconfig("addr6") == []
    assert nic.ifconfig() == ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
    nic.disconnect()
    assert nic.active(False) is False
    assert refusal(nic.connect, "internet") == errno.ENODEV
    s = nic.socket()
    assert raises(OSError, s.connect, ("h", 80)).args[0] == 101  # ENETUNREACH
    assert not uart.log


def test_active_takes_any_truth_and_twice():
    uart, nic = fresh(WAKE, WAKE)
    assert nic.active(1) is True and nic.active() is True
    assert nic.active(True) is True
    assert uart.done()


def test_active_again_keeps_the_connection():
    nic = up(WAKE)
    assert nic.active(True) is True
    assert nic.isconnected() and nic.ipconfig("addr4")[0] == "10.7.157.1"


# ---- ifconfig, ipconfig ----


def test_ifconfig_has_four_texts():
    nic = up(DNS)
    address, mask, gateway, dns = nic.ifconfig()
    assert (address, dns) == ("10.7.157.1", "192.0.2.53")
    assert (mask, gateway) == ("255.255.255.255", "0.0.0.0")


def test_ipconfig_knows_every_parameter_of_the_document():
    nic = up(DNS)
    assert nic.ipconfig("addr4") == ("10.7.157.1", "255.255.255.255")
    assert nic.ipconfig("addr6") == []
    assert nic.ipconfig("gw4") == "0.0.0.0"
    for name in ("dhcp4", "has_dhcp4", "dhcp6", "autoconf6", "has_autoconf6"):
        assert nic.ipconfig(name) is False, name
    assert nic.ipconfig("dns") == "192.0.2.53"


def test_addresses_are_the_operators_to_choose():
    nic = up()
    fixed = ("192.0.2.7", "255.255.255.0", "192.0.2.1", "192.0.2.53")
    assert refusal(nic.ifconfig, fixed) == errno.EOPNOTSUPP
    assert refusal(nic.ifconfig, "dhcp") == errno.EOPNOTSUPP
    assert refusal(nic.ipconfig, addr4=("192.0.2.7", "255.255.255.0")) == errno.EOPNOTSUPP
    assert refusal(nic.ipconfig, addr6="2001:db8::7/64") == errno.EOPNOTSUPP
    assert refusal(nic.ipconfig, gw4="192.0.2.1") == errno.EOPNOTSUPP
    assert refusal(nic.ipconfig, dhcp4=True) == errno.EOPNOTSUPP


# ---- what is unknown, and wrong calls ----


def test_unknown_parameters_are_value_errors():
    nic = up()
    for name in ("mac", "ssid", "essid", "channel", "security", "hostname", "txpower", "pm"):
        raises(ValueError, nic.config, name)
        raises(ValueError, nic.config, **{name: 1})
    raises(ValueError, nic.status, "stations")
    raises(ValueError, nic.ipconfig, "addr5")
    raises(ValueError, nic.ipconfig, prefer=6)


def test_one_parameter_or_values_to_set():
    nic = up()
    for ask in (nic.config, nic.ipconfig):
        raises(TypeError, ask)
        raises(TypeError, ask, "apn", "dns")
        raises(TypeError, ask, "apn", dns="192.0.2.53")


def test_what_does_not_apply_is_absent():
    nic = up()
    for name in ("scan", "iwconfig", "PM_NONE", "SEC_OPEN", "STAT_WRONG_PASSWORD"):
        assert not hasattr(nic, name), name


def test_a_context_is_an_interface_too():
    nic = up()
    other = nic.context(2)
    for name in ("active", "connect", "disconnect", "isconnected", "status", "config"):
        assert callable(getattr(other, name)), name
    assert other.ipconfig("gw4") == "0.0.0.0" and other.ifconfig()[0] == "0.0.0.0"
    assert refusal(other.ifconfig, "dhcp") == errno.EOPNOTSUPP
    assert other.status() == other.STAT_IDLE
