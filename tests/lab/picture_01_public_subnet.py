# SPDX-License-Identifier: MIT
"""
Picture 1: a public subnet, one registration and two answers.

    internet  203.0.113.53, a client there, and all the world
       |
    router, the internet gateway: 203.0.113.2 is cmapd's port 53, 203.0.113.11 is web-1, 203.0.113.12 web-2
       |
    cmapd  172.31.0.2                                view = {"inside 172.31.0.0/16"}
    web-1  172.31.16.1    web-2  172.31.16.2         www.shop.test, a public namespace
    client-a  172.31.16.3    client-b  172.31.32.9   db.internal, a private one

Each task is registered once, with the address of its interface and the one that it has on the internet. Who is inside
is answered with the first, who is not with the second; and cmapd, which faces the internet here, tells it nothing else:
no private names, no foreign ones, no zone as a whole.
"""

import internet
import lab
from lab import check, equal

CMAPD = "203.0.113.2"
SERVICE, PRIVATE = "www.shop.test", "db.internal"
TASKS = {"web-1": ("172.31.16.1", "203.0.113.11"), "web-2": ("172.31.16.2", "203.0.113.12")}
PRIVATE_ADDRESSES, PUBLIC_ADDRESSES = (sorted(addresses) for addresses in zip(*TASKS.values()))


def start():
    vpc = lab.Vpc(view=["inside 172.31.0.0/16"], forward=[internet.SERVER], reverse=["172.31.0.0/16"])
    outside = vpc.internet()
    outside.serve_zones()
    outside.give(CMAPD, vpc.hosts["dns"], port=53)
    outside.use_resolver(CMAPD)
    vpc.ctl("namespace", "create", "shop.test", "--public")
    for task, (address, public) in TASKS.items():
        outside.give(public, vpc.task(task, address))
        vpc.ctl("register", SERVICE, "--id", task, "--ip", address, "--port", "80",
                "--attr", f"CMAP_PUBLIC_IPV4={public}")
    vpc.ctl("register", PRIVATE, "--ip", "172.31.32.5")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def found(client, name):
    """The addresses that some answers in a row give."""
    return sorted({address for _ in range(8) for address in client.getent(name)})


def test_inside_the_private_addresses_are_answered(vpc):
    for client in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        equal(found(client, SERVICE), PRIVATE_ADDRESSES)
        lab.even(client.connect(100, SERVICE), TASKS)


def test_outside_the_public_addresses_are_answered(vpc):
    client = vpc.hosts["internet"]
    equal(found(client, SERVICE), PUBLIC_ADDRESSES)
    equal(sorted(client.dig(SERVICE, "A", "+tcp").values()), PUBLIC_ADDRESSES)
    lab.even(client.connect(100, SERVICE), TASKS)


def test_SRV_records_lead_to_the_same_addresses(vpc):
    for client, field in (("client-a", 0), ("internet", 1)):
        answer = vpc.hosts[client].dig(SERVICE, "SRV")
        equal(sorted(answer.values()), [f"1 1 80 {task}.{SERVICE}." for task in TASKS])
        equal(sorted(record.data for record in answer.additional), sorted(of[field] for of in TASKS.values()), client)
        for task, addresses in TASKS.items():
            equal(vpc.hosts[client].dig(f"{task}.{SERVICE}").values(), [addresses[field]], client)


def test_a_client_cannot_say_that_it_is_inside(vpc):
    """With a client subnet (RFC 7871), which a resolver sends on behalf of others."""
    answer = vpc.hosts["internet"].dig(SERVICE, "A", "+subnet=172.31.16.0/20")
    equal(sorted(answer.values()), PUBLIC_ADDRESSES)


def is_refused(answer):
    equal((answer.status, answer.values()), ("REFUSED", []))
    check("ra" not in answer.flags, f"recursion is offered: {answer.flags}")


def test_private_and_foreign_names_are_for_those_inside(vpc):
    inside, outside = vpc.hosts["client-a"], vpc.hosts["internet"]
    equal(inside.getent(PRIVATE), ["172.31.32.5"])
    equal(inside.getent("www.example.com"), [internet.SITE])
    for name in (PRIVATE, "internal", "none.internal", "www.example.com", "none.test", "."):
        is_refused(outside.dig(name))
        is_refused(outside.dig(name, "A", "+tcp"))


def test_names_of_addresses_are_for_those_inside(vpc):
    equal(vpc.hosts["client-a"].dig("1.16.31.172.in-addr.arpa", "PTR").values(), [f"web-1.{SERVICE}."])
    is_refused(vpc.hosts["internet"].dig("1.16.31.172.in-addr.arpa", "PTR"))
    is_refused(vpc.hosts["internet"].dig("5.32.31.172.in-addr.arpa", "PTR"))


def test_a_zone_is_not_given_away(vpc):
    outside = vpc.hosts["internet"]
    check("Transfer failed" in outside.output("dig", "+time=2", "shop.test", "AXFR"), "AXFR")
    equal(sorted(outside.dig(SERVICE, "ANY", "+notcp").values()), PUBLIC_ADDRESSES, "one RRset (RFC 8482)")


def test_a_task_that_is_gone_is_gone_for_both(vpc):
    vpc.ctl("deregister", SERVICE, "web-2")
    equal(found(vpc.hosts["client-b"], SERVICE), ["172.31.16.1"])
    equal(found(vpc.hosts["internet"], SERVICE), ["203.0.113.11"])


if __name__ == "__main__":
    lab.main(globals(), start)
