/* runtime/debugger/retold.c - Applies the journal once more and turns what concerns one interaction into lines of a
 * test.
 *
 *     events of the journal       retold_arrival   how it came, and the settings that it found
 *       and effects of the core   retold_steps     each step with the answers that it got
 *                                 retold_places    the places without an agent that it was sent to
 *     core, after each batch      retold_way       where it went, when the caller hung up
 *                                 retold_agents    how the agents stood whom it met
 *
 * A teller (retold_state.h) collects four kinds of text: lines of the first moment, answers to steps, later acts,
 * and what a test cannot express. Times count from the interaction's arrival, as they do in a test. */
#include "runtime/debugger/retold.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/debugger/past.h"
#include "runtime/debugger/retold_state.h"
#include "runtime/journal/replay.h"
#include "base/memory.h"
#include "base/why.h"
#include "vm/image.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"

/* ---- events of the journal ---- */

static void retold_signalled(struct retold_teller *t, const struct message *event)
{
    struct kv_pair pair;
    const char *between = "";
    struct span name = message_text(event, Signal_name), payload = message_text(event, Signal_payload);
    teller_after(t);
    fprintf(t->later, "signal %.*s(", (int)name.length, (const char *)name.bytes);
    for (uint32_t at = 0; kv_next(payload, &at, &pair); between = ", ") {
        fprintf(t->later, "%s%.*s: ", between, (int)pair.key.length, (const char *)pair.key.bytes);
        spell_value(t->later, &pair.value);
    }
    fputs(");\n", t->later);
}

static void retold_directory(struct retold_teller *t, const struct message *event)
{
    uint64_t table = message_u(event, DirectoryRow_table);
    if (table == table_queue) retold_way_queue(t, event);
    retold_places_hear(t, event);
    if (t->began && (table == table_parameter || table == table_business)) retold_settings_hear(t, event);
}

/* Handles an event of the interaction itself. Some events have no words in a test: they are noted as missing. */
static void hear_own(struct retold_teller *t, const struct message *event)
{
    retold_steps_hear(t, event);
    retold_way_hear(t, event);
    if (event->kind == KIND_Signal) retold_signalled(t, event);
    if (event->kind == KIND_EventPartyChanged) teller_lacks(t, "the call was transferred or became a conference");
    if (event->kind == KIND_RequestUserData) teller_lacks(t, "data came from a desktop while it was served");
    if (event->kind == KIND_EventMessage) teller_lacks(t, "what was written in the session");
    if (event->kind == KIND_RequestStop)
        retold_agents_done(t->agents, t->core, message_text(event, ENVELOPE_actor), t->now_us - t->began_us);
}

static void retold_hear(struct retold_teller *t, const struct message *event)
{
    bool accepts = event->kind == KIND_RequestAccept;
    if (event->kind == KIND_DirectoryRow) retold_directory(t, event);
    if (!t->began) retold_arrival_hear(t, event);
    if (!t->began) return;
    if (event->kind == KIND_LinkDown) teller_lacks(t, "a link was down");
    if (accepts || event->kind == KIND_RequestReject) /* by the claim */
        retold_agents_answer(t->agents, message_u(event, accepts ? RequestAccept_claim : RequestReject_claim), accepts,
                             t->now_us - t->began_us);
    if (retold_is_own(t, event)) hear_own(t, event);
}

static void retold_on_batch(void *self, const struct batch *batch)
{
    struct retold_teller *t = self;
    struct message message;
    t->now_us = batch->time_us;
    for (uint32_t at = 0; at < batch->events.length && !t->over;) {
        const uint8_t *frame = batch->events.bytes + at;
        uint32_t size = (uint32_t)message_frame_size(frame, batch->events.length - at);
        if (size == 0) return;
        if (message_read(&message, frame, size, NULL)) retold_hear(t, &message);
        at += size;
    }
}

static void retold_on_effect(void *self, struct span frame)
{
    struct retold_teller *t = self;
    struct message effect;
    if (t->over || !message_read(&effect, frame.bytes, frame.length, NULL) ||
        message_u(&effect, ENVELOPE_ixn) != t->ixn)
        return;
    if (!t->began) retold_arrival_effect(t, &effect);
    if (!t->began) return;
    retold_steps_effect(t, &effect);
    retold_way_effect(t, &effect);
    if (effect.kind == KIND_SetAgentState) retold_arrival_logs_in(t, &effect);
    if (effect.kind == KIND_Invite)
        retold_agents_invited(t->agents, t->core, message_text(&effect, Invite_agent), message_u(&effect, Invite_claim),
                              t->now_us - t->began_us);
    if (effect.kind == KIND_Withdraw) retold_agents_withdrawn(t->agents, message_u(&effect, Withdraw_claim));
}

/* ---- the whole ---- */

static bool is_call(const struct retold_teller *t)
{
    return t->media == media_voice || t->media == media_outbound || t->media == media_callback;
}

static void retold_looks(struct retold_teller *t)
{
    struct interaction_row row;
    if (!t->began || !core_find(t->core, t->ixn, &row)) return;
    retold_agents_look(t->agents, t->core, t->ixn, t->now_us - t->began_us);
    if (!is_call(t)) retold_way_owned(t, &row);
    t->over = span_is(row.state, "ended");
}

/* Applies the journal until the interaction has ended. False, with the reason: the journal cannot be applied. */
static bool retold_applies(struct retold_teller *t, char *why, size_t size)
{
    struct journal_head head;
    struct error error = {0};
    const struct journal_watch watch = {t, retold_on_batch, {retold_on_effect, t}};
    struct batches *store = past_store_again(t->past, &error);
    t->core = past_begin_first(t->past, past_options(t->past), &head);
    bool good = store != NULL;
    while (good && !t->over && head.number < past_batches(t->past)) {
        bool before = t->began;
        good = journal_next(store, past_options(t->past), t->core, &head, &watch, &error);
        if (t->began && !before) {
            t->began_wall = core_wall(t->core);
            retold_settings_begin(t);
        }
        if (good) retold_looks(t);
    }
    batches_close(store);
    return good || why_set(why, size, "%s", error.text);
}

