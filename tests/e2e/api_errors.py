# SPDX-License-Identifier: MIT
"""api_errors.py -- requests that cannot be: status, __type and Message of each, and that nothing changes by them."""

import json
import re
import socket

import cmap
import tap
from tap import check, equal

INPUT, SERIAL, UNKNOWN = "InvalidInput", "SerializationException", "UnknownOperationException"
KEY = "^[a-zA-Z0-9!-~]+$"
VALUE = "^([a-zA-Z0-9!-~][ \\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$"
PRIVATE = "^(?!arn:)[!-~]{1,253}$"
LABEL = "([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"
SERVICE = f"((?=^.{{1,127}}$)^{LABEL}(\\.{LABEL})*$)|(^\\.$)"
NOBODY = "srv-aaaaaaaaaaaaaaaa"


def start():
    """Ids for the tables: $NS is a private namespace, $HTTP one without DNS, the others are services."""
    d = cmap.Daemon()
    d.fill = {
        "$NS": d.namespace("prod", CreatorRequestId="ns-once"), "$HTTP": d.namespace("calls", kind="Http"),
        "$WEB": d.service("web.prod", [("A", 60)], CreatorRequestId="web-once"),
        "$SRV": d.service("_svc._tcp.prod", [("SRV", 60)]), "$SIX": d.service("six.prod", [("AAAA", 60)]),
        "$CN": d.service("www.prod", [("CNAME", 60)]), "$ANY": d.service("any.prod", [("A", 60), ("AAAA", 60)]),
        "$CALL": d.service("api.calls")}
    d.register("web.prod", "i-1", ipv4="10.0.0.1")
    return d


def violation(*found):
    """Cloud Map's own words; found: pairs of value and place, and the constraint."""
    each = [f"Value {v} at '{place}' failed to satisfy constraint: {what}" for v, place, what in found]
    return f"{len(each)} validation error{'s' if len(each) > 1 else ''} detected: " + "; ".join(each)


def null(*places):
    return violation(*(("null", place, "Member must not be null") for place in places))


def pattern(value, place, expression):
    return violation((f"'{value}'", place, f"Member must satisfy regular expression pattern: {expression}"))


def longest(value, place, most):
    return violation((f"'{value}'", place, f"Member must have length less than or equal to {most}"))


def service(**members):
    return {"Name": "new", "NamespaceId": "$NS", "DnsConfig": {"DnsRecords": [{"Type": "A", "TTL": 60}]}, **members}


def records(*types, **members):
    return service(DnsConfig={"DnsRecords": [{"Type": t, "TTL": 60} for t in types], **members})


def register(where="$WEB", ident="i-2", /, **attributes):
    return {"ServiceId": where, "InstanceId": ident, "Attributes": {k: str(v) for k, v in attributes.items()}}


V4 = {"AWS_INSTANCE_IPV4": "10.0.0.2"}

