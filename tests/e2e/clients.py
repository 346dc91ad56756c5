# SPDX-License-Identifier: MIT
"""
clients.py -- other people's programs: they resolve what is registered, and register as they would with Cloud Map.

Each test names the Debian package that it needs and is skipped without it; tools/packages lists them all for
`make check CLIENTS=all`. The same file is run again where another interpreter or network namespace is needed.
"""

import collections
import fcntl
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time

import cmap
import tap
from tap import check, equal

AWS_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONFIG_FILE": "/dev/null",
                   "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_DEFAULT_REGION": "eu-central-1",
                   "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"}


def start():
    d = cmap.Daemon(namespace=["prod"], api="127.0.0.1:0", answers=0, udp_threads=1)
    d.service("web.prod", [("A", 60), ("AAAA", 60), ("SRV", 60)])
    for i in (1, 2, 3):
        d.register("web.prod", f"i-{i}", ipv4=f"10.0.0.{i}", ipv6=f"fd00::{i}", port=8000 + i)
    d.service("www.prod", [("CNAME", 60)])
    d.register("www.prod", "i-1", cname="web.prod")
    d.service("many.prod", [("A", 60)])
    for i in range(150):
        d.register("many.prod", f"i-{i}", ipv4=f"10.1.0.{i + 1}")
    return d


V4 = [f"10.0.0.{i}" for i in (1, 2, 3)]
V6 = [f"fd00::{i}" for i in (1, 2, 3)]
SRV = [f"1 1 800{i} i-{i}.web.prod." for i in (1, 2, 3)]


def output(*command, status=0, **options):
    ran = cmap.run(*command, **options)
    if ran.status != status:
        raise AssertionError(f"{' '.join(command)}: status {ran.status}\n{ran.out}{ran.err}")
    return ran.out


# ---- curl ----


def curl(d, *words):
    return output(tap.need("curl", "curl"), "-sS", "--max-time", "20", *words)


def test_curl_on_the_socket(d):
    post = ["--unix-socket", d.socket, "-H", "Content-Type: application/x-amz-json-1.1"]
    for target, body, member in (("Route53AutoNaming_v20170314.ListNamespaces", "{}", "Namespaces"),
                                 ("Cmap_v1.Status", "{}", "Revision"),
                                 ("Cmap_v1.FindService", '{"Name": "web.prod"}', "Service")):
        answer = json.loads(curl(d, *post, "-H", f"X-Amz-Target: {target}", "-d", body, "http://localhost/"))
        check(member in answer, answer)
    said = curl(d, *post, "-H", "X-Amz-Target: Cmap_v1.No", "-d", "{}", "-w", " %{http_code}", "http://localhost/")
    equal(json.loads(said.rsplit(" ", 1)[0])["__type"], "UnknownOperationException")
    equal(said.rsplit(" ", 1)[1], "400")
    equal(curl(d, "--unix-socket", d.socket, "http://localhost/healthz"), "ok\n")


def test_curl_over_TCP_and_as_to_a_proxy(d):
    url = "http://%s:%d/" % d.addresses("http")[0]
    post = ["-H", "X-Amz-Target: Route53AutoNaming_v20170314.ListNamespaces", "-d", "{}"]
    direct = curl(d, *post, url)
    equal([n["Name"] for n in json.loads(direct)["Namespaces"]], ["prod"])
    equal(curl(d, *post, "--proxy", url, "http://data-cmap.example/"), direct)
    # One connection carries many requests.
    many = curl(d, *post, "-w", "%{num_connects} ", *[url] * 20)
    equal(many.replace(direct, "").split(), ["1"] + ["0"] * 19)


# ---- resolvers ----


