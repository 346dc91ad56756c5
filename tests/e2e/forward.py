# SPDX-License-Identifier: MIT
"""forward.py -- names outside our zones, resolved by cmapd's upstream resolvers, which lie (upstream.py).

CMAP_FORWARDED (10,000) queries, in make torture ten times as many, show that ports and ids cannot be guessed.
"""

import collections
import itertools
import os
import select
import socket
import struct
import sys
import tempfile
import threading
import time

import cmap
import tap
import upstream
import wire
from tap import check, equal
from upstream import LIE, RA, Upstream, true_address
from wire import AA, AD, CD, DO, RD, TC

STALE, CACHED_ERROR, STALE_NXDOMAIN, NOT_READY, NOT_AUTHORITATIVE, UNREACHABLE, NETWORK = 3, 13, 19, 14, 20, 22, 23
MARKS = 65053  # the option in which forwarders leave their marks
EDNS = wire.opt()
QUERIES = int(os.environ.get("CMAP_FORWARDED", "10000"))


class Forwarding(cmap.Daemon):
    """A cmapd with the namespace prod and an upstream of its own."""

    def __init__(self, *more, up=None, **settings):
        self.up = up or Upstream()
        settings.setdefault("namespace", ["prod"])
        settings.setdefault("forward", [self.up.spec, *more])
        super().__init__(**settings)

    def close(self):
        super().close()
        self.up.close()

    def get(self, name, qtype="A", flags=RD, edns=EDNS, tcp=False, source=None, qclass=1, at=None):
        """The reply, which must be one to this query."""
        query = wire.query(name, qtype, flags=flags, edns=edns, qclass=qclass)
        with (wire.Tcp(at or self.address()) if tcp else wire.Udp(at or self.address(), source=source)) as client:
            octets = client.ask(query)
        reply = wire.Message(octets)
        question = query[:len(query) - len(edns or b"")][12:]
        check(reply.is_whole and octets[:2] == query[:2] and octets[12:12 + len(question)] == question,
              f"no reply to {name}: {octets.hex()}")
        return reply

    def get_true(self, name, **how):
        reply = self.get(name, **how)
        equal((reply.status, reply.values()), ("NOERROR", [true_address(name)]), name)
        return reply

    def get_failure(self, name, ede, **how):
        reply = self.get(name, **how)
        equal((reply.status, reply.ede(), reply.values()), ("SERVFAIL", [ede], []), name)
        return reply

    def counter(self, name):
        return self.status()["Counters"][name]


def start():
    d = Forwarding()
    d.service("web.prod", [("A", 60)])
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    d.service("away.prod", [("CNAME", 60)])
    d.register("away.prod", "i-1", cname="shop.example")
    return d


def flags_of(reply):
    return reply.flags & (AA | RA | AD | CD | RD | TC)


# ---- messages ---------------------------------------------------------------------------------------------------

def test_bits(d):
    reply = d.get("signed.test")
    equal(flags_of(reply), RD | RA, "flags of a forwarded reply")
    equal(reply.opt.flags, 0, "DO")
    equal(reply.values(), [true_address("signed.test")])
    equal(flags_of(d.get("signed.test", flags=RD | AD)), RD | RA, "AD is not passed on")
    equal(flags_of(d.get("web.prod")), AA | RD | RA, "flags of a reply of our own")
    equal(flags_of(d.get("web.prod", flags=0)), AA | RA, "without RD")
    reply = d.get("signed.test", flags=0)
    equal((reply.status, reply.ede(), flags_of(reply)), ("REFUSED", [NOT_AUTHORITATIVE], RA), "foreign without RD")
    reply = d.get("signed.test", flags=RD | CD)
    equal(flags_of(reply), RD | RA | CD, "CD is echoed")
    check(d.up.last("signed.test").flags & CD, "CD is passed on")
    check(all(not a.flags & (AA | AD | TC) and a.flags & RD for a in d.up.asked), "flags of queries to upstreams")


def test_signatures_come_with_do_only(d):
    reply = d.get("signed-1.test", edns=wire.opt(flags=DO))
    equal([r.type for r in reply.answer], ["A", 46])
    equal(reply.opt.flags, DO, "DO is echoed")
    equal(flags_of(reply), RD | RA)
    check(d.up.last("signed-1.test").wants_dnssec, "DO is passed on")
    equal([r.type for r in d.get("signed-1.test").answer], ["A"])
    check(not d.up.last("signed-1.test").wants_dnssec, "DO is not made up")
    equal(d.get("signed-1.test", edns=None).opt, None, "a reply to a query without EDNS")


def test_dig(d):
    reply = d.dig("dig.test", "A", "+rec", "+dnssec")
    equal((reply.status, reply.values()), ("NOERROR", [true_address("dig.test")]))
    equal(reply.flags, {"qr", "rd", "ra"})
    reply = d.dig("big-200.test", "A", "+rec")
    equal((reply.retried, len(reply.answer)), (True, 200))


