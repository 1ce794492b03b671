/* runtime/core/read/read.c - Reads a core's state between batches. No function here changes the core.
 *
 * Questions come from the admin commands, the console, metrics and tests. Each is answered from the tables in the
 * state after the last batch. Texts and spans in the rows are borrowed: they are valid until the next batch.
 *
 * A long table is read in pieces with a cursor, since batches are applied between two pieces. A cursor is therefore
 * an id or the number of a record, and not a position in memory. */
#include "runtime/core/read/read.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/base/facts.h"
#include "runtime/core/base/record.h"
#include "runtime/core/base/state.h"
#include "runtime/core/base/total.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/core.h"
#include "runtime/core/interactions/effect.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/people/claim.h"
#include "runtime/core/queues/queue_total.h"
#include "runtime/core/queues/vq.h"
#include "runtime/core/read/queue_row.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/run/listening.h"
#include "runtime/core/run/reply.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/core/sessions/session.h"
#include "runtime/core/site/counter.h"
#include "runtime/core/steps/contact.h"
#include "runtime/core/steps/latch.h"
#include "runtime/core/steps/select.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/table_cursor.h"
#include "runtime/core/steps/booking.h"
#include "runtime/core/steps/invite.h"
#include "runtime/core/steps/kept_place.h"
#include "vm/profile.h"
#include "vm/system_words.h"

void core_status(const struct core *core, struct core_status *status)
{
    uint64_t waiting = 0;
    for (uint32_t vq = 0; vq < core->vqs->count; vq++) waiting += core->vqs->all[vq].waiting;
    waiting -= core->vqs->further_count; /* an interaction in several queues counts once */
    *status = (struct core_status){
        .batches = core->now->number,
        .seed = core->options.seed,
        .restored_s = core->now->restored_s,
        .events = core->events,
        .effects = core->effects->sent,
        .interactions = core->interactions->live,
        .waiting = waiting,
        .claims = claims_outstanding(core->claims),
        .agents = core->agents->present,
        .agents_logged_in = core->agents->logged_in,
        .agents_ready = core->agents->ready,
        .time_us = core->now->time_us,
        .digest = core_digest(core),
        .block_bytes = slab_bytes(core->slab),
        .walked_bytes = core->cursors->past_bytes,
        .wall_us = now_wall_us(core->now),
        .running = core->running,
        .draining = core->draining,
        .bookings = core->bookings->open,
        .names = names_used(core->names),
        .list_records = core->list_records->taken,
        .directory = core->directory->version,
        .effects_outstanding = core->effects->outstanding,
#define COUNTS(fact, field, shown, metric, word) .field = total_of(core->totals, FACT_##fact),
#include "runtime/core/base/facts.def"
    };
    memcpy(status->rows_hash, core->directory->rows_hash, sizeof status->rows_hash);
}

/* Returns the number of dials for kept places plus the records whose attempt is noted. `held`: dialling is held. */
uint64_t core_dialling(const struct core *core, bool *held)
{
    *held = core->dials_held;
    return (uint64_t)kept_places_dialling(core->kept_places) + list_records_noted(core->list_records);
}

/* Sets the watcher, which sees each instruction and must not change what runs. */
void core_watch(struct core *core, const struct vm_watch *watch)
{
    vm_watched_by(core->vm, watch);
}

static uint64_t profiled_time(const void *core)
{
    return core_time(core);
}

void core_profile(struct core *core, struct profile *profile)
{
    profile_begin(profile, core->vm, &(struct profile_clock){core, profiled_time});
}

const struct vm *core_vm(const struct core *core)
{
    return core->vm;
}

struct vm *core_vm_played(struct core *core)
{
    return core->vm;
}

void core_listen(struct core *core, const struct core_listener *listener)
{
    core->facts->listener = listener;
}

int64_t core_wall(const struct core *core)
{
    return now_wall_us(core->now);
}

uint32_t core_queue_name(const struct core *core, uint32_t queue)
{
    return core->vqs->all[queue].name;
}

struct span core_text(const struct core *core, uint32_t name)
{
    return core_name(core, name);
}

/* Returns the word for the agent's claim: asked, on a call, at work on something else, ringing, or chosen. Of
 * several claims of the agent the most advanced one counts. */
static const char *claimed_word(const struct core *core, uint32_t index)
{
    unsigned state = CLAIM_RESERVED;
    bool calls = false;
    for (uint32_t at = core->agents->all[index].claims; at != CLAIM_NONE; at = core->claims->all[at].next_of_agent) {
        const struct claim *claim = &core->claims->all[at];
        if (claim->state > state) state = claim->state;
        calls = calls || (claim->state == CLAIM_ACTIVE && claim->medium == media_voice);
    }
    if (state == CLAIM_ACTIVE) return calls ? "on a call" : "at work";
    if (state == CLAIM_CONFIRMED) return "ringing";
    return invite_is_asked(core, index) ? "asked" : "claimed";
}

