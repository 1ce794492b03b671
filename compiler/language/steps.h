/* compiler/language/steps.h - The tables of steps and attributes for the compiler: vm/steps.def and
 * vm/attributes.def, with those that are only checked (steps_checked.def, attributes_checked.def). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/language/media.h"
#include "compiler/language/step_limits.h"
#include "compiler/language/types.h"
#include "vm/exits.h"

/* The types of parameters in steps.def that are no types of the language. */
/* clang-format off */
enum param_type {
    PARAM_INT, PARAM_STR, PARAM_DURATION, PARAM_PROMPT, PARAM_VQ, PARAM_QUEUE, PARAM_AGENT,
    PARAM_TONE, PARAM_MAP_ANY, PARAM_LIST_ANY, PARAM_MAP_VALUE, PARAM_DESTINATION, PARAM_SHOWN, PARAM_BOUND,
    PARAM_TEMPLATE, PARAM_TIME, PARAM_BODY, PARAM_CATEGORIES, PARAM_CAUSE, PARAM_MEDIUM, PARAM_SCHEDULE, PARAM_STRATEGY,
    PARAM_JSON, PARAM_CONTACT_ZONE, PARAM_CLOCKS, PARAM_WORKBIN, PARAM_OWNER, PARAM_SPOKEN, PARAM_SUBJECT, PARAM_RETRIED,
    PARAM_ZONE, PARAM_GIVEN, PARAM_JUDGED, /* filled in by the compiler: step_params() leaves them out */
};
/* clang-format on */

enum param_need { PARAM_REQUIRED, PARAM_OPTIONAL, PARAM_REST };
enum result_kind {
    RESULT_NOTHING,
    RESULT_STR,
    RESULT_INT,
    RESULT_BOOL,
    RESULT_TARGET,
    RESULT_ELEMENT,
    RESULT_VALUES,
    RESULT_ROW,
    RESULT_PAYLOAD,
    RESULT_CATEGORY,
    RESULT_CATEGORIES,
    RESULT_BLOB,
    RESULT_TIMES
};
enum when_kind { WHEN_ALWAYS, WHEN_FIXED, WHEN_TREATED, WHEN_WAITING };

struct step_param {
    const char *name;
    enum param_type type;
    enum param_need need;
};

/* How long a step may take where the author writes no timeout. TIMEOUT_AFTER: the step takes no time, and a written
 * timeout tells how long its effect lasts; the step cannot fail by it. */
enum timeout_kind { TIMEOUT_FIXED, TIMEOUT_TRY, TIMEOUT_SITE, TIMEOUT_ARGUMENT, TIMEOUT_NONE, TIMEOUT_AFTER };

struct step_row {
    unsigned id; /* enum step_id (step_ids.h) */
    const char *name;
    uint32_t number;
    enum media_kind media;
    enum result_kind result;
    bool cancellable, ends;
    bool carried; /* this version can perform the step */
};

struct attribute_row {
    const char *name;
    uint32_t number;
    enum lang_type type;
    bool optional, known, written; /* known: the word 0 is none */
    uint8_t changes; /* as in attributes.def: whether its value may become another while the interaction waits */
    enum media_kind media;
    enum when_kind when;
    bool carried;
};

const struct step_row *step_row(unsigned id);
const struct step_row *step_row_named(const char *name); /* returns the step of that name; NULL: there is none */
const char *step_row_near(const char *name);             /* returns the nearest name of a step, or NULL */
/* Returns the steps with the same word before the dot, "call.answer, ..."; NULL where there are none. */
const char *steps_beside(struct arena *, const char *name);
/* Store the step's parameters or exits in order, and return how many there are: STEP_PARAMS_MAX, STEP_EXITS_MAX at
 * most. `clauses`: those that the step has (vm/exits.h), since some exits depend on one. */
uint32_t step_params(const struct step_row *, const struct step_param **);
uint32_t step_exits(const struct step_row *, unsigned clauses, const char **codes);
/* Returns the argument on which some of the step's exits depend; NULL: there is none. */
const char *step_exit_argument(const struct step_row *);
bool step_is_tried_again(const struct step_row *); /* has the step a failure that may be gone at another try? */
enum timeout_kind step_timeout(const struct step_row *, int64_t *us);

/* The orders that may follow `by`, in the order of the VM's enum wait_order; BY_share is written at the lines
 * instead. */
enum order_by {
#define ORDER(word, by, doc) BY_##word,
#include "vm/orders.def"
};
/* how many orders may follow the first one of a selection (vm/image.h: IMAGE_TIES_MAX) */
enum { ORDER_TIES_MAX = 2 };
struct order_row {
    const char *word;
    bool by; /* candidates are compared by the value in parentheses after the word */
};
extern const struct order_row order_rows[];
extern const uint32_t order_row_count;

extern const struct attribute_row attribute_rows[];
extern const uint32_t attribute_row_count;
bool attribute_changes(const char *name); /* does the attribute's row say that its value may change during a wait? */
/* Of an attribute that changes: must the clock make a wait look for that, or does the core notice each change? */
bool attribute_ticks(const char *name);
bool attribute_hears(const char *name);
/* May a strategy attach a key of the attribute's name, which then means the key? The attribute came after strategies
 * had been written, and theirs may have such a key. */
bool attribute_gives_way(const struct attribute_row *);

/* Returns the words of an enumeration of runtime/vocabulary/enums.def: media, call_type, code. */
struct enumeration *step_enumeration_named(struct arena *, const char *name);
/* Returns the words of `code` by which a step with these clauses can fail, with their numbers in `code`. */
struct enumeration *step_exits_enumeration(struct arena *, const struct step_row *, unsigned clauses);
/* Returns the number of the word in `code`, by which a step fails. */
uint32_t step_exit_number(const char *word);
