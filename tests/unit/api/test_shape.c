/* SPDX-License-Identifier: MIT */
#include "api/shape.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "test.h"

static bool is_lower(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (s[i] < 'a' || s[i] > 'z')
			return false;
	}
	return len > 0;
}

static const char *const colours[] = {"RED", "GREEN", NULL};
static const struct shape text = {.kind = SHAPE_STRING, .min = 2, .max = 4};
static const struct shape any_text = {.kind = SHAPE_STRING, .max = SHAPE_NO_MAX};
static const struct shape word = {
	.kind = SHAPE_STRING, .max = 3, .matches = is_lower, .pattern = "^[a-z]+$"};
static const struct shape colour = {
	.kind = SHAPE_STRING, .max = SHAPE_NO_MAX, .values = colours};
static const struct shape number = {.kind = SHAPE_INTEGER, .min = -5, .max = 5};
static const struct shape large = {.kind = SHAPE_LONG, .min = 0, .max = 9000000000};
static const struct shape flag = {.kind = SHAPE_BOOLEAN};
static const struct shape words = {
	.kind = SHAPE_LIST, .min = 1, .max = 2, .element = &word};
static const struct shape map = {
	.kind = SHAPE_MAP, .max = 2, .key = &word, .element = &text};
static const struct shape_member inner_members[] = {
	{"Colour", &colour, true}, {"Count", &number, false}, {NULL, NULL, false}};
static const struct shape inner = {.kind = SHAPE_STRUCT, .members = inner_members};
static const struct shape inners = {
	.kind = SHAPE_LIST, .max = SHAPE_NO_MAX, .element = &inner};
static const struct shape_member members[] = {{"Name", &text, true},
	{"Word", &word, false}, {"Number", &number, false}, {"Large", &large, false},
	{"Flag", &flag, false}, {"Words", &words, false}, {"Map", &map, false},
	{"Inner", &inner, false}, {"Inners", &inners, false}, {"Any", &any_text, false},
	{NULL, NULL, false}};
static const struct shape outer = {.kind = SHAPE_STRUCT, .members = members};

#define OK     NULL
#define ONE    "InvalidInput: 1 validation error detected: Value "
#define FAILED " failed to satisfy constraint: "
#define WRONG  "SerializationException: "

