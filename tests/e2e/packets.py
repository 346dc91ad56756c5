# SPDX-License-Identifier: MIT
"""packets.py -- what no honest client sends: the exact octets that come back, over UDP and TCP."""

import collections
import os
import random
import struct
import time

import cmap
import tap
import wire
from tap import check, equal
from wire import AA, QR, RD, header, name_octets, opt, question

ID = 0x1234
FORMERR, NXDOMAIN, NOTIMP, REFUSED = 1, 3, 4, 5
AD, CD, Z, RA, TC = 0x20, 0x10, 0x40, 0x80, 0x200
IQUERY, STATUS, NOTIFY, UPDATE = 1 << 11, 2 << 11, 4 << 11, 5 << 11
TSIG, MAILB, IXFR, NSEC3PARAM = 250, 253, 251, 51
OPT_BACK = opt(1232)

WEB = question("web.prod")
ANSWER = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([10, 0, 0, 1])
LONGEST = b"\x3f" + b"a" * 63 + b"\x3f" + b"b" * 63 + b"\x3f" + b"c" * 63 + b"\x37" + b"d" * 55 + b"\x04prod\0"
A_IN = struct.pack("!HH", 1, 1)


def start():
    d = cmap.Daemon(namespace=["prod"])
    d.service("web.prod", [("A", 60)])
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    return d


def ask(rest, flags=0, qd=1, an=0, ns=0, ar=0):
    return header(ID, flags, qd, an, ns, ar) + rest


def error(rcode, echoed=b"", flags=0, edns=b""):
    return header(ID, QR | flags | rcode, qd=1 if echoed else 0, ar=1 if edns else 0) + echoed + edns


def answer(flags=0, echoed=WEB, edns=b""):
    return header(ID, QR | AA | flags, qd=1, an=1, ar=1 if edns else 0) + echoed + ANSWER + edns


def record(owner, rtype, data=b"", rclass=1, ttl=0, length=None):
    return owner + struct.pack("!HHIH", rtype, rclass, ttl, len(data) if length is None else length) + data


def pointer(at):
    return struct.pack("!H", 0xC000 | at)


BATCH = 50  # of packets in flight: their replies fit the client's buffer
SILENCE = None  # nothing over UDP; over TCP the connection is closed
BADVERS = header(ID, QR, qd=1, ar=1) + WEB + opt(1232, rcode=1)

