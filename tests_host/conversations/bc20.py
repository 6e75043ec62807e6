# The examples of the "BC20 TCP/IP AT Commands Manual", as data. bg95.py tells the form; beside
# that, of the kinds of "given":
#
#   ("address", ip)           the module's own address in context 1
#   ("receive buffer", n)     bytes that the module keeps of what came
#   ("settling", seconds)     from the OK of a send to its SEND OK
#
# OK is missing in print after QISTATE and QISEND in 4.2 and after QNTP, and doubled before the
# replies of QPING.

CONVERSATIONS = {
    "4.1.1 tcp client open": (
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8062,1234,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","220.180.239.212",8062,1234,2,1,0'),
        ("<", "OK"),
    ),
    # The first command is printed with dots for commas. Further down the second QISEND comes
    # before the first one's SEND OK.
    "4.1.2 tcp client send": (
        (">", "AT+QISEND=0,10,1234567890"),
        ("<", "OK"),
        ("<", "SEND OK"),
        (">", "AT+QISENDEX=0,5,3031323334"),
        ("<", "OK"),
        ("<", "SEND OK"),
        ("given", ("settling", 0.5)),
        (">", "AT+QISEND=0,10,1234567890"),
        ("<", "OK"),
        (">", "AT+QISEND=0,10,1234567890"),
        ("<", "ERROR"),
        ("wait", 0.5),
        ("<", "SEND OK"),
        ("given", ("settling", 0.0)),
        ("peer", ("got", b"1234567890012341234567890")),
    ),
    # Two bytes are left when the buffer is full, and new data is only told once all has been
    # read: the read that the example leaves out stands here, between "buff full" and the send.
    "4.1.3 tcp client read": (
        ("peer", b"1234567890"),
        ("!", '+QIURC: "recv",0'),
        (">", "AT+QIRD=0,512"),
        ("<", "+QIRD: 10"),
        ("<<", b"1234567890"),
        ("<", "OK"),
        (">", "AT+QIRD=0,512"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", 'AT+QICFG="showlength",1'),
        ("<", "OK"),
        ("peer", b"123456789012"),
        ("!", '+QIURC: "recv",0,12'),
        (">", "AT+QIRD=0,10"),
        ("<", "+QIRD: 10,2"),
        ("<<", b"1234567890"),
        ("<", "OK"),
        ("given", ("receive buffer", 4, True)),
        ("peer", b"345"),
        ("!", '+QIURC: "recv",0,"buff full"'),
        (">", 'AT+QICFG="viewmode",1'),
        ("<", "OK"),
        (">", "AT+QIRD=0,10"),  # not in the example
        ("<", "+QIRD: 2,0,12"),
        ("<", "OK"),
        ("given", ("receive buffer", 8192)),
        (">", 'AT+QISEND=0,12,"012345678901"'),
        ("<", "OK"),
        ("<", "SEND OK"),
        ("peer", ("got", b"012345678901")),
        ("peer", b"012345678901"),
        ("!", '+QIURC: "recv",0,12'),
        (">", "AT+QIRD=0,10"),
        ("<", "+QIRD: 10,2,0123456789"),
        ("<", "OK"),
    ),
    "4.1.4 tcp client close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
        ("<", "CLOSE OK"),
    ),
    "4.2.1 push open": (
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8062,0,1'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","220.180.239.212",8062,0,2,1,1'),
        ("<", "OK"),
    ),
    "4.2.2 push send": (
        (">", "AT+QISEND=0,10,1234567890"),
        ("<", "OK"),
        ("<", "SEND OK"),
        (">", "AT+QISENDEX=0,5,3031323334"),
        ("<", "OK"),
        ("<", "SEND OK"),
        ("peer", ("got", b"123456789001234")),
    ),
    "4.2.3 push receive": (
        ("peer", b"12345"),
        ("!", '+QIURC: "recv",0,5'),
        ("<<", b"12345"),
        (">", 'AT+QICFG="viewmode",1'),
        ("<", "OK"),
        (">", 'AT+QISEND=0,12,"012345678901"'),
        ("<", "OK"),
        ("<", "SEND OK"),
        ("peer", ("got", b"012345678901")),
        ("peer", b"012345678901"),
        ("!", '+QIURC: "recv",0,12,012345678901'),
    ),
    "4.2.4 push close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
        ("<", "CLOSE OK"),
    ),
    # 287 is the average of times with fractions that were cut off.
    "4.3.1 ping": (
        ("given", ("host", "hf.quectel.com", "220.180.239.212")),
        ("given", ("ping", "220.180.239.212", (191.6, 239.6, 240.6, 478.6))),
        (">", 'AT+QPING=1,"hf.quectel.com"'),
        ("<", "OK"),
        ("wait", 1.2),
        ("!", '+QPING: 0,"220.180.239.212",32,192,255'),
        ("!", '+QPING: 0,"220.180.239.212",32,240,255'),
        ("!", '+QPING: 0,"220.180.239.212",32,241,255'),
        ("!", '+QPING: 0,"220.180.239.212",32,479,255'),
        ("!", "+QPING: 0,4,4,0,192,479,287"),
    ),
    # The time is printed as 11:08:20:35.
    "4.4.1 time": (
        ("given", ("host", "ntp5.aliyun.com", "192.0.2.123")),
        ("given", ("ntp", (2018, 4, 20, 3, 8, 20))),
        (">", 'AT+QNTP=1,"ntp5.aliyun.com"'),
        ("<", "OK"),
        ("!", '+QNTP: 0,"18/04/20,11:08:20+32"'),
    ),
    # The connectID is left out on purpose.
    "4.5.1 error code": (
        (">", 'AT+QIOPEN=1,"UDP","220.180.239.212",8063,0,1'),
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 552,invalid parameters"),
        ("<", "OK"),
    ),
}
