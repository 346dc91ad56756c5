/* SPDX-License-Identifier: MIT */
/* Cloud Map's shapes, in the order of its service model: scalars, structures, inputs. */
#include "api/shapes.h"
#include "model/rules.h"

#define TTL_MAX     2147483647
#define FILTERS_MAX 16 /* cmap's own: each is looked at for each item */

#define STRING(max_)                                                                   \
	{                                                                              \
		.kind = SHAPE_STRING, .max = (max_)                                    \
	}
#define MEMBERS(array)                                                                 \
	{                                                                              \
		.kind = SHAPE_STRUCT, .members = (array)                               \
	}
#define ENUM(values_)                                                                  \
	{                                                                              \
		.kind = SHAPE_STRING, .max = SHAPE_NO_MAX, .values = (values_)         \
	}
#define LIST_OF(element_, max_)                                                        \
	{                                                                              \
		.kind = SHAPE_LIST, .max = (max_), .element = &(element_)              \
	}
#define PATTERN(max_, matches_, text_)                                                 \
	{                                                                              \
		.kind = SHAPE_STRING, .max = (max_), .matches = (matches_),            \
		.pattern = (text_)                                                     \
	}

#define LABEL_LDH "[a-zA-Z0-9]([a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])?"
#define LABEL_SRV "([a-zA-Z0-9_][a-zA-Z0-9-_]{0,61}[a-zA-Z0-9_]|[a-zA-Z0-9])"

/* ---- scalars ---- */

const struct shape shape_arn = STRING(255);
const struct shape shape_resource_id = STRING(64);
const struct shape shape_next_token = STRING(4096);
const struct shape shape_page_size = {.kind = SHAPE_INTEGER, .min = 1, .max = 100};

static const struct shape request_id = STRING(64); /* CreatorRequestId */
static const struct shape description = STRING(1024);
static const struct shape zone_resource_id = STRING(64); /* Vpc */
static const struct shape operation_id = STRING(255);
static const struct shape resource_arn = {
	.kind = SHAPE_STRING, .min = 1, .max = 1011}; /* of tags */
static const struct shape service_attribute_key = STRING(255);
static const struct shape service_attribute_value = STRING(1024);
static const struct shape account = {.kind = SHAPE_STRING, .min = 12, .max = 12};
static const struct shape ttl = {.kind = SHAPE_LONG, .max = TTL_MAX};
static const struct shape failure_threshold = {
	.kind = SHAPE_INTEGER, .min = 1, .max = 10};
static const struct shape resource_path = STRING(255);
static const struct shape discover_max = {.kind = SHAPE_INTEGER, .min = 1, .max = 1000};
static const struct shape filter_value = {.kind = SHAPE_STRING, .min = 1, .max = 255};
static const struct shape tag_key = {.kind = SHAPE_STRING, .min = 1, .max = 128};
static const struct shape tag_value = STRING(256);

static const struct shape namespace_name =
	PATTERN(1024, rules_is_namespace_name, "^[!-~]{1,1024}$");
static const struct shape namespace_name_http =
	PATTERN(1024, rules_is_namespace_name_http, "^(?!arn:)[!-~]{1,1024}$");
static const struct shape namespace_name_private =
	PATTERN(253, rules_is_namespace_name_private, "^(?!arn:)[!-~]{1,253}$");
static const struct shape namespace_name_public = PATTERN(253,
	rules_is_namespace_name_public, "^(" LABEL_LDH "\\.)+" LABEL_LDH "$");
static const struct shape service_name = PATTERN(SHAPE_NO_MAX, rules_is_service_name,
	"((?=^.{1,127}$)^" LABEL_SRV "(\\." LABEL_SRV ")*$)|(^\\.$)");
static const struct shape instance_id =
	PATTERN(RULES_INSTANCE_ID_MAX, rules_is_instance_id, "^[0-9a-zA-Z_/:.@-]+$");
static const struct shape attribute_key =
	PATTERN(RULES_ATTRIBUTE_KEY_MAX, rules_is_attribute_key, "^[a-zA-Z0-9!-~]+$");
static const struct shape attribute_value =
	PATTERN(RULES_ATTRIBUTE_VALUE_MAX, rules_is_attribute_value,
		"^([a-zA-Z0-9!-~][ \\ta-zA-Z0-9!-~]*){0,1}[a-zA-Z0-9!-~]{0,1}$");

