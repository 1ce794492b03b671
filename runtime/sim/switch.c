/* runtime/sim/switch.c - Creates a simulated switch, and handles its reports and its time. */
#include "runtime/sim/switch_state.h"
#include "base/memory.h"

#include <assert.h>
#include <stdlib.h>

struct sim_switch *switch_new(const struct switch_options *options)
{
    struct sim_switch *s = memory_zeroed(1, sizeof *s);
    s->options = *options;
    s->served = true;
    switch_copy(s->last_default, sizeof s->last_default, options->last_default);
    return s;
}

void switch_free(struct sim_switch *s)
{
    if (!s) return;
    for (uint32_t i = 0; i < s->slot_count; i++) {
        free(s->slots[i]->result);
        switch_forget_ended(s->slots[i]);
        free(s->slots[i]);
    }
    free(s->slots);
    for (uint32_t i = 0; i < s->dn_count; i++) free(s->dns[i]);
    free(s->dns);
    free(s->reports);
    agenda_free(&s->agenda);
    free(s);
}

/* ---- reports ---- */

bool switch_report(struct sim_switch *s, struct switch_report *out)
{
    if (s->report_head == s->report_count) return false;
    *out = s->reports[s->report_head++];
    return true;
}

/* ---- time ---- */

void switch_served(struct sim_switch *s, bool served, uint64_t now_us)
{
    if (s->served == served) return;
    s->served = served;
    for (uint32_t i = 0; i < s->slot_count; i++)
        if (s->slots[i]->live && s->slots[i]->call.place == SWITCH_AT_ROUTING_POINT)
            slot_awaits_default(s, s->slots[i], now_us);
}

static void switch_let_go(struct sim_switch *s, const struct agenda_entry *entry)
{
    assert(entry->kind == TIMER_LEFT && entry->who < s->slot_count);
    struct slot *slot = s->slots[entry->who];
    if (slot->live && slot->call.id == entry->what && slot->call.place == SWITCH_LEFT)
        slot_clear(s, slot, cause_ok, cause_ok, entry->at_us);
}

static void go_to_last_default(struct sim_switch *s, const struct agenda_entry *entry)
{
    assert(entry->kind == TIMER_DEFAULT && entry->who < s->slot_count);
    struct slot *slot = s->slots[entry->who];
    if (s->served || !slot->live || slot->call.place != SWITCH_AT_ROUTING_POINT ||
        (slot->call.id << 8 | (slot->call.visit & 0xff)) != entry->what)
        return;
    if (switch_route_default(s, slot->call.id, s->last_default, 0, entry->at_us) != code_ok)
        slot_clear(s, slot, cause_router_gone, cause_router_gone, entry->at_us);
}

void switch_advance(struct sim_switch *s, uint64_t now_us)
{
    struct agenda_entry entry;
    while (agenda_take(&s->agenda, now_us, &entry))
        if (entry.kind == TIMER_DEFAULT)
            go_to_last_default(s, &entry);
        else if (entry.kind == TIMER_LEFT)
            switch_let_go(s, &entry);
        else if (entry.kind == TIMER_DIAL)
            switch_dial_over(s, s->slots[entry.who], &entry);
        else
            switch_treatment_timer(s, s->slots[entry.who], &entry);
}

uint64_t switch_next(const struct sim_switch *s)
{
    return agenda_next(&s->agenda);
}