def test_unknown_types_and_classes(d):
    data = b"\x00\xc0\x0c raw octets"
    for qtype in (65280, 65534, 99):
        equal([(r.type, r.data) for r in d.get("raw.test", qtype).answer], [(qtype, data)])
    equal(d.up.last("raw.test").type, 99, "passed on")
    for qclass in (2, 3, 4, 254, 255, 65280):
        equal(d.get("class.test", qclass=qclass).status, "REFUSED", f"class {qclass}")
    for qtype in (wire.TYPES["AXFR"], 251, 250, 249, 200, 0):
        check(d.get("class.test", qtype).status in ("REFUSED", "NOTIMP"), f"type {qtype}")
    equal(d.get("class.test", 128).status, "FORMERR", "NXNAME")
    equal(d.up.count("class.test"), 0, "queries of other classes, and for transfers")


def test_options_go_one_hop(d):
    sent = b"".join(struct.pack("!HH", code, len(data)) + data for code, data in (
        (3, b""), (8, b"\0\1\x18\0\x0a\x01\x02"), (10, b"client00"), (12, bytes(8)), (14, b"\0\1"), (65001, b"local")))
    d.get_true("options.test", edns=wire.opt(options=sent))
    equal([(code, len(data)) for code, data in d.up.last("options.test").options], [(MARKS, 8)], "options passed on")
    equal(d.up.last("options.test").opt.version, 0)
    reply = d.get_true("options.test")
    equal(reply.options, [], "options that came from the upstream")
    keepalive = wire.opt(options=struct.pack("!HH", 11, 0))
    d.get_true("options-1.test", edns=keepalive, tcp=True)
    equal([code for code, _ in d.up.last("options-1.test").options], [MARKS], "options passed on from TCP")


def test_case_is_as_asked(d):
    for name in ("CaSe.TeSt", "case.test", "CASE.tEST"):
        reply = d.get_true(name)
        equal([r.name for r in reply.answer], [name + "."])
    equal(d.up.count("case.test"), 1, "queries for one name in three cases")


def test_random_case():
    """forward_0x20: an upstream that keeps the case is asked over UDP, one that does not over TCP."""
    name = "letters.of.a.long.name.test"
    with Forwarding(forward_0x20="true") as d:
        d.get_true(name)
        asked, = d.up.asked
        check(asked.name not in (name + ".", name.upper() + ".") and asked.tcp is None, f"asked for {asked.name}")
        equal([r.name for r in d.get_true(name).answer], [name + "."])

        d.up.answer = lambda a: upstream.reply(a, [upstream.rr(None, "A", 60, true_address(a.name) if a.tcp else LIE)],
                                               question=wire.question(a.name.lower()))
        d.get_true("other." + name)
        equal([a.tcp is not None for a in d.up.asked[1:]], [False, True])
        equal(d.counter("ForwardUnwanted"), 1)


def test_own_names_stay_here(d):
    for name in ("prod", "none.prod", "a.b.none.prod", "NONE.PROD", "i-1.web.prod", "x.away.prod"):
        for qtype in ("A", "TXT", "DS", "NS", "ANY", 65280):
            for tcp in (False, True):
                reply = d.get(name, qtype, tcp=tcp)
                check(reply.status in ("NOERROR", "NXDOMAIN") and reply.flags & AA, f"{name} {qtype}: {reply.status}")
    equal([n for n in d.up.names() if n.endswith("prod")], [])
    d.get_true("notprod")  # is none of them
    d.get_true("prod.test")


def test_cname_of_ours_to_a_foreign_name(d):
    for tcp in (False, True):
        reply = d.get("Away.prod", tcp=tcp)
        equal([(r.name, r.type, r.data) for r in reply.answer],
              [("Away.prod.", "CNAME", "shop.example."), ("shop.example.", "A", true_address("shop.example"))])
        equal(flags_of(reply) & (AA | AD), AA, "the first name is ours")
    equal(d.up.count("shop.example"), 1, "queries to the upstream")
    reply = d.get("away.prod", "TXT")
    equal(([r.type for r in reply.answer], [r.type for r in reply.authority]), (["CNAME"], ["SOA"]))
    equal([r.type for r in d.get("away.prod", "CNAME").answer], ["CNAME"])
    equal([r.type for r in d.get("away.prod", flags=0).answer], ["CNAME"], "without RD")