# name, octets sent, octets that come back
PACKETS = [
    # ---- the header ----
    ("1 octet", b"\x12", SILENCE),
    ("2 octets, an id", b"\x12\x34", SILENCE),
    ("11 octets", ask(b"")[:11], SILENCE),
    ("a header alone that counts nothing", ask(b"", qd=0), error(FORMERR)),
    ("a header alone that counts a question", ask(b""), error(FORMERR)),
    ("a header alone that counts 65535 of all", ask(b"", 0, 65535, 65535, 65535, 65535), error(FORMERR)),
    ("a reply", ask(WEB, QR), SILENCE),
    ("a reply of 12 octets", ask(b"", QR, qd=0), SILENCE),
    ("a reply with an answer", ask(WEB + ANSWER, QR | AA, an=1), SILENCE),
    ("a reply that says FORMERR", ask(WEB, QR | FORMERR), SILENCE),
    ("a reply of another opcode", ask(WEB, QR | NOTIFY), SILENCE),
    ("opcode IQUERY", ask(WEB, IQUERY), error(NOTIMP, flags=IQUERY)),
    ("opcode STATUS", ask(b"", STATUS, qd=0), error(NOTIMP, flags=STATUS)),
    ("opcode 3, unassigned", ask(WEB, 3 << 11), error(NOTIMP, flags=3 << 11)),
    ("opcode NOTIFY", ask(question("prod", "SOA"), NOTIFY | AA), error(NOTIMP, flags=NOTIFY)),
    ("opcode UPDATE", ask(question("prod", "SOA"), UPDATE), error(NOTIMP, flags=UPDATE)),
    ("opcode NOTIFY with EDNS", ask(question("prod", "SOA") + opt(), NOTIFY, ar=1),
     error(NOTIMP, flags=NOTIFY, edns=OPT_BACK)),
    ("opcode 15 and RD", ask(WEB, 15 << 11 | RD), error(NOTIMP, flags=15 << 11)),
    ("AA set in a query", ask(WEB, AA), answer()),
    ("TC set in a query", ask(WEB, TC), answer()),
    ("RA, Z, AD and CD set in a query", ask(WEB, RA | Z | AD | CD), answer()),
    ("RD set in a query", ask(WEB, RD), answer(RD)),
    ("an rcode in a query", ask(WEB, 0xF), answer()),

    # ---- counts ----
    ("no question but its octets", ask(WEB, qd=0), error(FORMERR)),
    ("two questions", ask(WEB + WEB, qd=2), error(FORMERR)),
    ("two questions, one there", ask(WEB, qd=2), error(FORMERR)),
    ("an answer in the query", ask(WEB + ANSWER, an=1), error(FORMERR)),
    ("an answer counted, none there", ask(WEB, an=1), error(FORMERR)),
    ("an authority record in the query", ask(WEB + ANSWER, ns=1), error(FORMERR)),
    ("an additional record counted, none there", ask(WEB, ar=1), error(FORMERR, WEB)),
    ("65535 additional records counted", ask(WEB + opt(), ar=65535), error(FORMERR, WEB, edns=OPT_BACK)),

    # ---- the name in the question ----
    ("a name without an end", ask(b"\3web\4prod"), error(FORMERR)),
    ("a label longer than what is there", ask(b"\3web\x3fprod"), error(FORMERR)),
    ("a question without type and class", ask(name_octets("web.prod")), error(FORMERR)),
    ("a question with half a class", ask(WEB[:-1]), error(FORMERR)),
    ("a question without a class", ask(WEB[:-2]), error(FORMERR)),
    ("a label of 64 octets", ask(b"\x40" + b"a" * 64 + b"\4prod\0" + A_IN), error(FORMERR)),
    ("a label of type 10", ask(b"\x80web\0" + A_IN), error(FORMERR)),
    ("an extended label", ask(b"\x41web\0" + A_IN), error(FORMERR)),
    ("a name that points at itself", ask(pointer(12) + A_IN), error(FORMERR)),
    ("a name that points ahead", ask(pointer(18) + A_IN + name_octets("web.prod")), error(FORMERR)),
    ("a name that points into the header", ask(b"\3web" + pointer(0) + A_IN), error(FORMERR)),
    ("a name that points behind the packet", ask(pointer(0x3FFF) + A_IN), error(FORMERR)),
    ("half a pointer", ask(b"\xc0"), error(FORMERR)),
    ("a name of 256 octets", ask(b"\1a" + LONGEST + A_IN), error(FORMERR)),
    ("a name of 320 octets", ask((b"\x3f" + b"a" * 63) * 5 + b"\0" + A_IN), error(FORMERR)),
    ("a name of 128 labels", ask(b"\1a" * 128 + b"\0" + A_IN), error(FORMERR)),
    ("a zone of ours below a NUL", ask(b"\4web\0\4prod\0" + A_IN),
     lambda reply: reply.status == "NXDOMAIN" and reply.question[0][0] == "web\0.prod."),
    ("a label with a dot in it is none of ours", ask(b"\x08web.prod\0" + A_IN), error(REFUSED, b"\x08web.prod\0" + A_IN)),
    ("a label with a dot in it below our zone", ask(b"\5a.web\4prod\0" + A_IN),
     lambda reply: reply.status == "NXDOMAIN" and reply.authority[0].name == "prod."),
    ("a name of 255 octets", ask(LONGEST + A_IN),
     lambda reply: reply.status == "NXDOMAIN" and reply.authority[0].name == "prod."),
    ("labels of octets beyond ASCII", ask(b"\3\xff\xfe\xfd\4prod\0" + A_IN),
     lambda reply: reply.status == "NXDOMAIN"),

    # ---- type and class ----
    ("type OPT", ask(question("web.prod", "OPT")), error(FORMERR, question("web.prod", "OPT"))),
    ("type TSIG", ask(question("web.prod", TSIG)), error(NOTIMP, question("web.prod", TSIG))),
    ("type MAILB", ask(question("web.prod", MAILB)), error(NOTIMP, question("web.prod", MAILB))),
    ("type IXFR", ask(question("prod", IXFR)), error(NOTIMP, question("prod", IXFR))),
    ("type 0", ask(question("web.prod", 0)), lambda reply: (reply.status, reply.answer) == ("NOERROR", [])),
    ("type 65535", ask(question("web.prod", 65535)), lambda reply: (reply.status, reply.answer) == ("NOERROR", [])),
    ("class CH", ask(question("version.bind", "TXT", 3)), error(REFUSED, question("version.bind", "TXT", 3))),
    ("class 0", ask(question("web.prod", "A", 0)), error(REFUSED, question("web.prod", "A", 0))),
    ("class NONE", ask(question("web.prod", "A", 254)), error(REFUSED, question("web.prod", "A", 254))),
    ("class ANY", ask(question("web.prod", "A", 255)), error(REFUSED, question("web.prod", "A", 255))),

    # ---- EDNS ----
    ("two OPT records", ask(WEB + opt() + opt(), ar=2), error(FORMERR, WEB, edns=OPT_BACK)),
    ("an OPT record whose owner is not the root", ask(WEB + b"\1x" + opt(), ar=1), error(FORMERR, WEB)),
    ("an OPT record whose owner is a pointer", ask(WEB + pointer(12) + opt()[1:], ar=1), error(FORMERR, WEB)),
    ("an OPT record cut in its TTL", ask(WEB + opt()[:-4], ar=1), error(FORMERR, WEB)),
    ("an OPT record with more data than is there", ask(WEB + record(b"\0", 41, length=5, rclass=1232), ar=1),
     error(FORMERR, WEB)),
    ("an option longer than its record", ask(WEB + opt(options=b"\0\x0a\0\x09hello"), ar=1),
     error(FORMERR, WEB, edns=OPT_BACK)),
    ("half an option", ask(WEB + opt(options=b"\0\x0a\0"), ar=1), error(FORMERR, WEB, edns=OPT_BACK)),
    ("EDNS version 1", ask(WEB + opt(version=1), ar=1), BADVERS),
    ("EDNS version 255", ask(WEB + opt(version=255), ar=1), BADVERS),
    ("an extended rcode in a query's OPT", ask(WEB + opt(rcode=255), ar=1), answer(edns=OPT_BACK)),
    ("all flags in an OPT", ask(WEB + opt(flags=0xFFFF), ar=1), answer(edns=opt(flags=wire.DO))),
    ("an empty cookie", ask(WEB + opt(options=b"\0\x0a\0\0"), ar=1), error(FORMERR, WEB, edns=OPT_BACK)),
    ("an OPT that offers no octet at all", ask(WEB + opt(0), ar=1), answer(edns=OPT_BACK)),

    # ---- what else may stand behind the question ----
    ("an OPT behind another record", ask(WEB + ANSWER + opt(), ar=2), answer(edns=OPT_BACK)),
    ("a record that is cut", ask(WEB + ANSWER[:-1], ar=1), error(FORMERR, WEB)),
    ("a record whose name has no end", ask(WEB + b"\3web", ar=1), error(FORMERR, WEB)),
    ("a record of 65535 octets that are not there", ask(WEB + record(b"\0", 1, length=65535), ar=1),
     error(FORMERR, WEB)),
    ("octets behind the message", ask(WEB) + b"garbage", answer()),
    ("4000 octets behind the message", ask(WEB) + bytes(4000), answer()),
    ("a query of 4096 octets", (ask(WEB + opt(options=b"\xff\xf0" + struct.pack("!H", 4096 - 45) + bytes(4096 - 45)),
                                    ar=1) + bytes(100))[:4096], answer(edns=OPT_BACK)),
]


