/* runtime/sim/values.h - Values of tests and of user data: conversion and comparison.
 *
 * In a scenario a name of a kind is {"kind":"skill","name":"French"}, a time or duration {"us":n}; on the wire they
 * are their name and their number. "Plain" values are written as on the wire. References returned are new. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "runtime/scenario/scenario.h"
#include "runtime/vocabulary/kv.h"

/* Copies what fits of a text, up to a zero in it, and ends it. */
void sim_copy_text(char *to, size_t size, struct span text);

/* {"kind":..,"name":..} of a kind of the language: a row may have such columns, too. */
bool value_is_name(json_t *);
/* {"us":n}; false: it is something else. */
bool value_us(json_t *, json_int_t *us);
json_t *value_plain(json_t *);
json_t *value_of_wire(json_t *); /* plain, but lists are as user data has them: pairs that are called "item" */
json_t *value_of_sql(json_t *);  /* plain, but as SQL has times and durations: whole seconds */
bool value_is_single(json_t *);  /* neither none nor a row nor a list */
/* As a person writes it into a sheet or at a terminal, what is measured by its smallest unit; NULL: it is no scalar. */
const char *value_said(json_t *, char room[64]);
bool value_equal(json_t *a, json_t *b); /* as plain values; none is equal to none only */

/* A list as an object; of a key that stands twice the first counts. */
json_t *value_of_kv(struct span list);
/* A list of the texts that are read out, in order, without their keys; NULL: there is no such list. JSON is an object,
 * or pairs where a key stands twice. */
json_t *value_list_of_kv(struct span params, const char *key);
json_t *value_list_of_pairs(json_t *pairs);
/* The plain value appended under that key; objects and arrays as nested lists (arrays as pairs called "item"). */
/* Each pair of the object. */
void values_to_kv(struct kv *, json_t *object);
void value_to_kv(struct kv *, const char *key, json_t *);

/* A step as it was performed: "ivr.digits" with its arguments by name; a query with its bound values. */
struct step_call {
    const char *step, *source;
    json_t *args;
    bool returns; /* of an endpoint: something, which the test must say */
};
/* Does what a test wrote (arguments by name, or by position "0", "1") mean this call? `score`: how exactly. */
bool step_matches(const char *step, const char *source, json_t *args, const struct step_call *, unsigned *score);

/* The answer of a test that says most about a step; of equals the one said last. `answer` NULL: there is none. */
struct best_answer {
    const struct scenario_answer *answer;
    uint32_t *used; /* so many of its outcomes are */
    unsigned score;
};
void answer_consider(struct best_answer *, const struct scenario_answer *, uint32_t *used, const struct step_call *);
/* As a strategy writes it: ivr.digits(prompt: "account_number", min: 4). */
void step_print(const struct step_call *, char *out, size_t size);

/* A moment, or how long, as the language writes them: 2026-03-02 12:00 zone "UTC", 1m30s. */
enum { US_TEXT = 64 };
void values_print_us(int64_t us, char *out, size_t size);

/* A sentence being written: what does not fit is left out. */
struct sentence {
    char *text;
    size_t size, used;
};
void sentence_say(struct sentence *, const char *format, ...) __attribute__((format(printf, 2, 3)));
