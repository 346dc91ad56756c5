# SPDX-License-Identifier: MIT
"""views.py -- who sees which namespace, and what those outside find: clients are loopback addresses."""

import cmap
import tap
from tap import equal

VPC_1, VPC_2, OFFICE, OUTSIDE = "127.0.0.17", "127.0.0.33", "127.0.0.1", "127.0.0.77"


def start():
    up = cmap.Daemon(namespace=["example", "amazonaws.com"], udp_threads=1)
    up.service("www.example", [("A", 60)])
    up.register("www.example", "w", ipv4="198.51.100.1")
    for name in ("api.ecr.us-east-1", "ecr.us-east-1"):
        up.service(f"{name}.amazonaws.com", [("A", 60), ("AAAA", 60)])
        up.register(f"{name}.amazonaws.com", "public", ipv4="203.0.113.9", ipv6="2001:db8::9")
    d = cmap.Daemon(
        namespace=["internal"], udp_threads=1, reverse=["10.1.0.0/24"], listen=["0.0.0.0:0"], forward=["%s:%d" % up.address()],
        forward_allow=["127.0.0.0/26"],
        view=["vpc-1 127.0.0.16/28", "vpc-2 127.0.0.32/28", "office 127.0.0.0/26", "outside 127.0.0.5"])
    d.up = up
    d.namespace("one.example", Vpc="vpc-1")
    d.namespace("api.ecr.us-east-1.amazonaws.com", Vpc="vpc-1")
    d.namespace("shop.test", "PublicDns")
    # Three namespaces of one name; what a second and a third go by is generated.
    d.namespace("corp.test", "PublicDns")
    d.corp = {"public": "corp.test"}
    for vpc in ("vpc-1", "vpc-2"):
        ns = d.call("GetNamespace", {"Id": d.namespace("corp.test", Vpc=vpc)})["Namespace"]
        d.corp[vpc] = ns["Properties"]["HttpProperties"]["HttpName"]
    for number, ns in enumerate(d.corp.values()):
        d.service(f"db.{ns}", [("A", 60)])
        d.register(f"db.{ns}", "i", ipv4=f"10.1.0.{number}")
        d.service(f"own-{number}.{ns}", [("A", 60)])
        d.register(f"own-{number}.{ns}", "i", ipv4="10.1.0.200")
    for name in ("web.internal", "web.one.example", "api.ecr.us-east-1.amazonaws.com"):
        d.service(name, [("A", 60)])
    d.register("web.internal", "i", ipv4="10.0.0.1")
    d.register("web.one.example", "i", ipv4="10.0.0.2")
    d.register("api.ecr.us-east-1.amazonaws.com", "endpoint", ipv4="10.0.0.3")
    d.service("www.shop.test", [("A", 60), ("AAAA", 60), ("SRV", 60)])
    d.register("www.shop.test", "i", ipv4="10.0.0.4", ipv6="fd00::4", port=80, CMAP_PUBLIC_IPV4="192.0.2.4")
    return d


def see(d, client, name, qtype="A"):
    """Status and data of what that client is answered."""
    at = ("127.0.0.1", d.address()[1])
    found = d.dig(name, qtype, "-b", client, "+rec", at=at)
    return found.status, sorted(found.values())


def test_a_private_namespace_is_seen_in_the_view_of_its_vpc(d):
    equal(see(d, VPC_1, "web.one.example"), ("NOERROR", ["10.0.0.2"]))
    equal(see(d, VPC_2, "web.one.example")[0], "NXDOMAIN", "the upstream resolver's answer")
    equal(see(d, OUTSIDE, "web.one.example")[0], "REFUSED")


def test_a_vpc_that_is_no_view_is_seen_by_all_inside(d):
    for client in (VPC_1, VPC_2, OFFICE):
        equal(see(d, client, "web.internal"), ("NOERROR", ["10.0.0.1"]))
    equal(see(d, OUTSIDE, "web.internal")[0], "REFUSED")
    equal(see(d, "127.0.0.5", "web.internal")[0], "SERVFAIL", "forwarded, and refused there")


def test_a_public_namespace_is_seen_by_all_with_other_addresses_outside(d):
    equal(see(d, OFFICE, "www.shop.test"), ("NOERROR", ["10.0.0.4"]))
    equal(see(d, OFFICE, "www.shop.test", "AAAA"), ("NOERROR", ["fd00::4"]))
    equal(see(d, OUTSIDE, "www.shop.test"), ("NOERROR", ["192.0.2.4"]))
    equal(see(d, OUTSIDE, "www.shop.test", "AAAA"), ("NOERROR", []))
    equal(see(d, OUTSIDE, "i.www.shop.test"), ("NOERROR", ["192.0.2.4"]))


def test_one_name_of_a_foreign_domain_is_replaced_where_it_is_seen(d):
    equal(see(d, VPC_1, "api.ecr.us-east-1.amazonaws.com"), ("NOERROR", ["10.0.0.3"]))
    equal(see(d, VPC_1, "api.ecr.us-east-1.amazonaws.com", "AAAA"), ("NOERROR", []))
    equal(see(d, VPC_1, "api.ecr.us-east-1.amazonaws.com", "TYPE65"), ("NOERROR", []))
    equal(see(d, VPC_1, "ecr.us-east-1.amazonaws.com"), ("NOERROR", ["203.0.113.9"]))
    equal(see(d, OFFICE, "api.ecr.us-east-1.amazonaws.com"), ("NOERROR", ["203.0.113.9"]))
    equal(see(d, OFFICE, "api.ecr.us-east-1.amazonaws.com", "AAAA"), ("NOERROR", ["2001:db8::9"]))


