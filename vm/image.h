/* vm/image.h - A program: the file .gcxb, checked and loaded.
 *
 * An image is immutable, verified as a whole before anything in it runs, and identified by the hash of its semantic
 * sections. `image_load` copies the bytes; the image owns the copy, and everything returned here is borrowed from
 * it.
 *
 * The format (version 1). Little-endian. The file: a header (struct image_header), then the sections in the order of
 * enum section, each beginning at an offset divisible by 8, without gaps except zero padding, the last one padded
 * too. Every section is an array of one of the structs below, of words or of bytes. Nothing may refer outside its
 * section; every unused bit is zero; so there is one way to write a program down, and any altered byte is seen:
 *     hash   BLAKE2b-256 of magic, version and, for each semantic section, its number, length (u32 each) and bytes.
 *     debug  BLAKE2b-256 of `hash`, then number, length and bytes of SECTION_DEBUG.
 *     scenario the same of SECTION_SCENARIO.
 * Functions call only functions with a lower number, and types refer only to types with a lower number.
 *
 * Operands (u16) of wait points: OPERAND_NONE: absent; OPERAND_CONSTANT | n: constant n; else a register, which is
 * then live at the wait point. So everything a pending step needs is read from the parked block. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "vm/media_set.h"
#include "vm/question.h"
#include "vm/value.h"

enum {
    IMAGE_VERSION = 1,
    IMAGE_HASH = 32,
#define LIMIT(name, value, what) IMAGE_##name##_MAX = value,
#include "vm/limits.def"
    NATIVE_ARGUMENTS_MAX = 6,
    NATIVE_NAME_MAX = 63, /* bytes of the name of a native, or of its library */
    IMAGE_NONE = 0xffff,  /* no such row */
    REGISTER_NONE = 0xff,
    OPERAND_NONE = 0xffff,
    OPERAND_CONSTANT = 0x8000,
};

enum section {
    SECTION_STRINGS,    /* bytes, UTF-8 */
    SECTION_TYPES,      /* struct image_type: row n is type TYPE_OWN + n */
    SECTION_FIELDS,     /* struct image_field: fields of records; values of enums */
    SECTION_NAMES,      /* struct image_name */
    SECTION_CONSTANTS,  /* struct image_constant */
    SECTION_DATA,       /* objects, for constants of type list, map, record */
    SECTION_FUNCTIONS,  /* struct image_function */
    SECTION_REGISTERS,  /* u16 types of the registers, function by function */
    SECTION_CODE,       /* u32 words */
    SECTION_WAITS,      /* struct image_wait */
    SECTION_OPERANDS,   /* struct image_operand: arguments, captures and exits of wait points */
    SECTION_LINES,      /* struct image_line: of selections */
    SECTION_LIVE,       /* u32 words: live maps */
    SECTION_TABLES,     /* u32 words: tables of SEGMENT, see below */
    SECTION_STATEMENTS, /* struct image_statement */
    SECTION_SLOTS,      /* struct image_slot */
    SECTION_STRATEGIES, /* struct image_strategy */
    SECTION_SETTINGS,   /* struct image_setting */
    SECTION_HANDLERS,   /* struct image_handler, by strategy */
    SECTION_NATIVES,    /* struct image_native */
    SECTION_MEASURES,   /* struct image_measure */
    SECTION_LATCHES,    /* struct image_latch */
    SECTION_DEBUG,      /* positions and names, see vm/debug.c; own hash */
    SECTION_SCENARIO,   /* the tests, see runtime/scenario; own hash */
    SECTION_COUNT,
    SECTION_SEMANTIC = SECTION_DEBUG, /* the sections before this one determine the image's hash */
};

struct image_header {
    char magic[4]; /* "GCXB" */
    uint32_t version;
    uint32_t size;     /* bytes of the whole file */
    uint32_t sections; /* SECTION_COUNT */
    uint8_t hash[IMAGE_HASH];
    uint8_t debug_hash[IMAGE_HASH];
    uint8_t scenario_hash[IMAGE_HASH];
    struct {
        uint32_t offset, length;
    } section[SECTION_COUNT];
};

