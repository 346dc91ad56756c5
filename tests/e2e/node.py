# SPDX-License-Identifier: MIT
"""
node.py -- AWS's client of Cloud Map for JavaScript, as npm has it: what it makes and changes is asked of the DNS.

It is left as it is, so it discovers at a host that begins with data-. Both names of the API it learns from cmapd.
"""

import json
import os
import re
import subprocess
import sys

import clients
import cmap
import signed
import tap
from tap import check, equal

SDK = os.path.join(cmap.BUILD, "clients")
PACKAGE = "@aws-sdk/client-servicediscovery"
SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "node.mjs")
ADDRESS = "172.31.16.3"


def package():
    """Its package.json, or the test is skipped."""
    try:
        with open(os.path.join(SDK, "node_modules", PACKAGE, "package.json"), encoding="utf-8") as found:
            return json.load(found)
    except FileNotFoundError:
        raise tap.Skip(f"no {PACKAGE} below build/clients (make check CLIENTS=all, with npm)") from None


def program():
    """The path of a node that can run the client, or the test is skipped."""
    node, sdk = tap.need("node", "nodejs"), package()
    version = cmap.run(node, "--version").out.strip()
    tap.say(f"node {version}, {PACKAGE} {sdk['version']}")
    least = re.search(r"\d+", sdk.get("engines", {}).get("node", "0")).group()
    if int(re.search(r"\d+", version).group()) < int(least):
        raise tap.Skip(f"{PACKAGE} {sdk['version']} wants node {least}, this is {version}")
    return node


def test_a_life_by_the_client_for_JavaScript():
    program()
    clients.in_a_network("node.py", "lives", f"nameserver {ADDRESS}\noptions timeout:2 attempts:2\n",
                         ("link set lo up", f"addr add {ADDRESS}/20 dev lo"))


