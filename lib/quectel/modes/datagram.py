# Methods of datagram sockets alone: another peer, and the sender of a datagram.

import errno

from quectel import errors
from quectel.connection import NEW, OPEN
from quectel.socket import located
from quectel.stream import octets

_EMSGSIZE = errors.number_of("EMSGSIZE", 90)


def connect(sock, address):
    """connect of a socket that is open: another peer."""
    connection = sock.connection
    peer = connection.peer
    if connection.SERVES:
        connection.send_to(sock, address)
    elif address[0] != peer[0] or address[1] != peer[1]:
        sock.open(address, connection.shut())


def prepare(sock, data, address):
    """Before a datagram is sent to `address`: open the socket, or make that its peer."""
    address = located(address)
    connection = sock.connection
    sock.check_usable()
    if not connection.datagram:
        raise OSError(errors.EISCONN if sock.is_open() else errno.EAGAIN)
    size, most = len(octets(data)), connection.nic.dialect.SEND_MAX
    if not 1 <= size <= most:
        refuse(connection, size, most)
    if connection.state == NEW and (connection.task is None or not connection.task.error):
        sock.connect(address)
    elif connection.state == OPEN:
        connect(sock, address)


def refuse(connection, size, most):
    """Raise why a datagram of `size` bytes is not sent, where one has 1 to `most`: EMSGSIZE, or
    EOPNOTSUPP for an empty one."""
    if size:
        text = "a datagram of %d bytes: the module sends at most %d of these" % (size, most)
        raise errors.Error(_EMSGSIZE, text)
    raise errors.not_supported(connection.nic.dialect.MODEL, "empty datagrams")


def recvfrom(sock, bufsize, flags=0):
    """recv, and the peer's (host, port): the sender's own on a UDP service, else as it was
    given to connect or sendto."""
    data = sock.recv(bufsize, flags)
    connection = sock.connection
    return data, connection.reader.peer or connection.peer
