# SPDX-License-Identifier: MIT
"""
Picture 2: a private subnet behind a NAT gateway.

    internet  203.0.113.0/24
       |  203.0.113.1, the NAT gateway
    subnet A, 172.31.16.0/20                  subnet B, 172.31.32.0/20
      host  172.31.16.10                        web-1  172.31.32.1
        c-1 ... c-12, on a bridge               web-2  172.31.32.2
                                                web-3  172.31.32.3
      client  172.31.16.3

Whoever is in a private subnet reaches the internet, where he is known by the gateway's address, and cannot be reached
from there. In the same way all containers on a bridge are one address to cmapd. Its answers are no less balanced: what
comes first is another one with every query, whoever asks.
"""

import collections

import internet
import lab
from lab import check, equal

SERVICE = "web.internal"
TASKS = {f"web-{i}": f"172.31.32.{i}" for i in (1, 2, 3)}
CONTAINERS = {f"c-{i}": f"172.17.0.{i + 1}" for i in range(1, 13)}


def start():
    vpc = lab.Vpc()
    outside = vpc.internet()
    outside.serve_zones()
    outside.serve("www.example.com")
    vpc.containers(vpc.host("host", "172.31.16.10"), CONTAINERS)
    for task, address in TASKS.items():
        vpc.task(task, address)
        vpc.ctl("register", SERVICE, "--id", task, "--ip", address)
    vpc.host("client", "172.31.16.3")
    return vpc


def test_the_internet_is_reached_through_the_gateway(vpc):
    for name in ("client", "c-1"):
        client = vpc.hosts[name]
        equal(client.output("kdig", "+short", f"@{internet.SERVER}", "www.example.com").split(), [internet.SITE])
        equal(client.connect(1, internet.SITE), {"www.example.com": 1})


def test_the_internet_does_not_reach_the_private_subnet(vpc):
    outside = vpc.hosts["internet"]
    for address in TASKS.values():
        said = outside.run("curl", "-sS", "--max-time", "2", f"http://{address}/")
        check(said.status != 0 and not said.out, said)


def test_containers_behind_one_address_share_the_load_evenly(vpc):
    total = collections.Counter()
    for name in CONTAINERS:
        counts = vpc.hosts[name].connect(60, SERVICE)
        lab.even(counts, TASKS)
        total.update(counts)
    lab.even(total, TASKS)


def test_a_single_lookup_of_each_container_is_balanced_too(vpc):
    """As of tasks that look up once, when they start, and keep what they got."""
    total = collections.Counter()
    for _ in range(5):
        total.update(vpc.hosts[name].getent(SERVICE)[0] for name in CONTAINERS)
    lab.even(total, TASKS.values())


if __name__ == "__main__":
    lab.main(globals(), start)
