/* runtime/sim/asked.c - The bridge's data sources: answers the core's questions as the test says, at once or later. */
#include "runtime/sim/asked.h"

#include <string.h>

#include "runtime/journal/partition.h"
#include "runtime/sim/bridge_state.h"
#include "runtime/sim/events.h"
#include "runtime/vocabulary/events_host.h"
#include "base/memory.h"

static bool is_down(const struct bridge *b, const char *source)
{
    for (unsigned i = 0; i < b->sources_down_count; i++)
        if (strcmp(b->sources_down[i], source) == 0) return true;
    return false;
}

/* Begins the host's event that answers the effect. */
static void bridge_source_answer(struct bridge *b, const struct message *effect, json_t *value, const char *fail)
{
    bridge_event_of(b, SOURCE_HOST, KIND_EventDone);
    event_put_answered(&b->writer, effect, fail);
    if (fail)
        writer_text(&b->writer, EventDone_text, "as the test says");
    else
        asked_put_answer(&b->writer, &b->kv, b->image, effect, value);
}

static void keep_for_later(struct bridge *b, const struct message *effect, uint64_t after_us)
{
    struct span frame = writer_end(&b->writer);
    struct message said;
    if (!bridge_is_sayable(b, frame, &said)) return;
    uint8_t *copy = memory_grown(NULL, frame.length, 1);
    b->late = memory_grown(b->late, b->late_count + 1, sizeof *b->late);
    memcpy(copy, frame.bytes, frame.length);
    b->late[b->late_count] = (struct late_answer){.ixn = message_u(effect, ENVELOPE_ixn),
                                                  .ref = message_u(effect, ENVELOPE_ref),
                                                  .frame = copy,
                                                  .length = frame.length};
    agenda_add(&b->agenda, b->now_us + after_us, LATE_ANSWER, b->late_count++, 0);
}

static void bridge_answer_after(struct bridge *b, const struct message *effect, uint64_t after_us)
{
    if (after_us == 0)
        bridge_post_of(b, "source");
    else
        keep_for_later(b, effect, after_us);
}

/* Does the source give no answer at all? A read that is not answered in time gets none: the step's own timeout ends
 * it. A statement that changes something gets a timeout as the source's answer, meaning that it was not executed;
 * after the step's own timeout it would be unknown whether the change was made. */
static bool bridge_is_silent(const struct scenario_outcome *outcome, bool changes)
{
    return outcome->fail && strcmp(outcome->fail, "timeout") == 0 && !changes;
}

static uint64_t bridge_answers_after(const struct scenario_outcome *outcome, const struct message *effect)
{
    int64_t timeout_us = message_i(effect, ENVELOPE_timeout);
    bool late = outcome->fail && strcmp(outcome->fail, "timeout") == 0;
    return late && timeout_us > 0 ? (uint64_t)timeout_us - 1 : outcome->after_us;
}

void bridge_source(struct bridge *b, const struct message *effect)
{
    char name[ASKED_NAME];
    uint32_t arrival = bridge_arrival_of(b, effect);
    struct step_call call = asked_source(b->image, effect, name);
    trace_step(b->trace, b->now_us, arrival, &call);
    bool down = call.source && is_down(b, name);
    const struct scenario_outcome *outcome = down ? NULL : world_answer(b->world, arrival, &call);
    if (!outcome) {
        bridge_source_answer(b, effect, NULL, call.source || call.returns ? "unavailable" : NULL);
        bridge_post_of(b, "source");
    } else if (!bridge_is_silent(outcome, asked_source_changes(effect))) {
        bridge_source_answer(b, effect, outcome->value, outcome->fail);
        bridge_answer_after(b, effect, bridge_answers_after(outcome, effect));
    }
    json_decref(call.args);
}

void bridge_query_cancelled(struct bridge *b, uint64_t ixn, uint64_t ref)
{
    for (uint32_t i = 0; i < b->late_count; i++)
        if (b->late[i].ixn == ixn && b->late[i].ref == ref) b->late[i].cancelled = true;
}

bool bridge_answer_late(struct bridge *b, uint32_t which)
{
    const struct late_answer *late = &b->late[which];
    return late->cancelled || partition_post(b->partition, (struct span){late->frame, late->length});
}
