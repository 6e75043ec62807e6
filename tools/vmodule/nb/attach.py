"""The attach and its contexts: CGATT, CGPADDR, CGACT, CGDCONT (3GPP TS 27.007), as the examples
4.1.1 and 4.3.1 of the "BC65&BC92&BC95-GR TCP/IP Application Note" use them.

A module attaches by itself, and context 1 is up while it is attached.
"""

from ..args import Refused
from ..engine import EXECUTE, READ, TEST, WRITE
from ..general import HOME
from ..services import CLOSING, OPENING

NO_CONTEXT, BROKEN_DOWN, NOT_SUPPORTED = 561, 570, 555
PDP_TYPES = ("IP", "IPV6", "IPV4V6", "NONIP")


class Attach:
    """Mixin. Needs CONTEXT_IDS and CONTEXTS_THAT_WORK."""

    ADDRESSES = {1: "100.127.243.105", 2: "100.127.243.106", 3: "100.127.243.107"}
    ADDRESS6 = "2001:db8:1111:2222:3333:4444:5555:666{}"
    APN_LIMIT = 63
    no_context_code = NO_CONTEXT  # of what needs one
    operator_apn = None  # the one that the operator takes, beside none at all; None: takes any

    def _start(self):
        super()._start()
        self.activated = set()  # by AT+CGACT
        self.attach_wanted = True
        self.apns = self.flash.setdefault("apns", {})
        self._attach_anew()

    @property
    def attached(self):
        return self.attach_wanted and self.registration() == HOME

    @property
    def active(self):
        """The contexts that are up, as General asks for them."""
        wanted = {1} | self.activated
        return {number: "active" for number in wanted if self.attached and self._takes(number)}

    def _attach_anew(self):
        """The attach asks for the APN that context 1 has now, and keeps it."""
        self.attached_apn = self._apn(1)

    def _apn(self, number):
        return self.apns.get(number, ("IP", ""))[1]

    def _set_functionality(self, level):
        super()._set_functionality(level)
        self._attach_anew()

    def set_coverage(self, present):
        super().set_coverage(present)
        self._attach_anew()

    def _takes(self, number):
        """Whether the operator takes the APN of a context: the module stays attached without an
        address where it does not (3GPP TS 23.401, 5.3.2.1: attach without PDN connectivity)."""
        apn = self.attached_apn if number == 1 else self._apn(number)
        return self.operator_apn in (None, apn or self.operator_apn)

    def context_number(self, args, index=0):
        number = args.integer(index, 1, self.CONTEXT_IDS)
        if number > self.CONTEXTS_THAT_WORK:
            raise Refused(NOT_SUPPORTED)
        return number

    def need_context(self, number):
        if number not in self.active:
            raise Refused(self.no_context_code)

    def lose_context(self, code):
        """The attach goes, nobody is told, and the module does not get it again by itself."""
        self.attach_wanted = False
        self.activated.clear()
        for service in list(self.services.values()):
            if service.state == OPENING:
                self.break_down(service)
            else:
                self.lose_service(service, code)

    def activate_by_itself(self):
        """Context 1 is up anyhow."""

    def context_address(self, number, ipv6=False):
        return self.ADDRESS6.format(number) if ipv6 else self.ADDRESSES[number]

    def detach(self):
        """The network takes the attach away; the module gets it again by itself."""
        self.activated.clear()
        for service in list(self.services.values()):
            self.break_down(service)

    def break_down(self, service):
        """What is left of a socket whose context is gone; only TCP is told (`closed`)."""
        if service.state == OPENING:
            self._abort(service)
            return self.opened(service, BROKEN_DOWN)
        if service.is_stream and service.over is None:
            service.ended(BROKEN_DOWN)
        elif not service.is_stream:
            service.state, service.over, service.told = CLOSING, BROKEN_DOWN, True
        self._abort(service)

    def at_cgatt(self, form, args):
        if form == TEST:
            return self.info("+CGATT: (0,1)")
        if form == READ:
            return self.info("+CGATT: {}".format(int(self.attached)))
        if form == EXECUTE:
            raise Refused
        wanted = bool(args.integer(0, 0, 1))
        if wanted and not self.attach_wanted:
            self._attach_anew()
        self.attach_wanted = wanted
        if not wanted:
            self.detach()

    def at_cgact(self, form, args):
        if form == TEST:
            return self.info("+CGACT: (0,1)")
        if form == READ:
            for number in range(1, self.CONTEXTS_THAT_WORK + 1):
                up = number in self.active and number in self.activated
                self.info("+CGACT: {},{}".format(number, int(up)))
            return
        if form == EXECUTE:
            raise Refused
        args.expect(2, 2)
        self._activate(args.integer(0, 0, 1), self.context_number(args, 1))

    def _activate(self, up, number):
        if not self.attached:
            raise Refused(NO_CONTEXT)
        if up:
            if not self._takes(number):
                raise Refused(NO_CONTEXT)
            return self.activated.add(number)
        self.activated.discard(number)
        for service in list(self.services.values()):
            if service.context == number:
                self.break_down(service)

    def at_cgpaddr(self, form, args):
        if form == TEST:
            return self.info("+CGPADDR: (1-{})".format(self.CONTEXTS_THAT_WORK))
        numbers = sorted(self.active)
        if form == WRITE:
            numbers = [self.context_number(args)]
        for number in numbers:
            shown = ',"{}"'.format(self.context_address(number)) if number in self.active else ""
            self.info("+CGPADDR: {}{}".format(number, shown))

    def at_cgdcont(self, form, args):
        if form == TEST:
            return self.info('+CGDCONT: (1-{}),"IP",,,(0),(0)'.format(self.CONTEXTS_THAT_WORK))
        if form == READ:
            for number in sorted(self.apns):
                self.info('+CGDCONT: {},"{}","{}"'.format(number, *self.apns[number]))
            return
        if form == EXECUTE:
            raise Refused
        number = self.context_number(args)
        kind = args.string(1, 6, "IP")
        if kind not in PDP_TYPES:
            raise Refused
        self.apns[number] = (kind, args.string(2, self.APN_LIMIT, ""))
