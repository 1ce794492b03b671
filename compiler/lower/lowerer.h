/* compiler/lower/lowerer.h - The declarations that the parts of lowering share; only files of lower/ include this.
 *
 *     lower.c   the program and its functions; native.c: its natives; site.c: the site's settings; table.c: tables
 *     stmt.c    statements; segment.c: segment and split; fork.c: race and parallel; counter.c: counters
 *     step.c    steps, waits, else; selection.c: the lines of a selection; until.c: conditions that end a wait
 *     expr.c    expressions; branch.c: conditions; call.c: members and calls; parties.c: parties
 *     statistic.c  statistics, of measures
 *     latch.c      latches, of two conditions
 *     constant.c values that are known when the program is compiled
 */
#pragma once

#include "compiler/check/allowed.h"
#include "compiler/check/typed.h"
#include "compiler/lower/ir.h"
#include "compiler/lower/lower.h"
#include "compiler/language/step_limits.h"
#include "compiler/syntax/program.h"

enum { ERROR_REASON, ERROR_CODE, ERROR_STEP }; /* the fields of an error, as in vm/value.h */

struct loop_labels {
    const struct node *node;
    uint32_t again; /* the label of the loop's next round, to which LOOP jumps back */
    uint32_t leave;
    const struct symbol *table; /* the site's table whose rows the loop goes through, with the cursor; NULL: none */
    uint32_t cursor;
    struct loop_labels *outer;
};

struct leaf_capture {
    const struct node *node;
    uint32_t reg;
};

/* A condition that must hold (`when`) before a later part of the same condition is computed at all. */
struct guard {
    const struct node *node;
    bool when;
    const struct guard *outer;
};

/* A function that has been made. A busy block is made before the body whose wait it belongs to; the body must know
 * its jumps. */
struct made_function {
    const struct body *body;
    struct ir_function *function;
    const struct node **exits; /* the targets of its jumps, LABELLED nodes of the outer body */
    uint32_t exit_count;
};

struct way_out { /* a jump out of a child, which the child makes as an exit */
    uint32_t label;
    const struct node *to; /* the target, a LABELLED node of the outer body */
    struct way_out *next;
};

struct until_made { /* a condition that ends a wait; completed when all its callees are known */
    const struct node *condition;
    const struct ir_function *function;
    struct until_made *next;
};

struct known_latch {
    const struct symbol *symbol;
    uint32_t number; /* the number of the setting's row in the image */
    struct known_latch *next;
};

struct known_zone {
    const struct zone_rules *rules;
    struct known_zone *next;
};

struct lowerer {
    struct program *program;
    struct checked *checked;
    struct arena *arena;
    struct ir_program *ir;
    uint32_t *types; /* for each type's index its row in the program's types, or IR_NONE */
    uint32_t type_room;
    struct ir_function *function;
    const struct body *body;
    uint32_t locals[LOCALS_MAX]; /* the registers of the body's variables */
    uint32_t *labels;            /* for each LABELLED node: its label in its function + 1 */
    bool *varies;                /* for each node: true if its value is no constant */
    struct known_zone *zones;    /* the zones whose rules were read so far */
    struct until_made *untils;
    struct known_latch *latches; /* the latches that code reads so far */
    struct loop_labels *loop;
    const struct node *measuring;  /* the statistic that is being lowered, or NULL */
    uint32_t measured;             /* the register of the statistic's object: the agent, group or queue */
    const struct node *where_of;   /* the target of the line whose condition is being lowered */
    const struct node *ordered;    /* the selection whose order is being lowered, or NULL */
    uint32_t *places;              /* for each line of `ordered` its number in the wait */
    const struct node *mandatory;  /* the `mandatory` block around the current statement, or NULL */
    struct leaf_capture *captures; /* the captures of the leaf function that is being made */
    uint32_t capture_count;
    struct way_out *ways_out;
    struct ir_place place;
    const char *label;     /* the author's label of the current statement */
    uint32_t lines;        /* the number of leaf functions made so far */
    uint32_t splits;       /* the number of splits by a key in the body so far */
    uint32_t label_splits; /* how many of these splits belong to the statement that has `label` */
    uint64_t regex_work;
    bool naming;                      /* inside a watched condition: registers of attributes and statistics get names */
    bool in_const;                    /* inside the value of a `const` declaration */
    uint32_t constant_parts;          /* the number of parts of all constants so far, which is limited */
    struct source_span constant_span; /* the constant being computed */
    bool constants_told;
    bool refused;    /* the checker has refused the program */
    bool const_told; /* the reason why the `const` has no value was reported */
};

