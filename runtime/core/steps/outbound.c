/* runtime/core/steps/outbound.c - Steps about a record of a calling list: they dial its number, postpone it,
 * continue with the next number of its chain, close it, or note that a number must not be called any more. A number
 * is dialled only after its list has allowed the dial and has written the attempt down. */
#include <assert.h>

#include "vm/steps.h"
#include "runtime/core/base/facts_step.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/campaign.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/fiber.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/links/link.h"
#include "runtime/core/run/step.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/run/tries.h"
#include "runtime/core/site/program.h"
#include "runtime/core/steps/kept_place.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/rows.h"

enum {
    /* if the list does not confirm within this time that it has written the attempt down, nobody is dialled */
    NOTE_US = 5000000,
    PROOF_BYTES_MAX = 1000,   /* the longest proof of a consent that the lists keep */
    CUSTOMER_BYTES_MAX = 128, /* the longest name of a customer that the lists keep */
};

static bool word_arg(const struct core *core, const struct interaction *ix, uint8_t fiber, uint16_t parameter,
                     uint64_t *word)
{
    uint16_t type;
    return vm_arg(core->slab, block_at(core->slab, ix->block), fiber, parameter, word, &type);
}

/* Returns the text argument. The text is borrowed from the block or from `inlined`. */
static struct span outbound_text_arg(const struct core *core, const struct interaction *ix, uint8_t fiber,
                                     uint16_t parameter, char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    if (!word_arg(core, ix, fiber, parameter, &word)) return (struct span){0};
    struct text text = block_text(block_image(core->slab, block), block, word, inlined);
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

/* True: the list has taken the record back, so the strategy can no longer change it. */
static bool is_over(const struct list_record *row)
{
    return !row || (row->closed && !row->untold);
}

/* ---- close, retry, next, do_not_call ---- */

/* Finds when the record, or the next number of its chain, is to be called; false: that time is past. A sum beyond
 * the range of 64 bits counts as past as well. */
static bool time_arg(const struct core *core, const struct interaction *ix, uint8_t fiber, int64_t *at_us)
{
    static_assert((int)PARAMETER_outbound_retry_in == (int)PARAMETER_outbound_next_in &&
                      (int)PARAMETER_outbound_retry_at == (int)PARAMETER_outbound_next_at,
                  "both steps say it alike");
    uint64_t at, in;
    int64_t now_us = now_wall_us(core->now);
    *at_us = now_us;
    if (word_arg(core, ix, fiber, PARAMETER_outbound_retry_at, &at))
        *at_us = (int64_t)at;
    else if (!word_arg(core, ix, fiber, PARAMETER_outbound_retry_in, &in))
        return step_of(core, ix, fiber) == STEP_ID_outbound_next;
    else if (__builtin_add_overflow(now_us, (int64_t)in, at_us))
        return false;
    return *at_us > now_us;
}

/* Returns `at_us`, or later: a record is not dialled again while the result of its last dial is unknown. */
static int64_t not_before(const struct core *core, const struct list_record *row, int64_t at_us)
{
    int64_t now_us = now_wall_us(core->now);
    uint64_t rests_us = row->dials_again_us > core->now->time_us ? row->dials_again_us - core->now->time_us : 0;
    if ((uint64_t)at_us - (uint64_t)now_us >= rests_us) return at_us;
    return __builtin_add_overflow(now_us, (int64_t)rests_us, &at_us) ? INT64_MAX : at_us;
}

/* Makes the update that postpones the record, or returns why it cannot be postponed. The update sets no type: nothing
 * was promised to the person, and earlier promises stay. */
static unsigned steps_retry(const struct core *core, const struct interaction *ix, uint8_t fiber,
                            struct record_update *update)
{
    const struct list_record *row = list_record_of(core->list_records, ix);
    int64_t at_us;
    uint64_t at_most;
    if (!time_arg(core, ix, fiber, &at_us)) return code_past;
    if (word_arg(core, ix, fiber, PARAMETER_outbound_retry_at_most, &at_most) && (int64_t)at_most <= row->attempts)
        return code_ok; /* without a new time, the record is closed with its last result */
    if (!campaign_hours_allow(core->campaigns, row, at_us)) return code_outside_hours;
    update->status = record_status_ready;
    update->due_us = not_before(core, row, at_us);
    return code_ok;
}

/* Continues the chain with its next number; the record keeps its last result. */
static unsigned next_number(const struct core *core, const struct interaction *ix, uint8_t fiber,
                            struct record_update *update)
{
    int64_t at_us;
    if (!time_arg(core, ix, fiber, &at_us)) return code_past;
    update->status = record_status_updated;
    update->due_us = not_before(core, list_record_of(core->list_records, ix),
                                at_us); /* nobody is called while the last dial may still ring */
    return code_ok;
}

/* Tells a link that has lists, for any interaction. `list` empty: the number must not be called any more. */
static struct step_outcome outbound_tell(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref,
                                         struct span list, struct span number)
{
    struct writer *writer = &core->effects->writer;
    unsigned link = link_that_can(core->links, ix->link, CAP_RECORDS);
    int64_t timeout_us = tries_left(core, ix, fiber);
    uint64_t at, fields;
    uint16_t type;
    if (!kept_place_is_number(number)) return step_fails(list.length != 0 ? code_invalid_number : code_refused);
    if (link == 0) return step_fails(code_unavailable);
    if (!link_usable(core->links, link)) return step_fails(code_link_down);
    kv_clear(&core->scratch);
    if (list.length != 0 &&
        vm_arg(core->slab, block_at(core->slab, ix->block), fiber, PARAMETER_outbound_add_fields, &fields, &type))
        userdata_put(core->interactions, ix, &core->scratch, span_of("fields"), type, fields, false);
    if (core->scratch.length > KV_BYTES_MAX) return step_fails(code_too_large);
    ref = step_effect(core, ix, KIND_AddRecord, link, ref, timeout_us);
    writer_bytes(writer, AddRecord_list, list);
    writer_bytes(writer, AddRecord_number, number);
    if (list.length != 0 && word_arg(core, ix, fiber, PARAMETER_outbound_add_at, &at))
        writer_i(writer, AddRecord_due, (int64_t)at);
    effect_kv(core->effects, AddRecord_fields);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_AddRecord, ref, link, timeout_us);
    return step_waits();
}

