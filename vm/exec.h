/* vm/exec.h - Runs strategies on blocks, in slices of work between waits.
 *
 * A vm belongs to one core (one thread) and owns only scratch memory: between calls everything about an interaction
 * is in its block. A slice runs until the strategy ends, waits, fails or its fuel is used up, and returns one
 * vm_result.
 *
 * The caller's next act:
 *     VM_ENDED  the fiber has ended and is gone from the block. Fiber 0: the strategy (after a step that ends, or its
 *               handler). A busy child: one round; spawn it again while the parent waits. A child of a race or
 *               parallel: see vm_fork.
 *     VM_WAIT   the fiber is parked at a step. Read it with vm_step, vm_arg and so on; later call vm_resume with its
 *               result, or vm_fail. `ticket` names this wait: keep it, compare it when the answer comes.
 *     VM_YIELD  the fuel of the slice, or of the turn, is gone; call vm_continue, in this batch or a later one.
 *     VM_STANDS somebody has the fiber stopped before an instruction (vm_stops): it is parked there; vm_go_on.
 *     VM_LEFT   a busy child left its block by `exit`: it is gone. Cancel the parent's pending step, then vm_exit.
 *     VM_FAULT  the fiber failed with `code` (a number of enum code), nothing in it catches that: it is gone. Fiber 0:
 *               cancel what is pending, then vm_handler(HANDLER_ERROR, result.error); if that says VM_NONE, take the
 *               default destination. A busy child: the core decides (as a rule: treat the parent as failed).
 *     VM_NONE   there is no such handler; nothing was done.
 *
 * A failed step: vm_fail continues at the wait point's failure target (the `else`). Without one, the subroutine that
 * contains it fails, so the caller's failure target is next, and so on; after the outermost the result is VM_FAULT.
 * Faults of computing (overflow, division by zero, no fuel, block full) are never caught by an `else`: they always
 * give VM_FAULT.
 *
 * Fibers: 0 is the strategy or its handler; busy children have numbers from 1, each used once at a time. When a
 * parent continues (vm_resume, vm_fail, vm_exit), its children are removed from the block: cancel what they asked
 * for. */
#pragma once

#include "vm/block.h"
#include "vm/image.h"

struct vm;

enum { VM_SLICE_FUEL = 20000, VM_RESERVE_FUEL = 20000 };
/* Numbers of enum code that the VM itself sets: for a fault of computing, and for FAIL. */
enum { VM_CODE_OTHER = 0, VM_CODE_TIMEOUT = 14, VM_CODE_FAILED = 30, VM_CODE_FAULT = 31 };

enum vm_status { VM_ENDED, VM_WAIT, VM_FAULT, VM_YIELD, VM_LEFT, VM_NONE, VM_STANDS };

enum vm_fault {
    FAULT_NONE,
    FAULT_OVERFLOW,
    FAULT_DIVISION,
    FAULT_NOT_A_NUMBER,
    FAULT_INDEX,
    FAULT_UNEXPECTED_NONE,
    FAULT_MEMORY,    /* the block exceeds 64 KiB, a text or list is too long, or user data exceed their limit */
    FAULT_FUEL,      /* the interaction's life long */
    FAULT_ATTRIBUTE, /* the core does not have this attribute now */
    FAULT_NATIVE,    /* nobody has bound it */
    FAULT_NATIVE_LONG,
    FAULT_NATIVE_TEXT,
    FAULT_NATIVE_TWICE,
    FAULT_NATIVE_DATE,
};

struct vm_result {
    enum vm_status status : 8;
    uint8_t fiber, parent; /* parent: the fiber that began this child */
    uint8_t fault;         /* enum vm_fault, if code is VM_CODE_FAULT */
    uint16_t code;         /* VM_FAULT */
    uint16_t step;         /* VM_WAIT: the step's number in steps.def; VM_FAULT: the step that failed, or 0 */
    uint16_t exit;         /* VM_LEFT: the exit; VM_ENDED: number of the child of a race or parallel */
    uint32_t ticket;       /* VM_WAIT: number of this wait */
    uint32_t function, pc; /* the place in the code, for logs and traces (VM_WAIT, VM_FAULT, VM_YIELD) */
    /* VM_FAULT: an error word in the block, for vm_handler; vm_cancel may be called in between */
    uint64_t error;
};

enum vm_setting {
    VM_SETTING_WRITTEN, /* the value written in the program applies */
    VM_SETTING_MADE,
    VM_SETTING_TOO_LARGE, /* the value does not fit into the block: a fault */
    VM_SETTING_NO_ROW,    /* the table in force has no row with this key */
};

