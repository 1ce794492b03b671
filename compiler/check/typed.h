/* compiler/check/typed.h - The types and meanings that the checker adds to the syntax tree, and that lowering reads.
 *
 * node->type is the type of an expression, a right side or a pattern. node->meaning is, of
 *
 *     NAME, KIND_NAME      struct symbol
 *     MEMBER               struct member
 *     CALL                 struct call_use
 *     QUERY SELECT DELAY ROUTE STOP   struct step_use
 *     LET, ATTACH          struct symbol of what is set; of user data: NULL
 *     FOR                  the array of its symbols
 *     OTHERWISE            struct symbol of the error that it names, or NULL
 *     GOTO                 the LABELLED node
 *     BREAK, CONTINUE      the loop's node
 *     SEGMENT, SPLIT       the ARM that takes what the others do not; NULL: it goes on
 *     INSTANT              an int64_t: microseconds since 1970, UTC
 *
 * Everything named here is in the arena of the compilation. */
#pragma once

#include <assert.h>

#include "compiler/check/scope.h"
#include "compiler/language/steps.h"
#include "compiler/language/types.h"
#include "compiler/language/step_limits.h"
#include "compiler/sql/sql.h"
#include "compiler/syntax/ast.h"

enum { RECORD_WIDEST = 240 };

/* A set of failure reasons: a bit for each number of enum code. */
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

/* The effect of a call of a function or subroutine on the caller's flow. Faults are not included: any code may have
 * one. */
struct summary {
    bool returns, fails;                 /* has the body a path that returns, a path that fails? */
    bool returns_at_once, fails_at_once; /* has the body a path without a wait that returns, that fails? */
    uint64_t keys;                       /* the site's keys that are attached on every path that returns */
    struct reason_set reasons;           /* the reasons with which the body fails */
    bool texts_open;                     /* the body fails with texts only known at run time, or with too many texts */
    const char *const *texts;            /* unless texts_open: the texts with which the body fails */
    uint32_t text_count;
    uint32_t tells, stores;          /* a bit for each parameter: it becomes part of a text; others see it */
    uint32_t returned;               /* a bit for each parameter that the result reveals */
    const char *secret;              /* a secret that the result reveals, or NULL */
    struct source_span looped;       /* the place of a wait in a loop; empty: there is none */
    const struct flow_step *failure; /* the end of the shortest path to a failure */
    const struct type *error;        /* the type of the error that a caller catches; NULL: not made yet */
};

enum body_kind { BODY_STRATEGY, BODY_HANDLER, BODY_FUNCTION, BODY_SUBROUTINE, BODY_BUSY };

/* A piece of a strategy that becomes one function of the image. */
struct body {
    enum body_kind kind;
    const char *name;  /* "enterprise", "enterprise.abandoned", "enterprise.busy.1" */
    struct node *node; /* its node: FUNCTION, NATIVE, STRATEGY, HANDLER; for BODY_BUSY the BLOCK */
    struct node *block;
    struct node *child;        /* for a child of race or parallel: its right side, LET, ATTACH or DO */
    struct body *first_child;  /* in a race or parallel: the first child, which has the exits of all children */
    uint32_t exits_before;     /* in a race or parallel: the number of exits of the race's arms */
    struct body *outer;        /* for a busy body: the outer body, which waits */
    struct strategy *strategy; /* the strategy to which the body belongs; NULL for a function */
    /* For a function: the type that it returns, LANG_VOID: nothing. LANG_POISON: an error about it was reported. */
    const struct type *result;
    bool returns_fit, returns_misfit; /* some returned value fits the declared type, or was reported not to fit it */
    struct symbol **params;
    uint32_t param_count;
    struct symbol **captures; /* for a busy body: the outer locals that its code reads, in the order of first use */
    uint32_t capture_count;
    uint32_t local_count;
    struct media_set media; /* media (rows of media.def) on which the body runs; empty for a function */
    struct media_set needs; /* media that the steps and attributes of the body allow; empty: all media */
    bool waits;
    bool queues;  /* the body or a callee has a selection */
    bool ages_on; /* a selection of the body or of a callee names no `age` */
    bool native;  /* for a function: its code is in a library, and `block` is NULL */
    bool selects; /* for a busy body: during a selection, which a `mandatory` block delays */
    bool plays;   /* a step of the body plays something to the caller */
    bool rests;   /* for the site's busy body: a selection has it that runs on media beside `needs`, too */
    bool in_progress, done;
    bool attaches;              /* the body or a callee attaches keys: a known key may be none after a call */
    uint32_t height;            /* for a function: the length of the longest chain of calls that begins with it */
    struct summary summary;     /* for a function: its summary, complete once it has been checked */
    struct made_function *made; /* lower.c's */
    struct body *next;          /* the next body in the program's order: callees before callers */
};

