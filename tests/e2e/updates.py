# SPDX-License-Identifier: MIT
"""updates.py -- what is changed in place: DNS follows at once, and a restart forgets none of it."""

import threading

import cmap
import tap
from tap import check, equal


def start():
    d = cmap.Daemon(namespace=["prod"])
    d.service("web.prod", [("A", 60), ("SRV", 60)])
    d.register("web.prod", "i-1", ipv4="10.0.0.1", port=80)
    return d


def namespace_id(d, name="prod"):
    return next(n["Id"] for n in d.list("ListNamespaces", "Namespaces", {}) if n["Name"] == name)


def negative_ttl(d, name="none.prod"):
    answer = d.dig(name)
    equal(answer.status, "NXDOMAIN")
    soa = answer.authority[0]
    equal(soa.ttl, int(soa.data.split()[-1]), "a negative answer's TTL is the SOA's minimum")
    return soa.ttl


def test_the_TTL_of_a_SOA_follows(d):
    namespace = namespace_id(d)
    for ttl in (0, 7, 86400):
        d.call("UpdatePrivateDnsNamespace", {"Id": namespace, "Namespace": {
            "Properties": {"DnsProperties": {"SOA": {"TTL": ttl}}}}})
        equal(d.dig("prod", "SOA").answer[0].ttl, ttl)
        equal(negative_ttl(d), ttl)
    d.call("UpdatePrivateDnsNamespace", {"Id": namespace, "Namespace": {"Description": "said"}})
    equal(negative_ttl(d), 86400)
    for _ in range(2):
        found = d.call("GetNamespace", {"Id": namespace})["Namespace"]
        equal((found["Description"], found["Properties"]["DnsProperties"]["SOA"]), ("said", {"TTL": 86400}))
        d.restart()
    equal(negative_ttl(d), 86400)


def test_the_TTLs_of_a_service_follow(d):
    service = d.find("web.prod")
    for ttl in (0, 5, 2147483647):
        d.call("UpdateService", {"Id": service, "Service": {"DnsConfig": {"DnsRecords": [
            {"Type": "SRV", "TTL": ttl}, {"Type": "A", "TTL": 3}]}}})
        equal(d.dig("web.prod").answer[0].ttl, 3)
        equal(d.dig("web.prod", "SRV").answer[0].ttl, ttl)
        equal(d.dig("i-1.web.prod").answer[0].ttl, ttl)
    d.restart()
    equal(d.dig("web.prod", "SRV").answer[0].ttl, 2147483647)
    equal([i["Id"] for i in d.list("ListInstances", "Instances", {"ServiceId": service})], ["i-1"])


def test_a_service_without_its_records_is_known_to_the_API_alone(d):
    service = d.service("gone.prod", [("A", 60), ("SRV", 60)])
    d.register("gone.prod", "i-1", ipv4="10.0.0.1", port=80, lease="1h")
    equal(d.dig("i-1.gone.prod").values(), ["10.0.0.1"])
    d.call("UpdateService", {"Id": service, "Service": {"Description": "no more"}})
    for _ in range(2):
        equal(d.dig("gone.prod", "SRV").status, "NXDOMAIN")
        equal(d.dig("i-1.gone.prod").status, "NXDOMAIN")
        found = d.call("DiscoverInstances", {"NamespaceName": "prod", "ServiceName": "gone"})["Instances"]
        equal([i["InstanceId"] for i in found], ["i-1"])
        equal(d.renew(("gone.prod", "i-1"))["Renewed"], 1)
        d.restart()
    d.deregister("gone.prod", "i-1")
    d.call("DeleteService", {"Id": service})
    d.service("gone.prod", [("A", 60)])
    d.register("gone.prod", "i-1", ipv4="10.0.0.2")
    equal(d.dig("gone.prod").values(), ["10.0.0.2"])


