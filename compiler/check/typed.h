/* compiler/check/typed.h - The types and meanings that the checker adds to the syntax tree, and that lowering reads.
 *
 * node->type is the type of an expression, a right side, a pattern. node->meaning is, of
 *
 *   NAME, KIND_NAME      struct symbol
 *   MEMBER               struct member
 *   CALL                 struct call_use
 *   QUERY SELECT DELAY ROUTE STOP   struct step_use
 *   LET, ATTACH          struct symbol of what is set; of user data: NULL
 *   FOR                  the array of its symbols
 *   OTHERWISE            struct symbol of the error that it names, or NULL
 *   GOTO                 the LABELLED node
 *   BREAK, CONTINUE      the loop's node
 *   SEGMENT, SPLIT       the ARM that takes what the others do not; NULL: it goes on
 *   INSTANT              an int64_t: microseconds since 1970, UTC
 *
 * Everything is in the arena of the compilation. */
#pragma once

#include <assert.h>

#include "compiler/check/scope.h"
#include "compiler/language/steps.h"
#include "compiler/language/types.h"
#include "compiler/language/step_limits.h"
#include "compiler/sql/sql.h"
#include "compiler/syntax/ast.h"

enum { RECORD_WIDEST = 240 };

/* A set of reasons of failures: a bit for each number of enum code. */
struct reason_set {
    uint64_t bits[REASONS_MAX / 64];
};

static inline void reason_set_add(struct reason_set *set, uint32_t number)
{
    assert(number < REASONS_MAX);
    set->bits[number / 64] |= UINT64_C(1) << number % 64;
}

static inline bool reason_set_has(const struct reason_set *set, uint32_t number)
{
    assert(number < REASONS_MAX);
    return set->bits[number / 64] >> number % 64 & 1;
}

static inline void reason_set_join(struct reason_set *set, const struct reason_set *other)
{
    for (uint32_t i = 0; i < REASONS_MAX / 64; i++) set->bits[i] |= other->bits[i];
}

/* The effect of a call of a function or subroutine on the caller's flow. Faults are not counted: any code may have one.
 */
struct summary {
    bool returns, fails;                 /* is there a path that returns, one that fails? */
    bool returns_at_once, fails_at_once; /* is there such a path without a wait? */
    uint64_t keys;                       /* the site's keys that are attached on every way back */
    struct reason_set reasons;           /* the reasons with which it fails */
    bool texts_open;          /* it fails with texts that are only known when it runs, or with too many texts */
    const char *const *texts; /* else: the texts with which it fails, */
    uint32_t text_count;
    uint32_t tells, stores;    /* a bit for each parameter that comes into a text, and that becomes data others see */
    uint32_t returned;         /* a bit for each parameter of which the result tells */
    const char *secret;        /* a secret that the result tells of, or NULL */
    struct source_span looped; /* a wait in a loop, or nothing */
    const struct flow_step *failure; /* where the shortest way to a failure ends */
    const struct type *error; /* the type of the error that a caller catches; NULL: nobody has asked for it yet */
};

enum body_kind { BODY_STRATEGY, BODY_HANDLER, BODY_FUNCTION, BODY_SUBROUTINE, BODY_BUSY };

/* A piece of a strategy that becomes one function of the image. */
struct body {
    enum body_kind kind;
    const char *name;  /* "enterprise", "enterprise.abandoned", "enterprise.busy.1" */
    struct node *node; /* FUNCTION, NATIVE, STRATEGY, HANDLER; BUSY: the BLOCK */
    struct node *block;
    struct node *child;        /* BUSY that is a child of race or parallel: its right side, LET, ATTACH or DO */
    struct body *first_child;  /* for such a child: the first one, which has the exits of them all, */
    uint32_t exits_before;     /* and how many exits the race's arms have */
    struct body *outer;        /* for a busy body: the body that waits */
    struct strategy *strategy; /* the strategy to which the body belongs; NULL for a function */
    const struct type *result; /* for a function: the type that it returns, LANG_VOID: nothing */
    struct symbol **params;
    uint32_t param_count;
    struct symbol **captures; /* for a busy body: the outer locals that it reads, in the order of their first use */
    uint32_t capture_count;
    uint32_t local_count;
    struct media_set media; /* rows of media.def: where it runs; empty for a function, which */
    struct media_set needs; /* runs where its steps and attributes allow: their set; empty: everywhere */
    bool waits;
    bool queues;  /* it selects, or what it calls does, */
    bool ages_on; /* and some of these selections do not say of which age */
    bool native;  /* for a function: its code is in a library, and `block` is NULL */
    bool selects; /* BUSY: beside a selection, which a `mandatory` block holds up */
    bool plays;   /* a step of it plays to the caller */
    bool in_progress, done;
    bool attaches;   /* it or what it calls attaches keys: a key known not to be none may be none behind a call */
    uint32_t height; /* for a function: the length of the longest chain of calls that begins with it */
    struct summary summary;     /* for a function, once it has been checked */
    struct made_function *made; /* lower.c's */
    struct body *next;          /* in the program's order: callees before callers */
};

