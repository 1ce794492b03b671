/* vm/writer_data.h - The internals of an image writer, for its files. */
#pragma once

#include "vm/memory.h"
#include "vm/image_writer.h"

/* A word of code, or a target elsewhere, that is filled in when its label is placed. */
enum fixup_kind { FIXUP_ABC, FIXUP_BC, FIXUP_EXTENSION, FIXUP_FAILURE, FIXUP_EXIT };
struct fixup {
    enum fixup_kind kind;
    uint32_t at; /* word of the function; or row of waits or operands */
    uint32_t label;
};

/* An arm of a table, which is built when its function's labels are known. */
struct arm {
    int64_t first, last;   /* TABLE_RANGES */
    uint32_t text, length; /* TABLE_TEXT: in `arm_text` */
    bool prefix;
    uint32_t label;
};

/* A wait point being written. */
struct writer_pending {
    struct image_wait row;
    struct buffer arguments, captures, exits; /* rows struct image_operand; for exits: labels as u32 */
    struct buffer lines;                      /* struct image_line */
    uint32_t failure;                         /* label, or UINT32_MAX */
    uint32_t live[8];
    bool open;
};

/* Media of a strategy that have no bit in the strategy's row. */
struct strategy_media {
    uint16_t strategy;
    struct media_set media;
};

struct image_writer {
    struct buffer section[SECTION_COUNT];
    struct buffer text_index; /* u32: rows of `texts` + 1, an open hash table */
    struct buffer texts;      /* struct image_text */
    /* u32: hash tables of the sections NAMES and CONSTANTS, of row numbers + 1 */
    struct buffer name_index, constant_index;
    struct buffer places, variables, sources, debug_text;
    struct buffer slots_common, slots_of; /* slots_of: for each strategy a struct buffer of struct image_slot */
    struct buffer table_starts;           /* u32: first word of each table in section TABLES */

    /* the current function */
    struct image_function function;
    bool in_function;
    uint32_t code_start, below; /* the function's first word; the deepest stack of the functions that it calls */
    struct buffer labels;       /* u32 pc, or UINT32_MAX */
    struct buffer fixups;       /* struct fixup */
    struct buffer live;         /* u32[8] for each wait point since `first_wait` */
    uint32_t first_wait;
    struct writer_pending pending;

    struct buffer arms; /* struct arm for all tables of the function */
    struct buffer arm_text;
    struct buffer segments; /* struct segment */
    struct buffer media;    /* struct strategy_media, ascending */
    struct buffer blob;     /* u32 words of automata, zones and capacities, see writer_table.c */
    struct buffer zones;    /* struct zone_row */
    struct buffer zone_text;
    uint32_t table_count;

    struct debug_at {
        uint32_t file, file_length, line, column;
    } position;
    const char *over; /* the first limit that was exceeded, or NULL */
};

struct segment {
    uint32_t kind, arms, count, fallback, reg;
    uint32_t blob, blob_words; /* position and length in `blob`, for an automaton, a zone or a capacity */
};

struct zone_row {
    uint32_t name, length, table;
};

/* Builds a table from arms whose labels are resolved by `labels`, and appends it to the tables (vm/writer_table.c). */
void writer_table_build(struct image_writer *, const struct segment *);
uint32_t writer_label_pc(const struct image_writer *, uint32_t label);

static inline uint32_t rows_of(const struct buffer *buffer, size_t row)
{
    return (uint32_t)(buffer->length / row);
}

/* Notes the first limit that was exceeded. */
static inline void writer_limit(struct image_writer *w, bool good, const char *what)
{
    if (!good && !w->over) w->over = what;
}

static inline uint32_t writer_function_count(const struct image_writer *w)
{
    return rows_of(&w->section[SECTION_FUNCTIONS], sizeof(struct image_function));
}

/* Returns the pc of the next word. */
static inline uint32_t writer_here(const struct image_writer *w)
{
    return rows_of(&w->section[SECTION_CODE], 4) - w->code_start;
}