/* Each input, and what it is refused with; OK if it is not. */
static const struct {
	const char *in, *refusal;
} table[] = {
	{"{\"Name\":\"ab\"}", OK},
	{"{\"Name\":\"abcd\"}", OK},
	{"{\"Name\":\"a\"}", ONE "'a' at 'name'" FAILED
				 "Member must have length greater than or equal to 2"},
	{"{\"Name\":\"abcde\"}", ONE "'abcde' at 'name'" FAILED
				     "Member must have length less than or equal to 4"},
	{"{}", ONE "null at 'name'" FAILED "Member must not be null"},
	{"{\"Name\":null}", ONE "null at 'name'" FAILED "Member must not be null"},
	{"{\"name\":\"abc\"}", ONE "null at 'name'" FAILED "Member must not be null"},
	/* Characters count, not octets. */
	{"{\"Name\":\"\\u00fc\\u00fc\\u00fc\\u00fc\"}", OK},
	{"{\"Name\":\"\\u00fc\"}",
		ONE "'\xC3\xBC' at 'name'" FAILED
		    "Member must have length greater than or equal to 2"},
	/* What nobody asked for is ignored; null is absent. */
	{"{\"Name\":\"abc\",\"Other\":{\"x\":[1]},\"Word\":null,\"Map\":null}", OK},
	{"{\"Name\":\"abc\",\"Word\":\"abC\"}",
		ONE "'abC' at 'word'" FAILED
		    "Member must satisfy regular expression pattern: ^[a-z]+$"},
	{"{\"Name\":\"abc\",\"Number\":-5}", OK},
	{"{\"Name\":\"abc\",\"Number\":5}", OK},
	{"{\"Name\":\"abc\",\"Number\":-6}",
		ONE "'-6' at 'number'" FAILED
		    "Member must have value greater than or equal to -5"},
	{"{\"Name\":\"abc\",\"Number\":6}",
		ONE "'6' at 'number'" FAILED
		    "Member must have value less than or equal to 5"},
	{"{\"Name\":\"abc\",\"Number\":2147483647}",
		ONE "'2147483647' at 'number'" FAILED
		    "Member must have value less than or equal to 5"},
	{"{\"Name\":\"abc\",\"Number\":2147483648}",
		WRONG "'number' must be an integer of 32 bits, not a number"},
	{"{\"Name\":\"abc\",\"Large\":9000000000}", OK},
	{"{\"Name\":\"abc\",\"Large\":9000000001}",
		ONE "'9000000001' at 'large'" FAILED
		    "Member must have value less than or equal to 9000000000"},
	{"{\"Name\":\"abc\",\"Flag\":true}", OK},
	{"{\"Name\":\"abc\",\"Flag\":\"true\"}",
		WRONG "'flag' must be true or false, not a string"},
	{"{\"Name\":\"abc\",\"Words\":[\"a\",\"b\"]}", OK},
	{"{\"Name\":\"abc\",\"Words\":[]}",
		ONE "'[0]' at 'words'" FAILED
		    "Member must have length greater than or equal to 1"},
	{"{\"Name\":\"abc\",\"Words\":[\"a\",\"b\",\"c\"]}",
		ONE "'[3]' at 'words'" FAILED
		    "Member must have length less than or equal to 2"},
	{"{\"Name\":\"abc\",\"Words\":[\"a\",\"B\"]}",
		ONE "'B' at 'words.2.member'" FAILED
		    "Member must satisfy regular expression pattern: ^[a-z]+$"},
	{"{\"Name\":\"abc\",\"Words\":[null]}",
		ONE "null at 'words.1.member'" FAILED "Member must not be null"},
	{"{\"Name\":\"abc\",\"Words\":[\"a\",7]}",
		WRONG "'words.2.member' must be a string, not a number"},
	{"{\"Name\":\"abc\",\"Map\":{\"k\":\"vv\"}}", OK},
	{"{\"Name\":\"abc\",\"Map\":{\"k\":\"v\"}}",
		ONE "'v' at 'map.k.member'" FAILED
		    "Member must have length greater than or equal to 2"},
	{"{\"Name\":\"abc\",\"Map\":{\"k\":null}}",
		ONE "null at 'map.k.member'" FAILED "Member must not be null"},
	{"{\"Name\":\"abc\",\"Map\":{\"K\":\"vv\"}}",
		ONE "'{1}' at 'map'" FAILED "Map keys must satisfy constraint: [Member "
		    "must have length less than or equal "
		    "to 3, Member must satisfy regular expression pattern: ^[a-z]+$]"},
	{"{\"Name\":\"abc\",\"Map\":{\"k\":1}}",
		WRONG "'map.k.member' must be a string, not a number"},
	{"{\"Name\":\"abc\",\"Inner\":{\"Colour\":\"RED\"}}", OK},
	{"{\"Name\":\"abc\",\"Inner\":{\"Colour\":\"red\"}}",
		ONE "'red' at 'inner.colour'" FAILED
		    "Member must satisfy enum value set: [RED, GREEN]"},
	{"{\"Name\":\"abc\",\"Inner\":{}}",
		ONE "null at 'inner.colour'" FAILED "Member must not be null"},
	{"{\"Name\":\"abc\",\"Inners\":[{\"Colour\":\"RED\"},{\"Colour\":\"RED\","
	 "\"Count\":9}]}",
		ONE "'9' at 'inners.2.member.count'" FAILED
		    "Member must have value less than or equal to 5"},
	/* All that is wrong, in the order of the table. */
	{"{\"Number\":9,\"Word\":\"ABCD\"}",
		"InvalidInput: 4 validation errors detected: Value null at "
		"'name'" FAILED "Member must not be null; Value 'ABCD' at 'word'" FAILED
		"Member must have length less than or equal to 3; Value 'ABCD' at "
		"'word'" FAILED
		"Member must satisfy regular expression pattern: ^[a-z]+$; "
		"Value '9' at 'number'" FAILED
		"Member must have value less than or equal to 5"},
	/* A wrong type is the one thing that is told, wherever it stands. */
	{"{\"Name\":\"a\",\"Number\":\"5\"}",
		WRONG "'number' must be an integer of 32 bits, not a string"},
	{"{\"Name\":\"abc\",\"Number\":5.0}", WRONG
		"'number' must be an integer of 32 bits, not a number with a fraction"},
	{"{\"Name\":7}", WRONG "'name' must be a string, not a number"},
	{"{\"Name\":[]}", WRONG "'name' must be a string, not an array"},
	{"{\"Name\":{}}", WRONG "'name' must be a string, not an object"},
	{"{\"Name\":false}", WRONG "'name' must be a string, not false"},
	{"{\"Name\":\"abc\",\"Words\":{}}",
		WRONG "'words' must be an array, not an object"},
	{"{\"Name\":\"abc\",\"Map\":[]}",
		WRONG "'map' must be an object, not an array"},
	{"{\"Name\":\"abc\",\"Inner\":\"x\"}",
		WRONG "'inner' must be an object, not a string"},
	{"{\"Name\":\"abc\",\"Large\":true}",
		WRONG "'large' must be an integer, not true"},
	{"[]", WRONG "the body of a request must be an object, not an array"},
	{"null", WRONG "the body of a request must be an object, not null"},
	{"\"x\"", WRONG "the body of a request must be an object, not a string"},
};

