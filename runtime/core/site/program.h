/* runtime/core/site/program.h - The programs that strategies are of: images, with their names as the core numbers them. */
#ifndef CORE_PROGRAM_H
#define CORE_PROGRAM_H

#include <stdint.h>

#include "vm/exec.h"
#include "runtime/vocabulary/message.h"

struct core;
struct interaction;

struct program {
    const struct image *image;
    uint8_t hash[IMAGE_HASH];
    uint32_t *names;    /* the core's number of each name of the image */
    uint32_t *settings; /* and of each setting's */
    uint32_t locale;    /* the site's, as a name; 0: it has none */
    struct setting_view *views; /* of each setting */
};

struct strategies {
    struct program *programs;
    uint32_t program_count, program_capacity;
    struct vm_line *lines; /* scratch of selection */
    uint32_t line_capacity;
};

/* The program of an image; PROGRAM_NONE where the image is not there. */
uint16_t strategy_program(struct core *, const uint8_t hash[IMAGE_HASH]);
uint32_t strategy_name(const struct core *, const struct interaction *, uint64_t word); /* an image's name as ours */
struct span strategy_title(const struct core *, const struct interaction *);
/* Text made in a block; the empty one where it is full. */
uint64_t strategy_text(struct core *, block_handle, const char *bytes, uint32_t length);

#endif
