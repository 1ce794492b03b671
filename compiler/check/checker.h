/* compiler/check/checker.h - What the parts of checking share; only files of check/ include this.
 *
 *   check.c       declarations, in the order in which they need each other
 *   summary.c  what a function means to the flow of who calls it
 *   paths.c  the state along the way: what is definitely set, what is known not to be none, where one is
 *   stmt.c  statements and blocks;  set.c  let, attach, assignments
 *   segment.c  segment and its patterns;  split.c  split, shares of lines
 *   built_in.c  what the language's own types have
 *   step.c  right sides: steps, clauses, else;  head.c  arguments, queries, selections
 *   expr.c  expressions;  name.c  types and names;  member.c  what stands behind a point
 *   call.c  calls;  hint.c  what was perhaps meant;  function.c  functions, callees first
 *   query.c  queries;  select.c  selections
 *   site.c  what the site declares to be changed while it runs;  schedule.c  schedules
 *   const.c  constants, what they are made of first
 *   default.c  what the site says for all steps
 *   main.c   what a consultation reads of its main interaction
 *   secret.c  what is secret, and who may have it
 *   given.c  what a strategy is given at first;  statistic.c  statistics, latches, counters, capacities */
#ifndef COMPILER_CHECKER_H
#define COMPILER_CHECKER_H

#include "compiler/check/check.h"
#include "compiler/check/flow.h"
#include "compiler/check/typed.h"
#include "compiler/language/measures.h"
#include "compiler/language/one_of.h"
#include "compiler/syntax/program.h"

/* One place in a body, with what holds there on every way to it. Where `at` is FLOW_NONE nothing comes here. */
struct state {
    uint32_t at;         /* the flow point one comes from, */
    const char *how;     /* by which of its exits, */
    const struct flow_step *because; /* and where in what was called, */
    bool failure;        /* and whether that is a failure */
    bool ended;          /* nowhere: as it went on no further, not as it is written behind what did not */
    uint64_t keys;       /* declared keys that are attached */
    uint64_t known_keys; /* those that are not none until the next wait */
    uint64_t locals[LOCALS_MAX / 64];
    uint64_t known_locals[LOCALS_MAX / 64];
};

struct jump { /* a goto, to explain what it jumps over */
    struct state state;
    struct span where;
    struct jump *next;
};

struct label {
    struct symbol symbol;
    struct node *node;  /* the LABELLED */
    struct state state; /* of all jumps to it so far */
    struct diag *unused; /* what was said when none had come */
    bool passed;
};

struct endless { /* a loop of which W0914 is told already, which says more than W0911 */
    uint32_t begin;
    struct endless *next;
};

struct loop {
    struct node *node;
    struct body *body;
    struct state leave; /* of all breaks */
    uint32_t head;
    uint32_t secrets; /* how many uses of values were noted as it began */
    struct loop *outer;
};

/* secret.c: where the values of the body go that is checked. */
struct secret_uses {
    struct secret_use *items;
    uint32_t count, room;
};

struct checker {
    struct program *program;
    struct checked *checked;
    struct arena *arena;
    struct diags *diags;
    struct types *types;
    struct scope *scope;
    struct body *body; /* NULL in constants */
    struct flow *flow;
    struct state state;
    uint32_t failed; /* the flow point of failures that nothing catches */
    struct loop *loop;
    struct endless *endless;
    struct secret_uses secrets;
    struct jump *jumps;
    struct node *defaults[CLAUSES]; /* the site's */
    struct step_use default_order;  /* of `default by`: order, order_by */
    struct node *zone;              /* its default one */
    struct body *default_busy;
    const struct type *media_type, *call_type_type, *code_type, *weekday_type, *tone_type, *cause_type,
        *agent_state_type;
    const struct type *party_type;
    const struct type *step_errors[STEP_IDS]; /* what their failures are; NULL: not asked for yet */
    struct zone_entry *zones;                 /* whose rules were asked for */
    uint64_t regex_work;
    struct symbol *site_keys[KEYS_MAX];
    uint32_t site_key_count;
    uint64_t given; /* keys that are parameters of the strategy that is checked */
    uint32_t busy_count;
    uint32_t names_compared; /* for suggestions, see near_name() */
    bool in_mandatory; /* of a busy block */
    bool in_line;   /* of a selection: a skill is the candidate's level */
    bool in_order;  /* of a selection: `it` is the candidate */
    bool in_where;  /* of a line: a statistic's bare name is that of what the line takes, */
    uint32_t where_of; /* which is one of measures.h, or 0 */
    bool live;      /* in a latch: what changes while the site runs may be named */
    struct node *measuring; /* the statistic whose value is checked: names are measures */
    bool goto_nowhere; /* a goto names no label: it may have been for any of them */
    bool dead_said; /* that what follows a jump is not reached */
    const struct symbol *dead_by; /* the function that never returns, after which that is so */
};

