/* tests/proving/proving_far.c - The other domain, to which agents are lent and from which they are borrowed: a core
 * of its own, and its adapter.
 *
 * Its journal never loses anything, so a killed core is simulated as one that stood still for a while, with lost
 * links and an adapter that has forgotten everything. Calls there are simulated here: agents who belong to it are
 * sometimes on a call, for whose end the end of a loan waits. */
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/table.h"
#include "runtime/core/check.h"
#include "runtime/core/read/read.h"
#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/semantics.h"

enum { FAR_LOOKS_US = 600000, FAR_LOOKS_MORE_US = 400000, FAR_TALKS_US = 15000000 };

/* An effect of its core that its adapter has not yet written to the table of loans. */
struct far_said {
    struct proving_loan loan;
    uint32_t agent;
    bool answers;
};

struct proving_far {
    struct core *core;
    uint64_t batches, seq[SOURCE_LINKS + PROVING_LINKS];
    /* until when the domain does nothing; until when its adapter cannot reach the table */
    uint64_t still_until_us, away_until_us;
    struct far_said *said;
    uint32_t said_count;
    bool all, dies;                /* dies: the core was killed, and does nothing until it is back */
    uint64_t told[PROVING_AGENTS]; /* the loan's number last sent to its core, while the core has not answered */
    uint64_t talks_until[PROVING_AGENTS];
    struct writer writer;
    struct kv kv;
};

const struct core *proving_far_core(const struct proving *world)
{
    return world->far->core;
}

/* ---- its core ---- */

static void far_effect(void *self, struct span frame)
{
    struct proving_far *far = self;
    struct message effect;
    struct far_said said;
    if (!message_read(&effect, frame.bytes, frame.length, NULL) ||
        (effect.kind != KIND_Lend && effect.kind != KIND_LoanAnswer))
        return;
    said.answers = effect.kind == KIND_LoanAnswer;
    said.agent = proving_loan_read(&effect, &said.loan);
    if (said.answers) far->told[said.agent] = 0;
    far->said = memory_more(far->said, far->said_count, sizeof *far->said);
    far->said[far->said_count++] = said;
}

static void far_applies(struct proving *world, struct span events, uint32_t count)
{
    struct proving_far *far = world->far;
    struct error error = {0};
    const struct batch batch = {.partition = PROVING_FAR,
                                .epoch = 1,
                                .number = ++far->batches,
                                .semantics = SEMANTICS_NUMBER,
                                .time_us = world->now_us,
                                .count = count,
                                .events = events};
    const struct effect_sink sink = {far_effect, far};
    core_apply(far->core, &batch, &sink);
    proving_note(world, core_digest(far->core));
    if (!core_check(far->core, &error)) proving_fail(world, "the other domain: %s", error.text);
    proving_loans_note(world, far->core, 0, far->batches);
}

static struct writer *far_event(struct proving_far *far, unsigned source, unsigned kind, uint64_t conn)
{
    writer_clear(&far->writer);
    writer_begin(&far->writer, kind);
    writer_u(&far->writer, ENVELOPE_source, source);
    writer_u(&far->writer, ENVELOPE_seq, ++far->seq[source]);
    writer_conn(&far->writer, ENVELOPE_conn, conn);
    return &far->writer;
}

static void far_posts(struct proving *world)
{
    far_applies(world, writer_end(&world->far->writer), 1);
}

static void far_link_up(struct proving *world, unsigned link, const char *name, uint32_t caps)
{
    event_put_link(far_event(world->far, SOURCE_HOST, KIND_LinkUp, 0), link, name, 0, caps, media_none);
    far_posts(world);
    far_event(world->far, link, KIND_ResyncBegin, 0);
    far_posts(world);
    far_event(world->far, link, KIND_ResyncEnd, 0);
    far_posts(world);
}

static void far_clock(struct proving *world, int64_t ahead_us)
{
    writer_i(far_event(world->far, SOURCE_HOST, KIND_Clock, 0), Clock_offset, PROVING_WALL_US + ahead_us);
    far_posts(world);
}

