# SPDX-License-Identifier: MIT
"""network.py -- a server and its clients in two networks of their own: whence replies come, in how many pieces, and
how many a forged address gets."""

import collections
import contextlib
import ctypes
import os
import re
import socket
import struct
import subprocess
import sys
import time

import cmap
import tap
import upstream
import wire
from tap import check, equal

CLONE_NEWNET = 0x40000000
SERVER, SECOND, CLIENT = "192.0.2.1", "192.0.2.2", "192.0.2.100"
SERVER6, SECOND6, CLIENT6 = "2001:db8::1", "2001:db8::2", "2001:db8::100"
VICTIMS, HOLDER = "203.0.113.", "203.0.113.7"
RATE, SLIP = 20, 2
COOKIE = 10

libc = ctypes.CDLL(None, use_errno=True)


def ip(*words):
    ran = cmap.run("ip", *words)
    if ran.status != 0:
        raise AssertionError(f"ip {' '.join(words)}: {ran.err}")
    return ran.out


def enter(fd):
    if libc.setns(fd, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Network:
    """Two network namespaces with a cable between them: this process's, where servers run, and the clients'."""

    def __init__(self):
        self.here = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        if libc.unshare(CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        self.there = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        # Lives as long as this process, which holds the other end of its standard input.
        holder = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        enter(self.here)
        self.holder = holder
        ip("link", "set", "lo", "up")
        ip("link", "add", "server", "type", "veth", "peer", "name", "client", "netns", str(holder.pid))
        with open("/proc/sys/net/ipv6/conf/server/accept_dad", "w", encoding="ascii") as out:
            out.write("0")
        for address in (SERVER, SECOND):
            ip("addr", "add", address + "/24", "dev", "server")
        ip("link", "set", "server", "up")
        with self.client():
            ip("link", "set", "lo", "up")
            for address in (CLIENT + "/24", HOLDER + "/32"):
                ip("addr", "add", address, "dev", "client")
            ip("link", "set", "client", "up")
            ip("addr", "add", CLIENT6 + "/64", "dev", "client", "nodad")
        for address in (SERVER6, SECOND6):
            ip("addr", "add", address + "/64", "dev", "server", "nodad")
        ip("route", "add", VICTIMS + "0/24", "via", CLIENT)

    @contextlib.contextmanager
    def client(self):
        """What is opened or started in here is in the clients' network."""
        enter(self.there)
        try:
            yield
        finally:
            enter(self.here)

    def socket(self, *kind):
        with self.client():
            s = socket.socket(*kind)
        s.settimeout(10)
        return s

    def capture(self, family=4):
        """All that the server sends, as packets of that family."""
        protocol = 0x0800 if family == 4 else 0x86DD
        s = self.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(protocol))
        with self.client():
            s.bind(("client", protocol))
        return s


NET = None


def start():
    global NET  # pylint: disable=global-statement
    if os.environ.get("CMAP_NO_NETWORK"):
        raise tap.Skip(os.environ["CMAP_NO_NETWORK"])
    NET = NET or Network()
    d = cmap.Daemon(namespace=["prod"], listen=["0.0.0.0:53", "[::]:53"], answers=0, udp_size=1400, udp_threads=1,
                    forward=[upstream.Upstream().spec], forward_allow=["any"])
    d.service("web.prod", [("A", 60)])
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    d.service("many.prod", [("A", 60)])
    for i in range(100):
        d.register("many.prod", f"i-{i}", ipv4=f"10.1.0.{i + 1}")
    return d


# ---- whom cmapd asks ----

# First: an MTU below 1280, as later tests have it, takes IPv6 from the interface.
def test_an_upstream_may_have_a_link_local_address(_):
    with NET.client():
        ip("addr", "add", "fe80::77/64", "dev", "client", "nodad")
        resolver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        resolver.bind(("fe80::77", 53, 0, socket.if_nametoindex("client")))
    resolver.settimeout(10)
    asking = cmap.Daemon(forward=["[fe80::77%server]:53"])
    try:
        with resolver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            client.sendto(wire.query("www.test", ident=7, flags=wire.RD), asking.address())
            query, source = resolver.recvfrom(4096)
            query = wire.Message(query)
            equal(query.question[0][0].rstrip("."), "www.test", "what it is asked")
            resolver.sendto(struct.pack("!HHHHHH", query.id, 0x8183, 1, 0, 0, 0) + wire.name_octets("www.test")
                            + struct.pack("!HH", 1, 1), source)
            equal(wire.Message(client.recv(4096)).flags & 15, 3, "the answer")
    finally:
        asking.close()


# ---- whence replies come ----


def test_replies_come_from_the_address_asked(d):
    link_local = re.search(r"inet6 (fe80::\S+)/", ip("-6", "addr", "show", "dev", "server")).group(1)
    with NET.client():
        scope = socket.if_nametoindex("client")
    for to in ((SERVER, 53), (SECOND, 53), (SERVER6, 53, 0, 0), (SECOND6, 53, 0, 0), (link_local, 53, 0, scope)):
        with NET.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_DGRAM) as client:
            for ident in range(3):
                client.sendto(wire.query("web.prod", ident=ident), to)
                reply, source = client.recvfrom(4096)
                equal(source, to, "address of the reply")
                equal((wire.Message(reply).id, wire.Message(reply).values()), (ident, ["10.0.0.1"]))
        with NET.socket(socket.AF_INET6 if ":" in to[0] else socket.AF_INET, socket.SOCK_STREAM) as client:
            client.connect(to)
            query = wire.query("web.prod")
            client.sendall(struct.pack("!H", len(query)) + query)
            equal(client.recv(4096)[2:4], query[:2])
    check(d.is_running(), "cmapd lives")