enum ir_event { IR_ON_SIGNAL, IR_ON_TRANSFERRED, IR_ON_MAIN_RELEASED }; /* as in vm/image.h: enum image_event */

/* A strategy's handler for a signal, or for an event that has no name. */
struct signal_handler {
    struct symbol *signal; /* NULL: none */
    enum ir_event event;
    struct body *body;
    struct signal_handler *next;
};

struct strategy {
    const char *name;
    struct node *node;
    struct body *body, *abandoned, *error;
    struct signal_handler *signals, *last_signal;
    struct symbol **params;
    uint32_t param_count;
    struct symbol *keys[KEYS_MAX]; /* the slots: the site's keys, then the strategy's parameters, then its own keys */
    uint32_t key_count;
    struct media_set media;
    uint32_t number; /* in the order of declaration */
    struct strategy *next;
};

/* The result of checking all files. */
struct checked {
    struct types *types;
    struct body *bodies, *last_body;
    struct strategy *strategies, *last_strategy;
    uint32_t strategy_count;
    /* The names of the site, a list for each kind, in the order of declaration. */
    struct symbol **names[LANG_TARGET - LANG_SKILL + 1];
    uint32_t name_counts[LANG_TARGET - LANG_SKILL + 1];
    struct node **constants; /* the CONST nodes, each behind those that its value uses */
    uint32_t constant_count;
    struct symbol **settings; /* in the order of declaration */
    uint32_t setting_count;
    struct symbol **site_keys; /* slots common to all strategies */
    uint32_t site_key_count;
    const char *zone;             /* the site's default zone; NULL: it has none */
    const char *locale;           /* the site's default locale; NULL: it has none */
    const struct type *code_type; /* the type of a caught error's `reason` where any step may have failed */
    uint32_t functions;           /* how many bodies there are */
};

enum member_kind {
    MEMBER_FIELD, /* index: the number of the record's field */
    MEMBER_COUNT, /* the count of a str, list or map */
    MEMBER_FIRST,
    MEMBER_LAST,
    MEMBER_NAME_OF, /* .name of a name of the site */
    MEMBER_STEP,    /* the name of the step in which an error occurred */
    MEMBER_TEXT,    /* the error's text */
    MEMBER_UNBOX,   /* .int, .str and so on: the plain type in a value */
    MEMBER_LIST,
    MEMBER_MAP,
    MEMBER_DATE, /* the date of a time in `zone`, or of a local time */
    MEMBER_CLOCK,
    MEMBER_WEEKDAY,        /* the day of the week of a time, local time or date */
    MEMBER_INT,            /* .int of a float */
    MEMBER_IDLE,           /* .idle_time of a candidate */
    MEMBER_TAKEN,          /* the group or queue of the line that takes the candidate */
    MEMBER_MEASURE,        /* a statistic of the candidate, or a base measure of an object that the site names */
    MEMBER_MAIN_ATTRIBUTE, /* of a consultation's main interaction; index: its number, or the key's slot */
    MEMBER_MAIN_KEY,
    MEMBER_CONTACT, /* an attribute whose name has two words; index: the attribute's number */
    MEMBER_ASKED,   /* a question to the core; index: its number in vm/questions.def */
};

enum built_in_method { METHOD_GET, METHOD_CONTAINS, METHOD_STARTS, METHOD_SLICE };

struct member {
    enum member_kind kind;
    uint32_t index;
    const struct zone_rules *zone; /* for a time's date and time of day: the zone's rules */
    bool optional;                 /* the object may be none: then this member is none, too */
    const struct symbol *symbol;   /* MEMBER_MEASURE of a candidate: the site's statistic; NULL: a measure */
};

enum call_kind {
    CALL_STEP,
    CALL_FUNCTION, /* a function or subroutine; symbol: which one */
    CALL_RECORD,
    CALL_METHOD, /* a built-in method; the callee is a MEMBER with the object */
    CALL_NAMED,  /* skill.named(s) */
    CALL_PARSE_INT,
    CALL_SAMPLE,
    CALL_IN_ZONE, /* t.in("Asia/Tokyo"), t.in(row.zone) */
    CALL_DATE_AT, /* d.at(08:00) */
    CALL_MIN,
    CALL_MAX,
    CALL_ABS,
    CALL_SCHEDULE,  /* a question to a schedule, which is the object of the callee */
    CALL_STRATEGY,  /* behind `switch to` */
    CALL_LEVEL,     /* it.level(skill French) */
    CALL_ASKED,     /* marie.level(skill French): as MEMBER_ASKED */
    CALL_STATISTIC, /* occupancy(group overflow): symbol */
    CALL_MEASURE,   /* answered(within: 20s), in a statistic */
    CALL_OUTSIDE,   /* dn.outside(s, numbers) */
    CALL_OF_QUEUE,  /* ewt(vq service), position(vq service) */
};

/* ADD and BETWEEN take two values, the others perhaps one: the moment they are asked of. */
enum schedule_question { ASKS_OPEN, ASKS_CLOSED, ASKS_OPENS, ASKS_CLOSES, ASKS_ADD, ASKS_BETWEEN };