/* the same numbers as enum image_event of vm/image.h */
enum ir_event { IR_ON_SIGNAL, IR_ON_TRANSFERRED, IR_ON_MAIN_RELEASED };

/* A strategy's handler for a signal, or for one of the events in ir_event. */
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
    struct symbol *keys[KEYS_MAX]; /* the number of slots: site's keys, then the strategy's parameters and own keys */
    uint32_t key_count;
    struct media_set media;
    uint32_t number; /* all handlers, in the order of declaration */
    struct strategy *next;
};

/* The result of checking all files. */
struct checked {
    struct types *types;
    struct body *bodies, *last_body;
    struct strategy *strategies, *last_strategy;
    uint32_t strategy_count;
    /* The names of the site, a list for each kind, each list in the order of declaration. */
    struct symbol **names[LANG_TARGET - LANG_SKILL + 1];
    uint32_t name_counts[LANG_TARGET - LANG_SKILL + 1];
    struct node **constants; /* the CONST nodes, each after the constants in its value */
    uint32_t constant_count;
    struct symbol **settings; /* parameters, tables and schedules, in the order of declaration */
    uint32_t setting_count;
    struct symbol **site_keys; /* the number of slots common to all strategies */
    uint32_t site_key_count;
    const char *zone;             /* the site's default zone; NULL: it has none */
    const char *locale;           /* the site's default locale; NULL: it has none */
    const struct type *code_type; /* the type of a caught error's `reason` where any step may have failed */
    uint32_t functions;           /* the number of all bodies */
};

enum member_kind {
    MEMBER_FIELD, /* a field of a record; index: the field's number */
    MEMBER_COUNT, /* .length of a str, list or map */
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
    MEMBER_TAKEN,          /* .group or .queue: the one of the line through which the candidate comes */
    MEMBER_MEASURE,        /* a statistic of the candidate, or a base measure of an object of the site */
    MEMBER_MAIN_ATTRIBUTE, /* member of a consultation's main interaction; index: attribute's number or key's slot */
    MEMBER_MAIN_KEY,
    MEMBER_CONTACT, /* an attribute whose name has two words, as contact.number; index: its number */
    MEMBER_ASKED,   /* a value that the core gives; index: its number in vm/questions.def */
};

enum built_in_method { METHOD_GET, METHOD_CONTAINS, METHOD_STARTS, METHOD_SLICE };

struct member {
    enum member_kind kind;
    uint32_t index;
    const struct zone_rules *zone; /* for a time's date and time of day: the zone's rules */
    bool optional;                 /* the object may be none: then this member is none, too */
    const struct symbol *symbol;   /* for MEMBER_MEASURE of a candidate: the site's statistic; NULL: a measure */
};

enum call_kind {
    CALL_STEP,
    CALL_FUNCTION, /* a function or subroutine; `symbol` is its symbol */
    CALL_RECORD,
    CALL_METHOD, /* a built-in method; the callee is a MEMBER node with the object */
    CALL_NAMED,  /* skill.named(s) */
    CALL_PARSE_INT,
    CALL_SAMPLE,
    CALL_IN_ZONE, /* t.in("Asia/Tokyo"), t.in(row.zone) */
    CALL_DATE_AT, /* d.at(08:00) */
    CALL_MIN,
    CALL_MAX,
    CALL_ABS,
    CALL_SCHEDULE,  /* a call as s.open(): the object of the callee is a schedule */
    CALL_STRATEGY,  /* behind `switch to` */
    CALL_LEVEL,     /* it.level(skill French) */
    CALL_ASKED,     /* marie.level(skill French): as MEMBER_ASKED */
    CALL_STATISTIC, /* occupancy(group overflow): symbol */
    CALL_MEASURE,   /* a measure with a condition, as answered(within: 20s), in a statistic */
    CALL_OUTSIDE,   /* dn.outside(s, numbers) */
    CALL_OF_QUEUE,  /* ewt(vq service), position(vq service) */
};

/* ADD and BETWEEN take two values, the other questions may take the moment to which they refer. */
enum schedule_question { ASKS_OPEN, ASKS_CLOSED, ASKS_OPENS, ASKS_CLOSES, ASKS_ADD, ASKS_BETWEEN };

/* Returns the value of the right side's clause, or NULL. */
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
    struct node **arguments; /* the arguments in the order of the parameters or fields; NULL: not given */
    uint32_t argument_count;
    enum schedule_question asks;
    const char *zone; /* the zone of a schedule's clocks; NULL: zone_of gives it, or each schedule its own */
    struct step_use *step;
    const struct zone_rules *rules; /* the rules of a time's or date's zone; NULL: zone_of computes the zone */
    struct node *zone_of;           /* the expression whose value is the zone; NULL: there is none */
    bool optional; /* the object may be none: then the result is none, and the arguments are not computed */
};