class Sdk:
    """The client in a process of its own."""

    def __init__(self, url):
        self.process = subprocess.Popen([tap.need("node", "nodejs"), SCRIPT, SDK, url], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=signed.environment())

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            self.process.kill()
        self.process.stdin.close()
        status = self.process.wait(timeout=tap.PATIENCE)
        self.process.stdout.close()
        if kind is None:
            equal(status, 0, "status of node")

    def send(self, command, **members):
        self.process.stdin.write(json.dumps({"command": command, "input": members}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        check(line, f"{command}: node has ended")
        said = json.loads(line)
        equal(said.get("host"), ("data-" if command.startswith("Discover") else "") + signed.NAME, command)
        return said

    def call(self, command, **members):
        said = self.send(command, **members)
        check("answer" in said, f"{command} {members}: {said}")
        return said["answer"]

    def refused(self, command, **members):
        said = self.send(command, **members)
        check("error" in said, f"{command} {members} was not refused: {said}")
        return said["error"]

    def operate(self, command, **members):
        """What the operation that the answer names was on."""
        operation = self.call("GetOperation", OperationId=self.call(command, **members)["OperationId"])["Operation"]
        equal(operation["Status"], "SUCCESS", command)
        return operation["Targets"]


def with_lives():
    with signed.make(listen=[f"{ADDRESS}:53"], api=f"{ADDRESS}:8053", api_name=signed.NAME, udp_threads=1).start() as d:
        equal(d.dig("data-" + signed.NAME).values(), [ADDRESS])
        with Sdk(f"http://{signed.NAME}:8053") as sdk:
            for kind, name in (("PrivateDns", "private.js.example"), ("PublicDns", "public.js.example"),
                               ("Http", "http-js")):
                Life(d, sdk, kind, name).live()


class Life:
    """Of a namespace and its service api. Only those of the DNS are to be seen there, step by step."""

    def __init__(self, d, sdk, kind, name):
        self.d, self.sdk, self.kind, self.name = d, sdk, kind, name
        self.namespace, self.service = None, None

    def seen(self, addresses, ttl=None, status="NOERROR"):
        """What DNS must say of the service now."""
        answer = self.d.dig("api." + self.name)
        if self.kind == "Http":
            equal(answer.status, "REFUSED")
            return
        equal((answer.status, sorted(answer.values())), (status, addresses))
        equal({record.ttl for record in answer.answer}, {ttl} if addresses else set())

    def discovered(self, instances, **members):
        found = self.sdk.call("DiscoverInstances", NamespaceName=self.name, ServiceName="api", **members)
        equal(sorted(i["InstanceId"] for i in found["Instances"]), instances)
        revision = self.sdk.call("DiscoverInstancesRevision", NamespaceName=self.name, ServiceName="api")
        equal(found["InstancesRevision"], revision["InstancesRevision"])

    def live(self):
        self.begin()
        self.register()
        self.fall_ill()
        self.change()
        self.tag()
        self.end()

    def begin(self):
        equal(self.d.dig(self.name, "SOA").status, "REFUSED")
        more = {"Vpc": "vpc-1"} if self.kind == "PrivateDns" else {}
        self.namespace = self.sdk.operate(f"Create{self.kind}Namespace", Name=self.name, **more)["NAMESPACE"]
        self.seen([], status="NXDOMAIN")
        more = {} if self.kind == "Http" else {"DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}]}}
        self.service = self.sdk.call("CreateService", Name="api", NamespaceId=self.namespace,
                                     HealthCheckCustomConfig={"FailureThreshold": 1}, **more)["Service"]
        self.seen([])

    def register(self):
        for i in (1, 2):
            done = self.sdk.operate("RegisterInstance", ServiceId=self.service["Id"], InstanceId=f"i-{i}",
                                    Attributes={"AWS_INSTANCE_IPV4": f"10.9.0.{i}", "stage": str(i)})
            equal(done, {"INSTANCE": f"i-{i}", "SERVICE": self.service["Id"]})
            self.seen([f"10.9.0.{n}" for n in range(1, i + 1)], 60)
        listed = self.sdk.call("ListInstances", ServiceId=self.service["Id"])["Instances"]
        equal([i["Id"] for i in listed], ["i-1", "i-2"])
        self.discovered(["i-1", "i-2"])
        self.discovered(["i-2"], QueryParameters={"stage": "2"})

    def fall_ill(self):
        for status, healthy in (("UNHEALTHY", [2]), ("HEALTHY", [1, 2])):
            self.sdk.call("UpdateInstanceCustomHealthStatus", ServiceId=self.service["Id"], InstanceId="i-1",
                          Status=status)
            self.seen([f"10.9.0.{i}" for i in healthy], 60)
            self.discovered([f"i-{i}" for i in healthy], HealthStatus="HEALTHY")
            told = self.sdk.call("GetInstancesHealthStatus", ServiceId=self.service["Id"])["Status"]
            equal(told, {"i-1": status, "i-2": "HEALTHY"})

    def change(self):
        change = {"Description": "changed"}
        if self.kind != "Http":
            change["Properties"] = {"DnsProperties": {"SOA": {"TTL": 77}}}
        self.sdk.operate(f"Update{self.kind}Namespace", Id=self.namespace, Namespace=change)
        found = self.sdk.call("GetNamespace", Id=self.namespace)["Namespace"]
        equal(found["Description"], "changed")
        update = {"Id": self.service["Id"], "Service": {"Description": "d"}}
        if self.kind == "Http":
            equal(self.sdk.refused("UpdateService", **update), "InvalidInput")
            self.seen([])
            return
        equal(self.d.dig("none." + self.name).authority[0].ttl, 77)
        update["Service"]["DnsConfig"] = {"DnsRecords": [{"Type": "A", "TTL": 7}]}
        equal(self.sdk.operate("UpdateService", **update), {"SERVICE": self.service["Id"]})
        self.seen(["10.9.0.1", "10.9.0.2"], 7)

    def tag(self):
        arn = self.service["Arn"]
        self.sdk.call("TagResource", ResourceARN=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
        self.sdk.call("UntagResource", ResourceARN=arn, TagKeys=["a"])
        equal(self.sdk.call("ListTagsForResource", ResourceARN=arn)["Tags"], [{"Key": "b", "Value": ""}])
        self.sdk.call("UpdateServiceAttributes", ServiceId=self.service["Id"], Attributes={"port": "80", "x": ""})
        self.sdk.call("DeleteServiceAttributes", ServiceId=self.service["Id"], Attributes=["x"])
        held = self.sdk.call("GetServiceAttributes", ServiceId=self.service["Id"])["ServiceAttributes"]
        equal(held["Attributes"], {"port": "80"})
        self.seen(["10.9.0.1", "10.9.0.2"], 7)

    def end(self):
        equal(self.sdk.refused("DeleteService", Id=self.service["Id"]), "ResourceInUse")
        for instance, left in (("i-1", ["10.9.0.2"]), ("i-2", [])):
            self.sdk.operate("DeregisterInstance", ServiceId=self.service["Id"], InstanceId=instance)
            self.seen(left, 7)
        self.discovered([])
        self.sdk.call("DeleteService", Id=self.service["Id"])
        self.seen([], status="NXDOMAIN")
        equal(self.sdk.refused("GetService", Id=self.service["Id"]), "ServiceNotFound")
        self.sdk.operate("DeleteNamespace", Id=self.namespace)
        equal(self.d.dig(self.name, "SOA").status, "REFUSED")
        equal(self.sdk.refused("GetNamespace", Id=self.namespace), "NamespaceNotFound")


if __name__ == "__main__":
    if sys.argv[1:] == ["lives"]:
        with_lives()
    else:
        tap.main(globals())
