# SPDX-License-Identifier: MIT
"""
Picture 15: an internal load balancer, by an alias.

    internet  203.0.113.53   knows internal-lb-1.us-east-1.elb.amazonaws.com, as 172.31.16.5 and 172.31.32.5
       |  203.0.113.1, the NAT gateway
    cmapd  172.31.0.2        api.internal and shop.test are aliases of it
       |
    subnet A, 172.31.16.0/20        subnet B, 172.31.32.0/20
      lb-a  172.31.16.5               lb-b  172.31.32.5, and later lb-c  172.31.32.6
      client-a  172.31.16.3           client-b  172.31.32.9

A load balancer comes with a name of its provider's, and its addresses change. Its users want a name of their own for
it, be it the name of a whole zone, where a CNAME cannot stand. An alias is answered with the addresses themselves;
cmapd asks for them again ahead of time, and keeps the last ones as long as nobody answers.
"""

import json

import internet
import lab
from lab import check, equal, wait_until

BALANCER = "internal-lb-1.us-east-1.elb.amazonaws.com"
NODES = {"lb-a": "172.31.16.5", "lb-b": "172.31.32.5"}
API, APEX = "api.internal", "shop.test"


def start():
    vpc = lab.Vpc(namespace=["internal", APEX], forward=[internet.SERVER])
    vpc.internet().serve_zones()
    for node, address in {**NODES, "lb-c": "172.31.32.6"}.items():
        vpc.task(node, address)
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    vpc.ctl("alias", API, "--to", BALANCER)
    vpc.ctl("alias", APEX, "--to", BALANCER)
    for name in (API, APEX):
        lead_to(vpc, name, NODES.values())
    return vpc


def lead_to(vpc, name, addresses):
    """It comes to be answered with these."""
    wait_until(lambda: sorted(vpc.hosts["client-a"].dig(name).values()) == sorted(addresses),
               f"{name} leads to {sorted(addresses)}")


def test_an_alias_is_balanced_over_the_nodes(vpc):
    for client in ("client-a", "client-b"):
        lab.even(vpc.hosts[client].connect(100, API), NODES)


def test_an_alias_has_addresses_and_nothing_else(vpc):
    client = vpc.hosts["client-a"]
    answer = client.dig(API)
    check(all(record[0::2] == (f"{API}.", "A") and record.ttl <= 1 for record in answer.answer), answer.text)
    check("aa" in answer.flags, "the name is ours")
    for qtype in ("CNAME", "AAAA", "TYPE65"):
        answer = client.dig(API, qtype)
        equal((answer.status, answer.values()), ("NOERROR", []), qtype)


def test_it_works_at_the_apex_of_a_zone(vpc):
    client = vpc.hosts["client-b"]
    lab.even(client.connect(100, APEX), NODES)
    equal([record.type for record in client.dig(APEX, "SOA").answer], ["SOA"])
    equal([record.type for record in client.dig(APEX, "NS").answer], ["NS"])
    equal(client.dig(APEX, "CNAME").values(), [])


def test_a_program_with_a_resolver_of_its_own_finds_it(vpc):
    """Node's resolve4, which is c-ares. It may take some answers to hear of both nodes, of which one is nearer."""
    script = f"""(async () => {{
        for (let i = 0; i < 20; i++)
            console.log((await require("dns").promises.resolve4("{API}")).join(" "));
    }})();"""
    equal(sorted(set(vpc.hosts["client-a"].output("node", "-e", script).split())), sorted(NODES.values()))


def test_the_alias_follows_the_balancer(vpc):
    vpc.hosts["internet"].change_zone("amazonaws.com", NODES["lb-b"], "172.31.32.6", (BALANCER, "A"))
    for name in (API, APEX):
        lead_to(vpc, name, [NODES["lb-a"], "172.31.32.6"])
        lab.even(vpc.hosts["client-b"].connect(50, name), ["lb-a", "lb-c"])


def test_the_last_answer_stays_when_the_server_dies(vpc):
    vpc.hosts["internet"].kill()
    client = vpc.hosts["client-a"]
    wait_until(lambda: json.loads(vpc.ctl("status", "--json"))["Aliases"]["Stale"] == 1, "a target that is silent")
    equal(client.dig(BALANCER, "MX", "+time=6", "+tries=1").status, "SERVFAIL")
    for name in (API, APEX):
        lead_to(vpc, name, [NODES["lb-a"], "172.31.32.6"])
        lab.even(client.connect(50, name), ["lb-a", "lb-c"])


if __name__ == "__main__":
    lab.main(globals(), start)
