/* vm/selection_slice.h - For the files that compare selections: one image, and those instructions of it that reach a
 * selection. The files, each calling only those below it:
 *     selection.c        pairs the instructions of two images
 *     selection_same.c   are two constants, types, rows of two images the same?
 *     selection_chooses.c   does a strategy choose agents at all?
 *     selection_keep.c   which instructions reach a selection
 *     selection_reads.c  what an instruction reads
 *     selection_flow.c   ways through a function, and where a value comes from */
#pragma once

#include "vm/image_data.h"
#include "vm/instruction.h"

enum { SLICE_NONE = UINT32_MAX, SLICE_FIELDS = 61 };
/* What is wanted of a value: bit n: field n of a record; EXISTS: whether there is one; WHOLE: all of it; STRATEGY: it
 * is the number of a strategy of its image. */
#define SLICE_STRATEGY_NUMBER (UINT64_C(1) << 61)
#define SLICE_EXISTS          (UINT64_C(1) << 62)
#define SLICE_WHOLE           (UINT64_C(1) << 63)
/* How much work an image may take, in visits of an instruction. */
#define SLICE_WORK_MAX UINT64_C(50000000)

enum slice_class { SLICE_SELECTS, SLICE_SAYS, SLICE_ASKS, SLICE_TREATS, SLICE_HALTS, SLICE_WAITS, SLICE_PASSES };
enum slice_role { SLICE_PLAIN, SLICE_SAID, SLICE_STRATEGY };

struct slice_node { /* an instruction */
    uint32_t pc;
    uint32_t next, nexts;     /* where the flow goes on: the first row of the function's `nexts`, and how many */
    uint32_t before, befores; /* likewise of `befores`: where the flow may come from */
    uint32_t meets;           /* the first instruction that every way from here to the end passes */
    uint64_t wanted;          /* what is wanted of the value that it writes */
    bool reached, endless, kept, queued;
};

struct slice_site { /* a place that runs a function */
    uint32_t function, node;
    bool pure; /* it only computes: a line of a selection */
};

struct slice_function {
    struct slice_node *nodes; /* `count` instructions, then the end of the function */
    uint32_t *nexts, *befores;
    uint64_t *parameters; /* what is wanted of each parameter */
    struct slice_site *sites;
    uint64_t result; /* what is wanted of the result */
    uint32_t count, site_count;
    bool acts;  /* it contains a step that selects, or writes something that a selection reads */
    bool timed; /* the times that it waits matter */
    bool raced; /* each of its steps matters, as it runs against others */
    bool dirty; /* conditions must be looked at again */
};

/* A value that an instruction reads. A tag names its part in the instruction, and is the same in both images. */
struct slice_read {
    uint32_t tag;
    uint16_t operand; /* a register, OPERAND_CONSTANT | n, or OPERAND_NONE */
    uint64_t wanted;
};

enum slice_kept_kind { SLICE_KEY, SLICE_ATTRIBUTE, SLICE_COUNTER, SLICE_SOURCE };
struct slice_memory { /* something outside of the registers that a selection reads */
    enum slice_kept_kind kind;
    bool any; /* each of that kind */
    uint32_t number;
    struct text name;
    char inlined[8];
};

struct slice_item {
    uint32_t function, node;
};

struct slice {
    const struct image *image;
    struct slice_function *functions;
    struct slice_item *queue;
    struct slice_memory *memories;
    struct slice_read *reads; /* by slice_reads() */
    uint32_t *sources;        /* by slice_sources() */
    uint32_t *seen, *stack;   /* of slice_sources(), by node */
    uint32_t count, queue_count, queue_room, memory_count, read_count, read_room, source_count, stamp;
    uint64_t work;
    uint8_t classes[UINT8_MAX + 1]; /* enum slice_class of each step, by its number */
};

/* selection_flow.c */
void slice_prepare(struct slice *, uint32_t function);
/* The instruction that was decoded; for a wait point also its row, else NULL. */
struct instruction slice_instruction(const struct slice *, uint32_t function, uint32_t node);
const struct image_wait *slice_wait(const struct slice *, uint32_t function, uint32_t node);
/* Returns the first instruction from here on that is kept; all ways lead to it. */
uint32_t slice_next(const struct slice_function *, uint32_t node);
/* Finds the instructions from which the register may have its value here: `sources`, nodes, or SLICE_PARAMETER | n. */
#define SLICE_PARAMETER UINT32_C(0x80000000)
void slice_sources(struct slice *, uint32_t function, uint32_t node, uint32_t reg);
/* The words of a table, and how many. */
const uint32_t *slice_table(const struct image *, uint32_t number, uint32_t *words);
/* Is that word of a SEGMENT's table a target? A row of texts has its rank above bit 16. */
bool slice_table_target(const uint32_t *table, uint32_t word);

/* selection_reads.c: fills `reads`. The order of reads is the same for equal instructions of two images. */
void slice_reads(struct slice *, uint32_t function, uint32_t node);
void slice_classes(struct slice *); /* fills `classes` */
enum slice_class slice_class(const struct slice *, const struct image_wait *);
enum slice_role slice_role(const struct image_wait *, uint32_t parameter);
/* Returns the field's bit. */
uint64_t slice_field(uint32_t field);
/* Returns how many parameters before this one are wanted. */
uint32_t slice_rank(const struct slice_function *, uint32_t parameter);

/* selection_keep.c: makes the slice of a whole image. False: it is too much work; slice_free() is needed all the same.
 */
bool slice_make(struct slice *, const struct image *);
void slice_free(struct slice *);
/* Does the instruction select by itself? With these the search for others begins. */
bool slice_selects(const struct slice *, uint32_t function, uint32_t node);

/* selection_chooses.c: may the strategy choose an agent, in what it calls, switches to or books? A strategy that only
 * hands interactions to queues and numbers does not. */
bool slice_chooses(const struct slice *, uint32_t strategy);

/* selection_same.c */
bool slice_same_type(const struct image *, uint16_t, const struct image *, uint16_t, bool deep);
bool slice_same_constant(const struct image *, uint32_t, uint64_t wanted, const struct image *, uint32_t,
                         uint64_t wanted_there);
/* Are the same fields wanted, by their names? */
bool slice_same_wanted(const struct image *, uint16_t, uint64_t, const struct image *, uint16_t, uint64_t);
bool slice_same_text(const struct image *, struct image_text, const struct image *, struct image_text);
bool slice_same_setting(const struct image *, uint32_t, const struct image *, uint32_t);
bool slice_same_measure(const struct image *, uint32_t, const struct image *, uint32_t);
bool slice_same_zone(const struct image *, uint32_t, const struct image *, uint32_t);
bool slice_same_native(const struct image *, uint32_t, const struct image *, uint32_t);
bool slice_same_statement(const struct image *, uint32_t, const struct image *, uint32_t);
bool slice_same_names(const struct image *, const struct image *, uint16_t kind);
/* Are capacities of agents, and the orders in which agents take from queues, the same? */
bool slice_same_site(const struct image *, const struct image *);
