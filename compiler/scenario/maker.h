/* compiler/scenario/maker.h - For the files of scenario/; only they include it.
 *
 *     scenario.c         tests and their lines
 *     names.c   the names of the site, strategies, keys and steps
 *     answer.c  answers to steps and queries
 *     value.c   the values of constant expressions
 *     value_type.c  their types
 *     made_step.c  steps with their arguments
 *     limits.c  limits on the size of tests; limited_value.c: of numbers and durations
 *     given.c   arguments of strategies and signals
 *     setting.c parameters and tables as the directory has them
 *     statistic.c  statistics, which are only checked, capacities and counters
 *     expect.c  expectations (expect.h has its parts)
 */
#pragma once

#include "compiler/language/steps.h"
#include "compiler/language/types.h"
#include "compiler/syntax/program.h"
#include "runtime/scenario/scenario.h"

struct test_list { /* a list of names that a test defines */
    struct word name;
    const struct node *node; /* for an arrival: its strategy, or NULL; for a name of `for each`: the value */
    struct test_list *next;
};

enum { CONSTANTS_DEEP = 32 };

struct scenario_maker {
    struct program *program;
    struct arena *arena;
    struct diags *diags;
    /* names of the current test; the last ones are those of `for each` */
    struct test_list *agents, *arrivals, *bindings;
    struct test_list *consulted;     /* numbers at which an agent consults; the strategy of each is not known yet */
    struct test_list *profiles;      /* profiles that agents have; a later line may define the rows of such a profile */
    const struct node *strategy;     /* the strategy of the last arrival, to whose keys a line refers */
    int64_t arrived;                 /* how many interactions arrive in the current test, repetitions included */
    uint32_t items;                  /* how many items the current test has, including those of its arrivals */
    uint32_t tests;                  /* how many tests were made or refused so far */
    struct scenario_section section; /* the tests in the form that the image has */
    bool lost;                       /* a word of the current line is wrong: the words after it are not read */
    bool expected;                   /* the current words come after `expect`, where keys are allowed, too */
    const struct node *within[CONSTANTS_DEEP]; /* the constants being computed, the outermost first; NULL for a name
                                                * of `for each` */
    uint32_t depth;                            /* the number of constants in `within` */
    uint32_t followed;                         /* how many constants were followed since the outermost one */
    uint32_t told;                             /* how many mistakes were found that the checker of constants reports */
    const struct name_index *index;            /* the declarations of the files and the site */
    /* The results of the program's queries, for each source that a test has answered (answer.c). */
    struct returned *returned;
};

/* Names. names.c: the functions below report an unknown name, with the name that was perhaps meant. The index must
 * be made before the first search. */
void names_collect(struct scenario_maker *);
const struct node *names_strategy(struct scenario_maker *, struct word); /* NODE_STRATEGY or NULL */
struct nodes names_site(const struct scenario_maker *); /* returns the items of the site; none where there is no site */
bool names_kind(struct scenario_maker *, enum name_kind, struct word);
/* Sets `kind` to the kind of the site's names that has this word. */
bool names_kind_of(const struct scenario_maker *, const char *name, enum name_kind *);
bool names_source(struct scenario_maker *, struct word);
/* Returns the endpoint that http.NAME calls. NULL: the node has another form, or there is no such endpoint, which is
 * reported. */
const struct node *names_endpoint(struct scenario_maker *, const struct node *member);
/* Returns the declaration of this name with this kind of node, in a file or the site; NULL: there is none, which is
 * not reported. */
const struct node *names_declared(const struct scenario_maker *, uint32_t what, const char *name);
const struct node *names_field(struct nodes fields, const char *name); /* NODE_FIELD or NULL */
/* Reports that the record has no field of that name. */
void names_no_field(const struct scenario_maker *, const struct node *record, struct word);
/* returns the NODE_FIELD of a declared key, or NULL */
const struct node *names_key(const struct scenario_maker *, const char *name);
/* Returns the first strategy that declares the key, and in `field` the declaration; NULL: none. */
const struct node *names_strategy_of_key(const struct scenario_maker *, const char *name, const struct node **field);
/* Returns the declared key (with `attributes`: or the attribute) that was perhaps meant; NULL: none is near. */
const char *names_near_key(const struct scenario_maker *, const char *name, bool attributes);
const struct node *names_binding(const struct scenario_maker *,
                                 const char *name); /* returns the value that `for each` gives the name, or NULL */
/* For `in group there`: returns the name of that kind, if `for each` gives the word such a value; else the word
 * itself. */
struct word names_kind_bound(const struct scenario_maker *, enum name_kind, struct word);
const struct node *names_resolve(const struct scenario_maker *,
                                 /* returns the value of a NAME of `for each`; else the node itself */
                                 const struct node *);
bool names_word(const struct scenario_maker *, const char *name); /* is the word one of an enum, or a weekday? */
/* Is it a word of that enum, or a weekday where the enum is `weekday`? */
bool names_word_in(const struct scenario_maker *, const char *type, const char *word);
const char *names_enum_of(const struct scenario_maker *,
                          const char *word); /* returns the first enum that has the word, or weekday; NULL: none */
