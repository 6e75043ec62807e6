# The examples of the "RGx00U&RM500U Series TCP/IP Application Note" 1.0, as data; see bg95.py
# for the form of it. One "given" more:
#
#   ("given", ("nat", mode))     AT+QCFG="nat": 2.3.7 asks for 1 or 2 before a server is opened
#
# Corrected here, each beside its place: remarks that run into an answer, a state line with
# another address than the one that was opened, a part without its heading.
# The port in QISTATE is "usbmodem" as printed; a module on a UART says "uart1".

CONVERSATIONS = {
    # One text more than the syntax of the command has, both ways, before the last number.
    "2.3.2.1 context query": (
        (">", "AT+QICSGP=1"),
        ("<", '+QICSGP: 1,"","","","",0'),
        ("<", "OK"),
    ),
    "2.3.2.2 context set": (
        (">", 'AT+QICSGP=1,1,"UNINET","","","",0'),
        ("<", "OK"),
    ),
    "3.1.1 configure a context": (
        (">", 'AT+QICSGP=1,1,"UNINET","","","",0'),
        ("<", "OK"),
    ),
    "3.1.2 activate a context": (
        (">", "AT+QIACT=1"),
        ("<", "OK"),
        (">", "AT+QIACT?"),
        ("<", '+QIACT: 1,1,1,"10.7.157.1"'),
        ("<", "OK"),
    ),
    "3.1.3 deactivate a context": (
        (">", "AT+QIDEACT=1"),
        ("<", "OK"),
    ),
    # The state line ends in .201 in print.
    "3.2.1 tcp client open": (
        ("given", ("context", 1, 1)),
        ("given", ("local port", 65514)),
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","220.180.239.212",8009,65514,2,1,0,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.2.2 tcp client send": (
        (">", "AT+QISEND=0"),
        ("<prompt", "> "),
        (">>", b"test1\x1a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,4"),
        ("<prompt", "> "),
        (">>", b"test"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 9,9,0"),
        ("<", "OK"),
        ("peer", ("got", b"test1test")),
    ),
    # The last two commands and their answers stand on one line each in print.
    "3.2.3 tcp client read": (
        ("peer", b"test1"),
        ("!", '+QIURC: "recv",0'),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 5"),
        ("<<", b"test1"),
        ("<", "OK"),
        (">", 'AT+QICFG="recvind",1'),
        ("<", "OK"),
        ("peer", b"test1"),
        ("!", '+QIURC: "recv",0,5'),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 5"),
        ("<<", b"test1"),
        ("<", "OK"),
        (">", "AT+QIRD=0,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=0,0"),
        ("<", "+QIRD: 10,10,0"),
        ("<", "OK"),
    ),
    "3.2.4 tcp client close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    # CONNECT stands behind the remark to the command in print.
    "3.3.1 transparent open": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,2'),
        ("<", "CONNECT"),
    ),
    # The example prints no data of its own here, and leaves +++ to a remark; the silence around
    # it is that of 1.2.
    "3.3.2 transparent send": (
        (">>", b"Test 1"),
        ("wait", 1.0),
        ("peer", ("got", b"Test 1")),
    ),
    "3.3.3 transparent receive": (
        ("peer", b"Test 1"),
        ("<=", b"Test 1"),
    ),
    "3.3.4 transparent close": (
        ("wait", 1.0),
        (">>", b"+++"),
        ("wait", 1.0),
        ("<", "OK"),
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    # The state line ends in .201 in print.
    "3.4.1 push open": (
        ("given", ("context", 1, 1)),
        ("given", ("local port", 65344)),
        (">", 'AT+QIOPEN=1,0,"TCP","220.180.239.212",8009,0,1'),
        ("<", "OK"),
        ("!", "+QIOPEN: 0,0"),
        (">", "AT+QISTATE=1,0"),
        ("<", '+QISTATE: 0,"TCP","220.180.239.212",8009,65344,2,1,0,1,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.4.2 push send": (
        (">", "AT+QISEND=0"),
        ("<prompt", "> "),
        (">>", b"test1\x1a"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,5"),
        ("<prompt", "> "),
        (">>", b"test2"),
        ("<", "SEND OK"),
        (">", "AT+QISEND=0,0"),
        ("<", "+QISEND: 10,10,0"),
        ("<", "OK"),
        ("peer", ("got", b"test1test2")),
    ),
    "3.4.3 push receive": (
        ("peer", b"test"),
        ("!", '+QIURC: "recv",0,4'),
        ("<<", b"test"),
    ),
    "3.4.4 push close": (
        (">", "AT+QICLOSE=0"),
        ("<", "OK"),
    ),
    "3.5.1 tcp server open": (
        ("given", ("context", 1, 1)),
        ("given", ("nat", 1)),
        (">", 'AT+QIOPEN=1,1,"TCP LISTENER","127.0.0.1",0,2020,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 1,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 1,"TCP LISTENER","127.0.0.1",0,2020,3,1,1,0,"usbmodem"'),
        ("<", "OK"),
    ),
    "3.5.2 tcp server accept": (
        ("peer", ("accept", "172.31.242.222", 54091)),
        ("!", '+QIURC: "incoming",11,1,"172.31.242.222",54091'),
    ),
    "3.5.3 tcp server read": (
        ("peer", b"test"),
        ("!", '+QIURC: "recv",11'),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 4"),
        ("<<", b"test"),
        ("<", "OK"),
        (">", "AT+QIRD=11,1500"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", "AT+QIRD=11,0"),
        ("<", "+QIRD: 4,4,0"),
        ("<", "OK"),
    ),
    "3.5.4 tcp server close": (
        (">", "AT+QICLOSE=11"),
        ("<", "OK"),
        (">", "AT+QICLOSE=1"),
        ("<", "OK"),
    ),
    # The heading of this part is missing in the text; the contents have it.
    "3.6.1 udp service open": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,2,"UDP SERVICE","127.0.0.1",0,3030,0'),
        ("<", "OK"),
        ("!", "+QIOPEN: 2,0"),
        (">", "AT+QISTATE=0,1"),
        ("<", '+QISTATE: 2,"UDP SERVICE","127.0.0.1",0,3030,2,1,2,0,"usbmodem"'),
        ("<", "OK"),
    ),
    # The prompt of this section has no space in print, those of 3.2 and 3.4 have one.
    "3.6.2 udp service send": (
        (">", 'AT+QISEND=2,10,"10.7.89.10",6969'),
        ("<prompt", "> "),
        (">>", b"1234567890"),
        ("<", "SEND OK"),
        ("peer", ("got datagram", b"1234567890", "10.7.89.10", 6969)),
    ),
    "3.6.3 udp service read and reply": (
        ("peer", ("datagram", b"AAAA", "10.7.76.34", 7687)),
        ("!", '+QIURC: "recv",2'),
        (">", "AT+QIRD=2"),
        ("<", '+QIRD: 4,"10.7.76.34",7687'),
        ("<<", b"AAAA"),
        ("<", "OK"),
        (">", "AT+QIRD=2"),
        ("<", "+QIRD: 0"),
        ("<", "OK"),
        (">", 'AT+QISEND=2,10,"10.7.76.34",7687'),
        ("<prompt", "> "),
        (">>", b"1234567890"),
        ("<", "SEND OK"),
        ("peer", ("got datagram", b"1234567890", "10.7.76.34", 7687)),
    ),
    "3.6.4 udp service close": (
        (">", "AT+QICLOSE=2"),
        ("<", "OK"),
    ),
    "3.7.1 ping": (
        ("given", ("context", 1, 1)),
        ("given", ("host", "www.baidu.com", "61.135.169.125")),
        ("given", ("ping", "61.135.169.125", (192, 240, 241, 479))),
        (">", 'AT+QPING=1,"www.baidu.com"'),
        ("<", "OK"),
        ("wait", 1.2),
        ("!", '+QPING: 0,"61.135.169.125",32,192,255'),
        ("!", '+QPING: 0,"61.135.169.125",32,240,255'),
        ("!", '+QPING: 0,"61.135.169.125",32,241,255'),
        ("!", '+QPING: 0,"61.135.169.125",32,479,255'),
        ("!", "+QPING: 0,4,4,0,192,479,288"),
    ),
    # The connectID is left out on purpose.
    "3.8.1 error code": (
        ("given", ("context", 1, 1)),
        (">", 'AT+QIOPEN=1,"TCP","220.180.239.212",8009,0,1'),
        ("<", "ERROR"),
        (">", "AT+QIGETERROR"),
        ("<", "+QIGETERROR: 552, invalid parameters"),
        ("<", "OK"),
    ),
}