def test_tags_and_attributes_survive(d):
    service, namespace = d.find("web.prod"), namespace_id(d)
    service_arn, namespace_arn = (d.call("GetService", {"Id": service})["Service"]["Arn"],
                                  d.call("GetNamespace", {"Id": namespace})["Namespace"]["Arn"])
    tags = [{"Key": "cost center", "Value": "Stra\u00dfe 9"}, {"Key": "empty", "Value": ""}]
    attributes = {"": "no key", "tab\tand\nline": "\\t\n\t\\", "\u65e5\u672c": "\U0001f600", "port": "80"}
    serial = d.dig("prod", "SOA").values()
    d.call("TagResource", {"ResourceARN": service_arn, "Tags": tags})
    d.call("TagResource", {"ResourceARN": namespace_arn, "Tags": tags[1:]})
    d.call("UpdateServiceAttributes", {"ServiceId": service, "Attributes": attributes})
    d.namespace("tagged.example", "PublicDns", Tags=tags)
    d.call("UntagResource", {"ResourceARN": namespace_arn, "TagKeys": ["none"]})
    equal(d.dig("prod", "SOA").values(), serial, "all that is nothing to the DNS")
    for _ in range(2):
        equal(d.call("ListTagsForResource", {"ResourceARN": service_arn}), {"Tags": tags})
        equal(d.call("ListTagsForResource", {"ResourceARN": namespace_arn}), {"Tags": tags[1:]})
        equal(d.call("GetServiceAttributes", {"ServiceId": service_arn})["ServiceAttributes"]["Attributes"], attributes)
        d.kill()
        d.start()
    d.call("UntagResource", {"ResourceARN": service_arn, "TagKeys": ["empty"]})
    d.call("DeleteServiceAttributes", {"ServiceId": service, "Attributes": ["", "port"]})
    d.restart()
    equal(d.call("ListTagsForResource", {"ResourceARN": service_arn}), {"Tags": tags[:1]})
    equal(set(d.call("GetServiceAttributes", {"ServiceId": service})["ServiceAttributes"]["Attributes"]),
          {"tab\tand\nline", "\u65e5\u672c"})


def test_a_repeated_update_is_one_operation_after_a_restart_too(d):
    request = {"Id": namespace_id(d), "UpdaterRequestId": "u-1", "Namespace": {"Description": "once"}}
    operation = d.call("UpdatePrivateDnsNamespace", request)
    equal(d.call("UpdatePrivateDnsNamespace", request), operation)
    d.restart()
    equal(d.call("UpdatePrivateDnsNamespace", request), operation)
    equal(d.call("GetOperation", operation)["Operation"]["Type"], "UPDATE_NAMESPACE")
    request["Namespace"]["Description"] = "twice"
    equal(d.refused("UpdatePrivateDnsNamespace", request).type, "InvalidInput")


def test_operations_are_listed_after_a_restart(d):
    def types(*values):
        return d.list("ListOperations", "Operations", {"MaxResults": 2, "Filters": [
            {"Name": "TYPE", "Values": list(values), "Condition": "IN"}]})

    before = types("REGISTER_INSTANCE", "UPDATE_SERVICE", "CREATE_NAMESPACE")
    check(len(before) >= 4, before)
    d.restart()
    equal(types("REGISTER_INSTANCE", "UPDATE_SERVICE", "CREATE_NAMESPACE"), before)
    for operation in before:
        equal(d.call("GetOperation", {"OperationId": operation["Id"]})["Operation"]["Status"], "SUCCESS")


