/* vm/exec.h - Running strategies: slices of work between waits, on blocks.
 *
 * A vm belongs to one core (one thread) and owns only scratch memory: between calls everything about an interaction is
 * in its block. A slice runs until the strategy ends, waits, fails or its fuel is gone, and reports one vm_result.
 *
 * The caller's next act:
 *   VM_ENDED  the fiber has ended and is gone from the block. Fiber 0: the strategy (after a step that ends, or its
 *             handler). A busy child: one round; spawn it again while the parent waits. A child of a race or parallel:
 *             see vm_fork.
 *   VM_WAIT   the fiber is parked at a step. Read it with vm_step, vm_arg and so on; later call vm_resume with its
 *             result, or vm_fail. `ticket` names this wait: keep it, compare it when the answer comes.
 *   VM_YIELD  the fuel of the slice, or of the turn, is gone; call vm_continue, in this batch or a later one.
 *   VM_STANDS somebody has the fiber stopped before an instruction (vm_stops): it is parked there; vm_go_on.
 *   VM_LEFT   a busy child left its block by `exit`: it is gone. Cancel the parent's pending step, then vm_exit.
 *   VM_FAULT  the fiber failed with `code` (a number of enum code), nothing in it catches that: it is gone. Fiber 0:
 *             cancel what is pending, then vm_handler(HANDLER_ERROR, result.error); if that says VM_NONE, take the
 *             default destination. A busy child: the core decides (as a rule: treat the parent as failed).
 *   VM_NONE   there is no such handler; nothing was done.
 *
 * A failed step: vm_fail goes on at the wait point's failure target (the `else`). Without one, the subroutine that it
 * stands in fails, so the caller's failure target is next, and so on; past the outermost it is VM_FAULT. Faults of
 * computing (overflow, division by zero, no fuel, block full) are never caught by an `else`: always VM_FAULT.
 *
 * Fibers: 0 is the strategy or its handler; busy children have numbers from 1, never used twice at a time. When a
 * parent goes on (vm_resume, vm_fail, vm_exit), its children are gone from the block: cancel what they asked for. */
#pragma once

#include "vm/block.h"
#include "vm/image.h"

struct vm;

enum { VM_SLICE_FUEL = 20000, VM_RESERVE_FUEL = 20000 };
/* Numbers of enum code that the VM itself gives: of a fault of computing, of FAIL. */
enum { VM_CODE_OTHER = 0, VM_CODE_TIMEOUT = 14, VM_CODE_FAILED = 30, VM_CODE_FAULT = 31 };

enum vm_status { VM_ENDED, VM_WAIT, VM_FAULT, VM_YIELD, VM_LEFT, VM_NONE, VM_STANDS };

enum vm_fault {
    FAULT_NONE,
    FAULT_OVERFLOW,
    FAULT_DIVISION,
    FAULT_NOT_A_NUMBER,
    FAULT_INDEX,
    FAULT_UNEXPECTED_NONE,
    FAULT_MEMORY,    /* the block's 64 KiB, a text or list too long, user data over its limit */
    FAULT_FUEL,      /* the interaction's life long */
    FAULT_ATTRIBUTE, /* the core has no such attribute now */
    FAULT_NATIVE,    /* nobody has bound it */
    FAULT_NATIVE_LONG,
    FAULT_NATIVE_TEXT,
    FAULT_NATIVE_TWICE,
    FAULT_NATIVE_DATE,
};

struct vm_result {
    enum vm_status status : 8;
    uint8_t fiber, parent; /* parent: the fiber whose child it is */
    uint8_t fault;         /* enum vm_fault, where code is VM_CODE_FAULT */
    uint16_t code;         /* VM_FAULT */
    uint16_t step;         /* VM_WAIT: the step's number in steps.def; VM_FAULT: the step that failed, or 0 */
    uint16_t exit;         /* VM_LEFT: the exit; VM_ENDED: the number of a race's or parallel's child */
    uint32_t ticket;       /* VM_WAIT: number of this wait */
    uint32_t function, pc; /* the place in the code, for logs and traces (VM_WAIT, VM_FAULT, VM_YIELD) */
    uint64_t error;        /* VM_FAULT: an error word in the block, for vm_handler; vm_cancel may come between */
};

