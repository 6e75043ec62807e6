"""Steps of scripts that open connectID 0 of a BG95-S5: a client, a listener, a UDP service."""

TCP = [(">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
UDP = [(">", 'AT+QIOPEN=1,0,"UDP","h",80,0,0'), ("<", "OK"), ("!", "+QIOPEN: 0,0")]
REFUSED = [
    (">", 'AT+QIOPEN=1,0,"TCP","h",80,0,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,566"),
    (">", "AT+QICLOSE=0"),
    ("<", "OK"),
]
LISTEN = [
    (">", 'AT+QIOPEN=1,0,"TCP LISTENER","127.0.0.1",0,2020,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
]
SERVICE = [
    (">", 'AT+QIOPEN=1,0,"UDP SERVICE","127.0.0.1",0,2020,0'),
    ("<", "OK"),
    ("!", "+QIOPEN: 0,0"),
]
