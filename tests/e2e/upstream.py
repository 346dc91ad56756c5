# SPDX-License-Identifier: MIT
"""upstream.py -- a resolver for cmapd to forward to: it remembers what it was asked, and lies as the name says.

The first label of a name says how it is answered, the part before its first dash if it has one: see ANSWERS and LIES.
Any other name has one address, true_address(name), for a minute. After a lie comes the truth if the second
label is "then". What it should never have been believed is always the address LIE.
"""

import heapq
import ipaddress
import itertools
import os
import select
import socket
import struct
import threading
import time

import wire
from wire import QR, AA, TC, RD, AD

RA = 0x0080
LIE = "203.0.113.66"
OTHER_SOURCE = "127.0.0.77"
HOST = "127.0.0.1"
COOKIE, NSID, PADDING, EDE = 10, 3, 12, 15


def true_address(name):
    return "192.0.2.%d" % (sum(name.rstrip(".").lower().encode()) % 254 + 1)


class Asked:
    """A query as it came."""

    def __init__(self, octets, peer, tcp=None):
        self.octets, self.port, self.peer, self.tcp = octets, peer[1], peer, tcp
        self.message = wire.Message(octets)
        self.id, self.flags, self.opt = self.message.id, self.message.flags, self.message.opt
        self.options = self.message.options
        self.name, self.type, self.qclass = self.message.question[0]
        self.wants_dnssec = self.opt is not None and bool(self.opt.flags & wire.DO)

    def labels(self):
        return self.name.rstrip(".").lower().split(".")


def rr(name, qtype, ttl, data, qclass=1):
    """A record; name None: that of the question. data: as text, or octets as they are."""
    owner = b"\xc0\x0c" if name is None else wire.name_octets(name)
    if qtype in ("A", "AAAA"):
        data = ipaddress.ip_address(data).packed
    elif qtype in ("CNAME", "NS"):
        data = wire.name_octets(data)
    number = wire.TYPES.get(qtype, qtype)
    return owner + struct.pack("!HHIH", number, qclass, ttl, len(data)) + data


def soa(zone, ttl=300, minimum=60):
    return rr(zone, "SOA", ttl, wire.name_octets("ns." + zone) * 2 + struct.pack("!IIIII", 1, 2, 3, 4, minimum))


def reply(asked, answer=(), authority=(), additional=(), rcode=0, flags=QR | RD | RA, ident=None, question=None,
          edns=wire.opt()):
    """A reply to asked, true unless told otherwise."""
    if asked.opt is None:
        edns = b""
    head = wire.header(asked.id if ident is None else ident, flags | rcode, 1, len(answer), len(authority),
                       len(additional) + (edns != b""))
    asked_of = asked.octets[12:12 + len(wire.name_octets(asked.name)) + 4] if question is None else question
    return head + asked_of + b"".join(answer) + b"".join(authority) + b"".join(additional) + edns


# ---- what a name gets -------------------------------------------------------------------------------------------

def zone_of(asked):
    return ".".join(asked.labels()[-1:])


def truth(asked):
    if asked.type == "A":
        return reply(asked, [rr(None, "A", 60, true_address(asked.name))])
    return reply(asked, authority=[soa(zone_of(asked))])


def lie(asked, **how):
    return reply(asked, [rr(None, "A", 60, LIE)], **how)


def number(asked):
    """What follows the dash in the first label."""
    return int(asked.labels()[0].split("-")[1])


def signed(asked):
    """Two records, and with DO their signature."""
    signature = struct.pack("!HBBIIIH", 1, 8, 2, 60, 0, 0, 1) + wire.name_octets("test") + b"x" * 64
    records = [rr(None, "A", 60, true_address(asked.name))]
    return reply(asked, records + ([rr(None, 46, 60, signature)] if asked.wants_dnssec else []),
                 flags=QR | AA | RD | RA | AD)


def chain(asked):
    """As many CNAMEs as the name says, then an address."""
    n, names = number(asked), [asked.name]
    names += [f"link{i}.{asked.name}" for i in range(n)]
    records = [rr(a, "CNAME", 60, b) for a, b in zip(names, names[1:])]
    return reply(asked, records + [rr(names[-1], "A", 60, true_address(asked.name))])


def big(asked):
    """As many addresses as the name says; cut off over UDP where they do not fit."""
    whole = reply(asked, [rr(None, "A", 60, str(ipaddress.ip_address("10.0.0.0") + i)) for i in range(number(asked))])
    room = 512 if asked.opt is None else asked.opt.size
    return whole if asked.tcp or len(whole) <= room else reply(asked, flags=QR | RD | RA | TC)