# operation, body, __type, Message; all with status 400. $NS and such stand for ids.
REQUESTS = [
    # ---- which operation ----
    ("NoSuchOperation", {}, UNKNOWN, "X-Amz-Target 'Route53AutoNaming_v20170314.NoSuchOperation' names no operation."),
    ("listnamespaces", {}, UNKNOWN, "X-Amz-Target 'Route53AutoNaming_v20170314.listnamespaces' names no operation."),
    ("Cmap_v1.ListNamespaces", {}, UNKNOWN, "X-Amz-Target 'Cmap_v1.ListNamespaces' names no operation."),
    ("Cmap_v2.Status", {}, UNKNOWN, "X-Amz-Target 'Cmap_v2.Status' names no operation."),
    (".", {}, UNKNOWN, "X-Amz-Target '.' names no operation."),
    ("x." + "y" * 200, {}, UNKNOWN, f"X-Amz-Target 'x.{'y' * 78}' names no operation."),
    (None, {}, UNKNOWN, "The request has no header X-Amz-Target, such as Route53AutoNaming_v20170314.ListNamespaces."),

    # ---- what is no JSON, or of another type ----
    ("ListNamespaces", b"{", SERIAL, "The body is not JSON: line 1, column 1: string or '}' expected near end of file."),
    ("ListNamespaces", b"{\"MaxResults\": 1,}", SERIAL,
     "The body is not JSON: line 1, column 18: string or '}' expected near '}'."),
    ("ListNamespaces", b"{} {}", SERIAL, "The body is not JSON: line 1, column 4: end of file expected near '{'."),
    ("ListNamespaces", b"Name=prod", SERIAL, "The body is not JSON: line 1, column 4: invalid token near 'Name'."),
    ("ListNamespaces", b"{\"NextToken\": \"\xff\"}", SERIAL,
     "The body is not JSON: line 1, column 15: unable to decode byte 0xff near '\"'."),
    ("ListNamespaces", b"{\"NextToken\": \"\\u0000\"}", SERIAL,
     "The body is not JSON: line 1, column 22: a string holds the character U+0000."),
    ("ListNamespaces", b"[" * 40 + b"]" * 40, SERIAL, "The body nests objects and arrays deeper than 32."),
    ("ListNamespaces", b"[]", SERIAL, "the body of a request must be an object, not an array"),
    ("ListNamespaces", b"null", SERIAL, "the body of a request must be an object, not null"),
    ("ListNamespaces", b"\"{}\"", SERIAL, "the body of a request must be an object, not a string"),
    ("ListNamespaces", {"MaxResults": "10"}, SERIAL, "'maxResults' must be an integer of 32 bits, not a string"),
    ("ListNamespaces", {"MaxResults": 1.5}, SERIAL,
     "'maxResults' must be an integer of 32 bits, not a number with a fraction"),
    ("ListNamespaces", {"MaxResults": 1 << 40}, SERIAL, "'maxResults' must be an integer of 32 bits, not a number"),
    ("ListNamespaces", {"NextToken": ["x"]}, SERIAL, "'nextToken' must be a string, not an array"),
    ("CreateService", service(DnsConfig=[]), SERIAL, "'dnsConfig' must be an object, not an array"),
    ("CreateService", service(DnsConfig={"DnsRecords": [{"Type": "A", "TTL": "60"}]}), SERIAL,
     "'dnsConfig.dnsRecords.1.member.tTL' must be an integer, not a string"),
    ("RegisterInstance", {"ServiceId": "$WEB", "InstanceId": "i", "Attributes": {"AWS_INSTANCE_PORT": 80}}, SERIAL,
     "'attributes.AWS_INSTANCE_PORT.member' must be a string, not a number"),
    ("RegisterInstance", {"ServiceId": "$WEB", "InstanceId": "i", "Attributes": [V4]}, SERIAL,
     "'attributes' must be an object, not an array"),

    # ---- what is missing, too long, too much, of another form ----
    ("CreatePrivateDnsNamespace", {}, INPUT, null("name", "vpc")),
    ("CreatePrivateDnsNamespace", {"Name": None, "Vpc": "v"}, INPUT, null("name")),
    ("CreatePrivateDnsNamespace", {"Name": "", "Vpc": "v"}, INPUT, pattern("", "name", PRIVATE)),
    ("CreatePrivateDnsNamespace", {"Name": "a b", "Vpc": "v"}, INPUT, pattern("a b", "name", PRIVATE)),
    ("CreatePrivateDnsNamespace", {"Name": "arn:x", "Vpc": "v"}, INPUT, pattern("arn:x", "name", PRIVATE)),
    ("CreatePrivateDnsNamespace", {"Name": "m\u00fcller", "Vpc": "v"}, INPUT, pattern("m\u00fcller", "name", PRIVATE)),
    ("CreatePrivateDnsNamespace", {"Name": "a..b", "Vpc": "v"}, INPUT,
     "Name 'a..b' must be a domain name: labels of 1 to 63 characters between dots, without backslashes."),
    ("CreatePrivateDnsNamespace", {"Name": "x", "Vpc": "v", "CreatorRequestId": "c" * 65}, INPUT,
     longest("c" * 65, "creatorRequestId", 64)),
    ("CreatePrivateDnsNamespace", {"Name": "x", "Vpc": "v", "Properties": {"DnsProperties": {"SOA": {"TTL": -1}}}},
     INPUT, violation(("'-1'", "properties.dnsProperties.sOA.tTL", "Member must have value greater than or equal to 0"))),
    ("CreatePrivateDnsNamespace", {"Name": "x", "Vpc": "v", "Properties": {"DnsProperties": {"SOA": {"TTL": 1 << 31}}}},
     INPUT, violation(("'2147483648'", "properties.dnsProperties.sOA.tTL",
                       "Member must have value less than or equal to 2147483647"))),
    ("CreatePublicDnsNamespace", {"Name": "single"}, INPUT,
     pattern("single", "name", "^([a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?\\.)+"
             "[a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?$")),
    ("ListNamespaces", {"MaxResults": 0}, INPUT,
     violation(("'0'", "maxResults", "Member must have value greater than or equal to 1"))),
    ("ListNamespaces", {"MaxResults": 101}, INPUT,
     violation(("'101'", "maxResults", "Member must have value less than or equal to 100"))),
    ("ListNamespaces", {"NextToken": "made up"}, INPUT, "NextToken is not one that this listing has given."),
    ("ListNamespaces", {"Filters": [{"Name": "SIZE", "Values": ["x"]}]}, INPUT,
     violation(("'SIZE'", "filters.1.member.name",
                "Member must satisfy enum value set: [TYPE, NAME, HTTP_NAME, RESOURCE_OWNER]"))),
    ("ListNamespaces", {"Filters": [{"Name": "NAME", "Values": ["a", "b"]}]}, INPUT,
     "The filter NAME must have exactly one of Values."),
    ("ListServices", {"Filters": [{"Name": "NAMESPACE_ID", "Values": ["x"], "Condition": "BETWEEN"}]}, INPUT,
     "The filter NAMESPACE_ID cannot have the Condition BETWEEN."),
    ("CreateService", {"Name": "new"}, INPUT, "Service namespace id cannot be null"),
    ("CreateService", service(Name="my service"), INPUT, pattern("my service", "name", SERVICE)),
    ("CreateService", service(Name="-a"), INPUT, pattern("-a", "name", SERVICE)),
    ("CreateService", records("A", "MX"), INPUT,
     violation(("'MX'", "dnsConfig.dnsRecords.2.member.type",
                "Member must satisfy enum value set: [SRV, A, AAAA, CNAME]"))),
    ("CreateService", records("A", RoutingPolicy="RANDOM"), INPUT,
     violation(("'RANDOM'", "dnsConfig.routingPolicy", "Member must satisfy enum value set: [MULTIVALUE, WEIGHTED]"))),
    ("CreateService", service(HealthCheckConfig={"Type": "TCP", "FailureThreshold": 11}), INPUT,
     violation(("'11'", "healthCheckConfig.failureThreshold", "Member must have value less than or equal to 10"))),
    ("RegisterInstance", {}, INPUT, null("serviceId", "instanceId", "attributes")),
    ("RegisterInstance", register("$WEB", "a b", **V4), INPUT,
     pattern("a b", "instanceId", "^[0-9a-zA-Z_/:.@-]+$")),
    ("RegisterInstance", register("$WEB", "i" * 65, **V4), INPUT, longest("i" * 65, "instanceId", 64)),
    ("RegisterInstance", register(**V4, **{"a b": "c"}), INPUT,
     violation(("'{2}'", "attributes", "Map keys must satisfy constraint: [Member must have length less than or equal "
                f"to 255, Member must satisfy regular expression pattern: {KEY}]"))),
    ("RegisterInstance", register(**V4, key=" leading"), INPUT, pattern(" leading", "attributes.key.member", VALUE)),
    ("RegisterInstance", register(**V4, key="v" * 1025), INPUT,
     longest("v" * 255 + "...", "attributes.key.member", 1024)),
    ("DiscoverInstances", {"NamespaceName": "prod"}, INPUT, null("serviceName")),
    ("DiscoverInstances", {"NamespaceName": "prod", "ServiceName": "web", "MaxResults": 1001}, INPUT,
     violation(("'1001'", "maxResults", "Member must have value less than or equal to 1000"))),
    ("DiscoverInstances", {"NamespaceName": "prod", "ServiceName": "web", "HealthStatus": "FINE"}, INPUT,
     violation(("'FINE'", "healthStatus",
                "Member must satisfy enum value set: [HEALTHY, UNHEALTHY, ALL, HEALTHY_OR_ELSE_ALL]"))),
    ("GetOperation", {}, INPUT, null("operationId")),
    ("Cmap_v1.RenewLeases", {"Leases": []}, INPUT,
     violation(("'[0]'", "leases", "Member must have length greater than or equal to 1"))),
    ("Cmap_v1.RenewLeases", {"Leases": [{"ServiceId": "$WEB"}]}, INPUT, null("leases.1.member.instanceId")),
    ("Cmap_v1.FindService", {"Name": ""}, INPUT,
     violation(("''", "name", "Member must have length greater than or equal to 1"))),

    # ---- what does not go together ----
    ("CreateService", service(NamespaceId="$HTTP"), INPUT,
     "When you specify an HTTP service, you can't include a DnsConfig element."),
    ("CreateService", service(Type="HTTP"), INPUT,
     "A service of Type HTTP has no DNS records; leave out Type or DnsConfig."),
    ("CreateService", records(), INPUT, "DnsConfig must have at least one of DnsRecords."),
    ("CreateService", records("A", "A"), INPUT, "DnsRecords must have each Type only once; A is there twice."),
    ("CreateService", records("A", "CNAME"), INPUT,
     "A CNAME record cannot stand beside other records; use a service of its own for it."),
    ("CreateService", records("CNAME", RoutingPolicy="MULTIVALUE"), INPUT,
     "A service with a CNAME record must have the RoutingPolicy WEIGHTED."),
    ("CreateService", service(HealthCheckConfig={"Type": "TCP"}), INPUT,
     "HealthCheckConfig cannot be used in a private DNS namespace; use HealthCheckCustomConfig."),
    ("CreateService", service(HealthCheckConfig={"Type": "TCP"}, HealthCheckCustomConfig={}), INPUT,
     "Specify either HealthCheckConfig or HealthCheckCustomConfig, but not both."),
    ("RegisterInstance", register(), INPUT, "The service has an A record, so AWS_INSTANCE_IPV4 must be supplied."),
    ("RegisterInstance", register(AWS_INSTANCE_IPV4="10.0.0"), INPUT,
     "AWS_INSTANCE_IPV4 must be an IPv4 address such as 10.0.0.1, not '10.0.0'."),
    ("RegisterInstance", register(AWS_INSTANCE_IPV4="224.0.0.1"), INPUT,
     "AWS_INSTANCE_IPV4 must be the address of one host; '224.0.0.1' is none."),
    ("RegisterInstance", register("$SIX", AWS_INSTANCE_IPV6="fe80::1%eth0"), INPUT,
     "AWS_INSTANCE_IPV6 must be an IPv6 address such as fd00::1, not 'fe80::1%eth0'."),
    ("RegisterInstance", register("$SIX", **V4), INPUT,
     "The service has an AAAA record, so AWS_INSTANCE_IPV6 must be supplied."),
    ("RegisterInstance", register("$ANY"), INPUT,
     "The service has A and AAAA records, so AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 must be supplied."),
    ("RegisterInstance", register("$SRV", **V4), INPUT, "A valid port number must be supplied."),
    ("RegisterInstance", register("$SRV", **V4, AWS_INSTANCE_PORT=0), INPUT, "A valid port number must be supplied."),
    ("RegisterInstance", register("$SRV", **V4, AWS_INSTANCE_PORT=65536), INPUT, "A valid port number must be supplied."),
    ("RegisterInstance", register("$SRV", AWS_INSTANCE_PORT=1), INPUT,
     "The service has an SRV record, so AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 must be supplied."),
    ("RegisterInstance", register("$SRV", "a..b", **V4, AWS_INSTANCE_PORT=1), INPUT,
     "InstanceId 'a..b' must make a domain name below the service's, which has an SRV record: 1 to 63 characters "
     "between dots, at most 253 in all."),
    ("RegisterInstance", register("$CN", **V4), INPUT,
     "The service has a CNAME record, so AWS_INSTANCE_CNAME must be supplied."),
    ("RegisterInstance", register("$CN", AWS_INSTANCE_CNAME="a b"), INPUT,
     "AWS_INSTANCE_CNAME must be a domain name such as www.example.com, not 'a b'."),
    ("RegisterInstance", register(**V4, CMAP_LEASE="soon"), INPUT,
     "CMAP_LEASE must be a duration from 1s to 7d, such as 30s, not 'soon'."),
    ("RegisterInstance", register(**V4, CMAP_LEASE="0s"), INPUT,
     "CMAP_LEASE must be a duration from 1s to 7d, such as 30s, not '0s'."),
    ("RegisterInstance", register(**V4, CMAP_LEES="30s"), INPUT,
     "Attribute CMAP_LEES is not known; of those that begin with CMAP_ there are CMAP_LEASE, CMAP_WEIGHT, CMAP_PUBLIC_IPV4, CMAP_PUBLIC_IPV6 and CMAP_PORT_name."),
    ("RegisterInstance", register(**V4, AWS_INIT_HEALTH_STATUS="HEALTHY"), INPUT,
     "AWS_INIT_HEALTH_STATUS can be used only in services that have a HealthCheckCustomConfig."),
    ("RegisterInstance", register(**V4, **{f"k{i}": "v" for i in range(31)}), INPUT,
     "An instance can have at most 30 custom attributes, not 31."),
    ("RegisterInstance", register(**V4, **{f"k{i}": "v" * 1000 for i in range(5)}), INPUT,
     "The keys and values of all attributes can have at most 5000 bytes together, not 5035."),

    # ---- what is not there, or there already ----
    ("GetNamespace", {"Id": "ns-aaaaaaaaaaaaaaaa"}, "NamespaceNotFound",
     "No namespace has the id 'ns-aaaaaaaaaaaaaaaa'."),
    ("DeleteNamespace", {"Id": "$NS"}, "ResourceInUse",
     "Namespace contains services; delete the services before deleting the namespace"),
    ("GetService", {"Id": NOBODY}, "ServiceNotFound", f"No service has the id '{NOBODY}'."),
    ("DeleteService", {"Id": "$WEB"}, "ResourceInUse",
     "Service contains registered instances; delete the instances before deleting the service"),
    ("CreateService", service(NamespaceId="ns-aaaaaaaaaaaaaaaa"), "NamespaceNotFound",
     "No namespace has the id 'ns-aaaaaaaaaaaaaaaa'."),
    ("RegisterInstance", register(NOBODY, **V4), "ServiceNotFound", f"No service has the id '{NOBODY}'."),
    ("DeregisterInstance", {"ServiceId": "$WEB", "InstanceId": "no"}, "InstanceNotFound",
     "Service 'web' has no instance 'no'."),
    ("GetInstance", {"ServiceId": "$WEB", "InstanceId": "no"}, "InstanceNotFound",
     "Service 'web' has no instance 'no'."),
    ("ListInstances", {"ServiceId": NOBODY}, "ServiceNotFound", f"No service has the id '{NOBODY}'."),
    ("DiscoverInstances", {"NamespaceName": "no", "ServiceName": "web"}, "NamespaceNotFound", "Namespace not found"),
    ("DiscoverInstances", {"NamespaceName": "prod", "ServiceName": "no"}, "ServiceNotFound", "Service not found"),
    ("GetOperation", {"OperationId": "no"}, "OperationNotFound", "Operation not found"),
    ("Cmap_v1.FindService", {"Name": "web.elsewhere"}, "NamespaceNotFound", "no namespace holds 'web.elsewhere'"),
    ("CreatePrivateDnsNamespace", {"Name": "prod", "Vpc": "v"}, "NamespaceAlreadyExists",
     "Namespace 'prod' already exists."),
    ("CreatePrivateDnsNamespace", {"Name": "PROD", "Vpc": "v"}, "NamespaceAlreadyExists",
     "Namespace 'PROD' already exists."),
    ("CreateService", service(Name="web"), "ServiceAlreadyExists", "Service already exists."),
    ("CreateService", service(Name="WEB"), "ServiceAlreadyExists", "Service already exists."),
]


