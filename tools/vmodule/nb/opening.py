"""QIOPEN, QICLOSE, QISTATE and incoming connections of the NB-IoT modules
("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.1 to 2.2.3, 2.3.4, 2.3.5)."""

from ..args import Refused
from ..engine import LATER, READ, WRITE
from ..hosts import is_address
from ..network import PORT_BUSY, TIMED_OUT, NetworkError
from ..opening import BUSY, DNS_FAILED, IN_USE, Opening
from ..services import BUFFER, CLOSING, INCOMING, LISTENER, OPENING, PUSH, STREAM, TCP
from .nodes import EITHER, IPV4, IPV6, NodeService

NO_CONTEXT, NOT_SUPPORTED, PORT_IN_USE = 561, 555, 574


class NbOpening(Opening):
    """Mixin. Beside what Opening needs: KINDS_TO_COME, OPEN_PARAMETERS, PROTOCOLS,
    INCOMING_ORDER, STATE_AFTER_CLOSED."""

    INCOMING_INHERITS = False
    KINDS_TO_COME = ()  # named, and not supported yet
    KEEPS_ACCESS = True  # left out, the access mode is the last one; else it is 0
    LISTENER_NEEDS_CGACT = False
    PORT_REST = 0  # s that a port of one's own cannot be used again after QICLOSE
    OPEN_TIME = 36  # s
    DNS_TIME = 140  # s

    def _start(self):
        super()._start()
        self._resting = {}  # local port: until when

    def new_service(self, number, kind, context):
        return NodeService(self, number, kind, context)

    # --- QIOPEN ----------------------------------------------------------------------------

    def ip_qiopen(self, form, args):
        if form != WRITE:
            raise Refused
        number, request = self.open_request(args)
        self._may_open(number, request)
        if request.access != STREAM:
            self.flash["access"] = request.access
        if request.access != STREAM or request.kind == LISTENER:
            self.final()
        self._begin(request)
        return LATER

    def open_request(self, args):
        args.expect(5, self.OPEN_PARAMETERS)
        context = self.context_number(args)
        number = self.connect_id(args, 1)
        kind = args.string(2, 20)
        if kind in self.KINDS_TO_COME:
            raise Refused(NOT_SUPPORTED)
        if kind not in self.KINDS:
            raise Refused
        request = self.new_service(number, kind, context)
        client = kind != LISTENER
        request.address = args.string(3, self.HOST_LIMIT)
        request.remote_port = args.integer(4, 1 if client else 0, 65535)
        request.local_port = args.integer(5, *((0, 65535, 0) if client else (1, 65535)))
        last = self.flash.get("access", BUFFER) if self.KEEPS_ACCESS else BUFFER
        request.access = args.integer(6, 0, self.access_limit(kind), last)
        request.protocol = self.protocol(args)
        if not self._address_fits(request):
            raise Refused
        self.open_more(args, request)
        return number, request

    def access_limit(self, _kind):
        return PUSH

    def protocol(self, args):
        """<protocol_type>"""
        return args.integer(7, 0, self.PROTOCOLS - 1, IPV4)

    def _address_fits(self, request):
        address = request.address
        if request.kind == LISTENER:
            families = {IPV4: (False,), IPV6: (True,), EITHER: (False, True)}[request.protocol]
            return address in [self.context_address(request.context, six) for six in families]
        if is_address(address) and request.protocol != EITHER:
            return (":" in address) == (request.protocol == IPV6)
        return bool(address)

    def open_more(self, args, request):
        """Parameters that one dialect alone has."""

    def _may_open(self, number, request):
        """2.2.1: any error is an ERROR; note 3: a local port cannot be used twice."""
        if number in self.services:
            raise Refused(IN_USE)
        if request.kind == LISTENER and self.LISTENER_NEEDS_CGACT:
            if request.context not in self.activated:
                raise Refused(NO_CONTEXT)  # 4.3.1 asks for CGACT first
        if request.local_port and request.local_port in [
            service.local_port for service in self.services.values() if not service.port_chosen
        ]:
            raise Refused(PORT_IN_USE)

    def open_time(self):
        return self.OPEN_TIME

    def _begin(self, service):
        if not is_address(service.address):
            self._limit(service, self.DNS_TIME)
        super()._begin(service)

    def _attach(self, service, addresses):
        if self.services.get(service.number) is not service or service.state != OPENING:
            return
        if service.protocol != EITHER and service.kind != LISTENER:
            wanted = service.protocol == IPV6
            addresses = [address for address in addresses if (":" in address) == wanted]
        self._limit(service, self.open_time())
        super()._attach(service, addresses)

    def _endpoint(self, service):
        until = self._resting.get(service.local_port, 0)
        if service.kind == TCP and until > self.clock.now():
            raise NetworkError(PORT_BUSY)
        return super()._endpoint(service)

    def local_address(self, service):
        return service.address

    def _limit(self, service, seconds):
        if service.timer:
            service.timer.cancel()
        service.timer = self.after(seconds, lambda: self._overdue(service))

    def _overdue(self, service):
        if service.state == OPENING:
            code = TIMED_OUT if service.endpoint else DNS_FAILED
            self._abort(service)
            self.opened(service, code)

    def opened(self, service, code):
        if service.timer:
            service.timer.cancel()
        super().opened(service, PORT_IN_USE if code == PORT_BUSY else code)

    # --- incoming --------------------------------------------------------------------------

    def incoming_id(self, listener):
        taken = [
            service for service in self.services.values()
            if service.kind == INCOMING and service.server == listener.number
        ]  # fmt: skip
        if listener.incoming_limit and len(taken) >= listener.incoming_limit:
            return None
        free = [number for number in self.INCOMING_ORDER if number not in self.services]
        return free[0] if free else None

    # --- QICLOSE ---------------------------------------------------------------------------

    def ip_qiclose(self, form, args):
        if form != WRITE:
            raise Refused
        args.expect(1, 1)
        service = self.service(self.connect_id(args))
        if service.closing:
            raise Refused(BUSY)
        service.closing = True
        self.answer_twice(lambda: self._close(service))
        return LATER

    def _close(self, service):
        if service.kind == TCP and service.local_port and not service.port_chosen:
            self._resting[service.local_port] = self.clock.now() + self.PORT_REST
        self.finish(service, self.CLOSE_TIMEOUT, lambda: self.report("CLOSE OK"))

    # --- QISTATE ---------------------------------------------------------------------------

    def ip_qistate(self, form, args):
        if form not in (READ, WRITE):
            raise Refused
        return super().ip_qistate(form, args)

    def state_fields(self, service):
        state = self.STATES[service.state]
        if service.state == CLOSING and not service.closing:
            state = self.STATE_AFTER_CLOSED
        port = 0 if service.port_chosen else service.local_port
        return '{},"{}","{}",{},{},{},{},{}'.format(
            service.number, service.kind, service.address, service.remote_port, port, state,
            service.context, service.access)  # fmt: skip
