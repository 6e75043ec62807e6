"""What these modules keep for a connectID. Data that came waits in nodes, one for each piece as
it came: a read gives (a part of) one node, and tells what is left of that node alone
("BC65&BC92&BC95-GR TCP/IP Application Note", 2.2.6, note 3)."""

from ..services import BUFFER, DATAGRAM_LIMIT, Service

IPV4, IPV6, EITHER = 0, 1, 2  # <protocol_type>
NODE = 1358  # bytes of TCP data in one node: a segment of NB-IoT's usual MTU, less its headers


class NodeService(Service):
    def __init__(self, module, number, kind, context):
        super().__init__(module, number, kind, context)
        self.protocol = IPV4
        self.incoming_limit = None
        self.timer = None  # of the attempt to open it
        self.full_told = False
        self._held = 0

    @property
    def unread(self):
        return self._held

    def room(self):
        if self.module.drops_tcp:
            return self.module.RECEIVE_BUFFER  # there is always room: see received
        return max(0, self.module.RECEIVE_BUFFER - self._held)

    def received(self, data):
        kept = 0
        for start in range(0, len(data), NODE):
            node = data[start : start + NODE]
            if self._held + len(node) > self.module.RECEIVE_BUFFER:
                self.module.counts["tcp dropped"] += len(node)
                self.full_told = False  # each hole is told
                self._full()
                continue
            self.datagrams.append((node, "", 0))
            self._held += len(node)
            kept += len(node)
        if kept:
            self._count(kept)

    def forget(self):
        super().forget()
        self._held = 0

    def datagram(self, data, ip, port):
        if len(self.datagrams) >= DATAGRAM_LIMIT or (self._held and len(data) > self.room()):
            self.module.counts["datagram dropped"] += 1
            return self._full()
        self._held += len(data)
        super().datagram(data, ip, port)

    def _full(self):
        """2.3.3: told once, until everything has been read. What it says of a stream, the logs of
        real modules show: bytes were dropped. So one whose peer waits says nothing."""
        if self.access == BUFFER and not self.full_told:
            self.full_told = True
            self.module.urc('+QIURC: "recv",{},"buff full"'.format(self.number))

    def pull(self, length):
        data = self._pull_datagram(length)
        self._held -= len(data)
        self.read_total += len(data)
        if not self.datagrams:
            self.announced = self.full_told = False
        return data

    def node_length(self):
        """Bytes of the node that is read next."""
        return len(self.datagrams[0][0]) if self.datagrams else 0
