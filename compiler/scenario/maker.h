/* compiler/scenario/maker.h - Shared by the files of scenario/; only they include it.
 *
 *   scenario.c         tests and their lines
 *   names.c   the names of the site, strategies, keys and steps
 *   answer.c  answers to steps and queries
 *   value.c   the values of constant expressions
 *   value_type.c  their types
 *   made_step.c  steps with their arguments
 *   limits.c  limits on the size of tests; limited_value.c: of numbers and durations
 *   given.c   arguments of strategies and signals
 *   setting.c parameters and tables as the directory has them
 *   statistic.c  statistics, which are only checked, capacities and counters
 *   expect.c  expectations (expect.h has its parts) */
#pragma once

#include "compiler/language/steps.h"
#include "compiler/language/types.h"
#include "compiler/syntax/program.h"
#include "runtime/scenario/scenario.h"

struct test_list { /* a list of names that a test made */
    struct word name;
    const struct node *node; /* of an arrival: its strategy, or NULL; of `for each`: the value */
    struct test_list *next;
};

enum { CONSTANTS_DEEP = 32 };

struct scenario_maker {
    struct program *program;
    struct arena *arena;
    struct diags *diags;
    struct test_list *agents, *arrivals, *bindings; /* of the present test; the last ones are those of `for each` */
    struct test_list *consulted;     /* numbers at which an agent asks, of whose strategy nothing is known yet */
    const struct node *strategy;     /* of the last arrival: whose keys are meant */
    int64_t arrived;                 /* in the present test, repetitions included */
    uint32_t items;                  /* of it, those of arrivals included */
    uint32_t tests;                  /* made or refused so far */
    struct scenario_section section; /* these, as they stand in the image */
    bool lost;     /* a word of the present line is not what belongs there: what follows is not looked at */
    bool expected; /* what is looked at stands behind `expect`: keys may stand there, too */
    const struct node *within[CONSTANTS_DEEP]; /* the constants that refer to one another, the outermost first; of a
                                                * name of `for each` NULL */
    uint32_t depth;                            /* how many of these there are */
    uint32_t followed;                         /* of these, since the first */
    uint32_t told;                             /* what is wrong, but told by who checks the constants */
    const struct name_index *index;            /* what the files and the site declare */
    struct returned *returned;                 /* of the sources that a test has answered (answer.c) */
};

/* Names. Each reports what is unknown, with what was perhaps meant. The index is made before a name is asked for. */
void names_collect(struct scenario_maker *);
const struct node *names_strategy(struct scenario_maker *, struct word); /* NODE_STRATEGY or NULL */
struct nodes names_site(const struct scenario_maker *);                  /* the items of the site; none without one */
bool names_kind(struct scenario_maker *, enum name_kind, struct word);
bool names_kind_of(const struct scenario_maker *, const char *name, enum name_kind *); /* what is called so */
bool names_source(struct scenario_maker *, struct word);
/* The endpoint of http.NAME; NULL: it is none, which is reported where it begins so. */
const struct node *names_endpoint(struct scenario_maker *, const struct node *member);
/* The declaration of that kind of node, of a file or the site; NULL, without a report. */
const struct node *names_declared(const struct scenario_maker *, uint32_t what, const char *name);
const struct node *names_field(struct nodes fields, const char *name);                      /* NODE_FIELD or NULL */
void names_no_field(const struct scenario_maker *, const struct node *record, struct word); /* reports it */
const struct node *names_key(const struct scenario_maker *, const char *name); /* a declared key's NODE_FIELD or NULL */
/* The first strategy that declares the key, and where; NULL: none. */
const struct node *names_strategy_of_key(const struct scenario_maker *, const char *name, const struct node **field);
/* The declared key, or where `attributes` may stand too the attribute, that was perhaps meant; NULL: none. */
const char *names_near_key(const struct scenario_maker *, const char *name, bool attributes);
const struct node *names_binding(const struct scenario_maker *,
                                 const char *name); /* what `for each` put there, or NULL */
/* `in group there`: what `for each` put there, of that kind; else the word itself. */
struct word names_kind_bound(const struct scenario_maker *, enum name_kind, struct word);
const struct node *names_resolve(const struct scenario_maker *,
                                 const struct node *);            /* a NAME of `for each`: its value */
bool names_word(const struct scenario_maker *, const char *name); /* is it one of an enum's, or a weekday? */
bool names_word_in(const struct scenario_maker *, const char *type, const char *word); /* of that enum, or weekday */
const char *names_enum_of(const struct scenario_maker *,
                          const char *word); /* the first that has it, or weekday; NULL: none */
bool names_word_of(const struct scenario_maker *, const struct node *member); /* Tier.gold */
bool names_arrival(const struct scenario_maker *,
                   const char *name); /* of the present test, and before the present line */
