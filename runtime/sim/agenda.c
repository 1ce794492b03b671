/* runtime/sim/agenda.c - Keeps planned happenings in a binary heap, ordered by time and then by entry. */
#include "runtime/sim/agenda.h"

#include <stdlib.h>

#include "base/memory.h"

static bool agenda_before(const struct agenda_entry *a, const struct agenda_entry *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void agenda_swap(struct agenda_entry *a, struct agenda_entry *b)
{
    struct agenda_entry held = *a;
    *a = *b;
    *b = held;
}

void agenda_free(struct agenda *a)
{
    free(a->entries);
    *a = (struct agenda){0};
}

void agenda_add(struct agenda *a, uint64_t at_us, uint32_t kind, uint32_t who, uint64_t what)
{
    a->entries = memory_more(a->entries, a->count, sizeof *a->entries);
    size_t at = a->count++;
    a->entries[at] = (struct agenda_entry){at_us, ++a->order, kind, who, what};
    while (at > 0 && agenda_before(&a->entries[at], &a->entries[(at - 1) / 2])) {
        agenda_swap(&a->entries[at], &a->entries[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

bool agenda_take(struct agenda *a, uint64_t now_us, struct agenda_entry *out)
{
    if (a->count == 0 || a->entries[0].at_us > now_us) return false;
    *out = a->entries[0];
    a->entries[0] = a->entries[--a->count];
    for (size_t at = 0;;) {
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < a->count; child++)
            if (agenda_before(&a->entries[child], &a->entries[least])) least = child;
        if (least == at) return true;
        agenda_swap(&a->entries[at], &a->entries[least]);
        at = least;
    }
}

uint64_t agenda_next(const struct agenda *a)
{
    return a->count == 0 ? UINT64_MAX : a->entries[0].at_us;
}