#define report(c, NAME, span, ...) diag_report((c)->diags, NAME, (span), ##__VA_ARGS__)

enum { NAMES_COMPARED_MAX = 200000 }; /* for suggestions: many times what the errors that are shown ask for */

/* The name that was perhaps meant, or NULL. */
static inline struct symbol *near_name(struct checker *c, enum space space, const char *name)
{
    return c->names_compared < NAMES_COMPARED_MAX ? scope_near(c->scope, space, name, &c->names_compared) : NULL;
}
static inline const struct type *base(const struct checker *c, enum lang_type kind)
{
    return types_base(c->types, kind);
}
static inline const struct type *typed(struct node *node, const struct type *type)
{
    node->type = type;
    return type;
}

/* What one does with a blob where it itself does not fit. */
static inline void hint_blob(struct diag *diag, const struct type *type)
{
    if (type_bare(type)->kind == LANG_BLOB) diag_hint(diag, "as text it is where it lies: \"{x}\"");
}

/* step.c */
bool clause_stands_with(enum clause, const struct step_row *);

/* paths.c */
bool state_is_live(const struct state *);
/* A new point that one comes to from here; from now on one is there. */
uint32_t state_advance(struct checker *, enum flow_kind, struct span);
/* Both ways lead here. */
struct state state_join(struct checker *, const struct state *, const struct state *, struct span);
void state_stop(struct checker *); /* nothing goes on from here */
void state_enter_dead(struct checker *); /* what follows is looked at all the same */
struct state state_nowhere(void);
void state_set_local(struct state *, const struct symbol *);
void state_know(struct state *, const struct symbol *, bool known);
/* The same, as that place tells. */
void state_learn(struct state *, struct symbol *, struct span);
bool state_has(const struct state *, const struct symbol *);
bool state_knows(const struct state *, const struct symbol *);
void state_forget_all(struct state *); /* what is known not to be none: at the head of a loop */
/* Only what both know. The place is that of the first. */
struct state state_meet(const struct state *, const struct state *);
void flow_begin(struct checker *, struct body *);
/* Reports what the graph shows, and frees it. */
void flow_end(struct checker *, struct body *, struct span end);

/* summary.c */
/* It fails, uncaught: by an exit of the step, or by what that subroutine fails with, or by `fail` and this text. */
void summary_fails_by_step(struct checker *, const struct step_row *);
void summary_fails_by_call(struct checker *, const struct body *callee);
void summary_fails_by_text(struct checker *, const struct node *text);
void summary_waits(struct checker *, struct span, const struct body *callee); /* callee: NULL of a step */
/* These parameters come into a text, or become data others see. */
void summary_tells(struct checker *, uint32_t tells, uint32_t stores);
void summary_begin(struct checker *, struct body *);
void summary_returned(struct checker *, uint32_t parameters, const char *secret); /* the result tells of these */
void summary_returns(struct checker *, struct node *value); /* one goes back from here, with that; NULL: nothing */
void summary_end(struct checker *, struct body *); /* when the graph is whole */
/* From here on what follows the call; *failed where it failed. */
void summary_call(struct checker *, const struct symbol *callee, struct span, struct state *failed);
const struct type *summary_error(struct checker *, struct body *callee);
/* Where `subject` is the code of what a subroutine fails with: can it be that text? */
void summary_check_code(struct checker *, const struct node *subject, const struct node *text);