def test_each_view_finds_its_namespace_of_a_name(d):
    for client, address in ((VPC_1, 1), (VPC_2, 2), (OFFICE, 0), (OUTSIDE, 0)):
        equal(see(d, client, "db.corp.test"), ("NOERROR", [f"10.1.0.{address}"]), client)
    second = d.corp["vpc-1"]
    equal(second.rsplit("-", 1)[0], "corp.test")
    d.service(f"only.{second}", [("A", 60)])
    d.register(f"only.{second}", "i", ipv4="10.1.0.9")
    equal(see(d, VPC_1, "only.corp.test"), ("NOERROR", ["10.1.0.9"]))
    for client in (VPC_2, OFFICE, OUTSIDE):
        equal(see(d, client, "only.corp.test")[0], "NXDOMAIN", client)


def test_the_api_tells_them_apart_by_HttpName_and_id(d):
    listed = d.call("ListNamespaces", {"Filters": [{"Name": "NAME", "Values": ["corp.test"]}]})["Namespaces"]
    equal(sorted(ns["Properties"]["HttpProperties"]["HttpName"] for ns in listed), sorted(d.corp.values()))
    for number, (vpc, name) in enumerate(d.corp.items()):
        found = d.call("DiscoverInstances", {"NamespaceName": name, "ServiceName": "db"})["Instances"]
        equal([i["Attributes"]["AWS_INSTANCE_IPV4"] for i in found], [f"10.1.0.{number}"], vpc)
        listed = d.call("ListNamespaces", {"Filters": [{"Name": "HTTP_NAME", "Values": [name]}]})["Namespaces"]
        equal(len(listed), 1, name)
    again = d.refused("CreatePrivateDnsNamespace", {"Name": "CORP.test.", "Vpc": "vpc-2"})
    equal(again.type, "NamespaceAlreadyExists")
    inside = d.refused("CreatePrivateDnsNamespace", {"Name": "db.corp.test", "Vpc": "vpc-3"})
    equal(inside.type, "InvalidInput")


def test_the_names_of_an_address_are_those_of_namespaces_that_the_client_sees(d):
    for client, number in ((VPC_1, 1), (VPC_2, 2), (OFFICE, 0)):
        equal(see(d, client, "200.0.1.10.in-addr.arpa", "PTR"), ("NOERROR", [f"own-{number}.corp.test."]), client)
        for other in range(3):
            status = see(d, client, f"{other}.0.1.10.in-addr.arpa", "PTR")[0]
            equal(status, "NOERROR" if other == number else "NXDOMAIN", f"{client} {other}")


def test_cmapctl_goes_by_the_HttpName(d):
    made = d.ctl("namespace", "create", "lab.example", "--vpc", "vpc-1")
    equal(made.status, 0, made.err)
    made = d.ctl("namespace", "create", "lab.example", "--vpc", "vpc-2")
    equal(made.status, 0, made.err)
    name = "lab.example-" + made.out.strip().split("-")[1]
    equal(name in d.ctl("namespace", "list").out, True)
    equal(d.ctl("register", f"web.{name}", "--ip", "10.2.0.2").status, 0)
    equal(see(d, VPC_2, "web.lab.example"), ("NOERROR", ["10.2.0.2"]))
    equal(see(d, VPC_1, "web.lab.example")[0], "NXDOMAIN")
    equal(f"web.{name}" in d.ctl("list").out, True)
    equal("10.2.0.2" in d.ctl("export", name).out, True)
    equal(d.ctl("namespace", "delete", name, "--force").status, 0)
    equal(see(d, VPC_2, "web.lab.example")[0], "NXDOMAIN")


def test_views_change_at_SIGHUP(d):
    view = d.settings["view"]
    d.configure(view=["vpc-2 127.0.0.0/26"])
    d.reload()
    equal(see(d, VPC_1, "web.one.example"), ("NOERROR", ["10.0.0.2"]), "vpc-1 is no view any more")
    d.configure(view=[])
    d.reload()
    equal(see(d, OUTSIDE, "web.internal"), ("NOERROR", ["10.0.0.1"]))
    equal(see(d, OUTSIDE, "www.shop.test"), ("NOERROR", ["10.0.0.4"]))
    equal(see(d, VPC_2, "db.corp.test"), ("NOERROR", ["10.1.0.0"]), "without views the oldest is seen by all")
    equal(d.logged().count("is seen by nobody"), 2)
    d.configure(view=view)
    d.reload()
    equal(see(d, OUTSIDE, "www.shop.test"), ("NOERROR", ["192.0.2.4"]))


def test_they_outlive_a_restart(d):
    d.restart()
    equal(see(d, VPC_2, "web.one.example")[0], "NXDOMAIN")
    equal(see(d, OUTSIDE, "www.shop.test"), ("NOERROR", ["192.0.2.4"]))
    equal(see(d, VPC_1, "db.corp.test"), ("NOERROR", ["10.1.0.1"]))
    equal(d.call("Cmap_v1.FindService", {"Name": "db." + d.corp["vpc-2"]})["Namespace"]["Name"], "corp.test")


if __name__ == "__main__":
    tap.main(globals(), start)
