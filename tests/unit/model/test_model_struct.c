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
