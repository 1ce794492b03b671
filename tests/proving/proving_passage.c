/* tests/proving/proving_passage.c - The adapter of other domains, the table of interactions on their way between
 * domains, and the other domain.
 *
 *     this core --PassOn--> row: OUT --> HELD by the other domain --> TAKEN or REFUSED --EventDone--> this core
 *     the other domain puts a row: OUT --> HELD by the adapter --Submit--> this core --Reply--> TAKEN or REFUSED
 *
 * The adapter accesses the table by jobs, one after another, as that of gcxvm does. While the adapter is cut off
 * from the database a job is lost, or is done and its answer is lost: the adapter repeats it. Jobs of a process that
 * has died are still done. The other domain never dies, and forgets nothing that it has. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/core/awaited.h"
#include "runtime/sim/events.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

enum {
    JOB_AGAIN_US = 900000,
    TAKES_BACK_US = 8000000, /* after this time without being fetched a passage is taken back */
    COMES_US = 12000000,
    DECIDES_US = 3000000,
    SUBMIT_AGAIN_US = 5000000,
};

void proving_passages_free(struct proving *world)
{
    free(world->passages);
    free(world->jobs);
}

static struct proving_passage *passage_added(struct proving *world, bool comes)
{
    world->passages = memory_more(world->passages, world->passage_count, sizeof *world->passages);
    struct proving_passage *row = &world->passages[world->passage_count++];
    *row = (struct proving_passage){.comes = comes, .put_us = world->now_us};
    return row;
}

static struct proving_passage *passage_of(struct proving *world, uint64_t ixn, uint64_t ref)
{
    for (uint32_t i = 0; i < world->passage_count; i++)
        if (!world->passages[i].comes && world->passages[i].ixn == ixn && world->passages[i].ref == ref)
            return &world->passages[i];
    return NULL;
}

static void passage_refused(struct proving_passage *row, enum code code)
{
    row->state = ROW_REFUSED;
    row->code = (uint8_t)code;
}

/* Takes a passage back; for a row that the other domain holds, only that domain may decide. */
static void passage_taken_back(const struct proving *world, struct proving_passage *row, enum code code)
{
    if (row->state == ROW_OUT || (row->state == ROW_HELD && world->options->lie == LIES_UNHELD))
        passage_refused(row, code);
}

/* ---- jobs ---- */

static void job_puts(struct proving *world, const struct proving_job *job)
{
    struct proving_passage *row = passage_of(world, job->ixn, job->ref);
    if (!row) {
        row = passage_added(world, false);
        row->ixn = job->ixn;
        row->ref = job->ref;
        proving_plan(world, 1000 + proving_drawn(world, PROVING_WORKS, job->ixn << 8 | job->ref, COMES_US), DUE_FAR,
                     world->passage_count - 1, ROW_OUT);
    }
    row->told = false;
    if (job->back) passage_taken_back(world, row, code_gone);
}

static void job_looks(struct proving *world)
{
    for (uint32_t i = 0; i < world->passage_count; i++) {
        struct proving_passage *row = &world->passages[i];
        if (row->comes && row->state == ROW_OUT) row->state = ROW_HELD;
        if (!row->comes && row->put_us + TAKES_BACK_US < world->now_us)
            passage_taken_back(world, row, code_unavailable);
    }
}

static void job_settles(struct proving *world, const struct proving_job *job)
{
    struct proving_passage *row = &world->passages[job->row];
    row->state = ROW_TAKEN;
    row->there = true;
}

static void job_does(struct proving *world, const struct proving_job *job)
{
    switch ((enum proving_job_kind)job->kind) {
    case JOB_PUT:
        job_puts(world, job);
        break;
    case JOB_LOOK:
        job_looks(world);
        break;
    case JOB_SETTLE:
        job_settles(world, job);
        break;
    case JOB_TOLD:
        world->passages[job->row].told = true;
        break;
    case JOB_LEND:
        proving_loan_put(world, job->row, &job->loan);
        break;
    case JOB_LOAN_ANSWER:
        proving_loan_answer(world, job->row, &job->loan);
        break;
    case JOB_LOAN_TOLD:
        proving_loan_told(world, job->row, &job->loan);
        break;
    }
}

