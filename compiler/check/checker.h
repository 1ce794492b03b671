/* compiler/check/checker.h - The declarations that the parts of checking share; only files of check/ include this.
 *
 *     check.c      the passes over all declarations, in the order in which they need each other
 *     function.c   functions, callees first; summary.c: the effect of a call on its caller's flow; native.c
 *     paths.c      the state along each path: set variables, values known not to be none, the flow point
 *     stmt.c       statements and blocks; set.c: let, attach, assignments; fork.c: race and parallel
 *     segment.c    segment and its patterns; split.c: split, shares of lines
 *     step.c       right sides: steps, clauses, else; head.c: arguments of steps; query.c; select.c
 *     expr.c       expressions; name.c: types and names; member.c: members; call.c: calls
 *     built_in.c   members and methods of the language's own types
 *     site.c       parameters, tables, groups; schedule.c; default.c: clauses that hold for all steps; endpoint.c
 *     statistic.c  statistics, latches, counters, capacities
 *     const.c      constants, each after its parts; given.c: arguments of strategies
 *     main.c       a consultation's view of its main interaction
 *     secret.c     secret values, and where they may go
 *     hint.c       guesses at what the author meant
 */
#pragma once

#include "compiler/check/check.h"
#include "compiler/check/flow.h"
#include "compiler/check/typed.h"
#include "compiler/language/measures.h"
#include "compiler/language/one_of.h"
#include "compiler/syntax/program.h"

/* A place in a body, with the facts that hold there on every path. `at` is FLOW_NONE where no path leads to the
 * place: the code there is dead. */
struct state {
    uint32_t at;                     /* the flow point before this place, */
    const char *how;                 /* how the path left that flow point, as "it fails", */
    const struct flow_step *because; /* the place in the called function from which the path comes back, or NULL, */
    bool failure;                    /* and whether the path left it by a failure */
    /* True: all paths have just ended here; false: dead code after such an end. */
    bool ended;
    bool waited; /* on some path to this place the interaction has left a selection */
    /* The virtual queue of the last selection that has found somebody on some path to this place, or NULL. */
    const struct node *chosen_in;
    uint64_t keys;              /* a bit for each declared key that is attached */
    uint64_t known_keys;        /* a bit for each key whose value is known not to be none until the next wait */
    struct media_set not_media; /* media that the interaction cannot have here, as bits of media_bit() */
    uint64_t locals[LOCALS_MAX / 64];
    uint64_t known_locals[LOCALS_MAX / 64];
};

struct jump { /* a goto, kept to explain what it jumps over */
    struct state state;
    struct source_span where;
    struct jump *next;
};

struct label {
    struct symbol symbol;
    struct node *node;   /* the LABELLED node that declares it */
    struct state state;  /* the facts that hold on all jumps to it so far */
    struct diag *unused; /* the warning that no jump leads here; taken back when a jump is found */
    bool passed;
};

struct tested { /* a statistic that was tested for none, and the outermost body around that test */
    const struct node *statistic;
    const struct body *body;
    struct tested *next;
};

struct endless { /* a loop that W0914 reports, so that W0911, which says less, leaves it out */
    uint32_t begin;
    struct endless *next;
};

struct loop {
    struct node *node;
    struct body *body;
    struct state leave; /* the facts that hold on all breaks so far */
    uint32_t head;
    uint32_t secrets;           /* how many uses of values secret.c had noted when the loop began */
    struct queueing *queueings; /* the newest selection when the loop began */
    bool waited;                /* on some path to the next round of the loop the interaction has left a selection */
    struct loop *outer;
};

/* A selection, or a call of a subroutine that selects. The list has the selections of all bodies, the newest first. */
struct queueing {
    struct step_use *use;
    const struct body *body;
    struct queueing *before;
};

