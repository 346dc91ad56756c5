/* SPDX-License-Identifier: MIT */
#include "model/fault.h"

#include "base/mem.h"
#include "test.h"

Test(fault, every_code_has_a_type_and_a_status)
{
	for (int code = FAULT_NONE + 1; code < FAULT_N; code++) {
		enum fault_code c = (enum fault_code)code;

		cr_assert_not_null(fault_type(c), "code %d", code);
		cr_assert_gt(strlen(fault_type(c)), 0, "code %d", code);
		cr_assert_geq(fault_http_status(c), 400, "code %d", code);
		for (int other = FAULT_NONE + 1; other < code; other++)
			cr_assert_str_neq(fault_type(c),
				fault_type((enum fault_code)other));
	}
}

Test(fault, names_and_statuses_are_cloud_maps)
{
	static const struct {
		enum fault_code code;
		const char *type;
		int status;
	} cases[] = {
		{FAULT_INVALID_INPUT, "InvalidInput", 400},
		{FAULT_NAMESPACE_ALREADY_EXISTS, "NamespaceAlreadyExists", 400},
		{FAULT_SERVICE_ALREADY_EXISTS, "ServiceAlreadyExists", 400},
		{FAULT_NAMESPACE_NOT_FOUND, "NamespaceNotFound", 400},
		{FAULT_SERVICE_NOT_FOUND, "ServiceNotFound", 400},
		{FAULT_INSTANCE_NOT_FOUND, "InstanceNotFound", 400},
		{FAULT_OPERATION_NOT_FOUND, "OperationNotFound", 400},
		{FAULT_CUSTOM_HEALTH_NOT_FOUND, "CustomHealthNotFound", 400},
		{FAULT_RESOURCE_IN_USE, "ResourceInUse", 400},
		{FAULT_RESOURCE_LIMIT_EXCEEDED, "ResourceLimitExceeded", 400},
		{FAULT_DUPLICATE_REQUEST, "DuplicateRequest", 400},
		{FAULT_RESOURCE_NOT_FOUND, "ResourceNotFoundException", 400},
		{FAULT_TOO_MANY_TAGS, "TooManyTagsException", 400},
		{FAULT_SERVICE_ATTRIBUTES_LIMIT_EXCEEDED,
			"ServiceAttributesLimitExceededException", 400},
		{FAULT_SERIALIZATION, "SerializationException", 400},
		{FAULT_UNKNOWN_OPERATION, "UnknownOperationException", 400},
		{FAULT_REQUEST_TOO_LARGE, "RequestTooLargeException", 413},
		{FAULT_INTERNAL_FAILURE, "InternalFailure", 500},
		{FAULT_SERVICE_UNAVAILABLE, "ServiceUnavailable", 503},
	};

	cr_assert_eq(CMAP_COUNT(cases), FAULT_N - 1);
	for (size_t i = 0; i < CMAP_COUNT(cases); i++) {
		cr_assert_str_eq(fault_type(cases[i].code), cases[i].type);
		cr_assert_eq(fault_http_status(cases[i].code), cases[i].status);
	}
}

Test(fault, keeps_its_first_reason)
{
	struct fault f = {0};

	fault_set(&f, FAULT_INVALID_INPUT, "%s is %d", "n", 3);
	fault_set(&f, FAULT_INTERNAL_FAILURE, "later");
	cr_assert_eq(f.code, FAULT_INVALID_INPUT);
	cr_assert_str_eq(f.message, "n is 3");
	fault_free(&f);
}

Test(fault, free_makes_it_none)
{
	struct fault f = {0};

	fault_set(&f, FAULT_DUPLICATE_REQUEST, "x");
	f.existing_id = xstrdup("ns-1");
	f.existing_creator = xstrdup("c");
	f.operation_id = xstrdup("op");
	fault_free(&f);
	cr_assert_eq(f.code, FAULT_NONE);
	cr_assert_null(f.message);
	cr_assert_null(f.existing_id);
	fault_set(&f, FAULT_SERVICE_NOT_FOUND, "again");
	cr_assert_eq(f.code, FAULT_SERVICE_NOT_FOUND);
	fault_free(&f);
	fault_free(&f);
}
