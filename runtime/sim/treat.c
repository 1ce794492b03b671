/* runtime/sim/treat.c - The switch's treatment devices: they play, speak, collect digits and record.
 *
 * A treatment ends once, by its time, by keys, by a hang-up or by the next treatment (switch_end_treatment); the
 * report of it is also kept with the call (`ended`), since a T-Server that was away asks for it later. */
#include "runtime/sim/switch_state.h"
#include "runtime/sim/treatment.h"
#include "base/memory.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_DIGIT_US UINT64_C(5000000)
#define GAP_US         UINT64_C(5000000)
#define END_LATE_US    UINT64_C(2000000)
#define WORD_US        UINT64_C(100000) /* a shorter sound is a click, not a word */

static bool treatment_is_known(enum treatment type)
{
    return type >= treatment_PlayAnnouncement && type <= treatment_DeleteUserAnnouncement;
}

/* Sets the slot's only timer: earlier ones have an older `timer` number and no effect. A device that hangs gets no
 * timer. */
static void treat_arm(struct sim_switch *s, struct slot *slot, uint64_t at_us)
{
    slot->timer++;
    slot->due_us = at_us;
    if (!slot->hangs) agenda_add(&s->agenda, at_us, TIMER_TREATMENT, slot->index, slot->timer);
}

void switch_forget_ended(struct slot *slot)
{
    free(slot->ended);
    slot->call.ended = slot->ended = NULL;
}

/* Keeps the report for a T-Server that was away: it asks for it in its snapshot. */
static void remember_ended(struct slot *slot, const struct switch_report *report)
{
    if (!slot->ended) slot->ended = memory_grown(NULL, 1, sizeof *slot->ended);
    *slot->ended = *report;
    slot->call.ended = slot->ended;
}

/* Ends the treatment; the keys pressed are in the report and in `ended`. Without a treatment nothing is reported. */
void switch_end_treatment(struct sim_switch *s, struct slot *slot, enum cause cause, uint64_t now_us)
{
    if (slot->call.treatment == 0) return;
    struct switch_report *r = switch_tell(s, SWITCH_TREATMENT_ENDED, slot, now_us);
    r->treatment = slot->call.treatment;
    r->cause = cause;
    r->secret = slot->secret;
    memcpy(r->digits, slot->digits, sizeof r->digits);
    if (slot->records && cause == cause_ok) {
        r->spoken_us = slot->spoken_us;
        r->recording = ++s->recordings;
    }
    remember_ended(slot, r);
    slot->call.treatment = 0;
    slot->timer++;
}

/* Begins a treatment; all reasons for a refusal are checked before the running treatment is ended: a refusal changes
 * nothing. A treatment that replaces another one needs no additional port. */
enum code switch_treat(struct sim_switch *s, uint64_t call, const struct switch_treatment *t, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (slot->call.place != SWITCH_AT_ROUTING_POINT) return code_invalid_state;
    if (!treatment_is_known(t->type)) return code_unsupported;
    if (t->number == 0 || (t->keys && strlen(t->keys) > SWITCH_DIGITS) || t->max > SWITCH_DIGITS ||
        t->min > SWITCH_DIGITS || (t->max != 0 && t->min > t->max))
        return code_invalid_attribute;
    enum switch_device device = SWITCH_PLAYS;
    if (s->options.device) device = s->options.device(s->options.self, call, t, now_us);
    if (device == SWITCH_REFUSES) return code_not_applied;
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    slot->call.treatment = t->number;
    slot->collects = t->type == treatment_PlayAnnouncementAndDigits || t->type == treatment_CollectDigits ||
                     t->type == treatment_VerifyDigits;
    slot->records = t->type == treatment_RecordUserAnnouncement;
    slot->spoken_us = 0;
    slot->record_us = t->duration_us;
    slot->prompt_us = now_us + treatment_lasts_us(t);
    slot->secret = t->secret;
    free(slot->result);
    slot->call.result = slot->result = NULL;
    slot->hangs = device == SWITCH_HANGS;
    (void)snprintf(slot->keys, sizeof slot->keys, "%s", !t->keys ? "" : t->keys);
    memset(slot->digits, 0, sizeof slot->digits);
    slot->min = t->min;
    slot->max = t->max == 0 ? KEYED_MAX : t->max;
    slot->end = t->end;
    slot->abort = t->abort;
    slot->clear = t->clear;
    slot->gap_us = t->gap_us == 0 ? GAP_US : t->gap_us;
    slot->first_us = t->first_us == 0 ? FIRST_DIGIT_US : t->first_us;
    switch_tell(s, SWITCH_TREATMENT_STARTED, slot, now_us)->treatment = t->number;
    treat_arm(s, slot, slot->prompt_us + (slot->collects ? slot->first_us : slot->records ? FIRST_DIGIT_US : 0));
    return code_ok;
}