/* A piece of SECTION_STRINGS. */
struct image_text {
    uint32_t offset, length;
};

enum type_kind { KIND_LIST = 1, KIND_MAP, KIND_RECORD, KIND_ENUM };

struct image_type {
    uint8_t kind;
    uint8_t depth;          /* levels of nesting below this type, at most VALUE_DEPTH_MAX */
    uint16_t element;       /* list, map: type of the elements */
    uint16_t first, count;  /* record: fields; enum: values */
    struct image_text name; /* record, enum */
};

struct image_field {
    struct image_text name;
    uint16_t type; /* record: type of the field; TYPE_VOID for a value of an enum */
    uint16_t secret;
    uint32_t zero;
};

/* A name used at the site, of a type whose values are names (type_is_name). Kind and text are unique. One name may
 * be of the kind NAME_LOCALE: the locale of prompts that are missing in the interaction's own locale. Names of the
 * kind NAME_STATISTIC are of statistics that tests set (vm/measure.h); those of NAME_MEDIUM and the next three kinds
 * are the site's names for its own media own1 to own4, those of NAME_MEDIUM_MORE and the following kinds for own5 to
 * own195. */
enum { NAME_LOCALE = 0x7ff0, NAME_STATISTIC, NAME_MEDIUM, NAME_MEDIUM_MORE = 0x7e00, NAME_MEDIA_FEW = 4 };

struct image_name {
    struct image_text text;
    uint16_t kind;
    uint16_t zero16;
    uint32_t zero;
};

struct image_constant {
    uint64_t word;
    uint16_t type;
    uint16_t zero16;
    uint32_t zero;
};

enum function_kind {
    FUNCTION_PLAIN,      /* computes */
    FUNCTION_SUBROUTINE, /* a subroutine, which may wait, and returns or fails */
    FUNCTION_STRATEGY,   /* a strategy's body: only a step can end it */
    FUNCTION_HANDLER,    /* may end */
    FUNCTION_BUSY,       /* one round of a busy block, or a child of race or parallel; first registers: captures */
    FUNCTION_LEAF,       /* a function of a selection, with captures and a candidate: a line's bool, an order's
                          * figure (int, duration or percent); pure, no loops */
};

struct image_function {
    struct image_text name;
    uint32_t code, code_words; /* in SECTION_CODE */
    uint32_t registers;        /* first in SECTION_REGISTERS */
    uint8_t kind;
    uint8_t register_count;
    uint8_t parameters; /* the first registers */
    uint8_t zero;
    uint16_t result; /* type */
    /* the strategy whose declared keys the function may use; IMAGE_NONE: only the keys common to all */
    uint16_t strategy;
    /* stack words for the function's frame and the deepest chain of calls below it; checked by the verifier */
    uint32_t stack_words;
};

struct image_operand {
    uint16_t parameter; /* number in steps.def; for a query: which `?`, from 0; for a call or captures: from 0 */
    uint16_t operand;   /* for an exit: the jump target in the function */
};

enum wait_flags {
    WAIT_CALL = 1,   /* the instruction is a CALL_WAIT of the subroutine `callee`; else a STEP */
    WAIT_CANCEL = 2, /* the step may be cancelled, by steps.def */
    WAIT_ENDS = 4,   /* the step's success ends the strategy, by steps.def */
    /* the digits that ivr.digits collects, or the values bound to a query, are secret and never shown */
    WAIT_SECRET = 8,
    WAIT_SECRET_ANSWER = 16, /* the answer to a query or request is secret, too */
};

/* ORDER_longest_idle, ... */
enum wait_order {
#define ORDER(word, by, doc) ORDER_##word,
#include "vm/orders.def"
    ORDERS
};

/* A wait point. On success execution continues after the wait point's instruction, on failure and timeout at
 * `failure`. */
