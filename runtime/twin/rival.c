/* runtime/twin/rival.c - The life of a rival: its core, its batches, and how it watches both cores.
 *
 * For each batch of the journal: timers that only the rival's core has fire first, at their own time. Then the rival's
 * core applies the translated batch, and what both have done is compared. Answers that the rival may have at once make
 * further batches at the same time. */
#include "runtime/twin/rival_state.h"

#include "runtime/core/base/record.h"
#include "runtime/core/read/facts.h"
#include "runtime/core/read/wanted.h"
#include "runtime/core/snapshot.h"
#include "runtime/vocabulary/bytes.h"
#include "vm/look.h"
#include "vm/opcode.h"

/* ---- choosing for the rival's core ---- */

static void rival_renew_call(struct rival *r, struct rival_call *call)
{
    if (call->renewed) return;
    call->renewed = true;
    r->renewed++;
    rival_touch(r, call);
}

/* Chooses the strategy for an arrival in the rival's core. */
static int rival_on_choosing(void *self, uint64_t ixn, struct span dn)
{
    struct rival *r = self;
    bool has = r->options.image ? rival_has_dn(r, dn) : !r->options.point || span_is(dn, r->options.point);
    if (ixn == 0) { /* a contact of a campaign, which is made next, or a call-back, which is made later */
        r->contact = has && r->runaways < RUNAWAYS_MAX;
        return r->contact && r->options.image ? 1 : 0;
    }
    if (!has) return 0;
    struct rival_call *call = rival_call_add_other(r, ixn);
    bool renewed = call && !call->left && r->runaways < RUNAWAYS_MAX;
    if (renewed) rival_renew_call(r, call);
    if (!r->options.image) return 0;
    return renewed ? 1 : -1;
}

static uint64_t rival_on_numbering(void *self, unsigned media, uint64_t conn)
{
    struct rival *r = self;
    const uint64_t ixn = rival_number(r, media, conn);
    if (media == media_outbound && r->contact) {
        r->contacts = memory_more(r->contacts, r->contact_count, sizeof *r->contacts);
        r->contacts[r->contact_count++] = ixn;
    }
    return ixn;
}

/* Gives only agents whom the present core has chosen in this batch. */
static bool rival_on_offering(void *self, struct span agent)
{
    const struct rival *r = self;
    for (size_t i = 0; i < r->given_count; i++)
        if (span_is(agent, r->given[i])) return true;
    return false;
}

static const struct image *rival_on_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct rival *r = self;
    const struct image *image = r->options.image;
    if (image && memcmp(image_hash(image), hash, CORE_HASH) == 0) return image;
    return r->options.options->image(r->options.options->self, hash);
}

/* ---- watching ---- */

/* Notes conditions: jumps that depend on something. */
static void rival_on_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct rival_half *half = self;
    unsigned op = word_op(image_code(image, image_function(image, function))[pc]);
    struct vm_look look;
    if ((op < OP_JTRUE || op > OP_JGE_I) && op != OP_SEGMENT) return;
    if (!vm_look(core_vm(half->core), function, &look)) return; /* a condition of a selection, and no step follows */
    half->branched = look.interaction;
    half->branch = (struct rival_branch){image, function, pc};
}

/* Is the interaction, which comes to a step, a contact or a call-back that runs the other version? Their strategies
 * were chosen before there was an interaction. */
static bool rival_is_contact(const struct rival *r, const struct image *image, uint64_t ixn)
{
    const struct rival_call *call = rival_call_named(r, ixn);
    struct interaction_row row;
    if (call && (call->renewed || call->left)) return false;
    for (size_t i = 0; i < r->contact_count; i++)
        if (r->contacts[i] == ixn) return true;
    return !r->options.point && image == r->options.image && core_find(r->half[IS].core, ixn, &row) &&
           span_is(row.media, enum_name_media(media_callback));
}