def test_whole_answers_behind_a_cname(d):
    d.service("large.prod", [("CNAME", 60)])
    d.register("large.prod", "i-1", cname="big-1000.example")
    reply = d.get("large.prod")
    check(reply.flags & TC and len(reply.octets) <= 1232, "over UDP")
    reply = d.get("large.prod", tcp=True)
    equal((len(reply.answer), reply.flags & TC), (1001, 0))
    d.service("nowhere.prod", [("CNAME", 60)])
    d.register("nowhere.prod", "i-1", cname="nx-60.example")
    reply = d.get("nowhere.prod")
    equal((reply.status, [r.type for r in reply.answer], [r.type for r in reply.authority]),
          ("NXDOMAIN", ["CNAME"], ["SOA"]))
    d.service("broken.prod", [("CNAME", 60)])
    d.register("broken.prod", "i-1", cname="servfail.example")
    reply = d.get("broken.prod")
    equal((reply.status, reply.ede()), ("SERVFAIL", [UNREACHABLE]))


def test_chains_of_the_upstream(d):
    for n in (1, 10):
        reply = d.get(f"chain-{n}.test")
        equal([r.type for r in reply.answer], ["CNAME"] * n + ["A"])
        equal(reply.answer[-1].data, true_address(f"chain-{n}.test"))
    reply = d.get("chain-3.test", "CNAME")
    equal([r.type for r in reply.answer], ["CNAME"])
    d.get_failure("chain-40.test", UNREACHABLE)
    d.get_failure("loop.test", UNREACHABLE)
    reply = d.get("dangling.test")
    equal((reply.status, [r.type for r in reply.answer]), ("NXDOMAIN", ["CNAME"]))


def test_large_answers(d):
    n = 3700  # 60 KB
    reply = d.get(f"big-{n}.test")
    check(reply.flags & TC and len(reply.octets) <= 1232, "a large answer over UDP")
    reply = d.get(f"big-{n}.test", tcp=True)
    equal((len(set(reply.values())), reply.flags & TC), (n, 0))
    check(len(reply.octets) > 59000, "60 KB")
    equal([a.tcp is not None for a in d.up.asked if a.name == f"big-{n}.test."], [False, True], "UDP, then TCP")
    for size in (512, 1232, 4096):
        reply = d.get("big-100.test", edns=wire.opt(size=size))
        check(reply.flags & TC and len(reply.octets) <= min(size, 1232), f"1.6 KB to a client with room for {size}")
    reply = d.get("big-100.test", edns=None)
    check(reply.flags & TC and len(reply.octets) <= 512, "1.6 KB to a client without EDNS")


def test_what_fits_over_udp_comes_over_udp(d):
    equal(len(d.get("big-70.test").answer), 70)
    equal([a.tcp is not None for a in d.up.asked if a.name == "big-70.test."], [False])


# ---- upstreams that lie -----------------------------------------------------------------------------------------

def test_forged_replies_are_not_taken(d):
    for kind in upstream.FORGED:
        reply = d.get(f"{kind}.then.test")
        equal((reply.status, reply.values()), ("NOERROR", [true_address(f"{kind}.then.test")]), kind)


def test_no_lie_is_told_on():
    with Forwarding(forward_timeout="100ms") as d:
        for kind in upstream.LIES:
            d.get_failure(f"{kind}.only.test", NETWORK if kind in upstream.FORGED else UNREACHABLE)
            check(1 <= d.up.count(f"{kind}.only.test") <= 6, f"{kind}: {d.up.count(f'{kind}.only.test')} queries")
        d.get_true("after.test")


def test_a_liar_is_not_the_only_one():
    with Upstream() as liar, Upstream(answer=upstream.truth) as second:
        with Forwarding(up=liar, forward=[liar.spec, second.spec], forward_timeout="100ms") as d:
            for kind in [*upstream.LIES, "servfail", "refused", "referral", "loop"]:
                d.get_true(f"{kind}.only.test")


def test_only_what_answers_the_question_is_taken(d):
    reply = d.get("extras.test")
    equal((reply.values(), reply.authority, reply.additional), ([true_address("extras.test")], [], []))
    d.get_true("bank.test")
    check(d.get("none.prod").status == "NXDOMAIN", "our names stay ours")


def test_upstreams_without_edns(d):
    for kind in ("formerr", "notimp", "badvers", "plain"):
        d.get_true(f"{kind}.test")
    equal([a.opt is None for a in d.up.asked if a.name == "formerr.test."], [False, True])


def test_a_header_alone_says_formerr():
    """Old servers repeat no question with FORMERR."""
    with Upstream() as old, Upstream(answer=upstream.truth) as second:
        with Forwarding(up=old, forward=[old.spec, second.spec], forward_timeout="100ms") as d:
            d.get_true("headeronly.test")


# ---- failures ---------------------------------------------------------------------------------------------------

def timed(call):
    began = time.monotonic()
    call()
    return time.monotonic() - began


