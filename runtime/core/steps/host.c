/* runtime/core/steps/host.c - The VM of a core, and the functions that the VM calls in the middle of a slice.
 *
 * The VM knows blocks and words, and nothing of calls or agents: `struct vm_host` (vm/exec.h) has a function for each
 * question that an expression may ask, and most of them find the interaction by its block. These functions answer at
 * once from the core's tables. Apart from counters, cursors and watches, only an assignment to `priority` changes
 * something of the core here (assigned): all else a strategy does by its steps (run/step.h). */
#include <assert.h>
#include <stdlib.h>

#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/media.h"
#include "runtime/core/base/marks.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/timer.h"
#include "runtime/core/base/table.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/blob.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/interactions/userdata.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/run/answers.h"
#include "runtime/core/run/consult.h"
#include "runtime/core/site/counter.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/setting.h"
#include "runtime/core/statistics/statistic.h"
#include "runtime/core/steps/ask.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/contact.h"
#include "runtime/core/steps/latch.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/steps/target.h"
#include "runtime/core/steps/verify.h"
#include "runtime/vocabulary/rows.h"

/* Makes the reference to the body; one that is not stored yet, as of a chat that goes on, gives an empty reference. */
static bool host_body(struct core *core, const struct interaction *ix, uint64_t *word)
{
    struct message blob;
    const struct submitted *row = submitted_of(core->submissions, ix);
    struct span none = {(const uint8_t *)"", 0};
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), row ? submitted_body(row) : none);
    if (message_u(&blob, Blob_length) > INT64_MAX) return false;
    return blob_word(core->interactions, ix, &blob, word);
}

static bool host_attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word);
static void host_assigned(void *self, block_handle block, uint32_t number, uint64_t word);
static uint64_t id_of(void *self, block_handle block);
static enum vm_setting steps_setting(void *self, block_handle block, uint32_t number, uint64_t *word);
static enum vm_setting host_row(void *self, block_handle block, uint32_t number, struct text key, bool prefix,
                                uint64_t *word);
static bool host_rows(void *self, block_handle block, uint32_t number, uint32_t *count);
static uint32_t host_walk(void *self, block_handle block, uint32_t number);
static void host_walked(void *self, block_handle block, uint32_t number, uint32_t version);
static enum vm_setting at_place(void *self, block_handle block, const struct vm_place *place, uint64_t *word);
static void host_tally(void *self, struct text name, struct text key, int64_t window_us, uint32_t keys);
static int64_t host_tallied(void *self, struct text name, struct text key, int64_t window_us);
static int64_t host_measure(void *self, block_handle block, uint32_t row, uint64_t object);
static bool host_latch(void *self, block_handle block, uint32_t row);
static struct text target_name(void *self, uint16_t type, uint64_t word);
static bool named_agent(void *self, struct text text, uint64_t *word);

/* Makes the VM that runs the strategies. The VM calls the functions of this file. */
static void strategies_init(void *self, const struct parts *parts)
{
    struct core *core = self;
    core->strategies->options = parts->options;
    core->strategies->no_image = parts->no_image;
    core->strategies->facts = parts->facts;
    core->strategies->names = parts->names;
    core->strategies->slab = parts->slab;
    core->strategies->interactions = parts->interactions;
    core->vm = vm_new(core->slab, &(struct vm_host){.self = core,
                                                    .id = id_of,
                                                    .attribute = host_attribute,
                                                    .assigned = host_assigned,
                                                    .name = target_name,
                                                    .agent = named_agent,
                                                    .setting = steps_setting,
                                                    .row = host_row,
                                                    .rows = host_rows,
                                                    .walk = host_walk,
                                                    .walked = host_walked,
                                                    .at = at_place,
                                                    .tally = host_tally,
                                                    .tallied = host_tallied,
                                                    .measure = host_measure,
                                                    .latch = host_latch,
                                                    .main = consult_main,
                                                    .ask = steps_ask,
                                                    .seed = core->options.seed});
    core->vqs->vm = core->vm;
    core->directory->vm = core->vm;
    core->beside = vm_beside(core->vm);
}

static void strategies_free(void *self)
{
    struct core *core = self;
    struct strategies *strategies = core->strategies;
    vm_free(core->beside);
    vm_free(core->vm);
    for (uint32_t at = 0; at < strategies->program_count; at++) {
        free(strategies->programs[at].names);
        free(strategies->programs[at].settings);
        free(strategies->programs[at].views);
    }
    free(strategies->programs);
    free(strategies->lines);
}

static uint64_t conn_word(struct core *core, block_handle block, uint64_t conn)
{
    assert(block != BLOCK_HANDLE_NONE);
    char text[CONN_TEXT];
    return strategy_text(core->strategies, block, text, ident_print_conn(conn, text));
}

