/* runtime/debugger/twin.c - Plays two cores in parallel: translates events for the new core, and finds where an
 * interaction differs.
 *
 *     journal --- batch ---> old core (was) --- effects ---.
 *                   |                                       compared, an interaction at a time: the first that differ
 *                twin_hear                                  part it
 *                   v                                      '
 *                 batch' --> new core (is) --- effects ----
 *
 * The new core runs another image, and so its effects, claims and interactions have other numbers. Equal effects are
 * paired when they are compared, and the pairs serve to translate: a batch of the journal becomes one for the new
 * core by giving each event the new core's ref, claim and interaction (twin_hear). An event that answers something
 * that the new core has not done is left out.
 *
 * An interaction that has done something else gets no true answers any more. So the interaction is removed from the new
 * core, where it would take agents from others (twin_take_out), unless an onlooker wants to see it. */
#include "runtime/debugger/twin.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/core.h"
#include "runtime/core/read/read.h"
#include "runtime/debugger/past.h"
#include "runtime/vocabulary/compared.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/rows.h"
#include "base/memory.h"
#include "runtime/vocabulary/vocabulary.h"
#include "vm/look.h"
#include "vm/opcode.h"
#include "vm/steps.h"

enum {
    NUMBER_BITS = 48,
    PAIRS_BACK = 8192, /* the search for an earlier effect goes back at most so many pairs */
};

/* An effect of a batch, as bytes without the parts that differ between any two cores. */
struct did {
    uint64_t ixn; /* the interaction in the old core; 0: the effect belongs to the partition, or the old core has no
                   * such interaction */
    uint32_t ref, kind;
    uint64_t claim;
    size_t at, length; /* position in `bytes` of its side */
    size_t row;        /* row of twin->calls, plus 1; 0: none */
    char place[TWIN_TEXT];
    bool paired;
};

struct compared_side {
    struct core *core;
    struct writer bytes;
    struct did *dids;
    size_t count, capacity;
    struct vm_watch watch;
    const struct vm_watch *above; /* the watch of an onlooker; NULL: there is none */
    uint64_t at_wait;             /* the interaction that last came to a wait, and the place of the wait */
    char place[TWIN_TEXT];
    struct twin *twin;
};

struct twin {
    struct past *past;
    const struct image *image; /* the new version */
    uint64_t only;
    struct core_options options;
    struct compared_side was, is;
    struct journal_head head;
    struct journal_watch watch, above;
    bool watched, renewed;
    struct batch batch; /* the batch being applied; its events are borrowed */
    uint64_t number;    /* number of the new core's next batch */
    struct writer events;
    uint32_t event_count;
    struct twin_call *calls;
    size_t call_count;
    struct index {
        size_t *rows; /* for each number of an interaction its row plus 1; 0: none */
        size_t count;
    } by_number, by_other; /* find a call by its number in the old core, and by its number in the new core */
    size_t *leaving;       /* rows that have differed, to be removed from their strategies */
    size_t leaving_count;
    size_t first;           /* the row that differed first, plus 1 */
    struct twin_pairs refs; /* the partition's own */
    struct twin_pairs claims;
    char (*dns)[NAME_MAX_BYTES + 1]; /* routing points that run the new version */
    size_t dn_count;
    struct error error;
};

/* ---- interactions ---- */

/* Returns the number of an interaction without its partition: both cores count within one partition. */
static uint64_t twin_counter(uint64_t ixn)
{
    return ixn & ((UINT64_C(1) << NUMBER_BITS) - 1);
}

static struct twin_call *twin_indexed(const struct twin *t, const struct index *index, uint64_t ixn)
{
    size_t row = twin_counter(ixn) < index->count ? index->rows[twin_counter(ixn)] : 0;
    assert(row <= t->call_count);
    return row == 0 ? NULL : &t->calls[row - 1];
}

