/* runtime/core/steps/condition.h - Conditions of selections: `where` opens and closes a line, `until` ends a wait.
 *
 * A condition of a line is one row for all visits that have the same program, function and captured values; so it is
 * evaluated once, however many wait with it. It is evaluated again when a figure that it has read changes, when a
 * setting does, and when time alone may change it. If it has another value then, its visits are looked at again. The
 * row lives as long as a visit has it. A condition that ends a wait is shared in the same way, unless it asks about its
 * own interaction: then it has a row of its own, and the selection evaluates it (select.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/core/base/table.h"

struct core;
struct interaction;

enum { CONDITION_NONE = UINT32_MAX };

struct condition {
    uint64_t key;     /* hash of the contents, raised until it is unique */
    uint64_t number;  /* given when it was made; grows; 0: the row is free */
    uint32_t first;   /* first holder in the list of visits that have it; free row: the next free row */
    uint32_t watches; /* the figures that it has read */
    uint32_t timer;
    uint16_t program, function;
    uint16_t count; /* captures */
    bool until;     /* it ends a wait */
    bool own;       /* it belongs to one visit alone */
    bool known;     /* `holds` is the condition's value; it may be out of date if `stale` is set */
    bool holds;
    bool told;  /* the value that its visits have been told */
    bool stale; /* its value may have changed: it is in `stale` of struct conditions */
    uint64_t captures[16];
};

/* A visit has a condition. */
struct holder {
    uint32_t visit, condition;
    uint32_t line; /* of the visit's selection: its index in the image */
    uint32_t previous_of_condition, next_of_condition;
    uint32_t next_of_visit; /* of a free row, the next free one */
};

struct conditions {
    struct condition *all;
    uint32_t count, capacity, free;
    struct lookup by_key;
    struct holder *holders;
    uint32_t holder_count, holder_capacity, free_holder;
    struct lookup by_visit; /* the visit's first holder */
    uint32_t *stale, stale_count, stale_capacity;
    uint64_t last_number;
};

/* The visit's selection begins: takes the conditions of its lines. */
void conditions_begin(struct core *, const struct interaction *, uint8_t fiber);
void conditions_end(struct core *, uint32_t visit); /* gives up the visit's conditions */
/* Does the condition of that line hold? */
bool condition_holds(struct core *, uint32_t visit, uint32_t line);
/* Does the condition that ends the visit's wait hold? Evaluates the condition, as vm_until does, and watches the
 * figures that it reads. The value of a shared condition is known already, and is looked at again only when it
 * turns. */
bool condition_until(struct core *, struct interaction *, uint8_t fiber, int64_t *again_us);
bool condition_is_own(const struct core *, uint32_t visit); /* is the visit's `until` its own? False: it is shared */
/* A parameter, table, schedule, or the clock has changed. */
void conditions_settings_changed(struct core *);
/* Evaluates again the conditions whose values may have changed. Calls `turned` for each visit of which a line opens
 * (`opens`) or closes, and for each visit whose own `until` may hold now, or whose shared `until` holds (`until`). */
void conditions_settle(struct core *, void (*turned)(struct core *, uint32_t visit, bool until, bool opens));