/* The interaction has no record, so the step can only note a number that must not be called any more. */
static struct step_outcome outbound_note_number(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    char inlined[8];
    if (step_of(core, ix, fiber) != STEP_ID_outbound_do_not_call) return step_fails(code_refused);
    return outbound_tell(core, ix, fiber, ref, (struct span){0},
                         outbound_text_arg(core, ix, fiber, PARAMETER_outbound_do_not_call_number, inlined));
}

static struct step_outcome record_add_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    char inlined[8], list_inlined[8];
    struct span list = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_add_list, list_inlined);
    if (list.length == 0 || list.length > NAME_BYTES_MAX) return step_fails(code_refused);
    return outbound_tell(core, ix, fiber, ref, list,
                         outbound_text_arg(core, ix, fiber, PARAMETER_outbound_add_number, inlined));
}

static struct record_update never_again(const struct core *core, const struct interaction *ix, struct span number)
{
    const struct list_record *row = list_record_of(core->list_records, ix);
    if (!span_equal(number, list_record_number(row))) /* the update says nothing of the record itself */
        return (struct record_update){.number = number, .closes = row->closed};
    return (struct record_update){.status = record_status_cancelled,
                                  .type = record_type_no_call,
                                  .result = cause_do_not_call,
                                  .number = number,
                                  .closes = true};
}

/* Fills in the change of the record that the step wants, and returns code_ok. A code other than code_ok is the exit
 * that the step takes. */
