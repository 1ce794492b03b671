/* vm/vm.h - The internals of a vm: its memory for the present slice. Nothing in it is kept after a call. */
#pragma once

#include "vm/block_data.h"
#include "vm/exec.h"
#include "vm/opcode.h"
#include "vm/show.h"

/* Why the interpreter stopped. */
enum stop {
    STOP_WAIT,   /* the fiber waits at wait point `number` of the innermost frame */
    STOP_END,    /* END */
    STOP_RETURN, /* a leaf function has returned `value` */
    STOP_FAIL,   /* a FAIL: its code is the text `value` */
    STOP_EXIT,   /* EXIT `number` */
    STOP_YIELD,  /* the fuel is used up; the fiber continues at the innermost frame's pc */
    STOP_FAULT,  /* a fault of computing; `fault` says which */
    STOP_STANDS, /* the fiber was stopped before the instruction at the innermost frame's pc */
};

enum {
    VM_LIFE_FUEL = 64 * 1000 * 1000,
    /* How many bytes one unit of fuel pays for: */
    FUEL_UNIT = 64, /* copied or compared together */
    FUEL_STEP = 8,  /* examined one by one */
    FUEL_MATCH = 4, /* bytes read by an automaton, one step each */
};

struct vm {
    struct slab *slab;
    struct vm_host host;
    const struct vm_watch *watch; /* or NULL */
    const struct vm_stops *stops; /* or NULL */
    bool observed;                /* there is an observer, or fibers may be stopped */
    bool stopping;                /* the present slice may be stopped */
    bool going;                   /* the slice continues after a stop: its first instruction is not stopped again */
    block_handle handle;
    const struct image *image;
    int64_t fuel, given; /* fuel left for the slice; fuel with which it began */
    int64_t left;        /* fuel left for the turn (vm_turn) */
    uint32_t turns;      /* how many turns the fiber has had since its last wait */
    bool shares;         /* true: slices share the fuel of a turn; false: each slice gets that much */
    uint64_t changed;
    uint64_t value;
    const struct vm_candidate *candidate; /* the candidate for which a leaf function runs, else NULL */
    uint32_t number;
    enum vm_fault fault;
    bool looks;                        /* a condition is being evaluated */
    int64_t again_us;                  /* after what time the condition's answer may change without an event */
    uint32_t fault_function, fault_pc; /* where the last condition had a fault */
    bool data_changed;
    /* a ring of the names that strategies have looked for last and that do not exist */
    struct vm_missed missed[VM_MISSED_KEPT];
    uint32_t missed_count;
    uint8_t fiber, parent, kind; /* the running fiber; its parent; its enum fiber_kind */
    struct stack stack, leaf;
};

/* Runs the innermost frame from its pc on, until one of the reasons in enum stop; the frame's pc is then where it
 * stopped. */
enum stop vm_run(struct vm *, struct stack *);
enum stop vm_run_watched(struct vm *, struct stack *); /* as vm_run(), and reports to vm->watch */

/* Instructions that are rare or large (vm/ops.c); arguments: registers of the frame, the instruction, its extension.
 * They charge fuel by the size of their data. False: vm->fault. Functions that allocate may move the block. */
typedef bool operation(struct vm *, uint64_t *r, uint32_t i, uint32_t extension);
operation op_text_equal, op_text_less, op_concat, op_text, op_str_count, op_str_contains, op_str_starts, op_str_slice,
    op_parse_int, op_named, op_record, op_field, op_field_set, op_list_get, op_list_add, op_list_in, op_map, op_map_get,
    op_map_set, op_count, op_next, op_box, op_unbox, op_attribute, op_attribute_set, op_data, op_data_set, op_equal;
operation op_str_get, op_list_slice, op_list_starts, op_step_name, op_to_enum, op_float_to_int; /* and of the end: */
operation op_draw, op_point, op_scale, op_value_at, op_value_list, op_value_map, op_wall, op_instant, op_date_of,
    op_clock_of, op_weekday_of, op_date_at, op_add_date, op_diff_date, op_setting, op_main, op_map_prefix, op_open_at,
    op_opens_after, op_closes_after, op_add_open, op_between_open, op_opens_by, op_add_open_by, op_between_by, op_tally,
    op_tallied, op_tally_keys, op_ask, op_native, op_setting_row, op_setting_count, op_setting_walk, op_setting_at,
    op_setting_walked, op_measure, op_latch, op_quotient;
/* Allocates an object of `count` elements, pairs or fields and `words` words, which are not filled in; `*at` is
 * valid until the next allocation. */
bool vm_object_room(struct vm *, uint16_t type, uint32_t count, uint32_t words, uint64_t *word, uint64_t **at);
/* Finds the position of a key among `count` pairs of key word and value word, or where it would be inserted. */
uint32_t vm_key_place(struct vm *, const uint8_t *pairs, uint32_t count, struct text key, bool *there);
/* Does the map contain the key? `*value`: the word stored for it. */
bool vm_map_find(struct vm *, uint64_t map, struct text key, uint64_t *value);
uint32_t op_segment(struct vm *, uint64_t word, uint32_t table); /* returns the jump's target */

/* Zeroes registers from `words` on, up to seven more than `count`: registers beyond `count` are not in use. */
static inline void zero_registers(uint64_t *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i += STACK_SLACK) memset(words + i, 0, STACK_SLACK * sizeof *words);
}

static inline bool vm_faults(struct vm *vm, enum vm_fault kind)
{
    vm->fault = kind;
    return false;
}
static inline struct block *vm_block(const struct vm *vm)
{
    return slab_block(vm->slab, vm->handle);
}
/* Returns the id of the running interaction. */
static inline uint64_t vm_id(const struct vm *vm)
{
    return vm->host.id ? vm->host.id(vm->host.self, vm->handle) : vm->handle;
}
static inline struct text vm_text(const struct vm *vm, uint64_t word, char inlined[8])
{
    return block_text(vm->image, vm_block(vm), word, inlined);
}
/* Compares two texts byte by byte, and charges fuel for it. */
static inline int vm_order(struct vm *vm, struct text a, struct text b)
{
    vm->fuel -= (a.length < b.length ? a.length : b.length) / FUEL_UNIT;
    return block_text_order(a, b);
}
static inline uint16_t vm_register_type(const struct vm *vm, uint32_t reg)
{
    const struct stack *stack = &vm->stack;
    return vm->image->registers[vm->image->functions[stack->frames[stack->depth - 1].function].registers + reg];
}
