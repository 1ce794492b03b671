/* runtime/core/awaited.h - The effects that a core waits for, by the link that has to answer and the kind of effect.
 * People read it when calls or mails stand still. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct core;

enum { AWAITED_MAX = 128 };

struct awaited_row {
    unsigned link; /* SOURCE_HOST: data sources and HTTP */
    unsigned kind; /* of the effect */
    uint32_t count;
    uint64_t ixn; /* the first interaction that waits for one; 0: none does, as agents are asked about */
};

/* Walks over all living interactions. How many rows there are. */
size_t core_awaited(const struct core *, struct awaited_row rows[AWAITED_MAX]);