/* The clause of a right side, or NULL. */
static inline struct node *clause_of(const struct node *value, enum clause which)
{
    if (value->kind != NODE_STEP) return NULL;
    EACH_NODE (clause, value->step.clauses)
        if (clause->clause.which == (int)which) return clause;
    return NULL;
}

struct call_use {
    enum call_kind kind;
    struct symbol *symbol;
    struct body *callee;
    enum built_in_method method;
    struct node **arguments; /* in the order of the parameters or fields; NULL: not given */
    uint32_t argument_count;
    enum schedule_question asks;
    const char *zone; /* the zone of a schedule's clocks; NULL: zone_of gives it, or each schedule its own */
    struct step_use *step;
    const struct zone_rules *rules; /* the rules of a time's or date's zone; NULL: zone_of gives the zone */
    struct node *zone_of;           /* the expression whose value is the zone; or NULL */
    bool optional; /* the object may be none: then the result is none, and the arguments are not computed */
};

/* A child of a race or parallel, and the variable that stands for its result. */
struct child_use {
    struct body *body;
    struct symbol *symbol; /* the variable of its result; NULL: it has none */
};

/* segment.c: sets `number` to the literal's value as a number that keeps the order of such values; false where the
 * value is only known at run time. */
bool segment_node_worth(const struct node *, int64_t *number);
/* until.c. True: the node's value may be another one each time it is asked for while an interaction waits. The
 * arguments that a function asks for are not looked into. */
bool until_may_change(const struct node *);
/* True: time alone may change the node's value, or others change it (a counter, an agent, a queue, the main
 * interaction); the core then asks again by the clock. */
bool until_ticks(const struct node *);
/* Is the condition the same for all whose captured values are the same? It asks for nothing of its own interaction that
 * changes while it waits. */
bool until_is_shared(const struct node *);
/* As until_may_change() and until_ticks(), for the condition of a line, which only settings, schedules, counters and
 * statistics may change. */
bool until_where_may_change(const struct node *);
bool until_where_ticks(const struct node *);
/* Does it name a statistic by its bare name, which is that of what the line takes? */
bool until_where_names_own(const struct node *);
/* True: the node is an attribute or a key of the main interaction; `main` itself is no value. */
bool until_is_of_main(const struct node *);
/* Returns the schedule of the site that the node names; NULL: the node is a value, which may be any schedule. */
const struct symbol *schedule_named(const struct node *);

/* site.c: returns the condition of which the site makes this group; NULL: it makes the group of none. */
struct node *site_group_condition(const struct node *kind_name);
/* An endpoint of the site, asked by http.NAME(...). */
struct endpoint {
    const char *name, *text; /* text: as vm/request.h has it */
    const struct step_row *row;
    struct symbol **params;
    uint32_t param_count;
    const struct type *result; /* the type of the answer; LANG_VOID: the answer is not read */
    struct node *timeout;      /* the endpoint's own timeout; NULL: that of the step */
};

struct step_use {
    const struct step_row *row;
    struct node *arguments[STEP_PARAMS_MAX]; /* expressions; NULL: not given */
    struct node **rest;
    uint32_t rest_count;
    struct node *clauses[CLAUSES]; /* the clauses' values */
    struct node *default_timeout;  /* the site's default timeout, where the step has no other */
    const struct type *result;     /* the type of the result, its else left out */
    struct body *busy;             /* for a selection: the block beside its wait; NULL: none */
    const struct strategy *to;     /* for a switch: the strategy, */
    struct node **given;           /* and its arguments, an expression each; NULL: none */
    struct step_use *booked;       /* for a booking: the strategy and its arguments, in `to` and `given` */
    struct node *outside;          /* for a call-back: the site's table of allowed numbers; NULL: none */
    struct step_use *then; /* for a route with `then`: `to`, `given`, and where callers stay (arguments[0] or NULL) */
    const struct node *by; /* for a selection: the value behind `by`; NULL: none */
    uint32_t order;        /* for a selection: its order, a row of vm/orders.def */
    struct node
        *order_by;      /* for a selection: the value that is compared for each candidate; NULL: the order needs none */
    const char *signal; /* for a wait for a signal: its name */
    bool again;  /* for a selection, or a call that selects: the interaction may have left another selection before */
    bool secret; /* what the caller enters, or what is bound to a statement, is not to be shown */
    bool hidden; /* the answer of a query or request is not to be shown */
    struct child_use *children; /* the children of a race or parallel */
    uint32_t child_count;
    const struct endpoint *endpoint;
    const char *source; /* for a query: its source */
    const char *form;
    struct sql_statement sql;
};

/* Is the node scores[it.name], the entry that a map has for the name of a selection's candidate? */
bool member_is_score(const struct node *);
/* Is the window "since login"? The word means that there, whatever the site calls `login`. */
bool statistic_is_since_login(const struct node *window);
/* Is `age` the word `fresh`? `age`: the value of a selection's clause, or NULL. */
bool select_age_is_fresh(const struct node *age);
