"""A small web server: the module's TCP LISTENER, one client after the other.

    web_server.py [PORT [REQUESTS]]

REQUESTS 0, as without it: for ever. The network must let others reach the module: most operators'
do not, unless they sell you an address.
"""

import json
import time

import quectel
from online import argument, online

PORT = int(argument(1, "8080"))
REQUESTS = int(argument(2, "0"))

PAGE = """<!DOCTYPE html>
<title>quectel</title>
<h1>%s</h1>
<p>Signal: %s dBm. Up since %d s. <a href="/status.json">As JSON</a>.</p>
"""


def answer(nic: "quectel.nic.Nic", path: bytes):
    """(status, type, body) for a path."""
    rssi, seconds = nic.status("rssi"), time.ticks_ms() // 1000
    if path == b"/":
        return "200 OK", "text/html", PAGE % (nic.config("model"), rssi, seconds)
    if path == b"/status.json":
        return "200 OK", "application/json", json.dumps({"rssi": rssi, "seconds": seconds})
    return "404 Not Found", "text/plain", "There is nothing at this address.\n"


def serve(nic: "quectel.nic.Nic", client: "quectel.socket.Socket"):
    """Read one request and answer it."""
    words = client.readline().split()  # of whatever bytes it likes to send
    while client.readline().strip():
        pass  # the headers, which this server has no use for
    if len(words) < 2 or words[0] != b"GET":
        status, kind, body = "400 Bad Request", "text/plain", "Only GET is understood.\n"
    else:
        status, kind, body = answer(nic, words[1])
    head = "HTTP/1.0 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    # One write is one exchange with the module.
    client.sendall((head % (status, kind, len(body)) + body).encode())
    print(words[:2], "->", status)


def main():
    nic = online()
    server = nic.socket()
    server.bind(("", PORT))
    server.listen()
    print("http://%s:%d/" % (nic.ipconfig("addr4")[0], PORT))
    number = 0
    while number < REQUESTS or not REQUESTS:
        client, _ = server.accept()
        number += 1
        client.settimeout(10)  # one that says nothing must not keep the others waiting
        try:
            serve(nic, client)
        except OSError as e:
            print("client lost:", e)
        client.close()
    server.close()


main()