/* secret.c */
/* The name of a secret that the value would tell of, or NULL; that a comparison tells something is allowed. */
const char *secret_in(struct node *);
const char *type_secret(const struct type *); /* a secret field of such a value, or NULL */
/* Where a value goes: it is looked at now, and again when more is known of the names in it. */
void check_set(struct checker *, struct symbol *local, struct node *value);
void check_returned(struct checker *, struct node *);
void check_bound(struct checker *, struct node *, struct step_use *); /* the step shows it to nobody */
void check_count_key(struct checker *, struct node *);
void check_told(struct checker *, struct node *); /* it comes into a text that is shown */
void check_given_away(struct checker *, struct node *, const char *as); /* it becomes what others see: that is `as` */
void check_passed(struct checker *, struct call_use *, const char *function);
/* The value becomes a secret key's: what the caller enters for it is not shown either, and was none before. */
void check_asked_in_secret(struct checker *, struct node *value);
void secrets_begin(struct checker *); /* of a body */
uint32_t secrets_here(const struct checker *);
void secrets_come_round(struct checker *, uint32_t from); /* a loop's end: what was noted since it began */
void secrets_free(struct checker *);
void check_secret_keys(struct checker *, struct node *strategy);

/* const.c */
void check_constants(struct checker *);

/* default.c */
void declare_default(struct checker *, struct node *);
void check_default(struct checker *, struct node *); /* when all is declared */
void take_defaults(const struct checker *, const struct node *head, struct step_use *);
bool takes_nobody(const struct node *select); /* only queues */

/* expr.c */
const struct type *check_expr(struct checker *, struct node *, const struct type *want);
/* Checks it and reports where it does not fit; gives `want` back then, so that one error is one error. */
const struct type *check_as(struct checker *, struct node *, const struct type *want);
void check_condition(struct checker *, struct node *, struct state *yes, struct state *no);
/* A name whose value is known not to be none: one may ask again. */
const struct type *check_asked_again(struct checker *, struct node *);
bool was_optional(const struct node *);
void check_known(struct state *, const struct node *); /* what is asked for is not none there */
const struct type *check_binary(struct checker *, struct node *at, enum operator, const struct type *,
                                const struct type *);

/* built_in.c */
/* The member of a value, an error, a time, a date, a float, or NULL where it has none of that name. */
const struct type *built_in_member(struct checker *, struct node *, struct member *, const struct type *object);
/* A method of a text, a list, a map, a time, a date; NULL where there is none of that name. */
const struct type *built_in_method(struct checker *, struct node *call, struct call_use *, const struct type *object);
const struct type *call_sample(struct checker *, struct node *, struct call_use *);
/* `default locale` of the site: a language tag, once. */
void check_default_locale(struct checker *, struct node *item);

/* The rules of the zone, or of the site's where NULL; NULL and reported where there is none. */
const struct zone_rules *check_zone(struct checker *, const char *name, struct span);
/* The type of the error of a step; NULL: of any. */
const struct type *step_error(struct checker *, const struct step_row *);
/* The arguments by position, each of its type; false where there are not so many. */
bool plain_arguments(struct checker *, struct node *call, struct call_use *, const char *what, uint32_t least,
                     uint32_t most);

/* name.c */
/* Is it one of the words of the enumeration? Then it means that. */
bool check_word(struct checker *, struct node *, const struct type *want);
const struct type *check_name(struct checker *, struct node *, const struct type *want);
const struct type *check_kind_name(struct checker *, struct node *);
/* The node stands for it: may it be read here? */
const struct type *check_attribute(struct checker *, struct node *, const struct symbol *);
const struct type *check_type(struct checker *, struct node *); /* a written type */
struct symbol *declare_local(struct checker *, struct word, const struct type *);
/* Reports a local `name` that hides `there`, which may be NULL; what attributes are called may be hidden. */
void check_hiding(struct checker *, const struct symbol *there, struct word name);
/* A key, or a parameter of a strategy: beside attributes and what the file declares it would be read in its place.
 * Returns what is called so already. */
const struct symbol *check_key_name(struct checker *, struct word name);
enum lang_type kind_type(enum name_kind);
/* What is written here is known only while a strategy runs, and no strategy does. */
void report_not_constant(struct checker *, struct span);
/* May what is of this kind of medium stand in the body that is checked? A function only takes note of it. */
bool check_medium(struct checker *, uint32_t needed, const char **missing);