/* Is the node a word with its enum, as Tier.gold? */
bool names_word_of(const struct scenario_maker *, const struct node *member);
bool names_arrival(const struct scenario_maker *, const char *name); /* has an earlier line an arrival of that name? */
const char *names_near_arrival(const struct scenario_maker *, const char *name,
                               uint32_t *distance); /* NULL: none is near */
/* returns the zone for times of day without a zone: the site's, or UTC */
struct word names_zone(const struct scenario_maker *);

/* Returns the value of an expression: a new reference, never NULL. An expression that is not constant is reported,
 * and then has the value null. */
json_t *value_json(struct scenario_maker *, const struct node *);
/* Returns how many errors there are, including those that the checker of constants reports. */
size_t maker_errors(const struct scenario_maker *);
/* Returns the node itself, or the value of the constant or name of `for each` that it names. */
const struct node *value_meant(struct scenario_maker *, const struct node *);
/* Returns "date", "clock", "percent" or "word" (of an enum): how a value, or an element of it, is written, where its
 * JSON does not tell; else NULL. The value must have been made without a report. */
const char *value_as(struct scenario_maker *, const struct node *);
/* Returns the type of a value that value_json() made without a report. POISON: the value has another type, or cannot
 * be computed. */
enum lang_type value_type(struct scenario_maker *, const struct node *);
json_t *value_kind(enum name_kind, const char *name); /* {"kind":"agent","name":"marie"} */
bool value_duration(struct scenario_maker *, const struct node *, int64_t *us);
bool value_integer(struct scenario_maker *, const struct node *, int64_t *value);
/* sets a share as a number, where 1 is the whole */
bool value_percent(struct scenario_maker *, const struct node *, double *share);
bool value_text(struct scenario_maker *, const struct node *, const char **text);

/* Report a value beyond its limit, at its place, and then return false. */
bool limited_duration(struct scenario_maker *, const struct node *, int64_t *us);
/* Adds the delay of an `after` to that of the `after` around it. */
void limited_add_delay(struct scenario_maker *, const struct node *, int64_t *at);
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

/* Hints how to write the number as the needed type, where a value of that type is needed. */
void value_type_hint_number(struct diag *, int64_t, const char *wanted);

/* A step with its arguments, in an answer or an expected event. */
struct step_made {
    const char *step, *source; /* source: the source for a query, else NULL */
    json_t *args;              /* step: a new reference; NULL: the node is no step */
    const struct step_row *row;
};
/* True: the core alone does the step, and notes it. A test sees such a step only by its effects. */
bool made_step_is_noted(const struct step_row *);
/* Makes the step that CALL, MEMBER or TEST_QUERY names. */
struct step_made scenario_make_step(struct scenario_maker *, const struct node *call);

/* Sets the strategy's arguments, by the names of its parameters. A missing argument is reported at `where`, the
 * arrival. */
json_t *given_json(struct scenario_maker *, const struct node *strategy, struct nodes arguments,
                   struct source_span where);

/* Returns a node's value, and reports a value that does not fit the type (NULL: any type). A map may be given for a
 * record, with its entries as the test writes them. `about`: the parameter, key or field that has the type. */
json_t *value_typed(struct scenario_maker *, const struct node *, const struct type *, const void *about);

/* Makes the setting of parameter trial_share = 20% for 8h; or of table blocked { "+33145550101", "fraud"; } */
void scenario_make_parameter(struct scenario_maker *, const struct node *, struct scenario_setting *);
/* Makes the profile of `order for early { vq sales; vq service after 60s; }`. */
void scenario_make_profile(struct scenario_maker *, const struct node *, struct scenario_profile *);
void scenario_make_table(struct scenario_maker *, const struct node *, struct scenario_setting *);

/* ivr.digits(prompt account_number) -> "4711"; */
void scenario_make_answer(struct scenario_maker *, const struct node *, struct scenario_answer *);
/* Reports an answer to a step that an earlier answer already has at the same time: it would silently replace the
 * earlier one. */
void answer_check_repeated(struct scenario_maker *, const struct node *, const struct scenario_item *earlier,
                           size_t count, const struct scenario_item *);

void scenario_make_expect(struct scenario_maker *, const struct node *, struct scenario_expect *);
/* Checks when an expectation is judged: behind `after` what it reads must be known at any moment. */
void scenario_check_moment(struct scenario_maker *, const struct node *, const struct scenario_expect *, bool after);

/* Returns the counter that a name or the object of an index means; NULL: none. */
const struct node *scenario_counter_read(const struct scenario_maker *, const struct node *);
/* Makes signal payment(10, ref: "A1"); which goes to all interactions that have arrived. */
void given_signal(struct scenario_maker *, const struct node *, struct scenario_caller *);

/* Makes the value of a statistic as a parameter whose name combines the statistic and its object. False: a mistake
 * was reported. */
bool scenario_make_statistic(struct scenario_maker *, const struct node *, struct scenario_setting *);
void scenario_give_capacity(struct scenario_maker *, struct scenario_agent *, const struct node *);
