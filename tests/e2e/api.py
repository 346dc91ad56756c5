# SPDX-License-Identifier: MIT
"""api.py -- Cloud Map's operations and ours, from the first namespace to the last, over both doors."""

import contextlib
import http.client
import json
import re
import socket
import time

import cmap
import tap
from tap import check, equal

ARN = "arn:aws:servicediscovery:eu-central-1:123456789012:"


def start():
    return cmap.Daemon(api="127.0.0.1:0", account="123456789012", region="eu-central-1")


def over_tcp(d):
    return http.client.HTTPConnection(*d.addresses("http")[0], timeout=tap.PATIENCE)


def without(answer, *members):
    return {k: v for k, v in answer.items() if k not in members}


def life(d, connection, name):
    """Everything once, on one connection that stays open."""
    def call(operation, **body):
        return cmap.call(connection, operation, body)

    def operation(answer, kind, targets):
        done = call("GetOperation", OperationId=answer["OperationId"])["Operation"]
        check(re.fullmatch(r"[a-z2-7]{32}-[0-9a-z]{8}", done["Id"]), done["Id"])
        check(abs(done["CreateDate"] - time.time()) < 60, "its date")
        equal(without(done, "CreateDate", "UpdateDate", "Id"), {
            "OwnerAccount": "123456789012", "Type": kind, "Status": "SUCCESS", "Targets": targets or done["Targets"]})
        return done["Targets"]

    namespace = operation(call("CreatePrivateDnsNamespace", Name=name, Vpc="vpc-1", Description="all of it",
                               CreatorRequestId="n-1"), "CREATE_NAMESPACE", None)["NAMESPACE"]
    check(re.fullmatch(r"ns-[a-z2-7]{16}", namespace), namespace)
    got = call("GetNamespace", Id=ARN + "namespace/" + namespace)["Namespace"]
    check(re.fullmatch(r"Z[0-9A-Z]+", got["Properties"]["DnsProperties"].pop("HostedZoneId")), got)
    equal(without(got, "CreateDate"), {
        "Id": namespace, "Arn": ARN + "namespace/" + namespace, "ResourceOwner": "123456789012", "Name": name,
        "Type": "DNS_PRIVATE", "Description": "all of it", "ServiceCount": 0, "CreatorRequestId": "n-1",
        "Properties": {"DnsProperties": {"SOA": {}}, "HttpProperties": {"HttpName": name}}})

    config = {"RoutingPolicy": "MULTIVALUE", "DnsRecords": [{"Type": "A", "TTL": 60}, {"Type": "SRV", "TTL": 30}]}
    service = call("CreateService", Name="web", NamespaceId=namespace, DnsConfig=config, CreatorRequestId="s-1",
                   HealthCheckCustomConfig={})["Service"]
    check(re.fullmatch(r"srv-[a-z2-7]{16}", service["Id"]), service["Id"])
    equal(without(service, "CreateDate"), {
        "Id": service["Id"], "Arn": ARN + "service/" + service["Id"], "ResourceOwner": "123456789012", "Name": "web",
        "NamespaceId": namespace, "DnsConfig": {"NamespaceId": namespace, **config}, "Type": "DNS_HTTP",
        "HealthCheckCustomConfig": {"FailureThreshold": 1}, "CreatorRequestId": "s-1",
        "CreatedByAccount": "123456789012"})

    attributes = {"AWS_INSTANCE_IPV4": "10.0.0.1", "AWS_INSTANCE_PORT": "80", "stage": "beta", "empty": "",
                  "AWS_INIT_HEALTH_STATUS": "UNHEALTHY"}
    operation(call("RegisterInstance", ServiceId=service["Id"], InstanceId="i-1", Attributes=attributes,
                   CreatorRequestId="i-once"), "REGISTER_INSTANCE", {"INSTANCE": "i-1", "SERVICE": service["Id"]})
    equal(d.dig("web." + name, "SRV").values(), [f"1 1 80 i-1.web.{name}."])
    equal(call("GetInstance", ServiceId=service["Id"], InstanceId="i-1"), {
        "ResourceOwner": "123456789012", "Instance": {
            "Id": "i-1", "CreatorRequestId": "i-once", "Attributes": attributes, "CreatedByAccount": "123456789012"}})
    equal(call("ListInstances", ServiceId=service["Id"])["Instances"],
          [{"Id": "i-1", "Attributes": attributes, "CreatedByAccount": "123456789012"}])
    found = call("DiscoverInstances", NamespaceName=name, ServiceName="web", HealthStatus="ALL")
    equal(found["Instances"], [{"InstanceId": "i-1", "NamespaceName": name, "ServiceName": "web",
                                "HealthStatus": "UNHEALTHY", "Attributes": attributes}])
    check(0 < found["InstancesRevision"] < 1 << 53, found["InstancesRevision"])
    equal(call("GetService", Id=service["Id"])["Service"]["InstanceCount"], 1)
    equal(call("Cmap_v1.FindService", Name=f"web.{name}")["Service"]["Arn"], service["Arn"])

    operation(call("DeregisterInstance", ServiceId=service["Id"], InstanceId="i-1"), "DEREGISTER_INSTANCE",
              {"INSTANCE": "i-1", "SERVICE": service["Id"]})
    equal(call("DeleteService", Id=service["Id"]), {})
    operation(call("DeleteNamespace", Id=namespace), "DELETE_NAMESPACE", {"NAMESPACE": namespace})
    check(name not in [n["Name"] for n in call("ListNamespaces")["Namespaces"]], "it is gone")