enum vm_setting {
    VM_SETTING_WRITTEN, /* the value as written is in force */
    VM_SETTING_MADE,
    VM_SETTING_TOO_LARGE, /* for what is left of the block: a fault */
    VM_SETTING_NO_ROW,    /* of a table that is in force, no row has such a key */
};

/* A place in a table that is walked through. */
struct vm_place {
    uint32_t setting, version, index;
    bool key; /* true: the row's key; false: the row itself */
};

/* The VM's questions to the core, given to vm_new. Called in the middle of a slice: they may make text in the block
 * with block_make_text (nothing else), and must not run anything. */
struct vm_host {
    void *self;
    /* The id of the interaction whose block it is, from which random numbers are drawn. May be NULL: they are drawn
     * from the handle. */
    uint64_t (*id)(void *self, block_handle);
    /* An attribute whose place is CORE in attributes.def; of a busy child, seen from the parent's wait. False: it is
     * not readable now, which is a fault. */
    bool (*attribute)(void *self, block_handle, uint8_t fiber, uint32_t attribute, uint64_t *word);
    /* An attribute was assigned; it stands in the block already. May be NULL. */
    void (*assigned)(void *self, block_handle, uint32_t attribute, uint64_t word);
    /* The text of an agent or a target, for interpolation. May be NULL: then empty. */
    struct text (*name)(void *self, uint16_t type, uint64_t word);
    /* The agent of that name; false: nobody is called so. May be NULL: then nobody. */
    bool (*agent)(void *self, struct text name, uint64_t *word);
    /* The value in force of a setting of the block's image, made in the block like an answer. May be NULL: as
     * written. */
    enum vm_setting (*setting)(void *self, block_handle, uint32_t setting, uint64_t *word);
    /* Reads a table in force: the row of a key, or of the longest key that a text begins with. May be NULL: as
     * written. */
    enum vm_setting (*row)(void *self, block_handle, uint32_t setting, struct text key, bool prefix, uint64_t *word);
    /* All of a table in force where it stands. `rows`: how many there are; false: as written. `walk`: the version in
     * force, kept until `walked` as often, or until the block's interaction ends; 0: as written. `at`: of that version
     * the key or the row of a place, VM_SETTING_NO_ROW behind the last. All may be NULL: as written. */
    bool (*rows)(void *self, block_handle, uint32_t setting, uint32_t *count);
    uint32_t (*walk)(void *self, block_handle, uint32_t setting);
    void (*walked)(void *self, block_handle, uint32_t setting, uint32_t version);
    enum vm_setting (*at)(void *self, block_handle, const struct vm_place *, uint64_t *word);
    /* Adds one to the site's counter of that name and key (empty: no key); `window_us` as in TALLY of opcodes.def. May
     * be NULL. */
    void (*tally)(void *self, struct text name, struct text key, int64_t window_us);
    /* Answers a row of questions.def about `subject`, a word of the row's type, with `argument` where the row has one.
     * False: the answer is none, also where there is no such subject (any word may come). May be NULL: the answer is
     * false, 0 or none. */
    bool (*ask)(void *self, block_handle, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word);
    /* Measures an object by that row of SECTION_MEASURES of the image; gives a word of its type. May be NULL: 0. */
    int64_t (*measure)(void *self, block_handle, uint32_t row, uint64_t object);
    /* Is the latch of that row of SECTION_LATCHES of the block's image set? May be NULL: no. */
    bool (*latch)(void *self, block_handle, uint32_t row);
    int64_t (*tallied)(void *self, struct text name, struct text key, int64_t window_us); /* may be NULL: 0 */
    /* In a consultation: reads an attribute (its number), or a key (its slot in the block's image), of the main
     * interaction, made in the block. False: none. May be NULL. */
    bool (*main)(void *self, block_handle, bool slot, uint32_t number, uint64_t *word);
    uint64_t seed; /* of the random numbers */
};

struct vm *vm_new(struct slab *, const struct vm_host *);
/* A second vm over the same blocks, for leaf functions that are asked while a slice of the first one stands. Nobody
 * watches it. The caller frees it. */
