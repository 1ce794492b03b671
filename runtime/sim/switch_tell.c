/* runtime/sim/switch_tell.c - Makes the reports of a simulated switch, and finds a call by its number. */
#include <assert.h>
#include <stdio.h>

#include "runtime/sim/switch_state.h"
#include "base/memory.h"

void switch_copy(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", !from ? "" : from);
}

struct switch_report *switch_tell(struct sim_switch *s, enum switch_report_kind kind, const struct slot *slot,
                                  uint64_t now_us)
{
    assert(s->report_head <= s->report_count && (!slot || slot->at)); /* a reported call is at some DN */
    if (s->report_head > 0 && s->report_head == s->report_count) s->report_head = s->report_count = 0;
    if (s->report_count == s->report_room) {
        s->report_room = s->report_room == 0 ? 32 : s->report_room * 2;
        s->reports = memory_grown(s->reports, s->report_room, sizeof *s->reports);
    }
    struct switch_report *r = &s->reports[s->report_count++];
    *r = (struct switch_report){.kind = kind, .at_us = now_us, .call = !slot ? 0 : slot->call.id};
    if (slot) {
        r->visit = slot->call.visit;
        switch_copy(r->dn, sizeof r->dn, slot->at->number);
    }
    return r;
}

struct slot *switch_slot(const struct sim_switch *s, uint64_t call)
{
    uint64_t index = call % SWITCH_SLOTS;
    struct slot *slot = call != 0 && index < s->slot_count ? s->slots[index] : NULL;
    return slot && slot->live && slot->call.id == call ? slot : NULL;
}
