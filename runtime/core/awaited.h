/* runtime/core/awaited.h - The effects without an answer yet, counted by the link that must answer and the kind of
 * effect. People read the list when calls or mails stand still. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct core;

enum { AWAITED_MAX = 128 };

struct awaited_row {
    unsigned link; /* number of the link that has to answer; SOURCE_HOST: data sources and HTTP */
    unsigned kind; /* kind of the effect */
    uint32_t count;
    uint64_t ixn; /* id of the first interaction that waits; 0: the effects belong to agents */
};

/* Fills in the rows of the list and returns their number. Looks at all living interactions. */
size_t core_awaited(const struct core *, struct awaited_row rows[AWAITED_MAX]);
