# SPDX-License-Identifier: MIT
"""alias.py -- names that are answered with the addresses of others (AWS_ALIAS_DNS_NAME)."""

import cmap
import tap
import wire
from tap import check, equal


def start():
    up = cmap.Daemon(namespace=["example"], udp_threads=1)
    up.service("lb.example", [("A", 1), ("AAAA", 1)])
    up.register("lb.example", "a", ipv4="192.0.2.1", ipv6="2001:db8::1")
    up.register("lb.example", "b", ipv4="192.0.2.2")
    d = cmap.Daemon(namespace=["internal"], udp_threads=1,
                    forward=["%s:%d" % up.address()], forward_timeout="200ms", forward_stale="1h")
    d.up = up
    return d


def values(d, name, rrtype="A"):
    return sorted(d.dig(name, rrtype).values())


def failure(d, name, rrtype="A"):
    """The status, and why (RFC 8914)."""
    with wire.Udp(d.address()) as client:
        reply = wire.Message(client.ask(wire.query(name, rrtype, edns=wire.opt())))
    return reply.status, reply.ede()


def fails(d, name, wanted):
    tap.wait_until(lambda: failure(d, name) == ("SERVFAIL", [wanted]), f"{name} SERVFAIL, EDE {wanted}")


def counts(d):
    return d.status()["Aliases"]


def is_answered(d, name, wanted, rrtype="A"):
    tap.wait_until(lambda: values(d, name, rrtype) == wanted, f"{name} {rrtype} {wanted}")


def test_a_name_has_the_addresses_of_its_target(d):
    equal(d.ctl("alias", "api.internal", "--to", "LB.example.").out, "LB-example\n")
    is_answered(d, "api.internal", ["192.0.2.1", "192.0.2.2"])
    is_answered(d, "api.internal", ["2001:db8::1"], "AAAA")
    answer = d.dig("api.internal", "CNAME")
    equal((answer.status, answer.values()), ("NOERROR", []))
    check(d.dig("api.internal").answer[0].ttl <= 1, "the TTL is the target's")


def test_it_follows_its_target(d):
    d.up.register("lb.example", "c", ipv4="192.0.2.3")
    is_answered(d, "api.internal", ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    d.up.deregister("lb.example", "c")
    is_answered(d, "api.internal", ["192.0.2.1", "192.0.2.2"])


def test_the_apex_of_a_namespace_can_be_one(d):
    equal(d.ctl("namespace", "create", "apex.internal").status, 0)
    equal(d.ctl("alias", "apex.internal", "--to", "lb.example").out, "lb-example\n")
    is_answered(d, "apex.internal", ["192.0.2.1", "192.0.2.2"])
    equal(d.dig("apex.internal", "SOA").status, "NOERROR")


def test_an_address_can_stand_at_an_apex_too(d):
    equal(d.ctl("namespace", "create", "own.internal").status, 0)
    equal(d.ctl("register", "own.internal", "--ip", "10.0.0.9").status, 64)
    equal(d.ctl("register", "own.internal", "--ip", "10.0.0.9", "--apex").out, "10-0-0-9\n")
    equal(values(d, "own.internal"), ["10.0.0.9"])


def test_a_target_may_be_a_name_of_ours(d):
    equal(d.ctl("register", "web.internal", "--ip", "10.0.0.1").status, 0)
    equal(d.ctl("alias", "front.internal", "--to", "web.internal").status, 0)
    is_answered(d, "front.internal", ["10.0.0.1"])


def test_it_outlives_a_restart(d):
    d.restart()
    is_answered(d, "api.internal", ["192.0.2.1", "192.0.2.2"])


def test_it_may_lead_to_another_alias(d):
    for name, target in ("third", "second"), ("second", "first"), ("first", "lb.example"):
        d.ctl("alias", name + ".internal", "--to", target + ("" if "." in target else ".internal"))
    is_answered(d, "third.internal", ["192.0.2.1", "192.0.2.2"])


def test_a_target_without_addresses_is_not_one_that_fails(d):
    d.ctl("alias", "none.internal", "--to", "no-such.example")
    tap.wait_until(lambda: failure(d, "none.internal") == ("NOERROR", []), "NODATA")
    equal(failure(d, "none.internal", "AAAA"), ("NOERROR", []))


def test_a_loop_fails_and_is_told(d):
    d.ctl("alias", "ring-a.internal", "--to", "ring-b.internal")
    d.ctl("alias", "ring-b.internal", "--to", "ring-a.internal")
    fails(d, "ring-a.internal", 22)
    fails(d, "ring-b.internal", 22)
    tap.wait_until(lambda: "'ring-a.internal' cannot be resolved, its name fails: it leads back to itself"
                   in d.logged(), "a line of log")
    equal(counts(d)["Failing"], 2)


def test_a_loop_that_is_opened_is_answered(d):
    d.ctl("alias", "ring-b.internal", "--to", "lb.example", "--id", "out")
    d.ctl("deregister", "ring-b.internal", "ring-a-internal")
    is_answered(d, "ring-b.internal", ["192.0.2.1", "192.0.2.2"])
    is_answered(d, "ring-a.internal", ["192.0.2.1", "192.0.2.2"])
    tap.wait_until(lambda: counts(d)["Failing"] == 0, "none fails")


def test_an_alias_that_is_registered_again_is_answered_all_the_time(d):
    for _ in range(20):
        d.ctl("alias", "api.internal", "--to", "LB.example.")
        equal(values(d, "api.internal"), ["192.0.2.1", "192.0.2.2"])


def test_the_last_answer_stays_when_the_target_is_silent(d):
    d.up.stop()
    tap.wait_until(lambda: "'lb.example' cannot be resolved, its last addresses stay" in d.logged(), "a line of log")
    equal(values(d, "api.internal"), ["192.0.2.1", "192.0.2.2"])
    check(counts(d)["Stale"] >= 1, "Status counts it")
    check("Aliases.Stale" in d.ctl("status").out, "cmapctl, too")


def test_what_has_never_been_resolved_fails_and_nobody_caches_it(d):
    d.ctl("alias", "late.internal", "--to", "late.example")
    check(failure(d, "late.internal") in (("SERVFAIL", [14]), ("SERVFAIL", [23])), "no NODATA")
    fails(d, "late.internal", 23)
    d.ctl("register", "late.internal", "--ip", "10.0.0.7")
    equal(values(d, "late.internal"), ["10.0.0.7"])


def test_after_a_bounded_time_it_fails(d):
    d.configure(forward_stale="1s")
    d.reload()
    fails(d, "api.internal", 23)


def test_one_that_nobody_has_is_gone(d):
    d.ctl("deregister", "api.internal", "LB-example")
    equal(failure(d, "api.internal"), ("NOERROR", []))
    equal(values(d, "api.internal"), [])


if __name__ == "__main__":
    tap.main(globals(), start)