def extras(asked):
    """What nobody asked about, in every section."""
    junk = [rr("bank.test", "A", 3600, LIE), rr("prod", "NS", 3600, "ns.evil.test")]
    return reply(asked, [rr(None, "A", 60, true_address(asked.name))] + junk, junk + [rr("test", "NS", 3600, "evil.test")],
                 junk + [rr("evil.test", "A", 3600, LIE)])


ANSWERS = {
    "signed": signed,
    "chain": chain,
    "big": big,
    "extras": extras,
    "ring": lambda a: reply(a, [rr(None, "A", 60, f"192.0.2.{i}") for i in range(1, 5)]),
    "ttl": lambda a: reply(a, [rr(None, "A", number(a), true_address(a.name))]),
    "loop": lambda a: reply(a, [rr(None, "CNAME", 60, "b." + a.name), rr("b." + a.name, "CNAME", 60, a.name)]),
    "dangling": lambda a: reply(a, [rr(None, "CNAME", 60, "nowhere.test")], [soa("test")], rcode=3),
    "nx": lambda a: reply(a, authority=[soa(zone_of(a), minimum=number(a))], rcode=3),
    "nodata": lambda a: reply(a, authority=[soa(zone_of(a), minimum=number(a))]),
    "nosoa": lambda a: reply(a, rcode=3),
    "referral": lambda a: reply(a, authority=[rr("test", "NS", 60, "ns.test")], additional=[rr("ns.test", "A", 60, LIE)],
                                flags=QR),
    "servfail": lambda a: reply(a, rcode=2),
    "refused": lambda a: reply(a, rcode=5),
    "notimp": lambda a: reply(a, rcode=4, edns=b"") if a.opt else truth(a),
    "formerr": lambda a: reply(a, rcode=1, edns=b"") if a.opt else truth(a),
    "headeronly": lambda a: wire.header(a.id, QR | RA | 1) if a.opt else truth(a),
    "badvers": lambda a: reply(a, edns=wire.opt(rcode=1)) if a.opt else truth(a),
    "plain": lambda a: reply(a, [rr(None, "A", 60, true_address(a.name))], edns=b""),
    "options": lambda a: reply(a, [rr(None, "A", 60, true_address(a.name))], edns=wire.opt(options=b"".join(
        struct.pack("!HH", code, 8) + b"upstream" for code in (NSID, COOKIE, PADDING, EDE, 65001)))),
    "raw": lambda a: reply(a, [rr(None, wire.TYPES.get(a.type, a.type), 60, b"\x00\xc0\x0c raw octets")]),
    "silent": lambda a: None,
}

# Replies that are none to the question, so that it stays open.
FORGED = {
    "wrongid": lambda a: lie(a, ident=a.id ^ 1),
    "otherport": lambda a: lie(a),    # sent from elsewhere: see Upstream.send_lie()
    "othersource": lambda a: lie(a),  # so is this
    "wrongname": lambda a: lie(a, question=wire.question("other.test")),
    "wrongtype": lambda a: lie(a, question=wire.question(a.name, "TXT")),
    "wrongclass": lambda a: lie(a, question=wire.question(a.name, "A", 3)),
    "noquestion": lambda a: wire.header(a.id, QR | RA, 0, 1) + rr(a.name, "A", 60, LIE),
    "empty": lambda a: b"",
    "tiny": lambda a: a.octets[:2],
    "headerless": lambda a: a.octets[:11],
    "garbage": lambda a: struct.pack("!H", a.id) + os.urandom(100),
}

# Replies to the question that are wrong in themselves.
BROKEN = {
    "query": lambda a: lie(a, flags=RD),
    "notify": lambda a: lie(a, flags=QR | 4 << 11),
    "cut": lambda a: lie(a, edns=b"")[:-3],
    "counts": lambda a: lie(a)[:6] + b"\x00\x09" + lie(a)[8:],
    "pointer": lambda a: reply(a, [rr(None, "CNAME", 60, "x.test")[:-8] + b"\x00\x02\xc0\xff"], edns=b""),
    "pointerloop": lambda a: wire.header(a.id, QR | RA, 1, 1) + a.octets[12:12 + len(wire.name_octets(a.name)) + 4] +
                             struct.pack("!H", 0xC000 | 12 + len(wire.name_octets(a.name)) + 4) +
                             rr(None, "A", 60, LIE)[2:],
    "rdata": lambda a: reply(a, [rr(None, 1, 60, b"\x01\x02\x03")]),
    "otherowner": lambda a: reply(a, [rr("other.test", "A", 60, LIE)]),
    "twoopts": lambda a: reply(a, additional=[wire.opt()]),
    "oversized": lambda a: lie(a, edns=wire.opt(options=struct.pack("!HH", PADDING, 9000) + bytes(9000))),
    "truncatedtwice": lambda a: reply(a, flags=QR | RA | TC),
}
LIES = {**FORGED, **BROKEN}


