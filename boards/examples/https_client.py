"""Fetch a page over TLS, from a server that must prove who it is.

    https_client.py [HOST [CA_FILE [PATH [PORT]]]]

CA_FILE holds the certificate of the authority that has signed the server's, as PEM or DER. The
time is checked too: on a board without a clock of its own, set it first (ntp_clock.py).
Wants MicroPython's `tls`, which is there since 1.23.
"""

import tls
from online import argument, online

HOST = argument(1, "example.com")
CA_FILE = argument(2, "ca.pem")
PATH = argument(3, "/")
PORT = int(argument(4, "443"))


def trusting(path: str):
    """A context that believes the authority in that file, and nobody else."""
    context = tls.SSLContext(tls.PROTOCOL_TLS_CLIENT)
    context.verify_mode = tls.CERT_REQUIRED
    with open(path, "rb") as file:
        certificate = file.read()
    if certificate.startswith(b"-----"):
        certificate += b"\0"  # mbedtls knows PEM from DER by the zero at its end
    context.load_verify_locations(certificate)
    return context


def main():
    context = trusting(CA_FILE)
    nic = online()
    raw = nic.socket()
    raw.settimeout(60)  # the time-out is the raw socket's; TLS passes its error on
    raw.connect((HOST, PORT))
    try:
        s = context.wrap_socket(raw, server_hostname=HOST)
        print("talking", s.cipher()[1])
        s.write("GET %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (PATH, HOST))
        while True:
            line = s.readline()
            if not line:
                break
            print(line.decode(), end="")
    finally:
        raw.close()


main()