/* ---- what the adapter does with answers of the table ---- */

static void passage_tells(struct proving *world, uint32_t at)
{
    const struct proving_passage *row = &world->passages[at];
    event_put_done(proving_event(world, PROVING_DOMAINS, KIND_EventDone, row->ixn, row->ref, 0),
                   row->state == ROW_TAKEN ? code_ok : row->code, NULL);
    proving_post(world, PROVING_DOMAINS);
    proving_job_new(world, (struct proving_job){.kind = JOB_TOLD, .row = at});
}

static void passage_submits(struct proving *world, uint32_t at)
{
    struct proving_passage *row = &world->passages[at];
    char id[48], passed_on[48];
    if (row->req != 0 || row->again_us > world->now_us) return;
    row->req = ++world->reqs;
    struct writer *writer = proving_event(world, PROVING_DOMAINS, KIND_Submit, 0, 0, 0);
    writer_u(writer, ENVELOPE_req, row->req);
    (void)snprintf(id, sizeof id, "<%" PRIu32 "@far.invalid>", at);
    (void)snprintf(passed_on, sizeof passed_on, "far/%" PRIu32, at);
    event_put_submit(writer, &(struct event_submit){.medium = media_email,
                                                    .external_id = id,
                                                    .queue = PROVING_MAIL_QUEUE,
                                                    .from = "customer@example.org",
                                                    .passed_on = passed_on});
    proving_post(world, PROVING_DOMAINS);
}

static void passages_seen(struct proving *world)
{
    world->looks = false;
    if (!proving_domains_wire(world)->greeted) return;
    for (uint32_t i = 0; i < world->passage_count; i++) {
        const struct proving_passage *row = &world->passages[i];
        if (!row->comes && !row->told && row->state >= ROW_TAKEN) passage_tells(world, i);
        if (row->comes && row->state == ROW_HELD) passage_submits(world, i);
    }
    proving_loans_seen(world);
}

void proving_passage_job(struct proving *world, uint32_t at)
{
    const struct proving_job job = world->jobs[at];
    world->jobs[at].over = true;
    bool apart = proving_link_apart(world, PROVING_DOMAINS);
    if (!apart || proving_drawn(world, PROVING_NETWORK, (uint64_t)at << 32 | 7, 2) == 0) job_does(world, &job);
    if (job.process != proving_domains_wire(world)->process) return;
    if (!apart && job.kind == JOB_LOOK)
        passages_seen(world);
    else if (job.kind == JOB_LOOK)
        world->looks = false;
    else if (apart && job.kind != JOB_TOLD && job.kind != JOB_LOAN_TOLD)
        proving_job_given(world, job, JOB_AGAIN_US);
}

void proving_passages_look(struct proving *world)
{
    if (!world->looks && proving_domains_wire(world)->greeted) {
        world->looks = true;
        proving_job_new(world, (struct proving_job){.kind = JOB_LOOK});
    }
    proving_plan(world, PROVING_LOOKS_US, DUE_LOOKS, 0, 0);
}

/* Handles a new connection: a Reply that was lost with the old one is sent again from the row. */
void proving_passages_up(struct proving *world)
{
    for (uint32_t i = 0; i < world->passage_count; i++) world->passages[i].req = 0;
    proving_loans_up(world);
}

void proving_passages_forget(struct proving *world)
{
    world->looks = false;
    for (uint32_t i = 0; i < world->passage_count; i++) world->passages[i].req = world->passages[i].again_us = 0;
}

/* ---- the other domain ---- */

void proving_passage_comes(struct proving *world)
{
    (void)passage_added(world, true);
    proving_passages_begin(world);
}