struct image_wait {
    /* the author's label; empty: the wait point is identified by its number within the function */
    struct image_text label;
    uint16_t function, pc; /* the place of the wait point's STEP or CALL_WAIT in the code */
    uint16_t step;         /* the step's number in steps.def; 0 for a call */
    uint16_t callee;       /* the subroutine of a call; else IMAGE_NONE */
    uint16_t failure;      /* jump target for a failure; IMAGE_NONE: the fiber fails */
    uint8_t result;        /* register for the result, as in its instruction; or REGISTER_NONE */
    uint8_t error;         /* register for the error, or REGISTER_NONE */
    uint16_t timeout;      /* operand: duration */
    uint16_t tries;        /* operand: int */
    uint16_t pause;        /* operand: duration */
    uint16_t answer;       /* operand: duration */
    uint8_t order;         /* enum wait_order, for a select */
    uint8_t flags;
    uint16_t statement; /* statement, for a query; else IMAGE_NONE */
    uint16_t busy;      /* function of the busy block, or IMAGE_NONE */
    uint16_t arguments; /* number of arguments: rows of SECTION_OPERANDS from `operands` on */
    uint16_t captures;  /* number of captures of the busy block: the rows after the arguments */
    uint16_t exits;     /* number of exits of the busy block: the rows after the captures */
    uint32_t operands;  /* first row */
    uint32_t lines;     /* first row of SECTION_LINES */
    uint16_t line_count;
    uint16_t live_count; /* how many registers are live: the bits set in the map */
    uint32_t live;       /* where the map of live registers begins in SECTION_LIVE: (registers + 31) / 32 words */
};

enum { SHARE_WHOLE = 1000000 }; /* 100 %, in millionths */

enum line_kind {
    LINE_LEAF,
    LINE_TARGET,
    LINE_CHILD,
    LINE_EXCLUDED, /* made by the core, never in an image: excludes one agent */
    LINE_ORDER,    /* for select, after all lines: the figure by which matching candidates are ordered */
    LINE_UNTIL,    /* for select, after the lines of candidates: the condition that ends it */
    LINE_WHERE,    /* for select: the next line (LEAF or TARGET) takes candidates only while this condition is true */
    LINE_IN,       /* for select: the following lines belong to this further virtual queue */
    LINE_SCORES,   /* made by the core, never in an image: figures of some agents from a captured map */
    /* for select, before a LEAF and its WHERE, before UNTIL and ORDER, or before a TIE: a value that is computed anew
     * while the interaction waits, and replaces one that the next LEAF, ORDER or TIE has captured */
    LINE_VALUE,
    LINE_TIE, /* for select, after ORDER: the order among those whom the orders before it leave equal */
};

/* About a condition: TICKS: it depends on time, so it is evaluated each second; SHARED: its answer is the same for
 * all that wait with the same captures, as it always is for LINE_WHERE. HEARS, for LINE_UNTIL: it asks for something
 * of which the core itself notices each change; a core that does not notice it refuses the image. */
enum line_watch { LINE_TICKS = 1, LINE_SHARED = 2, LINE_HEARS = 4 };

/* In the `type` of a LINE_VALUE the number of the capture begins at this bit. */
enum { LINE_VALUE_CAPTURE = 8 };

enum { IMAGE_TIES_MAX = 2 }; /* how many orders may follow the first one of a selection */

/* A line of a selection: candidates that are added after a time. Or a child of a race or parallel: a busy function
 * that runs at the same time as the others. The child's result is stored in the register `operand`; a race continues
 * at the exit with the child's number. If the order is ORDER_share, each line of LEAF and TARGET has a share: the
 * row of SECTION_OPERANDS after its captures. */
struct image_line {
    uint8_t kind;
    uint8_t zero8;
    uint16_t after; /* operand with a duration; OPERAND_NONE: at once */
    /* for all kinds but TARGET, IN, and a TIE whose order has no figure: a function, with `captures` rows of
     * SECTION_OPERANDS */
    uint16_t function;
    /* TARGET: a group, agent, queue, place or target, or an optional one; none then adds nobody. IN: vq. CHILD:
     * register for the result */
    uint16_t operand;
    /* LINE_TARGET: of the operand. LINE_UNTIL, LINE_WHERE, LINE_VALUE: bits of enum line_watch. LINE_TIE: enum
     * wait_order */
    uint16_t type;
    uint16_t captures;
    uint32_t operands; /* first row */
};