/* Returns why the agent can be given nothing of the medium; if the link of the telephone is down, it is unknown
 * whether the telephone is there. */
static const char *away_word(const struct core *core, uint32_t index, enum media medium)
{
    const struct line *line = line_for_agent(core->agents, index, medium);
    if (!line && agent_at(core->agents, index)->lines != LINE_NONE)
        line = line_at(core->agents, agent_at(core->agents, index)->lines);
    if (!line || line->held) return "link is down";
    if (line->out) return "DN out of service";
    return line->deskless || line->pageless != 0 ? "desktop is away" : "link is down";
}

static bool has_line_out(const struct core *core, uint32_t index)
{
    uint32_t at = core->agents->all[index].lines;
    while (at != LINE_NONE && !line_at(core->agents, at)->out) at = line_at(core->agents, at)->next;
    return at != LINE_NONE;
}

/* Returns the word for the most important condition of agent_available() that fails. */
static struct span not_chosen_word(const struct core *core, uint32_t index)
{
    const struct agent *agent = &core->agents->all[index];
    const char *word = "";
    if (!agent_logged_in(agent))
        word = "not logged in";
    else if (!agent_is_of_here(agent))
        word = agent->lent == AGENT_LENT_AWAY ? "lent to another domain" : "belongs to another domain, not lent";
    else if (media_set_equal(agent->media_away, media_set_all()))
        word = away_word(core, index, media_voice);
    else if (agent->claimed != 0 && media_set_is_empty(agent_room(core->agents, agent)))
        word = claimed_word(core, index);
    else if (agent->blocked_until_us != 0)
        word = "blocked by a strategy";
    else if (media_set_is_empty(media_set_or(agent->open, agent->open_failed)))
        word = !media_set_is_empty(agent->wrap)         ? "in after-call work"
               : agent->state != agent_state_ready      ? "not ready"
               : has_line_out(core, index)              ? "DN out of service"
               : !media_set_is_empty(agent->media_away) ? away_word(core, index, media_voice)
                                                        : "not ready";
    else if (agent->lines == LINE_NONE)
        word = "without a DN";
    else if (media_set_is_empty(agent->open))
        word = "could not be reached lately";
    return span_of(word);
}

/* Returns when the last of the agent's lines that are closed after a failed call opens again; 0: none is closed. */
static uint64_t rests_until_us(const struct core *core, uint32_t index)
{
    uint64_t latest_us = 0;
    for (uint32_t at = core->agents->all[index].lines; at != LINE_NONE; at = line_at(core->agents, at)->next)
        if (line_at(core->agents, at)->failed_until_us > latest_us)
            latest_us = line_at(core->agents, at)->failed_until_us;
    return latest_us;
}

static bool core_has_telephone(const struct core *core, uint32_t index)
{
    const struct line *line = line_for_agent(core->agents, index, media_voice);
    return line && line_medium(line) == media_voice;
}

/* Reads everything that is shown of an agent. A slot without an agent gives a row without a name. */
bool core_agent(const struct core *core, uint32_t index, struct agent_row *row)
{
    if (index >= core->agents->count) return false;
    const struct agent *agent = &core->agents->all[index];
    *row = (struct agent_row){
        .not_chosen = not_chosen_word(core, index),
        .name = core_name(core, agent->name),
        .dn = core_name(core, line_agent_dn(core->agents, index)),
        .place = core_name(core, agent->place),
        .state = agent->state,
        .since_us = agent->since_us,
        .claims = agent->claimed,
        .capacity = core_name(core, core->agents->capacities.all[agent->capacity].name),
        .ixn = agent->ixn,
        .reason = core_name(core, agent->reason),
        .telephone = core_has_telephone(core, index),
        .called = core_name(core, agent->display),
        .profile = core_name(core, agent->profile),
        .display = core_name(core, reasons_display(&core->directory->reasons, agent->reason)),
        .rests_until_us = rests_until_us(core, index),
        .known = agent->known,
        .home = agent->home,
        .lent_here = agent->lent == AGENT_LENT_HERE,
        .lent_to = agent->lent == AGENT_LENT_AWAY ? loan_of(core->loans, index) : 0,
        .lent_until_us = agent->lent != AGENT_NOT_LENT ? loan_ends_us(core->loans, index) : 0,
    };
    struct state_by set = session_set_by(core->sessions, index);
    row->by = set.by;
    row->why = set.why;
    return true;
}

