/* runtime/core/read/beside.h - Answers the questions of an expression that a debugger evaluates with a machine and an
 * image of its own. The answers are those that a strategy would get now.
 *
 * Words of names are those of the expression's image. Each function returns false if the question has no answer.
 * Nothing of the core changes, except that statistics count what they have postponed before they are read, as they do
 * for a strategy. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct core;
struct image;
struct kv_value;
struct text;

struct core_beside {
    struct core *core;
    uint64_t at_us;            /* the time of the play, which may be behind that of the last event */
    uint64_t ixn;              /* the interaction that the expression is about; 0: none */
    const struct image *image; /* of the expression */
};

bool core_beside_attribute(const struct core_beside *, uint32_t attribute, uint64_t *word); /* now, position, ewt ... */
bool core_beside_agent(const struct core_beside *, struct text name, uint64_t *word);
/* `known`: the core can answer the question; false: the answer is none. */
bool core_beside_ask(const struct core_beside *, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word,
                     bool *known);
/* Reads a measure of the expression's image; false: no loaded program has this measure, so nothing was counted. */
bool core_beside_measure(const struct core_beside *, uint32_t row, uint64_t object, int64_t *figure);
bool core_beside_latch(const struct core_beside *, uint32_t row, bool *set);
uint64_t core_beside_tallied(const struct core_beside *, struct text name, struct text key, int64_t window_us);
/* The value in force of a setting of the expression's image, if it is a number. False: the program's value applies,
 * or, with `*other`, another one that cannot be told. */
bool core_beside_setting(const struct core_beside *, uint32_t setting, uint64_t *word, bool *other);