/* What a statement does: first for data sources, then for endpoints, in the order of their steps. */
enum statement_mode {
    STATEMENT_FIRST,
    STATEMENT_ALL,
    STATEMENT_VALUE,
    STATEMENT_EXEC,
    STATEMENT_GET,
    STATEMENT_PUT,
    STATEMENT_POST,
    STATEMENT_DELETE
};

struct image_statement {
    /* SQL with a `?` for each bound value; for an endpoint the text described in vm/request.h */
    struct image_text sql;
    uint8_t hash[IMAGE_HASH]; /* BLAKE2b-256 of mode, text and the types read from a row: image_hash_statement() */
    uint16_t source;          /* row of SECTION_NAMES; the name of an endpoint is stored like a source's */
    uint16_t mode;            /* enum statement_mode */
    uint16_t type;            /* type of the result: R?, list<R>, T?, int; for an endpoint any type, or TYPE_VOID */
    uint16_t parameters;      /* how many `?` */
};

static inline bool statement_is_request(unsigned mode)
{
    return mode >= STATEMENT_GET;
}

/* Can a request of the given mode have a body? */
static inline bool statement_has_body(unsigned mode)
{
    return mode == STATEMENT_PUT || mode == STATEMENT_POST;
}

/* A declared key; or a parameter of the strategy, which is set when it begins and never changes, and is not visible
 * outside. */
struct image_slot {
    struct image_text name;
    uint16_t type;
    uint16_t secret;
    uint16_t parameter; /* 1: a parameter; 0: a declared key */
    uint16_t constant;  /* for a parameter: number of the default constant + 1; 0: no default, or no parameter */
};

/* `media` of a strategy: MEDIUM_ALL, or bit n for medium n of enums.def, for numbers below 16; the bits from 16 on
 * are 1 + the number of the table, TABLE_MEDIA, with the others, or 0. */
enum { MEDIUM_ALL = 0, STRATEGY_MEDIA_BITS = 16 };

struct image_strategy {
    struct image_text name;
    uint16_t function;
    uint16_t on_abandoned; /* functions, or IMAGE_NONE */
    uint16_t on_error;     /* the handler may have one parameter: the error */
    uint16_t slots;        /* first of the strategy's own rows in SECTION_SLOTS, after those common to all */
    uint16_t slot_count;   /* its own */
    uint16_t common;       /* rows 0..common-1 are slots 0..common-1 in every strategy */
    uint32_t media;
    int64_t lifetime_us;
};

/* A setting can change while the program runs: a parameter, a business table (map<R>), a schedule (list<int>, see
 * vm/schedule.h). The image has the value written in the site's source; the core is asked for the value in force. */
enum setting_kind { SETTING_PARAMETER, SETTING_TABLE, SETTING_SCHEDULE, SETTING_KINDS };

struct image_setting {
    struct image_text name; /* unique */
    struct image_text edit; /* who may change the setting by hand; empty: nobody */
    uint16_t kind, type;
    uint16_t constant;  /* the value in the site's source */
    uint16_t low, high; /* constants: the bounds of the value, or IMAGE_NONE */
    /* What its `///` lines say, a piece of SECTION_STRINGS; length 0: there are none, as in images of before. */
    uint16_t doc_length;
    uint32_t doc;
};
enum { SETTING_DOC_MAX = 2000 }; /* bytes; a longer text is cut by the compiler */

/* A function of a library (vm/native.h). Names consist of letters, digits and _, and each pair of library and name
 * occurs once; rows of one library have the same hash. */
struct image_native {
    struct image_text library, name;
    uint8_t hash[IMAGE_HASH]; /* SHA-256 of the library's file */
    uint16_t result;          /* TYPE_INT .. TYPE_PERCENT, as the parameters */
    uint16_t parameter_count;
    uint16_t parameters[NATIVE_ARGUMENTS_MAX]; /* those beyond are 0 */
};

/* A measure of a kind of objects over a period of time. The core keeps the figure of each object for each row, from
 * the time when it knows the image. */
