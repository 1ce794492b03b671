/* vm/image_writer.h - Makes images: used by the compiler, and for images made by hand.
 *
 * The writer owns everything passed to it until image_writer_finish, which returns the file's bytes with hashes. The
 * same calls in the same order give the same bytes. Equal rows are stored once: those of texts, types, names,
 * constants, statements. Exceeded limits of the format are noted and reported by image_writer_finish; other mistakes
 * are found when the file is loaded: the writer does not check types.
 *
 * A function is written between writer_function_begin and writer_function_end, and called functions before their
 * callers. Within a function, jumps go to labels, each of which is placed once. */
#pragma once

#include "vm/capacity.h"
#include "vm/prefer.h"
#include "vm/image.h"

struct image_writer;

struct image_writer *image_writer_new(void);
void image_writer_free(struct image_writer *);

struct image_text writer_string(struct image_writer *, const char *bytes, uint32_t length);

/* Types: TYPE_OWN + row. */
uint16_t writer_list(struct image_writer *, uint16_t element);
uint16_t writer_map(struct image_writer *, uint16_t element);
struct writer_field {
    const char *name;
    uint32_t length;
    uint16_t type;
    bool secret;
};
uint16_t writer_record(struct image_writer *, const char *name, const struct writer_field *, uint32_t count);
uint16_t writer_enum(struct image_writer *, const char *name, const char *const *values, uint32_t count);

/* Returns the index of the name of that kind (TYPE_SKILL, ...), which is also the word of a value of that type. */
uint16_t writer_name(struct image_writer *, uint16_t kind, const char *text, uint32_t length);

/* Constants: return an index for OP_LOAD, JEQ_K and operands (OPERAND_CONSTANT | index). */
uint16_t writer_constant(struct image_writer *, uint16_t type, uint64_t word);
uint16_t writer_constant_text(struct image_writer *, const char *bytes, uint32_t length);
/* Returns the word of a text constant, also for elements and fields below: inline, or in the image's strings. */
uint64_t writer_text_word(struct image_writer *, const char *bytes, uint32_t length);
/* Stores an object in the image's data: list of `count` elements, map of `count` pairs (key word, value word; in any
 * order, the last of equal keys is kept), record of `count` fields. Returns its word. */
uint64_t writer_object(struct image_writer *, uint16_t type, const uint64_t *words, uint32_t count);

uint16_t writer_statement(struct image_writer *, uint16_t source, enum statement_mode, uint16_t type,
                          uint16_t parameters, const char *sql, uint32_t length);

/* Declared keys. Common keys must be declared before any strategy, and have the same number in each. */
uint16_t writer_slot_common(struct image_writer *, const char *name, uint16_t type, bool secret);

/* Adds a row of SECTION_MEASURES and returns its number. An equal row gets the same number. */
uint32_t writer_measure(struct image_writer *, const struct image_measure *);
/* Adds a row of SECTION_LATCHES; rows are numbered in the order of calls, and the function must exist already. */
void writer_latch(struct image_writer *, const char *name, uint16_t function, bool ticks);
/* What the `///` lines of the setting say; a text over SETTING_DOC_MAX bytes is cut. */
void writer_setting_doc(struct image_writer *, uint16_t setting, const char *doc);
/* A setting: its number. `constant`, `low`, `high`: from writer_constant; IMAGE_NONE: no bound. `edit`: NULL:
 * nobody. */
uint16_t writer_setting(struct image_writer *, enum setting_kind, const char *name, uint16_t type, uint16_t constant,
                        uint16_t low, uint16_t high, const char *edit);

/* Adds a native and returns its number, for OP_NATIVE. At most NATIVE_ARGUMENTS_MAX parameters. */
uint16_t writer_native(struct image_writer *, const char *library, const char *name, const uint8_t hash[IMAGE_HASH],
                       uint16_t result, const uint16_t *parameters, uint32_t count);

/* A strategy is declared before the functions that use its keys, and completed when its functions have been written. */
uint16_t writer_strategy(struct image_writer *, const char *name, uint32_t media, int64_t lifetime_us);
/* Sets the media of a strategy that has none yet, whatever numbers they have. Strategies ascend. */
void writer_strategy_media(struct image_writer *, uint16_t strategy, struct media_set);
uint16_t writer_slot(struct image_writer *, uint16_t strategy, const char *name, uint16_t type, bool secret);
/* Adds a parameter to the strategy, in addition to its keys. `constant`: the default from writer_constant, or
 * IMAGE_NONE. */