/* member.c */
const struct type *check_member(struct checker *, struct node *);
/* it.level(s), of the candidate of a selection. */
const struct type *call_of_it(struct checker *, struct node *, struct call_use *);
/* call.c */
const struct type *check_call(struct checker *, struct node *, const struct type *want);
/* The parameters of a function or fields of a record with their arguments; false where something was reported. */
/* Reports an argument that has no parameter, and looks at it. */
struct diag *no_place(struct checker *, struct node *argument, const char *what, uint32_t count);
bool check_arguments(struct checker *, struct node *call, struct call_use *, const char *what,
                     struct symbol *const *params, uint32_t count);

/* hint.c: said beside what is wrong. */
void hint_near(struct diag *, const struct symbol *near); /* NULL: there is none */
void hint_unknown(struct checker *, struct diag *, const char *name); /* a plain name */
void hint_unknown_function(struct checker *, struct diag *, const char *name);
/* A value of `type` stands where `want` is asked for. */
void hint_mismatch(struct checker *, struct diag *, const struct node *, const struct type *, const struct type *want);
void hint_duration(struct diag *, const struct node *integer);
/* Of the BINARY's two sides, which have these types. */
void hint_comparison(struct checker *, struct diag *, const struct node *, const struct type *, const struct type *);
/* Of the BINARY's two sides, or what an ASSIGN adds; false: nothing is to be said. */
bool hint_operands(struct diag *, const struct node *, const struct type *, const struct type *);
/* Not known where it is said: the name may be that of a `let` elsewhere in the body. */
bool hint_made_elsewhere(struct checker *, struct diag *, const char *name);
/* A name that is none of its kind, but perhaps of another one. */
void hint_unknown_of_kind(struct checker *, struct diag *, enum name_kind, const char *name);
void hint_shown(struct diag *, const struct type *); /* which no text shows */
void hint_condition(struct diag *, const struct node *, const struct type *); /* which is none */
void hint_assigned(struct diag *, const struct symbol *); /* which cannot be assigned to, or NULL */
void hint_waits(struct diag *); /* of a step in an expression */
void hint_not_tried(struct checker *, struct diag *, const struct step_row *); /* of `tries` behind a step */
/* Reports it; gives poison. */
const struct type *no_member(struct checker *, struct node *, const struct type *object);

/* step.c */
/* A right side. `want` is the type that is asked for, NULL: any; `value`: is its value used? */
const struct type *check_rhs(struct checker *, struct node *, const struct type *want, bool value);
bool check_is_step(struct checker *, struct node *head);

/* head.c */
const struct step_row *head_row(struct checker *, const struct node *head); /* NULL: a subroutine, or no step */
const struct type *check_head(struct checker *, struct node *head, struct step_use *, const struct type *want);
void check_growth(struct checker *, struct node *assign); /* priority += 1 every 10s to 120 */
struct symbol *check_signal(struct checker *, struct word name); /* NULL: there is none, which is reported */

/* A parameter of this type; the element's type where it is a list of choices, else NULL. */
const struct type *check_parameter(struct checker *, struct node *value, enum param_type, const struct type *want,
                                   struct step_use *);

/* query.c */
const struct type *check_query(struct checker *, struct node *, struct step_use *);

/* select.c */
void check_select(struct checker *, struct node *, struct step_use *);
void check_order(struct checker *, struct node *value, struct step_use *); /* after `by` */
/* A duration, which tells of no secret: it would be seen as that. */
void check_timing(struct checker *, struct node *value, const char *as);

/* function.c */
void declare_function(struct checker *, struct node *);
/* The next parameter of a body, with its default value. */
struct symbol *declare_param(struct checker *, struct body *, struct node *param);
struct call_search;
/* Checks it and what it calls, callees first; `outer`: NULL. */
void order_function(struct checker *, struct symbol *, struct call_search *outer);

