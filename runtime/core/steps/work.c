/* runtime/core/steps/work.c - The step `work.submit`: a piece of work begins, and waits in a queue for its strategy
 * or for an agent who takes it.
 *
 * The core submits the work itself, within the event that the strategy works on: the journal has that event once, so
 * the work begins once, whichever process is killed. An interaction may submit SUBMITS_MAX pieces of work, and
 * submitted work may submit more, GENERATIONS_MAX deep: so strategies that submit to each other come to an end. */
#include <assert.h>

#include "base/utf8.h"
#include "vm/steps.h"
#include "runtime/core/base/media.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/userdata_words.h"
#include "runtime/core/run/step.h"
#include "runtime/core/site/program.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/rows.h"

enum { SUBMITS_MAX = 16, GENERATIONS_MAX = 4, SUBJECT_MAX = 200 };

struct work {
    uint32_t queue; /* its name */
    enum media medium;
    struct span subject;
    char id[IXN_TEXT + 4]; /* external id: the submitting interaction's id, a dash, the work's number in two digits */
};

/* Reads the step's arguments; the data go to the core's scratch. `inlined` receives the bytes of a short subject. */
static void work_read(struct core *core, const struct interaction *ix, uint8_t fiber, struct work *work,
                      char inlined[8])
{
    const struct block *block = block_at(core->slab, ix->block);
    uint64_t word;
    uint16_t type;
    if (vm_arg(core->slab, block, fiber, PARAMETER_work_submit_queue, &word, &type))
        work->queue = strategy_name(core->strategies, ix, word);
    if (vm_arg(core->slab, block, fiber, PARAMETER_work_submit_subject, &word, &type)) {
        struct text text = block_text(block_image(core->slab, block), block, word, inlined);
        work->subject = (struct span){(const uint8_t *)text.bytes, utf8_cut(text.bytes, text.length, SUBJECT_MAX)};
    }
    work->medium = media_work;
    if (vm_arg(core->slab, block, fiber, PARAMETER_work_submit_medium, &word, &type))
        work->medium = media_is_known(word) ? (enum media)word : media_none;
    kv_clear(&core->scratch);
    if (vm_arg(core->slab, block, fiber, PARAMETER_work_submit_data, &word, &type))
        userdata_put(core->interactions, ix, &core->scratch, span_of("data"), type, word, false);
}

static void work_name(const struct core *core, const struct interaction *ix, struct work *work)
{
    unsigned number = interaction_extra(core->interactions, ix)->submits + 1u;
    uint32_t length = ident_print_ixn(ix->id, work->id);
    assert(number < 100 && length < IXN_TEXT);
    work->id[length] = '-';
    work->id[length + 1] = (char)('0' + number / 10);
    work->id[length + 2] = (char)('0' + number % 10);
    work->id[length + 3] = 0;
}

/* Returns the pairs of the data; empty: there are none. Borrowed from the core's scratch. */
static struct span work_pairs(const struct core *core)
{
    struct kv_value data;
    return kv_get(kv_span(&core->scratch), "data", &data) && data.tag == KV_LIST ? data.span : (struct span){0};
}

/* Writes a Submit such as an adapter would send. The frame is in a writer that the caller owns. */
static void work_write(struct core *core, const struct interaction *ix, const struct work *work, struct writer *writer)
{
    writer_begin(writer, KIND_Submit);
    writer_i(writer, ENVELOPE_at, now_wall_us(core->now));
    writer_u(writer, Submit_media, work->medium);
    writer_u(writer, Submit_type, submit_type_internal);
    writer_text(writer, Submit_external_id, work->id);
    writer_bytes(writer, Submit_queue, core_name(core, work->queue));
    writer_u(writer, Submit_parent, ix->id);
    writer_bytes(writer, Submit_subject, work->subject);
    writer_i(writer, Submit_received, now_wall_us(core->now));
    writer_bytes(writer, Submit_data, work_pairs(core));
}

/* Reports the work to the host, for the log and for tests. */
static void work_tell(struct core *core, struct interaction *ix, const struct work *work, uint64_t begun)
{
    struct writer *writer = &core->effects->writer;
    effect_begin(core->effects, &(struct effect){.kind = KIND_Submitted, .link = SOURCE_HOST, .interaction = ix});
    writer_u(writer, Submitted_work, begun);
    writer_bytes(writer, Submitted_queue, core_name(core, work->queue));
    writer_bytes(writer, Submitted_subject, work->subject);
    writer_bytes(writer, Submitted_data, work_pairs(core));
    writer_u(writer, Submitted_media, work->medium);
    effect_end(core->effects);
}

/* Submits it. Submits the work; `begun` is the interaction that it becomes. */
static enum code work_made(struct core *core, const struct interaction *ix, const struct work *work, uint64_t *begun)
{
    struct writer writer;
    struct message message;
    writer_init(&writer);
    work_write(core, ix, work, &writer);
    struct span frame = writer_end(&writer);
    bool good = message_read(&message, frame.bytes, frame.length, NULL);
    enum code code = good ? core->media[work->medium]->submit(core, &message, begun) : code_refused;
    writer_free(&writer);
    return code;
}

static struct step_outcome work_begin(struct core *core, struct interaction *ix, uint8_t fiber, uint32_t ref)
{
    (void)ref;
    struct work work = {0};
    char inlined[8];
    uint64_t begun = 0;
    work_read(core, ix, fiber, &work, inlined);
    const struct extra *of = interaction_extra(core->interactions, ix);
    uint8_t generation = of->generation;
    if (work.medium < media_fax) return step_fails(code_refused); /* media that only a person or a switch can begin */
    if (of->submits >= SUBMITS_MAX || generation >= GENERATIONS_MAX) return step_fails(code_refused);
    work_name(core, ix, &work);
    if (work_pairs(core).length > KV_BYTES_MAX) return step_fails(code_refused);
    enum code code = work_made(core, ix, &work, &begun);
    if (code == code_invalid_dn) return step_fails(code_invalid_destination);
    if (code != code_ok) return step_fails(code_unavailable);
    struct interaction *next = interaction_by_id(core->interactions, begun);
    assert(next && next != ix);
    /* the extra row is found again, since rows of struct extra move */
    interaction_extra_make(core->interactions, ix)->submits++;
    interaction_extra_make(core->interactions, next)->generation = (uint8_t)(generation + 1);
    interaction_touch(core->interactions, ix);
    work_tell(core, ix, &work, begun);
    interaction_timer(core->interactions, next, TIMER_LIFETIME, 0, core->now->time_us); /* its strategy begins then */
    return step_done(0);
}

const struct step_ops step_ops_work = {.begin = work_begin};