/* The site's settings */
void lower_settings(struct lowerer *);
void lower_zones(struct lowerer *);
void lower_capacities(struct lowerer *);
void lower_order(struct lowerer *); /* the site's order for agents */
void lower_views(struct lowerer *); /* the site's views of queues and workbins */
/* Returns the node's value as a constant of the type; reports a node whose value is not constant. */
const struct ir_constant *known_value(struct lowerer *, const struct node *, const struct type *);
const struct ir_constant *table_constant(struct lowerer *, const struct symbol *);
const struct zone_rules *lower_zone_rules(struct lowerer *, const char *zone);
/* Returns the number of a zone's table, for a zone that is a value; the number of the site's zone where that value
 * is none or the node NULL. */
struct ir_operand lower_zone_taken(struct lowerer *, const struct node *zone);
/* The zone for local times: a zone written in the source, or one in a register. */
struct clocks {
    const struct zone_rules *zone; /* or NULL */
    uint32_t reg;                  /* or IR_NONE */
};
struct clocks lower_clocks_of(struct lowerer *, const char *zone, const struct node *zone_of);
/* Computes the local time of the moment in `from` (I_WALL), or the moment of the local time in `from` (I_INSTANT). */
uint32_t lower_clocks(struct lowerer *, enum ir_op, struct clocks, uint32_t from, uint32_t to);
/* Computes into `to` whether the schedule is open at that time, in the local time of its zone. */
void lower_open(struct lowerer *, const struct node *schedule, uint32_t time, uint32_t to);
/* Returns the schedule that a step gets, as its numbers; *zone: the number of its zone's table. */
struct ir_operand lower_schedule_taken(struct lowerer *, const struct node *schedule, struct ir_operand *zone);
/* Returns the register of the moment at which the schedule will have been open for the duration, counted from now; if
 * it never will, the moment at which the duration has passed. */
uint32_t lower_open_later(struct lowerer *, const struct node *schedule, const struct node *duration);
uint32_t lower_schedule_call(struct lowerer *, const struct node *, const struct call_use *, uint32_t to);
/* Returns the site's table that an expression names, which is read without a copy; NULL: the expression is another
 * value. */
const struct symbol *lower_table_named(const struct node *);
/* A loop over a table's rows: lower_walk() returns the cursor's register, lower_walk_next() gets the next key and
 * row or leaves the loop, lower_walked() releases the cursor. */
uint32_t lower_walk(struct lowerer *, const struct symbol *table);
void lower_walk_next(struct lowerer *, const struct loop_labels *, uint32_t to_key, uint32_t to_row);
void lower_walked(struct lowerer *, const struct loop_labels *);
void lower_row_count(struct lowerer *, const struct symbol *table, uint32_t to);
/* Compute into `to` the row of a key in a map or table, or none; and whether there is such a row. */
void lower_found_row(struct lowerer *, const struct node *container, uint32_t key, uint32_t to);
void lower_has_row(struct lowerer *, const struct node *container, uint32_t key, uint32_t to);

/* Types */
uint32_t lower_type(struct lowerer *, const struct type *);
/* Returns the type's row; for an enumeration also where its values are ints. */
uint32_t lower_row(struct lowerer *, const struct type *);

/* Returns the node's value as a constant of type `want`; NULL: it is only known at run time. */
const struct ir_constant *lower_constant(struct lowerer *, const struct node *, const struct type *want);
void constants_look(struct lowerer *); /* reports constant expressions that have no value, used or not */
/* Makes a list, record or map from its parts: elements, fields, or keys and values in turn; NULL where it is too
 * large, which is reported. */
const struct ir_constant *constant_object(struct lowerer *, const struct type *, struct ir_constant *parts,
                                          uint32_t count);
const struct ir_constant *constant_word(struct lowerer *, uint32_t type, int64_t word);
/* Returns the constant for a name of the site. */
const struct ir_constant *constant_name(struct lowerer *, const struct symbol *);
const struct ir_constant *constant_text(struct lowerer *, const char *bytes, size_t length);

/* Instructions */
struct ir_instruction *lower_add(struct lowerer *, enum ir_op);
struct ir_instruction *lower_add_ab(struct lowerer *, enum ir_op, uint32_t a, uint32_t b);
struct ir_instruction *lower_add_abc(struct lowerer *, enum ir_op, uint32_t a, uint32_t b, uint32_t c);
void lower_add_label(struct lowerer *, uint32_t label);
struct ir_instruction *lower_add_jump(struct lowerer *, enum ir_op, uint32_t reg, uint32_t label);
uint32_t lower_new_label(struct lowerer *);
uint32_t lower_new_register(struct lowerer *, uint32_t type);
/* Gives the register the author's name of the variable. */
void lower_name_local(struct lowerer *, uint32_t reg, const struct symbol *);
uint32_t lower_register_type(const struct lowerer *, uint32_t reg);
void lower_load(struct lowerer *, uint32_t reg, const struct ir_constant *);
void lower_move(struct lowerer *, uint32_t to, uint32_t from);
/* sets the place in the source for the instructions that follow */
void lower_at_node(struct lowerer *, const struct node *);

