/* SPDX-License-Identifier: MIT */
#include "base/error.h"
#include "model/model.h"
#include "test.h"

Test(model_names, are_the_apis_and_read_back)
{
	enum namespace_type n;
	enum record_type r;
	enum routing_policy p;
	enum health_type h;
	enum operation_type o;

	for (int i = NAMESPACE_DNS_PUBLIC; i <= NAMESPACE_HTTP; i++) {
		const char *name = namespace_type_name((enum namespace_type)i);

		cr_assert_eq(namespace_type_from_name(name, &n), CMAP_OK);
		cr_assert_eq((int)n, i);
	}
	for (int i = 0; i < RECORD_N; i++) {
		cr_assert_eq(record_type_from_name(record_type_name((enum record_type)
								   i),
				     &r),
			0);
		cr_assert_eq((int)r, i);
	}
	for (int i = ROUTING_MULTIVALUE; i <= ROUTING_WEIGHTED; i++) {
		const char *name = routing_policy_name((enum routing_policy)i);

		cr_assert_eq(routing_policy_from_name(name, &p), CMAP_OK);
		cr_assert_eq((int)p, i);
	}
	for (int i = HEALTH_HTTP; i <= HEALTH_TCP; i++) {
		cr_assert_eq(health_type_from_name(health_type_name((enum health_type)
								   i),
				     &h),
			0);
		cr_assert_eq((int)h, i);
	}
	for (int i = OPERATION_CREATE_NAMESPACE; i <= OPERATION_DEREGISTER_INSTANCE;
		i++) {
		const char *name = operation_type_name((enum operation_type)i);

		cr_assert_eq(operation_type_from_name(name, &o), CMAP_OK);
		cr_assert_eq((int)o, i);
	}
	cr_assert_str_eq(namespace_type_name(NAMESPACE_DNS_PRIVATE), "DNS_PRIVATE");
	cr_assert_str_eq(record_type_name(RECORD_AAAA), "AAAA");
	cr_assert_str_eq(routing_policy_name(ROUTING_WEIGHTED), "WEIGHTED");
	cr_assert_str_eq(health_type_name(HEALTH_HTTPS), "HTTPS");
	cr_assert_str_eq(operation_type_name(OPERATION_REGISTER_INSTANCE),
		"REGISTER_INSTANCE");
}

Test(model_names, unknown_ones_are_refused)
{
	static const char *const unknown[] = {"", "a", "http", "HTTP ", "DNS", "A,AAAA",
		"TXT", "FAILOVER", "UDP", "NONE"};
	enum namespace_type n = NAMESPACE_HTTP;
	enum record_type r = RECORD_SRV;
	enum routing_policy p = ROUTING_WEIGHTED;
	enum health_type h = HEALTH_TCP;
	enum operation_type o = OPERATION_UPDATE_SERVICE;

	for (size_t i = 0; i < CMAP_COUNT(unknown); i++) {
		cr_assert_eq(namespace_type_from_name(unknown[i], &n), CMAP_E_INVALID);
		cr_assert_eq(record_type_from_name(unknown[i], &r), CMAP_E_INVALID);
		cr_assert_eq(routing_policy_from_name(unknown[i], &p), CMAP_E_INVALID);
		cr_assert_eq(health_type_from_name(unknown[i], &h), CMAP_E_INVALID);
		cr_assert_eq(operation_type_from_name(unknown[i], &o), CMAP_E_INVALID);
	}
	cr_assert(n == NAMESPACE_HTTP && r == RECORD_SRV && p == ROUTING_WEIGHTED);
	cr_assert(h == HEALTH_TCP && o == OPERATION_UPDATE_SERVICE);
}
