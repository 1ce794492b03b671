/* runtime/sim/values.h - Conversion and comparison of values in tests and in user data.
 *
 * In a scenario a name is {"kind":"skill","name":"French"}, a time or duration {"us":n}; on the wire these are just
 * the name and the number. "Plain" values have the form used on the wire. References returned are new. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/scenario/scenario.h"
#include "runtime/vocabulary/kv.h"

/* Copies a text, up to a zero in it, cut to fit, and adds a final zero. */
void sim_copy_text(char *to, size_t size, struct span text);

/* Is it {"kind":..,"name":..} with a kind of the language? A row may have such columns, too. */
bool value_is_name(json_t *);
/* Reads {"us":n}; false: it is something else. */
bool value_us(json_t *, json_int_t *us);
json_t *value_plain(json_t *);
json_t *value_of_wire(json_t *); /* returns the plain value, but lists as in user data: pairs with the key "item" */
json_t *value_of_sql(json_t *);  /* returns the plain value, but times and durations as in SQL: whole seconds */
bool value_is_single(json_t *);  /* is it a single value, neither none nor a row nor a list? */
/* Returns the value as a person writes it in a sheet or at a terminal, amounts in the smallest unit; NULL: it is not
 * a single value. */
const char *value_said(json_t *, char room[64]);
bool value_equal(json_t *a, json_t *b); /* compares as plain values; none equals only none */

/* Converts pairs to an object; of a repeated key the first one counts. */
json_t *value_of_kv(struct span list);
/* Returns a list of the texts that are read out, in order, without their keys; NULL: there is no such list. The JSON
 * is an object, or pairs if a key is repeated. */
json_t *value_list_of_kv(struct span params, const char *key);
json_t *value_list_of_pairs(json_t *pairs);
/* Appends the plain value under that key; objects and arrays become nested lists (arrays as pairs with the key
 * "item"). */
/* Appends each pair of the object. */
void values_to_kv(struct kv *, json_t *object);
void value_to_kv(struct kv *, const char *key, json_t *);

/* A step that was performed: "ivr.digits" with its arguments by name; a query with its bound values. */
struct step_call {
    const char *step, *source;
    json_t *args;
    bool returns; /* for an endpoint: the step returns a value, which the test must give */
};
/* Does a test's line (arguments by name, or by position "0", "1") match this call? `score`: how exactly. */
bool step_matches(const char *step, const char *source, json_t *args, const struct step_call *, unsigned *score);

/* The most specific answer of a test to a step; of equal ones the last. `answer` NULL: there is no answer. */
struct best_answer {
    const struct scenario_answer *answer;
    uint32_t *used; /* how many of the answer's outcomes were used */
    unsigned score;
};
void answer_consider(struct best_answer *, const struct scenario_answer *, uint32_t *used, const struct step_call *);
/* Writes the step as a strategy does: ivr.digits(prompt: "account_number", min: 4). */
void step_print(const struct step_call *, char *out, size_t size);

/* Writes a moment or a duration as the language does: 2026-03-02 12:00 zone "UTC", 1m30s. */
enum { US_TEXT = 64 };
void values_print_us(int64_t us, char *out, size_t size);

/* A sentence being written into a buffer; what does not fit is cut. */
struct sentence {
    char *text;
    size_t size, used;
};
void sentence_say(struct sentence *, const char *format, ...) __attribute__((format(printf, 2, 3)));