def test_an_operation_of_each_kind_is_told_alike_after_a_restart_and_a_kill(d):
    made = {"operations.example": d.call("CreatePublicDnsNamespace", {"Name": "operations.example"})["OperationId"]}
    namespace = d.call("GetOperation", {"OperationId": made["operations.example"]})["Operation"]["Targets"]["NAMESPACE"]
    service = d.service("api.operations.example", [("A", 60)])
    for operation, body in (
            ("UpdatePublicDnsNamespace", {"Id": namespace, "Namespace": {"Description": "d"}}),
            ("UpdateService", {"Id": service, "Service": {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 7}]}}}),
            ("RegisterInstance", {"ServiceId": service, "InstanceId": "i/1", "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.1"}}),
            ("DeregisterInstance", {"ServiceId": service, "InstanceId": "i/1"}), ("DeleteService", {"Id": service}),
            ("DeleteNamespace", {"Id": namespace})):
        made[operation] = d.call(operation, body).get("OperationId")
    made.pop("DeleteService")  # which is none

    def told():
        return [d.call("GetOperation", {"OperationId": ident})["Operation"] for ident in made.values()]

    before = told()
    equal([(o["Type"], o["Status"], o["Targets"]) for o in before], [
        ("CREATE_NAMESPACE", "SUCCESS", {"NAMESPACE": namespace}), ("UPDATE_NAMESPACE", "SUCCESS", {"NAMESPACE": namespace}),
        ("UPDATE_SERVICE", "SUCCESS", {"SERVICE": service}),
        ("REGISTER_INSTANCE", "SUCCESS", {"INSTANCE": "i/1", "SERVICE": service}),
        ("DEREGISTER_INSTANCE", "SUCCESS", {"INSTANCE": "i/1", "SERVICE": service}),
        ("DELETE_NAMESPACE", "SUCCESS", {"NAMESPACE": namespace})])
    d.restart()
    equal(told(), before)
    d.kill()
    d.start()
    equal(told(), before)


def test_the_revision_is_polled_for_changes(d):
    def revision():
        return d.call("DiscoverInstancesRevision", {"NamespaceName": "prod", "ServiceName": "web"})["InstancesRevision"]

    before = revision()
    d.call("UpdateService", {"Id": d.find("web.prod"), "Service": {"Description": "d", "DnsConfig": {"DnsRecords": [
        {"Type": "SRV", "TTL": 9}, {"Type": "A", "TTL": 9}]}}})
    equal(revision(), before, "an update changes no instance")
    d.register("web.prod", "i-2", ipv4="10.0.0.2", port=80)
    check(revision() > before, "one has come")
    before = revision()
    d.deregister("web.prod", "i-2")
    check(revision() > before, "one has gone")


def test_1000_instances_in_pages_while_others_come_and_go(d):
    service = d.service("many.prod", [("A", 60)])
    stays = {f"stays-{i:04}" for i in range(1000)}
    connection = d.connect()

    def register(on, instance):
        cmap.call(on, "RegisterInstance", {"ServiceId": service, "InstanceId": instance,
                                           "Attributes": {"AWS_INSTANCE_IPV4": "10.0.0.1"}})

    for instance in sorted(stays, reverse=True):
        register(connection, instance)
    done, others = threading.Event(), []

    def disturb(number):
        own, i = d.connect(), 0
        while not done.is_set():
            for name in (f"a-{number}-{i}", f"stays-{i % 1000:04}", f"stays-{i % 1000:04}-{number}", f"z-{number}-{i}"):
                register(own, name)
                if name not in stays:
                    cmap.call(own, "DeregisterInstance", {"ServiceId": service, "InstanceId": name})
            i += 1
            others.append(i)
        own.close()

    threads = [threading.Thread(target=disturb, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    try:
        for walk in range(1000):
            size = (7, 100)[walk % 2]
            operation, member = (("ListInstances", "Instances"), ("GetInstancesHealthStatus", "Status"))[walk // 2 % 2]
            seen, token, pages = [], {}, 0
            while True:
                page = cmap.call(connection, operation, {"ServiceId": service, "MaxResults": size, **token})
                seen += [i["Id"] if isinstance(i, dict) else i for i in page[member]]
                pages += 1
                if "NextToken" not in page:
                    break
                token = {"NextToken": page["NextToken"]}
            equal(len(seen), len(set(seen)), "some came twice")
            equal(stays - set(seen), set(), "some were lost")
            check(pages >= 1000 // size, pages)
            if walk >= 4 and len(others) >= 20:
                break
    finally:
        done.set()
        for thread in threads:
            thread.join()
        connection.close()
    check(len(others) >= 20, "others came and went meanwhile")


if __name__ == "__main__":
    tap.main(globals(), start)
