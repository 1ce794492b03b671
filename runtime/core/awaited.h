/* runtime/core/awaited.h - The effects that a core waits for, by the link that has to answer and the kind of effect.
 * People read it when calls or mails stand still. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct core;

enum { AWAITED_MAX = 128 };

struct awaited_row {
    unsigned link; /* link that has to answer; SOURCE_HOST: data sources and HTTP */
    unsigned kind; /* kind of the effect */
    uint32_t count;
    uint64_t ixn; /* the first interaction that waits; 0: none does, since the effects are about agents */
};

/* Fills in the rows and returns their number. Walks over all living interactions. */
size_t core_awaited(const struct core *, struct awaited_row rows[AWAITED_MAX]);