def test_the_next_upstream_is_asked():
    with Upstream() as first, Upstream(answer=upstream.truth) as second:
        with Forwarding(up=first, forward=[first.spec, second.spec]) as d:
            d.get_true("slow-1.test")
            equal(len(second.asked), 0, "queries to the second while the first answers")
            for kind in ("silent", "refused", "servfail"):
                took = timed(lambda kind=kind: d.get_true(f"{kind}.test"))
                check(took < 1, f"{kind} first: {took:.2f} s")
            first.close()  # its port says so
            took = timed(lambda: d.get_true("closed.test"))
            check(took < 1, f"closed first: {took:.2f} s")
            equal(second.names(), ["silent.test", "refused.test", "servfail.test", "closed.test"])


def test_who_does_not_answer_is_passed_over():
    with Upstream(answer=lambda a: None) as dead, Upstream() as second:
        with Forwarding(up=dead, forward=[dead.spec, second.spec], forward_timeout="100ms") as d:
            for i in range(3):
                d.get_true(f"first-{i}.test")
            equal(len(dead.asked), 3)
            check("does not answer" in d.logged(), d.logged())
            took = timed(lambda: d.get_true("passed.test"))
            check(took < 0.1 and len(dead.asked) == 3, f"asked {len(dead.asked)} times, {took:.2f} s")
            dead.answer = None
            tap.wait_until(lambda: d.get_true(f"again-{time.monotonic_ns()}.test") and len(dead.asked) > 3,
                           "it is asked again")
            tap.wait_until(lambda: "answers again" in d.logged(), "and is up")


def test_failures_say_why_and_are_remembered():
    with Forwarding(forward_timeout="50ms") as d:
        for name, ede in (("silent.test", NETWORK), ("refused.test", UNREACHABLE), ("servfail.test", UNREACHABLE)):
            d.get_failure(name, ede)
            n = d.up.count(name)
            check(1 <= n <= 6, f"{n} queries for {name}")
            for _ in range(50):
                d.get_failure(name, CACHED_ERROR)
            equal(d.up.count(name), n, f"queries for {name} while the failure is remembered")
        tap.wait_until(lambda: d.get("refused.test").ede() == [UNREACHABLE], "it is asked for again")
        d.up.close()
        d.get_failure("closed.test", NETWORK)
        equal(d.get("servfail-1.test", edns=None).status, "SERVFAIL")


# ---- what is kept -----------------------------------------------------------------------------------------------

def test_answers_are_kept_as_long_as_they_say(d):
    began = time.monotonic()
    equal([r.ttl for r in d.get_true("ttl-3.test").answer], [3])
    ttls = []

    def counted_down():
        ttl, before = d.get_true("ttl-3.test").answer[0].ttl, time.monotonic() - began
        ttls.append(ttl)
        check(ttl >= 3 - before - 1, f"TTL {ttl} after {before:.2f} s")
        return d.up.count("ttl-3.test") == 2

    tap.wait_until(counted_down, "asked again", 10)
    took = time.monotonic() - began
    check(2.9 <= took < 3.5, f"asked again after {took:.2f} s")
    equal([t for t, before in zip(ttls, [None] + ttls) if t != before], [3, 2, 1, 3])
    equal(d.up.count("ttl-3.test"), 2)
    equal([r.ttl for r in d.get("ttl-604800.test").answer], [604800])  # as it was told; kept for a day


def test_ttl_0_is_not_kept(d):
    for _ in range(3):
        equal([r.ttl for r in d.get_true("ttl-0.test").answer], [0])
    equal(d.up.count("ttl-0.test"), 3)


def test_addresses_rotate(d):
    first = [d.get("ring.test").values()[0] for _ in range(8)]
    equal(collections.Counter(first), {f"192.0.2.{i}": 2 for i in range(1, 5)})
    equal(d.up.count("ring.test"), 1)


def test_negative_answers_are_kept_as_the_soa_says(d):
    for kind, status in (("nx", "NXDOMAIN"), ("nodata", "NOERROR")):
        name = f"{kind}-2.test"
        began = time.monotonic()
        for _ in range(5):
            reply = d.get(name)
            equal((reply.status, reply.values(), [r.type for r in reply.authority]), (status, [], ["SOA"]))
            check(reply.authority[0].ttl <= 2, f"TTL {reply.authority[0].ttl}")
            check(not reply.flags & AA, "AA")
        equal(d.up.count(name), 1)
        tap.wait_until(lambda name=name: d.get(name) and d.up.count(name) == 2, "asked again", 10)
        check(1.9 <= time.monotonic() - began < 2.5, f"after {time.monotonic() - began:.2f} s")
    for _ in range(3):
        equal(d.get("nosoa.test").status, "NXDOMAIN")
    equal(d.up.count("nosoa.test"), 3, "queries where there was no SOA")


def test_without_a_cache_all_is_asked():
    with Forwarding(forward_cache=0) as d:
        for _ in range(3):
            d.get_true("plain.test")
        equal(d.up.count("plain.test"), 3)


