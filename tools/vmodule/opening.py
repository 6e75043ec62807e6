"""QIOPEN, QICLOSE, QISTATE ("BG95-S5 TCP/IP Application Note", 2.3.4 to 2.3.6) and incoming
connections (2.4.3, 2.4.4)."""

from .args import Refused
from .engine import EXECUTE, LATER, READ, TEST
from .hosts import is_address
from .network import NetworkError
from .services import (
    BUFFER, CLOSING, CONNECTED, INCOMING, INITIAL, LISTENER, LISTENING, OPENING, SERVICE,
    STREAM, TCP, UDP,
)  # fmt: skip

IN_USE, DNS_FAILED, BUSY = 563, 565, 568


class Opening:
    """Mixin. Needs KINDS, CONNECT_IDS, HOST_LIMIT, STATES, CLOSE_TIMEOUT."""

    AT_PORT = "uart1"
    OPEN_COUNTS = (5, 7)  # parameters of QIOPEN
    LOCAL_ADDRESSES = ("127.0.0.1", "0:0:0:0:0:0:0:1", "::1")  # what a server is opened with
    STATE_RANGES = None  # what the test form of QISTATE shows
    INCOMING_INHERITS = True  # 2.3.4 says the listener's access mode, 2.4.4 buffer mode

    def connect_id(self, args, index=0):
        return args.integer(index, 0, self.CONNECT_IDS - 1)

    # --- QIOPEN ----------------------------------------------------------------------------

    def ip_qiopen(self, form, args):
        if form == TEST:
            return self.info(self.open_ranges())
        if form in (READ, EXECUTE):
            raise Refused
        number, request = self.open_request(args)
        if request.access == STREAM:
            return self._open_stream(number, request)
        self.final()
        if number in self.services:
            self.urc("+QIOPEN: {},{}".format(number, IN_USE))
            self.last_result = IN_USE
        else:
            self._begin(request)
        return LATER

    def open_ranges(self):
        return (
            '+QIOPEN: (1-{}),(0-{}),"{}","<IP_address>/<domain_name>",'
            "(0-65535),(0-65535),(0-2)".format(
                self.CONTEXT_IDS, self.CONNECT_IDS - 1, "/".join(self.KINDS))
        )  # fmt: skip

    def open_request(self, args):
        """The connectID and a Service filled in from the parameters."""
        args.expect(*self.OPEN_COUNTS)
        context = self.context_number(args)
        number = self.connect_id(args, 1)
        kind = args.string(2, 20)
        if kind not in self.KINDS:
            raise Refused
        request = self.new_service(number, kind, context)
        request.address = args.string(3, self.HOST_LIMIT)
        client = kind in (TCP, UDP)
        request.remote_port = args.integer(4, 1 if client else 0, 65535 if client else 0)
        request.local_port = args.integer(5, *((0, 65535, 0) if client else (1, 65535)))
        request.access = args.integer(6, 0, STREAM if client else 1, BUFFER)
        if not request.address or not (client or request.address in self.LOCAL_ADDRESSES):
            raise Refused
        return number, request

    def _open_stream(self, number, request):
        if number in self.services:
            raise Refused(IN_USE)
        self._begin(request)
        return LATER

    def _begin(self, service):
        """Takes the id, at once and until QICLOSE, and starts what QIOPEN asked for."""
        self.services[service.number] = service
        service.state = OPENING
        try:
            self.need_context(service.context)
        except Refused as refused:
            return self.opened(service, refused.code)
        if service.kind in (LISTENER, SERVICE) or is_address(service.address):
            return self._attach(service, [service.address])
        return self.resolve(service.address, lambda found: self._attach(service, found))

    def _attach(self, service, addresses):
        if self.services.get(service.number) is not service:
            return  # closed while the name was looked up
        if not addresses:
            return self.opened(service, DNS_FAILED)
        service.address = addresses[0]
        try:
            done = self._endpoint(service)
        except NetworkError as error:
            return self.opened(service, error.code)
        if done:
            self.opened(service, 0)

    def _endpoint(self, service):
        """Asks the network for the socket; True if it is ready at once."""
        network, ip, port = self.network, service.address, service.local_port
        if service.kind == TCP:
            self.radio_used()
            service.endpoint = network.connect(ip, service.remote_port, port, service)
            return False
        if service.kind == LISTENER:
            service.endpoint = network.listen(ip, port, service)
        else:
            service.endpoint = network.datagrams(ip, port, service)
        if service.kind in (LISTENER, SERVICE):
            service.address = self.local_address(service)
        return True

    def local_address(self, service):
        """What QISTATE shows of a listener and of a UDP SERVICE."""
        return self.context_address(service.context, ":" in service.address)

    def opened(self, service, code):
        """The attempt is over: tells the host. A failed one keeps its id, in state 0."""
        if self.services.get(service.number) is not service:
            return
        if code:
            service.state = INITIAL
        else:
            service.state = LISTENING if service.kind == LISTENER else CONNECTED
            service.port_chosen = not service.local_port
            service.local_port = service.local_port or service.endpoint.local_port
        self.last_result = code
        if service.access != STREAM or service.kind == LISTENER:
            self.urc("+QIOPEN: {},{}".format(service.number, code))
        elif code:
            service.access = BUFFER
            self.refuse(code)
        else:
            self.enter_stream(service)
        if not code and service.is_stream:
            self.watch_idle(service)

    def accept(self, listener, stream, ip, port):
        """An incoming connection: the sink for it, or None where there is no room."""
        if not self.admits(ip):
            return None
        number = self.incoming_id(listener)
        if number is None:
            self.incoming_full(listener)
            return None
        service = self.new_service(number, INCOMING, listener.context)
        service.address, service.remote_port = ip, port
        service.local_port, service.server = listener.local_port, listener.number
        service.access = listener.access if self.INCOMING_INHERITS else BUFFER
        service.endpoint, service.state = stream, CONNECTED
        self.radio_used()
        self.services[number] = service
        self.urc('+QIURC: "incoming",{},{},"{}",{}'.format(number, listener.number, ip, port))
        self.watch_idle(service)
        return service

    def incoming_id(self, _listener):
        """The id for one more connection, or None."""
        return self.free_id()

    def incoming_full(self, _listener):
        self.urc('+QIURC: "incoming full"')

    # --- QICLOSE ---------------------------------------------------------------------------

    def ip_qiclose(self, form, args):
        if form == TEST:
            return self.info("+QICLOSE: (0-{}),(0-65535)".format(self.CONNECT_IDS - 1))
        if form in (READ, EXECUTE):
            raise Refused
        args.expect(1, 2)
        service = self.service(self.connect_id(args))
        timeout = args.integer(1, 0, 65535, self.CLOSE_TIMEOUT)
        if service.closing:
            raise Refused(BUSY)
        self.close_service(service, timeout)
        return LATER

    def close_service(self, service, timeout):
        """Carries QICLOSE out, and answers."""
        self.finish(service, timeout, self.final)

    def finish(self, service, timeout, then):
        """Closes in good order; then() is called when the id is free."""

        def gone():
            self.drop(service)
            then()

        if not (service.is_stream and service.endpoint):
            return gone()
        service.closing = True
        service.state = CLOSING
        service.over, service.told = 0, True  # from here on nothing is told about it
        endpoint, service.endpoint = service.endpoint, None
        self.radio_used()
        endpoint.close(timeout, self.guarded(gone))

    # --- QISTATE ---------------------------------------------------------------------------

    def ip_qistate(self, form, args):
        if form == TEST:
            return self.info(self.STATE_RANGES) if self.STATE_RANGES else None
        services = [self.services[number] for number in sorted(self.services)]
        if form not in (READ, EXECUTE):
            args.expect(2, 2)
            if args.integer(0, 0, 1):
                number = self.connect_id(args, 1)
                services = [service for service in services if service.number == number]
            else:
                number = self.context_number(args, 1)
                services = [service for service in services if service.context == number]
        for service in services:
            if not service.hidden:
                self.info("+QISTATE: " + self.state_fields(service))
        return None

    def state_fields(self, service):
        port = 0 if service.kind in (LISTENER, SERVICE) else service.remote_port
        return '{},"{}","{}",{},{},{},{},{},{},"{}"'.format(
            service.number, service.kind, service.address, port, service.local_port,
            self.STATES[service.state], service.context, service.server, service.access,
            self.AT_PORT)  # fmt: skip