static const char *const record_types[] = {"SRV", "A", "AAAA", "CNAME", NULL};
static const char *const routing_policies[] = {"MULTIVALUE", "WEIGHTED", NULL};
static const char *const health_types[] = {"HTTP", "HTTPS", "TCP", NULL};
static const char *const service_types[] = {"HTTP", NULL};
static const char *const health_filters[] = {
	"HEALTHY", "UNHEALTHY", "ALL", "HEALTHY_OR_ELSE_ALL", NULL};
static const char *const health_statuses[] = {"HEALTHY", "UNHEALTHY", NULL};
static const char *const conditions[] = {"EQ", "IN", "BETWEEN", "BEGINS_WITH", NULL};
static const char *const namespace_filters[] = {
	"TYPE", "NAME", "HTTP_NAME", "RESOURCE_OWNER", NULL};
static const char *const service_filters[] = {"NAMESPACE_ID", "RESOURCE_OWNER", NULL};
static const char *const operation_filters[] = {
	"NAMESPACE_ID", "SERVICE_ID", "STATUS", "TYPE", "UPDATE_DATE", NULL};

static const struct shape record_type = ENUM(record_types);
static const struct shape routing_policy = ENUM(routing_policies);
static const struct shape health_type = ENUM(health_types);
static const struct shape service_type = ENUM(service_types);
static const struct shape health_filter = ENUM(health_filters);
static const struct shape health_status = ENUM(health_statuses);
static const struct shape condition = ENUM(conditions);
static const struct shape namespace_filter_name = ENUM(namespace_filters);
static const struct shape service_filter_name = ENUM(service_filters);
static const struct shape operation_filter_name = ENUM(operation_filters);

static const struct shape attributes = {.kind = SHAPE_MAP,
	.max = SHAPE_NO_MAX,
	.key = &attribute_key,
	.element = &attribute_value};

static const struct shape service_attributes = {.kind = SHAPE_MAP,
	.min = 1,
	.max = RULES_SERVICE_ATTRIBUTES,
	.key = &service_attribute_key,
	.element = &service_attribute_value};
static const struct shape service_attribute_keys = {.kind = SHAPE_LIST,
	.min = 1,
	.max = RULES_SERVICE_ATTRIBUTES,
	.element = &service_attribute_key};
static const struct shape tag_keys = LIST_OF(tag_key, 200);

/* ---- structures ---- */

static const struct shape_member tag_members[] = {
	{"Key", &tag_key, true}, {"Value", &tag_value, true}, {NULL, NULL, false}};
static const struct shape tag = MEMBERS(tag_members);
static const struct shape tags = LIST_OF(tag, 200);

static const struct shape_member soa_members[] = {
	{"TTL", &ttl, true}, {NULL, NULL, false}};
static const struct shape soa = MEMBERS(soa_members);
static const struct shape_member dns_properties_members[] = {
	{"SOA", &soa, true}, {NULL, NULL, false}};
static const struct shape dns_properties = MEMBERS(dns_properties_members);
static const struct shape_member properties_members[] = {
	{"DnsProperties", &dns_properties, true}, {NULL, NULL, false}};
static const struct shape properties = MEMBERS(properties_members);

static const struct shape_member record_members[] = {
	{"Type", &record_type, true}, {"TTL", &ttl, true}, {NULL, NULL, false}};
static const struct shape record = MEMBERS(record_members);
static const struct shape records = LIST_OF(record, SHAPE_NO_MAX);
static const struct shape_member dns_config_members[] = {
	{"NamespaceId", &shape_resource_id, false}, /* the place of old clients */
	{"RoutingPolicy", &routing_policy, false}, {"DnsRecords", &records, true},
	{NULL, NULL, false}};
static const struct shape dns_config = MEMBERS(dns_config_members);

static const struct shape_member health_members[] = {{"Type", &health_type, true},
	{"ResourcePath", &resource_path, false},
	{"FailureThreshold", &failure_threshold, false}, {NULL, NULL, false}};
static const struct shape health_check = MEMBERS(health_members);
static const struct shape_member custom_health_members[] = {
	{"FailureThreshold", &failure_threshold, false}, {NULL, NULL, false}};
static const struct shape custom_health = MEMBERS(custom_health_members);

static const struct shape filter_values = LIST_OF(filter_value, SHAPE_NO_MAX);
static const struct shape_member namespace_filter_members[] = {
	{"Name", &namespace_filter_name, true}, {"Values", &filter_values, true},
	{"Condition", &condition, false}, {NULL, NULL, false}};
static const struct shape namespace_filter = MEMBERS(namespace_filter_members);
static const struct shape namespace_filter_list =
	LIST_OF(namespace_filter, FILTERS_MAX);
static const struct shape_member service_filter_members[] = {
	{"Name", &service_filter_name, true}, {"Values", &filter_values, true},
	{"Condition", &condition, false}, {NULL, NULL, false}};