# ---- in how many pieces ----

Packet = collections.namedtuple("Packet", "source target length dont_fragment is_fragment payload")


def checksum(octets):
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packets(capture, family=4):
    """What has come by now, from port 53 or as a later part of something."""
    capture.setblocking(False)
    while True:
        try:
            octets, (_, _, kind, *_) = capture.recvfrom(65535)
        except BlockingIOError:
            return
        if kind == socket.PACKET_OUTGOING:
            continue
        if family == 4:
            header = (octets[0] & 0xF) * 4
            flags, protocol = int.from_bytes(octets[6:8], "big"), octets[9]
            source, target = (socket.inet_ntop(socket.AF_INET, octets[at:at + 4]) for at in (12, 16))
        else:
            header, protocol = 40, octets[6]
            flags = 0
            if protocol == 44:  # a fragment header
                flags, protocol, header = int.from_bytes(octets[42:44], "big") >> 3 | 0x2000, octets[40], 48
            source, target = (socket.inet_ntop(socket.AF_INET6, octets[at:at + 16]) for at in (8, 24))
        if protocol == socket.IPPROTO_UDP and (flags & 0x1FFF or octets[header:header + 2] == b"\0\x35"):
            yield Packet(source, target, len(octets), bool(flags & 0x4000), bool(flags & 0x3FFF),
                         octets[header + 8:])


def ask_many(client, to, size):
    """An answer of 100 records, as far as it fits."""
    client.sendto(wire.query("many.prod", edns=wire.opt(size)), to)
    return wire.Message(client.recv(65535))


def expect_whole(reply, size, sent, overhead):
    """The reply fills its size, and came as one packet, which others may cut: we would not hear that they do not."""
    check(size - 16 < len(reply.octets) <= size, f"{len(reply.octets)} octets of {size}")
    equal([(p.length, p.is_fragment, p.dont_fragment) for p in sent], [(len(reply.octets) + overhead, False, False)])


def too_big(family, port, to):
    """What a router says that cannot pass on a packet of the server's, sent from that port to that one."""
    udp = struct.pack("!HHHH", port, to, 1240, 0)
    if family == 4:
        sent = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 1260, 7, 0, 64, 17, 0, socket.inet_aton(SERVER),
                           socket.inet_aton(CLIENT)) + udp
        body = struct.pack("!HH", 0, 552) + sent
        return struct.pack("!BBH", 3, 4, checksum(struct.pack("!BBH", 3, 4, 0) + body)) + body
    sent = struct.pack("!IHBB16s16s", 6 << 28, 1408, 17, 64, socket.inet_pton(socket.AF_INET6, SERVER6),
                       socket.inet_pton(socket.AF_INET6, CLIENT6)) + udp
    return struct.pack("!BBHI", 2, 0, 0, 1280) + sent