def test_kdig(d):
    kdig = tap.need("kdig", "knot-dnsutils")
    host, port = d.address()
    ask = [kdig, f"@{host}", "-p", str(port), "+timeout=2", "+retry=2"]
    equal(sorted(output(*ask, "+short", "web.prod", "A").split()), V4)
    equal(sorted(output(*ask, "+short", "web.prod", "AAAA").split()), V6)
    equal(sorted(output(*ask, "+short", "web.prod", "SRV").splitlines()), SRV)
    equal(len(output(*ask, "+short", "many.prod").split()), 150)
    equal(sorted(output(*ask, "+short", "+tcp", "web.prod").split()), V4)
    many = output(*ask, "+short", "+tcp", "+keepopen", *["web.prod"] * 10)
    equal(len(many.split()), 30)
    check("NXDOMAIN" in output(*ask, "no.prod"), "NXDOMAIN")


def test_drill(d):
    drill = tap.need("drill", "ldnsutils")
    host, port = d.address()
    for words in ([], ["-t"]):
        out = output(drill, "-p", str(port), *words, f"@{host}", "web.prod", "SRV")
        equal(sorted(re.findall(r"^web\.prod\.\s.*\sSRV\s(.*)$", out, re.M)), SRV)
        check("rcode: NOERROR" in out and "flags: qr aa" in out, out)


def test_host(d):
    host = tap.need("host", "bind9-host")
    address, port = d.address()
    ask = [host, "-p", str(port), "-W", "2", "-R", "2"]
    out = output(*ask, "web.prod", address)
    equal(sorted(re.findall(r"has address (\S+)", out)), V4)
    equal(sorted(re.findall(r"has IPv6 address (\S+)", out)), V6)
    equal(sorted(re.findall(r"has SRV record (.*)", output(*ask, "-t", "SRV", "web.prod", address))), SRV)
    check("is an alias for web.prod." in output(*ask, "www.prod", address), "www.prod")
    check("not found: 3(NXDOMAIN)" in output(*ask, "no.prod", address, status=1), "no.prod")


def test_nslookup(d):
    nslookup = tap.need("nslookup", "bind9-dnsutils")
    address, port = d.address()
    out = output(nslookup, f"-port={port}", "-type=A", "web.prod", address)
    equal(sorted(re.findall(r"^Address: (\S+)$", out, re.M)), V4)


def interpreter(module, package):
    """A Python that has the module; it need not be the one that runs this."""
    for python in (sys.executable, "/usr/bin/python3"):
        if os.access(python, os.X_OK) and cmap.run(python, "-c", f"import {module}").status == 0:
            return python
    raise tap.Skip(f"the Python module {module} is not installed (Debian package {package})")


def again(python, *words, **options):
    """Runs the test's file for another purpose."""
    ran = cmap.run(python, "-B", os.path.abspath(sys.argv[0]), *words, timeout=120, **options)
    tap.say(ran.out)
    if ran.status != 0:
        raise AssertionError(f"{words[0]}: status {ran.status}\n{ran.err}")


def test_dnspython(d):
    again(interpreter("dns.resolver", "python3-dnspython"), "dnspython", d.address()[0], str(d.address()[1]))


def with_dnspython(host, port):
    import dns.resolver  # pylint: disable=import-outside-toplevel
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port)
    resolver.lifetime = 10
    equal(sorted(r.to_text() for r in resolver.resolve("web.prod", "A")), V4)
    equal(sorted(r.to_text() for r in resolver.resolve("www.prod", "AAAA")), V6)
    equal(sorted(r.to_text() for r in resolver.resolve("web.prod", "SRV")), SRV)
    equal(len(resolver.resolve("many.prod", "A")), 150)
    try:
        resolver.resolve("no.prod", "A")
    except dns.resolver.NXDOMAIN:
        pass
    try:
        resolver.resolve("web.prod", "TXT")
    except dns.resolver.NoAnswer:
        return
    raise AssertionError("an answer for web.prod TXT")


# ---- libc, by its resolv.conf, in a network of its own ----

RESOLV = "nameserver 172.31.16.3\nsearch prod\noptions timeout:2 attempts:2\n"
SUBNETS = ["172.31.16.1", "172.31.16.2", "172.31.32.1"]


