/* vm/image_data.h - The internals of an image, for the files of the VM. */
#pragma once

#include "vm/image.h"

/* The rules by which images are refused: see rules.def. */
enum image_rule {
#define RULE(name, text) RULE_##name,
#include "vm/rules.def"
};
const char *image_rule_text(enum image_rule);
/* Sets the error, with the offset in the file; returns false. */
bool image_refuse(struct error *, enum error_code, size_t offset, enum image_rule);

/* A frame in the record of a parked fiber. At a wait point its live registers follow, in order. Otherwise (`wait` is
 * IMAGE_NONE; the slice's fuel was used up) all registers follow; `pc` is where the innermost frame continues, and
 * for another frame the place of its OP_CALL. */
struct parked_frame {
    uint16_t function, wait;
    uint32_t pc;
};

/* What parking at a wait point and continuing need, collected in one row. */
struct wait_brief {
    struct parked_frame frame;
    uint32_t live; /* live registers among 0..31, if `words` is not 0 */
    uint16_t step;
    /* Words of the record of a fiber that waits here with one frame and parent 0, so without struct fiber_more
     * (block_data.h). 0: such a record needs struct fiber_more, since the step has tries, or the function has more
     * than 32 registers. */
    uint8_t words;
    uint8_t registers; /* how many registers the wait point's function has */
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
    uint32_t *names_found;     /* owned: hash table by kind and text: number of a name + 1, or 0 */
    uint32_t names_mask;
    struct quick *quick;      /* owned: the code in the form that runs (vm/quick.h) */
    struct dense **dense;     /* owned: per table its trie as an automaton, or NULL (vm/dense.h) */
    struct binding *bindings; /* owned, by vm/native.c: one row per native; NULL: none is bound */
    uint32_t *starts;         /* owned: bitmap of the code words at which an instruction begins */
    struct text *secrets;     /* owned: the keys that some strategy declares secret */
    uint32_t secret_count;
    bool holds_secrets;   /* a key, a field, or what a step asks or answers is secret */
    uint16_t *data_types; /* owned: by offset / 8 in SECTION_DATA: type of the object that begins there, or 0 */
};

extern const uint8_t section_row_bytes[SECTION_COUNT];
extern const char *const section_names[SECTION_COUNT];

/* Compute the hash of the semantic sections; that of debug or scenario. `bytes` is a whole file with a complete
 * directory. */
void image_hash_semantic(const uint8_t *bytes, uint8_t hash[IMAGE_HASH]);
/* Fills in `names_found`. */
void image_place_names(struct image *);
/* Hashes a statement whose text and type are already checked. */
void image_hash_statement(const struct image *, const struct image_statement *, uint8_t hash[IMAGE_HASH]);
/* Writes the hashes of all statements; the writer calls this before it makes any other hash. */
void image_put_statement_hashes(uint8_t *bytes);
void image_hash_apart(const uint8_t *bytes, enum section, uint8_t hash[IMAGE_HASH]);

/* Verifies everything after header and hashes (vm/verify.c). Fills `starts` and `data_types`. */
bool image_verify(struct image *, struct error *);
bool debug_check(const struct image *, struct error *); /* vm/debug.c */
void debug_source_hash(const void *bytes, size_t length, uint8_t hash[IMAGE_HASH]);

static inline bool image_starts(const struct image *image, const struct image_function *function, uint32_t pc)
{
    if (pc >= function->code_words) return false;
    uint32_t at = function->code + pc;
    return image->starts[at / 32] >> at % 32 & 1;
}

/* The structs of debug data, ordered by function, then pc. Texts are parts of the section's end. */
struct debug_header {
    uint32_t places, variables, text, sources;
};
struct debug_source { /* a file from which the program was compiled */
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
    uint8_t reg, secret; /* 1: the variable's value is derived from a secret */
    uint16_t name_length;
    uint32_t name;
};