static const struct shape service_filter = MEMBERS(service_filter_members);
static const struct shape service_filter_list = LIST_OF(service_filter, FILTERS_MAX);
static const struct shape_member operation_filter_members[] = {
	{"Name", &operation_filter_name, true}, {"Values", &filter_values, true},
	{"Condition", &condition, false}, {NULL, NULL, false}};
static const struct shape operation_filter = MEMBERS(operation_filter_members);
static const struct shape operation_filter_list =
	LIST_OF(operation_filter, FILTERS_MAX);

/* ---- inputs ---- */

static const struct shape_member create_private_members[] = {
	{"Name", &namespace_name_private, true},
	{"CreatorRequestId", &request_id, false}, {"Description", &description, false},
	{"Vpc", &zone_resource_id, true}, {"Tags", &tags, false},
	{"Properties", &properties, false}, {NULL, NULL, false}};
const struct shape shape_create_private_dns_namespace = MEMBERS(create_private_members);

static const struct shape_member create_public_members[] = {
	{"Name", &namespace_name_public, true},
	{"CreatorRequestId", &request_id, false}, {"Description", &description, false},
	{"Tags", &tags, false}, {"Properties", &properties, false},
	{NULL, NULL, false}};
const struct shape shape_create_public_dns_namespace = MEMBERS(create_public_members);

static const struct shape_member create_http_members[] = {
	{"Name", &namespace_name_http, true}, {"CreatorRequestId", &request_id, false},
	{"Description", &description, false}, {"Tags", &tags, false},
	{NULL, NULL, false}};
const struct shape shape_create_http_namespace = MEMBERS(create_http_members);

static const struct shape_member create_service_members[] = {
	{"Name", &service_name, true}, {"NamespaceId", &shape_arn, false},
	{"CreatorRequestId", &request_id, false}, {"Description", &description, false},
	{"DnsConfig", &dns_config, false}, {"HealthCheckConfig", &health_check, false},
	{"HealthCheckCustomConfig", &custom_health, false}, {"Tags", &tags, false},
	{"Type", &service_type, false}, {NULL, NULL, false}};
const struct shape shape_create_service = MEMBERS(create_service_members);

/* What is to change. Its Properties have the same members as those of a new namespace. */
static const struct shape_member dns_change_members[] = {
	{"Description", &description, false}, {"Properties", &properties, false},
	{NULL, NULL, false}};
static const struct shape dns_change = MEMBERS(dns_change_members);
static const struct shape_member http_change_members[] = {
	{"Description", &description, true}, {NULL, NULL, false}};
static const struct shape http_change = MEMBERS(http_change_members);

static const struct shape_member update_dns_members[] = {{"Id", &shape_arn, true},
	{"UpdaterRequestId", &request_id, false}, {"Namespace", &dns_change, true},
	{NULL, NULL, false}};
const struct shape shape_update_private_dns_namespace = MEMBERS(update_dns_members);
const struct shape shape_update_public_dns_namespace = MEMBERS(update_dns_members);

static const struct shape_member update_http_members[] = {{"Id", &shape_arn, true},
	{"UpdaterRequestId", &request_id, false}, {"Namespace", &http_change, true},
	{NULL, NULL, false}};
const struct shape shape_update_http_namespace = MEMBERS(update_http_members);

static const struct shape_member dns_config_change_members[] = {
	{"DnsRecords", &records, true}, {NULL, NULL, false}};
static const struct shape dns_config_change = MEMBERS(dns_config_change_members);
static const struct shape_member service_change_members[] = {
	{"Description", &description, false}, {"DnsConfig", &dns_config_change, false},
	{"HealthCheckConfig", &health_check, false}, {NULL, NULL, false}};
static const struct shape service_change = MEMBERS(service_change_members);
static const struct shape_member update_service_members[] = {{"Id", &shape_arn, true},
	{"Service", &service_change, true}, {NULL, NULL, false}};
const struct shape shape_update_service = MEMBERS(update_service_members);

static const struct shape_member tag_resource_members[] = {
	{"ResourceARN", &resource_arn, true}, {"Tags", &tags, true},
	{NULL, NULL, false}};
const struct shape shape_tag_resource = MEMBERS(tag_resource_members);

static const struct shape_member untag_resource_members[] = {
	{"ResourceARN", &resource_arn, true}, {"TagKeys", &tag_keys, true},
	{NULL, NULL, false}};
const struct shape shape_untag_resource = MEMBERS(untag_resource_members);

static const struct shape_member list_tags_members[] = {
	{"ResourceARN", &resource_arn, true}, {NULL, NULL, false}};