/* A position in a table over which a loop runs. */
struct vm_place {
    uint32_t setting, version, index;
    bool key; /* true: reads the row's key; false: the row itself */
};

/* The functions by which the VM asks the core; passed to vm_new. The functions are called during a slice: they may make
 * text in the block with block_make_text (nothing else), and must not run any strategy. */
struct vm_host {
    void *self;
    /* Returns the id of the block's interaction, from which random numbers are computed. May be NULL: the handle is
     * used instead. */
    uint64_t (*id)(void *self, block_handle);
    /* Reads an attribute whose place is CORE in attributes.def; for a busy child, as at its parent's wait. False: it
     * cannot be read now, which is a fault. */
    bool (*attribute)(void *self, block_handle, uint8_t fiber, uint32_t attribute, uint64_t *word);
    /* An attribute was assigned; the block has the new value already. May be NULL. */
    void (*assigned)(void *self, block_handle, uint32_t attribute, uint64_t word);
    /* Returns the text of an agent or a target, for interpolation. May be NULL: the text is empty. */
    struct text (*name)(void *self, uint16_t type, uint64_t word);
    /* Finds the agent with that name; false: there is none. May be NULL: there are none. */
    bool (*agent)(void *self, struct text name, uint64_t *word);
    /* Gets the value in force of a setting of the block's image; texts and objects are made in the block. May be
     * NULL: the value in the program applies. */
    enum vm_setting (*setting)(void *self, block_handle, uint32_t setting, uint64_t *word);
    /* Reads a row of a table in force by its key, or by the longest key with which a text begins. May be NULL: the
     * table in the program applies. */
    enum vm_setting (*row)(void *self, block_handle, uint32_t setting, struct text key, bool prefix, uint64_t *word);
    /* Read all rows of a table in force. `rows`: how many there are; false: the table in the program applies.
     * `walk`: returns the version in force, which is kept until `walked` was called as often, or until the
     * interaction ends; 0: the table in the program applies. `at`: reads the key or the row at a position of that
     * version, VM_SETTING_NO_ROW after the last. All may be NULL: the table in the program applies. */
    bool (*rows)(void *self, block_handle, uint32_t setting, uint32_t *count);
    uint32_t (*walk)(void *self, block_handle, uint32_t setting);
    void (*walked)(void *self, block_handle, uint32_t setting, uint32_t version);
    enum vm_setting (*at)(void *self, block_handle, const struct vm_place *, uint64_t *word);
    /* Adds one to the site's counter with that name and key (empty: no key); `window_us` as in TALLY of opcodes.def.
     * `keys`: how many keys the counter keeps; 0: the site does not say. May be NULL. */
    void (*tally)(void *self, struct text name, struct text key, int64_t window_us, uint32_t keys);
    /* Answers a question of questions.def about `subject`, a word of the row's type, with `argument` if the row has
     * one. False: the answer is none, also if the subject does not exist (any word is possible). May be NULL: the
     * answers are false, 0 or none. */
    bool (*ask)(void *self, block_handle, uint32_t question, uint64_t subject, uint64_t argument, uint64_t *word);
    /* Measures an object by that row of SECTION_MEASURES of the image; returns a word of the row's type. May be
     * NULL: 0. */
    int64_t (*measure)(void *self, block_handle, uint32_t row, uint64_t object);
    /* Is the latch of that row of SECTION_LATCHES of the block's image set? May be NULL: no. */
    bool (*latch)(void *self, block_handle, uint32_t row);
    int64_t (*tallied)(void *self, struct text name, struct text key, int64_t window_us); /* may be NULL: 0 */
    /* In a consultation: reads an attribute (by number), or a key (by slot in the block's image), of the main
     * interaction; texts and objects are made in the block. False: none. May be NULL. */
    bool (*main)(void *self, block_handle, bool slot, uint32_t number, uint64_t *word);
    uint64_t seed; /* of the random numbers */
};

struct vm *vm_new(struct slab *, const struct vm_host *);
/* Makes a second vm over the same blocks, for leaf functions that are run while a slice of the first vm is in
 * progress. Nobody watches it. The caller frees it. */
struct vm *vm_beside(const struct vm *);
void vm_free(struct vm *);
struct slab *vm_slab(const struct vm *); /* the slab that the vm uses */
/* Takes fuel for long work of the host; called from one of its functions above or between two slices. */
void vm_charge(struct vm *, uint32_t fuel);
/* A turn begins: all its slices share the fuel of one slice, so that an event takes no longer however many of its
 * steps end at once. The fiber that runs has had `turns` turns since its last wait. Without calls of vm_turn each
 * slice gets that much fuel. */
