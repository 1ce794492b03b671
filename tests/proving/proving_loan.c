/* tests/proving/proving_loan.c - Agents who are lent: the table of loans, this domain's adapter, and a record of
 * which domain gives them work.
 *
 *     this core --Lend, LoanAnswer--> job --> row of the agent --> the other domain looks (proving_far.c)
 *     the adapter looks (proving_passage.c) --EventLent, EventLoanAnswer--> this core
 *
 * After each batch of either domain it is noted to which agents that domain may give work, and until when without
 * another batch. For this domain only those batches count that are durable in the end. A domain may make no batch in
 * which it gives work to an agent while the other domain does so, too. The first batch of a leader has the time of
 * the last batch before it, but gives work to nobody: all links are down. */
#include <inttypes.h>
#include <stdlib.h>

#include "runtime/core/read/read.h"
#include "tests/proving/proving_state.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

enum {
    ALLOWED_US = 2000000, /* how much the two domains' clocks may differ */
    LEASE_S = 5,
    LEASE_MORE_S = 21,
};

/* ---- rows ---- */

void proving_loan_put(struct proving *world, uint32_t agent, const struct proving_loan *loan)
{
    struct proving_loan *row = &world->loans[agent];
    if (loan->number > row->number) *row = *loan;
}

void proving_loan_answer(struct proving *world, uint32_t agent, const struct proving_loan *answer)
{
    struct proving_loan *row = &world->loans[agent];
    if (row->number != answer->number || (row->answered && !row->held)) return;
    row->answered = true;
    row->held = answer->held && world->options->lie != LIES_GIVEN_BACK;
    row->told = false;
}

void proving_loan_told(struct proving *world, uint32_t agent, const struct proving_loan *loan)
{
    struct proving_loan *row = &world->loans[agent];
    if (row->number == loan->number && row->held == loan->held) row->told = true;
}

/* ---- messages ---- */

uint32_t proving_loan_read(const struct message *effect, struct proving_loan *loan)
{
    bool lends = effect->kind == KIND_Lend;
    if (lends)
        *loan = (struct proving_loan){.number = message_u(effect, Lend_number),
                                      .from_us = message_i(effect, Lend_from),
                                      .until_us = message_i(effect, Lend_until),
                                      .ends = message_u(effect, Lend_ends) != 0};
    else
        *loan = (struct proving_loan){.number = message_u(effect, LoanAnswer_number),
                                      .answered = true,
                                      .held = message_u(effect, LoanAnswer_held) != 0};
    return proving_agent_named(message_text(effect, lends ? Lend_agent : LoanAnswer_agent));
}

void proving_loan_write(const struct proving *world, struct writer *writer, uint32_t agent)
{
    const struct proving_loan *loan = &world->loans[agent];
    writer_text(writer, EventLent_agent, proving_agent_name(agent));
    writer_u(writer, EventLent_domain, proving_home(world, agent));
    writer_u(writer, EventLent_number, loan->number);
    writer_i(writer, EventLent_from, loan->from_us);
    writer_i(writer, EventLent_until, loan->until_us);
    writer_u(writer, EventLent_ends, loan->ends);
}

void proving_loan_write_answer(const struct proving *world, struct writer *writer, uint32_t agent)
{
    const struct proving_loan *loan = &world->loans[agent];
    writer_text(writer, EventLoanAnswer_agent, proving_agent_name(agent));
    writer_u(writer, EventLoanAnswer_domain, PROVING_HERE + PROVING_FAR - proving_home(world, agent));
    writer_u(writer, EventLoanAnswer_number, loan->number);
    writer_i(writer, EventLoanAnswer_until, loan->until_us);
    writer_u(writer, EventLoanAnswer_answered, loan->answered);
    writer_u(writer, EventLoanAnswer_held, loan->held);
}

bool proving_loan_is_due(const struct proving *world, uint32_t agent, unsigned domain, bool all)
{
    const struct proving_loan *row = &world->loans[agent];
    if (row->number == 0) return false;
    if (proving_home(world, agent) == domain) return all || (row->answered && !row->told);
    return !row->answered || (row->held && all);
}

/* ---- this domain ---- */

void proving_loan_write_asked(const struct proving *world, struct writer *writer, uint32_t agent, uint32_t for_s)
{
    writer_u(writer, AdminRequest_op, for_s > 0 ? admin_op_lend : admin_op_recall);
    writer_text(writer, AdminRequest_name, proving_agent_name(agent));
    writer_u(writer, AdminRequest_domain, PROVING_HERE + PROVING_FAR - proving_home(world, agent));
    writer_i(writer, AdminRequest_lasts, (int64_t)(for_s * PROVING_SECOND));
    writer_i(writer, AdminRequest_lease, (int64_t)((LEASE_S + for_s % LEASE_MORE_S) * PROVING_SECOND));
}

/* ---- its adapter ---- */