const struct shape shape_list_tags = MEMBERS(list_tags_members);

static const struct shape_member get_attributes_members[] = {
	{"ServiceId", &shape_arn, true}, {NULL, NULL, false}};
const struct shape shape_get_service_attributes = MEMBERS(get_attributes_members);

static const struct shape_member update_attributes_members[] = {
	{"ServiceId", &shape_arn, true}, {"Attributes", &service_attributes, true},
	{NULL, NULL, false}};
const struct shape shape_update_service_attributes = MEMBERS(update_attributes_members);

static const struct shape_member delete_attributes_members[] = {
	{"ServiceId", &shape_arn, true}, {"Attributes", &service_attribute_keys, true},
	{NULL, NULL, false}};
const struct shape shape_delete_service_attributes = MEMBERS(delete_attributes_members);

static const struct shape_member by_id_members[] = {
	{"Id", &shape_arn, true}, {NULL, NULL, false}};
const struct shape shape_by_id = MEMBERS(by_id_members);

static const struct shape_member list_namespaces_members[] = {
	{"NextToken", &shape_next_token, false},
	{"MaxResults", &shape_page_size, false},
	{"Filters", &namespace_filter_list, false}, {NULL, NULL, false}};
const struct shape shape_list_namespaces = MEMBERS(list_namespaces_members);

static const struct shape_member list_services_members[] = {
	{"NextToken", &shape_next_token, false},
	{"MaxResults", &shape_page_size, false},
	{"Filters", &service_filter_list, false}, {NULL, NULL, false}};
const struct shape shape_list_services = MEMBERS(list_services_members);

static const struct shape_member register_members[] = {{"ServiceId", &shape_arn, true},
	{"InstanceId", &instance_id, true}, {"CreatorRequestId", &request_id, false},
	{"Attributes", &attributes, true}, {NULL, NULL, false}};
const struct shape shape_register_instance = MEMBERS(register_members);

static const struct shape_member instance_key_members[] = {
	{"ServiceId", &shape_arn, true}, {"InstanceId", &shape_resource_id, true},
	{NULL, NULL, false}};
const struct shape shape_instance_key = MEMBERS(instance_key_members);

static const struct shape_member list_instances_members[] = {
	{"ServiceId", &shape_arn, true}, {"NextToken", &shape_next_token, false},
	{"MaxResults", &shape_page_size, false}, {NULL, NULL, false}};
const struct shape shape_list_instances = MEMBERS(list_instances_members);

static const struct shape instance_ids = {.kind = SHAPE_LIST,
	.min = 1,
	.max = SHAPE_NO_MAX,
	.element = &shape_resource_id};
static const struct shape_member get_health_members[] = {
	{"ServiceId", &shape_arn, true}, {"Instances", &instance_ids, false},
	{"NextToken", &shape_next_token, false},
	{"MaxResults", &shape_page_size, false}, {NULL, NULL, false}};
const struct shape shape_get_instances_health_status = MEMBERS(get_health_members);

static const struct shape_member update_health_members[] = {
	{"ServiceId", &shape_arn, true}, {"InstanceId", &shape_resource_id, true},
	{"Status", &health_status, true}, {NULL, NULL, false}};
const struct shape shape_update_instance_custom_health_status =
	MEMBERS(update_health_members);

static const struct shape_member discover_members[] = {
	{"NamespaceName", &namespace_name, true}, {"ServiceName", &service_name, true},
	{"MaxResults", &discover_max, false}, {"QueryParameters", &attributes, false},
	{"OptionalParameters", &attributes, false},
	{"HealthStatus", &health_filter, false}, {"OwnerAccount", &account, false},
	{NULL, NULL, false}};
const struct shape shape_discover_instances = MEMBERS(discover_members);

static const struct shape_member discover_revision_members[] = {
	{"NamespaceName", &namespace_name, true}, {"ServiceName", &service_name, true},
	{"OwnerAccount", &account, false}, {NULL, NULL, false}};
const struct shape shape_discover_instances_revision =
	MEMBERS(discover_revision_members);

static const struct shape_member get_operation_members[] = {
	{"OperationId", &operation_id, true}, {"OwnerAccount", &account, false},
	{NULL, NULL, false}};
const struct shape shape_get_operation = MEMBERS(get_operation_members);

static const struct shape_member list_operations_members[] = {
	{"NextToken", &shape_next_token, false},
	{"MaxResults", &shape_page_size, false},
	{"Filters", &operation_filter_list, false}, {NULL, NULL, false}};
const struct shape shape_list_operations = MEMBERS(list_operations_members);
