"""QIOPEN with its two parameters more, QICLOSE in close mode 1, what a server needs (2.3.7 to
2.3.9, 2.4.3)."""

from ...args import Refused
from ...engine import TEST, WRITE
from ...network import CONNECT_FAILED, PORT_BUSY, TIMED_OUT
from ...opening import Opening
from ...services import INCOMING, LISTENER, OPENING, TCP

LOCAL_PORT_BUSY = 574  # Table 2; that code means another thing in the other notes


class Opening5G(Opening):
    LOCAL_ADDRESSES = ("127.0.0.1",)
    OPEN_COUNTS = (5, 9)
    STATE_RANGES = "+QISTATE: (0,1),(1-5),(0-11)"
    RETRY_TIME = 1.0  # s between two attempts while <connect_timeout> runs
    FULL_TELLS_SERVER = None  # 2.4.3 prints "incoming full" both ways; None: at random

    def _start(self):
        super()._start()
        if not hasattr(self, "nat"):
            self.nat = 0  # AT+QCFG="nat"; it outlives a reboot

    def open_ranges(self):
        return (
            "+QIOPEN: (1-{}),(0-{}),({}),<address_string>,(0-65535),(0-65535),(0-2),"
            "(0-11),(10-150)".format(
                self.CONTEXT_IDS, self.CONNECT_IDS - 1,
                ",".join('"{}"'.format(kind) for kind in self.KINDS))
        )  # fmt: skip

    def open_request(self, args):
        number, request = super().open_request(args)
        clients = args.integer(7, 0, 11, 11)
        reconnect = args.integer(8, 0, 150, 0)
        if 0 < reconnect < 10:
            raise Refused
        if request.kind == LISTENER:
            request.client_limit = clients
        elif request.kind == TCP:
            request.reconnect = reconnect
        return number, request

    def local_address(self, service):
        return service.address  # as the examples of QISTATE have it

    # --- <connect_timeout> -----------------------------------------------------------------

    def _begin(self, service):
        if service.reconnect:
            service.deadline = self.after(service.reconnect, lambda: self._give_up(service))
        return super()._begin(service)

    def opened(self, service, code):
        if service.deadline and code in (CONNECT_FAILED, TIMED_OUT):
            service.failure = code
            self._abort(service)
            self.after(self.RETRY_TIME, lambda: self._try_again(service))
            return
        self._end_of_attempts(service, LOCAL_PORT_BUSY if code == PORT_BUSY else code)

    def _end_of_attempts(self, service, code):
        if service.deadline:
            service.deadline.cancel()
            service.deadline = None
        super().opened(service, code)

    def _is_opening(self, service):
        return self.services.get(service.number) is service and service.state == OPENING

    def _try_again(self, service):
        if service.deadline and self._is_opening(service):
            self._attach(service, [service.address])

    def _give_up(self, service):
        if self._is_opening(service):
            self._abort(service)
            self._end_of_attempts(service, service.failure or TIMED_OUT)

    # --- servers ---------------------------------------------------------------------------

    def accept(self, listener, stream, ip, port):
        if not (self.nat and self.config["tcp/accept"][0]):
            return None
        return super().accept(listener, stream, ip, port)

    def incoming_id(self, listener):
        clients = [
            service
            for service in self.services.values()
            if service.kind == INCOMING and service.server == listener.number
        ]
        return None if len(clients) >= listener.client_limit else super().incoming_id(listener)

    def incoming_full(self, listener):
        told = self.FULL_TELLS_SERVER
        if told is None:
            told = self.random.random() < 0.5
        self.urc('+QIURC: "incoming full"' + (",{}".format(listener.number) if told else ""))

    def at_qcfg(self, form, args):
        """Of this command the note (2.3.7) names the call mode alone: 1 router, 2 bridge."""
        if form == TEST:
            return self.info('+QCFG: "nat",(0-2)')
        if form != WRITE:
            raise Refused
        args.expect(1, 2)
        if args.string(0, 20).lower() != "nat":
            raise Refused
        if len(args) == 1:
            return self.info('+QCFG: "nat",{}'.format(self.nat))
        self.nat = args.integer(1, 0, 2)

    # --- QICLOSE ---------------------------------------------------------------------------

    def close_service(self, service, timeout):
        if not self.config["close mode"][0]:
            return super().close_service(service, timeout)
        self.final()
        self.finish(service, timeout, lambda: self._gone(service.number))

    def _gone(self, number):
        if number not in self.services:  # else its context was taken down, and it opened anew
            self.urc('+QIURC: "closed",{}'.format(number))