def test_a_life_on_the_socket(d):
    with contextlib.closing(d.connect()) as connection:
        life(d, connection, "unix.example")


def test_a_life_over_TCP(d):
    with contextlib.closing(over_tcp(d)) as connection:
        life(d, connection, "tcp.example")


def test_pages(d):
    d.namespace("pages.example")
    ids = []
    for i in range(7):
        ids.append(d.service(f"s{i}.pages.example", [("A", 60)]))
    for i in range(250):
        d.register("s0.pages.example", f"i-{i:03}", ipv4=f"10.1.0.{i}")
    filters = [{"Name": "NAMESPACE_ID", "Condition": "EQ", "Values": [
        d.call("GetService", {"Id": ids[0]})["Service"]["NamespaceId"]]}]
    for size in (1, 3, 7, 100):
        pages = d.list("ListServices", "Services", {"MaxResults": size, "Filters": filters})
        equal(sorted(s["Id"] for s in pages), sorted(ids))
        dates = [s["CreateDate"] for s in pages]  # of one millisecond may be several, in any order
        equal(dates, sorted(dates))
    first = d.call("ListInstances", {"ServiceId": ids[0]})
    equal(len(first["Instances"]), 100)
    # What comes and goes between two pages moves nothing else.
    d.deregister("s0.pages.example", "i-050")
    d.deregister("s0.pages.example", "i-120")
    d.register("s0.pages.example", "i-099x", ipv4="10.1.1.1")
    second = d.call("ListInstances", {"ServiceId": ids[0], "NextToken": first["NextToken"]})
    equal([i["Id"] for i in second["Instances"]][:3], ["i-099x", "i-100", "i-101"])
    check("i-120" not in [i["Id"] for i in second["Instances"]], "deregistered")
    equal(len(d.instances("s0.pages.example")), 249)


def test_filters_of_namespaces(d):
    d.namespace("calls", kind="Http")
    d.namespace("dns.example")

    def names(*filters):
        found = d.list("ListNamespaces", "Namespaces", {"Filters": [
            {"Name": n, "Condition": c, "Values": [v]} for n, c, v in filters]})
        return sorted(n["Name"] for n in found if n["Name"] in ("calls", "dns.example"))

    equal(names(("TYPE", "EQ", "HTTP")), ["calls"])
    equal(names(("TYPE", "EQ", "DNS_PRIVATE"), ("NAME", "EQ", "dns.example")), ["dns.example"])
    equal(names(("NAME", "BEGINS_WITH", "dn")), ["dns.example"])
    equal(names(("HTTP_NAME", "EQ", "calls")), ["calls"])
    equal(names(("RESOURCE_OWNER", "EQ", "SELF")), ["calls", "dns.example"])


def test_discovery(d):
    d.namespace("disco.example")
    d.service("api.disco.example", [("A", 60)], HealthCheckCustomConfig={})
    for i in range(10):
        d.register("api.disco.example", f"i-{i}", ipv4=f"10.2.0.{i}", stage="ab"[i % 2], zone=i % 3,
                   AWS_INIT_HEALTH_STATUS="UNHEALTHY" if i >= 8 else None)

    def found(**body):
        answer = d.call("DiscoverInstances", {"NamespaceName": "disco.example", "ServiceName": "api", **body})
        return sorted(int(i["InstanceId"][2:]) for i in answer["Instances"])

    equal(found(), list(range(8)))
    equal(found(HealthStatus="UNHEALTHY"), [8, 9])
    equal(found(HealthStatus="ALL"), list(range(10)))
    equal(found(HealthStatus="HEALTHY_OR_ELSE_ALL"), list(range(8)))
    equal(found(QueryParameters={"stage": "a"}), [0, 2, 4, 6])
    equal(found(QueryParameters={"stage": "a", "zone": "0"}), [0, 6])
    equal(found(QueryParameters={"stage": "c"}), [])
    equal(found(OptionalParameters={"zone": "1"}), [1, 4, 7])
    equal(found(OptionalParameters={"zone": "9"}), list(range(8)))
    equal(len(found(MaxResults=3)), 3)
    orders = {tuple(i["InstanceId"] for i in d.call("DiscoverInstances", {
        "NamespaceName": "Disco.Example", "ServiceName": "API"})["Instances"]) for _ in range(20)}
    check(len(orders) > 1, "the order differs from call to call")


