# SPDX-License-Identifier: MIT
"""
Picture 12: a gateway endpoint, where the name stays and the route changes.

    internet  203.0.113.101  s3.us-east-1.amazonaws.com
       |  203.0.113.1, the NAT gateway
    router -- 203.0.113.101/32 via 172.31.0.9 -- the endpoint
       |
    cmapd  172.31.0.2      client-a  172.31.16.3      client-b  172.31.32.9

Traffic to S3 takes another way because the subnets' route tables say so, and not because of DNS. So there is nothing to
be done for cmapd, and it does nothing: whatever is asked about the name, it answers what the server outside says.
"""

import internet
import lab
from lab import check, equal

S3, ADDRESS, ENDPOINT = "s3.us-east-1.amazonaws.com", "203.0.113.101", "172.31.0.9"


def start():
    vpc = lab.Vpc(forward=[internet.SERVER])
    outside = vpc.internet()
    outside.serve_zones()
    outside.serve("the internet")
    endpoint = vpc.host("endpoint", ENDPOINT)
    endpoint.ip(f"addr add {ADDRESS}/32 dev lo")
    endpoint.serve("endpoint")
    vpc.host("client-a", "172.31.16.3")
    vpc.host("client-b", "172.31.32.9")
    return vpc


def is_as_outside(vpc, name, qtype):
    """What cmapd answers and what the server does are the same but for TTLs that run."""
    here, there = vpc.hosts["client-a"].dig(name, qtype), vpc.hosts["client-a"].dig(name, qtype, f"@{internet.SERVER}")
    equal(here.status, there.status, f"{name} {qtype}")
    equal(*([(r.name, r.type, r.data) for r in sorted(found.answer)] for found in (here, there)), f"{name} {qtype}")
    check(all(mine.ttl <= theirs.ttl for mine, theirs in zip(here.answer, there.answer)), here.text + there.text)


def route(vpc, what):
    vpc.router.ip(f"route {what} {ADDRESS}/32 via {ENDPOINT}")


def test_without_the_endpoint_S3_is_reached_through_the_gateway(vpc):
    for client in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        equal(client.get(f"http://bucket.{S3}/"), "the internet")


def test_with_the_endpoint_it_is_reached_by_the_same_name_and_address(vpc):
    route(vpc, "add")
    for client in (vpc.hosts["client-a"], vpc.hosts["client-b"]):
        equal(client.getent(f"bucket.{S3}"), [ADDRESS])
        for name in (S3, f"bucket.{S3}", ADDRESS):
            equal(client.get(f"http://{name}/"), "endpoint")


def test_whatever_is_asked_about_the_name_is_answered_as_outside(vpc):
    for name in (S3, f"bucket.{S3}", f"another.bucket.{S3}", "us-east-1.amazonaws.com", "none.amazonaws.com"):
        for qtype in ("A", "AAAA", "TYPE65", "TXT", "CNAME"):
            for _ in range(2):  # as it comes, and as it is kept
                is_as_outside(vpc, name, qtype)


def test_without_it_the_old_way_is_back(vpc):
    route(vpc, "delete")
    equal(vpc.hosts["client-b"].get(f"http://{S3}/"), "the internet")


if __name__ == "__main__":
    lab.main(globals(), start)