static int32_t rival_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    struct rival_half *half = self;
    struct rival *r = half->rival;
    (void)fiber;
    half->at_wait = interaction;
    core_wait_place(image, wait, &half->place);
    half->by = half->branched == interaction ? half->branch : (struct rival_branch){0};
    half->branched = 0;
    bool asks = core_wanted_by(image, wait), began = half == &r->half[IS] && rival_is_contact(r, image, interaction);
    if (!asks && !began) return VM_GO_ON;
    struct rival_call *call =
        half == &r->half[IS] ? rival_call_add_other(r, interaction) : rival_call_add(r, interaction);
    if (call && !call->left && began) rival_renew_call(r, call);
    if (call && !call->left && asks) rival_on_ask(half, call);
    return VM_GO_ON;
}

/* A step of the rival that failed while a question had no answer may have failed for that. */
static void rival_on_waited(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                            int32_t code)
{
    const struct rival_half *half = self;
    struct rival *r = half->rival;
    (void)image, (void)wait, (void)fiber;
    if (half != &r->half[IS] || code == VM_GO_ON) return;
    struct rival_call *call = rival_call_add_other(r, interaction);
    if (!call || call->left || !call->asking) return;
    call->lapsed = true;
    rival_touch(r, call);
}

static void rival_note_given(struct rival *r, struct span agent)
{
    if (agent.length == 0 || agent.length > NAME_MAX_BYTES) return;
    r->given = memory_more(r->given, r->given_count, sizeof *r->given);
    char *slot = r->given[r->given_count++];
    memcpy(slot, agent.bytes, agent.length);
    slot[agent.length] = '\0';
}

static void rival_note_chosen(struct rival_half *half, uint64_t ixn)
{
    struct rival *r = half->rival;
    bool other = half == &r->half[IS];
    struct rival_call *call = other ? rival_call_add_other(r, ixn) : rival_call_named(r, ixn);
    if (call) call->chosen[other ? IS : WAS] = true;
}

static void rival_on_fact(void *self, const struct core *core, const struct fact *fact)
{
    struct rival_half *half = self;
    struct rival *r = half->rival;
    if (half == &r->half[WAS]) rival_fresh_note(r, fact->ixn);
    if (fact->what == FACT_decided) {
        rival_asks_write(half, fact->ixn);
        if (fact->decision->chosen != 0) rival_note_chosen(half, fact->ixn);
        if (half == &r->half[WAS] && fact->decision->chosen != 0)
            rival_note_given(r, core_text(core, fact->decision->chosen));
    }
    if (fact->what != FACT_ended || half == &r->half[IS]) return;
    struct rival_call *call = rival_call_named(r, fact->ixn);
    if (!call || call->over) return;
    call->over = true;
    if (call->left)
        rival_call_gone(r, call);
    else
        rival_touch(r, call);
}

static void rival_on_effect_of(void *self, struct span frame)
{
    rival_on_effect(self, frame);
}

/* ---- batches ---- */

static void rival_apply(struct rival *r, uint64_t time_us)
{
    struct batch batch = r->batch;
    const struct effect_sink sink = {rival_on_effect_of, &r->half[IS]};
    batch.number = ++r->number;
    batch.time_us = time_us;
    batch.events = (struct span){r->events.bytes, (uint32_t)r->events.length};
    batch.count = r->event_count;
    core_apply(r->half[IS].core, &batch, &sink);
}

/* Lets timers that only the rival's core has fire, at their own time. */
static void rival_pass_time(struct rival *r, uint64_t others_us)
{
    writer_clear(&r->events);
    r->event_count = 0;
    for (;;) {
        uint64_t next_us = core_next_timer(r->half[IS].core);
        if (next_us >= r->batch.time_us || next_us >= others_us) return;
        rival_apply(r, next_us);
        rival_compare(r);
    }
}

/* The present core is about to apply a batch. */
static void rival_on_batch(void *self, const struct batch *batch)
{
    struct rival *r = self;
    uint64_t others_us = core_next_timer(r->half[WAS].core);
    r->given_count = 0;
    r->batch = *batch;
    if (!r->begun) r->number = batch->number - 1;
    rival_pass_time(r, others_us);
    rival_hear_batch(r, batch->events);
}

/* Gives the strategy's name to the calls that were touched: a strategy that is over has none any more. */
static void rival_name_strategies(struct rival *r)
{
    struct interaction_row row;
    for (size_t i = 0; i < r->touched_count; i++) {
        struct rival_call *call = &r->calls[r->touched[i]];
        if (*call->strategy || !core_find(r->half[WAS].core, call->ixn, &row)) continue;
        text_set_span(call->strategy, sizeof call->strategy, row.strategy);
    }
}