static void far_agents(struct proving *world)
{
    struct proving_far *far = world->far;
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        bool other = proving_home(world, i) == PROVING_HERE;
        event_put_row(far_event(far, SOURCE_ADMIN, KIND_DirectoryRow, 0), &far->kv,
                      &(const struct plan_row){table_agent, proving_agent_name(i),
                                               &(const struct plan_column){"home", NULL, PROVING_HERE}, other},
                      1);
        far_posts(world);
    }
    event_put_commit(far_event(far, SOURCE_ADMIN, KIND_DirectoryCommit, 0), 1, true);
    far_posts(world);
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        event_put_agent(far_event(far, PROVING_SWITCH, KIND_EventAgentState, 0), proving_agent_name(i),
                        proving_agent_dn(i), media_voice, agent_state_ready, work_mode_manual_in);
        far_posts(world);
    }
}

void proving_far_begin(struct proving *world)
{
    const struct core_options options = {.partition = PROVING_FAR,
                                         .seed = world->seed,
                                         .interactions_max = PROVING_AGENTS,
                                         .image = proving_site_image,
                                         .self = &world->site};
    world->far = memory_zeroed(1, sizeof *world->far);
    writer_init(&world->far->writer);
    kv_init(&world->far->kv);
    world->far->core = core_new(&options);
    world->far->all = true;
    far_clock(world, 0);
    far_link_up(world, PROVING_SWITCH, "calls", CAP_CALLS);
    far_link_up(world, PROVING_DOMAINS, "domains", CAP_DOMAINS);
    far_agents(world);
    proving_plan(world, FAR_LOOKS_US, DUE_FAR_LOOK, 0, 0);
}

void proving_far_free(struct proving *world)
{
    struct proving_far *far = world->far;
    if (!far) return;
    core_free(far->core);
    writer_free(&far->writer);
    kv_free(&far->kv);
    free(far->said);
    free(far);
}

/* ---- the calls of its own agents ---- */

static uint64_t far_conn(uint32_t agent)
{
    return (uint64_t)PROVING_SWITCH << 48 | (0x20000000u + agent);
}

static void far_call_begins(struct proving *world, uint32_t agent, uint64_t for_us)
{
    event_put_created(far_event(world->far, PROVING_SWITCH, KIND_EventCallCreated, far_conn(agent)),
                      &(struct event_created){.type = call_type_inbound});
    far_posts(world);
    event_put_party(far_event(world->far, PROVING_SWITCH, KIND_EventParty, far_conn(agent)),
                    &(struct event_party){.dn = span_of(proving_agent_dn(agent)),
                                          .change = party_change_Established,
                                          .role = party_role_agent,
                                          .agent = proving_agent_name(agent)});
    far_posts(world);
    world->far->talks_until[agent] = world->now_us + for_us;
}

static void far_call_ends(struct proving *world, uint32_t agent)
{
    writer_u(far_event(world->far, PROVING_SWITCH, KIND_EventCallDeleted, far_conn(agent)), EventCallDeleted_cause,
             cause_remote_release);
    far_posts(world);
    world->far->talks_until[agent] = 0;
}

static void far_calls(struct proving *world)
{
    struct proving_far *far = world->far;
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        uint64_t key = world->now_us << 3 | i;
        struct agent_row row;
        uint32_t at;
        if (far->talks_until[i] > 0 && far->talks_until[i] <= world->now_us) far_call_ends(world, i);
        if (far->talks_until[i] > 0 || world->quiet ||
            !core_agent_named(far->core, span_of(proving_agent_name(i)), &at))
            continue;
        if (core_agent(far->core, at, &row) && row.not_chosen.length == 0 &&
            proving_drawn(world, PROVING_FAR_CALLS, key, 8) == 0)
            far_call_begins(world, i, 1000 + proving_drawn(world, PROVING_FAR_CALLS, key << 16, FAR_TALKS_US));
    }
}

/* ---- its adapter ---- */

/* Writes all effects of its core to the table; some of them are lost if its process is dead. */
static void far_says(struct proving *world, bool dead)
{
    struct proving_far *far = world->far;
    for (uint32_t i = 0; i < far->said_count; i++) {
        const struct far_said *said = &far->said[i];
        if (dead && proving_drawn(world, PROVING_NETWORK, world->now_us << 6 | i, 2) == 0) continue;
        (said->answers ? proving_loan_answer : proving_loan_put)(world, said->agent, &said->loan);
    }
    far->said_count = 0;
}

