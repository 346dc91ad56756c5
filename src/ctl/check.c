/* SPDX-License-Identifier: MIT */
#include "ctl/check.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "base/error.h"

#define LABEL_MAX     63
#define KEY_MAX       255
#define VALUE_MAX     1024
#define NAMESPACE_MAX 1024

/* cmapd's own bounds, so that nothing is made for a lease it would refuse. */
#define LEASE_MIN_MS 1000
#define LEASE_MAX_MS INT64_C(604800000)

static bool is_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < '!' || *text > '~')
			return false;
	}
	return true;
}

/*
 * Labels of 1..max bytes with a dot between them, up to text + len. Returns how many, 0
 * if malformed.
 */
static size_t count_labels(const char *text, size_t len, size_t max)
{
	size_t n = 1;
	size_t start = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '.')
			continue;
		if (i == start || i - start > max)
			return 0;
		start = i + 1;
		n += i < len;
	}
	return n;
}

/* The length without the dot of a fully qualified name. */
static size_t bare_length(const char *text)
{
	size_t len = strlen(text);

	return len > 1 && text[len - 1] == '.' ? len - 1 : len;
}

int check_service_name(const struct ctl *c, const char *text,
	char out[CHECK_NAME_MAX + 1])
{
	size_t len = bare_length(text);

	if (len > CHECK_NAME_MAX || !is_printable(text) ||
		count_labels(text, len, len) < 2)
		return ctl_fail(c, CTL_USAGE,
			"'%s' is not SERVICE.NAMESPACE, such as web.prod", text);
	memcpy(out, text, len);
	out[len] = '\0';
	return CTL_OK;
}

int check_namespace_name(const struct ctl *c, const char *text, bool dns,
	char out[CHECK_NAME_MAX + 1])
{
	size_t len = dns ? bare_length(text) : strlen(text);

	if (len == 0 || !is_printable(text) || strncmp(text, "arn:", 4) == 0 ||
		len > (dns ? CHECK_DNS_NAME_MAX : NAMESPACE_MAX) ||
		(dns && count_labels(text, len, LABEL_MAX) == 0))
		return ctl_fail(c, CTL_USAGE, "'%s' is not a name for a namespace",
			text);
	memcpy(out, text, len);
	out[len] = '\0';
	return CTL_OK;
}

int check_domain_name(const struct ctl *c, const char *option, const char *text)
{
	size_t len = bare_length(text);

	if (len == 0 || len > CHECK_DNS_NAME_MAX || !is_printable(text) ||
		count_labels(text, len, LABEL_MAX) == 0)
		return ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not a domain name", option, text);
	return CTL_OK;
}

int check_instance_id(const struct ctl *c, const char *text)
{
	static const char allowed[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_/:.@-";
	size_t len = strlen(text);

	if (len == 0 || len > CHECK_INSTANCE_MAX || strspn(text, allowed) != len)
		return ctl_fail(c, CTL_USAGE,
			"'%s' is not an instance id: 1 to %d letters, digits and "
			"_/:.@-",
			text, CHECK_INSTANCE_MAX);
	return CTL_OK;
}

int check_number(const struct ctl *c, const char *option, const char *text,
	uint32_t max, uint32_t *out)
{
	size_t len = strlen(text);
	unsigned long n;

	/* Nine digits always fit; no sign, no space, no octal. */
	if (len == 0 || len > 9 || strspn(text, "0123456789") != len)
		n = 0;
	else
		n = strtoul(text, NULL, 10);
	if (n < 1 || n > max)
		return ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not a number from 1 to %u", option,
			text, max);
	*out = (uint32_t)n;
	return CTL_OK;
}

static int read_duration(const struct ctl *c, const char *option, const char *text,
	int64_t *out_ms)
{
	int err = duration_parse(text, out_ms);

	if (err == CMAP_E_RANGE)
		return ctl_fail(c, CTL_USAGE, "option '--%s': '%s' is too long", option,
			text);
	if (err != CMAP_OK)
		return ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not a duration, such as 500ms, 30s, 5m "
			"or 1h",
			option, text);
	return CTL_OK;
}

int check_lease(const struct ctl *c, const char *option, const char *text)
{
	int64_t ms;
	int status = read_duration(c, option, text, &ms);

	if (status == CTL_OK && (ms < LEASE_MIN_MS || ms > LEASE_MAX_MS))
		status = ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not from 1s to 7d", option, text);
	return status;
}

int check_ttl(const struct ctl *c, const char *option, const char *text,
	uint32_t *out_s)
{
	int64_t ms;
	int status = read_duration(c, option, text, &ms);

	if (status != CTL_OK)
		return status;
	if (ms % 1000 != 0)
		return ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not in whole seconds", option, text);
	*out_s = (uint32_t)(ms / 1000);
	return CTL_OK;
}

int check_address(const struct ctl *c, const char *option, const char *text,
	int *family, struct in6_addr *out)
{
	if (inet_pton(AF_INET, text, out) == 1)
		*family = AF_INET;
	else if (inet_pton(AF_INET6, text, out) == 1)
		*family = AF_INET6;
	else
		return ctl_fail(c, CTL_USAGE,
			"option '--%s': '%s' is not an IPv4 or IPv6 address", option,
			text);
	return CTL_OK;
}

int check_pair(const struct ctl *c, const char *option, const char *text,
	size_t *key_len)
{
	const char *equals = strchr(text, '=');

	if (equals == NULL || equals == text)
		return ctl_fail(c, CTL_USAGE, "%s%s%s'%s' is not KEY=VALUE",
			option != NULL ? "option '--" : "",
			option != NULL ? option : "", option != NULL ? "': " : "",
			text);
	*key_len = (size_t)(equals - text);
	return CTL_OK;
}

int check_attribute(const struct ctl *c, const char *option, const char *text,
	size_t *key_len)
{
	const char *value;
	size_t n;
	int status = check_pair(c, option, text, &n);

	if (status != CTL_OK)
		return status;
	value = text + n + 1;
	for (size_t i = 0; i < n; i++) {
		if (n > KEY_MAX || text[i] < '!' || text[i] > '~')
			return ctl_fail(c, CTL_USAGE,
				"option '--%s': key '%.*s' is not 1 to %d printable "
				"ASCII characters",
				option, (int)n, text, KEY_MAX);
	}
	for (const char *p = value; *p != '\0'; p++) {
		bool blank = *p == ' ' || *p == '\t';

		if (strlen(value) > VALUE_MAX ||
			(blank ? p == value : *p < '!' || *p > '~'))
			return ctl_fail(c, CTL_USAGE,
				"option '--%s': value of '%.*s' is not up to %d "
				"printable ASCII characters",
				option, (int)n, text, VALUE_MAX);
	}
	*key_len = n;
	return CTL_OK;
}