void core_agent_skills(const struct core *core, uint32_t index, struct kv *skills)
{
    if (index >= core->agents->count) return;
    const struct agent *agent = &core->agents->all[index];
    for (uint16_t at = 0; at < agent->skill_count; at++)
        kv_put(skills, core_name(core, agent->skills[at].name),
               &(struct kv_value){.tag = KV_INT, .word = agent->skills[at].level});
}

static void put_units(const struct core *core, struct kv *units, unsigned medium, uint8_t count)
{
    const char *word = interactions_medium(core->interactions, (enum media)medium);
    if (count != 0) kv_put(units, span_of(word), &(struct kv_value){.tag = KV_INT, .word = count});
}

void core_agent_media(const struct core *core, uint32_t index, struct kv *states, struct kv *reasons)
{
    if (index >= core->agents->count) return;
    const struct agent *agent = &core->agents->all[index];
    EACH_MEDIUM(medium, agent->own)
    {
        const char *word = interactions_medium(core->interactions, (enum media)medium);
        uint32_t reason = session_reason(agent, (enum media)medium);
        uint32_t display = reasons_display(&core->directory->reasons, reason);
        kv_put_text(states, word, span_of(enum_name_agent_state(session_state(agent, (enum media)medium))));
        if (reason != 0) kv_put_text(reasons, word, core_name(core, display != 0 ? display : reason));
    }
}

/* Reads the agent's work and the most that the agent could take, in units of each medium. A capacity of one
 * interaction at a time has no units to show. */
void core_agent_load(const struct core *core, uint32_t index, struct kv *has, struct kv *takes)
{
    if (index >= core->agents->count) return;
    const struct agent *agent = &core->agents->all[index];
    const struct capacity_rule *rule = capacity_rule(&core->agents->capacities, agent->capacity);
    for (unsigned medium = 0; medium < MEDIA_KINDS; medium++) {
        put_units(core, has, medium, agent->load.units[medium]);
        if (agent->capacity != CAPACITY_SINGLE) put_units(core, takes, medium, rule->most[medium]);
    }
}

/* True: the interaction is a call, and its switch can do what supervisors ask for. */
static bool is_heard(const struct core *core, const struct interaction *ix, enum party_op how)
{
    return ix->leg && !ix->submitted && listening_can(core, ix, how);
}

static struct contact_row contact_row_of(const struct core *core, const struct claim *claim)
{
    bool talks = claim->state == CLAIM_ACTIVE;
    const struct interaction *ix = interaction_at(core->interactions, claim->interaction);
    return (struct contact_row){.ixn = ix->id,
                                .listen = is_heard(core, ix, party_op_listen),
                                .take_over = is_heard(core, ix, party_op_take_over),
                                .since_us = talks ? claim->answered_us : claim->made_us,
                                .talks = talks,
                                .vq = core_name(core, claim->vq),
                                .media = core_medium(core, claim->medium)};
}

static bool contact_before(const struct contact_row *one, const struct contact_row *other)
{
    return one->talks != other->talks ? one->talks : one->since_us < other->since_us;
}

uint32_t core_agent_contacts(const struct core *core, uint32_t index, struct contact_row *rows, uint32_t most)
{
    uint32_t count = 0;
    if (index >= core->agents->count) return 0;
    for (uint32_t at = core->agents->all[index].claims; at != CLAIM_NONE && count < most;) {
        const struct claim *claim = &core->claims->all[at];
        struct contact_row row = contact_row_of(core, claim);
        uint32_t place = count;
        at = claim->next_of_agent;
        if (claim_looks_on(claim)) continue;
        for (; place > 0 && contact_before(&row, &rows[place - 1]); place--) rows[place] = rows[place - 1];
        rows[place] = row;
        count++;
    }
    return count;
}

bool core_listener(const struct core *core, uint64_t ixn, uint32_t *at, struct listener_row *row)
{
    const struct listener *listener = listening_next(core->listeners, ixn, at);
    if (!listener) return false;
    *row = (struct listener_row){.by = listening_word(&listener->by),
                                 .dn = listening_word(&listener->dn),
                                 .how = span_of(enum_name_party_op((enum party_op)listener->how)),
                                 .since_us = listener->since_us,
                                 .hears = listener->state == party_change_Established ||
                                          listener->state == party_change_Held};
    return true;
}

uint32_t core_queue_count(const struct core *core)
{
    return core->vqs->count;
}

/* Reads the counts of a queue, which is cheap; the longest wait is read separately, because it has to look at the
 * waiting visits. */
