/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>

#include "base/error.h"
#include "make.h"
#include "test.h"

Test(model_struct, free_takes_null)
{
	namespace_free(NULL);
	service_free(NULL);
	instance_free(NULL);
	operation_free(NULL);
}

Test(model_struct, copies_share_nothing)
{
	struct namespace *ns = make_namespace("ns-1", NAMESPACE_DNS_PRIVATE, "n"), *ns2;
	struct service *s = make_service("srv-1", "ns-1", "s"), *s2;

	ns->soa_ttl = 7;
	ns->created_ms = 8;
	ns->description = xstrdup("d");
	ns->updater_request_id = xstrdup("u");
	strcpy(ns->operation_id, "op-1");
	strcpy(ns->update_operation_id, "op-2");
	attributes_set(&ns->tags, "k", "v");
	make_records(s, "s6");
	s->has_health_check = s->has_custom_health = s->http_only = true;
	s->has_routing = true;
	s->routing = ROUTING_WEIGHTED;
	s->health_check = (struct health_check){HEALTH_TCP, xstrdup("/"), 3};
	s->created_ms = 9;
	attributes_set(&s->tags, "k", "v");
	attributes_set(&s->attributes, "a", "b");
	ns2 = namespace_copy(ns);
	s2 = service_copy(s);
	namespace_free(ns);
	service_free(s);
	cr_expect_str_eq(ns2->id, "ns-1");
	cr_expect_eq(ns2->type, NAMESPACE_DNS_PRIVATE);
	cr_expect_str_eq(ns2->name, "n");
	cr_expect_str_eq(ns2->creator_request_id, "");
	cr_expect_str_eq(ns2->description, "d");
	cr_expect_null(ns2->vpc);
	cr_expect(ns2->soa_ttl == 7 && ns2->created_ms == 8);
	cr_expect_str_eq(ns2->operation_id, "op-1");
	cr_expect_str_eq(ns2->updater_request_id, "u");
	cr_expect_str_eq(ns2->update_operation_id, "op-2");
	cr_expect_str_eq(attributes_get(&ns2->tags, "k"), "v");
	cr_expect_str_eq(s2->id, "srv-1");
	cr_expect_str_eq(s2->namespace_id, "ns-1");
	cr_expect_str_eq(s2->name, "s");
	cr_expect_null(s2->description);
	cr_expect(s2->n_records == 2 && s2->records[0].type == RECORD_SRV);
	cr_expect(s2->has_health_check && s2->has_custom_health && s2->http_only);
	cr_expect(s2->has_routing && s2->routing == ROUTING_WEIGHTED);
	cr_expect_str_eq(s2->health_check.resource_path, "/");
	cr_expect(s2->health_check.type == HEALTH_TCP &&
		  s2->health_check.failure_threshold == 3);
	cr_expect_eq(s2->created_ms, 9);
	cr_expect_str_eq(attributes_get(&s2->tags, "k"), "v");
	cr_expect_str_eq(attributes_get(&s2->attributes, "a"), "b");
	namespace_free(ns2);
	service_free(s2);
}

Test(model_struct, record_is_found_by_type)
{
	struct service *s = make_service("srv-1", "ns-1", "s");

	cr_assert_null(service_record(s, RECORD_A));
	make_records(s, "s6");
	s->records[1].ttl = 7;
	cr_assert_eq(service_record(s, RECORD_SRV), &s->records[0]);
	cr_assert_eq(service_record(s, RECORD_AAAA)->ttl, 7);
	cr_assert_null(service_record(s, RECORD_A));
	cr_assert_null(service_record(s, RECORD_CNAME));
	service_free(s);
}

Test(model_struct, attributes_are_read)
{
	struct instance *i = make_instance("i-1");
	char text[INET6_ADDRSTRLEN];

	cr_assert_eq(instance_read_attributes(i), CMAP_OK);
	cr_assert(!i->has_ipv4 && !i->has_ipv6 && i->port == 0 && i->lease_ms == 0);
	attributes_set(&i->attributes, "AWS_INSTANCE_IPV4", "10.0.0.1");
	attributes_set(&i->attributes, "AWS_INSTANCE_IPV6", "fd00::1");
	attributes_set(&i->attributes, "AWS_INSTANCE_PORT", "8080");
	attributes_set(&i->attributes, "CMAP_LEASE", "30s");
	attributes_set(&i->attributes, "aws_instance_port", "none");
	cr_assert_eq(instance_read_attributes(i), CMAP_OK);
	cr_assert(i->has_ipv4 && i->has_ipv6);
	cr_assert_str_eq(inet_ntop(AF_INET, &i->ipv4, text, sizeof(text)), "10.0.0.1");
	cr_assert_str_eq(inet_ntop(AF_INET6, &i->ipv6, text, sizeof(text)), "fd00::1");
	cr_assert_eq(i->port, 8080);
	cr_assert_eq(i->lease_ms, 30000);
	attributes_free(&i->attributes);
	cr_assert_eq(instance_read_attributes(i), CMAP_OK);
	cr_assert(!i->has_ipv4 && !i->has_ipv6 && i->port == 0 && i->lease_ms == 0);
	instance_free(i);
}

Test(model_struct, what_does_not_parse_is_corrupt)
{
	static const char *const bad[][2] = {{"AWS_INSTANCE_IPV4", "10.0.0"},
		{"AWS_INSTANCE_IPV4", "0.0.0.0"}, {"AWS_INSTANCE_IPV6", "fd00"},
		{"AWS_INSTANCE_PORT", "0"}, {"CMAP_LEASE", "1ms"}, {"CMAP_LEASE", ""}};

	for (size_t n = 0; n < CMAP_COUNT(bad); n++) {
		struct instance *i = make_instance("i-1");

		attributes_set(&i->attributes, bad[n][0], bad[n][1]);
		cr_assert_eq(instance_read_attributes(i), CMAP_E_CORRUPT, "%s=%s",
			bad[n][0], bad[n][1]);
		instance_free(i);
	}
}

Test(model_struct, live_until_the_lease_ends)
{
	struct instance i = {.lease_end_ms = 1000};

	cr_assert(instance_is_live(&i, 999));
	cr_assert_not(instance_is_live(&i, 1000));
	cr_assert_not(instance_is_live(&i, 1001));
	i.lease_end_ms = MODEL_LEASE_NONE;
	cr_assert(instance_is_live(&i, INT64_MAX - 1));
}