/* Computes an expression and returns the register of its value. `to`: the register to compute into, or IR_NONE. */
uint32_t lower_expr(struct lowerer *, const struct node *, uint32_t to);
/* Computes an expression as a value of the type, boxed where needed; returns its register. */
uint32_t lower_as(struct lowerer *, const struct node *, const struct type *, uint32_t to);
/* Is a value of one type stored in another form as `to`: boxed, or an int as a float? */
bool expr_is_changed(const struct type *to, const struct type *from);
/* Converts the value in `reg` from one type to the other, into `to` (IR_NONE: a new register). */
uint32_t expr_convert(struct lowerer *, uint32_t reg, const struct type *from, const struct type *to_type, uint32_t to);
uint32_t expr_as_option(struct lowerer *, uint32_t reg); /* makes a T? of the value of type T in the register */
/* branch.c */
bool branch_is_condition(const struct node *); /* is the node an `and`, `or` or `not`? */
bool branch_is_comparison(const struct node *);
/* computes the value of an `and`, `or` or `not` */
uint32_t lower_logic(struct lowerer *, const struct node *, uint32_t to);
/* Within the condition of a line: returns the capture that holds the node's value; NULL: the value is computed there.
 */
const struct leaf_capture *branch_captured(const struct lowerer *, const struct node *);
bool branch_is_opened(const struct lowerer *,
                      const struct leaf_capture *); /* the capture is a T?, and the line needs the T */
bool expr_is_float(const struct type *);
/* Returns the guards of the right side of an `and` or `or`: `outer`, and those parts of the left side that `stays`
 * accepts as unchanged during the wait. When the right side runs, the left side is true for an `and`, false for an
 * `or`. */
const struct guard *guard_right(struct lowerer *, const struct guard *outer, const struct node *condition,
                                bool (*stays)(const struct node *));
/* Computes a part that is captured for the wait, but only where its guard holds; elsewhere its value does not
 * matter. */
struct ir_operand lower_guarded(struct lowerer *, const struct node *, const struct guard *);
/* Between these two calls, a part that was captured already is not computed again for the guard of a later part. */
void branch_taking_begin(struct lowerer *, struct leaf_capture *made); /* room for CAPTURES_MAX */
void branch_taken_note(struct lowerer *, struct leaf_capture *made, const struct node *, struct ir_operand);
void branch_taking_end(struct lowerer *);
/* Returns the register's value as a bool; a none becomes false. */
uint32_t lower_truth(struct lowerer *, uint32_t reg);
/* Jumps to the label where the condition is `when`; otherwise the next instruction follows. */
void lower_branch(struct lowerer *, const struct node *, uint32_t label, bool when);

/* Lowers an operand that has bounds: reports a constant outside them; the core checks other values at run time. */
struct ir_operand lower_allowed(struct lowerer *, const struct node *, const struct type *want, const struct allowed *);

/* selection.c: sets the lines of a selection, with `until` and the order; sets the block that runs during a wait. */
void selection_set_lines(struct lowerer *, const struct node *head, const struct step_use *, struct ir_wait *);
void selection_set_busy(struct lowerer *, const struct step_use *, struct ir_wait *);

uint32_t lower_binary(struct lowerer *, enum operator, const struct type * result, uint32_t left,
                      const struct type *left_type, uint32_t right, const struct type *right_type, uint32_t to);
struct ir_operand lower_operand(struct lowerer *, const struct node *, const struct type *want);
uint32_t lower_member(struct lowerer *, const struct node *, uint32_t to);
uint32_t lower_parties(struct lowerer *, const struct type *); /* list<party> */
uint32_t lower_call(struct lowerer *, const struct node *, uint32_t to);
uint32_t *lower_arguments(struct lowerer *, struct node *const *, uint32_t count, const struct type *const *types);
/* returns `to`, or a new register of the type where it is IR_NONE */
uint32_t expr_target(struct lowerer *, const struct type *, uint32_t to);

/* Lowers the right side of an assignment, or a child or an action. Returns the register of its value, converted to
 * `want` (NULL: its own type); IR_NONE: it has no value. */
