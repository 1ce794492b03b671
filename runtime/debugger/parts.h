/* runtime/debugger/parts.h - What a value consists of: the elements of a list, the pairs of a map, the fields of a
 * record. A value of any other type has no parts. */
#pragma once

#include "runtime/debugger/show.h"

struct part {
    char inlined[8]; /* a short name */
    /* name of a field, or key of a pair; empty for an element of a list, which is found by its index */
    struct text name;
    uint16_t type;
    uint64_t word;
    bool secret;
};

uint32_t parts_count(const struct values *, uint16_t type, uint64_t word);
bool parts_have_index(const struct image *, uint16_t type); /* are they the elements of a list? */
/* Reads the part of that index. False: there are not so many. */
bool parts_at(const struct values *, uint16_t type, uint64_t word, uint32_t index, struct part *);