void core_queue_counts(const struct core *core, uint32_t index, struct queue_row *row)
{
    const struct vq *vq = &core->vqs->all[index];
    struct queue_total total = queue_total_of(core->queue_totals, index);
    *row = (struct queue_row){
        .name = core_name(core, vq->name),
        .waiting = vq->waiting,
        .wait_us = total.wait_us,
        .expected_us = vq_expected_us(core->vqs, index, (uint32_t)vq->waiting + 1),
#define QUEUE(fact, field, waiting) .field = total.count[QUEUE_##field],
#include "runtime/core/base/facts.def"
    };
}

/* Returns the longest wait. The function is not really const: the first question makes the queues keep their ages.
 * No decision depends on this. */
static uint64_t longest_us(const struct core *core, uint32_t vq)
{
    uint64_t oldest_us = vq_oldest_us(core->vqs, vq);
    return oldest_us < core->now->time_us ? core->now->time_us - oldest_us : 0;
}

uint32_t core_queues(const struct core *core, uint32_t index, struct queue_row *rows, uint32_t count)
{
    uint32_t filled = 0;
    for (; filled < count && index + filled < core->vqs->count; filled++) {
        core_queue_counts(core, index + filled, &rows[filled]);
        rows[filled].longest_wait_us = longest_us(core, index + filled);
    }
    return filled;
}

bool core_queue(const struct core *core, uint32_t index, struct queue_row *row)
{
    return core_queues(core, index, row, 1) == 1;
}

void core_agent_states(const struct core *core, uint64_t *counts, unsigned states)
{
    for (uint32_t at = 0; at < core->agents->count; at++) {
        const struct agent *agent = &core->agents->all[at];
        if (agent->known && agent->state < states) counts[agent->state]++;
    }
}

void core_longest_waits(const struct core *core, uint64_t *longest, uint32_t queues)
{
    for (uint32_t vq = 0; vq < queues && vq < core->vqs->count; vq++) longest[vq] = longest_us(core, vq);
}

static_assert((int)CORE_WAITS == (int)QUEUE_WAITS + 1, "those of queue_total.h, and the longer ones");

/* Reads the counts of waits by length; the last bound is UINT64_MAX: all longer waits. */
void core_waits(const struct core *core, struct core_waits *waits)
{
    waits->sum_us = 0;
    for (uint32_t vq = 0; vq < core->vqs->count; vq++) waits->sum_us += queue_total_of(core->queue_totals, vq).wait_us;
    for (unsigned at = 0; at < CORE_WAITS; at++) {
        waits->bound_us[at] = at < QUEUE_WAITS ? UINT64_C(1000000) * queue_wait_bounds_s[at] : UINT64_MAX;
        waits->count[at] = core->queue_totals->waits[at];
    }
}

void core_queue_hour(const struct core *core, uint32_t index, struct queue_hour_row *row)
{
    queue_hour_of(core->queue_totals, index, &row->abandoned, row->waits);
}

struct span core_medium(const struct core *core, unsigned medium)
{
    return span_of(interactions_medium(core->interactions, (enum media)medium));
}

unsigned core_medium_named(const struct core *core, struct span name)
{
    return interactions_medium_named(core->interactions, name);
}

struct span core_owner_word(unsigned kind)
{
    return span_of(interaction_owner_word(kind));
}

struct span core_outcome_word(unsigned outcome)
{
    static const char *const words[] = {
#define OUTCOME(name, shown, told) shown,
#include "runtime/vocabulary/outcomes.def"
#undef OUTCOME
    };
    return span_of(words[outcome]);
}

/* Returns the step at which fiber 0 waits. */
static struct span step_word(const struct core *core, const struct interaction *ix)
{
    if (!ix->running) return span_of("");
    if (ix->route_phase == ROUTE_DEFAULTING) return span_of("default");
    const struct slab *slab = core->slab;
    const struct image_wait *wait = vm_step(slab, block_at(slab, ix->block), 0);
    const struct step *step = !wait ? NULL : step_numbered(wait->step);
    return span_of(!step ? "" : step->name);
}

/* Reads where a submitted interaction is, and where it was. */
static void read_bin(const struct core *core, const struct interaction *ix, struct interaction_row *row)
{
    const struct submitted *of = ix->submitted ? submitted_of(core->submissions, ix) : NULL;
    row->queue = row->bin = row->bin_of = span_of("");
    if (!of) return;
    row->queue = core_name(core, submitted_last_queue(core->submissions, ix));
    if (!of->in || of->bin == BIN_NONE) return;
    row->bin = core_name(core, core->submissions->bins[of->bin].name);
    row->bin_of = core_name(core, core->submissions->bins[of->bin].whose);
}

