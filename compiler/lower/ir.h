/* compiler/lower/ir.h - Functions as lines of the VM's instructions with any number of registers: the form between
 * lowering and the image.
 *
 *     let x = a + f(b);     L1   call   r7 <- f (r6)       r6, r7 ...: as many as lowering likes
 *                           L2   add    r8 <- r2, r7       each is set where lowering says, and has one type
 *
 * The files of lower/ make the lines, regs.c gives each register its number in the frame, emit.c writes the lines
 * into the image. The lines contain nothing of the syntax tree any more, and no numbers of the image's tables yet. All
 * lines are in one arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "compiler/language/limits.h"
#include "vm/image.h"

/* A type is a row of the program's table, perhaps with IR_OPTIONAL. The first rows are the base types, with the
 * names of vm/value.h. */
/* clang-format off */
#define IR_BASE_TYPES(BASE)                                                                                            \
    BASE(VOID) BASE(INT) BASE(BOOL) BASE(STR) BASE(DURATION) BASE(TIME) BASE(PERCENT) BASE(VALUE) BASE(ERROR)          \
    BASE(TARGET) BASE(AGENT) BASE(SKILL) BASE(GROUP) BASE(VQ) BASE(QUEUE) BASE(PROMPT) BASE(SOURCE) BASE(DN)         \
    BASE(FLOAT) BASE(DATE) BASE(CLOCK) BASE(PLACE) BASE(WORKBIN) BASE(TEMPLATE) BASE(CATEGORY) BASE(BLOB)         \
    BASE(SCHEDULE) BASE(ZONE) BASE(STRATEGY) BASE(CAMPAIGN)
/* clang-format on */

enum ir_base {
#define BASE(name) IR_##name,
    IR_BASE_TYPES(BASE)
#undef BASE
        IR_BASES
};

#define IR_OPTIONAL 0x80000000u
#define IR_NONE     UINT32_MAX

enum ir_type_kind { IR_TYPE_BASE, IR_TYPE_LIST, IR_TYPE_MAP, IR_TYPE_RECORD, IR_TYPE_ENUM };

struct ir_field {
    const char *name;
    uint32_t type;
    bool secret;
};

struct ir_type {
    enum ir_type_kind kind;
    uint32_t element;
    const char *name;
    const struct ir_field *fields;
    uint32_t field_count;
    const char *const *words; /* ENUM */
    uint32_t word_count;
};

enum ir_constant_kind {
    IR_CONSTANT_WORD,
    IR_CONSTANT_NONE,
    IR_CONSTANT_TEXT,
    IR_CONSTANT_NAME,
    IR_CONSTANT_OBJECT,
    IR_CONSTANT_ZONE
};

struct ir_constant {
    enum ir_constant_kind kind;
    uint32_t type;
    int64_t word;
    const struct zone_rules *zone; /* ZONE: the zone's rules; the constant is the number of their table */
    const char *text;              /* TEXT, NAME */
    size_t length;
    const struct ir_constant *parts; /* OBJECT: elements; or fields; or keys and values in turn */
    uint32_t part_count;
    uint32_t size;   /* OBJECT: the number of all its parts, including parts of parts */
    uint32_t number; /* set by emit.c: the constant's number in the image, plus 1; 0: none yet */
};

enum ir_op {
#define OP(name, ...) I_##name,
#include "vm/opcodes.def"
    I_LABEL, /* not an instruction, but the place of `label` */
    I_OPS
};

enum ir_role { ROLE_NONE, ROLE_WRITE, ROLE_READ, ROLE_NUMBER, ROLE_TARGET };
enum ir_layout {
    LAYOUT_0,
    LAYOUT_A,
    LAYOUT_AB,
    LAYOUT_ABC,
    LAYOUT_ABN,
    LAYOUT_AN,
    LAYOUT_AI,
    LAYOUT_N,
    LAYOUT_J,
    LAYOUT_AJ,
    LAYOUT_ABJ,
    LAYOUT_AKJ,
    LAYOUT_AIJ,
    LAYOUT_ABCJ,
    LAYOUT_ABCD,
    LAYOUT_ABX,
    LAYOUT_ABCDX
};

struct ir_op_row {
    const char *name;
    enum ir_layout layout;
    enum ir_role roles[3];
    bool ends; /* no instruction follows it */
    bool leaf; /* the instruction is allowed in a leaf function */
};
extern const struct ir_op_row ir_ops[I_OPS];

struct ir_place {
    const char *file;
    uint32_t line, column;
};

/* A register, a constant, or neither (both unset). */
struct ir_operand {
    uint32_t reg;
    const struct ir_constant *constant;
};
#define IR_ABSENT ((struct ir_operand){.reg = IR_NONE})

