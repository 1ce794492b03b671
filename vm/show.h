/* vm/show.h - Writes values as text for people, into a buffer of the caller. */
#pragma once

#include "vm/block_data.h"

/* Text beyond `size` is counted, but not stored. */
struct shown {
    char *buffer;
    uint32_t size, length;
};

/* Where the data of words are, and what knows the names of agents and targets (may be NULL). */
struct show {
    const struct image *image;
    const struct block *block; /* NULL: constants only */
    struct text (*name)(void *self, uint16_t type, uint64_t word);
    void *self;
};

const char *show_type_name(uint16_t type); /* the name of a type that is the same in every image; else "own" */
void show_value(const struct show *, struct shown *, uint16_t type, uint64_t word);
void shown_put(struct shown *, const char *bytes, uint32_t length);
