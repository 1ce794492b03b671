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
    const char *name; /* the exit's name; "": the one by which the flow goes on */
    bool failure;
    uint32_t to; /* the block's number */
};

struct flow_block {
    enum flow_kind kind;
    const char *type; /* the block's type as the source calls it */
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
    const char *remark; /* what people are to look at or to decide; "": nothing */
    const char *played; /* for a prompt: the first step that it has become, as a test expects it; NULL: none */
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
    const char *ident;     /* the name of its strategy or subroutine in gcx */
    const char *called_by; /* the path of a flow that plays this one, which makes it a subroutine; NULL: no flow does */
    /* The values that flows hand over when they play this one, and those that they read afterwards, by name. */
    struct flow_value *takes, *gives;
    unsigned looked;         /* the number of the last search that visited this flow */
    bool recurs;             /* a flow that it plays leads to this one again */
    bool hangs;              /* for a subroutine: it, or a flow that it plays, may hang up */
    struct flow_names *kept; /* its variables with what earlier rounds have found out about them */
    /* The project's variables that it sets: each becomes a variable of its own that begins with the project's value. */
    struct flow_names *sets;
};

/* Puts paths that run side by side one behind the other, where that can be. */
void parallel_arrange_all(struct arena *, struct flow *);

/* The kind of a block by the source's type, such as ird:TargetBlock, with the grade and remark of its row. */
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
/* Returns the block to which the first failure exit leads whose name begins so, FLOW_NOWHERE where there is none. */
uint32_t flow_failure(const struct flow_block *, const char *begins);
/* Returns the block to which the exit for a failure of the block's step leads, never that for a caller who has hung up.
 */
uint32_t flow_failed(const struct flow_block *);
/* Does the flow return a map when it is a subroutine? */
bool flow_returns(const struct flow *);
/* Is the value a parameter that the block hands over, or with `output` one that it reads back? */
bool flow_parameter(const struct flow_value *, bool output);
