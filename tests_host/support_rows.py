"""What the five documents have, typed from them, without a look at the driver: every command in
every form, every key of AT+QICFG, every URC. tests_host/test_support_table.py compares the tables
in lib/docs/reference/at-commands.md with it.

    bc95, bc92  "BC65&BC92&BC95-GR TCP/IP Application Note" 1.2: BC65 and BC95-GR; BC92
    bc20        "BC20 TCP/IP AT Commands Manual" 1.0
    bg95        "BG95-S5 TCP/IP Application Note"
    bc25        "BC25&BC32 TCP/IP" application note 1.0, in Chinese
    rm500u      "RGx00U&RM500U Series TCP/IP Application Note" 1.0
"""

ALL = "bc95 bc92 bc20 bg95 bc25 rm500u"
NB = "bc95 bc92 bc20 bc25"  # the NB-IoT modules
BC95 = "bc95 bc92"
PDP = "bg95 rm500u"

# row: the columns that have it
ROWS = {
    # AT+QICSGP: bg95 2.3.1, rm500u 2.3.2
    "AT+QICSGP=?": PDP,
    "AT+QICSGP=ctx": PDP,
    'AT+QICSGP=ctx,type,"apn"[,"user","pwd"[,auth]]': PDP,
    # AT+QIACT, AT+QIDEACT: bg95 2.3.2, 2.3.3; rm500u 2.3.3, 2.3.4
    "AT+QIACT=?": PDP,
    "AT+QIACT?": PDP,
    "AT+QIACT=ctx": PDP,
    "AT+QIDEACT=?": PDP,
    "AT+QIDEACT=ctx": PDP,
    # AT+QIACTEX, AT+QIDEACTEX: rm500u 2.3.5, 2.3.6
    "AT+QIACTEX=?": "rm500u",
    "AT+QIACTEX?": "rm500u",
    "AT+QIACTEX=ctx": "rm500u",
    "AT+QIACTEX=ctx,view": "rm500u",
    "AT+QIDEACTEX=?": "rm500u",
    "AT+QIDEACTEX=ctx": "rm500u",
    # bg95 Figure 1
    "AT+CPIN?": "bg95",
    "AT+CGREG?, AT+CEREG?": "bg95",
    "AT+CFUN": "bg95",
    # bc95 4.1.1, 4.3.1; bc25 4.1.1
    "AT+CGATT?": BC95 + " bc25",
    "AT+CGPADDR?": BC95 + " bc25",
    "AT+CGACT before a listener": BC95,
    # AT+QIOPEN: bc95 2.2.1, bc20 2.1.1, bg95 2.3.4, bc25 2.1.1, rm500u 2.3.7. bc25, note 2: UDP
    # SERVICE is not supported yet. bc20: neither is IPv6. bc95, note 8: incoming_num is BC92's.
    "AT+QIOPEN=?": ALL,
    'AT+QIOPEN, "TCP"': ALL,
    'AT+QIOPEN, "UDP"': ALL,
    'AT+QIOPEN, "TCP LISTENER"': BC95 + " bg95 bc25 rm500u",
    'AT+QIOPEN, "UDP SERVICE"': PDP,
    "AT+QIOPEN, access mode 0": ALL,
    "AT+QIOPEN, access mode 1": ALL,
    "AT+QIOPEN, access mode 2": "bc92 bg95 rm500u",
    'AT+QIOPEN, "TCP LISTENER", access mode 2': "bc92",  # bc95 note 6; bg95 2.3.4, note 2, forbids
    "AT+QIOPEN, protocol 1": BC95 + " bc25",
    "AT+QIOPEN, protocol 2": BC95,
    "AT+QIOPEN, incoming_num": "bc92",
    "AT+QIOPEN, max_clients": "rm500u",
    "AT+QIOPEN, connect_timeout": "rm500u",
    # AT+QICLOSE: bc95 2.2.2, bc20 2.1.2, bg95 2.3.5, bc25 2.1.2, rm500u 2.3.8
    "AT+QICLOSE=?": ALL,
    "AT+QICLOSE=id": ALL,
    "AT+QICLOSE=id,timeout": PDP,
    # AT+QISTATE: bc95 2.2.3, bc20 2.1.3, bg95 2.3.6, bc25 2.1.3, rm500u 2.3.9
    "AT+QISTATE=?": ALL,
    "AT+QISTATE?": ALL,
    "AT+QISTATE": PDP,
    "AT+QISTATE=0,ctx": ALL,
    "AT+QISTATE=1,id": ALL,
    # AT+QISEND: bc95 2.2.4, bc20 2.1.4, bg95 2.3.7, bc25 2.1.4, rm500u 2.3.10
    "AT+QISEND=?": ALL,
    'AT+QISEND=id,len,"data"': NB,
    'AT+QISEND=id,len,"data",rai': BC95,
    "AT+QISEND=id,len, prompt": BC95 + " bg95 bc25 rm500u",
    "AT+QISEND=id, prompt, Ctrl+Z": BC95 + " bg95 bc25 rm500u",
    'AT+QISEND=id,len,"ip",port, prompt': PDP,
    "AT+QISEND=id,0": PDP,
    # AT+QISENDEX: bc95 2.2.5, bc20 2.1.6, bg95 2.3.9, bc25 2.1.6
    "AT+QISENDEX=?": NB + " bg95",
    "AT+QISENDEX, hex in the line": NB + " bg95",
    "AT+QISENDEX, hex in the line, rai": BC95 + " bg95",
    "AT+QISENDEX=id,len, prompt": BC95 + " bc25",
    "AT+QISENDEX=id, prompt, Ctrl+Z": BC95 + " bc25",
    # AT+QISDE: bg95 2.3.16, rm500u 2.3.15
    "AT+QISDE=?": PDP,
    "AT+QISDE?": PDP,
    "AT+QISDE=n": PDP,
    # AT+QIRD: bc95 2.2.6, bc20 2.1.5, bg95 2.3.8, bc25 2.1.5, rm500u 2.3.11
    "AT+QIRD=?": ALL,
    "AT+QIRD=id,len": ALL,
    "AT+QIRD=id of a UDP SERVICE": PDP,
    "AT+QIRD=id,0": PDP,
    # AT+QISWTMD: bc95 2.2.7, bc20 2.1.7, bg95 2.3.10, bc25 2.1.7, rm500u 2.3.12
    "AT+QISWTMD=?": ALL,
    "AT+QISWTMD?": NB,
    "AT+QISWTMD=id,0": ALL,
    "AT+QISWTMD=id,1": ALL,
    "AT+QISWTMD=id,2": "bc92 bg95 rm500u",
    # Leaving and entering transparent mode: 1.2 of bc95, bg95, rm500u
    "ATO": "bc92 bg95 rm500u",
    "+++": "bc92 bg95 rm500u",
    "AT&D1, DTR": PDP,
    # AT+QPING: bc95 2.2.8, bc20 2.1.8, bg95 2.3.11, bc25 2.1.8, rm500u 2.3.13
    "AT+QPING=?": ALL,
    "AT+QPING=ctx,host[,timeout[,count]]": ALL,
    "AT+QPING, size": NB + " rm500u",
    # AT+QNTP: bc95 2.2.9, bc20 2.1.9, bg95 2.3.12, bc25 2.1.9; AT+CCLK: bg95 3.12
    "AT+QNTP=?": NB + " bg95",
    "AT+QNTP?": "bg95",
    "AT+QNTP=ctx,server[,port[,set]]": NB + " bg95",
    "AT+CCLK?": "bg95",
    # AT+QIDNSGIP: bc95 2.2.10, bc20 2.1.10, bg95 2.3.14, bc25 2.1.10
    "AT+QIDNSGIP=?": NB + " bg95",
    "AT+QIDNSGIP=ctx,name": NB + " bg95",
    # AT+QIDNSCFG: bc95 2.2.13, bg95 2.3.13, bc25 2.1.14, rm500u 2.3.14
    "AT+QIDNSCFG=?": BC95 + " bg95 bc25 rm500u",
    "AT+QIDNSCFG?": BC95 + " bc25",
    "AT+QIDNSCFG=ctx": PDP,
    "AT+QIDNSCFG=pri[,sec]": BC95 + " bc25",
    "AT+QIDNSCFG=ctx,pri[,sec]": PDP,
    # AT+QICFG: bc95 2.2.11, bc20 2.1.11, bg95 2.3.15, bc25 2.1.11, rm500u 2.3.1
    "AT+QICFG=?": ALL,
    'AT+QICFG="dataformat"[,…]': ALL,
    'AT+QICFG="viewmode"[,…]': ALL,
    'AT+QICFG="showlength"[,…]': NB,
    'AT+QICFG="open_time"[,…]': BC95,
    'AT+QICFG="recvind"[,…]': PDP,
    'AT+QICFG="transpktsize"[,…]': PDP,
    'AT+QICFG="transwaittm"[,…]': PDP,
    'AT+QICFG="tcp/keepalive"[,…]': PDP,
    'AT+QICFG="tcp/retranscfg"[,…]': PDP,
    'AT+QICFG="sack"[,…]': "bg95",
    'AT+QICFG="timestamp"[,…]': "bg95",
    'AT+QICFG="tcp/inactivetm"[,…]': "bg95",
    'AT+QICFG="ipv6prior"[,…]': "bg95",
    'AT+QICFG="asyncmode"[,…]': "bg95",
    'AT+QICFG="ip_filter"[,…]': "bg95",
    'AT+QICFG="dcdmode"[,…]': "bg95",
    'AT+QICFG="dns/cache"[,…]': "rm500u",
    'AT+QICFG="qisend/timeout"[,…]': "rm500u",
    'AT+QICFG="passiveclosed"[,…]': "rm500u",
    'AT+QICFG="tcp/accept"[,…]': "rm500u",
    'AT+QICFG="close mode"[,…]': "rm500u",
    'AT+QICFG="sendinfo"[,…]': "rm500u",
    'AT+QICFG="formatcfg"[,…]': "rm500u",
    # bc25 4.4; bg95 3.10.2; rm500u 2.3.7, note 3
    "AT+QSCLK=n": "bc25",
    "AT+QCSCON=n": "bg95",
    'AT+QCFG="nat",n': "rm500u",
    # AT+QIKALIVE: bc25 2.1.13
    "AT+QIKALIVE=?": "bc25",
    "AT+QIKALIVE?": "bc25",
    "AT+QIKALIVE=on,idle,interval,count": "bc25",
    # AT+QIGETERROR: bc95 2.2.12, bc20 2.1.12, bg95 2.3.17, bc25 2.1.12, rm500u 2.3.16
    "AT+QIGETERROR=?": ALL,
    "AT+QIGETERROR": ALL,
    # URCs: bc95 2.3, bc20 2.2, bg95 2.4, bc25 2.2, rm500u 2.4; what adds the length: QICFG. The
    # others stand at their commands; NO CARRIER in 1.2 of bg95 and rm500u; bc25 4.4; bg95 3.10.2.
    '+QIURC: "recv",id': ALL,
    '+QIURC: "recv",id,len in buffer mode': ALL,
    '+QIURC: "recv",id,len and data': ALL,
    '+QIURC: "recv",id,len,data with viewmode 1': ALL,
    '+QIURC: "recv",id,len,"ip",port and data': PDP,
    '+QIURC: "recv",id,"buff full"': NB,
    '+QIURC: "closed",id': ALL,
    '+QIURC: "incoming",id,serverID,"ip",port': BC95 + " bg95 bc25 rm500u",
    '+QIURC: "incoming full"': BC95 + " bg95 bc25 rm500u",
    '+QIURC: "incoming full",serverID': "rm500u",
    '+QIURC: "pdpdeact",ctx': PDP,
    '+QIURC: "dnsgip",result,count,ttl': NB + " bg95",
    '+QIURC: "dnsgip","ip"': NB + " bg95",
    "+QIOPEN: id,result": ALL,
    "+QPING: …": ALL,
    "+QNTP: result,time": NB + " bg95",
    "+QIACTEX: ctx,err": "rm500u",
    '+QIACTEX: ctx,err,type,"ip"[,"ip6"]': "rm500u",
    "+QIDEACTEX: ctx,err": "rm500u",
    "NO CARRIER": PDP,
    "+QATSLEEP": "bc25",
    "+QATWAKEUP": "bc25",
    "+QCSCON: 1,n": "bg95",
}