void rival_settle(struct rival *r)
{
    rival_apply(r, r->batch.time_us);
    for (unsigned round = 0; r->delivery_count > 0 && round < ROUNDS_MAX; round++) {
        rival_hear_deliveries(r);
        if (r->event_count > 0) rival_apply(r, r->batch.time_us);
    }
    for (size_t i = 0; i < r->delivery_count; i++) {
        struct rival_call *call = &r->calls[r->deliveries[i].row];
        if (!call->left) rival_unknown(r, call, "asks more than a hundred questions one after another");
    }
    r->delivery_count = 0;
    rival_name_strategies(r);
    rival_compare(r);
    rival_fresh_settle(r);
    rival_calls_settle(r);
    r->contact_count = 0;
    r->given_count = 0;
}

void rival_end(struct rival *r)
{
    r->ends = true;
    for (size_t i = 0; i < r->call_count; i++)
        if (r->calls[i].ixn != 0 && r->calls[i].renewed) rival_close(r, &r->calls[i]);
}

/* ---- life ---- */

static bool rival_put_bytes(void *self, const void *bytes, size_t length)
{
    return fwrite(bytes, 1, length, self) == length;
}

/* Returns a copy of the core, which runs with the options. */
static struct core *rival_copy(struct core *core, const struct core_options *options, struct error *error)
{
    char *bytes = NULL;
    size_t length = 0;
    FILE *file = memory_stream(&bytes, &length);
    bool good = core_save(core, rival_put_bytes, file);
    fclose(file);
    struct core *copy = NULL;
    if (good)
        copy = core_load(options, (const uint8_t *)bytes, length, error);
    else
        error_set(error, ERROR_STATE, "the core of the journal cannot be copied");
    free(bytes);
    return copy;
}

static void rival_half_begin(struct rival *r, enum side side, struct core *core)
{
    struct rival_half *half = &r->half[side];
    half->rival = r;
    half->core = core;
    half->watch = (struct vm_watch){
        .self = half, .instruction = rival_on_instruction, .wait = rival_on_wait, .ended = rival_on_waited};
    half->listener = (struct core_listener){half, rival_on_fact};
    core_watch(core, &half->watch);
    core_listen(core, &half->listener);
}

struct rival *rival_new(struct core *present, const struct rival_options *options, struct error *error)
{
    struct rival *r = memory_zeroed(1, sizeof *r);
    assert(options->outcome);
    r->options = *options;
    r->core_options = *options->options;
    r->core_options.image = rival_on_image;
    r->core_options.choosing = rival_on_choosing;
    r->core_options.offering = rival_on_offering;
    r->core_options.numbering = rival_on_numbering;
    r->core_options.self = r;
    r->core_options.mark = NULL;
    struct core *other = rival_copy(present, &r->core_options, error);
    if (!other) {
        free(r);
        return NULL;
    }
    writer_init(&r->events);
    writer_init(&r->scratch);
    rival_half_begin(r, WAS, present);
    rival_half_begin(r, IS, other);
    rival_calls_init(r);
    r->watch = (struct journal_watch){r, rival_on_batch, {rival_on_effect_of, &r->half[WAS]}};
    return r;
}

void rival_free(struct rival *r)
{
    if (!r) return;
    core_watch(r->half[WAS].core, NULL);
    core_listen(r->half[WAS].core, NULL);
    core_free(r->half[IS].core);
    rival_calls_free(r);
    for (unsigned side = 0; side < SIDES; side++) {
        free(r->half[side].asks);
        free(r->half[side].own);
    }
    writer_free(&r->events);
    writer_free(&r->scratch);
    free(r->leaving);
    free(r->contacts);
    free(r->deliveries);
    free(r->refs.rows);
    free(r->claims.rows);
    free(r->dns);
    free(r->given);
    free(r);
}

const struct journal_watch *rival_watch(struct rival *r)
{
    return &r->watch;
}

uint64_t rival_count(const struct rival *r)
{
    return r->renewed;
}

bool rival_exhausted(const struct rival *r)
{
    return r->runaways >= RUNAWAYS_MAX;
}
