/* tests/differential/evaluate.h - A slow, obvious evaluator of the checked syntax tree: what a strategy means.
 *
 * It walks the tree and keeps values as they are thought of, and shares nothing with lowering, the VM or the core but
 * their tables (steps, attributes). What happens is written down line by line, in the form that differ.c writes of the
 * interpreter; that the two are the same text is the whole test. */
#pragma once

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "compiler/syntax/program.h"
#include "compiler/check/typed.h"
#include "tests/differential/world.h"

/* Runs the strategy named so, and writes to `trace`. NULL; or why it stopped in the midst of it: it takes too long, or
 * means what is not modelled. */
const char *evaluate(struct program *, const char *strategy, uint64_t seed, FILE *trace);

/* From here on: what evaluate*.c share. */

enum worth {
    WORTH_NONE,
    WORTH_NUMBER,
    WORTH_FLOAT,
    WORTH_TEXT,
    WORTH_NAME,
    WORTH_LIST,
    WORTH_MAP,
    WORTH_RECORD,
    WORTH_BOX,
    WORTH_PAIRS,
    WORTH_ERROR
};

struct value {
    enum worth worth;
    int64_t number; /* everything that is counted: int, bool, duration, time, enum, ...; of an error: its code */
    double real;
    const char *bytes; /* of a text or name; of an error: its text, "" of a step that failed */
    size_t length;
    const struct value *const *items, *const
                                          *keys; /* of a map: ascending; of a box: what is in it; of pairs: as sent */
    size_t count;
    const struct step_row *step; /* of an error */
    enum lang_type boxed;        /* of a box: what it was made of; LANG_VOID: nothing that has a type */
    const struct datum *datum;   /* of pairs: where they come from */
    bool marked;                 /* it tells of a secret */
    bool holds;                  /* something in it does */
};

/* clang-format off */
enum fault { FAULTS_OVERFLOW = 1, FAULTS_DIVISION, FAULTS_NAN, FAULTS_INDEX, FAULTS_NONE,
             FAULTS_NATIVE_DATE = 13 }; /* numbered as the VM's */
/* clang-format on */

/* How a statement ended. */
enum way { WAY_ON, WAY_BREAK, WAY_CONTINUE, WAY_RETURN, WAY_GOTO, WAY_FAIL, WAY_END };

struct evaluated_call { /* of a function, or the strategy itself */
    const struct value *locals[LOCALS_MAX];
    const char *name;
    const struct body *body;
    struct evaluated_call *outer; /* of a busy block or child: whose variables it sees */
    const struct value *returned;
    const struct value *failure; /* WAY_FAIL */
    const struct node *target;   /* WAY_BREAK, WAY_CONTINUE: the loop; WAY_GOTO: the LABELLED */
    const struct type *result;
};

struct tally { /* something was counted */
    const char *name;
    const struct value *key; /* NULL: of none */
    struct tally *next;
};

struct captured { /* of what a wait's condition asks */
    const struct value *keys[KEYS_MAX];
    const struct value **data;
    size_t data_count;
    const struct value *locale;
};

struct evaluator {
    struct program *program;
    struct arena *arena;
    FILE *trace;
    uint64_t seed;
    jmp_buf out;
    struct evaluated_call *call;
    const struct node *at; /* the statement that runs */
    const char *label;     /* of the statement that is about to */
    const struct value *keys[KEYS_MAX];
    const struct value **data_keys, **data; /* user data, in the order in which it came */
    size_t data_count, data_room;
    int64_t priority;
    const struct value *due, *locale;
    unsigned waits, draws;
    unsigned inside; /* busy blocks and children */
    uint64_t work;
    enum fault fault;
    bool gone, handling; /* the caller; a handler runs */
    const struct strategy *strategy;
    const struct body *signalled; /* a signal came: what it runs, and with what */
    const struct value *brought;
    bool mandatory;
    struct tally *tallies;
    struct captured captured; /* as the wait began whose condition is asked */
    unsigned began;           /* and the number of that wait */
    bool ending;              /* what ends the wait is asked: of the directory as it was when it began */
    bool again;               /* a connect waits once more: its lines are those of the first time */
    bool in_line;             /* a skill is a level */
    const char *gave_up;      /* why */
    bool not_shown;           /* a text has something in it that is not modelled */
    bool told, told_of;       /* what was read for the expression is marked; or holds something that is */
};

_Noreturn void evaluate_fault(struct evaluator *, enum fault);
_Noreturn void evaluate_unknown(struct evaluator *, const char *why);
void evaluate_work(struct evaluator *, size_t); /* too much of it is not known */

const struct value *value_none_of(struct evaluator *);
const struct value *value_number(struct evaluator *, int64_t);
const struct value *value_real(struct evaluator *, double);
const struct value *value_bytes(struct evaluator *, const char *, size_t); /* copied */
const struct value *value_of_items(struct evaluator *, enum worth, const struct value *const *, size_t);
int value_order(const struct value *, const struct value *); /* of texts, by their bytes */
bool value_equal(struct evaluator *, const struct value *, const struct value *);