struct vm *vm_beside(const struct vm *);
void vm_free(struct vm *);
struct slab *vm_slab(const struct vm *); /* the slab for which the vm was made */
/* Takes fuel for work of the host that took long; called within an answer or between two slices. */
void vm_charge(struct vm *, uint32_t fuel);
/* A turn begins: all slices until the next one together have the fuel of one, so that an event takes no longer however
 * many of its steps end at once. The fiber that runs has had `turns` turns since it waited last. A vm that was never
 * told of turns gives each slice as much. */
void vm_turn(struct vm *, uint32_t turns);
/* Returns how many turns a fiber had had before the one in which its fuel was gone (VM_YIELD). */
uint32_t vm_turns(const struct slab *, const struct block *, uint8_t fiber);

/* Begins the strategy of a block that has no fiber. */
struct vm_result vm_start(struct vm *, block_handle);
/* Goes on after a step that has succeeded: `word` is its result, of the type that the wait point's result register has
 * (vm_result_type). */
struct vm_result vm_resume(struct vm *, block_handle, uint8_t fiber, uint64_t word);
/* Goes on after a step that has failed or timed out: `code` is a number of enum code. */
struct vm_result vm_fail(struct vm *, block_handle, uint8_t fiber, uint16_t code);
/* Fails the step as a child of the fiber has failed: with the text, if any, of the error of that child's VM_FAULT. */
struct vm_result vm_fail_with(struct vm *, block_handle, uint8_t fiber, uint16_t code, uint64_t error);
struct vm_result vm_continue(struct vm *, block_handle, uint8_t fiber);

enum vm_handler_kind { HANDLER_ABANDONED, HANDLER_ERROR };
/* Drops all fibers and runs the handler as fiber 0. `error`: of the VM_FAULT, or vm_error, or 0. An error handler runs
 * once in a life: VM_NONE afterwards. */
struct vm_result vm_handler(struct vm *, block_handle, enum vm_handler_kind, uint64_t error);
/* Drops all fibers and runs what the strategy does on a signal: a function of SECTION_HANDLERS, with what the signal
 * brings, a record of its parameter's type. Its own failures are caught by nothing. */
struct vm_result vm_signal(struct vm *, block_handle, uint16_t function, uint64_t payload);
/* Has a handler begun in this life? */
bool vm_handling(const struct slab *, const struct block *);
/* Makes an error word in the block, for vm_handler(); 0: the block is full. The host's own fault, VM_CODE_FAULT, says
 * that no fuel is left. */
uint64_t vm_error(struct vm *, block_handle, uint16_t code, uint16_t step);
/* Returns the text of a `fail` or fault, good until the block is changed; empty for a step's failure. */
struct text vm_error_text(const struct vm *, block_handle, uint64_t error, char inlined[8]);

/* A watcher of running code: coverage, tracing. Called in the middle of a slice: it looks, and changes nothing. */
struct vm_watch {
    void *self;
    /* The instruction at `pc` of `function` is next; of a leaf too. May be NULL. */
    void (*instruction)(void *self, const struct image *, uint32_t function, uint32_t pc);
    /* The same, with the registers of the function's frame. May be NULL. */
    void (*registers)(void *self, const struct image *, uint32_t function, uint32_t pc, const uint64_t *);
    /* The strategy of an interaction is about to wait at this wait point of the image: VM_GO_ON, or the enum code with
     * which the step fails instead, without having been asked for. */
    int32_t (*wait)(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber);
    /* The step there has ended: VM_GO_ON, with success, or the code with which it failed. Not told of one that is
     * cancelled, or left by its busy block. */
    void (*ended)(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber, int32_t code);
    /* A fiber is stopped before the instruction that was told last (vm_stops). May be NULL. */
    void (*stands)(void *self, const struct image *, uint32_t function, uint32_t pc);
    /* The host decides as without it: conditions that a table answers are not run to be seen. */
    bool beside;
};
enum { VM_GO_ON = -1 };
/* Sets the watcher, which is borrowed until the next one is set; NULL: nobody watches. Returns the watcher before. */
const struct vm_watch *vm_watched_by(struct vm *, const struct vm_watch *);
bool vm_code_is_watched(const struct vm *); /* does the watcher see each instruction, of all conditions, too? */

/* Somebody who stops the fibers of some interactions, each before an instruction. The reasons that stop an interaction
 * are asked only of those that `may` names; the others cost one question per slice, and none where nobody stops
 * anything. Conditions and leaf functions are never stopped. Called in the middle of a slice; neither changes
 * anything. */