def matches(reply, want):
    if callable(want):
        return reply is not None and want(wire.Message(reply))
    return reply == want


def sentinel(n):
    """A good query of its own kind, whose answer shows that nothing came before it."""
    return wire.query("sentinel.prod", "TXT", ident=n)


def is_sentinel(reply, n):
    query = sentinel(n)
    return reply[:2] == query[:2] and reply[12:len(query)] == query[12:]


def udp_reply(client, octets, n):
    """What comes back, None for nothing: a socket's queries are answered in order."""
    client.socket.send(octets)
    client.socket.send(sentinel(n))
    first = client.socket.recv(65535)
    if is_sentinel(first, n):
        return None
    second = client.socket.recv(65535)
    check(is_sentinel(second, n), "two replies to one packet")
    return first


def tcp_reply(address, octets):
    """What comes back, None when the server closes; it goes on with the next query after a reply."""
    with wire.Tcp(address) as client:
        client.send(octets)
        reply = client.receive()
        if reply is not None:
            client.send(sentinel(1))
            check(is_sentinel(client.receive(), 1), "the connection goes on")
        return reply


def test_a_table_of_packets_over_UDP(d):
    check(len(PACKETS) >= 60, f"{len(PACKETS)} packets")
    wrong = []
    with wire.Udp(d.address()) as client:
        for n, (name, octets, want) in enumerate(PACKETS):
            reply = udp_reply(client, octets, n)
            if not matches(reply, want):
                wrong.append(f"{name}: {octets.hex()} -> {reply.hex() if reply else reply}")
    equal(wrong, [])