uint16_t writer_parameter(struct image_writer *, uint16_t strategy, const char *name, uint16_t type, uint16_t constant);
void writer_strategy_functions(struct image_writer *, uint16_t strategy, uint16_t function, uint16_t on_abandoned,
                               uint16_t on_error);

/* Adds the strategy's handler of a signal or event; call this in the order of the strategies. */
void writer_handler(struct image_writer *, uint16_t strategy, enum image_event, const char *signal, uint16_t function);

/* Functions: their number. `strategy` or IMAGE_NONE. Begins a function; registers are declared one after another;
 * the first `parameters` of them are its parameters. `result`: TYPE_VOID where none. */
uint16_t writer_function_begin(struct image_writer *, const char *name, enum function_kind, uint16_t strategy,
                               uint32_t parameters, uint16_t result);
void writer_function_end(struct image_writer *);
uint8_t writer_register(struct image_writer *, uint16_t type);

/* Each of the following functions writes one instruction and returns its word number. */
/* for instructions of the layouts 0, A, AB, ABC, ABN */
uint32_t writer_abc(struct image_writer *, enum opcode, unsigned a, unsigned b, unsigned c);
/* for instructions of the layouts AN, AI, N (a is 0) */
uint32_t writer_abx(struct image_writer *, enum opcode, unsigned a, int bc);
uint32_t writer_abcd(struct image_writer *, enum opcode, unsigned a, unsigned b, unsigned c, unsigned d); /* ABCD */
uint32_t writer_abcd_zone(struct image_writer *, enum opcode, unsigned a, unsigned b, unsigned c, unsigned d,
                          uint32_t zone);                                                               /* ABCDX */
uint32_t writer_call(struct image_writer *, uint16_t function, uint8_t result, uint8_t first);          /* OP_CALL */
uint32_t writer_ab_number(struct image_writer *, enum opcode, unsigned a, unsigned b, uint32_t number); /* ABX */

/* Labels of the current function; jumps to a label may come before or after it is placed. */
uint32_t writer_label(struct image_writer *);
void writer_place(struct image_writer *, uint32_t label);                                         /* here */
uint32_t writer_jump(struct image_writer *, enum opcode, unsigned a, unsigned b, uint32_t label); /* J, AJ, ABJ */
uint32_t writer_jump_x(struct image_writer *, enum opcode, unsigned a, int bc, uint32_t label);   /* AKJ, AIJ */
uint32_t writer_jump_abcd(struct image_writer *, enum opcode, unsigned a, unsigned b, unsigned c, unsigned d,
                          uint32_t label); /* ABCJ */

/* Wait points. Begins a wait point; fill it in with the functions below in any order, then write it by writer_step
 * or writer_call_wait. Until then it is the writer's current wait point. Registers of its operands become live
 * automatically; others that are read after the wait must be declared by writer_live. `steps.def` says the
 * parameters. */
void writer_wait_begin(struct image_writer *, const char *label); /* NULL: none */
void writer_wait_argument(struct image_writer *, uint16_t parameter, uint16_t operand);
void writer_wait_timeout(struct image_writer *, uint16_t operand);
void writer_wait_tries(struct image_writer *, uint16_t tries, uint16_t pause);
void writer_wait_answer(struct image_writer *, uint16_t operand);
void writer_wait_order(struct image_writer *, enum wait_order);
void writer_wait_statement(struct image_writer *, uint16_t statement);
void writer_wait_secret(struct image_writer *);
void writer_wait_secret_answer(struct image_writer *);
void writer_wait_failure(struct image_writer *, uint32_t label, uint8_t error); /* error: REGISTER_NONE */
/* Begins a further virtual queue, to which the following lines belong. */
void writer_wait_in(struct image_writer *, uint16_t operand);
/* The next line takes candidates only while the condition is true; `each_second`: the condition depends on time. */
void writer_wait_where(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count,
                       bool each_second);
/* Adds a LINE_VALUE: a capture of the next line that is computed anew while the interaction waits. */
void writer_wait_value(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count,
                       bool each_second, uint32_t capture);
/* Adds the condition that ends the selection, after the lines; `watch`: bits of enum line_watch. */
void writer_wait_until(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count,
                       uint16_t watch);