const char *names_near_arrival(const struct scenario_maker *, const char *name,
                               uint32_t *distance);    /* NULL: none is near */
struct word names_zone(const struct scenario_maker *); /* that times of day without one are in: the site's, or UTC */

/* Values: a new reference, never NULL. An expression that is not constant is reported, and its value is null. */
json_t *value_json(struct scenario_maker *, const struct node *);
size_t maker_errors(const struct scenario_maker *); /* how many there are, with those that are told elsewhere */
/* The node itself, or the value of `for each` or of the constant that it names. */
const struct node *value_meant(struct scenario_maker *, const struct node *);
/* "date", "clock", "percent", "word" (of an enum): how a value, or what it holds, is written, where the value itself
 * does not tell; else NULL. The value was made without a report. */
const char *value_as(struct scenario_maker *, const struct node *);
/* The type of a value that value_json() made without a report. POISON: it is another type, or it cannot be
 * calculated. */
enum lang_type value_type(struct scenario_maker *, const struct node *);
json_t *value_kind(enum name_kind, const char *name); /* {"kind":"agent","name":"marie"} */
bool value_duration(struct scenario_maker *, const struct node *, int64_t *us);
bool value_integer(struct scenario_maker *, const struct node *, int64_t *value);
bool value_percent(struct scenario_maker *, const struct node *, double *share); /* of 1 */
bool value_text(struct scenario_maker *, const struct node *, const char **text);

/* These report a value beyond its limit, at its place, and are false then. */
bool limited_duration(struct scenario_maker *, const struct node *, int64_t *us);
void limited_add_delay(struct scenario_maker *, const struct node *, int64_t *at); /* one `after` within another */
bool limited_integer(struct scenario_maker *, const struct node *, int64_t most, const char *what,
                     int64_t *value); /* 0 to most */
void limit_text(struct scenario_maker *, const char *text, struct source_span, size_t most);
void limit_name(struct scenario_maker *, struct word);
void limit_digits(struct scenario_maker *, const char *digits, struct source_span);
void limit_list(struct scenario_maker *, struct nodes list, const char *what);
void limit_count_arrivals(struct scenario_maker *, const struct node *where, int64_t times);
bool limit_count_item(struct scenario_maker *, const struct node *item);
bool limit_count_test(struct scenario_maker *, struct source_span);
bool limit_count_bytes(struct scenario_maker *, struct source_span);

/* A number stands where that is asked for: how it would be written. */
void value_type_hint_number(struct diag *, int64_t, const char *wanted);

/* A step with its arguments, as an answer or an expected event has them. */
struct step_made {
    const char *step, *source; /* source: of a query, else NULL */
    json_t *args;              /* a new reference; NULL: it is no step */
    const struct step_row *row;
};
/* The step that CALL, MEMBER or TEST_QUERY names. */
struct step_made scenario_make_step(struct scenario_maker *, const struct node *call);

/* The strategy's arguments, by the names of its parameters. A lacking one is reported at `where`, the arrival. */
json_t *given_json(struct scenario_maker *, const struct node *strategy, struct nodes arguments,
                   struct source_span where);

/* The value, where it is of the type, which may be NULL; else that is reported. A map may stand for a record, whose
 * rows are as the test writes them. */
json_t *value_typed(struct scenario_maker *, const struct node *, const struct type *);

/* parameter trial_share = 20% for 8h; table blocked { "+33145550101", "fraud"; } */
void scenario_make_parameter(struct scenario_maker *, const struct node *, struct scenario_setting *);
void scenario_make_table(struct scenario_maker *, const struct node *, struct scenario_setting *);

/* ivr.digits(prompt account_number) -> "4711"; */
void scenario_make_answer(struct scenario_maker *, const struct node *, struct scenario_answer *);
/* Reports an answer to a step that an earlier answer serves at the same time: it would silently replace that one. */
void answer_check_repeated(struct scenario_maker *, const struct node *, const struct scenario_item *earlier,
                           size_t count, const struct scenario_item *);

void scenario_make_expect(struct scenario_maker *, const struct node *, struct scenario_expect *);

/* The counter that the name, or the object of the index, is; NULL. */
const struct node *scenario_counter_read(const struct scenario_maker *, const struct node *);
/* signal payment(10, ref: "A1"); to all that have arrived */
void given_signal(struct scenario_maker *, const struct node *, struct scenario_caller *);

/* The value of a statistic: a parameter that is named for it and its object. False: it is reported. */
bool scenario_make_statistic(struct scenario_maker *, const struct node *, struct scenario_setting *);
void scenario_give_capacity(struct scenario_maker *, struct scenario_agent *, const struct node *);