struct image_measure {
    int64_t window_us; /* 0: at this moment; positive: over so long; negative: since a time of day, -(its us since
                        * midnight + 1), or MEASURE_SINCE_LOGIN */
    int64_t within_us; /* counts interactions that took at most so long; -1: all. See enum measure_given */
    uint16_t measure;  /* enum measure_number of vm/measure.h */
    uint16_t of;       /* one of enum measured_of */
    uint16_t zone;     /* the table of the time zone for the time of day; IMAGE_NONE: none */
    uint16_t medium;   /* enum media: counts only interactions of this medium; 0: all media */
};

/* A latch of the site: a condition with memory. Its function gets whether the latch is set, and returns whether it
 * is set from now on: it belongs to no strategy, and changes nothing. No two rows have the same name. */
struct image_latch {
    struct image_text name;
    uint16_t function;
    uint16_t ticks; /* 1: the function's result may change by time alone */
    uint32_t zero;
};

/* A handler: what a strategy does on a signal, or when a consultation's call is transferred or its main call ends. A
 * signal's function may have one parameter, the signal's record; the other handlers have no parameter and no name. */
enum image_event { EVENT_SIGNAL, EVENT_TRANSFERRED, EVENT_MAIN_RELEASED, IMAGE_EVENTS };

struct image_handler {
    struct image_text name; /* of the signal */
    uint16_t strategy, function;
    uint16_t event; /* enum image_event */
    uint16_t zero;
};

/* Tables of SEGMENT. SECTION_TABLES begins with their number and the first word of each; a table is
 *     kind, function, nodes or ranges, default target, then
 *     TABLE_RANGES: for each range first (2 words: low, high half), last (2 words), target; ascending, not overlapping
 *     TABLE_TEXT:   a trie; for each node: first child word (of the table; 0: none), lowest byte | bytes << 16, exact,
 *                   prefix; then the child words, each a node number or 0. exact and prefix are rank << 16 | target, or
 *                   TABLE_NO: of all prefixes on the path and the exact end the lowest rank wins. Children follow
 *                   their parents, so it is a tree that ends.
 *     TABLE_AUTOMATON: of texts too: the number of classes, a byte for each byte value: its class, in the order of
 *                   their first bytes (64 words); for each state, the first being that of the beginning, what is taken
 *                   if the text ends there, as exact above; then for each state and class the next state as half a
 *                   word, lower half first, AUTOMATON_DEAD (base/regex.h) where none is taken whatever follows.
 *     TABLE_ZONE:   no SEGMENT's, so its function is IMAGE_NONE, its default the length of its name. For each change of
 *                   the clocks, ascending: seconds since 1970 from which on it holds (2 words; of the first row the
 *                   least there is), seconds east of UTC; then the name's bytes, padded with zeros.
 *     TABLE_CAPACITY: no SEGMENT's either; its default is the length of its name. Its rows, a word each, ascending
 *                   (capacity.h); then the name's bytes, padded with zeros.
 *     TABLE_PREFER: no SEGMENT's either; its default is the order (prefer.h). For each row, ascending by name: a name
 *                   or PREFER_OTHERS, the rank, the delay in milliseconds.
 *     TABLE_VIEW:   no SEGMENT's either; its default is the number of conditions (bin_view.h). A text is two words: of
 *                   SECTION_STRINGS. Name, number of the bin's name, order; for each column its word; for each
 *                   condition the word, sign | kind << 8, a text, a number (2 words: low, high half).
 *     TABLE_MEDIA:  no SEGMENT's either; its default is 0. Its rows, a word each, ascending: numbers of media from
 *                   STRATEGY_MEDIA_BITS on. Each is of one strategy: these tables are the last, in the strategies'
 *                   order.
 */
enum table_kind {
    TABLE_RANGES = 1,
    TABLE_TEXT = 2,
    TABLE_AUTOMATON = 3,
    TABLE_ZONE = 4,
    TABLE_CAPACITY = 5,
    TABLE_MEDIA = 6,
    TABLE_PREFER = 7,
    TABLE_VIEW = 8
};
enum { AUTOMATON_CLASS_WORDS = 64, ZONE_NAME_MAX = 64 };
#define TABLE_NO 0xffffffffu