static unsigned outbound_asked(const struct core *core, const struct interaction *ix, uint8_t fiber, char inlined[8],
                               struct record_update *update)
{
    const struct list_record *row = list_record_of(core->list_records, ix);
    unsigned step = step_of(core, ix, fiber);
    uint64_t result;
    if (!row || (is_over(row) && step != STEP_ID_outbound_do_not_call)) return code_refused;
    *update = list_record_last(core->list_records, row);
    switch (step) {
    case STEP_ID_outbound_retry:
        return steps_retry(core, ix, fiber, update);
    case STEP_ID_outbound_next:
        return next_number(core, ix, fiber, update);
    case STEP_ID_outbound_close:
        if (!word_arg(core, ix, fiber, PARAMETER_outbound_close_result, &result)) return code_refused;
        update->status = record_status_updated;
        update->due_us = 0;
        update->result = (uint8_t)result;
        return code_ok;
    default: {
        struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_do_not_call_number, inlined);
        if (!kept_place_is_number(number) || !list_record_may_block(row, 1)) return code_refused;
        *update = never_again(core, ix, number);
        return code_ok;
    }
    }
}

static struct step_outcome record_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    char inlined[8];
    if (!list_record_of(core->list_records, ix)) return outbound_note_number(core, ix, fiber, ref);
    struct record_update update;
    unsigned code = outbound_asked(core, ix, fiber, inlined, &update);
    if (code != code_ok) return step_fails(code);
    ref = list_record_tell(core->list_records, ix, &update);
    /* the list's link is down; the list is told when it is up again */
    if (ref == 0) return step_fails(code_unavailable);
    int64_t timeout_us = tries_left(core, ix, fiber);
    step_awaits(core, ix, fiber, KIND_UpdateRecord, ref, list_record_of(core->list_records, ix)->link, timeout_us);
    return step_waits();
}

/* ---- consent, withdraw ---- */

/* Tells the link of the calling lists that a person consents, or withdraws the consent; any interaction may do this. */
static struct step_outcome consent_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    static_assert((int)PARAMETER_outbound_consent_number == (int)PARAMETER_outbound_withdraw_number &&
                      (int)PARAMETER_outbound_consent_purpose == (int)PARAMETER_outbound_withdraw_purpose,
                  "both steps say it alike");
    struct writer *writer = &core->effects->writer;
    bool gives = step_of(core, ix, fiber) == STEP_ID_outbound_consent;
    char inlined[3][8] = {{0}};
    struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_consent_number, inlined[0]);
    struct span purpose = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_consent_purpose, inlined[1]);
    struct span proof = {0};
    if (gives) proof = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_consent_proof, inlined[2]);
    unsigned link = link_that_can(core->links, ix->link, CAP_RECORDS);
    int64_t timeout_us = tries_left(core, ix, fiber);
    uint64_t until = 0;
    if (!kept_place_is_number(number)) return step_fails(code_invalid_number);
    if (purpose.length == 0 || purpose.length > NAME_BYTES_MAX || (gives && proof.length == 0) ||
        proof.length > PROOF_BYTES_MAX)
        return step_fails(code_refused);
    if (gives && word_arg(core, ix, fiber, PARAMETER_outbound_consent_until, &until) &&
        (int64_t)until <= now_wall_us(core->now))
        return step_fails(code_past);
    if (link == 0) return step_fails(code_unavailable);
    if (!link_usable(core->links, link)) return step_fails(code_link_down);
    ref = step_effect(core, ix, KIND_NoteConsent, link, ref, timeout_us);
    writer_bytes(writer, NoteConsent_number, number);
    writer_bytes(writer, NoteConsent_purpose, purpose);
    writer_bytes(writer, NoteConsent_proof, proof);
    writer_i(writer, NoteConsent_until, (int64_t)until);
    writer_u(writer, NoteConsent_withdrawn, !gives);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_NoteConsent, ref, link, timeout_us);
    return step_waits();
}

/* ---- cancel ---- */

/* Tells a link that has lists, for any interaction, that the person's records leave the campaigns. A record that the
 * core holds stays with its strategy or agent: the list allows no dial of it any more. */
