"""Fetch a page with `requests`, which knows nothing of the module.

    http_client.py [URL]

An https address works as well, but MicroPython's `requests` believes every certificate:
https_client.py shows how to check one.
"""

import quectel
from online import argument, online

URL = argument(1, "http://example.com/")


def main():
    # First the interface in the place of `socket`, then what imports `socket`.
    quectel.install(online())
    import requests

    response = requests.get(URL, headers={"User-Agent": "quectel"}, timeout=60)
    try:
        print(response.status_code, response.reason.decode())
        print(response.text)
    finally:
        response.close()


main()