static void twin_index_add(struct index *index, uint64_t ixn, size_t row)
{
    assert(ixn != 0);
    while (index->count <= twin_counter(ixn)) {
        index->rows = memory_more(index->rows, index->count, sizeof *index->rows);
        index->rows[index->count++] = 0;
    }
    assert(index->rows[twin_counter(ixn)] == 0);
    index->rows[twin_counter(ixn)] = row + 1;
}

struct twin_call *twin_named(const struct twin *t, uint64_t ixn)
{
    return twin_indexed(t, &t->by_number, ixn);
}

static struct twin_call *call_add(struct twin *t, uint64_t ixn)
{
    struct interaction_row row;
    struct twin_call *call = twin_named(t, ixn);
    if (call || !core_find(t->was.core, ixn, &row)) return call;
    t->calls = memory_more(t->calls, t->call_count, sizeof *t->calls);
    call = &t->calls[t->call_count];
    *call = (struct twin_call){.ixn = ixn, .conn = row.conn, .arrived_us = row.arrived_us};
    twin_index_add(&t->by_number, ixn, t->call_count++);
    return call;
}

/* Returns the call to which this interaction of the new core belongs: at first by its ConnID or, without one, by its
 * number. */
static struct twin_call *call_by_other(struct twin *t, uint64_t other)
{
    struct interaction_row row, old;
    struct twin_call *call = twin_indexed(t, &t->by_other, other);
    if (call || other == 0 || !core_find(t->is.core, other, &row)) return call;
    uint64_t ixn = row.conn != 0 ? core_ixn_of(t->was.core, row.conn) : other;
    if (ixn == 0 || !core_find(t->was.core, ixn, &old) || old.arrived_us != row.arrived_us) return NULL;
    call = call_add(t, ixn);
    if (!call || call->other != 0) return NULL;
    call->other = other;
    twin_index_add(&t->by_other, other, (size_t)(call - t->calls));
    return call;
}

static bool has_dn(const struct twin *t, struct span dn)
{
    for (size_t i = 0; i < t->dn_count; i++)
        if (strlen(t->dns[i]) == dn.length && memcmp(t->dns[i], dn.bytes, dn.length) == 0) return true;
    return false;
}

/* Chooses the strategy for an arrival in the new core. */
static int on_choosing(void *self, uint64_t ixn, struct span dn)
{
    struct twin *t = self;
    if (!has_dn(t, dn)) return 0;
    struct twin_call *call = call_by_other(t, ixn);
    bool renewed = t->only == 0 || (call && call->ixn == t->only);
    if (call && renewed) call->renewed = true;
    return renewed ? 1 : -1;
}

static const struct image *twin_on_image(void *self, const uint8_t hash[CORE_HASH])
{
    const struct twin *t = self;
    const struct core_options *options = past_options(t->past);
    return options->image(options->self, hash);
}

/* ---- watching what the new core does ---- */

static void twin_place(const struct image *image, uint32_t wait, char *text)
{
    struct where_row where;
    core_wait_place(image, wait, &where);
    text[0] = '\0';
    if (where.line == 0) return;
    (void)snprintf(text, TWIN_TEXT, "%.*s:%" PRIu32, (int)where.file.length, (const char *)where.file.bytes,
                   where.line);
}

/* Does the step choose an agent, for whom other interactions may wait, too? */
static bool twin_chooses(uint16_t step)
{
    return step == STEP_ID_select || step == STEP_ID_connect;
}

static int32_t twin_on_wait(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber)
{
    struct compared_side *side = self;
    side->at_wait = interaction;
    twin_place(image, wait, side->place);
    if (side == &side->twin->is && twin_chooses(image_wait(image, wait)->step)) {
        struct twin_call *call = call_by_other(side->twin, interaction);
        if (call) call->looked = true;
    }
    return side->above && side->above->wait ? side->above->wait(side->above->self, image, wait, interaction, fiber)
                                            : VM_GO_ON;
}

static void twin_on_ended(void *self, const struct image *image, uint32_t wait, uint64_t interaction, uint8_t fiber,
                          int32_t code)
{
    const struct compared_side *side = self;
    if (side->above && side->above->ended) side->above->ended(side->above->self, image, wait, interaction, fiber, code);
}