struct vm_stops {
    void *self;
    bool (*may)(void *self, block_handle);
    bool (*here)(void *self, block_handle, uint8_t fiber, uint32_t depth, uint32_t function, uint32_t pc);
};
/* Sets who stops fibers, borrowed until the next call; NULL: nobody. */
void vm_stopped_by(struct vm *, const struct vm_stops *);
/* Does the fiber stand before an instruction, where vm_go_on goes on? */
bool vm_stands(const struct slab *, const struct block *, uint8_t fiber);
/* Continues a fiber that was stopped before an instruction. Whoever stopped it is not asked about that instruction
 * again. */
struct vm_result vm_go_on(struct vm *, block_handle, uint8_t fiber);
/* Sets a register of the innermost frame of a fiber that stands in that function. The word is one of the register's
 * type, in the block or of the image. False: no fiber stands there, or there is no such register. */
bool vm_set_register(struct vm *, block_handle, uint8_t fiber, uint32_t function, uint32_t reg, uint64_t word);

/* Begins one round of the busy block of the pending step of `parent`. */
struct vm_result vm_spawn(struct vm *, block_handle, uint8_t parent);
/* The children of the race or parallel at which `parent` stands: vm_children() counts them, vm_fork() begins one of
 * them, each once. One that has ended (VM_ENDED, its number in `exit`) has left its result with the parent: of a race
 * vm_exit by that number is next, of parallel, with the last of them, vm_resume. */
uint16_t vm_children(const struct slab *, const struct block *, uint8_t fiber); /* 0: it stands at no such step */
struct vm_result vm_fork(struct vm *, block_handle, uint8_t parent, uint16_t child);
/* Ends a parked fiber and its children, silently. */
void vm_cancel(struct vm *, block_handle, uint8_t fiber);
/* Goes on with the parent at the exit by which its busy child left. */
struct vm_result vm_exit(struct vm *, block_handle, uint8_t parent, uint16_t exit);

/* Tell what the last call that ran the fiber has changed: bit n: declared key n was attached, changed or cleared; and
 * whether other user data was. The next such call begins anew. */
uint64_t vm_changed(const struct vm *);
bool vm_data_changed(const struct vm *);

/* The functions from here on read the pending step from the block. Is the fiber parked at a step? */
bool vm_parked(const struct slab *, const struct block *, uint8_t fiber, uint32_t *ticket);
/* Does a parked fiber come back to a walk through that version of a table? Of its integers any may be the cursor: one
 * that only looks like it counts too. */
bool vm_walks(const struct slab *, const struct block *, uint32_t version);
uint8_t vm_parent(const struct slab *, const struct block *,
                  uint8_t fiber); /* the parent of a parked fiber; 0, too, where it is not parked */
const struct image_wait *vm_step(const struct slab *, const struct block *,
                                 uint8_t fiber); /* NULL: the fiber is not at a step */
/* Finds the place in the outermost function of a fiber at a step: that of the call, while a subroutine waits. False:
 * the fiber is at no step. */
bool vm_outer_place(const struct slab *, const struct block *, uint8_t fiber, uint32_t *function, uint32_t *pc);
uint16_t vm_result_type(const struct slab *, const struct block *, uint8_t fiber); /* TYPE_VOID: none is wanted */
/* Reads the argument for a parameter of steps.def (of a query: the n-th bound value), and its type; false: it was not
 * given. */
bool vm_arg(const struct slab *, const struct block *, uint8_t fiber, uint16_t parameter, uint64_t *word,
            uint16_t *type);
/* Reads any operand of the wait point or its lines: wait->timeout, line->after, ...; false where it is OPERAND_NONE. */
bool vm_operand(const struct slab *, const struct block *, uint8_t fiber, uint16_t operand, uint64_t *word,
                uint16_t *type);
/* Returns the step's timeout, in us; -1: it has none. */
int64_t vm_timeout(const struct slab *, const struct block *, uint8_t fiber);
/* Return or set how often the pending step was tried before, which the core counts. vm_attempt_set: only for a step
 * that has tries. */
uint16_t vm_attempt(const struct slab *, const struct block *, uint8_t fiber);
void vm_attempt_set(struct slab *, block_handle, uint8_t fiber, uint16_t attempt);