def test_the_same_over_TCP(d):
    wrong = []
    for name, octets, want in PACKETS:
        reply = tcp_reply(d.address(), octets)
        if not matches(reply, want):
            wrong.append(f"{name}: {octets.hex()} -> {reply.hex() if reply else reply}")
    equal(wrong, [])


def test_transfers_are_refused(d):
    query = ask(question("prod", "AXFR"))
    with wire.Udp(d.address()) as client:
        equal(client.ask(query), error(NOTIMP, question("prod", "AXFR")))
    equal(tcp_reply(d.address(), query), error(REFUSED, question("prod", "AXFR")))


def test_datagrams_of_odd_lengths(d):
    with wire.Udp(d.address()) as client:
        equal(udp_reply(client, b"", 1), None)
        # What is longer than any query is cut; the rest would have been an option.
        long = ask(WEB + opt(options=b"\xff\xf0" + struct.pack("!H", 60000) + bytes(60000)), ar=1)
        equal(udp_reply(client, long, 2), error(FORMERR, WEB))
        equal(udp_reply(client, ask(WEB) + bytes(65000), 3), answer())


def test_frames_that_are_not_whole(d):
    for octets in (b"\0", b"\0\x1d", b"\0\x1d" + ask(WEB)[:20], b"\xff\xff" + ask(WEB)):
        with wire.Tcp(d.address()) as client:
            client.socket.sendall(octets)
            client.socket.shutdown(1)
            reply = client.receive()
            # A query that will be longer than any is told so at once.
            want = header(ID, QR | FORMERR) if octets[:1] == b"\xff" else None
            equal(reply, want, octets[:4].hex())
            equal(client.read(1), b"", "then it is closed")
    with wire.Tcp(d.address()) as client:
        client.socket.sendall(b"\0\0")  # a frame of nothing is no query
        equal(client.receive(), None)
    with wire.Tcp(d.address()) as client:
        client.socket.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 400)
        first = client.receive()
        check(first is None or len(first) == 12, "at most a FORMERR")


def mutate(random_, octets):
    octets = bytearray(octets)
    for _ in range(random_.choice((1, 1, 2, 3, 8))):
        at = random_.randrange(len(octets)) if octets else 0
        kind = random_.randrange(6)
        if kind == 0:
            octets = octets[:at]
        elif kind == 1:
            octets[at:at] = bytes(random_.randrange(256) for _ in range(random_.randrange(1, 20)))
        elif kind == 2:
            octets += octets[at:]
        elif octets:
            octets[at] = random_.choice((0, 1, 0x3F, 0x40, 0x7F, 0x80, 0xC0, 0xFF, octets[at] ^ 1 << random_.randrange(8)))
    return bytes(octets[:1200])