/* Does the instruction ask for something that other interactions share? */
static bool twin_asks(const struct image *image, uint32_t function, uint32_t pc)
{
    uint32_t word = image_code(image, image_function(image, function))[pc];
    switch (word_op(word)) {
    case OP_TALLIED:
    case OP_ASK:
    case OP_MEASURE:
    case OP_LATCH:
        return true;
    case OP_ATTRIBUTE:
        return word_bc(word) == ATTRIBUTE_ID_ewt || word_bc(word) == ATTRIBUTE_ID_ewt_low ||
               word_bc(word) == ATTRIBUTE_ID_ewt_high || word_bc(word) == ATTRIBUTE_ID_position;
    default:
        return false;
    }
}

static void twin_on_instruction(void *self, const struct image *image, uint32_t function, uint32_t pc)
{
    struct compared_side *side = self;
    struct vm_look look;
    if (twin_asks(image, function, pc) && vm_look(core_vm(side->core), function, &look) && look.image == image) {
        struct twin_call *call = call_by_other(side->twin, look.interaction);
        if (call) call->looked = true;
    }
    if (side->above && side->above->instruction) side->above->instruction(side->above->self, image, function, pc);
}

/* ---- what the two cores do ---- */

/* Is the effect compared as something that the interaction's strategy has decided? Questions are, too. */
static bool is_decision(unsigned kind)
{
    return compared_as(kind) == COMPARED_decision || compared_as(kind) == COMPARED_question;
}

static void copy_field(struct writer *writer, const struct field *field, uint64_t word)
{
    struct field copy = *field;
    if (field->wire == 0) copy.word = word;
    writer_field(writer, &copy);
}

/* Notes an effect of one of the cores as the bytes to compare: without refs, claims and copies of data. */
static void twin_on_effect(void *self, struct span frame)
{
    struct compared_side *side = self;
    struct twin *t = side->twin;
    struct message message;
    bool is_new = side == &t->is;
    if (is_new && t->watched) t->above.sink.effect(t->above.sink.self, frame);
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    uint64_t ixn = message_u(&message, ENVELOPE_ixn);
    struct twin_call *call = ixn == 0 ? NULL : is_new ? call_by_other(t, ixn) : call_add(t, ixn);
    bool own = ixn == 0 || compared_as(message.kind) == COMPARED_partition;
    if (!own && (!call || (!is_decision(message.kind) && message.kind != KIND_EventAttachedDataChanged))) return;
    side->dids = memory_more(side->dids, side->count, sizeof *side->dids);
    struct did *did = &side->dids[side->count++];
    *did = (struct did){.ixn = own ? 0 : call->ixn,
                        .ref = (uint32_t)message_u(&message, ENVELOPE_ref),
                        .kind = message.kind,
                        .at = side->bytes.length};
    if (call) did->row = (size_t)(call - t->calls) + 1;
    if (message.kind == KIND_RequestRouteCall) did->claim = message_u(&message, RequestRouteCall_claim);
    if (message.kind == KIND_Invite) did->claim = message_u(&message, Invite_claim);
    if (side->at_wait == ixn && ixn != 0) (void)snprintf(did->place, sizeof did->place, "%s", side->place);
    writer_begin(&side->bytes, message.kind);
    for (unsigned i = 0; i < message.count; i++)
        if (compared_field(message.kind, message.fields[i].number))
            copy_field(&side->bytes, &message.fields[i], message.fields[i].word);
    did->length = writer_end(&side->bytes).length;
}

/* Are the two effects equal in everything that is compared? */
static bool twin_is_same(const struct twin *t, const struct did *was, const struct did *is)
{
    return was->ixn == is->ixn && was->length == is->length &&
           memcmp(t->was.bytes.bytes + was->at, t->is.bytes.bytes + is->at, was->length) == 0;
}

/* ---- parting ---- */