/* endpoint.c */
void declare_endpoint(struct checker *, struct symbol *); /* once the names of types are known */
bool is_endpoint_call(const struct checker *, const struct node *head); /* http.NAME, whether there is one or not */
const struct step_row *endpoint_row(const struct checker *, const struct node *call);
const struct type *check_endpoint_call(struct checker *, struct node *call, struct step_use *, struct call_use *);

/* fork.c: race and parallel, from where they wait on. */
void check_children(struct checker *, struct node *head, struct step_use *);
bool check_is_child(const struct checker *, const struct node *head); /* is it what the child is there for? */
void check_child_step(struct checker *, const struct node *head, const struct step_use *);

/* set.c */
void check_let(struct checker *, struct node *);
void check_attach(struct checker *, struct node *);
void check_assign(struct checker *, struct node *);
/* What a `let` makes: its type as checked, then its variable. */
const struct type *check_let_value(struct checker *, struct node *);
struct symbol *check_let_name(struct checker *, struct node *, const struct type *);

/* stmt.c */
void check_block(struct checker *, struct node *);
void check_statement(struct checker *, struct node *);
/* A block that goes round and round beside a wait: something in it must take time. */
void check_rounds(struct checker *, struct node *block);
void check_busy(struct checker *, struct step_use *, struct node *block, struct span at);

/* segment.c */
void check_segment(struct checker *, struct node *);

/* split.c */
void check_split(struct checker *, struct node *);
void check_shares(struct checker *, struct node *select, struct step_use *); /* of its lines; before its clauses */

/* site.c */
void declare_setting(struct checker *, struct node *item);
void declare_virtual(struct checker *, struct node *item); /* group experts = skill Sales >= 8; */
void check_setting(struct checker *, struct node *item); /* its value, when the constants are known */

/* main.c */
bool is_main(const struct checker *, const struct node *);
const struct type *check_main(struct checker *, struct node *, struct member *);

/* given.c */
void declare_strategy(struct checker *, struct node *);
void check_given_defaults(struct checker *, struct node *);
void declare_given(struct checker *, struct strategy *);
/* What stands behind `switch to`: the strategy's name, perhaps with arguments. */
void check_given(struct checker *, struct node *where, struct step_use *, const struct strategy *);
void check_next(struct checker *, struct node *where, struct step_use *);  /* of a switch */
/* The strategy for which a call-back is booked. */
void check_booked(struct checker *, struct node *where, struct step_use *);
void check_then(struct checker *, struct node *clause, struct step_use *); /* of a route */

/* schedule.c */
void check_schedule(struct checker *, struct node *item);
const struct type *check_schedule_call(struct checker *, struct node *, struct call_use *);

/* statistic.c */
void declare_statistic(struct checker *, struct node *item); /* other items are left alone */
void check_statistics(struct checker *, struct node *site);
/* Within a statistic: a measure, or NULL where it is a name as elsewhere; a measure that is asked within a time, or
 * NULL. */
const struct type *check_measure(struct checker *, struct node *name);
const struct type *check_measure_within(struct checker *, struct node *call);
const struct type *check_quotient(struct checker *, const struct type *, const struct type *); /* NULL: as elsewhere */
bool is_statistic(const struct node *); /* that was checked; its value may be none, and is compared all the same */
const struct type *call_statistic(struct checker *, struct node *, struct call_use *, struct symbol *);
const struct type *check_statistic_name(struct checker *, struct node *, const struct symbol *);
const struct type *statistic_of_it(struct checker *, struct node *, struct member *); /* NULL: there is none */
/* vq service.waiting; NULL where the object has no such measure. */
const struct type *measure_member(struct checker *, struct node *, struct member *, const struct type *object);
const struct type *check_counter_name(struct checker *, struct node *, const struct symbol *);
struct symbol *counter_indexed(struct checker *, const struct node *object); /* NULL: it is no counter */
const struct type *check_counter_index(struct checker *, struct node *, struct symbol *);
void check_counted(struct checker *, struct node *);

/* check.c */
/* Enters a name and reports where it is taken. */
struct symbol *declare(struct checker *, enum space, enum symbol_kind, struct word, struct node *);
struct body *body_new(struct checker *, enum body_kind, const char *name, struct node *);
void body_done(struct checker *, struct body *);
void declare_native(struct checker *, struct node *); /* native.c */

#endif