void vm_turn(struct vm *, uint32_t turns);
/* Returns how many turns a fiber had had before the one in which its fuel was used up (VM_YIELD). */
uint32_t vm_turns(const struct slab *, const struct block *, uint8_t fiber);

/* Begins the strategy of a block without fibers. */
struct vm_result vm_start(struct vm *, block_handle);
/* Continues after a successful step: `word` is its result, of the type of the wait point's result register
 * (vm_result_type). */
struct vm_result vm_resume(struct vm *, block_handle, uint8_t fiber, uint64_t word);
/* Continues after a step that has failed or timed out: `code` is a number of enum code. */
struct vm_result vm_fail(struct vm *, block_handle, uint8_t fiber, uint16_t code);
/* Fails the step because a child of the fiber has failed: with the text, if any, of the error in that child's
 * VM_FAULT. */
struct vm_result vm_fail_with(struct vm *, block_handle, uint8_t fiber, uint16_t code, uint64_t error);
struct vm_result vm_continue(struct vm *, block_handle, uint8_t fiber);

enum vm_handler_kind { HANDLER_ABANDONED, HANDLER_ERROR };
/* Drops all fibers and runs the handler as fiber 0. `error`: from the VM_FAULT, or from vm_error, or 0. An error
 * handler runs once in an interaction's life: VM_NONE afterwards. */
struct vm_result vm_handler(struct vm *, block_handle, enum vm_handler_kind, uint64_t error);
/* Drops all fibers and runs the strategy's handler of a signal: a function of SECTION_HANDLERS, with the signal's
 * data, a record of its parameter's type. Nothing catches failures in this handler. */
struct vm_result vm_signal(struct vm *, block_handle, uint16_t function, uint64_t payload);
/* Has a handler begun in the interaction's life? */
bool vm_handling(const struct slab *, const struct block *);
/* Makes an error word in the block, for vm_handler(); 0: the block is full. The host's own fault, VM_CODE_FAULT,
 * means that no fuel is left. */
uint64_t vm_error(struct vm *, block_handle, uint16_t code, uint16_t step);
/* Returns the text of a `fail` or fault, valid until the block is changed; empty for a step's failure. */
struct text vm_error_text(const struct vm *, block_handle, uint64_t error, char inlined[8]);

/* An observer of running code: for coverage, tracing. Its functions are called during a slice, and must not change
 * anything. */
struct vm_watch {
    void *self;
    /* The instruction at `pc` of `function` runs next; also in leaf functions. May be NULL. */
    void (*instruction)(void *self, const struct image *, uint32_t function, uint32_t pc);
    /* Called like `instruction`, with the registers of the function's frame. May be NULL. */
    void (*registers)(void *self, const struct image *, uint32_t function, uint32_t pc, const uint64_t *);
    /* An interaction's strategy is about to wait at this wait point of the image: returns VM_GO_ON, or the enum code
     * with which the step fails instead of being asked for. */
    int32_t (*wait)(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber);
    /* The step at this wait point has ended: VM_GO_ON for success, or the code with which it failed. Not called for
     * a step that is cancelled, or left by its busy block. */
    void (*ended)(void *self, const struct image *, uint32_t wait, uint64_t interaction, uint8_t fiber, int32_t code);
    /* A fiber was stopped before the last reported instruction (vm_stops). May be NULL. */
    void (*stands)(void *self, const struct image *, uint32_t function, uint32_t pc);
    /* True: conditions that the host can answer from a table are not run just to be observed. */
    bool beside;
};
enum { VM_GO_ON = -1 };
/* Sets the watcher, which is borrowed until the next one is set; NULL: nobody watches. Returns the watcher before. */
const struct vm_watch *vm_watched_by(struct vm *, const struct vm_watch *);
bool vm_code_is_watched(const struct vm *); /* does the observer see every instruction, including all conditions? */

/* Stops the fibers of some interactions before certain instructions, for a debugger. Reasons to stop are only asked
 * for interactions that `may` names; others cost one question per slice, and none if nothing is stopped at all.
 * Conditions and leaf functions are never stopped. These functions are called during a slice and must not change
 * anything. */
struct vm_stops {
    void *self;
    bool (*may)(void *self, block_handle);
    bool (*here)(void *self, block_handle, uint8_t fiber, uint32_t depth, uint32_t function, uint32_t pc);
};
/* Sets the stop functions, borrowed until the next call; NULL: nothing is stopped. */
void vm_stopped_by(struct vm *, const struct vm_stops *);
/* Is the fiber stopped before an instruction, so that vm_go_on can continue it? */
bool vm_stands(const struct slab *, const struct block *, uint8_t fiber);
/* Continues a fiber that was stopped before an instruction. For that instruction the stop functions are not asked
 * again. */
