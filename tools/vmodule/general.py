"""The commands of every modem that a driver cannot do without (3GPP TS 27.007, ITU-T V.250)."""

import re

from .args import CmeError, Refused
from .engine import EXECUTE, LATER, READ, TEST, WRITE

NO_SIM = (10, "SIM not inserted")
NOT_ALLOWED = (3, "operation not allowed")
PIN_WANTED, PUK_WANTED = (11, "SIM PIN required"), (12, "SIM PUK required")
WRONG_PASSWORD = (16, "incorrect password")
NOT_REGISTERED, HOME, SEARCHING, DENIED = 0, 1, 2, 3

_PIN = re.compile(r"\d{4,8}$")


class General:
    """Mixin. Needs MANUFACTURER, ACCESS_TECHNOLOGY (of AT+COPS?), and MODELS: the names of
    the modules that speak the dialect, the default first, each with its revision."""

    IMEI = "861234050000015"
    PUK = "12345678"
    SERIAL = "MPA26BS1F020305"
    IMSI = "001010123456789"
    ICCID = "89882110000000000012"

    cgsn_is_serial = False  # without a parameter CGSN tells the serial number
    model_prefix = ""
    has_qsclk = False  # AT+QSCLK, beside the modules whose notes have it
    sleep_enabled = 0
    has_usb = False
    urc_port = None  # where URCs go; None: to the UART, and there is no AT+QURCCFG

    def __init__(self, *args, model=None, **kwargs):
        self.model = next(iter(self.MODELS)) if model is None else model
        if self.model not in self.MODELS:
            raise ValueError("model {} is none of {}".format(model, ", ".join(self.MODELS)))
        self.sim = True
        self.sim_pin = None  # the PIN that the SIM asks for at each start; None: it asks for none
        self.pin_tries = 3
        self.coverage = True
        self.denied = False  # the network does not take this SIM
        super().__init__(*args, **kwargs)

    def _start(self):
        super()._start()
        self.functionality = 1
        blocked = self.sim_pin and not self.pin_tries
        self.sim_asks = "SIM PUK" if blocked else "SIM PIN" if self.sim_pin else None
        self.registration_urc = {"CREG": 0, "CGREG": 0, "CEREG": 0}

    # --- V.250 -----------------------------------------------------------------------------

    def basic_e(self, value):
        if value > 1:
            raise Refused
        self.echo = bool(value)

    def basic_i(self, _value):
        shown = (self.MANUFACTURER, self.model, self.MODELS[self.model])
        self.info("{}\r\n{}\r\nRevision: {}".format(*shown))

    def basic_and_d(self, value):
        self.dtr_leaves = value == 1

    def _harmless(self, _value):
        """Accepted without effect: result codes stay words and stay on."""

    basic_v = basic_q = basic_z = basic_x = basic_and_w = basic_and_f = basic_and_c = _harmless

    # --- who is it -------------------------------------------------------------------------

    def _identity(self, form, text, prefix=""):
        if form not in (EXECUTE, TEST, READ):
            raise Refused
        if form != TEST:
            self.info(prefix + text)

    def at_cgmi(self, form, _args):
        self._identity(form, self.MANUFACTURER)

    def at_cgmm(self, form, _args):
        self._identity(form, self.model_prefix + self.model)

    def at_cgmr(self, form, _args):
        self._identity(form, self.MODELS[self.model])

    def at_cgsn(self, form, args):
        if form == WRITE:
            args.expect(1, 1)
            return self.info(("+CGSN: " + self.IMEI) if args.integer(0, 0, 1) else self.SERIAL)
        self._identity(form, self.SERIAL if self.cgsn_is_serial else self.IMEI)

    at_gmi, at_gmm, at_gmr, at_gsn = at_cgmi, at_cgmm, at_cgmr, at_cgsn

    # --- the SIM ---------------------------------------------------------------------------

    def need_sim(self):
        if not self.sim:
            raise CmeError(*NO_SIM)

    def need_pin(self):
        """Refused until the SIM has been given what it asks for."""
        self.need_sim()
        if self.sim_asks:
            raise CmeError(*(PUK_WANTED if self.sim_asks == "SIM PUK" else PIN_WANTED))

    def at_cpin(self, form, args):
        if form == TEST:
            return
        if form == EXECUTE:
            raise Refused
        self.need_sim()
        if form == READ:
            return self.info("+CPIN: " + (self.sim_asks or "READY"))
        args.expect(1, 2)
        return self._unlock(args.texts)

    def _unlock(self, texts):
        """3GPP TS 27.007, 8.3: the PIN, or the PUK and a new PIN."""
        if not self.sim_asks:
            raise CmeError(*NOT_ALLOWED)
        blocked = self.sim_asks == "SIM PUK"
        if len(texts) != 1 + blocked or not all(_PIN.match(text) for text in texts):
            raise CmeError(*WRONG_PASSWORD)
        if texts[0] != (self.PUK if blocked else self.sim_pin):
            self.pin_tries -= not blocked
            if not self.pin_tries:
                self.sim_asks = "SIM PUK"
            raise CmeError(*WRONG_PASSWORD)
        self.sim_pin = texts[-1]
        self.sim_asks, self.pin_tries = None, 3
        self.final()
        self.urc("+CPIN: READY")
        self._tell_registration()
        return LATER

    def at_cimi(self, form, _args):
        self.need_pin()
        self._identity(form, self.IMSI)

    def at_qccid(self, form, _args):
        self.need_sim()
        self._identity(form, self.ICCID, "+QCCID: ")

    def at_ccid(self, form, _args):
        self.need_sim()
        self._identity(form, self.ICCID, "+CCID: ")

    # --- the network -----------------------------------------------------------------------

    def registration(self):
        if not self.sim or self.sim_asks or self.functionality != 1:
            return NOT_REGISTERED
        if not self.coverage:
            return SEARCHING
        return DENIED if self.denied else HOME

    def hears_network(self):
        """A cell is there, whether it takes the module or not."""
        return self.registration() in (HOME, DENIED)

    def _registration(self, name, form, args):
        if form == TEST:
            return self.info("+{}: (0-2)".format(name))
        if form == READ:
            shown = (self.registration_urc[name], self._located(name))
            return self.info("+{}: {},{}".format(name, *shown))
        if form != WRITE:
            raise Refused
        self.registration_urc[name] = args.integer(0, 0, 2)

    def _located(self, name):
        stat = self.registration()
        if self.registration_urc[name] < 2 or stat != HOME:
            return str(stat)
        return '{},"1A2B","01C3D4E5",{}'.format(stat, self.ACCESS_TECHNOLOGY)

    def at_creg(self, form, args):
        return self._registration("CREG", form, args)

    def at_cgreg(self, form, args):
        return self._registration("CGREG", form, args)

    def at_cereg(self, form, args):
        return self._registration("CEREG", form, args)

    def set_coverage(self, present):
        """The world outside: coverage comes or goes; the contexts go with it."""
        if present == self.coverage:
            return
        self.coverage = present
        self._tell_registration()
        if not present:
            self.detach()

    def take_sim(self):
        """The network takes the SIM that it has denied."""
        self.denied = False
        self._tell_registration()

    def _tell_registration(self):
        for name in sorted(self.registration_urc):
            if self.registration_urc[name]:
                self.urc("+{}: {}".format(name, self._located(name)))

    def detach(self):
        for number in list(self.active):
            self.deactivate_by_network(number)

    def at_csq(self, form, _args):
        if form == TEST:
            return self.info("+CSQ: (0-31,99),(0-7,99)")
        if form != EXECUTE:
            raise Refused
        self.info("+CSQ: 24,0" if self.hears_network() else "+CSQ: 99,99")

    def at_cgatt(self, form, _args):
        if form == TEST:
            return self.info("+CGATT: (0,1)")
        if form == READ:
            return self.info("+CGATT: {}".format(int(self.registration() == HOME)))

    def at_cgpaddr(self, form, args):
        numbers = sorted(number for number, state in self.active.items() if state == "active")
        if form == WRITE:
            wanted = self.context_number(args)
            numbers = [number for number in numbers if number == wanted]
        for number in numbers:
            self.info("+CGPADDR: {},{}".format(number, self.context_addresses(number)))

    # --- the UART, whose settings mean nothing here -----------------------------------------

    def _accepted(self, name, shown, form):
        if form == READ:
            self.info("+{}: {}".format(name, shown))
        elif form == EXECUTE:
            raise Refused

    def at_ipr(self, form, args):
        """ITU-T V.250, 6.2.10: OK comes at the old rate."""
        if form != WRITE:
            return self._accepted("IPR", str(self.baud or 115200), form)
        args.expect(1, 1)
        rate = args.integer(0, 0, 4000000)
        self.final()
        if self.baud is not None:
            self.baud = rate
        return LATER

    def at_ifc(self, form, _args):
        self._accepted("IFC", "0,0", form)

    def at_qsclk(self, form, args):
        if not self.has_qsclk or form == EXECUTE:
            raise Refused
        if form == TEST:
            return self.info("+QSCLK: (0,1)")
        if form == READ:
            return self.info("+QSCLK: {}".format(self.sleep_enabled))
        self.sleep_enabled = args.integer(0, 0, 1)

    def at_qurccfg(self, form, args):
        if self.urc_port is None or form in (READ, EXECUTE):
            raise Refused
        if form == TEST:
            return self.info('+QURCCFG: "urcport",("usbat","usbmodem","uart1")')
        args.expect(1, 2)
        if args.string(0, 20).lower() != "urcport":
            raise Refused
        if len(args) == 1:
            return self.info('+QURCCFG: "urcport","{}"'.format(self.urc_port))
        port = args.string(1, 20).lower()
        if port not in ("usbat", "usbmodem", "uart1"):
            raise Refused
        self.urc_port = port

    # --- itself ----------------------------------------------------------------------------

    def at_cmee(self, form, args):
        if form == TEST:
            return self.info("+CMEE: (0-2)")
        if form == READ:
            return self.info("+CMEE: {}".format(self.error_mode))
        if form != WRITE:
            raise Refused
        self.error_mode = args.integer(0, 0, 2)

    def at_cfun(self, form, args):
        if form == TEST:
            return self.info("+CFUN: (0,1,4),(0,1)")
        if form == READ:
            return self.info("+CFUN: {}".format(self.functionality))
        if form != WRITE:
            raise Refused
        level = args.integer(0, 0, 4)
        if level not in (0, 1, 4):
            raise Refused
        if args.integer(1, 0, 1, 0):
            restarts = all([fault.restarts() for fault in self.faults])
            self.final()
            if restarts:
                self.reboot()
            return LATER
        self._set_functionality(level)

    def _set_functionality(self, level):
        self.functionality = level
        if level != 1:  # the radio is off, and nothing of it is left
            self.active.clear()
            for service in list(self.services.values()):
                self.drop(service)

    def at_qpowd(self, form, args):
        if form == TEST:
            return self.info("+QPOWD: (0,1)")
        if form == READ:
            raise Refused
        if form == WRITE:
            args.integer(0, 0, 1)
        self.final()
        self.after(self.BOOT_TIME, self._powered_down)
        return LATER

    def _powered_down(self):
        self.urc("POWERED DOWN")
        self.power_off()
