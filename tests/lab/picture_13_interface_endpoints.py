# SPDX-License-Identifier: MIT
"""
Picture 13: interface endpoints, foreign services with an address inside.

    internet  203.0.113.102 ecs, .103 api.ecr, .104 *.dkr.ecr, .105 sts ... .us-east-1.amazonaws.com
       |  203.0.113.1, the NAT gateway
    cmapd  172.31.0.2                       view = {"vpc 172.31.0.0/16"}
       |
    ecr  172.31.16.5    images  172.31.16.6     the endpoints
    client-a  172.31.16.3    client-b  172.31.32.9    task  100.64.0.3, of a range that is not in the view

Inside the view some names of a foreign domain lead to endpoints in here. Each such name is replaced as a whole: were
other types of it still those of outside, a program that prefers IPv6, or asks for HTTPS records (type 65), would go
out. The names beside it are those of outside, and so is everything for who is not in the view.
"""

import internet
import lab
from lab import check, equal

REGION = "us-east-1.amazonaws.com"
ECR, ENDPOINT, PUBLIC = f"api.ecr.{REGION}", "172.31.16.5", "203.0.113.103"
IMAGES, IMAGES_ENDPOINT, IMAGES_PUBLIC = f"dkr.ecr.{REGION}", "172.31.16.6", "203.0.113.104"
INSIDE, BESIDE = ("client-a", "client-b"), "task"


def start():
    vpc = lab.Vpc(forward=[internet.SERVER], view=["vpc 172.31.0.0/16"], zone_dir=".")
    outside = vpc.internet()
    outside.serve_zones()
    outside.serve("the internet")
    vpc.task("ecr", ENDPOINT)
    vpc.ctl("namespace", "create", ECR)
    vpc.ctl("register", ECR, "--apex", "--ip", ENDPOINT)
    vpc.task("images", IMAGES_ENDPOINT)
    vpc.write(f"{IMAGES}.zone", f"*  60  A  {IMAGES_ENDPOINT}\n")
    vpc.ctl("namespace", "create", IMAGES)
    for name, address in (("client-a", "172.31.16.3"), ("client-b", "172.31.32.9"), ("task", "100.64.0.3")):
        vpc.host(name, address)
    return vpc


def is_nothing(answer):
    """The name is there, of that type is nothing."""
    equal((answer.status, answer.values()), ("NOERROR", []))
    check(any(record.type == "SOA" for record in answer.authority), f"no SOA record:\n{answer.text}")


def test_the_endpoint_is_reached_from_inside(vpc):
    for client in (vpc.hosts[name] for name in INSIDE):
        equal(client.getent(ECR), [ENDPOINT])
        equal(client.get(f"http://{ECR}/"), "ecr")


def test_the_public_address_is_reached_from_outside_the_view(vpc):
    client = vpc.hosts[BESIDE]
    equal(client.getent(ECR), [PUBLIC])
    equal(client.get(f"http://{ECR}/"), "the internet")
    equal(client.dig(ECR, "AAAA").values(), ["2001:db8::103"])
    equal(vpc.hosts["internet"].ask(ECR).split(), [PUBLIC])


def test_a_name_that_is_replaced_has_no_other_types_inside(vpc):
    outside = vpc.hosts["internet"]
    asked = outside.counted("first")
    for qtype in ("AAAA", "TYPE65", "TYPE64", "MX", "TXT"):
        is_nothing(vpc.hosts["client-a"].dig(ECR, qtype))
    equal(vpc.hosts["client-a"].dig(f"below.{ECR}").status, "NXDOMAIN")
    equal(outside.counted("first"), asked, "queries that went out")
    equal(outside.ask(ECR, "TYPE65").split()[:2], ["1", "."], "what is out there")
    check(vpc.hosts[BESIDE].dig(ECR, "TYPE65").values(), "and is told to who is not in the view")


def test_names_beside_it_are_forwarded(vpc):
    client = vpc.hosts["client-a"]
    for name, address in ((f"ecs.{REGION}", "203.0.113.102"), (f"sts.{REGION}", "203.0.113.105"),
                          (f"bucket.s3.{REGION}", "203.0.113.101")):
        equal(client.getent(name), [address])
        equal(client.get(f"http://{name}/"), "the internet")
    equal(client.dig(f"ecs.{REGION}", "AAAA").values(), ["2001:db8::102"])
    is_nothing(client.dig(f"ecr.{REGION}"))  # which is above it
    equal(client.dig(f"none.ecr.{REGION}").status, "NXDOMAIN")


def test_a_wildcard_of_a_zone_file_replaces_all_names_below_one(vpc):
    for account in ("123456789012", "210987654321"):
        name = f"{account}.{IMAGES}"
        equal(vpc.hosts["client-b"].getent(name), [IMAGES_ENDPOINT])
        equal(vpc.hosts["client-b"].get(f"http://{name}/"), "images")
        is_nothing(vpc.hosts["client-b"].dig(name, "AAAA"))
        is_nothing(vpc.hosts["client-b"].dig(name, "TYPE65"))
        equal(vpc.hosts[BESIDE].getent(name), [IMAGES_PUBLIC])


def test_without_the_endpoint_the_public_address_is_back(vpc):
    vpc.ctl("namespace", "delete", ECR, "--force")
    equal(vpc.hosts["client-a"].getent(ECR), [PUBLIC])
    equal(vpc.hosts["client-a"].dig(ECR, "AAAA").values(), ["2001:db8::103"])
    equal(vpc.hosts["client-a"].getent(f"1.{IMAGES}"), [IMAGES_ENDPOINT])


if __name__ == "__main__":
    lab.main(globals(), start)