def filled(d, body):
    """body with the ids put in."""
    if isinstance(body, dict):
        return {k: filled(d, v) for k, v in body.items()}
    return d.fill.get(body, body) if isinstance(body, str) else body


def held(d):
    """All that a request could change."""
    status = d.status()
    return [status[k] for k in ("Revision", "Namespaces", "Services", "Instances", "Leased")]


def test_a_table_of_requests(d):
    check(len(REQUESTS) >= 40, f"{len(REQUESTS)} requests")
    before, wrong = held(d), []
    connection = d.connect()  # one for all: none of them is a reason to close it
    for operation, body, kind, message in REQUESTS:
        body = body if isinstance(body, bytes) else filled(d, body)
        reply = cmap.post(connection, operation, body)
        answer = json.loads(reply.body)
        got = (reply.status, answer.get("__type"), answer.get("Message"))
        if got != (400, kind, message) or reply.headers["x-amzn-ErrorType"] != kind:
            wrong.append(f"{operation} {body}\n  got  {got}\n  want {(400, kind, message)}")
        equal(reply.headers["Content-Type"], "application/x-amz-json-1.1")
        check(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply.headers["x-amzn-RequestId"]), "id")
    connection.close()
    check(not wrong, "\n".join(wrong))
    equal(held(d), before, "what is registered")


