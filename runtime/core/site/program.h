/* runtime/core/site/program.h - Programs: the images that contain strategies, with the core's number for each name
 * in an image.
 *
 * The table owns the programs; the host owns the images (core_options.image). A program keeps its number as long as
 * the core exists, so interactions refer to it by number. */
#pragma once

#include <stdint.h>

#include "vm/exec.h"
#include "runtime/core/base/fact.h"

struct core_options;
struct interactions;
struct names;
struct slab;
struct interaction;
struct keeper;

struct site_program {
    const struct image *image;
    uint8_t hash[IMAGE_HASH];
    uint32_t *names;            /* owned: the core's number of each name of the image */
    uint32_t *settings;         /* owned: the core's number of each setting's name */
    uint32_t locale;            /* name of the site's locale; 0: it has none */
    struct setting_view *views; /* owned: one per setting of the image */
    uint32_t interactions;      /* how many interactions are in one of the program's strategies */
    int64_t out_us;             /* wall clock: since when no arrival gets it; 0: it was never given to any */
};

struct strategies {
    const struct image *no_image;
    const struct core_options *options;
    const struct facts *facts;
    struct names *names;
    struct slab *slab;
    struct interactions *interactions;
    struct site_program *programs;
    uint32_t program_count, program_capacity;
    struct vm_line *lines; /* scratch of selection */
    uint32_t line_capacity;
    /* The last fault in a running strategy. This fault is only for the log: it is not in snapshots and counts from the
     * start of the process. */
    struct strategy_fault {
        uint64_t count, ixn;
        uint32_t where; /* name with strategy, file and line of the fault */
    } fault;
    /* The last text that a strategy has refused (log.refused), also only for the log. */
    struct refused_text {
        uint64_t count, ixn;
        const struct image *image; /* borrowed: images live as long as the core */
        uint32_t function, pc;     /* where the strategy stands */
        uint32_t length;
        char text[NOTE_BYTES_MAX];
    } refused;
};

/* Returns the program of the image with the given hash; PROGRAM_NONE: there is no such image. */
uint16_t strategy_program(struct strategies *, const uint8_t hash[IMAGE_HASH]);
/* Notes that the interaction is in the program from now on; PROGRAM_NONE: in none. */
void strategy_enter(struct strategies *, struct interaction *, uint16_t program);
/* Returns the core's number of a name in the interaction's image. 0: the interaction has no program, or its image
 * has no such name. */
uint32_t strategy_name(const struct strategies *, const struct interaction *, uint64_t word);
/* Returns the strategy's name as the source has it. Borrowed from the image. */
struct span strategy_title(const struct strategies *, const struct interaction *);
/* Writes or reads the programs of a snapshot (vm/keep.h); their images come from the host. After names. */
void programs_keep(struct strategies *, struct keeper *);
/* Writes or reads a program's number in a row: PROGRAM_NONE, or a program that exists. */
uint16_t program_keep(const struct strategies *, struct keeper *, uint16_t program);
/* Makes a text in the block and returns its word; the empty text if the block is full. */
uint64_t strategy_text(struct strategies *, block_handle, const char *bytes, uint32_t length);