struct ir_line {
    struct ir_operand after, share;
    struct ir_function *leaf; /* NULL: a target */
    bool child;               /* `leaf` is a child of race or parallel, and `target` the register of its result */
    bool shared;              /* `leaf` gives the same answer for all interactions with the same captures */
    bool until, ticks;        /* until: `leaf` is the condition that ends the wait; ticks: time alone may change it */
    bool hears;               /* with `until`: it asks for something of which the core notices each change */
    bool in;                  /* `target` is a further virtual queue, to which the selection's next lines belong */
    bool where;               /* `leaf` is the condition for the line that follows */
    bool value;               /* `leaf` computes, anew each time, the line's capture of the number `capture` */
    uint32_t capture;
    bool order; /* after the lines of candidates: `leaf` computes the value by which they are compared */
    bool tie;   /* after the order: among equal candidates the order `type` decides; `leaf`: its value, or NULL */
    struct ir_operand target;
    uint32_t type;
    uint32_t source_line; /* a target's line number in the source; 0: unknown */
    struct ir_operand *captures;
    uint32_t capture_count;
};

struct ir_statement {
    const char *source;
    const char *form; /* first, all, value or exec; for an endpoint get, put, post or delete */
    uint32_t type, parameters;
    const char *sql;
    size_t length;
};

struct ir_argument {
    uint32_t parameter;
    struct ir_operand operand;
};

struct ir_wait {
    const char *label; /* the author's label of the statement; NULL: it has none */
    uint32_t step;     /* the step's number in steps.def; 0: a call of a subroutine */
    bool ends;         /* the strategy does not continue after a success */
    bool secret;       /* the digits entered or values bound are secret, */
    bool hidden;       /* the answer is secret */
    struct ir_function *callee;
    struct ir_argument *arguments;
    uint32_t argument_count;
    struct ir_operand timeout, tries, pause, answer;
    uint32_t order;
    const struct ir_statement *statement;
    uint32_t failure, error; /* the label of the `else`, the register of its error; IR_NONE: none */
    struct ir_line *lines;
    uint32_t line_count;
    struct ir_function *busy;
    struct ir_operand *captures;
    uint32_t capture_count;
    uint32_t *exits; /* labels */
    uint32_t exit_count;
    uint32_t *live; /* set by regs.c: the registers of the frame that are read after the wait */
    uint32_t live_count;
};

struct ir_arm {
    bool text, prefix, match; /* match: a regular expression; in a table all arms or none have `match` */
    const char *bytes;
    size_t length;
    int64_t first, last;
    uint32_t label;
};

struct ir_instruction {
    enum ir_op op;
    uint32_t operand[3]; /* registers and numbers in the order of the columns of opcodes.def */
    int64_t literal;     /* the number in the layouts AI and AIJ, and in ADD_I; for NATIVE the native's number */
    uint32_t d;          /* the register in the instruction's second word */
    uint32_t label;
    const struct ir_constant *constant;
    uint32_t *arguments; /* registers that must be neighbours in the frame */
    uint32_t argument_count;
    struct ir_function *callee;
    struct ir_wait *wait;
    struct ir_arm *arms;
    uint32_t arm_count;
    const struct zone_rules *zone;     /* the zone for WALL and INSTANT */
    const struct automaton *automaton; /* the automaton for a SEGMENT with regular expressions */
    const struct ir_measure *measure;
    struct ir_place place;
};

/* A row of the image's measures (vm/image.h). */
struct ir_measure {
    uint32_t measure, of;
    uint32_t medium; /* a number of enum media; 0: all media */
    int64_t window_us, within_us;
    const char *given;             /* for MEASURE_GIVEN the name of the statistic; else NULL */
    const struct zone_rules *zone; /* the zone for a window that begins at a time of day */
};

struct ir_register {
    uint32_t type;
    const char *name; /* the author's name for the variable in the register, or NULL */
    bool secret;      /* the register's value reveals a secret */
    uint32_t frame;   /* set by regs.c: the number in the frame, IR_NONE where it is never used */
};

/* As in vm/image.h. */
enum ir_function_kind { IR_PLAIN, IR_SUBROUTINE, IR_STRATEGY_BODY, IR_HANDLER, IR_BUSY, IR_LEAF };

struct ir_function {
    enum ir_function_kind kind;
    const char *name;
    uint32_t strategy; /* the number of the function's strategy, or IR_NONE */
    uint32_t parameters, result;
    struct ir_register *registers;
    uint32_t register_count, register_room;
    struct ir_instruction *code;
    uint32_t count, room;
    uint32_t labels;
    bool cut;        /* set by lower.c: the function is too long, so its code ends early */
    uint32_t *frame; /* set by regs.c: the types of the frame's registers */
    uint32_t frame_count;
    uint32_t number;     /* set by emit.c: the function's number in the image */
    uint32_t begin, end; /* the place in the source of its name, or of the node that it was made for */
    struct ir_function *next;
};

struct ir_slot {
    const char *name;
    uint32_t type;
    bool secret, given;
    const struct ir_constant *value; /* for an argument: its default value; NULL: the argument must be given */
};

struct ir_strategy {
    const char *name;
    struct media_set media; /* numbers of enum media */
    int64_t lifetime_us;
    const struct ir_slot *slots; /* the strategy's own slots */
    uint32_t slot_count;
    struct ir_function *body, *abandoned, *error;
    struct ir_signal {
        const char *name; /* the signal's name; "": the handler is for `event`, */
        uint32_t event;   /* a number of enum image_event (vm/image.h) */
        struct ir_function *function;
    } * signals;
    uint32_t signal_count;
};