def expect_sane(octets, reply):
    """A query gets one reply that is well formed, has its id and its opcode; nothing else gets any."""
    if len(octets) < 12 or octets[2] & 0x80:
        equal(reply, None, f"{octets.hex()}: no query, so no reply")
        return
    check(reply is not None, f"{octets.hex()}: no reply")
    message = wire.Message(reply)
    check(message.is_whole, f"{octets.hex()}: {reply.hex()}")
    equal(message.id, int.from_bytes(octets[:2], "big"), "id")
    equal(message.flags & 0xF800, QR | octets[2] << 8 & 0x7800, "QR and opcode")
    equal(message.flags & 0x70, 0, "Z, AD and CD")
    check(message.status in wire.RCODES.values(), f"{octets.hex()}: {message.status}")


def test_1000_mutations(d):
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
    tap.say(f"SEED={seed}")
    random_ = random.Random(seed)
    good = [octets for _, octets, _ in PACKETS if len(octets) < 600]
    with wire.Udp(d.address()) as client:
        for i in range(1000):
            octets = mutate(random_, random_.choice(good))
            reply = udp_reply(client, octets, i)
            expect_sane(octets, reply)
            if i % 4 == 0:  # a connection each
                with wire.Tcp(d.address()) as tcp:
                    expect_sane(octets, tcp.ask(octets))
    equal(d.dig("web.prod").values(), ["10.0.0.1"])
    check(d.is_running(), "cmapd lives")


def test_random_octets(d):
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
    tap.say(f"SEED={seed}")
    random_ = random.Random(seed)
    with wire.Udp(d.address()) as client:
        for i in range(500):
            octets = random_.randbytes(random_.randrange(0, 200))
            expect_sane(octets, udp_reply(client, octets, i))
    equal(d.dig("web.prod").values(), ["10.0.0.1"])


# ---- generated: the mistakes that parsers of DNS are known for (RFC 9267), and what else comes to mind ----

COUNTS = (0, 0, 1, 1, 1, 2, 3, 255, 256, 65535)
TTL_OF_OPT = (0, 0, 0, 0x00010000, 0x00FF8000, 0xFFFFFFFF, 0x8000, 0x7FFF)


def bad_name(random_):
    """Labels and what stands in their place: pointers, types 01 and 10, lengths that lie, NULs, no end."""
    if random_.randrange(2):
        return random_.choice((b"\3web\4prod\0", b"\3wEb\4PrOd\0", b"\1*\4prod\0", b"\2no\3web\4prod\0", b"\4prod\0"))
    octets = b""
    for _ in range(random_.choice((0, 1, 1, 2, 3, 5, 20, 130))):
        kind = random_.randrange(12)
        if kind == 0:
            return octets + struct.pack("!H", 0xC000 | random_.choice((0, 4, 12, 13, 20, 0xFF, 0x3FFF, len(octets) + 12)))
        if kind == 1:
            return octets + b"\xc0"
        if kind == 2:
            octets += bytes([random_.choice((0x40, 0x41, 0x7F, 0x80, 0xBF))])
        elif kind == 3:
            octets += bytes([random_.randrange(64)]) + random_.randbytes(random_.randrange(20))
        elif kind == 4:
            octets += b"\x3f" + b"x" * 63
        elif kind == 5:
            octets += b"\3\0.\0"
        else:
            octets += random_.choice((b"\3web", b"\1a", b"\1*", b"\4_tcp", b"\3WEB"))
    return octets + random_.choice((b"\4prod\0", b"\4prod\0", b"\0", b"", b"\7example\0"))


def bad_record(random_):
    """A record whose length may lie, of a type that some servers look into."""
    rtype = random_.choice((1, 2, 5, 6, 16, 24, 28, 33, 41, 41, 249, 250, 250, 255, 65535))
    data = random_.randbytes(random_.choice((0, 1, 4, 16, 40)))
    if rtype == TSIG:  # with its times, its error and its other data
        data = name_octets("hmac-sha256") + random_.randbytes(6) + struct.pack(
            "!HHHHH", 300, 0, ID, random_.choice((0, 16, 17, 18)), random_.choice((0, 6, 65535)))
    if rtype == 41:
        data = b"".join(struct.pack("!HH", random_.choice((3, 8, 9, 10, 11, 12, 15, 65001)),
                                    random_.choice((0, 8, 24, 40, 65535))) + random_.randbytes(random_.choice((0, 8, 24)))
                        for _ in range(random_.randrange(6)))
    length = random_.choice((None, None, None, 0, len(data) + 1, max(len(data) - 1, 0), 65535))
    owner = random_.choice((b"\0", b"\0", pointer(12), b"\1a\0", pointer(0x3FFF), b""))
    return record(owner, rtype, data, random_.choice((1, 255, 4096, 0)), random_.choice(TTL_OF_OPT), length)