bool core_bin(const struct core *core, uint32_t index, struct bin_row *row)
{
    const struct submissions *submissions = core->submissions;
    if (index >= submissions->bin_count) return false;
    const struct bin *bin = &submissions->bins[index];
    *row = (struct bin_row){.name = span_of(""), .whose = span_of("")};
    if (bin->count == 0) return true;
    row->name = core_name(core, bin->name);
    row->whose = core_name(core, bin->whose);
    row->count = bin->count;
    row->first_us =
        interaction_arrived(core->interactions, interaction_at(core->interactions, submissions->all[bin->first].slot));
    return true;
}

static void read_living(const struct core *core, const struct interaction *ix, struct interaction_row *row)
{
    const struct block *block = block_at(core->slab, ix->block);
    *row = (struct interaction_row){
        .ixn = ix->id,
        .conn = ix->conn,
        .arrived_us = interaction_arrived(core->interactions, ix),
        .changed_us = ix->changed_us,
        .strategy = strategy_title(core->strategies, ix),
        .media = span_of(interactions_medium(core->interactions, ix->media)),
        .owner_kind = core_owner_word(ix->owner_kind),
        .owner = core_name(core, ix->owner),
        .state = span_of(interaction_state_word(ix->state)),
        .step = step_word(core, ix),
        .outcome = core_outcome_word(ix->outcome),
        .back_us = submitted_back_us(core->submissions, ix),
        .reply_us = reply_due_us(core, ix),
        .away_us = reply_away_due_us(core, ix),
        .priority = block->priority,
        .block_bytes = block_size(block),
        .listen = is_heard(core, ix, party_op_listen),
        .take_over = is_heard(core, ix, party_op_take_over),
    };
    row->ani = interaction_system(core->interactions, ix, SYSTEM_ani);
    row->dnis = interaction_system(core->interactions, ix, SYSTEM_dnis);
    row->vq = span_of("");
    if (ix->visit != VISIT_NONE)
        row->vq = core_name(core, core->vqs->all[visit_at(core->vqs, select_visit(core, ix))->vq].name);
    read_bin(core, ix, row);
}

/* Reads an ended interaction, which is not in the tables any more. The row of an ended interaction comes from the ring
 * of ended interactions, and its numbers from the data kept with it, as long as both are still there. */
static void read_gone(const struct core *core, const struct ended *ended, struct interaction_row *row)
{
    struct span data;
    struct kv_value value;
    *row = (struct interaction_row){
        .ixn = ended->ixn,
        .conn = ended->conn,
        .arrived_us = ended->arrived_us,
        .changed_us = ended->changed_us,
        .strategy = core_name(core, ended->strategy),
        .media = span_of(interactions_medium(core->interactions, ended->media)),
        .owner_kind = core_owner_word(ended->owner_kind),
        .owner = core_name(core, ended->owner),
        .state = span_of(interaction_state_word(IX_FREE)),
        .step = span_of(""),
        .vq = span_of(""),
        .outcome = core_outcome_word(ended->outcome),
        .priority = ended->priority,
        .ani = span_of(""),
        .dnis = span_of(""),
        .queue = span_of(""),
        .bin = span_of(""),
        .bin_of = span_of(""),
    };
    if (!record_ended_data(core->records, ended, &data)) return;
    if (kv_get(data, "ani", &value) && value.tag == KV_TEXT) row->ani = value.span;
    if (kv_get(data, "dnis", &value) && value.tag == KV_TEXT) row->dnis = value.span;
}

#define CURSOR_ENDED (UINT64_C(1) << 63)

/* Returns the first interaction that arrived after the one with the given id, which may have ended. Ids grow in the
 * order of arrival, so the search works although that row may be gone. */
static uint32_t read_after(const struct core *core, uint64_t id)
{
    const struct interaction *ix = interaction_by_id(core->interactions, id);
    uint32_t at = core->interactions->first;
    if (ix && ix->id == id) at = ix->next; /* else `id` belongs to an interaction that was merged into `ix` */
    while (at != INTERACTION_NONE && interaction_at(core->interactions, at)->id <= id)
        at = interaction_at(core->interactions, at)->next;
    return at;
}

/* Reads the next interaction. `*cursor` is 0 or the id after which to continue; for ended interactions, the number
 * of those still to be read. Living interactions come in the order of arrival, then the ended ones, newest first. */
bool core_interaction(const struct core *core, uint64_t *cursor, struct interaction_row *row)
{
    if ((*cursor & CURSOR_ENDED) == 0) {
        uint32_t at = read_after(core, *cursor);
        if (at != INTERACTION_NONE) {
            read_living(core, interaction_at(core->interactions, at), row);
            *cursor = row->ixn;
            return true;
        }
        *cursor = CURSOR_ENDED | core->records->ended_count;
    }
    uint64_t number = *cursor & ~CURSOR_ENDED;
    const struct ended *ended = number == 0 ? NULL : record_ended_at(core->records, number - 1);
    if (!ended) return false;
    read_gone(core, ended, row);
    (*cursor)--;
    return true;
}