/* A line of the pending selection. */
struct vm_line {
    int64_t after_us;
    enum line_kind kind;
    uint16_t function; /* LINE_LEAF, LINE_ORDER, LINE_WHERE */
    uint16_t type;   /* LINE_TARGET: the target's type, without T?; TYPE_VOID: it was none, and adds nobody. LINE_ORDER:
                        the order */
    bool shared;     /* LINE_UNTIL: others who wait with the same captures have the same answer */
    uint32_t share;  /* the line's share of 100 %, in millionths, if the order is ORDER_share; else 0 */
    uint64_t target; /* LINE_TARGET, LINE_IN */
    uint16_t at;     /* its place among the lines of the select */
    uint32_t capture_count;
    uint64_t captures[16]; /* for vm_leaf and vm_figure; with the function they name the selector */
};
uint32_t vm_line_count(const struct slab *, const struct block *, uint8_t fiber);
enum line_kind vm_line_kind(const struct slab *, const struct block *, uint8_t fiber,
                            uint32_t index); /* there is one */
bool vm_line(const struct slab *, const struct block *, uint8_t fiber, uint32_t index, struct vm_line *);

/* A candidate as leaf functions ask about it: the level of a skill, 0 where there is none; membership of a group
 * (may be NULL: no). Names are indices of the image's names table. */
struct vm_candidate {
    void *self;
    int64_t (*level)(void *self, uint64_t skill);
    bool (*member)(void *self, uint64_t group);
    bool (*is_agent)(void *self, uint64_t agent); /* may be NULL: no */
    bool (*at_place)(void *self, uint64_t place); /* may be NULL: no */
    int64_t (*idle_us)(void *self);               /* for how long it is free and ready; may be NULL: 0 */
    int64_t (*measure)(void *self, uint32_t row); /* its figure for a row of SECTION_MEASURES; may be NULL: 0 */
    /* The figure of a group or another object for a row of SECTION_MEASURES; may be NULL: 0. */
    int64_t (*measure_of)(void *self, uint32_t row, uint64_t object);
    /* The figure that a captured map has for it; false: none. The map is the captured word, or a number that stands for
     * it. May be NULL. */
    bool (*score)(void *self, uint64_t map, int64_t *figure);
    int64_t line; /* of an order: the place of the line that takes it; -1: none */
};
/* Does the candidate match the line? A fault within counts as no. */
bool vm_leaf(struct vm *, const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
             const struct vm_candidate *);
/* Computes the figure by which the candidate is compared with others. False: there is none, as a fault has come. */
bool vm_figure(struct vm *, const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
               const struct vm_candidate *, int64_t *figure);

/* Does the pending selection have a condition that ends it? Evaluating that changes nothing, and costs the interaction
 * nothing. */
bool vm_has_until(const struct slab *, const struct block *, uint8_t fiber);
/* Does that condition hold now? A fault within counts as no. `again_us`: how long until time alone may change it;
 * INT64_MAX: never. */
bool vm_until(struct vm *, block_handle, uint8_t fiber, int64_t *again_us);
/* The same for a line of kind LINE_WHERE, or LINE_UNTIL and shared, by its index. */
bool vm_where(struct vm *, block_handle, uint8_t fiber, uint32_t index, int64_t *again_us);
/* Is the latch of that row of the block's image set from now on? `set`: it is now; a fault within leaves it so. */
bool vm_latch(struct vm *, block_handle, uint32_t row, bool set, int64_t *again_us);
/* Returns the fault within the condition, latch or function of the last of these three calls, vm_leaf or vm_figure, and
 * its place; FAULT_NONE: there was none. */
enum vm_fault vm_condition_fault(const struct vm *, uint32_t *function, uint32_t *pc);
/* Called by the host while it answers a condition: its answer may be another one in `in_us`. */
void vm_look_again(struct vm *, int64_t in_us);

/* Writes the text of a value of a type, as interpolation shows it, into the buffer; returns the length needed, which
 * may be more than `size`. For logs, screens, treatments. */
uint32_t vm_show(const struct vm *, const struct block *, const struct image *, uint16_t type, uint64_t word,
                 char *buffer, uint32_t size);

const char *vm_fault_text(enum vm_fault);