def in_a_network(script, what, resolv, addresses):
    """Runs a test's file for another purpose, in a network namespace with a resolv.conf of its own. addresses: for ip."""
    unshare, ip = tap.need("unshare", "util-linux"), tap.need("ip", "iproute2")
    own = [unshare, "--net", "--mount"] + (["--map-root-user"] if os.getuid() != 0 else [])
    tried = cmap.run(*own, ip, "link", "set", "lo", "up")
    if tried.status != 0:
        raise tap.Skip(f"no network namespace of our own here: {tried.err}")
    with cmap.Daemon(start=False) as d:
        with open(os.path.join(d.dir, "resolv.conf"), "w", encoding="ascii") as out:
            out.write(resolv)
        with open(os.path.join(d.dir, "nsswitch.conf"), "w", encoding="ascii") as out:
            out.write("hosts: files dns\n")
        commands = "".join(f"ip {words}\n" for words in addresses)
        for name in ("resolv.conf", "nsswitch.conf"):
            commands += f"[ ! -e /etc/{name} ] || mount --bind {d.dir}/{name} /etc/{name}\n"
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), script)
        ran = cmap.run(*own, "sh", "-ec", commands + f'exec "{sys.executable}" -B "{path}" {what}', timeout=120)
        tap.say(ran.out)
        check(ran.status == 0, f"status {ran.status}\n{ran.err}")


def test_getent_by_resolv_conf():
    tap.need("getent", "libc-bin")
    in_a_network("clients.py", "getent", RESOLV,
                 ("link set lo up", "addr add 172.31.16.3/20 dev lo", "route add default dev lo"))


def first_address(name):
    """What a program connects to: glibc has sorted the answer by RFC 6724."""
    return output("getent", "ahostsv4", name).split()[0]


def with_getent():
    with open("/etc/resolv.conf", encoding="ascii") as resolv:
        equal(resolv.read(), RESOLV)
    with cmap.Daemon(namespace=["prod"], listen=["172.31.16.3:53"], udp_threads=1) as d:
        d.service("web.prod", [("A", 60), ("AAAA", 60)])
        for address in SUBNETS:
            d.register("web.prod", address.replace(".", "-"), ipv4=address)
        d.register("web.prod", "six", ipv6="fd00::1")
        d.service("www.prod", [("CNAME", 60)])
        d.register("www.prod", "i-1", cname="web.prod")
        for name in ("web.prod", "web", "www", "WEB.Prod"):
            found = {line.split()[0] for _ in range(3) for line in output("getent", "ahostsv4", name).splitlines()}
            equal(found, set(SUBNETS), name)
        equal(output("getent", "hosts", "web").split(), ["fd00::1", "web.prod"])
        equal(output("getent", "ahostsv4", "no.prod", status=2), "")
        # Each instance is the first one equally often, though two of them share the client's subnet.
        firsts = collections.Counter(first_address("web.prod") for _ in range(90))
        print(firsts)
        equal(set(firsts.values()), {30}, f"times each came first: {dict(firsts)}")
        d.deregister("web.prod", "172-31-16-1")
        check(first_address("web.prod") != "172.31.16.1", "gone at once")


# ---- clients of Cloud Map ----


def test_boto3(d):
    again(interpreter("boto3", "python3-boto3"), "boto3", "http://%s:%d" % d.addresses("http")[0],
          *map(str, d.address()), env=dict(cmap.environment(), **AWS_ENVIRONMENT))


