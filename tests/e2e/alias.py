# SPDX-License-Identifier: MIT
"""alias.py -- names that are answered with the addresses of others (AWS_ALIAS_DNS_NAME)."""

import cmap
import tap
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


def test_the_last_answer_stays_when_the_target_is_silent(d):
    d.up.stop()
    tap.wait_until(lambda: "lb.example' cannot be resolved" in d.logged() or
                   d.dig("api.internal").answer[0].ttl == 30, "an answer that is not fresh")
    equal(values(d, "api.internal"), ["192.0.2.1", "192.0.2.2"])


def test_one_that_nobody_has_is_gone(d):
    d.ctl("deregister", "api.internal", "LB-example")
    equal(values(d, "api.internal"), [])


if __name__ == "__main__":
    tap.main(globals(), start)