/* secret.c: the uses of values in the body that is being checked. */
struct secret_uses {
    struct secret_use *items;
    uint32_t count, room;
    uint32_t round; /* the number of searches so far */
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
    struct queueing *queueings;
    struct endless *endless;
    struct tested *tested;
    struct secret_uses secrets;
    struct jump *jumps;
    struct node *defaults[CLAUSES]; /* the site's default value of each clause; NULL: none */
    struct default_on *defaults_on; /* the site's defaults of `reply` and `absence`, see check/reply.c */
    struct step_use default_order;  /* the order of `default by`, in the fields of a step_use */
    struct node *zone;              /* the site's default zone */
    struct body *default_busy;
    const struct type *media_type, *call_type_type, *code_type, *weekday_type, *tone_type, *cause_type,
        *agent_state_type;
    const struct type *party_type;
    const struct type **step_errors; /* the error type of each step; NULL: not made yet */
    /* the error type of each step that has all clauses and arguments on which its exits depend (vm/exits.def); NULL:
     * not made yet */
    const struct type **asked_errors;
    struct zone_entry *zones; /* the zones whose rules were read */
    uint64_t regex_work;
    struct symbol *site_keys[KEYS_MAX];
    uint32_t site_key_count;
    uint64_t given; /* a bit for each key that is a parameter of the strategy being checked */
    uint32_t busy_count;
    uint32_t names_compared; /* how many names were compared for suggestions, see nearest_symbol() */
    bool in_mandatory;       /* true: inside `mandatory` of a busy block */
    /* true: inside a condition on candidates, where a skill's name means the candidate's level */
    bool in_line;
    /* True inside a part of a selection that is computed for each candidate: `it` is the candidate. */
    bool in_order;
    const struct node *ordered; /* the selection whose order is checked; NULL: the site's default order */
    /* True inside the condition of a line: a statistic's name alone is that of the line's group, agent or queue. */
    bool in_where;
    uint32_t where_of;      /* the kind of that group, agent or queue, as in measures.h; 0: the line has none of them */
    bool live;              /* true: inside a latch, which may name values that change while the site runs */
    struct node *measuring; /* the statistic whose value is checked: names in it are measures */
    bool trying;            /* between check_try_begin() and check_try_end() */
    bool goto_nowhere;      /* a goto names an unknown label: it may have been meant for any label */
    bool dead_said;         /* the warning that statements after a jump are not reached was given */
    const struct symbol *dead_by; /* the function that never returns and so made the code dead, or NULL */
};

#define report(c, NAME, span, ...) diag_report((c)->diags, NAME, (span), ##__VA_ARGS__)

/* The most names compared for suggestions: far more than all errors that are shown need. */
enum { NAMES_COMPARED_MAX = 200000 };

/* Returns the symbol whose name was perhaps meant, or NULL. */
static inline struct symbol *nearest_symbol(struct checker *c, enum space space, const char *name)
{
    return c->names_compared < NAMES_COMPARED_MAX ? scope_near(c->scope, space, name, &c->names_compared) : NULL;
}
static inline const struct type *checker_base(const struct checker *c, enum lang_type kind)
{
    return types_base(c->types, kind);
}
static inline const struct type *set_node_type(struct node *node, const struct type *type)
{
    node->type = type;
    return type;
}

/* Hints at how to use a blob where the blob itself does not fit. */
static inline void hint_blob(struct diag *diag, const struct type *type)
{
    if (type_bare(type)->kind == LANG_BLOB) diag_hint(diag, "as text it is where it lies: \"{x}\"");
}

/* step.c */
bool step_may_have_clause(enum clause, const struct step_row *);

/* paths.c */
bool state_is_live(const struct state *);
/* Makes a flow point after the present one and makes it the present one. Returns the new flow point, or FLOW_NONE in
 * dead code. */
uint32_t state_advance(struct checker *, enum flow_kind, struct source_span);
/* Returns the state where both paths meet: a new flow point, and the facts that hold on both. */
struct state state_join(struct checker *, const struct state *, const struct state *, struct source_span);
void state_stop(struct checker *); /* the path ends here */
/* ends the path: dead code follows, which is checked with the facts of the last state */
void state_enter_dead(struct checker *);
struct state state_nowhere(void);
void state_set_local(struct state *, const struct symbol *);
void state_know(struct state *, const struct symbol *, bool known);
/* Notes that the value of this variable or key is not none, and the place that proves it for a later diagnostic. */
void state_learn(struct state *, struct symbol *, struct source_span);
bool state_has(const struct state *, const struct symbol *);
bool state_knows(const struct state *, const struct symbol *);
/* Returns the facts that hold in both states, with the flow point of the first state. */
struct state state_meet(const struct state *, const struct state *);
void check_flow_begin(struct checker *, struct body *);
/* Reports the faults that the flow graph shows, and frees it. */
void check_flow_end(struct checker *, struct body *, struct source_span end);

