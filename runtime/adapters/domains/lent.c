/* runtime/adapters/domains/lent.c - Loans of agents, in the loop: what the core lends and answers, and what the rows
 * of the database say.
 *
 *     home domain                     table of loans                  the other domain
 *     Lend -------- DEED_LEND ------> row, number 5 ----- look -----> EventLent
 *     EventLoanAnswer <--- look ----- answered, held <--------------- LoanAnswer
 *          '------- DEED_LOAN_TOLD -> the row needs not be told again
 *
 * The two cores never speak to each other: each one only writes and reads rows. A loan has a number, and the core is
 * told of it once for each number; until the core has answered, it is not told again. */
#include <stdio.h>

#include "runtime/adapter/outbox.h"
#include "runtime/adapters/domains/passing.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"

enum { LENT_KEY = LOAN_AGENT + 24 };

/* Writes the key of a loan: home domain and agent, because two domains may have an agent of the same name. */
static void lent_key(const struct loan_row *row, char key[LENT_KEY])
{
    (void)snprintf(key, LENT_KEY, "%u/%s", (unsigned)row->home, row->agent);
}

/* ---- from the core ---- */

void passing_lend(struct domain_passing *passing, const struct message *effect)
{
    struct passing_job *job = passing_job_new(DEED_LEND);
    text_set_span(job->loan.agent, sizeof job->loan.agent, message_text(effect, Lend_agent));
    job->loan.home = passing->domain;
    job->loan.target = message_u(effect, Lend_domain);
    job->loan.number = message_u(effect, Lend_number);
    job->loan.sent_us = message_i(effect, Lend_from);
    job->loan.until_us = message_i(effect, Lend_until);
    job->loan.ends = message_u(effect, Lend_ends) != 0;
    passing_give(passing, job);
}

/* Takes the core's answer about a loan. The key is removed here: what the next look finds is reported to the core
 * again. */
void passing_answer_loan(struct domain_passing *passing, const struct message *effect)
{
    struct passing_job *job = passing_job_new(DEED_LOAN_ANSWER);
    char key[LENT_KEY];
    text_set_span(job->loan.agent, sizeof job->loan.agent, message_text(effect, LoanAnswer_agent));
    job->loan.home = message_u(effect, LoanAnswer_domain);
    job->loan.target = passing->domain;
    job->loan.number = message_u(effect, LoanAnswer_number);
    job->loan.held = message_u(effect, LoanAnswer_held) != 0;
    lent_key(&job->loan, key);
    g_hash_table_remove(passing->lent, key);
    passing_give(passing, job);
}

/* ---- from the rows ---- */

/* Reports a loan to the core; true: the core has it. */
static bool lent_post(struct domain_passing *passing, const struct loan_row *row)
{
    struct writer *writer = &passing->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventLent);
    writer_text(writer, EventLent_agent, row->agent);
    writer_u(writer, EventLent_domain, row->home);
    writer_u(writer, EventLent_number, row->number);
    writer_i(writer, EventLent_from, row->sent_us);
    writer_i(writer, EventLent_until, row->until_us);
    writer_u(writer, EventLent_ends, row->ends);
    return passing->services->post(passing->link, writer_end(writer));
}

static bool loan_answer_post(struct domain_passing *passing, const struct loan_row *row)
{
    struct writer *writer = &passing->writer;
    writer_clear(writer);
    writer_begin(writer, KIND_EventLoanAnswer);
    writer_text(writer, EventLoanAnswer_agent, row->agent);
    writer_u(writer, EventLoanAnswer_domain, row->target);
    writer_u(writer, EventLoanAnswer_number, row->number);
    writer_i(writer, EventLoanAnswer_until, row->until_us);
    writer_u(writer, EventLoanAnswer_answered, row->answered);
    writer_u(writer, EventLoanAnswer_held, row->held);
    return passing->services->post(passing->link, writer_end(writer));
}

/* Reports an agent who comes from another domain, once for each number of the loan, until the core has answered. */
static bool lent_comes(struct domain_passing *passing, const struct loan_row *row)
{
    char key[LENT_KEY];
    lent_key(row, key);
    const uint64_t *told = g_hash_table_lookup(passing->lent, key);
    if (told && *told == row->number) return true;
    if (!lent_post(passing, row)) return false;
    g_hash_table_insert(passing->lent, g_strdup(key), g_memdup2(&row->number, sizeof row->number));
    return true;
}

/* Reports that the other domain has answered a loan, or has not. */
static bool lent_is_answered(struct domain_passing *passing, const struct loan_row *row)
{
    if (!loan_answer_post(passing, row)) return false;
    if (!row->answered) return true;
    struct passing_job *job = passing_job_new(DEED_LOAN_TOLD);
    job->loan = *row;
    passing_give(passing, job);
    if (!row->held)
        passing->services->log(passing->link, GCX_LOG_INFO, 0, 0, "domain %u gives %s back", (unsigned)row->target,
                               row->agent);
    return true;
}

/* Reports the loans of a look. `all_loans` becomes true only if each row of a full look was reported; until then
 * each look is a full one. */
void passing_loans(struct domain_passing *passing, const struct passing_job *look)
{
    bool all = look->all;
    for (guint i = 0; i < look->loans->len; i++) {
        const struct loan_row *row = &g_array_index(look->loans, struct loan_row, i);
        bool good = row->home == passing->domain ? lent_is_answered(passing, row) : lent_comes(passing, row);
        all = all && good;
    }
    passing->all_loans = passing->all_loans || all;
}