static void twin_say_side(const struct compared_side *side, const struct did *did, struct twin_side *said)
{
    struct message message;
    if (!message_read(&message, side->bytes.bytes + did->at, did->length, NULL)) return;
    (void)message_print_bare(&message, core_mask(side->core), said->what, sizeof said->what);
    (void)snprintf(said->place, sizeof said->place, "%s", did->place);
}

/* Describes a side that does nothing now: where the interaction waits. */
static void say_waits(const struct compared_side *side, uint64_t ixn, struct twin_side *said)
{
    struct where_row where;
    if (!core_where(side->core, ixn, false, &where)) {
        (void)snprintf(said->what, sizeof said->what, "nothing: its strategy is over");
        return;
    }
    (void)snprintf(said->what, sizeof said->what, "waits at %.*s", (int)where.step.length,
                   (const char *)where.step.bytes);
    if (where.line == 0) return;
    (void)snprintf(said->place, sizeof said->place, "%.*s:%" PRIu32, (int)where.file.length,
                   (const char *)where.file.bytes, where.line);
}

/* The cores have done different things with the interaction, or only one of them did something (the other is NULL):
 * notes both sides, and that the interaction has to be removed. */
static void twin_part(struct twin *t, size_t row, const struct did *was, const struct did *is)
{
    assert(was || is); /* at least one of the cores did something */
    struct twin_call *call = &t->calls[row];
    assert(row < t->call_count && !call->parted);
    call->parted = true;
    call->parted_us = core_time(t->is.core);
    if (was)
        twin_say_side(&t->was, was, &call->was);
    else
        say_waits(&t->was, call->ixn, &call->was);
    if (is)
        twin_say_side(&t->is, is, &call->is);
    else
        say_waits(&t->is, call->other, &call->is);
    if (t->first == 0) t->first = row + 1;
    t->leaving = memory_more(t->leaving, t->leaving_count, sizeof *t->leaving);
    t->leaving[t->leaving_count++] = row;
}

static void pair_add(struct twin_pairs *pairs, uint64_t was, uint64_t is)
{
    pairs->rows = memory_more(pairs->rows, pairs->count, sizeof *pairs->rows);
    pairs->rows[pairs->count].was = was;
    pairs->rows[pairs->count++].is = is;
}

/* The two cores have sent the same effect: notes refs and claims of both, by which later events are translated. */
static void twin_pair(struct twin *t, struct did *was, struct did *is)
{
    assert(was->ixn == is->ixn && was->kind == is->kind);
    assert(!was->paired && !is->paired);
    was->paired = is->paired = true;
    bool partition = was->row == 0 || was->ixn == 0;
    pair_add(partition ? &t->refs : &t->calls[was->row - 1].refs, was->ref, is->ref);
    if (was->claim != 0) pair_add(&t->claims, was->claim, is->claim);
}

/* Returns the next effect of the new core that may be the counterpart of this one. */
static struct did *twin_counterpart(struct twin *t, const struct did *was)
{
    assert(!was->paired);
    bool data = was->kind == KIND_EventAttachedDataChanged;
    for (size_t i = 0; i < t->is.count; i++) {
        struct did *is = &t->is.dids[i];
        if (is->paired || is->ixn != was->ixn) continue;
        if (was->ixn == 0 && !twin_is_same(t, was, is)) continue; /* effects of the partition itself have no order */
        if (was->ixn == 0 || (is->kind == KIND_EventAttachedDataChanged) == data) return is;
    }
    return NULL;
}

static void differs_in_data(struct twin *t, size_t row, const struct did *was, const struct did *is)
{
    assert(row < t->call_count);
    struct twin_call *call = &t->calls[row];
    assert((was || is) && !call->parted);
    if (*call->data_was.what || *call->data_is.what) return;
    if (was) twin_say_side(&t->was, was, &call->data_was);
    if (is) twin_say_side(&t->is, is, &call->data_is);
}

/* Compares one effect of the old core with its counterpart in the new core. Different user data alone do not count
 * as doing something else. */