struct image;

/* Loads an image from a copy of the file's bytes, once they are verified; NULL with the reason: `error->offset` is
 * the offset in the file. */
struct image *image_load(const void *bytes, size_t length, struct error *);
void image_free(struct image *);

const uint8_t *image_hash(const struct image *); /* IMAGE_HASH bytes */
const void *image_bytes(const struct image *, size_t *length);

struct text image_text(const struct image *, struct image_text);
uint32_t image_count(const struct image *, enum section); /* rows of that section */

/* Return a row; the index must be below image_count. */
const struct image_strategy *image_strategy(const struct image *, uint32_t);
/* returns the media on which the strategy runs */
struct media_set image_media(const struct image *, uint32_t strategy);
const struct image_function *image_function(const struct image *, uint32_t);
uint16_t image_register(const struct image *, uint32_t function, uint8_t reg); /* its type */
/* Returns the number of a selection's lines before those of its orders: the place of its LINE_ORDER, if it has one. */
uint32_t image_order_at(const struct image *, const struct image_wait *);
const struct image_handler *image_handler(const struct image *, uint32_t);
/* Returns the strategy's handler of the event; NULL: there is none. */
const struct image_handler *image_handler_of(const struct image *, uint32_t strategy, enum image_event); /* no signal */
const struct image_handler *image_handler_named(const struct image *, uint32_t strategy, const char *name,
                                                uint32_t length);
const struct image_wait *image_wait(const struct image *, uint32_t);
const struct image_operand *image_operands(const struct image *, uint32_t first);
const struct image_line *image_lines(const struct image *, uint32_t first);
const struct image_name *image_name(const struct image *, uint32_t);
/* Gets the name of one of the site's own media, counted from 0. False: the image has no such medium. */
bool image_own_medium(const struct image *, unsigned own, struct text *);
/* Returns which of the site's own media has that name, from 0 on; MEDIA_OWN_MAX: it is not a medium's name. */
unsigned image_name_own(const struct image_name *);
/* returns the kind of names (NAME_MEDIUM ...) that the site's medium `own` has */
uint16_t image_kind_of_own(unsigned own);
const struct image_statement *image_statement(const struct image *, uint32_t);
const struct image_constant *image_constant(const struct image *, uint32_t);
const struct image_measure *image_measure(const struct image *, uint32_t index);
const struct image_latch *image_latch(const struct image *, uint32_t);
const struct image_setting *image_setting(const struct image *, uint32_t);
const struct image_native *image_native(const struct image *, uint32_t);
/* the table's words, see SECTION_TABLES; NULL after the last */
const uint32_t *image_table(const struct image *, uint32_t);
/* image_reads_whole(): does some instruction read a whole table, not only single rows? `*reader` is set to the first
 * such instruction, unless it is NULL. */
struct image_reader {
    uint32_t function, pc;
};
bool image_reads_whole(const struct image *, uint32_t setting, struct image_reader *);
/* Finds the first instruction that uses a row of SECTION_NAMES: loads it, passes it to a step, or selects from it.
 * False: none does, so the name is only in data, such as the keys of a menu. */
bool image_uses_name(const struct image *, uint32_t name, struct image_reader *);

/* Returns the strategy of that name, or NULL. */
const struct image_strategy *image_strategy_named(const struct image *, const char *name, uint32_t length);
uint32_t image_strategy_index(const struct image *, const struct image_strategy *);
/* Returns the statement with that hash, or NULL; the host gets the hash from a Query. */
const struct image_statement *image_statement_hashed(const struct image *, const uint8_t hash[IMAGE_HASH]);
/* Returns the index of the name of that kind, or -1. */
int32_t image_name_find(const struct image *, uint16_t kind, const char *text, uint32_t length);