def test_an_error_tells_of_what_exists(d):
    error = d.refused("CreatePrivateDnsNamespace", {"Name": "prod", "Vpc": "v"})
    equal(error.body, {"__type": "NamespaceAlreadyExists", "Message": "Namespace 'prod' already exists.",
                       "CreatorRequestId": "ns-once", "NamespaceId": d.fill["$NS"]})
    error = d.refused("CreateService", filled(d, service(Name="web")))
    equal(error.body, {"__type": "ServiceAlreadyExists", "Message": "Service already exists.",
                       "CreatorRequestId": "web-once", "ServiceId": d.fill["$WEB"],
                       "ServiceArn": f"arn:aws:servicediscovery:us-east-1:000000000000:service/{d.fill['$WEB']}"})


# ---- below JSON ----

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Cmap_v1.Status\r\n"
TOO_LARGE = "The body of the request is longer than 65536 octets."
HELP = ("There is nothing here. The API is POST / with a JSON body and a header X-Amz-Target: "
        "Route53AutoNaming_v20170314.ListNamespaces, or another of its operations.")
LENGTH = "Content-Length must be one decimal number."
ENCODING = "Transfer-Encoding must be 'chunked', in HTTP/1.1."

# name, octets sent, status, __type and Message; type None: libmicrohttpd's own answer in HTML
HTTP = [
    ("another path", b"POST /other HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", 404, "NotFound", HELP),
    ("GET", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404, "NotFound", HELP),
    ("PUT", b"PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 405, "MethodNotAllowed", HELP),
    ("DELETE", b"DELETE / HTTP/1.1\r\nHost: x\r\n\r\n", 405, "MethodNotAllowed", HELP),
    ("no Host", b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}", 400, "BadRequest",
     "The request must have one header Host."),
    ("two Hosts", b"POST / HTTP/1.1\r\nHost: x\r\nHost: y\r\nContent-Length: 2\r\n\r\n{}", 400, "BadRequest",
     "The request must have one header Host."),
    ("two Content-Lengths", HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400, "BadRequest", LENGTH),
    ("the same Content-Length twice", HEAD + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "BadRequest",
     LENGTH),
    ("both lengths", HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest",
     "Content-Length and Transfer-Encoding must not be given together."),
    ("another encoding", HEAD + b"Transfer-Encoding: gzip\r\n\r\n", 400, "BadRequest", ENCODING),
    ("chunks in HTTP/1.0", b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "BadRequest",
     ENCODING),
    ("a control character", HEAD + b"X: a\x01b\r\nContent-Length: 2\r\n\r\n{}", 400, "BadRequest",
     "A header has control characters in its value."),
    ("a name that is none", HEAD + b"a(b: c\r\nContent-Length: 2\r\n\r\n{}", 400, "BadRequest",
     "A header has a name that is none."),
    ("101 headers", HEAD + b"".join(b"X%d: y\r\n" % i for i in range(100)) + b"Content-Length: 2\r\n\r\n{}", 431,
     "RequestHeaderFieldsTooLarge", "The head of the request has more than 100 headers or 8192 octets."),
    ("a long header", HEAD + b"X: " + b"y" * 9000 + b"\r\nContent-Length: 2\r\n\r\n{}", 431,
     "RequestHeaderFieldsTooLarge", "The head of the request has more than 100 headers or 8192 octets."),
    ("65537 octets", HEAD + b"Content-Length: 65537\r\n\r\n" + b" " * 65537, 413, "RequestTooLargeException", TOO_LARGE),
    ("a million octets", HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * 1000000, 413, "RequestTooLargeException",
     TOO_LARGE),
    ("more octets than it will hear", HEAD + b"Content-Length: 99999999999\r\n\r\n", 413, "RequestTooLargeException",
     TOO_LARGE),
    ("much asked for before it is sent", HEAD + b"Content-Length: 70000\r\nExpect: 100-continue\r\n\r\n", 413,
     "RequestTooLargeException", TOO_LARGE),
    ("70000 octets in chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"7\r\n       \r\n" * 10000 + b"0\r\n\r\n",
     413, "RequestTooLargeException", TOO_LARGE),
    ("a length that is none", HEAD + b"Content-Length: two\r\n\r\n{}", 400, None, None),
    ("no version", b"POST /\r\n\r\n", 400, None, None),
    ("HTTP/2.0", b"POST / HTTP/2.0\r\nHost: x\r\n\r\n", 505, None, None),
]