/* Returns the zone of the given name as a word of the block's image; none if the image does not have it. */
static uint64_t zone_word(const struct core *core, block_handle block, uint32_t name)
{
    const struct image *image = block_image(core->slab, block_at(core->slab, block));
    struct span text = core_name(core, name);
    int32_t at = name != 0 ? image_name_find(image, TYPE_ZONE, (const char *)text.bytes, text.length) : -1;
    return at >= 0 ? (uint64_t)at : value_none(TYPE_ZONE);
}

/* Reads an attribute `contact.x` of the person whom the interaction is to call. */
static bool host_contact(struct core *core, block_handle block, const struct interaction *ix, uint32_t number,
                         uint64_t *word)
{
    struct contact who;
    struct span text = {(const uint8_t *)"", 0};
    char digits[24];
    if (!contact_of(core, ix, &who)) return false;
    switch (number) {
    case ATTRIBUTE_ID_contact_attempts:
        *word = who.attempts;
        return true;
    case ATTRIBUTE_ID_contact_due:
        *word = who.due_us != 0 ? (uint64_t)who.due_us : value_none(TYPE_TIME);
        return true;
    case ATTRIBUTE_ID_contact_agent:
        *word = value_none(TYPE_STR);
        if (who.agent == 0) return true;
        text = core_name(core, who.agent);
        break;
    case ATTRIBUTE_ID_contact_zone:
        *word = zone_word(core, block, who.zone);
        return true;
    case ATTRIBUTE_ID_contact_number:
        text = who.number;
        break;
    case ATTRIBUTE_ID_contact_campaign:
        text = core_name(core, who.campaign);
        break;
    case ATTRIBUTE_ID_contact_id:
        text = (struct span){(const uint8_t *)digits, contact_id_text(&who, digits)};
        break;
    default:
        break;
    }
    *word = strategy_text(core->strategies, block, (const char *)text.bytes, text.length);
    return true;
}

/* Returns the agent's name; none: `agent` is 0. */
static uint64_t agent_name_word(struct core *core, block_handle block, uint32_t agent)
{
    if (agent == 0) return value_none(TYPE_STR);
    struct span name = core_name(core, agent);
    return strategy_text(core->strategies, block, (const char *)name.bytes, name.length);
}

static uint64_t id_of(void *self, block_handle block)
{
    return interaction_of_block(((const struct core *)self)->interactions, block)->id;
}

/* Reads an attribute. False: the interaction does not have the attribute at the moment, for example a position without
 * a queue. */
static bool host_attribute(void *self, block_handle block, uint8_t fiber, uint32_t number, uint64_t *word)
{
    struct core *core = self;
    const struct interaction *ix = interaction_of_block(core->interactions, block);
    (void)fiber;
    char text[IXN_TEXT];
    switch (number) {
    case ATTRIBUTE_ID_id:
        *word = strategy_text(core->strategies, block, text, ident_print_ixn(ix->id, text));
        return true;
    case ATTRIBUTE_ID_conn_id:
        *word = conn_word(core, block, ix->conn);
        return true;
    case ATTRIBUTE_ID_contact_id:
    case ATTRIBUTE_ID_contact_number:
    case ATTRIBUTE_ID_contact_zone:
    case ATTRIBUTE_ID_contact_campaign:
    case ATTRIBUTE_ID_contact_attempts:
    case ATTRIBUTE_ID_contact_agent:
    case ATTRIBUTE_ID_contact_due:
        return host_contact(core, block, ix, number, word);
    case ATTRIBUTE_ID_contact_verified:
        *word = verify_is(core, ix);
        return true;
    case ATTRIBUTE_ID_body:
        return host_body(core, ix, word);
    case ATTRIBUTE_ID_kept_place:
        *word = ix->kept;
        return true;
    case ATTRIBUTE_ID_came_back:
        *word = ix->submitted && submitted_of(core->submissions, ix)->came_back;
        return true;
    case ATTRIBUTE_ID_author:
        *word = agent_name_word(core, block, ix->submitted ? submitted_of(core->submissions, ix)->author : 0);
        return true;
    case ATTRIBUTE_ID_thread_agent:
        *word = agent_name_word(core, block, submitted_thread_agent(core->submissions, ix));
        return true;
    case ATTRIBUTE_ID_position:
        if (ix->visit == VISIT_NONE) return false;
        *word = vq_position(core->vqs, ix->visit);
        return true;
    case ATTRIBUTE_ID_ewt:
    case ATTRIBUTE_ID_ewt_low:
    case ATTRIBUTE_ID_ewt_high:
        if (ix->visit == VISIT_NONE) return false;
        *word = answer_wait(core->vqs, visit_at(core->vqs, ix->visit)->vq, vq_position(core->vqs, ix->visit),
                            number == ATTRIBUTE_ID_ewt       ? QUESTION_ewt_there
                            : number == ATTRIBUTE_ID_ewt_low ? QUESTION_ewt_low_there
                                                             : QUESTION_ewt_high_there);
        return true;
    default:
        return interaction_clock(core->interactions, ix, number, word);
    }
}