static void retold_want(struct retold *r, char *text)
{
    r->wanted = memory_grown(r->wanted, r->wanted_count + 1, sizeof *r->wanted);
    r->wanted[r->wanted_count++] = text;
}

/* Writes the first expectation: how the interaction ended, with a time limit. */
static void want_end(const struct retold_teller *t, struct retold *r)
{
    struct spelling text;
    bool known = *t->became != '\0';
    if (!known && t->end.outcome.length == 0) return; /* the journal ends before */
    FILE *out = spelling_begin(&text);
    uint64_t within_us = known ? t->became_us - t->began_us + 1000 : 0;
    if (known)
        fputs(t->became, out);
    else
        fprintf(out, "%.*s", (int)t->end.outcome.length, (const char *)t->end.outcome.bytes);
    if (known) fputs(" within ", out);
    if (known) spell_us(out, (int64_t)(within_us / 1000 * 1000));
    retold_want(r, spelling_end(&text));
}

/* Writes expectations of keys that the interaction had at its end and that a test can compare. */
static void want_keys(const struct retold_teller *t, struct retold *r)
{
    struct kv all;
    struct kv_value value;
    const struct image_strategy *strategy =
        t->image ? image_strategy_named(t->image, t->strategy, (uint32_t)strlen(t->strategy)) : NULL;
    kv_init(&all);
    if (strategy && core_data(past_end(t->past), t->ixn, &all)) {
        for (uint32_t i = 0; i < image_slot_count(strategy); i++) {
            const struct image_slot *slot = image_slot(t->image, strategy, i);
            struct text name = image_text(t->image, slot->name);
            uint16_t base = type_base(slot->type);
            struct spelling text;
            if (slot->secret || slot->parameter || (base != TYPE_STR && base != TYPE_INT && base != TYPE_BOOL) ||
                !kv_find(kv_span(&all), (struct span){(const uint8_t *)name.bytes, name.length}, &value) ||
                value.secret || value.tag == KV_NONE)
                continue;
            FILE *out = spelling_begin(&text);
            fprintf(out, "%.*s == ", (int)name.length, name.bytes);
            spell_value(out, &value);
            retold_want(r, spelling_end(&text));
        }
    }
    kv_free(&all);
}

static void want_steps(const struct retold_teller *t, struct retold *r)
{
    for (size_t i = 0; i < t->step_count; i++) {
        struct spelling text;
        if (t->steps[i].times == 0) continue;
        FILE *out = spelling_begin(&text);
        fputs(t->steps[i].call, out);
        /* queries are not counted: the test's count would include queries with other values */
        if (!t->steps[i].query) fprintf(out, " times %u", t->steps[i].times);
        retold_want(r, spelling_end(&text));
    }
}

/* Returns the lines in the order of a test: the time it began, settings and agents, answers, the arrival, and later
 * acts. */
static char *retold_lines_of(struct retold_teller *t)
{
    struct spelling text;
    FILE *out = spelling_begin(&text);
    char nobody[RETOLD_NAME_BYTES];
    fflush(t->first);
    fflush(t->later);
    fputs("    at ", out); /* cut to a second, as the language has no fractions here */
    spell_us(out, t->began_wall - t->began_wall % 1000000);
    fputs(";\n", out);
    fputs(t->first_text, out);
    if (*t->origin && !*t->caller) {
        fputs("    agent ", out);
        spell_name(out, span_of(retold_arrival_nobody(t, nobody)));
        fputs(" logged_out;\n", out);
    }
    retold_agents_first(t->agents, out);
    retold_places_put(t, out);
    retold_steps_put(t, out);
    retold_arrival_put(t, out);
    retold_agents_later(t->agents, out);
    fputs(t->later_text, out);
    return spelling_end(&text);
}

static bool retold_tell(struct retold_teller *t, struct retold *r, char *why, size_t size)
{
    retold_arrival_point(t);
    if (!retold_applies(t, why, size)) return false;
    if (!t->began || t->no_test || !*t->strategy || !t->image)
        return why_set(why, size, "%s",
                       t->no_test ? "it was written, not received"
                       : t->began ? "no strategy was at its routing point"
                                  : "how it came is not in this journal");
    if (!t->over) teller_lacks(t, "its end: the journal ends before");
    r->lines = retold_lines_of(t);
    r->image = t->image;
    (void)snprintf(r->strategy, sizeof r->strategy, "%s", t->strategy);
    want_end(t, r);
    want_steps(t, r);
    want_keys(t, r);
    fflush(t->lacks);
    r->lacks = memory_text(t->lacks_text);
    return true;
}

bool retold_read(struct past *past, uint64_t interaction, struct retold *r, char *why, size_t size)
{
    struct retold_teller *t = teller_new(past, interaction);
    *r = (struct retold){.wanted_count = 0};
    bool known = core_find(past_end(past), interaction, &t->end);
    t->conn = t->end.conn;
    if (!known) (void)snprintf(why, size, "it is no longer known at the journal's end");
    bool good = known && retold_tell(t, r, why, size);
    teller_free(t);
    return good;
}

void retold_free(struct retold *r)
{
    for (size_t i = 0; i < r->wanted_count; i++) free(r->wanted[i]);
    free(r->wanted);
    free(r->lines);
    free(r->lacks);
}