def with_boto3(url, host, port):
    import boto3  # pylint: disable=import-outside-toplevel
    from botocore.config import Config  # pylint: disable=import-outside-toplevel
    cloud = boto3.client("servicediscovery", endpoint_url=url, config=Config(inject_host_prefix=False))
    print("boto3", boto3.__version__)

    def targets(answer):
        operation = cloud.get_operation(OperationId=answer["OperationId"])["Operation"]
        equal(operation["Status"], "SUCCESS")
        return operation["Targets"]

    namespace = targets(cloud.create_private_dns_namespace(Name="boto.example", Vpc="vpc-1"))["NAMESPACE"]
    equal(cloud.get_namespace(Id=namespace)["Namespace"]["Arn"].split(":")[2], "servicediscovery")
    try:
        cloud.create_private_dns_namespace(Name="boto.example", Vpc="vpc-1")
        raise AssertionError("the namespace was made twice")
    except cloud.exceptions.NamespaceAlreadyExists as error:
        equal(error.response["NamespaceId"], namespace)
    service = cloud.create_service(Name="api", NamespaceId=namespace, DnsConfig={"DnsRecords": [
        {"Type": "A", "TTL": 30}, {"Type": "SRV", "TTL": 30}]}, HealthCheckCustomConfig={"FailureThreshold": 1})["Service"]
    for i in range(3):
        done = targets(cloud.register_instance(ServiceId=service["Id"], InstanceId=f"i-{i}", Attributes={
            "AWS_INSTANCE_IPV4": f"10.9.0.{i}", "AWS_INSTANCE_PORT": "80", "CMAP_LEASE": "1h", "stage": str(i % 2)}))
        equal(done, {"INSTANCE": f"i-{i}", "SERVICE": service["Id"]})
    dig = cmap.dig_program.run((host, int(port)), "api.boto.example", "SRV")
    equal(sorted(dig.values()), [f"1 1 80 i-{i}.api.boto.example." for i in range(3)])
    pages = cloud.get_paginator("list_instances").paginate(ServiceId=service["Id"], PaginationConfig={"PageSize": 2})
    equal([i["Id"] for page in pages for i in page["Instances"]], ["i-0", "i-1", "i-2"])
    found = cloud.discover_instances(NamespaceName="boto.example", ServiceName="api", HealthStatus="ALL",
                                     QueryParameters={"stage": "0"})["Instances"]
    equal(sorted(i["InstanceId"] for i in found), ["i-0", "i-2"])
    equal(cloud.get_service(Id=service["Id"])["Service"]["InstanceCount"], 3)
    equal(cloud.list_services(Filters=[{"Name": "NAMESPACE_ID", "Values": [namespace]}])["Services"][0]["Id"],
          service["Id"])
    for refused, call in ((cloud.exceptions.ResourceInUse, lambda: cloud.delete_service(Id=service["Id"])),
                          (cloud.exceptions.ResourceInUse, lambda: cloud.delete_namespace(Id=namespace)),
                          (cloud.exceptions.ServiceNotFound, lambda: cloud.get_service(Id="srv-none")),
                          (cloud.exceptions.InvalidInput, lambda: cloud.register_instance(
                              ServiceId=service["Id"], InstanceId="x", Attributes={}))):
        try:
            call()
        except refused:
            continue
        raise AssertionError(f"no {refused}")
    for i in range(3):
        cloud.deregister_instance(ServiceId=service["Id"], InstanceId=f"i-{i}")
    cloud.delete_service(Id=service["Id"])
    targets(cloud.delete_namespace(Id=namespace))
    check(namespace not in [n["Id"] for n in cloud.list_namespaces()["Namespaces"]], "it is gone")


def test_aws(d):
    tap.need("aws", "awscli")
    url = "http://%s:%d" % d.addresses("http")[0]
    environment = dict(cmap.environment(), **AWS_ENVIRONMENT)
    tap.say(output("aws", "--version", env=environment))

    def aws(operation, *words, endpoint=url, env=None):
        out = output("aws", "--output", "json", "--endpoint-url", endpoint, "servicediscovery", operation, *words,
                     env=env or environment, timeout=60)
        return json.loads(out) if out.strip() else {}

    operation = aws("create-private-dns-namespace", "--name", "aws.example", "--vpc", "vpc-1")["OperationId"]
    namespace = aws("get-operation", "--operation-id", operation)["Operation"]["Targets"]["NAMESPACE"]
    service = aws("create-service", "--name", "api", "--namespace-id", namespace, "--dns-config",
                  "DnsRecords=[{Type=A,TTL=30}]")["Service"]["Id"]
    aws("register-instance", "--service-id", service, "--instance-id", "i-1", "--attributes",
        "AWS_INSTANCE_IPV4=10.9.0.1,CMAP_LEASE=1h")
    equal(d.dig("api.aws.example").values(), ["10.9.0.1"])
    listed = aws("list-instances", "--service-id", service)["Instances"]
    equal([(i["Id"], i["Attributes"]["AWS_INSTANCE_IPV4"]) for i in listed], [("i-1", "10.9.0.1")])
    # To discover it asks a host that begins with data-; a proxy it asks by address.
    found = aws("discover-instances", "--namespace-name", "aws.example", "--service-name", "api",
                endpoint="http://cmap.example", env=dict(environment, http_proxy=url))
    equal([i["InstanceId"] for i in found["Instances"]], ["i-1"])
    ran = cmap.run("aws", "--endpoint-url", url, "servicediscovery", "delete-service", "--id", service,
                   env=environment, timeout=60)
    check(ran.status != 0 and "ResourceInUse" in ran.err, ran)
    aws("deregister-instance", "--service-id", service, "--instance-id", "i-1")
    equal(d.dig("api.aws.example").values(), [])
    aws("delete-service", "--id", service)
    aws("delete-namespace", "--id", namespace)
    equal(d.dig("api.aws.example").status, "REFUSED")