def test_the_cache_is_bounded():
    with Forwarding(forward_cache=1) as d:
        names = [f"big-60.n{i}.test" for i in range(1500)]  # 1 KB each
        with wire.Udp(d.address()) as client:
            for name in names:
                equal(len(wire.Message(client.ask(wire.query(name, flags=RD, edns=EDNS))).answer), 60)
        n = len(d.up.asked)
        d.get(names[-1])
        equal(len(d.up.asked), n, "what was asked last is kept")
        d.get(names[0])
        equal(len(d.up.asked), n + 1, "what was asked first is not")


def test_stale_answers_while_no_upstream_answers():
    with Forwarding(forward_timeout="50ms") as d:
        d.get_true("ttl-1.test")
        equal(d.get("nx-1.test").status, "NXDOMAIN")
        d.up.answer = lambda a: None
        tap.wait_until(lambda: not fresh(d, "ttl-1.test"), "it is out of date", 5)
        tap.wait_until(lambda: not fresh(d, "nx-1.test"), "it is out of date", 5)
        reply = d.get_true("ttl-1.test")
        equal((reply.answer[0].ttl, reply.ede()), (30, [STALE]))
        reply = d.get("nx-1.test")
        equal((reply.status, reply.ede(), reply.authority[0].ttl), ("NXDOMAIN", [STALE_NXDOMAIN], 30))
        d.get_failure("other.test", NETWORK)
        d.up.answer = None
        tap.wait_until(lambda: d.get_true("ttl-1.test").ede() == [], "fresh answers once it is back", 10)


def fresh(d, name):
    return d.get(name).ede() == []


def test_patience_ends_before_the_timeout():
    with Forwarding(forward_timeout="5s") as d:
        d.get_true("ttl-1.test")
        d.up.answer = lambda a: None
        replies = []
        took = timed(lambda: tap.wait_until(lambda: stale(d, replies), "a stale answer", 5))
        check(took < 1 + 1.8 + 0.5, f"{took:.2f} s")


def stale(d, replies):
    replies.append(d.get_true("ttl-1.test"))
    return replies[-1].ede() == [STALE]


def test_no_stale_answers_where_none_are_wanted():
    with Forwarding(forward_timeout="50ms", forward_stale="0s") as d:
        d.get_true("ttl-1.test")
        d.up.answer = lambda a: None
        tap.wait_until(lambda: d.get("ttl-1.test").status == "SERVFAIL", "it is over", 5)


# ---- many ask ---------------------------------------------------------------------------------------------------

def test_equal_questions_share_one_query():
    with Forwarding() as d:
        clients = [wire.Udp(d.address()) for _ in range(50)]
        for client in clients:
            client.send(wire.query("slow-300.test", flags=RD))
        with wire.Tcp(d.address()) as tcp:
            tcp.send(*[wire.query("SLOW-300.test", flags=RD) for _ in range(10)])
            replies = [wire.Message(c.receive()) for c in clients] + [wire.Message(tcp.receive()) for _ in range(10)]
        for client in clients:
            client.socket.close()
        equal({(r.status, *r.values()) for r in replies}, {("NOERROR", true_address("slow-300.test"))})
        equal(d.up.count("slow-300.test"), 1)


def test_local_answers_overtake_forwarded_ones(d):
    """On one TCP connection: the first query is for a slow upstream, ten are for us."""
    slow = wire.query("slow-400.test", ident=99, flags=RD)
    local = [wire.query("web.prod", ident=i, flags=RD) for i in range(10)]
    with wire.Tcp(d.address()) as client:
        began = time.monotonic()
        client.send(slow, *local)
        replies = [wire.Message(client.receive()) for _ in local]
        took = time.monotonic() - began
        equal(sorted(r.id for r in replies), list(range(10)))
        check(took < 0.35, f"ten local answers took {took:.2f} s")
        last = wire.Message(client.receive())
        equal((last.id, last.values()), (99, [true_address("slow-400.test")]))


def test_a_client_that_has_said_all_gets_its_answer(d):
    with wire.Tcp(d.address()) as client:
        client.send(wire.query("slow-200.test", flags=RD))
        client.socket.shutdown(socket.SHUT_WR)
        equal(wire.Message(client.receive()).values(), [true_address("slow-200.test")])
        equal(client.receive(), None, "then it is closed")
    with wire.Tcp(d.address()) as client:
        client.send(*[wire.query(f"slow-20{i}.test", flags=RD) for i in range(1, 9)])
    d.get_true("slow-250.test")  # the gone client's replies find nobody


def test_many_forwarded_on_one_connection(d):
    names = [f"slow-50.n{i}.test" for i in range(300)]
    with wire.Tcp(d.address()) as client:
        client.send(*[wire.query(name, ident=i, flags=RD) for i, name in enumerate(names)])
        replies = [wire.Message(client.receive()) for _ in names]
    equal(sorted(r.id for r in replies), list(range(300)))
    equal({tuple(r.values()) for r in replies} - {(true_address(n),) for n in names}, set())