/* evaluate_mark.c: a secret is a marked value, and so is what is made of it; the checker has to know of each before. */
const struct value *value_as_marked(struct evaluator *, const struct value *, bool marked);
/* The expression itself, within evaluate_expr(). */
const struct value *evaluate_marked(struct evaluator *, const struct node *,
                                    const struct value *(*)(struct evaluator *, const struct node *));
/* Others see the value. That it is marked is written to the trace, which is then another than the interpreter's. */
const struct value *evaluate_seen(struct evaluator *, const struct value *, const char *as);

/* evaluate_expr.c */
const struct value *evaluate_expr(struct evaluator *, const struct node *);
const struct value *evaluate_as(struct evaluator *, const struct node *, const struct type *);
const struct value *evaluate_converted(struct evaluator *, const struct value *, const struct type *from,
                                       const struct type *to);
const struct value *evaluate_binary(struct evaluator *, enum operator, const struct type * result, const struct value *,
                                    const struct type *, const struct value *, const struct type *);
bool evaluate_condition(struct evaluator *, const struct node *);
bool evaluate_in_range(struct evaluator *, const struct node *range, const struct value *, const struct type *);
const struct value *evaluate_map_set(struct evaluator *, const struct value *, const struct value *key,
                                     const struct value *);
const struct value *evaluate_list_add(struct evaluator *, const struct value *, const struct value *);

/* evaluate_call.c */
const struct value *evaluate_call(struct evaluator *, const struct node *);
const struct value *evaluate_member(struct evaluator *, const struct node *);
const struct value *evaluate_element(struct evaluator *, const struct value *,
                                     int64_t index); /* of a text or list; or none */

/* evaluate_native.c */
const struct value *evaluate_native(struct evaluator *, const char *name, const struct value *const *arguments);

/* evaluate_calendar.c: by the C library's clocks. */
int64_t evaluate_wall(struct evaluator *, int64_t us, const char *zone);
int64_t evaluate_instant(struct evaluator *, int64_t local_us, const char *zone);
int64_t evaluate_days(int64_t us);
int64_t evaluate_clock(int64_t us);
int64_t evaluate_weekday(int64_t days); /* from monday, 0 */

/* evaluate_site.c */
const struct value *evaluate_setting(struct evaluator *, const struct symbol *); /* of a parameter */
bool evaluate_is_table(const struct node *);
const struct value *evaluate_row(struct evaluator *, const struct node *table, const struct value *key);
bool evaluate_is_open(struct evaluator *, const struct node *schedule, int64_t us);
const struct value *evaluate_schedule(struct evaluator *, const struct node *call, const struct call_use *);
const struct value *evaluate_counted(struct evaluator *, const struct node *); /* of a counter, or an element of it */
void evaluate_count(struct evaluator *, const struct node *counter);
const struct value *evaluate_made(struct evaluator *, const struct type *, struct stream *); /* what an answer brings */
int64_t evaluate_drawn(struct evaluator *); /* of 100 %, in millionths */
void evaluate_bring_data(struct evaluator *);
const struct value *evaluate_walk(struct evaluator *, const struct value *box, const struct value *key);
const struct value *evaluate_pairs(struct evaluator *, const struct value *box, bool map);

/* evaluate_wait.c: what a line, an order, or what ends a wait knows when the wait begins. */
void evaluate_known_parts(struct evaluator *, const struct node *condition, bool of_candidate);

/* evaluate_asked.c */
const struct value *evaluate_agent(struct evaluator *, int64_t number); /* -1: none */
const struct value *evaluate_agent_named(struct evaluator *, const struct value *text);
const struct value *evaluate_asked(struct evaluator *, uint32_t question, const struct value *of,
                                   const struct value *argument);
const struct value *evaluate_of_queue(struct evaluator *, const char *name, const struct value *queue);
const struct value *evaluate_parties(struct evaluator *);
const struct value *evaluate_main(struct evaluator *, bool key, uint32_t number, const struct type *); /* type: T? */

/* evaluate_show.c */
const struct value *evaluate_shown(struct evaluator *, const struct value *, const struct type *);
void evaluate_dump(FILE *, const struct value *);

/* evaluate.c */
enum way evaluate_statement(struct evaluator *, const struct node *);
enum way evaluate_block(struct evaluator *, const struct node *);
const struct step_use *evaluate_use(const struct node *head); /* NULL: it is no step */
/* The way on from the step of a right side: `way` is how it ended. */
enum way evaluate_after(struct evaluator *, const struct node *rhs, const struct type *want, enum way,
                        const struct value **out, const struct value *failure);
enum way evaluate_function(struct evaluator *, const struct body *, const struct value *const *arguments,
                           const struct value **result, const struct value **failure);

/* evaluate_step.c */
/* WAY_ON with what it gives (or nothing), WAY_END, WAY_GOTO out of its busy block, or WAY_FAIL with the failure. */
enum way evaluate_step(struct evaluator *, const struct node *head, const struct step_use *, const struct value **out,
                       const struct value **failure);
const struct value *evaluate_error(struct evaluator *, int64_t code, const struct value *text, const struct step_row *);
const struct value **evaluate_local(struct evaluator *, const struct symbol *);
enum way evaluate_growth(struct evaluator *, const struct node *assign);
enum way evaluate_mandatory(struct evaluator *, const struct node *);
void evaluate_trace_keys(struct evaluator *);
void evaluate_trace_place(struct evaluator *);