/* summary.c */
/* Note in the body's summary that it may fail, uncaught: with an exit of the step, as the callee fails, or by `fail`
 * with this text. */
void summary_fails_by_step(struct checker *, const struct step_row *);
void summary_fails_by_call(struct checker *, const struct body *callee);
void summary_fails_by_text(struct checker *, const struct node *text);
/* Notes a wait in a loop, of the callee or (NULL) of a step. */
void summary_waits(struct checker *, struct source_span, const struct body *callee);
/* Notes in the summary the parameters (a bit each) that become part of a text, and those that become data that
 * others see. */
void summary_tells(struct checker *, uint32_t tells, uint32_t stores);
void summary_begin(struct checker *, struct body *);
/* Notes in the summary that the body's result shows these parameters and this secret. */
void summary_returned(struct checker *, uint32_t parameters, const char *secret);
/* The body returns here, with this value or (NULL) without one. */
void summary_returns(struct checker *, struct node *value);
void summary_end(struct checker *, struct body *); /* completes the summary when the flow graph is whole */
/* Applies the callee's summary to the present state, which is then the state after the call; *failed becomes the
 * state where the call failed. */
void summary_call(struct checker *, const struct symbol *callee, struct source_span, struct state *failed);
const struct type *summary_error(struct checker *, struct body *callee);
/* Reports a comparison of a subroutine's failure code with a text that the subroutine never fails with. */
void summary_check_code(struct checker *, const struct node *subject, const struct node *text);

/* secret.c */
/* Report a secret that the value would show by the use that the function is named after. Each use is checked now,
 * and again when more is known of the variables in the value. */
void check_set(struct checker *, struct symbol *local, struct node *value);
void check_returned(struct checker *, struct node *);
/* Notes that the value is bound to a step, which then does not show it. */
void check_bound(struct checker *, struct node *, struct step_use *);
void check_count_key(struct checker *, struct node *);
void check_told(struct checker *, struct node *); /* notes that the value becomes part of a text that is shown */
/* Notes that others will see the value; `as` says in which role. */
void check_given_away(struct checker *, struct node *, const char *as);
void check_passed(struct checker *, struct call_use *, const char *function);
/* Notes that the value becomes that of a secret key: marks the steps that ask the caller for it, so that the entered
 * digits are not shown. */
void check_asked_in_secret(struct checker *, struct node *value);
void secrets_begin(struct checker *); /* forgets the uses in the body checked before */
uint32_t secrets_here(const struct checker *);
/* At the end of an outermost loop: checks the uses noted from number `from` on once more. */
void secrets_come_round(struct checker *, uint32_t from);
void secrets_free(struct checker *);
void check_secret_keys(struct checker *, struct node *strategy);

/* const.c */
void check_constants(struct checker *);

/* default.c */
void check_declare_default(struct checker *, struct node *);
void check_default(struct checker *, struct node *); /* checks a `default` when everything is declared */
void default_take(const struct checker *, const struct node *head, struct step_use *);
/* Checks what is written behind `reply`: a duration, `none`, or a moment; with a schedule, a duration. */
void check_reply_time(struct checker *, struct node *value, struct node *schedule);
/* Checks whether the step may have the clause `reply` that it has; `reply none` is taken away. */
void check_reply(struct checker *, const struct node *head, struct step_use *);
/* Keeps a default of the site, of `reply` or `absence`, with the media for which it holds. */
void reply_declare_default(struct checker *, struct node *item, enum clause);
bool default_takes_nobody(const struct node *select); /* are the targets of all lines of the selection queues? */