/* A child of a race or parallel, and the variable for its result. */
struct child_use {
    struct body *body;
    struct symbol *symbol; /* the variable for the child's result; NULL: it has none */
};

/* segment.c: sets `number` to an integer for the literal's value, in the order of such values; false where the value
 * is only known at run time. */
bool segment_node_worth(const struct node *, int64_t *number);
/* Returns what the name of a constant stands for, also where that is the name of another one; any other node itself. */
const struct node *segment_node_constant(const struct node *);
/* until.c. True: the node's value may change while an interaction waits. The arguments of a called function are not
 * looked at. */
bool until_may_change(const struct node *);
/* True: the value may change with time alone, or others may change it (a counter, an agent, a queue, the main
 * interaction); the core then computes the condition again at intervals. */
bool until_ticks(const struct node *);
/* Does the condition ask for something of which the core notices each change (attributes.def)? */
bool until_hears(const struct node *);
/* Is the condition the same for all interactions whose captured values are equal? True: it reads nothing of its own
 * interaction that changes while the interaction waits. */
bool until_is_shared(const struct node *);
/* Is the node a value of the site that may change: a statistic, a parameter, a counter, a latch, a schedule? */
bool until_is_of_site(const struct node *);
/* The same as until_may_change() and until_ticks(), for the condition of a line, which only settings, schedules,
 * counters and statistics may change. */
bool until_where_may_change(const struct node *);
bool until_where_ticks(const struct node *);
/* Does the condition name a statistic without an object, so that it means that of the line's target? */
bool until_where_names_own(const struct node *);
/* True: the node is an attribute or a key of the main interaction; `main` itself is no value. */
bool until_is_of_main(const struct node *);
/* Returns the schedule of the site that the node names; NULL: the node is a value, which may be any schedule. */
const struct symbol *schedule_named(const struct node *);

/* site.c: returns the condition by which the site declares a virtual group; NULL: the group has none. */
struct node *site_group_condition(const struct node *kind_name);
/* An endpoint of the site, called by http.NAME(...). */
struct endpoint {
    const char *name, *text; /* text: the URL in the form of vm/request.h */
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
    const struct node *reply_in;   /* of `reply`: the schedule whose open hours count; NULL: all hours */
    struct node *default_timeout;  /* the site's default timeout, where the step names no timeout */
    const struct type *result;     /* the type of the step's result without its `else` */
    struct body *busy;             /* for a selection: the block that runs during its wait; NULL: none */
    const struct strategy *to;     /* for a switch: the other strategy */
    struct node **given; /* for a switch: the other strategy's arguments, one expression per parameter; NULL: none */
    struct step_use *booked; /* for a booking: the strategy and its arguments, in `to` and `given` */
    struct node *outside;    /* for a call-back: the site's table of allowed numbers; NULL: none */
    struct step_use *then;   /* for a route with `then`: `to`, `given`, and the condition (arguments[0] or NULL) */
    const struct node *by;   /* for a selection: the value after `by`; NULL: none */
    uint32_t order;          /* for a selection: its order, a row of vm/orders.def */
    struct node
        *order_by; /* for a selection: the value that is compared for each candidate; NULL: the order needs none */
    struct {       /* the further orders: each decides among those whom the orders before it leave equal */
        uint32_t order;
        struct node *by; /* the value that the order compares; NULL: the order compares none */
    } ties[ORDER_TIES_MAX];
    uint32_t tie_count;
    const char *signal; /* for a wait for a signal: the signal's name */
    bool again;  /* for a selection, or a call that selects: the interaction may have left another selection before */
    bool secret; /* the digits that the caller enters, or the values bound, are secret */
    bool answer_written;        /* the clause `answer` stands at the step, and is not the site's default */
    bool hidden;                /* the answer of a query or request is secret */
    struct child_use *children; /* the children of a race or parallel */
    uint32_t child_count;
    const struct endpoint *endpoint;
    const char *source; /* for a query: the name of its source */
    const char *form;
    struct sql_statement sql;
};

/* True: the node is scores[it.name], a map's entry for the name of a selection's candidate */
bool member_is_score(const struct node *);
/* Is the window "since login"? The word means the login in a window, even if the site calls something else `login`. */
bool statistic_is_since_login(const struct node *window);
/* Is `age` the word `fresh`? `age`: the value of a selection's clause `age`, or NULL. */
bool select_age_is_fresh(const struct node *age);
/* May the site have a default for this clause? */
bool default_has_clause(enum clause);