def made_up(random_):
    counts = [random_.choice(COUNTS) for _ in range(4)] if random_.randrange(6) == 0 else [1, 0, 0, random_.randrange(3)]
    flags = random_.randrange(1 << 16) if random_.randrange(6) == 0 else 0
    octets = header(0, flags, *counts) + bad_name(random_)
    octets += struct.pack("!HH", random_.choice((0, 1, 6, 16, 28, 33, 41, 250, 251, 252, 255, random_.randrange(1 << 16))),
                          random_.choice((1, 1, 1, 0, 3, 254, 255)))
    for _ in range(random_.choice((0, counts[3] & 3, counts[3] & 3, 4))):
        octets += bad_record(random_)
    return octets[:random_.randrange(len(octets))] if random_.randrange(8) == 0 else octets


def hostile(random_, good):
    """One packet, of 2 octets at least."""
    kind = random_.randrange(10)
    if kind < 5:
        octets = made_up(random_)
    elif kind < 9:
        octets = mutate(random_, random_.choice(good))
    else:
        octets = random_.randbytes(random_.choice((2, 11, 12, 13, 60, 512)))
    return octets if len(octets) >= 2 else b"\0\0"


def hostile_batch(client, random_, good, n):
    """Sends n packets at once; returns those that were told from another by their ids, with their replies."""
    packets = {}
    for ident in range(n):
        octets = struct.pack("!H", ident) + hostile(random_, good)[2:]
        packets[ident] = octets
        client.socket.send(octets)
    client.socket.send(sentinel(n))
    replies = collections.defaultdict(list)
    while True:
        reply = client.socket.recv(65535)
        if is_sentinel(reply, n):
            return packets, replies
        replies[int.from_bytes(reply[:2], "big")].append(reply)


def test_100000_hostile_packets(d):
    """Each of 12 octets or more that is no reply gets one; nothing else gets any."""
    seed = int(os.environ.get("SEED", "0")) or random.randrange(1, 1 << 32)
    tap.say(f"SEED={seed}")
    random_ = random.Random(seed)
    good = [octets for _, octets, _ in PACKETS if len(octets) < 600]
    statuses, silent, began = collections.Counter(), 0, time.monotonic()
    before = d.status()["Counters"]
    with wire.Udp(d.address()) as client:
        for _ in range(100000 // BATCH):
            packets, replies = hostile_batch(client, random_, good, BATCH)
            check(replies.keys() <= packets.keys(), "replies to nobody's packets")
            for ident, octets in packets.items():
                got = replies[ident]
                check(len(got) <= 1, f"{octets.hex()}: {len(got)} replies")
                expect_sane(octets, got[0] if got else None)
                silent += not got
                if got:
                    statuses[got[0][3] & 0xF] += 1
    tap.say(f"{time.monotonic() - began:.1f} s, {silent} rightly without a reply, by rcode {dict(statuses)}")
    check(silent > 1000, "there were some that are due none")
    check(min(statuses[rcode] for rcode in (0, FORMERR, NXDOMAIN, NOTIMP, REFUSED)) > 1000, "of every kind")
    after = d.status()["Counters"]
    equal(after["Dropped"] - before["Dropped"], silent, "Dropped")
    equal(d.dig("web.prod").values(), ["10.0.0.1"])


def test_nothing_of_it_is_logged(d):
    equal(d.logged().split("cmapd: info: ready\n")[1], "")


def test_the_counters_tell_of_it(d):
    counters = d.status()["Counters"]
    for name in ("FormErr", "NotImp", "Refused", "NxDomain", "Dropped"):
        check(counters[name] > 0, f"{name}: {counters[name]}")
    equal(counters["SendFailed"], 0)


if __name__ == "__main__":
    tap.main(globals(), start)