def test_a_full_queue_fails_at_once():
    with Forwarding(forward_queries=20, forward_timeout="5s") as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        with wire.Udp(d.address()) as client:
            for i in range(20):
                client.send(wire.query(f"silent.n{i}.test", flags=RD))
            tap.wait_until(lambda: len(d.up.asked) >= 20, "all are on their way")
            for _ in range(100):
                took = timed(lambda: d.get_failure("one.more.test", NOT_READY))
                check(took < 1, f"one more: {took:.2f} s")
                equal(d.get("web.prod").values(), ["10.0.0.1"])
                equal(d.get("one.more.test", tcp=True).status, "SERVFAIL")
        equal(d.up.count("one.more.test"), 0)


def test_who_may_ask():
    with Forwarding(forward_allow=["127.0.0.2"]) as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        d.service("away.prod", [("CNAME", 60)])
        d.register("away.prod", "i-1", cname="shop.example")
        equal(flags_of(d.get_true("one.test", source="127.0.0.2")), RD | RA)
        for tcp in (False, True):
            reply = d.get("one.test", tcp=tcp)
            equal((reply.status, reply.ede(), flags_of(reply)), ("REFUSED", [NOT_AUTHORITATIVE], RD))
            equal(flags_of(d.get("web.prod", tcp=tcp)), AA | RD, "a local answer to an outsider")
        equal([r.type for r in d.get("away.prod").answer], ["CNAME"])
        equal(d.up.names(), ["one.test"])


# ---- over time --------------------------------------------------------------------------------------------------

def test_sighup_changes_upstreams():
    with Upstream() as other, Forwarding() as d:
        d.service("web.prod", [("A", 60)])
        d.register("web.prod", "i-1", ipv4="10.0.0.1")
        with Asking(d, "web.prod") as statuses:
            d.get_true("one.test")
            d.configure(forward=[other.spec])
            check("reloaded" in d.reload(), "reload")
            d.get_true("two.test")
            d.get_true("one.test")  # is kept
            equal((d.up.names(), other.names()), (["one.test"], ["two.test"]))

            d.configure(forward=None)
            check("reloaded" in d.reload(), "reload")
            reply = d.get("three.test")
            equal((reply.status, flags_of(reply)), ("REFUSED", RD), "without forwarding")
            equal(flags_of(d.get("web.prod")), AA | RD, "a local answer then")

            d.configure(forward=[d.up.spec])
            check("reloaded" in d.reload(), "reload")
            d.get_true("three.test")
            equal((d.up.names(), other.names()), (["one.test", "three.test"], ["two.test"]))
        equal(set(statuses), {"NOERROR"}, "local answers meanwhile")


def test_sighup_while_queries_are_out():
    with Upstream() as other, Forwarding(forward_timeout="5s") as d:
        with wire.Udp(d.address()) as udp, wire.Tcp(d.address()) as tcp:
            udp.send(wire.query("silent.one.test", flags=RD))
            tcp.send(wire.query("silent.two.test", flags=RD))
            tap.wait_until(lambda: len(d.up.asked) >= 2, "both are out")
            other.answer = upstream.truth
            d.configure(forward=[other.spec])
            d.reload()
            equal(wire.Message(udp.receive()).values(), [true_address("silent.one.test")])
            equal(wire.Message(tcp.receive()).values(), [true_address("silent.two.test")])
    with Forwarding(forward_timeout="300ms") as d:
        with wire.Udp(d.address()) as udp:
            udp.send(wire.query("silent.one.test", flags=RD))
            tap.wait_until(lambda: d.up.asked, "it is out")
            d.configure(forward=None)
            d.reload()
            equal(wire.Message(udp.receive()).status, "SERVFAIL")


def test_stop_with_queries_out():
    for tcp in (False, True):
        with Forwarding(forward_timeout="5s") as d:
            with (wire.Tcp if tcp else wire.Udp)(d.address()) as client:
                client.send(*[wire.query("silent.one.test", flags=RD)])
                tap.wait_until(lambda d=d: d.up.asked, "it is out")
                took = timed(d.stop)
                check(took < 3, f"stopping took {took:.1f} s")


class Asking:
    """Asks for these names over UDP, one after the other, all the while. statuses: of the replies; None: there was none."""

    def __init__(self, d, *names, seconds=5.0):
        self.address, self.names, self.seconds = d.address(), names, seconds
        self.statuses, self.is_over = collections.Counter(), False
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        with wire.Udp(self.address, seconds=self.seconds) as client:
            for i in itertools.count():
                if self.is_over:
                    return
                try:
                    self.statuses[wire.Message(client.ask(wire.query(self.names[i % len(self.names)], flags=RD))).status] += 1
                except OSError:  # it is not there, or has gone with the query
                    self.statuses[None] += 1
                time.sleep(0.0005)

    def __enter__(self):
        self.thread.start()
        tap.wait_until(lambda: self.statuses, "the first reply")
        return self.statuses

    def __exit__(self, *_):
        self.is_over = True
        self.thread.join()