def converse(d, octets):
    """The octets that come back, until cmapd closes or has nothing more to say to a client that has finished."""
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(tap.PATIENCE)
        s.connect(d.socket)
        s.sendall(octets)
        answer = b""
        while b"\r\n\r\n" not in answer or len(answer.split(b"\r\n\r\n", 1)[1]) < length(answer):
            try:
                piece = s.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                break
            answer += piece
        return answer


def length(answer):
    found = re.search(rb"(?i)\r\ncontent-length: *(\d+)\r\n", answer)
    return int(found.group(1)) if found else 1 << 30


def test_a_table_of_HTTP(d):
    before, wrong = held(d), []
    for name, octets, status, kind, message in HTTP:
        head, _, body = converse(d, octets).partition(b"\r\n\r\n")
        got_status = int(head.split()[1]) if head.startswith(b"HTTP/1.") else head
        got = [got_status, None, None]
        if body.startswith(b"{"):
            got[1:] = (json.loads(body)["__type"], json.loads(body)["Message"])
            if f"x-amzn-ErrorType: {got[1]}".encode() not in head:
                wrong.append(f"{name}: {head}")
        if got != [status, kind, message]:
            wrong.append(f"{name}:\n  got  {got}\n  want {[status, kind, message]}")
    check(not wrong, "\n".join(wrong))
    equal(held(d), before, "what is registered")