def believes(family):
    route = ip("-6", "route", "get", CLIENT6) if family == 6 else ip("route", "get", CLIENT)
    return "mtu" in route


def expect_no_fragments(family, size):
    kind, server, overhead = ((socket.AF_INET, SERVER, 28), (socket.AF_INET6, SERVER6, 48))[family == 6]
    capture = NET.capture(family)
    client = NET.socket(kind, socket.SOCK_DGRAM)
    router = NET.socket(kind, socket.SOCK_RAW, socket.IPPROTO_ICMP if family == 4 else socket.IPPROTO_ICMPV6)
    expect_whole(ask_many(client, (server, 53), size), size, packets(capture, family), overhead)
    for _ in range(3):
        router.sendto(too_big(family, 53, client.getsockname()[1]), (server, 0))
        expect_whole(ask_many(client, (server, 53), size), size, packets(capture, family), overhead)
    check(not believes(family), "nobody believes it")
    # Another program's socket does, and from then on the path is narrow for all that do not know better.
    with socket.socket(kind, socket.SOCK_DGRAM) as other:
        other.bind((server, 0))
        other.sendto(b"x", (CLIENT6 if family == 6 else CLIENT, 9))
        router.sendto(too_big(family, other.getsockname()[1], 9), (server, 0))
        tap.wait_until(lambda: believes(family), "the kernel believes it")
    for _ in range(3):
        expect_whole(ask_many(client, (server, 53), size), size, packets(capture, family), overhead)


def test_what_a_router_says_of_its_size_makes_no_fragments(d):
    expect_no_fragments(4, 1232)
    check(d.is_running(), "cmapd lives")


def test_the_same_with_IPv6(d):
    expect_no_fragments(6, 1400)
    check(d.is_running(), "cmapd lives")


def test_what_does_not_fit_the_cable_is_asked_for_again_over_TCP(d):
    capture = NET.capture()
    ip("link", "set", "server", "mtu", "600")
    try:
        with NET.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            reply = ask_many(client, (SECOND, 53), 1232)
            check(reply.flags & wire.TC and reply.is_whole and reply.opt is not None, "cut short")
            check(len(reply.octets) <= 572, f"{len(reply.octets)} octets")
        equal([(p.source, p.is_fragment) for p in packets(capture)], [(SECOND, False)])
    finally:
        ip("link", "set", "server", "mtu", "1500")
    check(d.is_running(), "cmapd lives")


def test_so_is_a_forwarded_reply(d):
    ip("link", "set", "server", "mtu", "600")
    try:
        with NET.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            for name in ("big-60.test", "big-60.test", "short.test"):  # from the upstream, from the cache
                query = wire.query(name, ident=7, flags=wire.RD, edns=wire.opt())
                client.sendto(query, (SECOND, 53))
                reply, source = client.recvfrom(4096)
                reply = wire.Message(reply)
                equal((source[0], reply.id, reply.is_whole, reply.opt is not None), (SECOND, 7, True, True), name)
                equal((reply.flags & wire.TC != 0, len(reply.answer)), (True, 0) if "big" in name else (False, 1), name)
    finally:
        ip("link", "set", "server", "mtu", "1500")
    equal(d.status()["Counters"]["SendFailed"], 0)


# ---- how many a forged address gets ----


def forged(host, query):
    """A packet that nobody at its address has sent."""
    udp = struct.pack("!HHHH", 1024 + host, 53, 8 + len(query), 0) + query
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                       socket.inet_aton(VICTIMS + str(host)), socket.inet_aton(SERVER)) + udp


def flood_of(kind, i):
    edns = wire.opt(1232) if i % 2 else None
    if kind == "data":
        return wire.query("many.prod", "ANY" if i % 3 else "A", edns=edns)
    return wire.query(f"no-{i}.prod" if kind == "negative" else f"{i}.example.org", edns=edns)


class Holder:
    """A client beside those whose addresses are forged, with a cookie."""

    def __init__(self, to):
        self.client = NET.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.client.bind((HOLDER, 0))
        self.client.connect(to)
        self.client.send(wire.query("web.prod", edns=wire.opt(options=struct.pack("!HH", COOKIE, 8) + b"abcdefgh")))
        self.cookie = self.client.recv(4096)[-24:]
        equal(self.cookie[:8], b"abcdefgh")

    def ask(self):
        """Behind all that the server has got before."""
        options = struct.pack("!HH", COOKIE, 24) + self.cookie
        query = wire.query("many.prod", edns=wire.opt(1232, options=options))
        self.client.send(query)
        reply = self.client.recv(4096)
        check(len(reply) > 1200 > 3 * len(query), f"{len(reply)} octets for a good cookie")