uint32_t lower_rhs(struct lowerer *, const struct node *, const struct type *want, uint32_t to, bool value);

void lower_mandatory(struct lowerer *, bool on);
/* Makes code for a medium that is none of the given ones: it waits until the wait around it ends. */
void lower_rest(struct lowerer *, struct media_set but);
/* Makes a line that computes the value of the node, a part of a line's condition, again whenever a value of the site in
 * it changes. False: no such line is needed, as nothing can change the value, or the value is no word. It then stays as
 * it was when the wait began. */
bool lower_live_value(struct lowerer *, struct node *of, struct node *, uint32_t capture, struct ir_line *);
/* Would a jump to the label leave the `mandatory` block? */
bool label_ends_mandatory(const struct lowerer *, const struct node *labelled);
/* Would a jump to the label leave a loop over a table? */
bool label_ends_walk(const struct lowerer *, const struct node *labelled);
/* lowers a growth such as priority += 1 every 10s to 120 */
void lower_growth(struct lowerer *, const struct node *assign);

const struct node *selection_before_tests(struct lowerer *, const struct node *);
void lower_until(struct lowerer *, struct node *condition, struct ir_line *); /* until.c */
void lower_where(struct lowerer *, const struct node *line, struct node *condition, struct ir_line *);
void lower_untils_check(struct lowerer *); /* completes the conditions of waits, when all functions are made */

/* statistic.c: lower_statistic() computes the statistic of an object, lower_measure() a base measure of the object
 * in a register, lower_measured() an expression of measures within a statistic. */
uint32_t lower_statistic(struct lowerer *, const struct symbol *, const struct node *of);
uint32_t lower_measure(struct lowerer *, const char *name, uint32_t object, uint32_t to);
uint32_t lower_taken(struct lowerer *, const struct node *, uint32_t to); /* it.group, it.queue */
uint32_t lower_occupancy(struct lowerer *); /* computes the occupancy of the candidate over the last hour */
bool lower_is_measured(const struct lowerer *, const struct node *);
uint32_t lower_measured(struct lowerer *, const struct node *, uint32_t to);

uint32_t lower_latch(struct lowerer *, const struct symbol *, uint32_t to); /* latch.c: is it set? */

/* counter.c */
uint32_t lower_counted(struct lowerer *, const struct symbol *, const struct node *key, uint32_t to); /* key: or NULL */
void lower_count(struct lowerer *, const struct node *);
/* call.c */
/* Returns an option of the expected wait in the register: none where it is 0, or where nobody is logged in who could
 * serve the virtual queue; `vq`: IR_NONE for a queue of the switch. */
uint32_t lower_known_wait(struct lowerer *, uint32_t vq, uint32_t wait, uint32_t to);
uint32_t lower_own_wait(struct lowerer *, uint32_t number, uint32_t to);
void lower_where_allowed(struct lowerer *, const struct node *rule, uint32_t number, uint32_t to);
void lower_count_named(struct lowerer *, const char *name); /* counts in a counter that the compiler itself defines */

/* segment.c */
void lower_segment(struct lowerer *, const struct node *);
void lower_split(struct lowerer *, const struct node *);
uint32_t lower_wall(struct lowerer *, uint32_t time, const struct zone_rules *,
                    uint32_t to); /* computes the local time of the zone at that moment */
/* Converts the value to a text for people. */
uint32_t lower_text(struct lowerer *, uint32_t value, const struct type *, uint32_t to);
uint32_t lower_draw(struct lowerer *); /* returns a random share */

/* Statements */
void lower_block(struct lowerer *, const struct node *);
void lower_statement(struct lowerer *, const struct node *);
uint32_t label_of(struct lowerer *, const struct node *labelled);
bool label_is_outside(const struct lowerer *, const struct node *labelled);
/* returns the number of an exit, for the instruction EXIT */
uint32_t stmt_busy_exit(struct lowerer *, const struct node *labelled);

/* race and parallel */
/* Returns a label within the child, from which an exit leads to a label outside. */
uint32_t lower_way_out(struct lowerer *, const struct node *labelled);
void lower_child(struct lowerer *, const struct body *);

/* native.c: makes the image's rows of natives, and calls a native. */
void lower_natives(struct lowerer *);
uint32_t lower_native_call(struct lowerer *, const struct body *native, uint32_t *arguments, uint32_t result);
void lower_children(struct lowerer *, const struct node *head, const struct step_use *, struct ir_wait *);
void lower_arms(struct lowerer *, const struct node *race, const struct ir_wait *);