class Upstream:
    """
    Over UDP and TCP on one port of the loopback interface, until it is closed. answer: a function of its own, from an
    Asked to octets or None, in place of what names say. delay: seconds before each reply.
    """

    def __init__(self, answer=None, host=HOST, port=0, delay=0.0):
        self.answer, self.delay, self.asked = answer, delay, []
        self.udp, self.tcp = self.bind(host, port)
        self.address = self.udp.getsockname()
        self.spec = "%s:%d" % self.address
        self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.other.bind((host, 0))
        self.wake_in, self.wake_out = socket.socketpair()
        self.connections, self.later, self.order = {}, [], itertools.count()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @staticmethod
    def bind(host, port):
        """One port for both, which somebody else may have over TCP."""
        for _ in range(100):
            udp, tcp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), socket.socket()
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            try:
                udp.bind((host, port))
                tcp.bind(udp.getsockname())
                tcp.listen(64)
                return udp, tcp
            except OSError:
                udp.close()
                tcp.close()
                if port != 0:
                    raise
        raise AssertionError("no port is free over UDP and TCP")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.thread is None:
            return
        self.wake_out.send(b"x")
        self.thread.join()
        self.thread = None
        for s in (self.udp, self.tcp, self.other, self.wake_in, self.wake_out, *self.connections):
            s.close()

    # ---- what it has seen ----

    def names(self):
        return [a.name.lower().rstrip(".") for a in self.asked]

    def count(self, name):
        return self.names().count(name.lower().rstrip("."))

    def last(self, name):
        return [a for a in self.asked if a.name.lower().rstrip(".") == name.lower().rstrip(".")][-1]

    # ---- its thread ----

    def run(self):
        while True:
            wait = max(0.0, self.later[0][0] - time.monotonic()) if self.later else None
            ready = select.select([self.wake_in, self.udp, self.tcp, *self.connections], [], [], wait)[0]
            if self.wake_in in ready:
                return
            for s in ready:
                self.hear(s)
            while self.later and self.later[0][0] <= time.monotonic():
                asked, octets = heapq.heappop(self.later)[2:]
                self.send(asked, octets)

    def hear(self, s):
        if s is self.udp:
            octets, peer = s.recvfrom(65535)
            self.take(Asked(octets, peer))
        elif s is self.tcp:
            connection, peer = s.accept()
            self.connections[connection] = [b"", peer]
        else:
            self.hear_connection(s)

    def hear_connection(self, s):
        try:
            piece = s.recv(65535)
        except OSError:
            piece = b""
        if not piece:
            del self.connections[s]
            s.close()
            return
        held = self.connections[s]
        held[0] += piece
        while len(held[0]) >= 2 and len(held[0]) >= 2 + int.from_bytes(held[0][:2], "big"):
            n = int.from_bytes(held[0][:2], "big")
            octets, held[0] = held[0][2:2 + n], held[0][2 + n:]
            self.take(Asked(octets, held[1], tcp=s))

    def take(self, asked):
        self.asked.append(asked)
        if self.answer is not None:
            self.send_later(asked, self.answer(asked))
            return
        labels = asked.labels()
        kind = labels[0].split("-")[0]
        if kind == "slow":
            heapq.heappush(self.later, (time.monotonic() + number(asked) / 1e3, next(self.order), asked, truth(asked)))
        elif kind in LIES:
            self.send_lie(asked, kind)
            if labels[1:2] == ["then"]:
                self.send(asked, truth(asked))
        else:
            self.send_later(asked, ANSWERS.get(kind, truth)(asked))

    def send_later(self, asked, octets):
        if self.delay > 0:
            heapq.heappush(self.later, (time.monotonic() + self.delay, next(self.order), asked, octets))
        else:
            self.send(asked, octets)

    def send_lie(self, asked, kind):
        octets = LIES[kind](asked)
        if asked.tcp is None and kind == "otherport":
            self.other.sendto(octets, asked.peer)
        elif asked.tcp is None and kind == "othersource":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as elsewhere:
                elsewhere.bind((OTHER_SOURCE, self.address[1]))
                elsewhere.sendto(octets, asked.peer)
        elif asked.tcp is None or kind not in ("otherport", "othersource"):
            self.send(asked, octets)

    def send(self, asked, octets):
        if octets is None:
            return
        try:
            if asked.tcp is None:
                self.udp.sendto(octets, asked.peer)
            else:
                asked.tcp.sendall(struct.pack("!H", len(octets)) + octets)
        except OSError:
            pass  # who asked has gone