/* expr.c */
const struct type *check_expr(struct checker *, struct node *, const struct type *want);
/* Checks an expression and reports it where its type does not fit `want`; returns `want` then, so that one mistake
 * is reported once. */
const struct type *check_as(struct checker *, struct node *, const struct type *want);
void check_condition(struct checker *, struct node *, struct state *yes, struct state *no);
/* Returns the type of an operand that is tested for none: T? The type is T? also where the value is known not to be
 * none, since a program may test it again. */
const struct type *check_asked_again(struct checker *, struct node *);
bool expr_was_optional(const struct node *);
void check_known(struct state *, const struct node *); /* notes in the state that the value of the name is not none */
const struct type *check_binary(struct checker *, struct node *at, enum operator, const struct type *,
                                const struct type *);

/* built_in.c */
/* Returns the type of a member of a value, error, time, date or float; NULL where it has no member of that name. */
const struct type *built_in_member(struct checker *, struct node *, struct member *, const struct type *object);
/* Returns the result type of a method of a text, list, map, time or date; NULL where it has no method of that name. */
const struct type *built_in_method(struct checker *, struct node *call, struct call_use *, const struct type *object);
const struct type *built_in_sample(struct checker *, struct node *, struct call_use *);
/* Checks `default locale` of the site: a language tag, written once. */
void check_default_locale(struct checker *, struct node *item);

/* Returns the rules of the named zone, or of the site's zone where `name` is NULL; NULL where there is no such zone,
 * which is reported. */
const struct zone_rules *check_zone(struct checker *, const char *name, struct source_span);
/* Returns the name of a zone that is written as a literal or constant. NULL: *zone_of is set to the value that gives
 * the zone when the program runs, or a mistake was reported. */
const char *check_zone_written(struct checker *, struct node *value, struct node **zone_of);
/* Returns the type of the error of this step, or (NULL) of any step. `replied`: the step has the clause `reply`. */
const struct type *check_step_error(struct checker *, const struct step_row *, bool asked);
/* Does the step have the argument on which some of its exits depend (vm/exits.def)? */
bool check_exit_argument(const struct step_use *);
/* Takes a call's arguments by position; returns false, and reports, unless there are `least` to `most` of them. */
bool check_plain_arguments(struct checker *, struct node *call, struct call_use *, const char *what, uint32_t least,
                           uint32_t most);

/* name.c */
/* Is the name a word of the enumeration `want`? True: the node gets that word as its meaning. */
bool check_word(struct checker *, struct node *, const struct type *want);
const struct type *check_name(struct checker *, struct node *, const struct type *want);
const struct type *check_kind_name(struct checker *, struct node *);
/* `queue row.desk`, where `row` is a value: the member `row.desk` is read, and its value must be a queue.
 * check_kind_said() finds whether the node is of that form, check_kind_kept() checks the type of the member. */
struct kind_said {
    const struct node *first; /* the node of `row` */
    const struct type *type;
};
bool check_kind_said(struct checker *, const struct node *, struct kind_said *);
const struct type *check_kind_kept(struct checker *, struct node *, const struct type *, const struct kind_said *);
/* Checks whether the attribute that the node names may be read here; returns its type. */
const struct type *check_attribute(struct checker *, struct node *, const struct symbol *);
const struct type *check_type(struct checker *, struct node *); /* a written type */
struct symbol *check_declare_local(struct checker *, struct word, const struct type *);
/* Reports a local `name` that hides `there`, which may be NULL; names of attributes may be hidden. */
void check_hiding(struct checker *, const struct symbol *there, struct word name);
/* Reports a key, or a parameter of a strategy, whose name is taken by an attribute or a declaration of the file.
 * Returns the symbol that has the name already, or NULL. */
const struct symbol *check_key_name(struct checker *, struct word name);
enum lang_type kind_type(enum name_kind);
/* Reports a value that only a running strategy has, where no strategy runs. */
void check_report_not_constant(struct checker *, struct source_span);
/* check_is_media(): is the node the attribute `media`? check_media_word(): returns the media that a word names;
 * empty: the word names none. */
