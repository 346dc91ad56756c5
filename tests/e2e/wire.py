# SPDX-License-Identifier: MIT
"""wire.py -- DNS messages as octets, for tests that look closer than dig does, or ask faster."""

import collections
import ipaddress
import os
import socket
import struct

TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28,
         "SRV": 33, "NAPTR": 35, "OPT": 41, "DS": 43, "AXFR": 252, "ANY": 255, "CAA": 257}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED",
          16: "BADVERS"}
QR, AA, TC, RD, AD, CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0020, 0x0010
DO = 0x8000  # in the flags of an OPT record

Record = collections.namedtuple("Record", "name ttl type data")
Opt = collections.namedtuple("Opt", "size version flags")


def name_octets(text):
    labels = [] if text in ("", ".") else text.rstrip(".").split(".")
    return b"".join(bytes([len(x)]) + x.encode() for x in labels) + b"\0"


def question(name, qtype="A", qclass=1):
    number = TYPES[qtype] if isinstance(qtype, str) else qtype
    return name_octets(name) + struct.pack("!HH", number, qclass)


def header(ident, flags, qd=0, an=0, ns=0, ar=0):
    return struct.pack("!HHHHHH", ident, flags, qd, an, ns, ar)


def opt(size=1232, version=0, flags=0, options=b"", rcode=0):
    return b"\0" + struct.pack("!HHBBHH", TYPES["OPT"], size, rcode, version, flags,
                               len(options)) + options


def query(name, qtype="A", ident=None, flags=0, edns=None, qclass=1):
    """edns: an OPT record's octets, from opt()."""
    if ident is None:
        ident = int.from_bytes(os.urandom(2), "big")
    return header(ident, flags, qd=1, ar=edns is not None) + question(name, qtype, qclass) + (edns or b"")


def options(octets):
    """The data of an OPT record: pairs of code and octets."""
    found = []
    while octets:
        code, length = struct.unpack("!HH", octets[:4])
        found.append((code, octets[4:4 + length]))
        octets = octets[4 + length:]
    return found


class Message:
    """A reply taken apart. Names keep their case and end in a dot."""

    def __init__(self, octets):
        self.octets = octets
        self.id, self.flags, *counts = struct.unpack("!HHHHHH", octets[:12])
        at = 12
        self.question = []
        for _ in range(counts[0]):
            text, at = self.name(at)
            qtype, qclass = struct.unpack("!HH", octets[at:at + 4])
            self.question.append((text, TYPE_NAMES.get(qtype, qtype), qclass))
            at += 4
        self.opt, self.options, extended = None, [], 0
        sections = []
        for count in counts[1:]:
            records = []
            for _ in range(count):
                record, at = self.record(at)
                if record.type == "OPT":
                    extended, version, flags = struct.unpack("!BBH", record.ttl)
                    self.opt = Opt(record.data, version, flags)
                    self.options = options(self.opt_octets)
                else:
                    records.append(record)
            sections.append(records)
        self.answer, self.authority, self.additional = sections
        code = extended << 4 | self.flags & 0xF
        self.status = RCODES.get(code, code)
        self.is_whole = at == len(octets)

    def name(self, at):
        labels, end = [], None
        while self.octets[at]:
            if self.octets[at] >= 0xC0:
                end = end or at + 2
                at = (self.octets[at] & 0x3F) << 8 | self.octets[at + 1]
                continue
            labels.append(self.octets[at + 1:at + 1 + self.octets[at]].decode("latin-1"))
            at += 1 + self.octets[at]
        return ".".join(labels) + ".", end or at + 1

    def record(self, at):
        owner, at = self.name(at)
        rtype, rclass, ttl, length = struct.unpack("!HHIH", self.octets[at:at + 10])
        at += 10
        kind = TYPE_NAMES.get(rtype, rtype)
        if kind == "OPT":
            self.opt_octets = self.octets[at:at + length]
            return Record(owner, struct.pack("!I", ttl), kind, rclass), at + length
        return Record(owner, ttl, kind, self.data(kind, at, length)), at + length

    def ede(self):
        """The extended errors (RFC 8914) by their numbers."""
        return [int.from_bytes(data[:2], "big") for code, data in self.options if code == 15]

    def data(self, kind, at, length):
        raw = self.octets[at:at + length]
        if kind in ("A", "AAAA"):
            return str(ipaddress.ip_address(raw))
        if kind in ("NS", "CNAME", "PTR"):
            return self.name(at)[0]
        if kind == "MX":
            return "%d " % struct.unpack("!H", raw[:2]) + self.name(at + 2)[0]
        if kind == "SRV":
            return "%d %d %d " % struct.unpack("!HHH", raw[:6]) + self.name(at + 6)[0]
        if kind == "SOA":
            mname, at = self.name(at)
            rname, at = self.name(at)
            return " ".join([mname, rname, *map(str, struct.unpack("!IIIII", self.octets[at:at + 20]))])
        return raw

    def values(self):
        return [record.data for record in self.answer]


class Udp:
    """A client with one socket, so one thread of cmapd answers it, in order. source: the address it asks from."""

    def __init__(self, address, seconds=10, source=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.settimeout(seconds)
        if source is not None:
            self.socket.bind((source, 0))
        self.socket.connect(address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        self.socket.send(octets)

    def receive(self):
        return self.socket.recv(65535)

    def ask(self, octets):
        self.send(octets)
        return self.receive()


class Tcp:
    """A connection that carries several queries."""

    def __init__(self, address, seconds=10):
        self.socket = socket.create_connection(address, timeout=seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *messages):
        self.socket.sendall(b"".join(struct.pack("!H", len(m)) + m for m in messages))

    def read(self, n):
        """n octets; fewer when the server has closed."""
        octets = b""
        while len(octets) < n:
            try:
                piece = self.socket.recv(n - len(octets))
            except ConnectionResetError:
                piece = b""
            if not piece:
                break
            octets += piece
        return octets

    def receive(self):
        """The next reply; None when the server has closed."""
        head = self.read(2)
        return self.read(struct.unpack("!H", head)[0]) if len(head) == 2 else None

    def ask(self, octets):
        self.send(octets)
        return self.receive()
