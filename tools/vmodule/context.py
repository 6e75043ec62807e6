"""PDP contexts: QICSGP, QIACT, QIDEACT ("BG95-S5 TCP/IP Application Note", 2.3.1 to 2.3.3)."""

from .args import Refused
from .engine import EXECUTE, LATER, READ, TEST
from .general import HOME
from .services import CLOSING

ACTIVATE_FAILED, DEACTIVATED, NOT_ALLOWED = 561, 570, 572

IPV4, IPV6, IPV4V6 = 1, 2, 3


class Context:
    """The settings of one context."""

    def __init__(self):
        self.type = IPV4
        self.apn = self.user = self.password = ""
        self.authentication = 0


class Contexts:
    """Mixin. Needs CONTEXT_IDS, ACTIVE_LIMIT, TEXT_LIMIT."""

    CONTEXTS_SAVED = True  # they outlive a reboot
    CONTEXT = Context
    SETTING_COUNTS = (3, 5, 6)  # of QICSGP; a type brings its APN, a user name its password
    ALREADY_ACTIVE = 574  # the code of activating what is active
    no_context_code = ACTIVATE_FAILED  # of what needs one that is not up
    operator_apn = None  # the one that the operator takes, beside none at all; None: takes any
    foreign_context = None  # the number that the network has given the only context to
    ATTACH_TIME = 0.2  # s until an asynchronous QIACT has its context up
    ADDRESS4 = "10.7.157.{}"
    ADDRESS6 = "2001:db8:1111:2222:3333:4444:5555:6666"

    def _start(self):
        super()._start()
        if not (self.CONTEXTS_SAVED and hasattr(self, "contexts")):
            self.contexts = {number: self.CONTEXT() for number in range(1, self.CONTEXT_IDS + 1)}
        self.active = {}  # contextID: "active", or "lost" from pdpdeact to QIDEACT

    def context_number(self, args, index=0):
        return args.integer(index, 1, self.CONTEXT_IDS)

    def need_context(self, number):
        """Refused unless the context is up."""
        if self.active.get(number) != "active":
            raise Refused(DEACTIVATED if number in self.active else self.no_context_code)

    def context_type(self, number):
        """What an active context speaks."""
        kind = self.contexts[number].type
        if kind == IPV4V6 and "ipv6prior" in self.config:
            return IPV6 if self.config["ipv6prior"][0] else IPV4
        return kind

    def context_address(self, number, ipv6):
        return (self.ADDRESS6 if ipv6 else self.ADDRESS4).format(number)

    def context_fields(self, number):
        """The type and the addresses, as QIACT? shows them."""
        return "{},{}".format(self.context_type(number), self.context_addresses(number))

    def context_addresses(self, number):
        kind = self.context_type(number)
        families = {IPV4: (False,), IPV6: (True,), IPV4V6: (False, True)}[kind]
        return ",".join('"{}"'.format(self.context_address(number, six)) for six in families)

    def show_active(self, name):
        for number in sorted(self.active):
            if self.active[number] == "active":
                self.info("+{}: {},1,{}".format(name, number, self.context_fields(number)))

    def ip_qicsgp(self, form, args):
        ids = "(1-{})".format(self.CONTEXT_IDS)
        if form == TEST:
            return self.info("+QICSGP: {},(1-3),<APN>,<username>,<password>,(0-3)".format(ids))
        if form in (READ, EXECUTE):
            raise Refused
        number = self.context_number(args)
        context = self.contexts[number]
        if len(args) == 1:
            return self.info("+QICSGP: " + self.context_settings(context))
        if len(args) not in self.SETTING_COUNTS:
            raise Refused
        self._set_context(number, context, args)

    def context_settings(self, context):
        return '{},"{}","{}","{}",{}'.format(
            context.type, context.apn, context.user, context.password, context.authentication
        )

    def _set_context(self, number, context, args):
        kind = args.integer(1, 1, 3, context.type)
        apn = args.string(2, self.TEXT_LIMIT)
        user = args.string(3, self.TEXT_LIMIT, context.user)
        password = args.string(4, self.TEXT_LIMIT, context.password)
        authentication = args.integer(5, 0, 3, context.authentication)
        others = [other.apn for key, other in self.contexts.items() if key != number]
        if apn and apn in others:
            raise Refused(NOT_ALLOWED)  # 2.3.1: one APN cannot be on two contexts
        context.type, context.apn = kind, apn
        context.user, context.password = user, password
        context.authentication = authentication

    def at_cgdcont(self, form, args):
        """3GPP TS 27.007, 10.1.1: the same contexts, without what QICSGP alone has."""
        kinds = {"IP": IPV4, "IPV6": IPV6, "IPV4V6": IPV4V6}
        if form == TEST:
            for kind in kinds:
                self.info('+CGDCONT: (1-{}),"{}",,,(0-2),(0-4)'.format(self.CONTEXT_IDS, kind))
            return
        if form == READ:
            for number in self.defined_contexts():
                self.info("+CGDCONT: " + self._definition(number))
            return
        if form == EXECUTE:
            raise Refused
        args.expect(1, 6)
        number = self.context_number(args)
        if len(args) == 1:
            self.contexts[number] = self.CONTEXT()
            return
        kind = args.string(1, 6)
        if kind not in kinds:
            raise Refused
        context = self.contexts[number]
        context.type, context.apn = kinds[kind], args.string(2, self.TEXT_LIMIT, "")

    def _definition(self, number):
        context = self.contexts[number]
        kind = {IPV4: "IP", IPV6: "IPV6", IPV4V6: "IPV4V6"}[context.type]
        address = "0.0.0.0"
        if self.active.get(number) == "active":
            address = self.context_address(number, context.type == IPV6)
        return '{},"{}","{}","{}",0,0,0,0'.format(number, kind, context.apn, address)

    def defined_contexts(self):
        """Context 1, which each module has, and those that have an APN or are up."""
        named = {number for number, context in self.contexts.items() if context.apn}
        return sorted({1} | named | set(self.active))

    def ip_qiact(self, form, args):
        if form == TEST:
            return self.info("+QIACT: (1-{})".format(self.CONTEXT_IDS))
        if form == READ:
            return self.show_active("QIACT")
        if form == EXECUTE:
            raise Refused
        args.expect(1, 1)
        return self._activate(self.context_number(args))

    def may_activate(self, number):
        """Refused where the module itself knows that it cannot be."""
        if self.foreign_context not in (None, number):
            raise Refused(NOT_ALLOWED)
        if self.active.get(number) == "active":
            raise Refused(self.ALREADY_ACTIVE)
        if number in self.active or len(self.active) >= self.ACTIVE_LIMIT:
            raise Refused(ACTIVATE_FAILED)

    def granted(self, number):
        """Whether the network gives this context: it has coverage, takes the SIM and the APN."""
        wanted = self.operator_apn in (None, self.contexts[number].apn or self.operator_apn)
        return wanted and self.registration() == HOME

    def _activate(self, number):
        self.may_activate(number)
        asynchronous = self.config.get("asyncmode", (0,))[0]
        if not self.granted(number) and not (asynchronous and self.registration() == HOME):
            raise Refused(ACTIVATE_FAILED)
        if asynchronous:
            self.final()
            self.after(self.ATTACH_TIME, lambda: self._come_up(number))
            return LATER
        self.active[number] = "active"
        return None

    def _come_up(self, number):
        if self.granted(number):
            self.active.setdefault(number, "active")

    def ip_qideact(self, form, args):
        if form == TEST:
            return self.info("+QIDEACT: (1-{})".format(self.CONTEXT_IDS))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 1)
        number = self.context_number(args)
        self.may_deactivate(number)
        self.deactivate(number)

    def may_deactivate(self, number):
        """Refused where it cannot be now."""

    def deactivate(self, number):
        """By the host: whatever is open in it is closed."""
        self.active.pop(number, None)
        for service in list(self.services.values()):
            if service.context == number:
                self._close_quietly(service)

    def _close_quietly(self, service):
        """Closes in good order, without anybody waiting for it."""
        if service.is_stream and service.endpoint:
            service.endpoint.close(self.CLOSE_TIMEOUT, lambda: None)
            service.endpoint = None
        self.drop(service)

    def activate_by_itself(self):
        """Context 1 comes up at the start, with what the network gives."""
        context = self.contexts[1]
        context.type, context.apn = IPV4V6, context.apn or "cmnet"
        self.active[1] = "active"

    def at_cgact(self, form, args):
        if form == TEST:
            return self.info("+CGACT: (0,1)")
        if form == READ:
            up = {number for number, state in self.active.items() if state == "active"}
            up |= {self.foreign_context} - {None}
            for number in sorted({1} | up):
                self.info("+CGACT: {},{}".format(number, int(number in up)))
            return None
        if form == EXECUTE:
            raise Refused
        args.expect(2, 2)
        up, number = args.integer(0, 0, 1), args.integer(1, 1, 16)
        if number == self.foreign_context:
            self.foreign_context = number if up else None
        elif up:
            return self._activate(self.context_number(args, 1))
        else:
            self.deactivate(number)
        return None

    def lose_context(self, code):
        """Every context goes, and nobody is told; with 570 QIDEACT must follow."""
        for number in list(self.active):
            if code == DEACTIVATED:
                self.active[number] = "lost"
            else:
                del self.active[number]
        for service in list(self.services.values()):
            self.lose_service(service, code)

    def deactivate_by_network(self, number):
        """The network takes the context away: pdpdeact, and nothing of it goes on."""
        if self.active.get(number) != "active":
            return
        self.active[number] = "lost"
        for service in list(self.services.values()):
            if service.context == number:
                service.state = CLOSING
                service.over, service.told = DEACTIVATED, True
                self._abort(service)
                if self.streaming is service:
                    self.lost_stream(service)
        self.urc('+QIURC: "pdpdeact",{}'.format(number))