bool check_is_media(const struct node *);
struct media_set check_media_word(const struct node *);
struct media_set check_media(struct checker *,
                             const struct nodes *); /* the media of a list; who is unknown is reported */
/* Do the media of the body that is being checked allow these media? A function or subroutine only notes what it
 * needs; false: no medium would be left for it. */
bool check_medium(struct checker *, struct media_set needed, const char **missing);

/* member.c */
const struct type *check_member(struct checker *, struct node *);
/* Is the node it.name, the candidate's name, by which a map gives a score (check_score)? */
bool member_is_name_of_it(const struct checker *, const struct node *);
const struct type *check_score(struct checker *, struct node *, const struct type *map);
/* Checks it.level(s), the skill level of a selection's candidate; returns its type. */
const struct type *member_call_of_it(struct checker *, struct node *, struct call_use *);
/* call.c */
const struct type *check_call(struct checker *, struct node *, const struct type *want);
/* Reports an argument that fits no parameter, and checks its expression. */
struct diag *call_no_place(struct checker *, struct node *argument, const char *what, uint32_t count);
/* A trial of whether a value would fit: its reports and its effects on the state are dropped. Within a trial
 * (c->trying) no other one is made, so that the time for nested calls grows with their text only. */
struct check_try {
    struct diags *diags;
    struct state state;
};
struct check_try check_try_begin(struct checker *);
bool check_try_end(struct checker *, const struct check_try *); /* true: there was no error */
/* Assigns a call's arguments to the parameters of a function or fields of a record; false where something was
 * reported. */
bool check_arguments(struct checker *, struct node *call, struct call_use *, const char *what,
                     struct symbol *const *params, uint32_t count);

/* hint.c: adds a hint to a diagnostic. */
void hint_near(struct diag *, const struct symbol *near); /* NULL: there is none */
/* Hints at the plain name that was perhaps meant. */
void hint_unknown(struct checker *, struct diag *, const char *name);
void hint_unknown_function(struct checker *, struct diag *, const char *name);
/* Hints at what to do with a value of `type` where `want` is needed. */
void hint_mismatch(struct checker *, struct diag *, const struct node *, const struct type *, const struct type *want);
void hint_duration(struct diag *, const struct node *integer);
/* Hints at how to compare the two sides of the BINARY, which have these types. */
void hint_comparison(struct checker *, struct diag *, const struct node *, const struct type *, const struct type *);
/* Hints at how the two sides of the BINARY, or the value that an ASSIGN adds, could fit; false: there is no hint to
 * give. */
bool hint_operands(struct diag *, const struct node *, const struct type *, const struct type *);
/* Is the unknown name declared by a `let` elsewhere? Then notes where. */
bool hint_made_elsewhere(struct checker *, struct diag *, const char *name);
/* Gives a hint where an unknown name of this kind is a name of another kind. */
void hint_unknown_of_kind(struct checker *, struct diag *, enum name_kind, const char *name);
void hint_shown(struct diag *, const struct type *); /* gives a hint for a value of a type that no text can show */
/* Gives a hint for an expression that is no condition. */
void hint_condition(struct diag *, const struct node *, const struct type *);
void hint_moment(struct diag *, const struct node *);
/* Gives a hint for a name that cannot be assigned to; NULL: gives no hint. */
void hint_assigned(struct diag *, const struct symbol *);
void hint_waits(struct diag *); /* gives a hint for a step inside an expression */
/* Gives a hint for `tries` at a step that would fail again at every try. */
void hint_not_tried(struct checker *, struct diag *, const struct step_row *);
/* Reports that the object has no member of that name; returns the poison type. */
const struct type *hint_no_member(struct checker *, struct node *, const struct type *object);

/* step.c */
/* Checks the right side of a statement and returns its type. `want` is the type that the place needs, NULL: any;
 * `value`: the value is used. */
const struct type *check_rhs(struct checker *, struct node *, const struct type *want, bool value);
bool check_is_step(struct checker *, struct node *head);

