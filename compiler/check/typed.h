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

/* Numbers of enum code: a bit each. */
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
    bool returns, fails;                 /* is there a way that does? */
    bool returns_at_once, fails_at_once; /* without a wait */
    uint64_t keys;                       /* the site's keys that are attached on every way back */
    struct reason_set reasons;           /* by which it fails */
    bool texts_open;                     /* it fails with texts that are known later, or with too many */
    const char *const *texts;            /* else with these, */
    uint32_t text_count;
    uint32_t tells, stores;          /* parameters that come into a text; that become data others see */
    uint32_t returned;               /* parameters that the result tells of */
    const char *secret;              /* a secret that the result tells of, or NULL */
    struct source_span looped;       /* a wait in a loop, or nothing */
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
    struct body *first_child;  /* of these: the one that knows the exits of them all, */
    uint32_t exits_before;     /* and how many exits the race's arms have */
    struct body *outer;        /* of a busy body: the one that waits */
    struct strategy *strategy; /* of a strategy's body, its handlers' and busy bodies' */
    const struct type *result; /* of a function: LANG_VOID where it returns nothing */
    struct symbol **params;
    uint32_t param_count;
    struct symbol **captures; /* of a busy body: the outer locals that it reads, in the order of their first use */
    uint32_t capture_count;
    uint32_t local_count;
    struct media_set media; /* rows of media.def: where it runs; empty for a function, which */
    struct media_set needs; /* runs where its steps and attributes allow: their set; empty: everywhere */
    bool waits;
    bool queues;  /* it selects, or what it calls does, */
    bool ages_on; /* and some of these selections do not say of which age */
    bool native;  /* of a function: its code is a library's, and `block` is NULL */
    bool selects; /* BUSY: beside a selection, which a `mandatory` block holds up */
    bool plays;   /* a step of it plays to the caller */
    bool in_progress, done;
    bool attaches;              /* itself, or what it calls: a key that was known not to be none may be so no longer */
    uint32_t height;            /* of a function: how many the longest chain of calls has that begins with it */
    struct summary summary;     /* of a function, when it is done */
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
    struct symbol *keys[KEYS_MAX]; /* the site's, its parameters, its own: the slots */
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
    struct symbol **names[LANG_TARGET - LANG_SKILL + 1]; /* of the site, a list per kind; in the order of declaration */
    uint32_t name_counts[LANG_TARGET - LANG_SKILL + 1];
    struct node **constants; /* CONSTs, each behind those of which it is made */
    uint32_t constant_count;
    struct symbol **settings; /* in the order of declaration */
    uint32_t setting_count;
    struct symbol **site_keys; /* slots common to all strategies */
    uint32_t site_key_count;
    const char *zone;             /* the site's; NULL: it has none */
    const char *locale;           /* the same */
    const struct type *code_type; /* the type of `code` of a caught error, whatever it is of */
    uint32_t functions;           /* how many bodies there are */
};

enum member_kind {
    MEMBER_FIELD, /* index: of the record's field */
    MEMBER_COUNT, /* of a str, list, map */
    MEMBER_FIRST,
    MEMBER_LAST,
    MEMBER_NAME_OF, /* .name of a name of the site */
    MEMBER_STEP,    /* of an error: the step's name */
    MEMBER_TEXT,    /* and what it says */
    MEMBER_UNBOX,   /* .int, .str and so on of a value */
    MEMBER_LIST,
    MEMBER_MAP,
    MEMBER_DATE, /* of a time: in `zone`; of a local time */
    MEMBER_CLOCK,
    MEMBER_WEEKDAY,        /* of a date too */
    MEMBER_INT,            /* of a float */
    MEMBER_IDLE,           /* of the candidate */
    MEMBER_TAKEN,          /* of the candidate: the group or queue of the line that takes it */
    MEMBER_MEASURE,        /* a statistic of the candidate, or a base measure of an object that the site names */
    MEMBER_MAIN_ATTRIBUTE, /* of a consultation's main interaction; index: its number, or the key's slot */
    MEMBER_MAIN_KEY,
    MEMBER_CONTACT, /* an attribute, whose name has two words; index: its number */
    MEMBER_ASKED,   /* the core is asked; index: the number in vm/questions.def */
};

enum built_in_method { METHOD_GET, METHOD_CONTAINS, METHOD_STARTS, METHOD_SLICE };

struct member {
    enum member_kind kind;
    uint32_t index;
    const struct zone_rules *zone; /* of a time's day and time of day */
    bool optional;                 /* the object may be none, and then so is this */
    const struct symbol *symbol;   /* MEMBER_MEASURE of a candidate: the site's statistic; NULL: a measure */
};