def expect_bounds(kind, queries, replies, seconds):
    """queries: their octets. Returns how many of the replies are cut to nothing."""
    within, slipped, longest = 0, 0, max(map(len, queries))
    for reply in replies:
        message = wire.Message(reply.payload)
        check(message.is_whole and len(reply.payload) <= 3 * longest, f"{kind}: {len(reply.payload)} octets")
        if message.status == "NOERROR" and message.flags & wire.TC and not message.answer:
            check(len(reply.payload) <= longest, "cut to nothing")
            slipped += 1
        else:
            within += 1
    most = RATE * (seconds + 1)
    tap.say(f"{kind}: {within} replies in {seconds:.2f} s, {slipped} cut to nothing, of {len(queries)}")
    check(RATE <= within <= most + 1, f"{kind}: {within}, not {RATE} to {most:.0f}")
    return slipped


def test_a_flood_from_forged_addresses(d):
    d.configure(rate_limit=RATE, rate_slip=SLIP)
    check("reloaded" in d.reload(), "reloaded")
    capture = NET.capture()
    raw = NET.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    holder, sent, replies = Holder((SERVER, 53)), collections.defaultdict(list), collections.defaultdict(list)
    limited = d.status()["Counters"]["RateLimited"]
    began = time.monotonic()
    for i in range(2000):
        for kind in ("data", "negative", "error"):
            sent[kind].append(flood_of(kind, i))
            raw.sendto(forged(8 + i % 240, sent[kind][-1]), (SERVER, 0))
        if i % 20 == 19:
            holder.ask()
            for packet in packets(capture):
                if packet.target != HOLDER:
                    name = wire.Message(packet.payload).question[0][0]
                    replies["data" if name == "many.prod." else "negative" if name[:3] == "no-" else "error"].append(packet)
    seconds = time.monotonic() - began
    limited = d.status()["Counters"]["RateLimited"] - limited
    slipped = sum(expect_bounds(kind, sent[kind], replies[kind], seconds) for kind in sent)
    check(abs(slipped - limited / SLIP) <= 1, f"{slipped} of {limited} limited were cut to nothing")
    equal(sum(map(len, replies.values())) + limited - slipped, 6000, "all are accounted for")
    octets = sum(len(q) for queries in sent.values() for q in queries)
    back = sum(len(r.payload) for all_ in replies.values() for r in all_)
    tap.say(f"{back / octets:.2f} octets back for each that came")
    check(back <= 3 * octets, "amplification")
    # The victim itself can come over TCP, and who lives elsewhere is not touched.
    with NET.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.bind((HOLDER, 0))
        client.connect((SERVER, 53))
        query = wire.query("many.prod")
        client.sendall(struct.pack("!H", len(query)) + query)
        reply = b""
        while len(reply) < 2 or len(reply) < 2 + int.from_bytes(reply[:2], "big"):
            reply += client.recv(65535)
        equal(len(wire.Message(reply[2:]).answer), 100)
    with NET.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((SERVER, 53))
        for _ in range(RATE):
            client.send(wire.query("web.prod"))
            equal(wire.Message(client.recv(4096)).values(), ["10.0.0.1"])


if __name__ == "__main__":
    if "CMAP_INSIDE" not in os.environ and "CMAP_NO_NETWORK" not in os.environ:
        own = ["unshare", "--net"] + (["--map-root-user"] if os.getuid() != 0 else [])
        try:
            tried = cmap.run(*own, "ip", "link", "set", "lo", "up")
            reason = f"no network namespace of our own here: {tried.err}" if tried.status else ""
        except OSError as error:
            reason = f"no unshare (Debian package util-linux): {error}"
        if not reason:
            os.execvpe("unshare", [*own, sys.executable, "-B", *sys.argv], dict(os.environ, CMAP_INSIDE="1"))
        os.environ["CMAP_NO_NETWORK"] = reason
    tap.main(globals(), start)
