/* runtime/core/steps/condition.h - Conditions in selections: `where` opens and closes a line, `until` ends the wait.
 * The same rows also compute values with which a line compares its candidates, as a parameter: when such a value
 * changes, the visit looks for a target again with the new value.
 *
 * All visits with the same program, function and captured values share one row for a condition of a line; so it is
 * evaluated once, however many wait with it. The condition is evaluated again when a figure that it has read changes,
 * when a setting changes, and when time alone may change its value. If the value has changed, selection looks again at
 * the visits that have the condition. The row exists as long as a visit has the condition. A condition that ends a wait
 * is shared in the same way, unless it reads its own interaction: then the condition has a row for itself, and the
 * selection evaluates it (select.c). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "vm/image.h"
#include "runtime/core/base/table.h"

struct core;
struct interaction;
struct vm_line;

enum { CONDITION_NONE = UINT32_MAX };

struct condition {
    uint64_t key;     /* hash of the contents, increased until no other condition has it */
    uint64_t number;  /* number given when the row was made, always increasing; 0: the row is free */
    uint32_t first;   /* first holder in the list of visits that have the condition; free row: the next free row */
    uint32_t watches; /* first watch of the figures that the condition has read */
    uint32_t timer;
    uint16_t program, function;
    uint16_t count; /* captures */
    bool until;     /* it ends a wait */
    bool value;     /* true: it computes a value of a line, and `holds` means that the value could be computed */
    bool own;       /* true: the condition belongs to one visit alone */
    bool known;     /* true: `holds` is the condition's value, which may be out of date if `stale` is set */
    bool holds;
    bool told;                /* what `holds` was when the condition's visits were last told */
    uint64_t word, told_word; /* with `value`: the value itself, and the value that the visits were last told */
    bool stale; /* true: the condition's value may have changed, and it is in `stale` of struct conditions */
    uint64_t captures[IMAGE_CAPTURES_MAX];
};

/* One visit that has one condition. */
struct holder {
    uint32_t visit, condition;
    uint32_t line; /* line of the visit's selection: its index in the image */
    uint32_t previous_of_condition, next_of_condition;
    uint32_t next_of_visit; /* the visit's next holder; free row: the next free row */
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

/* Called when the visit's selection begins: gives the visit the conditions of its lines. */
void conditions_begin(struct core *, const struct interaction *, uint8_t fiber);
void conditions_end(struct core *, uint32_t visit); /* removes the visit's conditions */
/* Does the condition of the given line hold? */
bool condition_holds(struct core *, uint32_t visit, uint32_t line);
/* Sets those captures of the line, read by vm_line(), whose values are computed anew while the visit waits. */
void condition_set_values(const struct core *, const struct interaction *, uint8_t fiber, uint32_t visit,
                          struct vm_line *);
/* Does the condition that ends the visit's wait hold? Evaluates the condition, as vm_until does, and watches the
 * figures that it reads. The value of a shared condition is known already, and is checked again only when it
 * changes. */
bool condition_until(struct core *, struct interaction *, uint8_t fiber, int64_t *again_us);
/* True: the visit's `until` belongs to this visit alone. False: other visits share it. */
bool condition_is_own(const struct core *, uint32_t visit);
/* Marks all conditions as stale, since a parameter, table, schedule, or the clock has changed. */
void conditions_settings_changed(struct core *);
/* Evaluates again the conditions whose values may have changed. Calls `turned` for each visit one of whose lines
 * opens (`opens`), has another value (`opens`) or closes, and for each visit whose own `until` may hold now, or whose
 * shared `until` holds
 * (`until`). */
void conditions_settle(struct core *, void (*turned)(struct core *, uint32_t visit, bool until, bool opens));
