/* runtime/records/events.c - Makes the rows of events.def, which a web hook gets at once. */
#include "runtime/records/recorder.h"
#include "runtime/records/recorder_state.h"

static const char *const event_words[] = {
#define EVENT(name, doc) [EVENT_##name] = #name,
#include "runtime/records/events.def"
};

void recorder_tell_events(struct recorder *r)
{
    r->tells = true;
}

/* Puts in what the core knows of the interaction. One that has ended is the newest in the list of those. */
static void event_interaction(struct recorder *r, const struct told_event *told, struct record_value *values)
{
    struct interaction_row row;
    bool ended = told->event == EVENT_ended;
    if (ended ? !core_ended_at(r->core, core_ended_count(r->core) - 1, &row) : !core_find(r->core, told->ixn, &row))
        return;
    values[events_media] = recorder_span(row.media);
    values[events_ani] = recorder_span(row.ani);
    values[events_dnis] = recorder_span(row.dnis);
    if (ended) values[events_state] = recorder_span(row.outcome);
}

void event_tell(struct recorder *r, const struct told_event *told)
{
    struct record_value values[events_COLUMNS] = {0};
    char ixn[IXN_TEXT];
    if (!r->tells) return;
    values[events_event] = recorder_word(event_words[told->event]);
    values[events_at] = recorder_moment(recorder_now(r));
    values[events_ixn] = ixn_in(told->ixn, ixn);
    values[events_media] = recorder_span(told->media);
    values[events_agent] = recorder_span(told->agent);
    values[events_vq] = recorder_span(told->vq);
    values[events_state] = recorder_span(told->state);
    values[events_name] = recorder_span(told->name);
    values[events_reason] = recorder_span(told->reason);
    if (told->ixn != 0) event_interaction(r, told, values);
    r->row(r->self, TABLE_events, values);
}

void record_came(struct recorder *r, const struct fact *fact)
{
    (void)open_of(r, fact->ixn);
    event_tell(r, &(struct told_event){.event = EVENT_came, .ixn = fact->ixn});
}