void proving_loans_up(struct proving *world)
{
    world->loans_all = true;
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) world->loans_said[i] = 0;
}

void proving_loans_seen(struct proving *world)
{
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        const struct proving_loan *row = &world->loans[i];
        if (!proving_loan_is_due(world, i, PROVING_HERE, world->loans_all)) continue;
        if (proving_home(world, i) == PROVING_HERE) {
            proving_loan_write_answer(world, proving_event(world, PROVING_DOMAINS, KIND_EventLoanAnswer, 0, 0, 0), i);
            proving_post(world, PROVING_DOMAINS);
            if (row->answered) proving_loan_job(world, JOB_LOAN_TOLD, i, row);
        } else if (world->loans_said[i] != row->number) {
            proving_loan_write(world, proving_event(world, PROVING_DOMAINS, KIND_EventLent, 0, 0, 0), i);
            proving_post(world, PROVING_DOMAINS);
            world->loans_said[i] = row->number;
        }
    }
    world->loans_all = false;
}

void proving_loan_effect(struct proving *world, const struct message *effect)
{
    struct proving_loan loan;
    uint32_t agent = proving_loan_read(effect, &loan);
    if (agent == PROVING_NOBODY) return;
    if (effect->kind == KIND_LoanAnswer) world->loans_said[agent] = 0;
    proving_loan_job(world, effect->kind == KIND_Lend ? JOB_LEND : JOB_LOAN_ANSWER, agent, &loan);
}

/* ---- which domain gives agents work ---- */

static bool agent_row_of(const struct core *core, uint32_t agent, struct agent_row *row)
{
    uint32_t at;
    return core_agent_named(core, span_of(proving_agent_name(agent)), &at) && core_agent(core, at, row);
}

static bool agent_row_is_of_here(const struct agent_row *row)
{
    return row->lent_here || (row->home == 0 && row->lent_to == 0);
}

void proving_loans_note(struct proving *world, const struct core *core, unsigned writer, uint64_t number)
{
    if (!world->far) return;
    world->moments = memory_more(world->moments, world->moment_count, sizeof *world->moments);
    struct proving_moment *moment = &world->moments[world->moment_count++];
    *moment = (struct proving_moment){.at_us = world->now_us, .number = number, .writer = writer};
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        struct agent_row row;
        if (!agent_row_of(core, i, &row) || !agent_row_is_of_here(&row)) continue;
        moment->until_us[i] = row.lent_here ? row.lent_until_us : UINT64_MAX;
        if (moment->until_us[i] <= core_time(core))
            proving_fail(world, "agent %s is given work though the lease is over", proving_agent_name(i));
    }
}

void proving_loans_claimed(struct proving *world, const struct core *core, struct span agent)
{
    struct agent_row row;
    uint32_t number = proving_agent_named(agent);
    if (number == PROVING_NOBODY || !agent_row_of(core, number, &row)) return;
    if (!agent_row_is_of_here(&row) || (row.lent_here && row.lent_until_us <= core_time(core)))
        proving_fail(world, "agent %s was given work by a domain that does not have them", proving_agent_name(number));
}

void proving_loans_close(struct proving *world)
{
    struct proving_moment last[2] = {{0}, {0}};
    for (size_t i = 0; i < world->moment_count; i++) {
        const struct proving_moment *moment = &world->moments[i];
        bool far = moment->writer == 0;
        if (!far && proving_store_writer(&world->store, moment->number) != moment->writer) continue;
        for (uint32_t agent = 0; agent < PROVING_AGENTS; agent++) {
            uint64_t until_us = moment->until_us[agent];
            world->result->loans += until_us > 0 && until_us != UINT64_MAX && last[far].until_us[agent] == 0;
            if (until_us > 0 && last[!far].until_us[agent] > moment->at_us && !world->jumps)
                proving_fail(world, "at %" PRIu64 ".%06" PRIu64 " s both domains give agent %s work",
                             moment->at_us / PROVING_SECOND, moment->at_us % PROVING_SECOND, proving_agent_name(agent));
        }
        last[far] = *moment;
    }
}

bool proving_loans_rest(const struct proving *world, const struct core *core, const struct core *far)
{
    if (!far) return true;
    for (uint32_t i = 0; i < PROVING_AGENTS; i++) {
        const struct proving_loan *loan = &world->loans[i];
        struct agent_row here, there;
        if (!agent_row_of(core, i, &here) || !agent_row_of(far, i, &there)) continue;
        bool at_home = proving_home(world, i) == PROVING_HERE;
        if (agent_row_is_of_here(&here) != at_home || agent_row_is_of_here(&there) == at_home) return false;
        bool over = loan->until_us < core_wall(core) - ALLOWED_US;
        if (loan->number != 0 && !over && (!loan->answered || loan->held)) return false;
    }
    return true;
}

void proving_loans_free(struct proving *world)
{
    free(world->moments);
}