struct vm_result vm_go_on(struct vm *, block_handle, uint8_t fiber);
/* Sets a register of the innermost frame of a fiber that is stopped in that function. The word must be of the
 * register's type, in the block or in the image. False: no fiber is stopped there, or there is no such register. */
bool vm_set_register(struct vm *, block_handle, uint8_t fiber, uint32_t function, uint32_t reg, uint64_t word);

/* Begins one round of the busy block of the step where `parent` waits. */
struct vm_result vm_spawn(struct vm *, block_handle, uint8_t parent);
/* The children of the race or parallel at which `parent` waits: vm_children() counts them, vm_fork() begins one of
 * them, each once. A child that has ended (VM_ENDED, its number in `exit`) has stored its result in the parent: for
 * a race vm_exit with that number is next; for parallel vm_resume, after the last child. */
/* returns how many children there are; 0: the fiber waits at no race or parallel */
uint16_t vm_children(const struct slab *, const struct block *, uint8_t fiber);
struct vm_result vm_fork(struct vm *, block_handle, uint8_t parent, uint16_t child);
/* Ends a parked fiber and its children, without further effects. */
void vm_cancel(struct vm *, block_handle, uint8_t fiber);
/* Continues the parent at the exit by which its busy child left. */
struct vm_result vm_exit(struct vm *, block_handle, uint8_t parent, uint16_t exit);

/* Return what the last call that ran the fiber has changed: bit n: declared key n was attached, changed or cleared;
 * and whether other user data were changed. The next such call starts from nothing. */
uint64_t vm_changed(const struct vm *);
bool vm_data_changed(const struct vm *);

/* The following functions read the pending step from the block. Does the fiber wait at a step? */
bool vm_parked(const struct slab *, const struct block *, uint8_t fiber, uint32_t *ticket);
/* May a parked fiber continue a loop over that version of a table? Any of its integers may be the cursor: one that
 * merely looks like it counts too. */
bool vm_walks(const struct slab *, const struct block *, uint32_t version);
uint8_t vm_parent(const struct slab *, const struct block *,
                  uint8_t fiber); /* the parent of a parked fiber; 0 also if the fiber is not parked */
const struct image_wait *vm_step(const struct slab *, const struct block *,
                                 /* returns the wait point of a fiber at a step; NULL: the fiber is at no step */
                                 uint8_t fiber);
/* Finds the place in the outermost function of a fiber at a step: while a subroutine waits, that of its call. False:
 * the fiber is at no step. */
bool vm_outer_place(const struct slab *, const struct block *, uint8_t fiber, uint32_t *function, uint32_t *pc);
uint16_t vm_result_type(const struct slab *, const struct block *, uint8_t fiber); /* TYPE_VOID: none is wanted */
/* Reads the argument for a parameter of steps.def (for a query: the n-th bound value), and its type; false: there is
 * none. */
bool vm_arg(const struct slab *, const struct block *, uint8_t fiber, uint16_t parameter, uint64_t *word,
            uint16_t *type);
/* Reads any operand of the wait point or its lines: wait->timeout, line->after, ...; false: it is OPERAND_NONE. */
bool vm_operand(const struct slab *, const struct block *, uint8_t fiber, uint16_t operand, uint64_t *word,
                uint16_t *type);
/* Returns the step's timeout, in us; -1: it has none. */
int64_t vm_timeout(const struct slab *, const struct block *, uint8_t fiber);
/* Return or set how many times the pending step was tried before; the core counts this. vm_attempt_set: only for a
 * step with `tries`. */
uint16_t vm_attempt(const struct slab *, const struct block *, uint8_t fiber);
void vm_attempt_set(struct slab *, block_handle, uint8_t fiber, uint16_t attempt);

/* A line of the pending selection. */
struct vm_line {
    int64_t after_us;
    enum line_kind kind;
    uint16_t function; /* LINE_LEAF, LINE_ORDER, LINE_TIE, LINE_WHERE, LINE_VALUE */
    uint16_t type;     /* LINE_TARGET: the target's type, not optional; TYPE_VOID: the target was none, so the line adds
                        * nobody. LINE_ORDER, LINE_TIE: the order. LINE_VALUE: the capture's number */
    bool shared;       /* LINE_UNTIL: the answer is the same for all that wait with the same captures */
    uint32_t share;    /* the line's share of 100 %, in millionths, if the order is ORDER_share; else 0 */
    uint64_t target;   /* LINE_TARGET, LINE_IN */
    uint16_t at;       /* the line's position among those of the select */
    uint32_t capture_count;
    uint64_t captures[IMAGE_CAPTURES_MAX]; /* for vm_leaf and vm_figure; with the function they identify the selector */
};
uint32_t vm_line_count(const struct slab *, const struct block *, uint8_t fiber);
enum line_kind vm_line_kind(const struct slab *, const struct block *, uint8_t fiber,
                            uint32_t index); /* there is one */