def test_own_names_stay_here_over_time():
    """Also those that were deregistered, whose lease has ended, and while cmapd starts and stops."""
    with Forwarding() as d:
        d.configure(listen=["%s:%d" % d.address()])
        d.service("gone.prod", [("A", 60)])
        d.register("gone.prod", "i-1", ipv4="10.0.0.1")
        d.service("short.prod", [("A", 60)])
        d.register("short.prod", "i-1", ipv4="10.0.0.2", lease="1s")
        d.service("more.prod", [("A", 60)])
        for i in range(500):
            d.register("more.prod", f"i-{i}", ipv4=f"10.1.{i // 250}.{i % 250}")
        equal(d.get("gone.prod").values(), ["10.0.0.1"])
        d.deregister("gone.prod", "i-1")
        check(d.get("gone.prod").values() == [], "deregistered")
        tap.wait_until(lambda: d.get("short.prod").values() == [], "its lease has ended")
        names = ["gone.prod", "short.prod", "more.prod", "none.prod", "i-1.gone.prod"]
        with Asking(d, *names, seconds=0.05) as statuses:
            for _ in range(3):
                d.restart()
            d.kill()
            d.start()
        check(statuses["NOERROR"] > 0 and statuses["NXDOMAIN"] > 0, f"answers while it restarted: {statuses}")
        equal(set(statuses) - {"NOERROR", "NXDOMAIN", None}, set(), "statuses while it restarted")
        equal([n for n in d.up.names() if n.endswith("prod")], [])
        d.get_true("after.test")


# ---- loops ------------------------------------------------------------------------------------------------------

def test_forwarding_to_itself():
    with Forwarding() as d:
        d.configure(forward=["%s:%d" % d.address()])
        d.reload()
        before = d.counter("UdpQueries")
        took = timed(lambda: d.get_failure("round.test", NETWORK))
        check(took < 1, f"it took {took:.2f} s")
        check(d.counter("UdpQueries") - before <= 3, "hops")
        d.get_failure("round-1.test", NETWORK, tcp=True)
        equal(d.get("none.prod").status, "NXDOMAIN")
        check(d.counter("ForwardLoops") >= 2, "loops counted")


def test_two_at_each_other():
    with Forwarding() as a, Forwarding(namespace=["other"]) as b:
        for one, two in ((a, b), (b, a)):
            one.configure(forward=["%s:%d" % two.address()])
            one.reload()
        took = timed(lambda: a.get_failure("round.test", NETWORK))
        check(took < 1, f"it took {took:.2f} s")
        check(a.counter("UdpQueries") + b.counter("UdpQueries") <= 3, "hops")
        b.get_failure("round-1.test", NETWORK)
        equal(a.get("none.other").status, "NXDOMAIN", "what the other is asked for")
        equal(a.get("none.prod").status, "NXDOMAIN")


def test_marks_of_others(d):
    """A query may have come by other forwarders, but not by too many; ours is added to theirs."""
    def marked(n):
        return wire.opt(options=struct.pack("!HH", MARKS, 8 * n) + bytes(range(8)) * n)

    d.get_true("marks-1.test", edns=marked(3))
    (code, data), = d.up.last("marks-1.test").options
    equal((code, len(data), data[8:]), (MARKS, 32, bytes(range(8)) * 3))
    d.get_failure("marks-2.test", NETWORK, edns=marked(16))
    d.get_failure("marks-3.test", NETWORK, edns=marked(100))
    own = data[:8]
    d.get_failure("marks-4.test", NETWORK, edns=wire.opt(options=struct.pack("!HH", MARKS, 16) + bytes(8) + own))
    equal(d.up.count("marks-2.test") + d.up.count("marks-3.test") + d.up.count("marks-4.test"), 0)


# ---- resolv.conf ------------------------------------------------------------------------------------------------

def test_auto():
    """forward = "auto", in a network namespace with a resolv.conf of its own."""
    unshare, ip = tap.need("unshare", "util-linux"), tap.need("ip", "iproute2")
    own = [unshare, "--net", "--mount"] + (["--map-root-user"] if os.getuid() != 0 else [])
    if cmap.run(*own, "true").status != 0:
        raise tap.Skip("unshare is not allowed to make a network namespace")
    if not os.path.exists("/etc/resolv.conf"):
        raise tap.Skip("there is no /etc/resolv.conf to put another in its place")
    with tempfile.TemporaryDirectory(prefix="cmap-e2e-") as directory:
        conf = os.path.join(directory, "resolv.conf")
        write_resolv_conf(conf, "127.0.0.9")
        words = (f"{ip} link set lo up && mount --bind {conf} $(realpath /etc/resolv.conf) && "
                 "exec \"$@\"")
        done = cmap.run(*own, "sh", "-c", words, "sh", sys.executable, "-B", os.path.abspath(__file__), "auto", conf,
                        env=dict(cmap.environment(), builddir=cmap.BUILD))
        equal((done.status, done.out), (0, ""), done.err)


