/* vm/image_data.h - The insides of an image, for the files of the VM. */
#pragma once

#include "vm/image.h"

/* The rule for which an image is refused: rules.def. */
enum image_rule {
#define RULE(name, text) RULE_##name,
#include "vm/rules.def"
};
const char *image_rule_text(enum image_rule);
/* Sets the error, with the place in the file; returns false. */
bool image_refuse(struct error *, enum error_code, size_t offset, enum image_rule);

/* A frame in the record of a parked fiber. At a wait point its live registers follow, in order. Else (`wait` is
 * IMAGE_NONE; the slice's fuel was gone): all registers; `pc` is where the innermost one goes on, and where the OP_CALL
 * of another one stands. */
struct parked_frame {
    uint16_t function, wait;
    uint32_t pc;
};

/* The facts that parking at a wait point and coming back need, side by side. */
struct wait_brief {
    struct parked_frame frame;
    uint32_t live; /* registers 0..31, where `words` is not 0 */
    uint16_t step;
    /* Bytes of the record of a fiber that waits here with one frame, and whose parent is 0: it has no struct fiber_more
     * (block_data.h). 0: it has one, since the step has tries, or the function more than 32 registers. */
    uint8_t words;
    uint8_t registers; /* how many registers the function has */
    uint8_t result, flags;
};

struct image {
    uint8_t *bytes; /* owned */
    size_t length;
    const struct image_header *header;
    const char *strings;
    const struct image_type *types;
    const struct image_field *fields;
    const struct image_name *names;
    const struct image_constant *constants;
    const uint8_t *data;
    const struct image_function *functions;
    const uint16_t *registers;
    const uint32_t *code;
    const struct image_wait *waits;
    const struct image_operand *operands;
    const struct image_line *lines;
    const uint32_t *live;
    const uint32_t *tables;
    const struct image_statement *statements;
    const struct image_slot *slots;
    const struct image_strategy *strategies;
    const struct image_setting *settings;
    const struct image_handler *handlers;
    const struct image_native *natives;
    const struct image_measure *measures;
    const struct image_latch *latches;
    const uint8_t *debug;
    const char *scenario;
    uint32_t count[SECTION_COUNT];
    struct wait_brief *briefs; /* owned: one row per wait point */
    uint32_t *names_found;     /* owned: open addressing by kind and text: number of a name + 1, or 0 */
    uint32_t names_mask;
    struct quick *quick;      /* owned: the code that runs (vm/quick.h) */
    struct dense **dense;     /* owned: by number of a table, its trie as an automaton, or NULL (vm/dense.h) */
    struct binding *bindings; /* owned, of vm/native.c: one row per native, or NULL where none is bound */
    uint32_t *starts;         /* owned: bitmap of code words at which an instruction begins */
    struct text *secrets;     /* owned: the keys that a strategy declares secret, of each one */
    uint32_t secret_count;
    uint16_t *data_types; /* owned: by offset / 8 in SECTION_DATA: type of the object that begins there, or 0 */
};

extern const uint8_t section_row_bytes[SECTION_COUNT];
extern const char *const section_names[SECTION_COUNT];

/* The hash of the semantic sections; of debug or scenario. `bytes` is a whole file with its directory filled in. */
void image_hash_semantic(const uint8_t *bytes, uint8_t hash[IMAGE_HASH]);
/* Fills in `names_found`. */
void image_place_names(struct image *);
/* Hashes a statement whose text and type are good. */
void image_hash_statement(const struct image *, const struct image_statement *, uint8_t hash[IMAGE_HASH]);
/* Writes the hashes of all statements; the writer calls it before it makes any other hash. */
void image_put_statement_hashes(uint8_t *bytes);
void image_hash_apart(const uint8_t *bytes, enum section, uint8_t hash[IMAGE_HASH]);

/* Verifies everything behind header and hashes (vm/verify.c). Fills in `starts` and `data_types`. */
bool image_verify(struct image *, struct error *);
bool debug_check(const struct image *, struct error *); /* vm/debug.c */
void debug_source_hash(const void *bytes, size_t length, uint8_t hash[IMAGE_HASH]);

static inline bool image_starts(const struct image *image, const struct image_function *function, uint32_t pc)
{
    if (pc >= function->code_words) return false;
    uint32_t at = function->code + pc;
    return image->starts[at / 32] >> at % 32 & 1;
}

/* Debug rows, ordered by function, then pc. Texts are pieces of the section's end. */
struct debug_header {
    uint32_t places, variables, text, sources;
};
struct debug_source { /* a file that the program was made of */
    uint32_t path, path_length;
    uint8_t hash[IMAGE_HASH]; /* BLAKE2b-256 of its bytes */
};
struct debug_place {
    uint16_t function, pc;
    uint16_t file_length, column;
    uint32_t file, line;
};
struct debug_variable {
    uint16_t function, pc;
    uint8_t reg, secret; /* 1: it tells of a secret */
    uint16_t name_length;
    uint32_t name;
};
