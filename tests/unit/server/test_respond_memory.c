/* SPDX-License-Identifier: MIT */
/*
 * respond() allocates nothing and asks nothing of the kernel. The linker has malloc() and its like call these
 * instead (--wrap).
 */
#include <linux/seccomp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ask.h"
#include "base/error.h"
#include "octets.h"
#include "test.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);

static atomic_uint allocations;

void *__wrap_malloc(size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_calloc(n, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_realloc(p, size);
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	atomic_fetch_add(&allocations, 1);
	return __real_aligned_alloc(align, size);
}

/* Questions of every kind. Returns how many. */
static unsigned int ask_all(struct town *t, uint8_t *reply)
{
	static const char *const names[] = {"one." TOWN, "web." TOWN, "six." TOWN,
		"api." TOWN, "empty." TOWN, "leased." TOWN, "ent." TOWN, "many." TOWN,
		"alias2." TOWN, "foreign." TOWN, "broken." TOWN, "loop-a." TOWN,
		"c-0." TOWN, "nope." TOWN, "web.inner." TOWN, "example.com", "."};
	static const uint16_t types[] = {DNS_A, DNS_AAAA, DNS_SRV, DNS_CNAME, DNS_SOA,
		DNS_NS, DNS_ANY, DNS_AXFR, DNS_OPT, 65400};
	static const char *const odd[] = {"", "1234", "1234 0000 0001 0000 0000 0000",
		"1234 0000 0001 0000 0000 0000 c00c 0001 0001",
		"1234 7800 0001 0000 0000 0000",
		"1234 0000 0001 {4 00} 0001 00 {2 0001} 00 0029 0200 00010000 0000"};
	uint8_t query[DNS_UDP_MIN];
	unsigned int queries = 0;

	for (size_t n = 0; n < CMAP_COUNT(names); n++)
		for (size_t k = 0; k < CMAP_COUNT(types); k++)
			for (int mode = 0; mode < 4; mode++) {
				struct question q = {.name = names[n],
					.type = types[k],
					.flags = DNS_RD,
					.edns = mode % 2 ? 1232 : 0};
				size_t len = question_write(&q, query);

				respond(&t->responder, query, len, mode < 2, reply);
				queries++;
			}
	for (size_t i = 0; i < CMAP_COUNT(odd); i++) {
		size_t len = octets(odd[i], query, sizeof(query));

		respond(&t->responder, query, len, true, reply);
	}
	return queries;
}

Test(respond_memory, answers_without_allocating)
{
	uint8_t *reply = malloc(DNS_MESSAGE_MAX);
	unsigned int before, queries;
	struct town t;

	town_init(&t, 0);
	cr_assert_gt(atomic_load(&allocations), 100, "they are not counted");
	before = atomic_load(&allocations);
	queries = ask_all(&t, reply);
	responder_prepare(&t.responder, t.world.now_ms + 1);
	cr_assert_eq(atomic_load(&allocations), before, "%u for %u queries",
		atomic_load(&allocations) - before, queries);
	town_free(&t);
	free(reply);
}

/* In a process whose first system call but exit kills it; with too_much it makes one. Returns how it ended. */
static int ask_all_alone(struct town *t, uint8_t *reply, bool too_much)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0)
			_exit(2);
		ask_all(t, reply);
		if (too_much)
			(void)getppid();
		syscall(SYS_exit, 0); /* not exit_group, which is refused */
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	return status;
}

Test(respond_memory, answers_without_a_system_call)
{
	uint8_t *reply = malloc(DNS_MESSAGE_MAX);
	struct town t;
	int status;

	town_init(&t, 0);
	status = ask_all_alone(&t, reply, false);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
	status = ask_all_alone(&t, reply, true);
	cr_assert(WIFSIGNALED(status), "nothing would have been noticed");
	town_free(&t);
	free(reply);
}

/* Nor where names are forwarded: what is handed over is for the caller to keep. */
Test(respond_memory, leaves_names_to_upstreams_without_allocating)
{
	const struct forward_options options = {.queries = 10};
	uint8_t *reply = malloc(DNS_MESSAGE_MAX);
	struct settings settings = {.n_forward_allow = 1};
	_Atomic(struct settings *) published;
	unsigned int before, queries;
	struct town t;
	int status;

	town_init(&t, 0);
	cr_assert_eq(forward_start(&options, &clock_system, &settings.forward),
		CMAP_OK);
	cr_assert_eq(prefix_parse("127.0.0.0/8", &settings.forward_allow[0]), CMAP_OK);
	atomic_init(&published, &settings);
	t.responder.settings = &published;
	t.responder.client = (struct client){.len = 4, .octets = {127, 0, 0, 1}};
	responder_prepare(&t.responder, t.world.now_ms);
	before = atomic_load(&allocations);
	queries = ask_all(&t, reply);
	cr_assert_eq(t.responder.foreign.name.len, 0, "the last is not foreign");
	cr_assert_eq(atomic_load(&allocations), before, "%u for %u queries",
		atomic_load(&allocations) - before, queries);
	status = ask_all_alone(&t, reply, false);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %#x", status);
	{
		struct question q = {
			.name = "example.com", .type = DNS_A, .flags = DNS_RD};
		uint8_t query[DNS_UDP_MIN];
		size_t len = question_write(&q, query);

		cr_assert_eq(respond(&t.responder, query, len, true, reply), 0);
		cr_assert_eq(t.responder.foreign.name.len, 13, "it is not forwarded");
		cr_assert_eq(t.responder.foreign.prefix_len, len);
	}
	forward_stop(settings.forward);
	town_free(&t);
	free(reply);
}
