/* runtime/records/hear.c - A recorder, with a function for each kind of fact: record_NAME for the lines RECORDED in
 * facts.def.
 *
 * The core reports facts while it applies a batch, and the VM reports where fibers wait: the recorder takes both,
 * reads from the core what a fact does not contain, and changes nothing there. A fact may be the first one about its
 * interaction, since a journal may begin later than its calls: open_of then makes the entry. */
#include "runtime/records/recorder.h"

#include <assert.h>

#include "runtime/core/base/facts.h"
#include "runtime/records/recorder_state.h"

static uint64_t open_key(const void *owner, uint32_t slot)
{
    return ((const struct recorder *)owner)->opens[slot].ixn;
}

/* A copy of the text, free(); NULL: it is empty. */
char *recorder_copy(struct span text)
{
    return text.length == 0 ? NULL : memory_format("%.*s", (int)text.length, (const char *)text.bytes);
}

/* Finds the entry of an interaction; NULL: nothing is known of it. The entry is borrowed until the next open_of. */
struct open *open_find(struct recorder *r, uint64_t ixn)
{
    uint32_t slot;
    return lookup_find(&r->by_ixn, ixn, &slot) ? &r->opens[slot] : NULL;
}

struct open *open_of(struct recorder *r, uint64_t ixn)
{
    struct open *open = open_find(r, ixn);
    if (open) return open;
    uint32_t slot;
    if (r->free != 0) {
        slot = r->free - 1;
        r->free = r->opens[slot].next_free;
    } else {
        slot = r->open_count++;
        if (slot == r->open_capacity) {
            r->open_capacity = slot == 0 ? 256 : slot * 2;
            r->opens = memory_grown(r->opens, r->open_capacity, sizeof *r->opens);
        }
    }
    assert(slot < r->open_count);
    r->opens[slot] = (struct open){.ixn = ixn, .owned = recorder_now(r), .owner_kind = OWNER_DEVICE};
    lookup_add(&r->by_ixn, slot);
    return &r->opens[slot];
}

/* The interaction has ended: ends everything that began in it, and frees its entry. */
void open_end(struct recorder *r, struct open *open)
{
    uint32_t slot = (uint32_t)(open - r->opens);
    assert(!open->steps && !open->parties && !open->offers);
    lookup_remove(&r->by_ixn, open->ixn);
    free(open->external);
    open->external = NULL;
    open->next_free = r->free;
    r->free = slot + 1;
}

static void (*const record_of[FACTS])(struct recorder *, const struct fact *) = {
#define RECORDED(fact, as) [FACT_##fact] = record_##as,
#include "runtime/core/read/facts.def"
};

static void recorder_hear(void *self, const struct core *core, const struct fact *fact)
{
    struct recorder *r = self;
    (void)core;
    assert(record_of[fact->what]);
    record_of[fact->what](r, fact);
}

struct recorder *recorder_new(struct core *core, void (*row)(void *, enum table_name, const struct record_value *),
                              void *self)
{
    struct recorder *r = memory_zeroed(1, sizeof *r);
    *r = (struct recorder){.core = core, .row = row, .self = self};
    r->listener = (struct core_listener){r, recorder_hear};
    r->watch = (struct vm_watch){.self = r, .wait = record_wait, .ended = record_wait_over};
    lookup_init(&r->by_ixn, r, open_key);
    names_init(&r->agent_names, 0);
    core_listen(core, &r->listener);
    core_watch(core, &r->watch);
    return r;
}

static void recorder_open_free(struct open *open)
{
    free(open->external);
    for (struct open_step *at = open->steps, *next; at; at = next) next = at->next, free(at);
    for (struct open_party *at = open->parties, *next; at; at = next) next = at->next, free(at);
    for (struct open_offer *at = open->offers, *next; at; at = next) next = at->next, free(at);
}

void recorder_free(struct recorder *r)
{
    if (!r) return;
    core_listen(r->core, NULL);
    core_watch(r->core, NULL);
    for (uint32_t slot = 0; slot < r->open_count; slot++) recorder_open_free(&r->opens[slot]);
    for (uint32_t who = 0; who < r->agent_capacity; who++) {
        for (struct recorded_agent *at = r->agents[who], *next; at; at = next) {
            next = at->next;
            free(at);
        }
    }
    free(r->opens);
    free(r->agents);
    names_free(&r->agent_names);
    lookup_free(&r->by_ixn);
    out_free(&r->json);
    out_free(&r->json2);
    free(r);
}
