/* compiler/import/flow.h - The inner form: a flow of another tool, whatever its files look like.
 *
 * A flow is a graph of blocks. Readers (composer.c, scxml.c) make it, the writer makes gcx of it; a reader of another
 * form of files is one more file beside them. Everything is in the arena of the import. */
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

/* A property: its value, and where the value comes from ("Variable": it is an expression); or its parts, of which
 * several may have one name. */
struct flow_value {
    const char *name, *value, *source;
    struct flow_value *parts, *next;
    bool *read; /* somebody has asked for it: what nobody reads is told (properties.def) */
};

struct flow_exit {
    const char *name; /* "": goes on */
    bool failure;
    uint32_t to; /* the block's number */
};

struct flow_block {
    enum flow_kind kind;
    const char *type; /* as the source calls it */
    const char *id, *name;
    uint32_t line;
    bool disabled;
    struct flow_value *values;
    struct flow_exit *exits;
    uint32_t exit_count;
    /* parallel.c: its ways in the source, NULL where they are still the same; what is told of paths that were put one
     * behind the other, NULL where none were. */
    const struct flow_exit *drawn;
    uint32_t drawn_count;
    const char *arranged;
    /* The writer's: */
    const char *label, *own; /* own: the name of what the site declares for it; NULL: nothing yet */
    enum flow_grade grade;
    const char *remark; /* what to look at, or to decide; "" */
    const char *played; /* of a prompt: the first step that it has become, as a test expects it; NULL: none */
    bool written, said;
};

enum { FLOW_NOWHERE = UINT32_MAX, FLOW_BLOCKS = 20000, FLOW_EXITS = 60000 };

struct flow_variable {
    const char *name, *value; /* an expression of the source */
    bool system;
};

struct flow_names;

enum flow_sort { FLOW_WORKFLOW, FLOW_CALLFLOW, FLOW_PROCESS };

struct flow {
    enum flow_sort sort;
    bool generated; /* read from SCXML that a tool made of a diagram: the kinds of its blocks are guessed */
    const char *path, *name;
    struct flow_block *blocks;
    uint32_t block_count, entry; /* FLOW_NOWHERE: it has no entry */
    struct flow_variable *variables;
    uint32_t variable_count;
    struct flow *next;
    /* The writer's: */
    const char *ident;                /* of the strategy or subroutine */
    const char *called_by;            /* the path of a flow that plays it: it is a subroutine; NULL: nobody does */
    struct flow_value *takes, *gives; /* what those who play it hand over, and read afterwards, by name */
    unsigned looked;                  /* by import.c: the last search that came by */
    bool recurs;                      /* what it plays leads to it again */
    bool hangs;                       /* a subroutine: it, or what it plays, may hang up */
    struct flow_names *kept;          /* of its variables: what the round before has found out */
    struct flow_names *sets; /* variables of the project that it sets: they are its own, and begin as the project's */
};

/* Puts paths that run side by side one behind the other, where that can be. */
void parallel_arrange_all(struct arena *, struct flow *);

/* The kind of a block by the source's type, such as ird:TargetBlock, with the grade and remark of its row. */
enum flow_kind flow_kind_of(const char *type, enum flow_grade *grade, const char **remark);
bool flow_kind_ends(enum flow_kind);

/* The first of the name among the values, which counts as read; NULL: none. */
const struct flow_value *flow_find(const struct flow_value *values, const char *name);
/* Each of that name. */
#define FLOW_EACH(value, values, name)                                                                                 \
    for (const struct flow_value *value = flow_find((values), (name)); value; value = flow_find(value->next, (name)))
/* The value as others may read it: a drawing has passwords, and reports and strategies are passed on. */
const char *flow_shown(struct arena *, const char *name, const char *value);
/* The properties of the block that nobody has read, as "name=value, ..."; "": none that means anything. */
const char *flow_unread(struct arena *, const struct flow_block *);
/* The value that the block has under the name, "" where nothing. *expression: it is the source's name or expression,
 * not a text: Variable(x), or one whose source says so. */
const char *flow_text(struct arena *, const struct flow_value *values, const char *name, bool *expression);
/* Adds a value behind `end`, a place that holds NULL, or behind the last one. */
struct flow_value *flow_add(struct arena *, struct flow_value **values, const char *name, const char *value);

/* The block to which the exit of that name leads, FLOW_NOWHERE where none; the first exit that goes on for "", also
 * where it has a name. */
uint32_t flow_exit_to(const struct flow_block *, const char *name);
/* The first way out for a failure whose name begins so. */
uint32_t flow_failure(const struct flow_block *, const char *begins);
/* The way out where the step of the block fails; never one of a caller who has left. */
uint32_t flow_failed(const struct flow_block *);
/* As a subroutine it returns a map. */
bool flow_returns(const struct flow *);
/* A parameter that the block hands over, or, `output`, reads. */
bool flow_parameter(const struct flow_value *, bool output);