/* head.c */
/* returns the row of the head's step; NULL: a subroutine, or no step */
const struct step_row *head_row(struct checker *, const struct node *head);
const struct type *check_head(struct checker *, struct node *head, struct step_use *, const struct type *want);
/* checks an assignment like priority += 1 every 10s to 120 */
void check_growth(struct checker *, struct node *assign);
/* returns the signal of that name; NULL: there is none, which was reported */
struct symbol *check_signal(struct checker *, struct word name);

/* Checks the argument for a parameter of this type; returns the element's type where it is a list of choices, else
 * NULL. */
const struct type *check_parameter(struct checker *, struct node *value, enum param_type, const struct type *want,
                                   struct step_use *);

/* query.c */
const struct type *check_query(struct checker *, struct node *, struct step_use *);

/* select.c */
void check_select(struct checker *, struct node *, struct step_use *);
/* Do all lines of a checked selection name groups, or all queues? */
bool select_lines_take(struct checker *, const struct node *select, enum lang_type);
void check_order(struct checker *, struct node *value, struct step_use *); /* checks the value after `by` */
void check_age(struct checker *, const struct node *value);                /* checks the word after `age` */
/* Notes a selection, or a call of a subroutine that selects; *failed is the state where it fails. */
void queueing_note(struct checker *, const struct node *head, struct step_use *, const struct body *callee,
                   struct state *failed);
/* At a loop's end: notes that the loop's selections may run again. */
void queueings_come_round(struct checker *, const struct queueing *until);
/* Checks a duration, which must not depend on a secret, as others could measure the time; `as` names the duration in
 * a report. */
void check_timing(struct checker *, struct node *value, const char *as);

/* function.c */
void check_declare_function(struct checker *, struct node *);
/* Declares a parameter of a body, with its default value. */
struct symbol *check_declare_param(struct checker *, struct body *, struct node *param);
struct call_search;
/* Checks a function and all functions that it calls, callees first; the first caller gives NULL for `outer`. */
void check_function_and_callees(struct checker *, struct symbol *, struct call_search *outer);
void check_called(struct checker *, struct node *block); /* checks all functions that the block calls, with callees */

/* endpoint.c */
/* Declares an endpoint; the names of types must be known. */
void check_declare_endpoint(struct checker *, struct symbol *);
/* is the callee http.NAME, whether or not such an endpoint is declared? */
bool endpoint_is_call(const struct checker *, const struct node *head);
const struct step_row *endpoint_row(const struct checker *, const struct node *call);
const struct type *check_endpoint_call(struct checker *, struct node *call, struct step_use *, struct call_use *);

/* fork.c: race and parallel, from the point where they wait. */
void check_children(struct checker *, struct node *head, struct step_use *);
bool check_is_child(const struct checker *, const struct node *head); /* is `head` the step that is the whole child? */
void check_child_step(struct checker *, const struct node *head, const struct step_use *);

/* set.c */
void check_let(struct checker *, struct node *);
void check_attach(struct checker *, struct node *);
void check_assign(struct checker *, struct node *);
/* The two parts of a `let`: its value, whose type is returned, then its variable. */
const struct type *check_let_value(struct checker *, struct node *);
struct symbol *check_let_name(struct checker *, struct node *, const struct type *);

/* stmt.c */
void check_block(struct checker *, struct node *);
void check_statement(struct checker *, struct node *);
/* Reports a block that is repeated during a wait and in which nothing takes time. */
void check_rounds(struct checker *, struct node *block);
void check_busy(struct checker *, struct step_use *, struct node *block);

/* segment.c */
void check_segment(struct checker *, struct node *);

/* split.c */
void check_split(struct checker *, struct node *);
/* Checks the shares of the lines of a selection, before its clauses. */
void check_shares(struct checker *, struct node *select, struct step_use *);

/* site.c */
void check_declare_setting(struct checker *, struct node *item);
/* declares a virtual group: group experts = skill Sales >= 8; */
void check_declare_virtual(struct checker *, struct node *item);
/* Checks the value of a parameter, table or the like, when the constants are known. */
void check_setting(struct checker *, struct node *item);

