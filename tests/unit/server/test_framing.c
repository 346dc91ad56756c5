/* SPDX-License-Identifier: MIT */
#include "server/framing.h"

#include <stdlib.h>

#include "base/mem.h"
#include "test.h"
#include "wire/dns.h"

enum { STREAM_MAX = 65536 };

struct stream {
	struct framing framing;
	size_t len, sent;
	uint8_t octets[STREAM_MAX];
};

static struct stream *new_stream(void)
{
	return xcalloc(1, sizeof(struct stream));
}

/* Puts a message of len octets, all of them fill, at the end of the stream. */
static void add_message(struct stream *s, size_t len, uint8_t fill)
{
	dns_put16(s->octets + s->len, (uint16_t)len);
	memset(s->octets + s->len + FRAMING_PREFIX, fill, len);
	s->len += FRAMING_PREFIX + len;
}

/* Sends up to n octets more, as far as there is room. Returns how many. */
static size_t send_octets(struct stream *s, size_t n)
{
	size_t room;
	uint8_t *to = framing_room(&s->framing, &room);

	if (n > s->len - s->sent)
		n = s->len - s->sent;
	if (n > room)
		n = room;
	memcpy(to, s->octets + s->sent, n);
	s->sent += n;
	framing_add(&s->framing, n);
	return n;
}

static void expect(struct stream *s, enum framing_found found, size_t len, uint8_t fill)
{
	const uint8_t *message = NULL;
	size_t got = 0;

	cr_assert_eq(framing_next(&s->framing, &message, &got), found);
	if (found == FRAMING_NONE)
		return;
	cr_assert_eq(got, len);
	for (size_t i = 0; i < len; i++)
		cr_assert_eq(message[i], fill);
}

Test(framing, nothing_comes_of_nothing)
{
	struct stream *s = new_stream();

	expect(s, FRAMING_NONE, 0, 0);
	send_octets(s, 1);
	expect(s, FRAMING_NONE, 0, 0);
	free(s);
}

Test(framing, gives_messages_in_order)
{
	struct stream *s = new_stream();

	for (uint8_t i = 0; i < 20; i++)
		add_message(s, 30u + i, i);
	send_octets(s, SIZE_MAX);
	for (uint8_t i = 0; i < 20; i++)
		expect(s, FRAMING_MESSAGE, 30u + i, i);
	expect(s, FRAMING_NONE, 0, 0);
	free(s);
}

Test(framing, gives_a_message_with_its_last_octet_and_not_before)
{
	struct stream *s = new_stream();

	for (size_t len = 0; len < 3; len++)
		add_message(s, len, 7);
	add_message(s, 300, 8); /* both octets of the length count */
	for (size_t len = 0; len < 3; len++) {
		for (size_t i = 1; i < FRAMING_PREFIX + len; i++) {
			send_octets(s, 1);
			expect(s, FRAMING_NONE, 0, 0);
		}
		send_octets(s, 1);
		expect(s, FRAMING_MESSAGE, len, 7);
	}
	for (int i = 1; i < FRAMING_PREFIX + 300; i++) {
		send_octets(s, 1);
		expect(s, FRAMING_NONE, 0, 0);
	}
	send_octets(s, 1);
	expect(s, FRAMING_MESSAGE, 300, 8);
	free(s);
}

Test(framing, has_room_for_the_longest_message_wherever_the_one_before_ended)
{
	for (size_t before = 0; before < 40; before++) {
		struct stream *s = new_stream();

		add_message(s, before, 1);
		add_message(s, FRAMING_MESSAGE_MAX, 2);
		add_message(s, 5, 3);
		send_octets(s, SIZE_MAX);
		expect(s, FRAMING_MESSAGE, before, 1);
		expect(s, FRAMING_NONE, 0, 0);
		cr_assert_gt(send_octets(s, SIZE_MAX), 0);
		expect(s, FRAMING_MESSAGE, FRAMING_MESSAGE_MAX, 2);
		send_octets(s, SIZE_MAX);
		expect(s, FRAMING_MESSAGE, 5, 3);
		free(s);
	}
}

/* The server stops reading, and goes on, while the client does not take replies. */
Test(framing, keeps_what_was_not_asked_for)
{
	struct stream *s = new_stream();
	size_t last = sizeof(s->framing.octets) - 2 * (FRAMING_PREFIX + 1000);

	for (uint8_t i = 0; i < 2; i++)
		add_message(s, 1000, i);
	add_message(s, last - FRAMING_PREFIX, 2);
	add_message(s, 9, 3);
	send_octets(s, SIZE_MAX);
	cr_assert_eq(send_octets(s, SIZE_MAX), 0, "it is full");
	expect(s, FRAMING_MESSAGE, 1000, 0);
	cr_assert_eq(send_octets(s, SIZE_MAX), FRAMING_PREFIX + 9);
	expect(s, FRAMING_MESSAGE, 1000, 1);
	expect(s, FRAMING_MESSAGE, last - FRAMING_PREFIX, 2);
	expect(s, FRAMING_MESSAGE, 9, 3);
	expect(s, FRAMING_NONE, 0, 0);
	free(s);
}

Test(framing, gives_the_header_of_a_message_that_is_too_long)
{
	for (size_t len = FRAMING_MESSAGE_MAX + 1; len <= UINT16_MAX; len += 3614) {
		struct stream *s = new_stream();

		add_message(s, 20, 1);
		dns_put16(s->octets + s->len, (uint16_t)len);
		memset(s->octets + s->len + FRAMING_PREFIX, 2, DNS_HEADER_LEN);
		s->len += FRAMING_PREFIX + DNS_HEADER_LEN;
		send_octets(s, s->len - 1);
		expect(s, FRAMING_MESSAGE, 20, 1);
		expect(s, FRAMING_NONE, 0, 0);
		send_octets(s, 1);
		expect(s, FRAMING_TOO_LONG, DNS_HEADER_LEN, 2);
		free(s);
	}
}