/* Returns the ended interaction of a ConnID, from the newest on: a switch may use a ConnID again, and the newest is
 * meant. */
static const struct ended *ended_call(const struct core *core, uint64_t conn)
{
    for (uint64_t at = core->records->ended_count; at > 0; at--) {
        const struct ended *ended = record_ended_at(core->records, at - 1);
        if (!ended) return NULL;
        if (ended->conn == conn) return ended;
    }
    return NULL;
}

static const struct ended *ended_named(const struct core *core, uint64_t name)
{
    for (uint64_t at = core->records->ended_count; at > 0; at--) {
        const struct ended *ended = record_ended_at(core->records, at - 1);
        if (!ended) break;
        if (ended->ixn == name) return ended;
    }
    return ended_call(core, name);
}

/* Returns the living interaction of a name. The id is tried first, so that an ended id is not taken as the ConnID of
 * a living interaction. */
static const struct interaction *living_named(const struct core *core, uint64_t name)
{
    const struct interaction *ix = interaction_by_id(core->interactions, name);
    const struct ended *ended;
    if (ix || !(ix = interaction_by_conn(core->interactions, name))) return ix;
    ended = ended_named(core, name);
    return ended && ended->ixn == name ? NULL : ix;
}

static bool interaction_row_of(const struct core *core, const struct interaction *ix, const struct ended *ended,
                               struct interaction_row *row)
{
    if (ix)
        read_living(core, ix, row);
    else if (ended)
        read_gone(core, ended, row);
    return ix || ended;
}

/* Reads the interaction of a number, which may be an id or a ConnID. */
bool core_find(const struct core *core, uint64_t name, struct interaction_row *row)
{
    const struct interaction *ix = living_named(core, name);
    return interaction_row_of(core, ix, !ix ? ended_named(core, name) : NULL, row);
}

bool core_find_call(const struct core *core, uint64_t conn, struct interaction_row *row)
{
    const struct interaction *ix = conn != 0 ? interaction_by_conn(core->interactions, conn) : NULL;
    return interaction_row_of(core, ix, !ix && conn != 0 ? ended_call(core, conn) : NULL, row);
}

enum { JUST_NOW = 1000 }; /* most interactions that end in one batch */

/* Returns the interaction of a ConnID; its call may have ended in this batch, so the newest ended interactions are
 * searched, too. 0: there is none. */
uint64_t core_ixn_of(const struct core *core, uint64_t conn)
{
    const struct interaction *ix = interaction_by_conn(core->interactions, conn);
    uint64_t count = core->records->ended_count;
    if (ix) return ix->id;
    for (uint64_t back = 1; back <= count && back <= JUST_NOW; back++) {
        const struct ended *ended = record_ended_at(core->records, count - back);
        if (ended->conn == conn) return ended->ixn;
    }
    return 0;
}

/* True: the key is hidden, because a loaded program declares it secret. */
static bool read_hides(const void *self, struct span key)
{
    const struct strategies *strategies = ((const struct core *)self)->strategies;
    bool secret = false;
    for (uint32_t at = 0; at < strategies->program_count && !secret; at++)
        secret = image_key_secret(strategies->programs[at].image, (const char *)key.bytes, key.length);
    return secret;
}

static struct span medium_of_mask(const void *self, unsigned medium)
{
    return core_medium(self, medium);
}

/* Returns what must be hidden when messages are printed: which keys are secret. */
struct message_mask core_mask(const struct core *core)
{
    return (struct message_mask){.hides = read_hides, .medium = medium_of_mask, .self = core};
}

struct span core_external_id(const struct core *core, uint64_t ixn)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    const struct submitted *row = ix ? submitted_of(core->submissions, ix) : NULL;
    return row ? submitted_external_id(row) : (struct span){0};
}

/* Reads the data of an interaction; for an ended one, the data that were stored when it ended (ending.c). */
bool core_data(const struct core *core, uint64_t name, struct kv *data)
{
    const struct interaction *ix = living_named(core, name);
    if (ix) {
        interaction_data(core->interactions, ix, data);
        contact_data(core, ix, data);
        return true;
    }
    const struct ended *ended = ended_named(core, name);
    struct span kept;
    if (!ended || !record_ended_data(core->records, ended, &kept)) return false;
    uint32_t at = 0;
    struct kv_pair pair;
    while (kv_next(kept, &at, &pair)) kv_put(data, pair.key, &pair.value);
    return true;
}