/* Called after an assignment: the block has the new priority already, and the queue is told. */
static void host_assigned(void *self, block_handle block, uint32_t number, uint64_t word)
{
    struct core *core = self;
    struct interaction *ix = interaction_of_block(core->interactions, block);
    assert(ix->block == block);
    if (number == ATTRIBUTE_ID_priority) select_rerank(core, ix, (int64_t)word);
}

static enum vm_setting steps_setting(void *self, block_handle block, uint32_t number, uint64_t *word)
{
    return setting_word(((struct core *)self)->directory, block, number, word);
}

/* Finds the agent of the given name, who must be in the directory but need not be logged in. */
static bool named_agent(void *self, struct text text, uint64_t *word)
{
    return answer_named(self, text, word);
}

/* Returns the name of an agent, a target or a queue, which a strategy shows for it. */
static struct text target_name(void *self, uint16_t type, uint64_t word)
{
    const struct core *core = self;
    uint32_t name = 0, agent, claim;
    if (type_base(type) == TYPE_AGENT) {
        if (word > 0 && word <= core->agents->count) name = core->agents->all[word - 1].name;
    } else if (target_is_claim(word, &agent, &claim)) {
        if (agent < core->agents->count) name = core->agents->all[agent].name;
    } else {
        target_is_queue(word, &name);
    }
    struct span text = core_name(core, name);
    return (struct text){(const char *)text.bytes, text.length};
}

static struct span text_span(struct text text)
{
    return (struct span){(const uint8_t *)text.bytes, text.length};
}

static enum vm_setting host_row(void *self, block_handle block, uint32_t number, struct text key, bool prefix,
                                uint64_t *word)
{
    return setting_found(((struct core *)self)->directory, block, number, text_span(key), prefix, word);
}

static bool host_rows(void *self, block_handle block, uint32_t number, uint32_t *count)
{
    return setting_count(((struct core *)self)->directory, block, number, count);
}

static uint32_t host_walk(void *self, block_handle block, uint32_t number)
{
    return setting_walk(((struct core *)self)->directory, block, number);
}

static void host_walked(void *self, block_handle block, uint32_t number, uint32_t version)
{
    (void)number;
    setting_walked(((struct core *)self)->directory, block, version);
}

static enum vm_setting at_place(void *self, block_handle block, const struct vm_place *place, uint64_t *word)
{
    return setting_at(((struct core *)self)->directory, block, place, word);
}

static void host_tally(void *self, struct text name, struct text key, int64_t window_us, uint32_t keys)
{
    counter_add(((struct core *)self)->counters, text_span(name), text_span(key), window_us, keys);
}

static int64_t host_tallied(void *self, struct text name, struct text key, int64_t window_us)
{
    uint64_t count = counter_value(((struct core *)self)->counters, text_span(name), text_span(key), window_us);
    return count < INT64_MAX ? (int64_t)count : INT64_MAX;
}

/* Reads a measure. A figure over a window changes by time alone: the reader is looked at again at that time. */
static int64_t host_measure(void *self, block_handle block, uint32_t row, uint64_t object)
{
    struct core *core = self;
    uint64_t changes_us;
    int64_t figure = statistic_read(core->statistics, interaction_of_block(core->interactions, block)->program, row,
                                    object, &changes_us);
    if (changes_us != UINT64_MAX) vm_look_again(core->vm, (int64_t)(changes_us - core->now->time_us));
    return figure;
}

static bool host_latch(void *self, block_handle block, uint32_t row)
{
    return latch_read(self, interaction_of_block(((const struct core *)self)->interactions, block)->program, row);
}

/* True: each interaction has a block of its program's image, and a fiber for each effect; and each block belongs to
 * an interaction. Checked after a snapshot was read: every handle is either free or belongs to one interaction. */
static bool host_sound(void *self)
{
    struct core *core = self;
    struct marks marks = marks_of(slab_handles(core->slab));
    bool good = true;
    for (block_handle at = BLOCK_HANDLE_NONE; (at = slab_next_free(core->slab, at)) != BLOCK_HANDLE_NONE;)
        marks_mark(&marks, at);
    for (uint32_t at = core->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next) {
        uint16_t program = interaction_at(core->interactions, at)->program;
        good = marks_mark(&marks, at) && (program == PROGRAM_NONE || program < core->strategies->program_count);
        if (good)
            good = block_image(core->slab, block_at(core->slab, at)) ==
                   (program == PROGRAM_NONE ? core->no_image : core->strategies->programs[program].image);
    }
    good = good && marks.marked + 1 == slab_handles(core->slab);
    marks_free(&marks);
    for (uint32_t at = core->interactions->first; good && at != INTERACTION_NONE;
         at = interaction_at(core->interactions, at)->next)
        good = step_effects_sound(core, interaction_at(core->interactions, at));
    return good;
}

const struct part_ops part_ops_strategies = {
    .size = sizeof(struct strategies), .init = strategies_init, .free = strategies_free, .sound = host_sound};