def test_a_second_request_does_not_hide_in_a_refused_one(d):
    """Of two framings one could be a proxy's: then what follows is no request of that client."""
    hidden = HEAD.replace(b"Cmap_v1.Status", b"Route53AutoNaming_v20170314.ListNamespaces") + b"Content-Length: 2\r\n\r\n{}"
    for lengths in (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 0\r\nContent-Length: 5\r\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(tap.PATIENCE)
            s.connect(d.socket)
            s.sendall(HEAD + lengths + b"\r\n0\r\n\r\n" + hidden)
            answer = b""
            while True:
                try:
                    piece = s.recv(65536)
                except ConnectionResetError:
                    piece = b""
                if not piece:
                    break
                answer += piece
        equal((answer.count(b"HTTP/1.1 "), answer.count(b"Namespaces")), (1, 0), "one answer, then it is closed")


def test_garbage_and_half_requests(d):
    before = held(d)
    for octets in (b"\x16\x03\x01\x02\x00\x01\x00", b"\0" * 100, b"POST", HEAD, HEAD + b"Content-Length: 50\r\n\r\n{",
                   HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(d.socket)
            s.sendall(octets)
    equal(held(d), before, "what is registered")


def test_a_slow_request_is_refused_in_time():
    with cmap.Daemon(http_deadline="1s") as d, socket.socket(socket.AF_UNIX) as s:
        s.settimeout(tap.PATIENCE)
        s.connect(d.socket)
        s.sendall(HEAD)
        answer = s.recv(65536)
        equal(answer.split()[1], b"408")
        equal(json.loads(answer.partition(b"\r\n\r\n")[2]),
              {"__type": "RequestTimeout", "Message": "The request did not arrive in time."})


def test_one_connection_too_many():
    with cmap.Daemon(http_connections=3) as d:
        open_ones = [d.connect() for _ in range(3)]
        for connection in open_ones:
            equal(cmap.call(connection, "ListNamespaces"), {"Namespaces": []})
        error = d.refused("ListNamespaces")
        equal((error.status, error.type, error.message),
              (503, "ServiceUnavailable", "There are as many connections as the server takes; try again."))
        open_ones.pop().close()
        tap.wait_until(lambda: not is_refused(d), "the place of the one that left is free")
        for connection in open_ones:
            connection.close()


def is_refused(d):
    try:
        d.call("ListNamespaces")
    except cmap.ApiError:
        return True
    return False


def test_the_most_instances_of_a_service():
    with cmap.Daemon(namespace=["prod"], max_instances=3) as d:
        d.service("web.prod", [("A", 60)])
        for i in range(3):
            d.register("web.prod", f"i-{i}", ipv4=f"10.0.0.{i}")
        error = d.refused("RegisterInstance", {"ServiceId": d.find("web.prod"), "InstanceId": "i-3", "Attributes": V4})
        equal((error.status, error.type, error.message), (
            400, "ResourceLimitExceeded", "Service 'web' has 3 instances, the most that max_instances allows."))
        d.register("web.prod", "i-1", ipv4="10.0.0.9")  # one that is there may be replaced
        equal(sorted(d.dig("web.prod").values()), ["10.0.0.0", "10.0.0.2", "10.0.0.9"])


if __name__ == "__main__":
    tap.main(globals(), start)