def test_aws_without_DNS(d):
    """A life in an HTTP namespace, of which dig sees nothing."""
    tap.need("aws", "awscli")
    url = "http://%s:%d" % d.addresses("http")[0]

    def aws(operation, *words, endpoint=url, **more):
        out = output("aws", "--output", "json", "--endpoint-url", endpoint, "servicediscovery", operation, *words,
                     env=dict(cmap.environment(), **AWS_ENVIRONMENT, **more), timeout=60)
        equal(d.dig("api.calls.example").status, "REFUSED", operation)
        return json.loads(out) if out.strip() else {}

    def discovered(health):
        found = aws("discover-instances", "--namespace-name", "calls.example", "--service-name", "api", "--health-status",
                    health, endpoint="http://cmap.example", http_proxy=url)["Instances"]
        return [(i["InstanceId"], i["Attributes"]) for i in found]

    operation = aws("create-http-namespace", "--name", "calls.example")["OperationId"]
    namespace = aws("get-operation", "--operation-id", operation)["Operation"]["Targets"]["NAMESPACE"]
    service = aws("create-service", "--name", "api", "--namespace-id", namespace, "--health-check-custom-config",
                  "FailureThreshold=1", "--tags", "Key=k,Value=v")["Service"]
    aws("register-instance", "--service-id", service["Id"], "--instance-id", "i-1", "--attributes", "url=http://x/?y")
    equal(discovered("HEALTHY"), [("i-1", {"url": "http://x/?y"})])
    aws("update-instance-custom-health-status", "--service-id", service["Id"], "--instance-id", "i-1", "--status", "UNHEALTHY")
    equal(discovered("HEALTHY"), [])
    aws("update-http-namespace", "--id", namespace, "--namespace", "Description=changed")
    equal(aws("get-namespace", "--id", namespace)["Namespace"]["Description"], "changed")
    equal(aws("list-tags-for-resource", "--resource-arn", service["Arn"])["Tags"], [{"Key": "k", "Value": "v"}])
    aws("deregister-instance", "--service-id", service["Id"], "--instance-id", "i-1")
    aws("delete-service", "--id", service["Id"])
    aws("delete-namespace", "--id", namespace)
    equal(aws("list-namespaces", "--filters", "Name=TYPE,Values=HTTP")["Namespaces"], [])


# What changes namespaces and services in place; dig sees each step.

CHANGED = {"DnsRecords": [{"Type": "A", "TTL": 7}, {"Type": "SRV", "TTL": 9}]}


def test_boto3_updates(d):
    again(interpreter("boto3", "python3-boto3"), "boto3-updates", "http://%s:%d" % d.addresses("http")[0],
          *map(str, d.address()), env=dict(cmap.environment(), **AWS_ENVIRONMENT))