Test(shape, tells_what_is_wrong)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		json_t *in = json_loads(table[i].in, JSON_DECODE_ANY, NULL);
		struct fault f = {0};
		struct buf told = {0};
		bool ok;

		cr_assert_not_null(in, "line %zu is no JSON", i);
		ok = shape_check(&outer, in, &f);
		cr_expect_eq(ok, table[i].refusal == NULL, "line %zu: %s", i,
			table[i].in);
		if (!ok) {
			buf_printf(&told, "%s: %s", fault_type(f.code), f.message);
			cr_expect_str_eq(buf_text(&told),
				table[i].refusal ? table[i].refusal : "", "%s",
				table[i].in);
		}
		buf_free(&told);
		fault_free(&f);
		json_decref(in);
	}
}

/* A request can break more constraints than an answer should hold. */
Test(shape, shows_32_violations_and_counts_all)
{
	json_t *list = json_array(), *in;
	struct fault f = {0};
	size_t shown = 0;

	for (int i = 0; i < 33; i++)
		json_array_append_new(list, json_pack("{s:s}", "Colour", "BLUE"));
	in = json_pack("{s:s,s:o}", "Name", "abc", "Inners", list);
	cr_assert_not(shape_check(&outer, in, &f));
	cr_assert_eq(strncmp(f.message, "33 validation errors detected: ", 31), 0);
	for (const char *p = f.message; (p = strstr(p, "'BLUE'")); p++)
		shown++;
	cr_assert_eq(shown, 32u);
	cr_assert_str_eq(f.message + strlen(f.message) - 5, "; ...");
	fault_free(&f);
	json_array_remove(list, 0);
	cr_assert_not(shape_check(&outer, in, &f));
	cr_assert_eq(strncmp(f.message, "32 validation errors detected: ", 31), 0);
	cr_assert_str_eq(f.message + strlen(f.message) - 1, "]");
	fault_free(&f);
	json_decref(in);
}

Test(shape, cuts_a_long_value_between_characters)
{
	struct buf value = {0};
	struct fault f = {0};
	json_t *in;

	/* 254 octets, then characters of two: the 255th octet is the first half of one. */
	for (int i = 0; i < 254; i++)
		buf_add_text(&value, "x");
	for (int i = 0; i < 10; i++)
		buf_add_text(&value, "\xC3\xBC");
	in = json_pack("{s:s}", "Name", value.data);
	cr_assert_not(shape_check(&outer, in, &f));
	value.data[254] = '\0';
	cr_assert_not_null(strstr(f.message, value.data));
	cr_assert_not_null(strstr(f.message, "x...' at 'name'"));
	fault_free(&f);
	json_decref(in);
	buf_free(&value);
}