static struct step_outcome cancel_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    struct writer *writer = &core->effects->writer;
    char inlined[4][8] = {{0}};
    struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_cancel_number, inlined[0]);
    struct span list = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_cancel_list, inlined[1]);
    struct span customer = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_cancel_customer, inlined[2]);
    struct span why = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_cancel_why, inlined[3]);
    unsigned link = link_that_can(core->links, ix->link, CAP_RECORDS);
    int64_t timeout_us = tries_left(core, ix, fiber);
    if (!kept_place_is_number(number)) return step_fails(code_invalid_number);
    if (list.length > NAME_BYTES_MAX || customer.length > CUSTOMER_BYTES_MAX || why.length > PROOF_BYTES_MAX)
        return step_fails(code_refused);
    if (link == 0) return step_fails(code_unavailable);
    if (!link_usable(core->links, link)) return step_fails(code_link_down);
    ref = step_effect(core, ix, KIND_CancelRecord, link, ref, timeout_us);
    writer_bytes(writer, CancelRecord_number, number);
    writer_bytes(writer, CancelRecord_list, list);
    writer_bytes(writer, CancelRecord_customer, customer);
    writer_bytes(writer, CancelRecord_why, why);
    effect_end(core->effects);
    step_awaits(core, ix, fiber, KIND_CancelRecord, ref, link, timeout_us);
    return step_waits();
}

/* Returns the exit of the step for the code that the list has answered. */
static unsigned exit_of(unsigned step, unsigned code)
{
    switch (code) {
    case code_timeout:
    case code_link_down:
    case code_unsupported:
        return code;
    case code_past:
        return step == STEP_ID_outbound_retry || step == STEP_ID_outbound_next ? code : (unsigned)code_refused;
    case code_invalid_number:
        return step == STEP_ID_outbound_add || step == STEP_ID_outbound_consent || step == STEP_ID_outbound_withdraw ||
                       step == STEP_ID_outbound_cancel
                   ? code
                   : (unsigned)code_refused;
    case code_outside_hours:
        return step == STEP_ID_outbound_retry ? code : (unsigned)code_refused;
    default:
        return list_record_may_pass(code) ? code_unavailable : code_refused;
    }
}

static void record_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                            const struct message *message)
{
    unsigned code = effect_code_of(message);
    uint8_t fiber = pending->fiber;
    if (code == code_ok)
        strategy_step_done(core, ix, fiber, 0);
    else
        strategy_step_failed(core, ix, fiber, exit_of(step_of(core, ix, fiber), code));
}

const struct step_ops step_ops_record = {.begin = record_begin, .answered = record_answered, .again = KIND_AddRecord};
const struct step_ops step_ops_record_consent = {
    .begin = consent_begin, .answered = record_answered, .again = KIND_NoteConsent};
const struct step_ops step_ops_record_cancel = {
    .begin = cancel_begin, .answered = record_answered, .again = KIND_CancelRecord};
const struct step_ops step_ops_record_add = {
    .begin = record_add_begin, .answered = record_answered, .again = KIND_AddRecord};

/* ---- dial ---- */

/* Asks the list whether the number may be dialled now. */
static void outbound_check(struct core *core, struct interaction *ix, uint8_t fiber, struct span number)
{
    const struct list_record *row = list_record_of(core->list_records, ix);
    effect_await(core->effects, ix, KIND_CheckRecord, list_record_checks(core->list_records, row, ix, number),
                 row->link, fiber, LIST_RECORD_CHECK_US);
    interaction_tell(core->interactions, ix, FACT_record_checked, 0, row->campaign);
}

static void outbound_refused(struct core *core, struct interaction *ix, uint8_t fiber, unsigned code)
{
    list_record_refused(core->list_records, ix);
    strategy_step_failed(core, ix, fiber, code);
}