void writer_wait_line_leaf(struct image_writer *, uint16_t after, uint16_t function, const uint16_t *captures,
                           uint32_t count);
/* Adds, after the lines, the figure by which matching candidates are ordered, for orders that need one. */
void writer_wait_order_by(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count);
/* Adds, after that, an order among candidates of equal figures; `function`: IMAGE_NONE if the order has no figure. */
void writer_wait_tie(struct image_writer *, enum wait_order, uint16_t function, const uint16_t *captures,
                     uint32_t count);
void writer_wait_line_target(struct image_writer *, uint16_t after, uint16_t type, uint16_t operand);
/* sets the share of the line just written, for ORDER_share */
void writer_wait_line_share(struct image_writer *, uint16_t operand);
void writer_wait_busy(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count);
/* Adds a child of race or parallel; `result`: register of this function for the child's result, or REGISTER_NONE. */
void writer_wait_child(struct image_writer *, uint16_t function, const uint16_t *captures, uint32_t count,
                       uint8_t result);
/* adds an exit; returns its number for OP_EXIT in the busy function */
uint32_t writer_wait_exit(struct image_writer *, uint32_t label);
void writer_live(struct image_writer *, uint8_t reg);
uint32_t writer_step(struct image_writer *, uint16_t step, uint8_t result);
uint32_t writer_call_wait(struct image_writer *, uint16_t function, uint8_t result);

/* SEGMENT over register `a`. Arms are tried in the order in which they are added; the first match is taken. */
void writer_segment_begin(struct image_writer *, unsigned a, enum table_kind);
void writer_segment_text(struct image_writer *, const char *bytes, uint32_t length, bool prefix, uint32_t label);
void writer_segment_range(struct image_writer *, int64_t first, int64_t last, uint32_t label); /* both within */
/* Adds a TABLE_AUTOMATON: the arms, added as texts in order, say where each leads; the automaton decides which one
 * is taken. `accepts`: per state the arm, or -1; `next`: per state and class the next state, or AUTOMATON_DEAD. */
void writer_segment_automaton(struct image_writer *, const uint8_t classes[256], uint32_t width, uint32_t states,
                              const int32_t *accepts, const uint16_t *next);
uint32_t writer_segment_end(struct image_writer *, uint32_t default_label);

/* Adds a zone's table and returns its number; the same name gives the same table. `offsets[i]` applies from
 * `from[i]` on, in seconds; from[0] is INT64_MIN. */
uint32_t writer_zone(struct image_writer *, const char *name, const int64_t *from, const int32_t *offsets,
                     uint32_t count);

/* Adds a view of the site. */
struct writer_condition {
    const char *column, *text;
    uint32_t sign, kind;
    int64_t number;
};
struct writer_view {
    const char *name, *order;
    const char *const *columns;
    const struct writer_condition *conditions;
    uint32_t bin, column_count, condition_count;
};
void writer_view(struct image_writer *, const struct writer_view *);
/* Adds the site's order for agents; rows ascend by name. */
void writer_prefer(struct image_writer *, uint32_t order, const struct prefer_row *, uint32_t count);
/* Adds a rule of capacity; its rows must be in the order of their words. A function must follow. */
void writer_capacity(struct image_writer *, const char *name, const struct capacity_row *, uint32_t count);

/* Debug data: the source place of the next instructions, and the name of a register from here on (empty: none). */
void writer_position(struct image_writer *, const char *file, uint32_t line, uint32_t column);
/* Notes a file from which the program is compiled; with NULL for `bytes` its hash is zero. */
void writer_source(struct image_writer *, const char *path, const void *bytes, size_t length);
/* Notes the source line of a line of the selection being written. */
void writer_line_position(struct image_writer *, uint32_t index, uint32_t line);
void writer_variable(struct image_writer *, uint8_t reg, const char *name, bool secret);

/* Sets the tests, in the format of runtime/scenario. */
void writer_scenario(struct image_writer *, const void *tests, uint32_t length);

/* Has a limit been exceeded so far? */
bool image_writer_is_over(const struct image_writer *);

/* image_writer_finish() or image_writer_fits() must be the last call. image_writer_finish() returns the bytes of the
 * file, which the caller frees; image_writer_fits() only says whether the file could be made. If a limit was
 * exceeded they return NULL or false, with the reason. */
bool image_writer_fits(struct image_writer *, struct error *);
void *image_writer_finish(struct image_writer *, size_t *length, struct error *);