enum code switch_stop_treatment(struct sim_switch *s, uint64_t call, uint32_t number, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot) return code_unknown_conn_id;
    if (slot->call.treatment == 0 || slot->call.treatment != number) return code_invalid_state;
    switch_end_treatment(s, slot, cause_interrupted, now_us);
    return code_ok;
}

void switch_application(struct sim_switch *s, uint64_t call, uint32_t number, const char *result, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot || slot->call.treatment != number || number == 0) return;
    assert(!slot->result);
    slot->call.result = slot->result = !result ? NULL : strdup(result);
    assert(!result || slot->result);
    switch_end_treatment(s, slot, !result ? cause_dropped : cause_ok, now_us);
}

static void finish_digits(struct sim_switch *s, struct slot *slot, uint64_t now_us)
{
    size_t count = strlen(slot->digits);
    enum cause cause = count >= slot->min && count > 0 ? cause_ok : count == 0 ? cause_no_input : cause_invalid_input;
    switch_end_treatment(s, slot, cause, now_us);
}

/* Handles a key; a menu ends with the first key. Digits end with the end key, with the last possible digit, or by a
 * pause after a digit. */
static void treat_key(struct sim_switch *s, struct slot *slot, char digit, uint64_t now_us)
{
    size_t count = strlen(slot->digits);
    if (slot->keys[0] != '\0') {
        slot->digits[0] = digit;
        slot->digits[1] = '\0';
        switch_end_treatment(s, slot, strchr(slot->keys, digit) ? cause_ok : cause_invalid_input, now_us);
    } else if (digit == slot->abort) {
        memset(slot->digits, 0, sizeof slot->digits);
        slot->digits[0] = digit; /* the core gets this key alone, and knows by it that the caller has aborted */
        switch_end_treatment(s, slot, cause_ok, now_us);
    } else if (digit == slot->clear) {
        memset(slot->digits, 0, sizeof slot->digits);
        treat_arm(s, slot, now_us + slot->first_us);
    } else if (digit == slot->end) {
        finish_digits(s, slot, now_us);
    } else {
        slot->digits[count] = digit;
        slot->digits[count + 1] = '\0';
        if (count + 1 < slot->max) {
            treat_arm(s, slot, now_us + slot->gap_us);
            return;
        }
        slot->late_end = slot->end;
        slot->late_until_us = now_us + END_LATE_US;
        finish_digits(s, slot, now_us);
    }
}

/* Is this the end key after a number that was already complete? Such a key still belongs to the earlier number. */
static bool key_is_late(struct slot *slot, char digit, uint64_t now_us)
{
    bool late = digit == slot->late_end && now_us < slot->late_until_us;
    slot->late_end = '\0';
    return late;
}

/* Any key ends a recording that has begun: it contains what the caller has said until then. */
static void treat_said_all(struct sim_switch *s, struct slot *slot, uint64_t now_us)
{
    if (now_us < slot->prompt_us) return;
    uint64_t until_us = now_us > slot->speaks_us ? now_us - slot->speaks_us : 0;
    if (slot->spoken_us > until_us) slot->spoken_us = until_us < WORD_US ? 0 : until_us;
    switch_end_treatment(s, slot, slot->spoken_us == 0 ? cause_no_input : cause_ok, now_us);
}

/* The caller presses keys; digits that no treatment asks for are lost, as on a telephone. */
void switch_key(struct sim_switch *s, uint64_t call, const char *digits, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    for (; slot && *digits != '\0'; digits++) {
        if (key_is_late(slot, *digits, now_us) || slot->call.treatment == 0) continue;
        if (slot->collects)
            treat_key(s, slot, *digits, now_us);
        else if (slot->records)
            treat_said_all(s, slot, now_us);
    }
}

void switch_key_wrong(struct sim_switch *s, uint64_t call, uint32_t number, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (slot && slot->call.treatment == number && number != 0 && slot->collects)
        switch_end_treatment(s, slot, cause_invalid_input, now_us);
}

void switch_speak(struct sim_switch *s, uint64_t call, uint32_t number, uint64_t spoken_us, uint64_t now_us)
{
    struct slot *slot = switch_slot(s, call);
    if (!slot || slot->call.treatment != number || !slot->records || spoken_us == 0) return;
    slot->spoken_us = spoken_us < slot->record_us ? spoken_us : slot->record_us;
    slot->speaks_us = slot->prompt_us > now_us ? slot->prompt_us : now_us;
    treat_arm(s, slot, slot->speaks_us + slot->spoken_us);
}

void switch_treatment_timer(struct sim_switch *s, struct slot *slot, const struct agenda_entry *entry)
{
    if (!slot->live || slot->timer != entry->what || slot->call.treatment == 0) return;
    if (slot->collects)
        finish_digits(s, slot, entry->at_us);
    else if (slot->records && slot->spoken_us == 0)
        switch_end_treatment(s, slot, cause_no_input, entry->at_us);
    else
        switch_end_treatment(s, slot, cause_ok, entry->at_us);
}