static void twin_compare_one(struct twin *t, struct did *was)
{
    struct did *is = twin_counterpart(t, was);
    if (was->ixn == 0) {
        if (is) twin_pair(t, was, is);
        return;
    }
    assert(was->row > 0 && was->row <= t->call_count);
    size_t row = was->row - 1;
    if (t->calls[row].parted) return;
    if (is && twin_is_same(t, was, is)) {
        twin_pair(t, was, is);
    } else if (was->kind == KIND_EventAttachedDataChanged) {
        if (is) is->paired = true;
        differs_in_data(t, row, was, is);
    } else {
        twin_part(t, row, was, is);
    }
}

/* Compares what the two cores have done since the last comparison. */
static void twin_compare(struct twin *t)
{
    for (size_t i = 0; i < t->was.count; i++) twin_compare_one(t, &t->was.dids[i]);
    for (size_t i = 0; i < t->is.count; i++) {
        const struct did *is = &t->is.dids[i];
        assert(is->ixn == 0 || (is->row > 0 && is->row <= t->call_count));
        if (is->paired || is->ixn == 0 || t->calls[is->row - 1].parted) continue;
        if (is->kind == KIND_EventAttachedDataChanged)
            differs_in_data(t, is->row - 1, NULL, is);
        else
            twin_part(t, is->row - 1, NULL, is);
    }
    t->was.count = t->is.count = 0;
    writer_clear(&t->was.bytes);
    writer_clear(&t->is.bytes);
}

/* ---- translating events for the new core ---- */

static bool twin_mapped(const struct twin_pairs *pairs, uint64_t from, uint64_t *to)
{
    for (size_t i = pairs->count, looked = 0; i > 0 && looked < PAIRS_BACK; i--, looked++) {
        if (pairs->rows[i - 1].was != from) continue;
        *to = pairs->rows[i - 1].is;
        return true;
    }
    return false;
}

/* Returns the new core's ref for a ref of the interaction in the old core. A ref that is in no compared effect (it
 * waits for an event that the link sends by itself) has the same distance from the ref before as in the old core. */
static uint64_t ref_of(const struct twin_call *call, uint64_t ref)
{
    size_t i = call->refs.count;
    while (i > 0 && call->refs.rows[i - 1].was > ref) i--;
    return i == 0 ? ref : call->refs.rows[i - 1].is + (ref - call->refs.rows[i - 1].was);
}

/* Returns the new core's number for an interaction of the old core; 0: it has none. */
static uint64_t twin_other(const struct twin *t, uint64_t ixn)
{
    const struct twin_call *call = twin_named(t, ixn);
    struct interaction_row row;
    if (call && call->other != 0) return call->other;
    if (!core_find(t->was.core, ixn, &row)) return 0;
    return row.conn != 0 ? core_ixn_of(t->is.core, row.conn) : ixn;
}

/* Adds the event to the new core's batch, translated to the numbers of that core; leaves it out if there are none. */
static void twin_hear(struct twin *t, struct span frame)
{
    struct message message;
    uint64_t ref, other_ref = 0;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    uint64_t ixn = message_u(&message, ENVELOPE_ixn), other = 0;
    const struct twin_call *call = twin_named(t, ixn);
    ref = message_u(&message, ENVELOPE_ref);
    if (ixn != 0) other = call ? call->other : twin_other(t, ixn);
    if (ixn != 0 && other == 0 && message_u(&message, ENVELOPE_conn) == 0) return;
    if (ref != 0 && call) {
        if (call->parted) return; /* the event answers an effect that the new core has not had */
        other_ref = ref_of(call, ref);
    } else if (ref != 0 && !twin_mapped(&t->refs, ref, &other_ref)) {
        return;
    }
    writer_begin(&t->events, message.kind);
    for (unsigned i = 0; i < message.count; i++) {
        const struct field *field = &message.fields[i];
        uint64_t word = field->word;
        if (field->number == ENVELOPE_ixn) word = other;
        if (field->number == ENVELOPE_ref) word = other_ref;
        if (field->number == ENVELOPE_req && message.kind == KIND_EventRecord) (void)twin_mapped(&t->refs, word, &word);
        bool claim = (field->number == RequestAccept_claim && message.kind == KIND_RequestAccept) ||
                     (field->number == RequestReject_claim && message.kind == KIND_RequestReject);
        if (claim && !twin_mapped(&t->claims, word, &word)) word = 0;
        copy_field(&t->events, field, word);
    }
    (void)writer_end(&t->events);
    t->event_count++;
}