enum call_kind {
    CALL_STEP,
    CALL_FUNCTION, /* or a subroutine: symbol */
    CALL_RECORD,
    CALL_METHOD, /* the object's is the callee's */
    CALL_NAMED,  /* skill.named(s) */
    CALL_PARSE_INT,
    CALL_SAMPLE,
    CALL_IN_ZONE, /* t.in("Asia/Tokyo"), t.in(row.zone) */
    CALL_DATE_AT, /* d.at(08:00) */
    CALL_MIN,
    CALL_MAX,
    CALL_ABS,
    CALL_SCHEDULE,  /* the object's is the callee's */
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
    const char *zone; /* of a schedule's clocks; NULL: as zone_of says, or each schedule's own */
    struct step_use *step;
    const struct zone_rules *rules; /* of the zone of a time or date; NULL: zone_of */
    struct node *zone_of;           /* the zone, a value; or NULL */
    bool optional;                  /* the object may be none: then the result is, and the arguments are not computed */
};

/* A child of a race or parallel. Its variable stands for what it returns. */
struct child_use {
    struct body *body;
    struct symbol *symbol; /* NULL: it gives nothing */
};

/* segment.c: the literal as a number of the same order; false where the value is known only later. */
bool segment_node_worth(const struct node *, int64_t *number);
/* until.c. True: the node's value may be another one each time it is asked for while an interaction waits. The
 * arguments that a function asks for are not looked into. */
bool until_may_change(const struct node *);
/* True: time alone may change the node's value. Values that others change (a counter, an agent, a queue, the main
 * interaction) are looked at as often. */
bool until_ticks(const struct node *);
/* Is the condition the same for all whose captured values are the same? It asks for nothing of its own interaction that
 * changes while it waits. */
bool until_is_shared(const struct node *);
/* The same of the condition of a line: only settings, schedules, counters, statistics may change it. */
bool until_where_may_change(const struct node *);
bool until_where_ticks(const struct node *);
bool until_where_names_own(const struct node *); /* a statistic's bare name: of what the line takes */
/* True: the node is an attribute or a key of the main interaction; `main` itself is no value. */
bool until_is_of_main(const struct node *);
/* The schedule of the site that is named; NULL: a value, which may be any of them. */
const struct symbol *schedule_named(const struct node *);

/* site.c: a group that is made of a condition: that condition; NULL: it is a name. */
struct node *site_group_condition(const struct node *kind_name);
/* An endpoint of the site, asked by http.NAME(...). */
struct endpoint {
    const char *name, *text; /* text: as vm/request.h has it */
    const struct step_row *row;
    struct symbol **params;
    uint32_t param_count;
    const struct type *result; /* LANG_VOID: the answer is not read */
    struct node *timeout;      /* NULL: the step's */
};

struct step_use {
    const struct step_row *row;
    struct node *arguments[STEP_PARAMS_MAX]; /* expressions; NULL: not given */
    struct node **rest;
    uint32_t rest_count;
    struct node *clauses[CLAUSES]; /* the clauses' values */
    struct node *default_timeout;  /* the site's, where the step has no other */
    const struct type *result;     /* without its else */
    struct body *busy;             /* of a selection */
    const struct strategy *to;     /* of a switch; */
    struct node **given;           /* and what is given it: an expression each; NULL: none */
    struct step_use *booked;       /* of a booking: `to`, `given` */
    struct node *outside;  /* of a call-back: the site's table that says which numbers are allowed; NULL: none */
    struct step_use *then; /* of a route: `to`, `given`, and where (arguments[0], or NULL) they stay */
    const struct node *by; /* of a selection: what stands behind `by`; NULL: nothing */
    uint32_t order;        /* of a selection: a row of vm/orders.def */
    struct node
        *order_by;      /* of a selection: the value that is compared for each candidate; NULL: the order needs none */
    const char *signal; /* of a wait for one */
    bool again;         /* of a selection, or a call that selects: another one may have been left before */
    bool secret;        /* what the caller enters, or what is bound to a statement, is not to be shown */
    bool hidden;        /* nor what a query or a request answers */
    struct child_use *children; /* of a race or parallel */
    uint32_t child_count;
    const struct endpoint *endpoint;
    const char *source; /* of a query, with the statement */
    const char *form;
    struct sql_statement sql;
};

/* scores[it.name], of a selection's candidate: what a map has for its name. */
bool member_is_score(const struct node *);
/* "since login", of a window. `login` is nothing else there, whatever the site calls so. */
bool statistic_is_since_login(const struct node *window);
/* Does `age fresh` stand at the selection, or in the site for all? `age`: the value of its clause, or NULL. */
bool select_age_is_fresh(const struct node *age);