/* Begins the dial, which needs three answers, one after another:
 *
 *     CheckRecord    may the number be dialled now?      no: refused, there was no attempt
 *     UpdateRecord   the attempt is written down          no: refused, nothing is dialled
 *     the dial       the link dials                       answered, busy, unknown, ...
 *
 * A crash between the second and the third leaves one counted attempt too many, but never one too few. */
static struct step_outcome dial_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    const struct list_record *row = list_record_of(core->list_records, ix);
    char inlined[8];
    struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_dial_number, inlined);
    if (is_over(row) || ix->leg || ix->keeps) return step_fails(code_refused);
    /* fails, since the last dial may still ring */
    if (core->now->time_us < row->dials_again_us) return step_fails(code_refused);
    if (!kept_place_is_number(number)) return step_fails(code_invalid_number);
    if (!link_usable(core->links, ix->link)) return step_fails(code_link_down);
    if (!link_can(core->links, ix->link, CAP_DIAL)) return step_fails(code_unsupported);
    if (!link_usable(core->links, row->link)) { /* nobody can allow it */
        list_record_refused(core->list_records, ix);
        return step_fails(code_refused);
    }
    outbound_check(core, ix, fiber, number);
    return step_waits();
}

/* The list allows the dial: asks it to write the attempt down first. If the list cannot, or nothing is dialled now,
 * there is no attempt. */
static void outbound_note(struct core *core, struct interaction *ix, uint8_t fiber)
{
    unsigned link = list_record_of(core->list_records, ix)->link;
    char inlined[8];
    struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_dial_number, inlined);
    if (!core->dials_held && link_usable(core->links, link))
        effect_await(core->effects, ix, KIND_UpdateRecord, list_record_dials(core->list_records, ix, number), link,
                     fiber, NOTE_US);
    else
        outbound_refused(core, ix, fiber, code_refused);
}

static void outbound_dial_number(struct core *core, struct interaction *ix, uint8_t fiber)
{
    char inlined[8];
    struct span number = outbound_text_arg(core, ix, fiber, PARAMETER_outbound_dial_number, inlined);
    struct step_outcome outcome = kept_place_dial(core, ix, fiber, number);
    if (outcome.status == STEP_FAILS)
        strategy_step_failed(core, ix, fiber, outcome.code);
    else
        interaction_touch(core->interactions, ix);
}

/* Takes the three answers. `never`: the list says that this number must not be called, which becomes the result of
 * the record. */
static void dial_answered(struct core *core, struct interaction *ix, const struct pending *pending,
                          const struct message *message)
{
    unsigned code = effect_code_of(message);
    if (kept_place_is_dial(pending->kind)) {
        kept_place_dial_answered(core, ix, pending, message);
        return;
    }
    effect_settled(core->effects, ix, pending->ref);
    if (code == code_ok && pending->kind == KIND_CheckRecord) {
        outbound_note(core, ix, pending->fiber);
    } else if (code == code_ok) {
        outbound_dial_number(core, ix, pending->fiber);
    } else {
        bool never = code == code_do_not_call;
        /* the refusal has to do with this record or with the time of day, and is no error of the list */
        bool ordinary = never || code == code_outside_hours || code == code_suppressed || list_record_may_pass(code);
        if (never) list_record_dialled(core->list_records, ix, cause_do_not_call);
        if (ordinary) list_record_refused(core->list_records, ix);
        strategy_step_failed(core, ix, pending->fiber, never ? code : (unsigned)code_refused);
    }
}

static void dial_lapsed(struct core *core, struct interaction *ix, const struct pending *pending)
{
    if (kept_place_is_dial(pending->kind)) {
        kept_place_dial_lapsed(core, ix, pending);
        return;
    }
    uint8_t fiber = pending->fiber;
    effect_cancel(core->effects, ix, pending->ref, pending->kind == KIND_CheckRecord);
    outbound_refused(core, ix, fiber, code_refused);
}

const struct step_ops step_ops_record_dial = {
    .begin = dial_begin, .cancel = kept_place_hang_up, .answered = dial_answered, .lapsed = dial_lapsed};