def test_the_same_request_twice_is_done_once(d):
    namespace = {"Name": "twice.example", "Vpc": "vpc-1", "CreatorRequestId": "one"}
    first = d.call("CreatePrivateDnsNamespace", namespace)
    equal(d.call("CreatePrivateDnsNamespace", namespace), first)
    ident = d.call("GetOperation", first)["Operation"]["Targets"]["NAMESPACE"]
    service = {"Name": "web", "NamespaceId": ident, "CreatorRequestId": "two",
               "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}]}}
    equal(d.call("CreateService", service), d.call("CreateService", service))
    instance = {"ServiceId": d.find("web.twice.example"), "InstanceId": "i-1", "CreatorRequestId": "three",
                "Attributes": {"AWS_INSTANCE_IPV4": "10.3.0.1"}}
    first, revision = d.call("RegisterInstance", instance), d.status()["Revision"]
    equal(d.call("RegisterInstance", instance), first)
    equal(d.status()["Revision"], revision)
    # Registered anew, it has all of the new attributes and none of the old.
    d.register("web.twice.example", "i-1", ipv4="10.3.0.2", note="new")
    equal(d.instances("web.twice.example")["i-1"]["Attributes"], {"AWS_INSTANCE_IPV4": "10.3.0.2", "note": "new"})
    equal(d.dig("web.twice.example").values(), ["10.3.0.2"])


def converse(address, octets, enough=None):
    """What cmapd says until it closes, or until enough(what it has said)."""
    with socket.create_connection(address, timeout=tap.PATIENCE) as s:
        s.sendall(octets)
        answer = b""
        while not (enough and enough(answer)):
            piece = s.recv(65536)
            if not piece:
                break
            answer += piece
        return answer


def test_ways_of_HTTP(d):
    address = d.addresses("http")[0]
    head = b"X-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces\r\nConnection: close\r\n"
    for name, octets in (
            ("absolute form", b"POST http://data-cmap.example/ HTTP/1.1\r\nHost: y\r\n" + head + b"Content-Length: 2\r\n\r\n{}"),
            ("lower case", b"POST / HTTP/1.1\r\nhost: y\r\n" + head.lower().replace(
                b"route53autonaming_v20170314.listnamespaces", b"Route53AutoNaming_v20170314.ListNamespaces") +
             b"content-length: 2\r\n\r\n{}"),
            ("chunks", b"POST / HTTP/1.1\r\nHost: y\r\n" + head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
            ("HTTP/1.0", b"POST / HTTP/1.0\r\n" + head + b"Content-Length: 2\r\n\r\n{}"),
            ("no body", b"POST / HTTP/1.1\r\nHost: y\r\n" + head + b"Content-Length: 0\r\n\r\n"),
            ("a query", b"POST /?x=y HTTP/1.1\r\nHost: y\r\n" + head + b"Content-Length: 2\r\n\r\n{}")):
        answer = converse(address, octets)
        check(answer.startswith((b"HTTP/1.1 200 OK\r\n", b"HTTP/1.0 200 OK\r\n")), f"{name}: {answer[:300]}")
        check("Namespaces" in json.loads(answer.partition(b"\r\n\r\n")[2]), name)


def test_requests_one_behind_the_other(d):
    """Pipelined, some of them changes: answered in order."""
    d.namespace("pipe.example")
    service = d.service("web.pipe.example", [("A", 60)])
    octets = b""
    for i in range(50):
        for operation, members in (("RegisterInstance", {"Attributes": {"AWS_INSTANCE_IPV4": f"10.4.0.{i}"}}),
                                   ("GetInstance", {})):
            body = json.dumps({"ServiceId": service, "InstanceId": f"i-{i}", **members}).encode()
            octets += (b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: %s%s\r\nContent-Length: %d\r\n\r\n%s" %
                       (cmap.AWS.encode(), operation.encode(), len(body), body))
    answer = converse(d.addresses("http")[0], octets, enough=lambda a: a.count(b'"CreatedByAccount"') == 50)
    equal(answer.count(b"HTTP/1.1 200 OK\r\n"), 100)
    equal(re.findall(rb'"Instance":\{"Id":"i-(\d+)"', answer), [b"%d" % i for i in range(50)])


def test_a_client_that_leaves_changes_nothing_for_others(d):
    d.namespace("leave.example")
    service = d.service("web.leave.example", [("A", 60)])
    for i in range(50):
        body = json.dumps({"ServiceId": service, "InstanceId": f"i-{i}",
                           "Attributes": {"AWS_INSTANCE_IPV4": f"10.5.0.{i}"}}).encode()
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(d.socket)
            s.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: %sRegisterInstance\r\nContent-Length: %d\r\n\r\n%s" %
                      (cmap.AWS.encode(), len(body), body))
    listed = d.instances("web.leave.example")  # whichever were heard are whole
    check(all(i["Attributes"] == {"AWS_INSTANCE_IPV4": f"10.5.0.{k[2:]}"} for k, i in listed.items()), listed)
    tap.wait_until(lambda: d.status()["Store"]["State"] == "ok", "the store is at rest")


def test_healthz(d):
    with contextlib.closing(d.connect()) as connection:
        for method, body in (("GET", b"ok\n"), ("HEAD", b"")):
            connection.request(method, "/healthz")
            answer = connection.getresponse()
            equal((answer.status, answer.read()), (200, body))


if __name__ == "__main__":
    tap.main(globals(), start)
