/* runtime/sim/agenda.h - Planned happenings, taken in order of time; those of the same time in order of entry. Owns
 * its entries. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct agenda_entry {
    uint64_t at_us;
    uint64_t order; /* set by agenda_add */
    uint32_t kind;  /* what happens, as a number that the agenda's user defines */
    uint32_t who;
    uint64_t what;
};

struct agenda {
    struct agenda_entry *entries; /* a binary heap */
    size_t count;
    uint64_t order;
};

void agenda_free(struct agenda *); /* an agenda of zeros is an empty one */
void agenda_add(struct agenda *, uint64_t at_us, uint32_t kind, uint32_t who, uint64_t what);
/* Takes the first entry that is due at `now_us`; false: none is due. */
bool agenda_take(struct agenda *, uint64_t now_us, struct agenda_entry *);
uint64_t agenda_next(const struct agenda *); /* when the first entry is due; UINT64_MAX: there is none */