def write_resolv_conf(path, *servers):
    """In place, as the file is a mount of its own."""
    with open(path, "w", encoding="ascii") as out:
        out.write("# made by hand\nsearch prod\n" + "".join(f"nameserver {s}\n" for s in servers))


def auto_inside(conf):
    """What test_auto() runs in there, where port 53 is free."""
    with Upstream(host="127.0.0.1", port=53) as one, Upstream(host="127.0.0.2", port=53) as two:
        write_resolv_conf(conf, "127.0.0.9", "127.0.0.1")
        with Forwarding(up=one, forward="auto", listen=["127.0.0.9:53"]) as d:
            d.get_true("one.test")
            equal(d.counter("ForwardLoops"), 0, "itself is left out")
            write_resolv_conf(conf, "127.0.0.9", "127.0.0.2")
            tap.wait_until(lambda: d.get_true(f"n{time.monotonic_ns()}.test") and two.asked, "the file is read again")
            write_resolv_conf(conf, "127.0.0.9")
            d.reload()
            equal(d.get("three.test").status, "REFUSED", "nobody is left")
            check("names no server but this one" in d.logged(), d.logged())
            equal(flags_of(d.get("none.prod")), AA | RD)
            write_resolv_conf(conf, "127.0.0.2")
            d.reload()
            d.get_true("four.test")


# ---- what an attacker would have to guess -----------------------------------------------------------------------

class Guesses:
    """Has n distinct names forwarded, 64 on their way at a time; ports and ids are those that the upstream has seen."""

    WINDOW = 64

    def __init__(self, n):
        self.n, self.ports, self.ids, self.pairs = n, collections.Counter(), collections.Counter(), set()
        self.up = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.up.bind((upstream.HOST, 0))
        with self.up, Forwarding(forward=["%s:%d" % self.up.getsockname()], forward_cache=0) as d:
            with wire.Udp(d.address()) as client:
                self.run(client.socket)

    def run(self, client):
        sent = done = 0
        while done < self.n:
            while sent < self.n and sent - done < self.WINDOW:
                client.send(wire.query(f"{sent}.guess.test", ident=sent % 65536, flags=RD))
                sent += 1
            ready = select.select([client, self.up], [], [], tap.PATIENCE)[0]
            check(ready, f"{sent - done} queries stay without a reply")
            if self.up in ready:
                self.answer()
            if client in ready:
                reply = client.recv(512)
                equal(reply[3] & 0xF, 3, "RCODE")
                done += 1

    def answer(self):
        query, peer = self.up.recvfrom(512)
        ident = int.from_bytes(query[:2], "big")
        self.ports[peer[1]] += 1
        self.ids[ident] += 1
        self.pairs.add((peer[1], ident))
        self.up.sendto(query[:2] + b"\x81\x83" + query[4:], peer)


def chi_square(counts, cells):
    """How far so many counts are from equal, in standard deviations of what chance does (nearly normal for many cells)."""
    mean = sum(counts) / cells
    square = (sum((c - mean) ** 2 for c in counts) + (cells - len(counts)) * mean ** 2) / mean
    return (square - (cells - 1)) / (2 * (cells - 1)) ** 0.5


def test_ports_and_ids_cannot_be_guessed():
    """As reliable as chance: what it asks for is missed once in 1,000 years of runs."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        low, high = map(int, f.read().split())
    g = Guesses(QUERIES)
    cells = high - low + 1
    expected = cells * (1 - (1 - 1 / cells) ** g.n)  # distinct ones of so many draws
    tap.say(f"{g.n} queries: {len(g.ports)} ports ({expected:.0f} by chance), {len(g.pairs)} pairs, the commonest port "
            f"{max(g.ports.values())} times")
    check(len(g.ports) >= 0.73 * expected, f"{len(g.ports)} ports")  # 20,000 of 27,400 for 100,000 queries
    check(len(g.pairs) >= 0.9 * g.n, f"{len(g.pairs)} pairs of port and id")
    check(max(g.ports.values()) <= max(10, g.n // 1000), f"a port {max(g.ports.values())} times")
    for what, of in (("upper", lambda i: i >> 8), ("lower", lambda i: i & 255)):
        octets = collections.Counter(of(i) for i in g.ids.elements())
        off = chi_square(octets.values(), 256)
        check(abs(off) < 5, f"the {what} octets of the ids are {off:.1f} standard deviations off")
    check(max(g.ids.values()) <= 20, f"an id {max(g.ids.values())} times")


if __name__ == "__main__":
    if sys.argv[1:2] == ["auto"]:
        auto_inside(sys.argv[2])
    else:
        tap.main(globals(), start)
