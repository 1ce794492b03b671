/* compiler/import/flow.h - The inner form: a flow of another tool, independent of the form of its files.
 *
 * A flow is a graph of blocks. Readers make the graph, the writer makes gcx of it; files of another form need only
 * one more reader. The readers of Composer (composer.c, scxml.c) give a block its properties, which the writer
 * translates. The readers of the other formats, one per folder, give a block its statements (given.h). Everything is
 * in the arena of the import. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

enum flow_kind {
#define KIND(id, ends, becomes) FLOW_##id,
#include "compiler/import/kinds.def"
    FLOW_KINDS
};
enum flow_grade { FLOW_DONE, FLOW_REMARK, FLOW_LEFT, FLOW_GRADES };

/* A property: its value, and the kind of value ("Variable": an expression); or its parts, of which several may have
 * one name. */
struct flow_value {
    const char *name, *value, *source;
    struct flow_value *parts, *next;
    bool *read; /* true: some function read the value; unread values are reported (properties.def) */
};

struct flow_exit {
    const char *name; /* the exit's name; "": the normal exit */
    bool failure;
    uint32_t to; /* the block's number */
};

struct flow_block {
    enum flow_kind kind;
    const char *type; /* the block's type as the source names it */
    const char *id, *name;
    uint32_t line;
    const char *path; /* path of the file that has the line; NULL: it is the flow's file */
    bool disabled;
    struct flow_value *values;
    struct flow_exit *exits;
    uint32_t exit_count;
    /* For parallel.c: the block's exits in the source, NULL where they have not changed; and the report's text on
     * paths that were put one after the other, NULL where none were. */
    const struct flow_exit *drawn;
    uint32_t drawn_count;
    const char *arranged;
    /* The writer's: */
    const char *label, *own; /* own: the name that the site declares for the block; NULL: none yet */
    enum flow_grade grade;
    const char *remark; /* what people have to check or to decide; "": nothing */
    const char *played; /* for a prompt: the first step written for it, which a test expects; NULL: none */
    bool written, said;
    struct flow_given *given; /* for FLOW_given: what the reader has made of it (given.h) */
};

enum { FLOW_NOWHERE = UINT32_MAX, FLOW_BLOCKS = 20000, FLOW_EXITS = 60000 };

struct flow_variable {
    const char *name, *value; /* the first value, an expression of the source */
    bool system;
};

struct flow_names;

/* FLOW_TOLD: no strategy; the reader has set what becomes of each block, for the report alone. */
enum flow_sort { FLOW_WORKFLOW, FLOW_CALLFLOW, FLOW_PROCESS, FLOW_TOLD };

struct flow {
    enum flow_sort sort;
    bool generated; /* the flow is SCXML that was generated from a diagram, so the kinds of its blocks are guesses */
    const char *path, *name;
    struct flow_block *blocks;
    uint32_t block_count, entry; /* the number of the entry block; FLOW_NOWHERE: none */
    struct flow_variable *variables;
    uint32_t variable_count;
    struct flow *next;
    /* The next members belong to a flow whose blocks are given (given.h): */
    const char *told;                  /* for the report: what the file is; NULL: the text follows from `sort` */
    const char *lets;                  /* the declarations at the head of the strategy */
    const char *parameters;            /* the strategy's parameters, with their parentheses; NULL: none */
    const char *number;                /* a number that leads to the first block, for the test; NULL: any */
    struct flow_names *taken;          /* the names of the variables that `lets` declares */
    const char *likeness;              /* the module of likeness that the strategy imports; NULL: none */
    const struct flow_names *switches; /* the names of the strategies to which it switches; NULL: none */
    /* The writer's: */
    const char *ident;     /* the name of the flow's strategy or subroutine in gcx */
    const char *called_by; /* path of a flow that calls this one, which is then a subroutine; NULL: none */
    /* The values that other flows pass when they call this one, and those that they read afterwards, by name. */
    struct flow_value *takes, *gives;
    unsigned looked;         /* the number of the last search that visited this flow */
    bool recurs;             /* a flow that this one calls leads back to this one */
    bool hangs;              /* for a subroutine: this flow, or one that it calls, may hang up */
    struct flow_names *kept; /* the flow's variables, with what earlier rounds have found out about them */
    /* The project's variables that the flow sets: each becomes a variable of the flow that begins with the project's
     * value. */
    struct flow_names *sets;
};

/* Puts paths that run in parallel one after the other, where that is possible. */
void parallel_arrange_all(struct arena *, struct flow *);

/* Returns the kind of a block by the source's type, such as ird:TargetBlock, and sets the grade and remark of its
 * row. */
enum flow_kind flow_kind_of(const char *type, enum flow_grade *grade, const char **remark);
bool flow_kind_ends(enum flow_kind);

/* Returns the first value of that name, and notes that it was read; NULL: there is none. */
const struct flow_value *flow_find(const struct flow_value *values, const char *name);
/* Loops over all values of that name. */
#define FLOW_EACH(value, values, name)                                                                                 \
    for (const struct flow_value *value = flow_find((values), (name)); value; value = flow_find(value->next, (name)))
/* Returns a property's value as reports and strategies may show it: passwords and other secrets are replaced by ****.
 */
const char *flow_shown(struct arena *, const char *name, const char *value);
/* Returns the properties of the block that nobody has read, as "name=value, ..."; "": none that matters. */
const char *flow_unread(struct arena *, const struct flow_block *);
/* Returns the value of that name, "" where there is none. *expression: the value is a name or an expression of the
 * source, not a text: Variable(x), or a value marked so. */
const char *flow_text(struct arena *, const struct flow_value *values, const char *name, bool *expression);
/* Adds a value where `values` points: a link that is NULL, or else at the end of that list. */
struct flow_value *flow_add(struct arena *, struct flow_value **values, const char *name, const char *value);

/* Returns the block to which the exit of that name leads, FLOW_NOWHERE where none; for "" the first exit that is no
 * failure, even if it has a name. */
uint32_t flow_exit_to(const struct flow_block *, const char *name);
/* Returns the block to which the first failure exit leads whose name begins with `begins`, FLOW_NOWHERE where there
 * is none. */
uint32_t flow_failure(const struct flow_block *, const char *begins);
/* Returns the block to which the exit for a failure of the block's step leads, but never the exit for a caller who
 * has hung up. */
uint32_t flow_failed(const struct flow_block *);
/* Does the flow return a map when it is a subroutine? */
bool flow_returns(const struct flow *);
/* Is the value a parameter that the block passes, or with `output` one that it reads back? */
bool flow_parameter(const struct flow_value *, bool output);