/* After an Activate, adds an Activate of the new image. */
static void twin_renew(struct twin *t, struct span frame)
{
    assert(t->image);
    struct message message;
    if (!message_read(&message, frame.bytes, frame.length, NULL)) return;
    struct span name = message_text(&message, Activate_strategy), dn = message_text(&message, Activate_at);
    if (!image_strategy_named(t->image, (const char *)name.bytes, name.length)) return;
    if (!has_dn(t, dn) && dn.length <= NAME_MAX_BYTES) {
        t->dns = memory_more(t->dns, t->dn_count, sizeof *t->dns);
        char *slot = t->dns[t->dn_count++];
        memcpy(slot, dn.bytes, dn.length);
        slot[dn.length] = '\0';
    }
    writer_begin(&t->events, KIND_Activate);
    for (unsigned i = 0; i < message.count; i++) {
        struct field field = message.fields[i];
        if (field.number == ENVELOPE_seq || field.number == ENVELOPE_req || field.number == Activate_percent) continue;
        if (field.number == Activate_image) field.span = (struct span){image_hash(t->image), IMAGE_HASH};
        copy_field(&t->events, &field, field.word);
    }
    (void)writer_end(&t->events);
    t->event_count++;
}

/* If the journal begins at a snapshot, activates the new image for the routing points that are already active there. */
static void renew_points(struct twin *t)
{
    struct point_row row;
    struct writer writer;
    writer_init(&writer);
    for (uint32_t i = 0; core_point(t->was.core, i, &row); i++) {
        if (!row.image) continue;
        writer_begin(&writer, KIND_Activate);
        writer_u(&writer, ENVELOPE_source, SOURCE_ADMIN);
        writer_bytes(&writer, Activate_at, row.dn);
        writer_bytes(&writer, Activate_image, (struct span){row.image, CORE_HASH});
        writer_bytes(&writer, Activate_strategy, row.strategy);
        writer_bytes(&writer, Activate_args, row.given);
        twin_renew(t, writer_end(&writer));
        writer_clear(&writer);
    }
    writer_free(&writer);
    t->renewed = true;
}

/* Ends in the new core, as an administrator would, the interactions that have differed. */
static void twin_take_out(struct twin *t)
{
    for (size_t i = 0; i < t->leaving_count; i++) {
        const struct twin_call *call = &t->calls[t->leaving[i]];
        assert(t->leaving[i] < t->call_count);
        assert(call->parted);
        char name[IXN_TEXT];
        if (call->other == 0) continue;
        ident_print_ixn(call->other, name);
        writer_begin(&t->events, KIND_AdminRequest);
        writer_u(&t->events, ENVELOPE_source, SOURCE_ADMIN);
        writer_u(&t->events, AdminRequest_op, admin_op_end);
        writer_text(&t->events, AdminRequest_name, name);
        (void)writer_end(&t->events);
        t->event_count++;
    }
    t->leaving_count = 0;
}

static void twin_apply_batch(struct twin *t, uint64_t time_us, struct span events, uint32_t count)
{
    struct batch batch = t->batch;
    const struct effect_sink sink = {twin_on_effect, &t->is};
    batch.number = ++t->number;
    batch.time_us = time_us;
    batch.events = events;
    batch.count = count;
    if (t->watched) t->above.batch(t->above.self, &batch);
    core_apply(t->is.core, &batch, &sink);
}

/* Lets timers that only the new core has fire, at their own time. */
static void pass_time(struct twin *t, uint64_t others_us)
{
    for (;;) {
        uint64_t next_us = core_next_timer(t->is.core);
        if (next_us >= t->batch.time_us || next_us >= others_us) return;
        twin_apply_batch(t, next_us, (struct span){NULL, 0}, 0);
        twin_compare(t);
    }
}

