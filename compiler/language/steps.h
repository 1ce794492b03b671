/* compiler/language/steps.h - The tables of steps, attributes and media as the compiler reads them: vm/steps.def,
 * vm/attributes.def and runtime/vocabulary/media.def, which are their only lists, with what is only checked beside them
 * (steps_checked.def, attributes_checked.def). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/language/step_limits.h"
#include "compiler/language/types.h"
#include "vm/media_set.h"

/* The types of parameters in steps.def beside those that have a type of the language. */
/* clang-format off */
enum param_type {
    PARAM_INT, PARAM_STR, PARAM_DURATION, PARAM_PROMPT, PARAM_VQ, PARAM_QUEUE,
    PARAM_TONE, PARAM_MAP_ANY, PARAM_LIST_ANY, PARAM_MAP_VALUE, PARAM_DESTINATION, PARAM_SHOWN, PARAM_BOUND,
    PARAM_TEMPLATE, PARAM_TIME, PARAM_BODY, PARAM_CATEGORIES, PARAM_CAUSE, PARAM_MEDIUM, PARAM_SCHEDULE, PARAM_STRATEGY,
    PARAM_JSON, PARAM_CONTACT_ZONE, PARAM_CLOCKS, PARAM_WORKBIN, PARAM_OWNER, PARAM_SPOKEN, PARAM_SUBJECT,
    PARAM_ZONE, PARAM_GIVEN, /* the compiler's own: step_params() leaves them out */
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
enum media_kind {
#define MEDIA_SET(name, text, words) MEDIA_##name,
#include "vm/media_sets.def"
};
enum when_kind { WHEN_ALWAYS, WHEN_FIXED, WHEN_TREATED, WHEN_WAITING };

struct step_param {
    const char *name;
    enum param_type type;
    enum param_need need;
};

/* How long a step may take when nothing is written. TIMEOUT_AFTER: it takes no time, and the timeout that is written
 * says how long what it did lasts; the step does not fail by it. */
enum timeout_kind { TIMEOUT_FIXED, TIMEOUT_TRY, TIMEOUT_SITE, TIMEOUT_ARGUMENT, TIMEOUT_NONE, TIMEOUT_AFTER };

struct step_row {
    unsigned id; /* enum step_id (step_ids.h) */
    const char *name;
    uint32_t number;
    enum media_kind media;
    enum result_kind result;
    bool cancellable, ends;
    bool carried; /* this version carries it out */
};

struct attribute_row {
    const char *name;
    uint32_t number;
    enum lang_type type;
    bool optional, written;
    enum media_kind media;
    enum when_kind when;
    bool carried;
};

const struct step_row *step_row(unsigned id);
const struct step_row *step_row_named(const char *name); /* NULL where there is none */
const char *step_row_near(const char *name);             /* the row with the nearest name, or NULL */
/* The steps with the same word before the point, "call.answer, ..."; NULL where there are none. */
const char *steps_beside(struct arena *, const char *name);
/* Store the step's parameters or exits in order, and return how many there are: STEP_PARAMS_MAX, STEP_EXITS_MAX at
 * most. */
uint32_t step_params(const struct step_row *, const struct step_param **);
uint32_t step_exits(const struct step_row *, const char **codes);
bool step_is_tried_again(const struct step_row *); /* has it a failure that another try may mend? */
enum timeout_kind step_timeout(const struct step_row *, int64_t *us);

/* The orders that may stand after `by`, in the order of the VM's enum wait_order; BY_share stands at the lines instead.
 */
enum order_by {
#define ORDER(word, by, doc) BY_##word,
#include "vm/orders.def"
};
struct order_row {
    const char *word;
    bool by; /* they are compared by what stands in parentheses behind it */
};
extern const struct order_row order_rows[];
extern const uint32_t order_row_count;

extern const struct attribute_row attribute_rows[];
extern const uint32_t attribute_row_count;

/* The media of media.def: the set of one row, and whether each of a set is of the medium that a step or attribute asks
 * for. `missing` is then the first that is not. */
struct media_set media_bit(const char *word); /* empty where there is none of that name */
bool media_is(const char *word);
uint32_t media_number(const char *word); /* its number on the wire; 0 where there is none of that name */
/* The medium of which an interaction of this medium takes a unit of its agent: voice, of a call-back. NULL where there
 * is none of that name. */
const char *media_unit(const char *word);
uint32_t media_unit_number(uint32_t number);      /* the same as numbers of enum media */
struct media_set media_every(void);               /* all rows */
struct media_set media_numbered(uint32_t number); /* those whose attribute `media` has that word of enum media */
const char *media_own(unsigned own);              /* the word of the own medium of a site with that number, from 0 on */
const char *media_near(const char *word, uint32_t *least); /* of those that have their names here; near_is_nearer() */
const char *media_word(struct media_set);                  /* the first of a set; NULL */
bool media_allow(struct media_set, struct media_set needed, const char **missing);
struct media_set media_set(enum media_kind);      /* empty: all media */
const char *media_set_text(struct media_set);     /* "text", "sms and voice", or its first medium */
struct media_set media_numbers(struct media_set); /* the same set as numbers of enum media of the wire */
int64_t media_lifetime_s(struct media_set);

/* The words of an enumeration of runtime/vocabulary/enums.def: media, call_type, code. */
struct enumeration *enumeration_named(struct arena *, const char *name);
/* The words of `code` by which the step can fail, numbered as there. */
struct enumeration *enumeration_of_exits(struct arena *, const struct step_row *);