bool vm_line(const struct slab *, const struct block *, uint8_t fiber, uint32_t index, struct vm_line *);

/* How leaf functions read a candidate: the level of a skill, 0 if it has none; membership of a group (may be NULL:
 * no). Names are indices in the image's table of names. */
struct vm_candidate {
    void *self;
    int64_t (*level)(void *self, uint64_t skill);
    bool (*member)(void *self, uint64_t group);
    bool (*is_agent)(void *self, uint64_t agent); /* may be NULL: no */
    bool (*at_place)(void *self, uint64_t place); /* may be NULL: no */
    int64_t (*idle_us)(void *self);               /* how long the candidate has been free and ready; may be NULL: 0 */
    /* the candidate's figure for a row of SECTION_MEASURES; may be NULL: 0 */
    int64_t (*measure)(void *self, uint32_t row);
    /* Returns the figure of a group or another object for a row of SECTION_MEASURES; may be NULL: 0. */
    int64_t (*measure_of)(void *self, uint32_t row, uint64_t object);
    /* Gets the candidate's figure in a captured map; false: none. The map is the captured word, or a number in place
     * of it. May be NULL. */
    bool (*score)(void *self, uint64_t map, int64_t *figure);
    int64_t line; /* for an order: position of the line that takes the candidate; -1: none */
};
/* Does the candidate match the line? A fault in the function counts as no. */
bool vm_leaf(struct vm *, const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
             const struct vm_candidate *);
/* Computes the figure by which candidates are ordered. False: there is none, because of a fault. */
bool vm_figure(struct vm *, const struct image *, uint16_t function, const uint64_t *captures, uint32_t count,
               const struct vm_candidate *, int64_t *figure);

/* Does the pending selection have a condition that ends it? Evaluating it changes nothing, and uses none of the
 * interaction's fuel. */
bool vm_has_until(const struct slab *, const struct block *, uint8_t fiber);
/* A name that a strategy has looked for, for example by group.named(), and that does not exist. The name is only shown
 * to people. */
enum { VM_MISSED_KEPT = 8, VM_MISSED_BYTES = 64 };
struct vm_missed {
    block_handle of;
    uint16_t kind;   /* TYPE_GROUP ... */
    uint16_t length; /* number of bytes in `text`; a longer name is cut */
    char text[VM_MISSED_BYTES];
};
/* Returns the last name of that kind that the block's strategy has looked for in vain. NULL: it is not among the names
 * that the VM still has, or the image holds secrets, and the name might be one of them. */
const struct vm_missed *vm_missed(const struct vm *, block_handle, uint16_t kind);
/* Is the condition that ends the pending selection true now? A fault in it counts as no. `again_us`: after what time
 * its answer may change without an event; INT64_MAX: never. */
bool vm_until(struct vm *, block_handle, uint8_t fiber, int64_t *again_us);
/* As vm_until(), for a line of kind LINE_WHERE, or LINE_UNTIL and shared, by its index. */
bool vm_where(struct vm *, block_handle, uint8_t fiber, uint32_t index, int64_t *again_us);
/* Computes the value of a line of kind LINE_VALUE. False: a fault in it. */
bool vm_line_value(struct vm *, block_handle, uint8_t fiber, uint32_t index, uint64_t *word, int64_t *again_us);
/* Is the latch of that row of the block's image to be set from now on? `set`: its present state, which is kept if
 * there is a fault. */
bool vm_latch(struct vm *, block_handle, uint32_t row, bool set, int64_t *again_us);
/* Returns the fault and its place in the last call of vm_until, vm_where or vm_latch, or of vm_leaf or vm_figure;
 * FAULT_NONE: there was none. */
enum vm_fault vm_condition_fault(const struct vm *, uint32_t *function, uint32_t *pc);
/* Called by the host while it answers a condition: the answer may change in `in_us`. */
void vm_look_again(struct vm *, int64_t in_us);

/* Writes a value as text, as interpolation shows it, into the buffer; returns the length needed, which may exceed
 * `size`. For logs, screens, treatments. */
uint32_t vm_show(const struct vm *, const struct block *, const struct image *, uint16_t type, uint64_t word,
                 char *buffer, uint32_t size);

const char *vm_fault_text(enum vm_fault);