static void far_hears(struct proving *world)
{
    struct proving_far *far = world->far;
    bool all = far->all;
    far->all = false;
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        if (!proving_loan_is_due(world, i, PROVING_FAR, all)) continue;
        const struct proving_loan loan = world->loans[i];
        if (proving_home(world, i) == PROVING_FAR) {
            proving_loan_write_answer(world, far_event(far, PROVING_DOMAINS, KIND_EventLoanAnswer, 0), i);
            far_posts(world);
            if (loan.answered) proving_loan_told(world, i, &loan);
        } else if (far->told[i] != loan.number) {
            far->told[i] = loan.number;
            proving_loan_write(world, far_event(far, PROVING_DOMAINS, KIND_EventLent, 0), i);
            far_posts(world);
        }
    }
}

/* Restarts a killed domain: its adapter is a new process, and what the old one still had to write is written late,
 * or never. */
static void far_is_back(struct proving *world)
{
    struct proving_far *far = world->far;
    far->dies = false;
    far_says(world, true);
    writer_u(far_event(far, SOURCE_HOST, KIND_LinkDown, 0), LinkDown_link, PROVING_DOMAINS);
    far_posts(world);
    far->said_count = 0;
    memset(far->told, 0, sizeof far->told);
    far->all = true;
    far_link_up(world, PROVING_DOMAINS, "domains", CAP_DOMAINS);
}

void proving_far_looks(struct proving *world)
{
    struct proving_far *far = world->far;
    proving_plan(world, FAR_LOOKS_US + proving_drawn(world, PROVING_DELAY, world->now_us << 2 | 2, FAR_LOOKS_MORE_US),
                 DUE_FAR_LOOK, 0, 0);
    if (world->now_us < far->still_until_us) return;
    if (far->dies) far_is_back(world);
    far_calls(world);
    if (world->now_us < far->away_until_us) return;
    far_says(world, false);
    far_hears(world);
}

/* ---- time and faults ---- */

uint64_t proving_far_due(const struct proving *world)
{
    if (!world->far) return UINT64_MAX;
    uint64_t due_us = core_next_timer(world->far->core);
    return due_us > world->far->still_until_us ? due_us : world->far->still_until_us;
}

void proving_far_turn(struct proving *world)
{
    if (world->far && proving_far_due(world) <= world->now_us && core_next_timer(world->far->core) <= world->now_us)
        far_applies(world, (struct span){0}, 0);
}

void proving_far_mend(struct proving *world)
{
    if (world->far) world->far->still_until_us = world->far->away_until_us = 0;
}

/* Asks the other domain's core to lend or recall an agent; a core that stands still is not asked. */
static void far_asked(struct proving *world, uint32_t agent, uint32_t for_s)
{
    if (world->now_us < world->far->still_until_us) return;
    proving_loan_write_asked(world, far_event(world->far, SOURCE_ADMIN, KIND_AdminRequest, 0), agent, for_s);
    far_posts(world);
}

void proving_far_deed(struct proving *world, const struct told_deed *deed)
{
    struct proving_far *far = world->far;
    uint64_t until_us = world->now_us + (uint64_t)deed->b * 1000;
    if (!far) return;
    if (deed->what == TOLD_skew)
        far_clock(world, proving_ahead_us(deed));
    else if (deed->a == 2)
        far->away_until_us = until_us;
    else
        far->still_until_us = until_us;
    far->dies = far->dies || (deed->what == TOLD_far && deed->a == 1);
}

/* ---- loans of agents ---- */

static void loan_asked(struct proving *world, uint32_t agent, uint32_t for_s)
{
    struct proving_node *leader = proving_leader(world);
    if (proving_home(world, agent) == PROVING_FAR) {
        far_asked(world, agent, for_s);
    } else if (leader) {
        proving_loan_write_asked(world, proving_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0), agent, for_s);
        (void)partition_post(leader->partition, writer_end(&world->writer));
    }
}

void proving_far_lends(struct proving *world, const struct told_deed *deed)
{
    if (!world->far) return;
    proving_passages_begin(world);
    for (uint32_t i = 0; i < PROVING_AGENTS; i++)
        if (deed->what == TOLD_recall || i == deed->a)
            loan_asked(world, i, deed->what == TOLD_recall ? 0 : deed->b + 1);
}