/* main.c */
bool main_is_called(const struct checker *, const struct node *);
const struct type *check_main(struct checker *, struct node *, struct member *);

/* given.c */
void check_declare_strategy(struct checker *, struct node *);
void check_given_defaults(struct checker *, struct node *);
void check_declare_given(struct checker *, struct strategy *);
/* Checks the target of `switch to`: the strategy's name, perhaps with arguments. */
void check_next(struct checker *, struct node *where, struct step_use *); /* of a switch */
/* check_booked(): checks the strategy for which a call-back is booked. */
/* True: the type is that of a table of the site whose rows say `allowed`. */
bool check_table_allows(const struct type *);
void check_booked(struct checker *, struct node *where, struct step_use *);
void check_then(struct checker *, struct node *clause, struct step_use *); /* of a route */

/* schedule.c */
/* Does every schedule that the value may name have a time zone? False: the first one without a zone was reported. */
bool check_schedule_zones(struct checker *, const struct node *value, struct source_span where, const char *hint);
void check_schedule(struct checker *, struct node *item);
const struct type *check_schedule_call(struct checker *, struct node *, struct call_use *);

/* statistic.c */
/* Declares a statistic; does nothing for another item. */
void check_declare_statistic(struct checker *, struct node *item);
void check_statistics(struct checker *, struct node *site);
/* Checks a view of the site. */
void check_bin_view(struct checker *, const struct node *site, struct node *item);
/* Checks the rules of an order for agents, or of a profile in a test; NULL: it has none. */
void check_order_rules(struct checker *, const struct node *rules);
/* check_measure(): checks a measure within a statistic; NULL: it is a name as elsewhere. check_measure_filtered():
 * checks a measure within a time; NULL: it is none. */
const struct type *check_measure(struct checker *, struct node *name);
const struct type *check_measure_filtered(struct checker *, struct node *call);
/* Returns the type of a quotient in a statistic, such as a percent; NULL: the rules of any other expression apply. */
const struct type *check_quotient(struct checker *, const struct type *, const struct type *);
/* Is the checked node a statistic? Its value may be none, and may still be compared. */
bool statistic_is_one(const struct node *);
/* Notes a statistic that is compared with `none` by == or !=. */
void statistic_note_none_test(struct checker *, const struct node *);
/* Reports statistics that may be none and are compared in a checked condition that is decided only once. */
void check_compared_none(struct checker *, const struct node *condition);
/* Reports a comparison with an expected wait that may be none. False: it is no such comparison. */
bool check_expected_wait(struct checker *, const struct node *comparison);
/* Reports an expected wait that may be none and is told to somebody. */
void check_expected_wait_shown(struct checker *, const struct node *shown);
const struct type *check_statistic_call(struct checker *, struct node *, struct call_use *, struct symbol *);
const struct type *check_statistic_name(struct checker *, struct node *, const struct symbol *);
/* Checks a member of `it` that may be a statistic; NULL: the candidate has no statistic of that name. */
const struct type *statistic_of_it(struct checker *, struct node *, struct member *);
/* Checks a measure of an object, as vq service.waiting, and returns its type; NULL where the object does not have
 * that measure. */
const struct type *check_measure_member(struct checker *, struct node *, struct member *, const struct type *object);
const struct type *check_counter_name(struct checker *, struct node *, const struct symbol *);
/* Returns the counter that the node names; NULL: none. */
struct symbol *check_counter_indexed(struct checker *, const struct node *object);
const struct type *check_counter_index(struct checker *, struct node *, struct symbol *);
void check_counted(struct checker *, struct node *);

/* language.c */
void check_languages(struct checker *);

/* check.c */
/* check_declare(): enters a name, and reports a name that is taken. */
/* Adds a name of the site to the names that a value of this kind may have. */
void check_add_site_name(struct checker *, struct symbol *, enum lang_type kind);
struct symbol *check_declare(struct checker *, enum space, enum symbol_kind, struct word, struct node *);
struct body *check_body_new(struct checker *, enum body_kind, const char *name, struct node *);
void check_body_done(struct checker *, struct body *);
void check_declare_native(struct checker *, struct node *); /* native.c */