def with_boto3_updates(url, host, port):
    import boto3  # pylint: disable=import-outside-toplevel
    from botocore.config import Config  # pylint: disable=import-outside-toplevel
    cloud = boto3.client("servicediscovery", endpoint_url=url, config=Config(inject_host_prefix=False))
    print("boto3", boto3.__version__)

    def targets(answer, kind):
        operation = cloud.get_operation(OperationId=answer["OperationId"])["Operation"]
        equal((operation["Status"], operation["Type"]), ("SUCCESS", kind))
        return operation["Targets"]

    def ask(*question):
        return cmap.dig_program.run((host, int(port)), *question)

    lives = (("private.boto.example", cloud.create_private_dns_namespace, {"Vpc": "vpc-1"},
              cloud.update_private_dns_namespace),
             ("public.boto.example", cloud.create_public_dns_namespace, {}, cloud.update_public_dns_namespace),
             ("http-boto", cloud.create_http_namespace, {}, cloud.update_http_namespace))
    for name, create, more, update in lives:
        namespace = targets(create(Name=name, Tags=[{"Key": "k", "Value": "v"}], **more), "CREATE_NAMESPACE")["NAMESPACE"]
        arn = cloud.get_namespace(Id=namespace)["Namespace"]["Arn"]
        equal(cloud.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "k", "Value": "v"}])
        change = {"Description": "changed"}
        if name != "http-boto":
            change["Properties"] = {"DnsProperties": {"SOA": {"TTL": 77}}}
        equal(targets(update(Id=namespace, UpdaterRequestId="u-1", Namespace=change), "UPDATE_NAMESPACE"),
              {"NAMESPACE": namespace})
        found = cloud.get_namespace(Id=namespace)["Namespace"]
        equal(found["Description"], "changed")
        if name == "http-boto":
            plain = cloud.create_service(Name="api", NamespaceId=namespace)["Service"]["Id"]
            try:
                cloud.update_service(Id=plain, Service={"Description": "d"})
                raise AssertionError("a service of an HTTP namespace was updated")
            except cloud.exceptions.InvalidInput:
                pass
            cloud.delete_service(Id=plain)
        else:
            equal(found["Properties"]["DnsProperties"]["SOA"], {"TTL": 77})
            equal(ask("none." + name).authority[0].ttl, 77)
            boto3_updates_a_service(cloud, namespace, name, targets, ask)
        cloud.delete_namespace(Id=namespace)
        try:
            cloud.list_tags_for_resource(ResourceARN=arn)
            raise AssertionError("tags of what is gone")
        except cloud.exceptions.ResourceNotFoundException:
            pass
    listed = [o for page in cloud.get_paginator("list_operations").paginate(
        Filters=[{"Name": "TYPE", "Values": ["UPDATE_NAMESPACE", "UPDATE_SERVICE"], "Condition": "IN"},
                 {"Name": "STATUS", "Values": ["SUCCESS"]}], PaginationConfig={"PageSize": 1}) for o in page["Operations"]]
    check(len(listed) >= 5 and len(listed) == len({o["Id"] for o in listed}), listed)