/* Declared keys of a strategy, those common to all first. */
uint32_t image_slot_count(const struct image_strategy *);
const struct image_slot *image_slot(const struct image *, const struct image_strategy *, uint32_t slot);
/* Finds a declared key of that name, never a parameter; -1: none. */
int32_t image_slot_find(const struct image *, const struct image_strategy *, const char *name, uint32_t length);
/* Does some strategy of the image declare that key secret? */
bool image_key_secret(const struct image *, const char *name, uint32_t length);

/* Does the image declare anything secret: a key, a field of a record, what a step asks or answers? */
bool image_holds_secrets(const struct image *);

/* Returns the row of a type of this image; `type` may be optional. NULL: the type is builtin. */
const struct image_type *image_type(const struct image *, uint16_t type);
/* number of fields of a record or error; else 0 */
uint32_t image_field_count(const struct image *, uint16_t type);
uint16_t image_field_type(const struct image *, uint16_t type, uint32_t field); /* record, error */
bool image_field_secret(const struct image *, uint16_t type, uint32_t field);
/* for an enum: the name of a value */
struct text image_field_name(const struct image *, uint16_t type, uint32_t field);
int32_t image_field_find(const struct image *, uint16_t type, const char *name, uint32_t length);
uint16_t image_element(const struct image *, uint16_t type); /* list, map: type of the elements; else TYPE_VOID */
bool type_is_list(const struct image *, uint16_t type);
bool type_is_map(const struct image *, uint16_t type);
bool type_is_scores(const struct image *, uint16_t type); /* is it a map of ints, durations, percents or floats? */
bool type_is_record(const struct image *, uint16_t type); /* error and blob too */
bool type_is_enum(const struct image *, uint16_t type);
/* Do words of the type refer to objects in a block's heap or an image's data (for str: perhaps)? */
bool type_is_object(const struct image *, uint16_t type);

/* Returns the scenario section, as writer_scenario() got it; empty: there is none. Its contents are not checked. */
struct text image_scenario(const struct image *);
/* The source place of an instruction; image_place() returns false if it is unknown. */
struct image_place {
    struct text file;
    uint32_t line, column;
};
bool image_place(const struct image *, uint32_t function, uint32_t pc, struct image_place *);
/* Reads the `index`th place, ordered by function, then pc; it applies up to the next place of its function. False
 * past the last. */
bool image_place_at(const struct image *, uint32_t index, uint32_t *function, uint32_t *pc, struct image_place *);
/* Returns the words of a function's code; there are `code_words`. */
const uint32_t *image_code(const struct image *, const struct image_function *);
/* Returns the author's name of a register at pc; empty: it has none. */
struct text image_variable(const struct image *, uint32_t function, uint32_t pc, uint8_t reg);
/* Returns the source line, in the wait's file, of that line of a selection: a target or a further queue; 0: unknown. */
uint32_t image_line_position(const struct image *, const struct image_wait *, uint32_t index);
/* Is the register's value at pc derived from a secret? If so, it must not be shown. */
bool image_variable_secret(const struct image *, uint32_t function, uint32_t pc, uint8_t reg);
/* Reads the `index`th name of a variable, which may be repeated, or empty; false after the last. */
bool image_variable_at(const struct image *, uint32_t index, struct text *name);

/* Gets the name of the `index`th source file, as it was when the program was compiled; false after the last, or if
 * the image does not contain it. image_source_is: does that file have these contents? */
bool image_source(const struct image *, uint32_t index, struct text *path);
bool image_source_is(const struct image *, uint32_t index, const void *bytes, size_t length);

/* Returns a listing for people: functions, wait points, tables, with names. Malloc'ed text. With `line`, each place
 * is followed by the text that `line` returns for that line of the file; empty: nothing. */
char *image_disassemble(const struct image *);
struct image_lines {
    void *self;
    struct text (*line)(void *self, struct text file, uint32_t line);
};
char *image_disassemble_with(const struct image *, const struct image_lines *);