struct ir_name {
    uint32_t type;
    const char *text;
};

enum { IR_NATIVE_HASH = 32 }; /* as in vm/image.h */

struct ir_native {
    const char *library, *name;
    uint8_t hash[IR_NATIVE_HASH]; /* the SHA-256 of the library's file */
    uint32_t result, parameters[NATIVE_ARGUMENTS_LIMIT], parameter_count;
};

enum ir_setting_kind { IR_SETTING_PARAMETER, IR_SETTING_TABLE, IR_SETTING_SCHEDULE }; /* as in vm/image.h */

struct ir_setting {
    enum ir_setting_kind kind;
    const char *name, *edit, *doc; /* doc: what its `///` lines say, or NULL */
    uint32_t type;
    const struct ir_constant *value, *low, *high; /* low, high: perhaps NULL */
};

/* A rule of capacity; its rows have the order of the image's rows (vm/capacity.h). */
struct ir_capacity {
    const char *name;
    struct ir_capacity_row {
        uint8_t what, medium, number;
    } * rows;
    uint32_t row_count;
};

/* A row of the site's order for agents, as in the image's table (vm/prefer.h). */
struct ir_preference {
    uint32_t name; /* number of the virtual queue among the site's names; PREFER_OTHERS: all that no row names */
    uint32_t rank, delay_ms;
};

/* A view of the site, as in the image's table (vm/bin_view.h). */
struct ir_view {
    const char *name, *order;
    uint32_t bin; /* number of the queue or workbin among the site's names */
    const char **columns;
    struct ir_view_condition {
        const char *column, *text;
        uint32_t sign, kind; /* enum bin_sign, enum bin_kind */
        int64_t number;
    } * conditions;
    uint32_t column_count, condition_count;
};

struct ir_source { /* a source file of the program */
    const char *path, *text;
    size_t length;
    struct ir_source *next;
};

/* A latch that some code reads; the list has the order of the image's rows. */
struct ir_latch {
    const char *name;
    struct ir_function *function; /* its argument: is the latch set? its result: is it set from now on? */
    bool ticks;                   /* time alone may change the function's result */
    struct ir_latch *next;
};

struct ir_program {
    struct arena *arena;
    struct ir_source *sources;
    struct ir_type *types;
    uint32_t type_count, type_room;
    struct ir_name *names; /* the site's names, in the order of their declaration */
    const char *locale;    /* the site's default locale; NULL: none */
    /* The name of each own medium of the site; NULL: the site does not have that medium. */
    const char *media[MEDIA_OWN_MAX];
    uint32_t name_count;
    const struct ir_slot *slots; /* the number of slots that all strategies have in common */
    uint32_t slot_count;
    struct ir_setting *settings;
    uint32_t setting_count;
    struct ir_capacity *capacities;
    uint32_t capacity_count;
    /* The site's order for agents, sorted by name; NULL: it has none. */
    struct ir_preference *preferences;
    uint32_t preference_count, preference_order;
    struct ir_view *views;
    uint32_t view_count;
    /* The zones that the site names, whose local time the core needs for records and campaigns. */
    const struct zone_rules **zones;
    uint32_t zone_count;
    struct ir_native *natives;
    uint32_t native_count;
    struct ir_latch *latches, *last_latch;
    uint32_t latch_count;
    struct ir_strategy *strategies;
    uint32_t strategy_count;
    struct ir_function *functions, *last; /* callees before callers */
    struct ir_register *spare_registers;  /* memory of earlier functions, used again for the next one */
    struct ir_instruction *spare_code;
    uint32_t spare_register_room, spare_room;
};

struct ir_program *ir_program_new(struct arena *);
uint32_t ir_list(struct ir_program *, uint32_t element);
uint32_t ir_map(struct ir_program *, uint32_t element);
uint32_t ir_record(struct ir_program *, const char *name, const struct ir_field *, uint32_t count);

uint32_t ir_enum(struct ir_program *, const char *name, const char *const *words, uint32_t count);

struct ir_function *ir_function_new(struct ir_program *, enum ir_function_kind, const char *name, uint32_t result);
/* Appends a function to the program, after the functions that it calls, and takes over its registers and code. */
void ir_function_add(struct ir_program *, struct ir_function *);
uint32_t ir_register(struct ir_program *, struct ir_function *, uint32_t type, const char *name);
uint32_t ir_label(struct ir_function *);
/* Appends an instruction with all operands unset; the pointer is valid until the next call. */
struct ir_instruction *ir_add(struct ir_program *, struct ir_function *, enum ir_op);

/* Removes instructions that cannot be reached. True where the end of the code can be reached. */
bool ir_prune(struct ir_function *);

/* The labels to which an instruction may jump. Returns how many labels there are; at most `limit` are stored.
 * ir_falls(): may the next instruction follow? */
uint32_t ir_targets(const struct ir_instruction *, uint32_t *labels, uint32_t limit);
bool ir_falls(const struct ir_instruction *);

/* Calls `visit` for each register read or written. */
void ir_uses(const struct ir_instruction *, void (*visit)(uint32_t reg, bool write, void *context), void *context);