def boto3_updates_a_service(cloud, namespace, zone, targets, ask):
    service = cloud.create_service(Name="api", NamespaceId=namespace, DnsConfig={"DnsRecords": [
        {"Type": "A", "TTL": 60}, {"Type": "SRV", "TTL": 60}]})["Service"]
    cloud.register_instance(ServiceId=service["Id"], InstanceId="i-1", Attributes={
        "AWS_INSTANCE_IPV4": "10.9.0.1", "AWS_INSTANCE_PORT": "80"})
    equal(ask("i-1.api." + zone).answer[0].ttl, 60)
    equal(targets(cloud.update_service(Id=service["Id"], Service={"Description": "d", "DnsConfig": CHANGED}),
                  "UPDATE_SERVICE"), {"SERVICE": service["Id"]})
    equal([ask("api." + zone).answer[0].ttl, ask("i-1.api." + zone).answer[0].ttl], [7, 9])
    try:
        cloud.update_service(Id=service["Id"], Service={"DnsConfig": {"DnsRecords": [{"Type": "AAAA", "TTL": 1}]}})
        raise AssertionError("its types were changed")
    except cloud.exceptions.InvalidInput as error:
        check("Records in the existing service are [A, SRV], but the records in the request are [AAAA]." in str(error), error)
    cloud.tag_resource(ResourceARN=service["Arn"], Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}])
    cloud.untag_resource(ResourceARN=service["Arn"], TagKeys=["a"])
    equal(cloud.list_tags_for_resource(ResourceARN=service["Arn"])["Tags"], [{"Key": "b", "Value": ""}])
    try:
        cloud.tag_resource(ResourceARN=service["Arn"], Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)])
        raise AssertionError("51 tags")
    except cloud.exceptions.TooManyTagsException as error:
        equal(error.response["ResourceName"], service["Arn"])
    if hasattr(cloud, "update_service_attributes"):  # clients since 2024
        cloud.update_service_attributes(ServiceId=service["Arn"], Attributes={"port": "80", "x": ""})
        cloud.delete_service_attributes(ServiceId=service["Id"], Attributes=["x"])
        equal(cloud.get_service_attributes(ServiceId=service["Id"])["ServiceAttributes"],
              {"ServiceArn": service["Arn"], "ResourceOwner": service["Arn"].split(":")[4], "Attributes": {"port": "80"}})
        revision = cloud.discover_instances_revision(NamespaceName=zone, ServiceName="api")["InstancesRevision"]
        equal(cloud.discover_instances(NamespaceName=zone, ServiceName="api")["InstancesRevision"], revision)
    cloud.deregister_instance(ServiceId=service["Id"], InstanceId="i-1")
    equal(ask("api." + zone).values(), [])
    cloud.delete_service(Id=service["Id"])


def test_aws_updates(d):
    tap.need("aws", "awscli")
    environment = dict(cmap.environment(), **AWS_ENVIRONMENT)

    def aws(operation, *words):
        out = output("aws", "--output", "json", "--endpoint-url", "http://%s:%d" % d.addresses("http")[0],
                     "servicediscovery", operation, *words, env=environment, timeout=60)
        return json.loads(out) if out.strip() else {}

    operation = aws("create-public-dns-namespace", "--name", "updates.example")["OperationId"]
    namespace = aws("get-operation", "--operation-id", operation)["Operation"]["Targets"]["NAMESPACE"]
    operation = aws("update-public-dns-namespace", "--id", namespace, "--namespace",
                    "Description=d,Properties={DnsProperties={SOA={TTL=77}}}")["OperationId"]
    equal(d.dig("updates.example", "SOA").answer[0].ttl, 77)
    listed = aws("list-operations", "--filters", f"Name=NAMESPACE_ID,Values={namespace}")["Operations"]
    equal(listed[-1], {"Id": operation, "Status": "SUCCESS"})
    service = aws("create-service", "--name", "api", "--namespace-id", namespace, "--dns-config",
                  "DnsRecords=[{Type=A,TTL=30}]", "--tags", "Key=k,Value=v")["Service"]
    aws("register-instance", "--service-id", service["Id"], "--instance-id", "i-1", "--attributes",
        "AWS_INSTANCE_IPV4=10.9.0.1")
    aws("update-service", "--id", service["Id"], "--service", "DnsConfig={DnsRecords=[{Type=A,TTL=7}]}")
    equal(d.dig("api.updates.example").answer[0].ttl, 7)
    aws("tag-resource", "--resource-arn", service["Arn"], "--tags", "Key=k,Value=w", "Key=l,Value=")
    aws("untag-resource", "--resource-arn", service["Arn"], "--tag-keys", "l")
    equal(aws("list-tags-for-resource", "--resource-arn", service["Arn"])["Tags"], [{"Key": "k", "Value": "w"}])
    aws("deregister-instance", "--service-id", service["Id"], "--instance-id", "i-1")
    aws("delete-service", "--id", service["Id"])
    aws("delete-namespace", "--id", namespace)


if __name__ == "__main__":
    OTHERS = {"dnspython": with_dnspython, "boto3": with_boto3, "boto3-updates": with_boto3_updates, "getent": with_getent}
    if sys.argv[1:2] and sys.argv[1] in OTHERS:
        OTHERS[sys.argv[1]](*sys.argv[2:])
    else:
        tap.main(globals(), start)