void proving_passage_far(struct proving *world, uint32_t at, uint64_t state)
{
    struct proving_passage *row = &world->passages[at];
    uint64_t key = row->ixn << 8 | row->ref;
    if (state == ROW_OUT) {
        if (row->state != ROW_OUT) return; /* it was taken back */
        row->state = ROW_HELD;
        proving_plan(world, 1000 + proving_drawn(world, PROVING_WORKS, key << 1, DECIDES_US), DUE_FAR, at, ROW_HELD);
        return;
    }
    row->there = world->quiet || proving_drawn(world, PROVING_WORKS, key << 2, 4) > 0;
    if (row->state != ROW_HELD) return;
    if (row->there)
        row->state = ROW_TAKEN;
    else
        passage_refused(row, code_refused);
}

/* ---- effects ---- */

static void passage_replied(struct proving *world, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req), ixn = message_u(reply, ENVELOPE_ixn);
    uint64_t outcome = message_u(reply, Reply_outcome);
    uint32_t at = 0;
    while (at < world->passage_count && (req == 0 || world->passages[at].req != req)) at++;
    if (at == world->passage_count) return;
    struct proving_passage *row = &world->passages[at];
    if (outcome != outcome_ok && outcome != outcome_duplicate) {
        row->req = 0;
        row->again_us = world->now_us + SUBMIT_AGAIN_US;
        return;
    }
    if (ixn == 0 || (row->ixn != 0 && row->ixn != ixn))
        proving_fail(world, "passage %" PRIu32 " of the other domain is two interactions, or none", at);
    row->ixn = ixn;
    proving_job_new(world, (struct proving_job){.kind = JOB_SETTLE, .row = at});
}

void proving_passage_effect(struct proving *world, const struct message *effect)
{
    switch (effect->kind) {
    case KIND_PassOn:
        proving_passages_begin(world);
        proving_job_new(world, (struct proving_job){.kind = JOB_PUT,
                                                    .ixn = message_u(effect, ENVELOPE_ixn),
                                                    .ref = message_u(effect, ENVELOPE_ref),
                                                    .back = message_u(effect, PassOn_back) != 0});
        break;
    case KIND_Lend:
    case KIND_LoanAnswer:
        proving_loan_effect(world, effect);
        break;
    case KIND_Reply:
        passage_replied(world, effect);
        break;
    default:
        proving_plain_effect(world, PROVING_DOMAINS, effect);
        break;
    }
}

/* ---- what holds ---- */

/* Is an answer still to come? True: a row has the result, or will have it; or a job is about to add the row. */
static bool passage_is_owed(const struct proving *world, uint64_t ixn)
{
    for (uint32_t i = 0; i < world->passage_count; i++)
        if (!world->passages[i].comes && world->passages[i].ixn == ixn && !world->passages[i].told) return true;
    for (uint32_t i = 0; i < world->job_count; i++)
        if (!world->jobs[i].over && world->jobs[i].kind == JOB_PUT && world->jobs[i].ixn == ixn) return true;
    return false;
}

void proving_passages_owe(struct proving *world, const struct core *core)
{
    struct awaited_row rows[AWAITED_MAX];
    for (size_t i = core_awaited(core, rows); i > 0; i--) {
        const struct awaited_row *row = &rows[i - 1];
        if (row->link == PROVING_DOMAINS && row->kind == KIND_PassOn && !passage_is_owed(world, row->ixn))
            proving_fail(world, "interaction %" PRIx64 " waits in vain for what became of it in the other domain",
                         row->ixn);
    }
}

uint64_t proving_passages_taken(const struct proving *world, bool came)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < world->passage_count; i++)
        count += world->passages[i].comes == came && world->passages[i].there;
    return count;
}

bool proving_passages_went(const struct proving *world, uint64_t ixn)
{
    for (uint32_t i = 0; i < world->passage_count; i++)
        if (!world->passages[i].comes && world->passages[i].there && world->passages[i].ixn == ixn) return true;
    return false;
}

bool proving_passages_rest(const struct proving *world)
{
    for (uint32_t i = 0; i < world->passage_count; i++)
        if (world->passages[i].state < ROW_TAKEN) return false;
    return true;
}