static uint64_t decision_time(const struct records *records, uint64_t number)
{
    return record_decision_at(records, number)->at_us;
}

static uint64_t happening_time(const struct records *records, uint64_t number)
{
    return record_happening_at(records, number)->at_us;
}

/* Returns the number of the first row since that time. Rows are kept in the order of time, the last `kept` of
 * `count`, and found by binary search. */
static uint64_t read_since(const struct records *records, uint64_t count, uint64_t kept,
                           uint64_t (*time_of)(const struct records *, uint64_t), uint64_t at_us)
{
    uint64_t high = count, low = high > kept ? high - kept : 0;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (time_of(records, middle) < at_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t core_decision_since(const struct core *core, uint64_t at_us)
{
    return read_since(core->records, core->records->decision_count, DECISIONS_KEPT, decision_time, at_us);
}

bool core_condition_fault(const struct core *core, struct condition_fault_row *row)
{
    const struct condition_fault *fault = &core->records->fault;
    struct image_place place;
    if (fault->count == 0) return false;
    *row = (struct condition_fault_row){
        .count = fault->count, .ixn = fault->ixn, .what = vm_fault_text((enum vm_fault)fault->kind)};
    if (!image_place(fault->image, fault->function, fault->pc, &place)) return true;
    row->file = (struct span){(const uint8_t *)place.file.bytes, place.file.length};
    row->line = place.line;
    return true;
}

bool core_out_of_reach(const struct core *core, struct last_row *row)
{
    const struct unreached *last = &core->selection->unreached;
    if (last->count == 0) return false;
    *row = (struct last_row){last->count, last->ixn, core_name(core, last->vq)};
    return true;
}

bool core_unfit(const struct core *core, struct last_row *row)
{
    const struct unfit *last = &core->submissions->unfit;
    if (last->count == 0) return false;
    *row = (struct last_row){last->count, last->ixn, core_name(core, last->queue)};
    return true;
}

bool core_refused_text(const struct core *core, struct refused_text_row *row)
{
    const struct refused_text *last = &core->strategies->refused;
    struct image_place place;
    if (last->count == 0) return false;
    *row = (struct refused_text_row){
        .count = last->count, .ixn = last->ixn, .text = {(const uint8_t *)last->text, last->length}};
    if (!image_place(last->image, last->function, last->pc, &place)) return true;
    row->file = span_of_text(place.file);
    row->line = place.line;
    return true;
}

bool core_strategy_fault(const struct core *core, struct last_row *row)
{
    const struct strategy_fault *last = &core->strategies->fault;
    if (last->count == 0) return false;
    *row = (struct last_row){last->count, last->ixn, core_name(core, last->where)};
    return true;
}

bool core_decision_at(const struct core *core, uint64_t number, struct decision_row *row)
{
    const struct decision *decision = record_decision_at(core->records, number);
    if (!decision) return false;
    *row = (struct decision_row){
        .at_us = decision->at_us,
        .ixn = decision->ixn,
        .entered_us = decision->at_us - UINT64_C(1000) * decision->waited_ms,
        .vq = core_name(core, decision->vq),
        .chosen = core_name(core, decision->chosen),
        .line = decision->line,
        .candidates = decision->candidates,
        .not_ready = decision->not_ready,
        .not_matching = decision->not_matching,
        .claimed = decision->claimed,
        .among = decision->among,
        .others = decision->others,
        .order = order_numbered(decision->order)->word,
        .figure = decision->figure,
        .figure_type = decision->figure_type,
        .tie = decision->equal != 0 ? order_numbered(decision->tie)->word : NULL,
        .equal = decision->equal,
        .tie_type = decision->tie_type,
        .tie_figure = decision->tie_figure,
    };
    return true;
}

uint64_t core_happening_since(const struct core *core, uint64_t at_us)
{
    return read_since(core->records, core->records->happening_count, HISTORY_KEPT, happening_time, at_us);
}

bool core_happening_at(const struct core *core, uint64_t number, struct happening_row *row)
{
    const struct happening *happening = record_happening_at(core->records, number);
    if (!happening) return false;
    *row = (struct happening_row){
        .at_us = happening->at_us,
        .ixn = happening->ixn,
        .fact = happening->fact,
        .value = happening->value,
        .name = happening->fact == FACT_noted ? span_of("") : core_name(core, happening->name),
    };
    return true;
}

uint64_t core_ended_count(const struct core *core)
{
    return core->records->ended_count;
}

bool core_ended_at(const struct core *core, uint64_t number, struct interaction_row *row)
{
    const struct ended *ended = record_ended_at(core->records, number);
    if (ended) read_gone(core, ended, row);
    return ended != NULL;
}

/* Returns the first kept decision that may be about the interaction: none is older than its arrival. */
static uint64_t first_decision(const struct core *core, uint64_t ixn)
{
    const struct interaction *ix = interaction_by_id(core->interactions, ixn);
    const struct ended *ended = !ix ? ended_named(core, ixn) : NULL;
    return core_decision_since(core, ix ? interaction_arrived(core->interactions, ix) : ended ? ended->arrived_us : 0);
}

/* Reads the next decision. The cursor is the number of the next one, so decisions that are made meanwhile are read,
 * too. */
bool core_decision_next(const struct core *core, uint64_t ixn, uint64_t *cursor, struct decision_row *row)
{
    uint64_t count = core->records->decision_count, oldest = count > DECISIONS_KEPT ? count - DECISIONS_KEPT : 0;
    uint64_t at = *cursor != 0 ? *cursor : first_decision(core, ixn);
    for (at = at > oldest ? at : oldest; at < count; at++) {
        if (record_decision_at(core->records, at)->ixn != ixn) continue;
        *cursor = at + 1;
        return core_decision_at(core, at, row);
    }
    *cursor = count;
    return false;
}

/* Appends a text; what does not fit is cut off. */
static void text_append(char *out, uint32_t size, uint32_t *length, struct span text)
{
    uint32_t room = size - *length, count = text.length < room ? text.length : room;
    if (count != 0) memcpy(out + *length, text.bytes, count);
    *length += count;
}

#define enum_name_nothing NULL

static const struct {
    const char *text, *between;
    const char *(*value)(uint64_t);
} lines[FACTS] = {
#define LINE(fact, text, between, value, key, span, names) [FACT_##fact] = {text, between, enum_name_##value},
#include "runtime/core/base/facts.def"
};

/* Writes a fact in words, as its line in the table says: a text, and a value by its enumeration. */
static void happening_text(const struct core *core, const struct happening *happening, char *out, uint32_t size,
                           uint32_t *length)
{
    const char *(*value)(uint64_t) = lines[happening->fact].value;
    text_append(out, size, length, span_of(lines[happening->fact].text));
    if (value) {
        text_append(out, size, length, span_of(lines[happening->fact].between));
        text_append(out, size, length, span_of(value(happening->value)));
    }
    struct span name =
        happening->fact == FACT_noted ? record_note(core->records, happening) : core_name(core, happening->name);
    if (name.length != 0) {
        text_append(out, size, length, span_of(" "));
        text_append(out, size, length, name);
    }
}

/* Reads the history. `cursor` continues after the last fact that was looked at, whether it was returned or not. */
bool core_history_from(const struct core *core, uint64_t name, uint64_t *cursor, uint32_t at_most, struct kv *out)
{
    const struct interaction *ix = living_named(core, name);
    const struct ended *ended = !ix ? ended_named(core, name) : NULL;
    if (!ix && !ended) return false;
    uint64_t ixn = ix ? ix->id : ended->ixn, count = core->records->happening_count;
    uint64_t at = count > HISTORY_KEPT ? count - HISTORY_KEPT : 0;
    for (at = at < *cursor ? *cursor : at; at < count && at_most > 0; at++) {
        const struct happening *happening = record_happening_at(core->records, at);
        if (happening->ixn != ixn) continue;
        char text[512];
        uint32_t length = 0;
        happening_text(core, happening, text, sizeof text, &length);
        kv_put_time(out, "at", (int64_t)happening->at_us + core->now->wall_offset_us);
        kv_put_text(out, "what", (struct span){(const uint8_t *)text, length});
        at_most--;
    }
    *cursor = at;
    return true;
}

bool core_counter(const struct core *core, uint32_t index, struct counter_row *row)
{
    if (index >= core->counters->count) return false;
    const struct counter *counter = &core->counters->all[index];
    *row = (struct counter_row){.name = core_name(core, counter->name),
                                .key = core_name(core, counter->key),
                                .count = counter_now(core->counters, counter),
                                .beyond = counter->beyond,
                                .over_us = counter->window_us > 0 ? counter->window_us : 0,
                                .since_us = counter->window_us < 0 ? -counter->window_us : 0};
    return true;
}

bool core_latch(const struct core *core, uint32_t index, struct latch_row *row)
{
    if (index >= core->latches->count) return false;
    const struct latch *latch = &core->latches->all[index];
    *row =
        (struct latch_row){.name = core_name(core, latch->name), .set = latch->set, .since_us = latch->turned_wall_us};
    return true;
}

bool core_counter_named(const struct core *core, struct span name, struct span key, uint64_t *count)
{
    const struct counter *counter = counter_find(core->counters, name, key);
    *count = !counter ? 0 : counter_now(core->counters, counter);
    return counter != NULL;
}