/* The old core is about to apply a batch: makes the new core's batch from it. */
static void twin_on_batch(void *self, const struct batch *batch)
{
    struct twin *t = self;
    uint64_t others_us = core_next_timer(t->was.core);
    t->batch = *batch;
    pass_time(t, others_us);
    writer_clear(&t->events);
    t->event_count = 0;
    if (!t->renewed) renew_points(t);
    /* interactions that have differed are removed, unless an onlooker wants to see them */
    if (!t->watched) twin_take_out(t);
    for (uint32_t at = 0; at < batch->events.length;) {
        struct span frame = {batch->events.bytes + at, 0};
        frame.length = (uint32_t)message_frame_size(frame.bytes, batch->events.length - at);
        if (frame.length == 0) break;
        twin_hear(t, frame);
        if ((frame.bytes[4] | frame.bytes[5] << 8) == KIND_Activate) twin_renew(t, frame);
        at += frame.length;
    }
}

/* Applies the next batch to both cores and compares what they have done. False: there is no further batch, or it
 * cannot be applied. */
bool twin_next(struct twin *t, struct error *error)
{
    const struct core_options *options = past_options(t->past);
    if (t->head.number >= past_batches(t->past)) return false;
    if (!journal_next(past_store(t->past), options, t->was.core, &t->head, &t->watch, error)) return false;
    twin_apply_batch(t, t->head.time_us, (struct span){t->events.bytes, (uint32_t)t->events.length}, t->event_count);
    twin_compare(t);
    return true;
}

/* ---- opening ---- */

static void side_begin(struct twin *t, struct compared_side *side, const struct core_options *options)
{
    side->twin = t;
    side->core = past_begin(t->past, options, &t->head);
    writer_init(&side->bytes);
    side->watch = (struct vm_watch){.self = side, .wait = twin_on_wait, .ended = twin_on_ended};
    if (side == &t->is) side->watch.instruction = twin_on_instruction;
    core_watch(side->core, &side->watch);
}

struct twin *twin_new(struct past *past, uint64_t only)
{
    assert(past_with(past));
    struct twin *t = memory_zeroed(1, sizeof *t);
    t->past = past;
    t->image = past_with(past);
    t->only = only;
    t->options = *past_options(past);
    t->options.image = twin_on_image;
    t->options.choosing = on_choosing;
    t->options.self = t;
    t->watch = (struct journal_watch){t, twin_on_batch, {twin_on_effect, &t->was}};
    writer_init(&t->events);
    side_begin(t, &t->was, past_options(past));
    side_begin(t, &t->is, &t->options);
    t->number = t->head.number;
    assert(t->was.core && t->is.core);
    return t;
}

void twin_free(struct twin *t)
{
    if (!t) return;
    core_free(t->was.core);
    core_free(t->is.core);
    writer_free(&t->was.bytes);
    writer_free(&t->is.bytes);
    writer_free(&t->events);
    for (size_t i = 0; i < t->call_count; i++) free(t->calls[i].refs.rows);
    free(t->was.dids);
    free(t->is.dids);
    free(t->calls);
    free(t->by_number.rows);
    free(t->by_other.rows);
    free(t->leaving);
    free(t->refs.rows);
    free(t->claims.rows);
    free(t->dns);
    free(t);
}

struct core *twin_core(struct twin *t)
{
    return t->is.core;
}

void twin_watch(struct twin *t, const struct vm_watch *watch, const struct journal_watch *above)
{
    t->is.above = watch;
    t->above = *above;
    t->watched = true;
}

uint64_t twin_batches(const struct twin *t)
{
    return t->head.number;
}

size_t twin_count(const struct twin *t)
{
    return t->call_count;
}

const struct twin_call *twin_call(const struct twin *t, size_t index)
{
    return index < t->call_count ? &t->calls[index] : NULL;
}

const struct twin_call *twin_first(const struct twin *t)
{
    return t->first == 0 ? NULL : &t->calls[t->first - 1];
}
