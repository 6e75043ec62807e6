"""A TLS server on the module's TCP LISTENER."""

import facts
import tls
from scenario import HOST, LIMIT, main, online, peer, same


def _context(folder):
    context = tls.SSLContext(tls.PROTOCOL_TLS_SERVER)
    with open(folder + "/chain.pem", "rb") as chain, open(folder + "/key.pem", "rb") as key:
        context.load_cert_chain(chain.read() + b"\0", key.read() + b"\0")
    return context


def echo(port, folder, count, tell):
    """Greet `count` clients one after the other, and send back what each says until it ends. The
    TCP peer at the port `tell` hears when the server is ready for each."""
    nic = online()
    if "nat" in facts.of(nic)["settings"]:
        nic.config(nat=1)  # RM500U 2.3.7, note 3
    server = nic.socket()
    server.bind(("", port))
    server.listen()
    for _ in range(count):
        with peer(nic, tell, "release") as s:
            same(s.readline(), b"ok\n", "release")
        client, address = server.accept()
        same(address[0], HOST, "the client's address")
        client.settimeout(LIMIT)
        try:
            w = _context(folder).wrap_socket(client, server_side=True)
            w.write(b"hello\n")
            while True:
                line = w.readline()
                if not line:
                    break
                w.write(line)
            w.close()
        except OSError as e:
            client.close()
            print("refused:", e)
    server.close()
    same(nic.netstat(), [], "connections")


if __name__ == "__main__":
    main(globals())