/* Tables of the language that are part of the VM. */
enum step_media {
#define MEDIA_SET(name, text, words) STEP_##name,
#include "vm/media_sets.def"
};
enum step_result {
    STEP_NOTHING,
    STEP_STR,
    STEP_INT,
    STEP_TARGET,
    STEP_ELEMENT,
    STEP_ROW,
    STEP_PAYLOAD,
    STEP_BOOL,
    STEP_VALUES,
    STEP_TIMES,
    STEP_BLOB,
    STEP_CATEGORY,
    STEP_CATEGORIES
};
enum step_need { STEP_REQUIRED, STEP_OPTIONAL, STEP_REST };
/* clang-format off */
enum step_parameter_type {
    PARAMETER_MAP_ANY = 0x4000, PARAMETER_DESTINATION, PARAMETER_SHOWN, PARAMETER_BOUND, PARAMETER_LIST_ANY,
    PARAMETER_MAP_VALUE, PARAMETER_JSON, PARAMETER_SCHEDULE, PARAMETER_ZONE, PARAMETER_BODY, PARAMETER_CATEGORIES,
    PARAMETER_OWNER, PARAMETER_SPOKEN, PARAMETER_SUBJECT, PARAMETER_RETRIED,
};
/* clang-format on */
enum step_class { STEP_READ, STEP_PROBE, STEP_KEYED, STEP_ONCE, STEP_CORE };

#define STEP_TIMEOUT_TRY      (INT64_C(1) << 60)
#define STEP_TIMEOUT_ARGUMENT (INT64_C(1) << 61)
#define STEP_TIMEOUT_SITE     (INT64_C(1) << 62)
#define STEP_TIMEOUT_NONE     (INT64_C(-1))
#define STEP_TIMEOUT_OPTIONAL (INT64_C(-2)) /* no timeout unless one is written: the step's children have theirs */
/* no timeout unless one is written; it begins when the step has succeeded */
#define STEP_TIMEOUT_AFTER (INT64_C(-3))
#define STEP_TIMEOUT_US(t) ((t) & (STEP_TIMEOUT_TRY - 1))

struct step_parameter {
    const char *name;
    uint16_t number, type, need; /* number: PARAMETER_ivr_digits_prompt, ... (vm/steps.h) */
};
struct step {
    const char *name;
    uint16_t number; /* STEP_ID_ivr_digits, ... (vm/steps.h) */
    uint8_t media, result, class;
    bool cancellable, ends, at_once;
    int64_t timeout_us;
    const char *doc;
    const struct step_parameter *parameters;
    uint32_t parameter_count;
    const char *const *exits; /* names of enum code */
    uint32_t exit_count;
    const uint8_t *exit_clauses; /* for each exit, of enum exit_clause */
};
const struct step *step_numbered(uint32_t number); /* NULL: there is no such step */
const struct step *step_named(const char *name, uint32_t length);

struct order {
    const char *word;
    bool by;
    const char *doc;
};
const struct order *order_numbered(uint32_t number); /* NULL: there is no such order */

struct vm_question {
    const char *name;
    uint16_t number, of, argument, result; /* types; argument TYPE_VOID: none */
    const char *doc;
};
const struct vm_question *question_numbered(uint32_t number); /* NULL: there is no such question */

/* ATTRIBUTE_ID_ani, ... */
enum attribute_number {
#define ATTRIBUTE(name, number, type, optional, media, when, where, written, doc, changes) ATTRIBUTE_ID_##name = number,
#include "vm/attributes.def"
#undef ATTRIBUTE
    ATTRIBUTE_COUNT = 22,
};
enum attribute_media {
#define MEDIA_SET(name, text, words) ATTRIBUTE_##name,
#include "vm/media_sets.def"
};
enum attribute_when { ATTRIBUTE_ALWAYS, ATTRIBUTE_FIXED, ATTRIBUTE_TREATED, ATTRIBUTE_WAITING };
struct attribute {
    const char *name;
    uint16_t number, type; /* with TYPE_OPTIONAL */
    uint8_t media, when;
    bool written;
    const char *doc;
};
const struct attribute *attribute_numbered(uint32_t number);
const struct attribute *attribute_named(const char *name, uint32_t length);

/* Opcodes: OP_ADD, ... */
enum opcode {
#define OP(name, layout, a, b, c, flags, doc) OP_##name,
#include "vm/opcodes.def"
    OPCODES,
};
