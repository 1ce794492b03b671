/* tests/unit/core_loan.c - Loans of agents, to the microsecond: one core, and every word of the other domain. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/core/base/state.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/rows.h"
#include "tests/unit/core_fixture.h"

enum { DOMAINS_LINK = LINK + 1, DESK, SECOND = 1000000, MARGIN = LOAN_MARGIN_US, LEASE = 10 * SECOND };

/* Each batch is applied to a core that was loaded from a snapshot, too: it has all loans, and those only. */
static void twins(void)
{
    setenv("GCX_TWIN", "1", 1);
}

TestSuite(core_loan, .init = twins, .timeout = 20);

struct lent {
    uint64_t domain, number;
    int64_t from_us, until_us;
    unsigned flag; /* of Lend: she is wanted back; of LoanAnswer: held */
};

/* What was said since the last look: how many of that kind, and the newest. */
static unsigned said(struct core_world *world, const char *kind, struct lent *lent)
{
    unsigned count = 0;
    char format[64];
    (void)snprintf(format, sizeof format, "%s marie %%" SCNu64 " %%" SCNu64 "%s %%u", kind,
                   strcmp(kind, "Lend") == 0 ? " %" SCNd64 " %" SCNd64 : "");
    for (char *line = world->trace, *end; (end = strchr(line, '\n')); line = end + 1) {
        if (strncmp(line, kind, strlen(kind)) != 0 || line[strlen(kind)] != ' ') continue;
        count++;
        if (strcmp(kind, "Lend") == 0)
            cr_assert_eq(
                sscanf(line, format, &lent->domain, &lent->number, &lent->from_us, &lent->until_us, &lent->flag), 5,
                "%s", line);
        else
            cr_assert_eq(sscanf(line, format, &lent->domain, &lent->number, &lent->flag), 3, "%s", line);
    }
    world_forget(world);
    return count;
}

/* Marie is ready; her home is that domain, 0: this one, which is 1. */
static struct core_world *loan_begins(int home)
{
    struct core_world *world = world_of(1);
    struct kv row;
    kv_init(&row);
    kv_put_text(&row, "display", span_of("Marie"));
    if (home > 0) kv_put_int(&row, "home", home);
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_agent);
    writer_text(writer, DirectoryRow_key, "marie");
    writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(world);
    commit(world, false);
    agent(world, "marie", "6001", agent_state_ready);
    writer = world_event(world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, DOMAINS_LINK);
    writer_text(writer, LinkUp_name, "domains");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("sessions"));
    writer_list_text(writer, span_of("domains"));
    writer_list_end(writer);
    world_post(world);
    world_event(world, DOMAINS_LINK, KIND_ResyncBegin, 0, 0, 0);
    world_post(world);
    world_event(world, DOMAINS_LINK, KIND_ResyncEnd, 0, 0, 0);
    world_post(world);
    world_forget(world);
    return world;
}

static void asks(struct core_world *world, enum admin_op op, uint64_t domain, int64_t lasts_us, int64_t lease_us)
{
    struct writer *writer = world_event(world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, "marie");
    writer_u(writer, AdminRequest_domain, domain);
    writer_i(writer, AdminRequest_lasts, lasts_us);
    writer_i(writer, AdminRequest_lease, lease_us);
    world_post(world);
}

static void answers(struct core_world *world, uint64_t number, bool held)
{
    struct writer *writer = world_event(world, DOMAINS_LINK, KIND_EventLoanAnswer, 0, 0, 0);
    writer_text(writer, EventLoanAnswer_agent, "marie");
    writer_u(writer, EventLoanAnswer_domain, 2);
    writer_u(writer, EventLoanAnswer_number, number);
    writer_u(writer, EventLoanAnswer_answered, 1);
    writer_u(writer, EventLoanAnswer_held, held);
    world_post(world);
}

static void lends_her(struct core_world *world, const char *name, const struct lent *lent)
{
    struct writer *writer = world_event(world, DOMAINS_LINK, KIND_EventLent, 0, 0, 0);
    writer_text(writer, EventLent_agent, name);
    writer_u(writer, EventLent_domain, lent->domain);
    writer_u(writer, EventLent_number, lent->number);
    writer_i(writer, EventLent_from, lent->from_us);
    writer_i(writer, EventLent_until, lent->until_us);
    writer_u(writer, EventLent_ends, lent->flag);
    world_post(world);
}

static void lends(struct core_world *world, const struct lent *lent)
{
    lends_her(world, "marie", lent);
}

static void clock_is(struct core_world *world, int64_t offset_us)
{
    writer_i(world_event(world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, offset_us);
    world_post(world);
}

static const struct agent *lent_agent(const struct core_world *world)
{
    uint32_t number;
    cr_assert(agent_find(world->core->agents, names_find(world->core->names, span_of("marie")), &number));
    return agent_at(world->core->agents, number);
}

static bool is_here(const struct core_world *world)
{
    return agent_takes(lent_agent(world), media_voice);
}

static bool has_loan(const struct core_world *world)
{
    return loan_of(world->core->loans, 0) != 0;
}

/* Time goes on up to a moment, and something looks at all loans there, too. */
static void until(struct core_world *world, int64_t wall_us)
{
    cr_assert((uint64_t)wall_us - world->time_us <= UINT64_C(3600) * SECOND, "nothing was said of that moment");
    world_advance(world, (uint64_t)wall_us - world->time_us);
    clock_is(world, 0);
}

/* ---- at home ---- */

Test(core_loan, a_lease_is_lengthened_at_its_half_if_it_was_answered)
{
    struct core_world *world = loan_begins(0);
    struct lent first, next;
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    cr_expect_eq(said(world, "Lend", &first), 1u);
    cr_expect_eq(first.domain, 2u);
    cr_expect_eq(first.until_us, first.from_us + LEASE);
    cr_expect_eq(first.flag, 0u);
    cr_expect_not(is_here(world));
    until(world, first.from_us + LEASE / 2);
    cr_expect_eq(said(world, "Lend", &next), 0u, "it was not answered");
    answers(world, first.number, true); /* the half is over */
    cr_expect_eq(said(world, "Lend", &next), 1u);
    cr_expect_gt(next.number, first.number);
    cr_expect_eq(next.until_us, next.from_us + LEASE);
    answers(world, next.number, true);
    until(world, next.from_us + LEASE / 2 - 1);
    cr_expect_eq(said(world, "Lend", &first), 0u);
    until(world, next.from_us + LEASE / 2);
    cr_expect_eq(said(world, "Lend", &first), 1u);
    world_end(world);
}

Test(core_loan, an_agent_is_home_again_when_a_lease_was_not_answered)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    said(world, "Lend", &lent);
    answers(world, lent.number + 1, true); /* of another loan */
    answers(world, lent.number - 1, false);
    until(world, lent.until_us - 1);
    cr_expect_not(is_here(world));
    until(world, lent.until_us);
    cr_expect(is_here(world));
    cr_expect_not(has_loan(world));
    struct core_status status;
    core_status(world->core, &status);
    cr_expect_eq(status.loans_lapsed, 1u);
    world_end(world);
}

Test(core_loan, a_loan_that_is_over_ends_by_a_word_of_its_own)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    asks(world, admin_op_lend, 2, 4 * SECOND, LEASE);
    said(world, "Lend", &lent);
    cr_expect_eq(loan_ends_us(world->core->loans, 0), (uint64_t)lent.from_us + 4 * SECOND);
    answers(world, lent.number, true);
    int64_t end_us = lent.from_us + 4 * SECOND, lease_us = lent.until_us;
    until(world, end_us - 1);
    cr_expect_eq(said(world, "Lend", &lent), 0u);
    until(world, end_us);
    cr_expect_eq(said(world, "Lend", &lent), 1u);
    cr_expect_eq(lent.flag, 1u);
    cr_expect_eq(lent.until_us, lease_us, "the lease is no longer by that");
    answers(world, lent.number, true); /* she has work there */
    until(world, end_us + SECOND / 2);
    cr_expect_not(is_here(world));
    answers(world, lent.number, false);
    cr_expect(is_here(world));
    world_end(world);
}

/* Nobody knows how long ago the clock was set: the lease and the loan count from now, as long as they were. */
Test(core_loan, a_clock_that_is_set_back_moves_the_end_with_it)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    clock_is(world, 1000 * (int64_t)SECOND);
    asks(world, admin_op_lend, 2, 8 * SECOND, 100 * (int64_t)SECOND);
    said(world, "Lend", &lent);
    answers(world, lent.number, true);
    world_advance(world, 2 * SECOND);
    clock_is(world, 0);
    uint64_t now_us = world->time_us;
    world_advance(world, 8 * SECOND - 1);
    cr_expect_eq(said(world, "Lend", &lent), 0u);
    world_advance(world, 1);
    cr_expect_eq(said(world, "Lend", &lent), 1u);
    cr_expect_eq(lent.flag, 1u);
    cr_expect_eq(lent.until_us, (int64_t)now_us + 100 * (int64_t)SECOND, "the lease begins anew");
    world_end(world);
}

Test(core_loan, who_has_work_is_lent_when_it_is_over)
{
    for (int over = 0; over < 2; over++) {
        struct core_world *world = loan_begins(0);
        struct lent lent;
        created(world, CALL);
        party(world, CALL, "6001", "marie", party_role_agent, party_change_Established);
        world_forget(world);
        asks(world, admin_op_lend, 2, 6 * SECOND, LEASE);
        cr_expect_eq(said(world, "Lend", &lent), 0u);
        cr_expect(has_loan(world));
        if (over) until(world, (int64_t)world->time_us + 6 * SECOND); /* the loan is over before her call is */
        cr_expect_eq(has_loan(world), !over);
        deleted(world, CALL);
        cr_expect_eq(said(world, "Lend", &lent), over ? 0u : 1u);
        cr_expect_eq(is_here(world), over);
        world_end(world);
    }
}

/* She is the longest idle one as she was: to be lent is no work. */
Test(core_loan, who_comes_home_has_waited_as_long_as_before)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    uint64_t idle_us = lent_agent(world)->idle_us;
    world_advance(world, SECOND);
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    said(world, "Lend", &lent);
    world_advance(world, SECOND);
    answers(world, lent.number, false);
    cr_expect(is_here(world));
    cr_expect_eq(lent_agent(world)->idle_us, idle_us);
    world_end(world);
}

Test(core_loan, what_cannot_be_lent_is_refused)
{
    static const struct {
        uint64_t domain;
        int64_t lasts_us, lease_us;
        bool good;
    } rows[] = {{2, 1, 5 * SECOND, true},
                {2, INT64_C(31) * 86400 * SECOND, INT64_C(3600) * SECOND, true},
                {65535, SECOND, 0, true},
                {2, 0, LEASE, false},
                {2, INT64_C(31) * 86400 * SECOND + 1, LEASE, false},
                {2, SECOND, 5 * SECOND - 1, false},
                {2, SECOND, INT64_C(3600) * SECOND + 1, false},
                {1, SECOND, LEASE, false},
                {0, SECOND, LEASE, false},
                {65536, SECOND, LEASE, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct core_world *world = loan_begins(0);
        struct lent lent;
        asks(world, admin_op_lend, rows[i].domain, rows[i].lasts_us, rows[i].lease_us);
        cr_expect_eq(has_loan(world), rows[i].good, "row %zu", i);
        cr_expect(strstr(world->trace, rows[i].good ? "Reply ok" : "Reply error"), "row %zu", i);
        cr_expect_eq(said(world, "Lend", &lent), rows[i].good ? 1u : 0u, "row %zu", i);
        if (rows[i].good && rows[i].lease_us == 0) cr_expect_eq(lent.until_us - lent.from_us, LOAN_LEASE_US);
        world_end(world);
    }
    struct core_world *world = loan_begins(3);
    asks(world, admin_op_lend, 2, SECOND, LEASE);
    cr_expect_not(has_loan(world), "she is not ours");
    asks(world, admin_op_recall, 0, 0, 0);
    world_end(world);
}

Test(core_loan, what_is_recalled_is_wanted_back_once)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    said(world, "Lend", &lent);
    uint64_t number = lent.number;
    answers(world, number, true);
    asks(world, admin_op_recall, 0, 0, 0);
    cr_expect(strstr(world->trace, "Reply ok\n"));
    cr_expect_eq(said(world, "Lend", &lent), 1u);
    cr_expect_eq(lent.flag, 1u);
    cr_expect_gt(lent.number, number, "in the same microsecond, too");
    asks(world, admin_op_recall, 0, 0, 0);
    cr_expect_eq(said(world, "Lend", &lent), 0u);
    writer_u(world_event(world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, DOMAINS_LINK);
    world_post(world);
    cr_expect(has_loan(world));
    world_end(world);
}

Test(core_loan, a_loan_that_has_not_begun_ends_when_it_is_recalled)
{
    struct core_world *world = loan_begins(0);
    struct lent lent;
    created(world, CALL);
    party(world, CALL, "6001", "marie", party_role_agent, party_change_Established);
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    world_forget(world);
    asks(world, admin_op_recall, 0, 0, 0);
    cr_expect(strstr(world->trace, "Reply ok\n"));
    cr_expect_not(has_loan(world));
    deleted(world, CALL);
    cr_expect_eq(said(world, "Lend", &lent), 0u);
    cr_expect(is_here(world));
    world_end(world);
}

/* The other domain knows a loan that this journal has lost: it is ended. */
Test(core_loan, a_loan_that_only_the_other_domain_knows_is_ended)
{
    static const struct {
        uint64_t domain, number;
        int64_t until_us; /* from now */
        bool found;
    } rows[] = {{2, INT64_MAX, LEASE, true},
                {65535, INT64_MAX, 1, true},
                {2, INT64_MAX, 0, false},
                {0, INT64_MAX, LEASE, false},
                {65536, INT64_MAX, LEASE, false},
                {2, 0, LEASE, false},
                {2, (uint64_t)INT64_MAX + 1, LEASE, false},
                {2, INT64_MAX, INT64_MAX / 2, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct core_world *world = loan_begins(0);
        struct lent lent;
        struct writer *writer = world_event(world, DOMAINS_LINK, KIND_EventLoanAnswer, 0, 0, 0);
        writer_text(writer, EventLoanAnswer_agent, "marie");
        writer_u(writer, EventLoanAnswer_domain, rows[i].domain);
        writer_u(writer, EventLoanAnswer_number, rows[i].number);
        writer_i(writer, EventLoanAnswer_until, (int64_t)world->time_us + rows[i].until_us);
        world_post(world);
        cr_expect_eq(has_loan(world), rows[i].found, "row %zu", i);
        cr_expect_eq(said(world, "Lend", &lent), rows[i].found, "row %zu", i);
        if (rows[i].found) {
            cr_expect_eq(lent.flag, 1u);
            cr_expect_gt(lent.number, rows[i].number);
            cr_expect_leq(lent.until_us, (int64_t)world->time_us + INT64_C(3600) * SECOND);
        }
        world_end(world);
    }
}

/* ---- there ---- */

static struct lent a_loan(const struct core_world *world, uint64_t number)
{
    int64_t now_us = (int64_t)world->time_us;
    return (struct lent){.domain = 2, .number = number, .from_us = now_us, .until_us = now_us + LEASE};
}

Test(core_loan, who_is_lent_here_is_given_work_until_the_margin)
{
    struct core_world *world = loan_begins(2);
    cr_expect_not(is_here(world));
    struct lent lent = a_loan(world, 7), told;
    lends(world, &lent);
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.domain, 2u, "it is told to her home");
    cr_expect_eq(told.number, 7u);
    cr_expect_eq(told.flag, 1u);
    cr_expect(is_here(world));
    cr_expect_eq(loan_ends_us(world->core->loans, 0), (uint64_t)lent.until_us - MARGIN);
    lends(world, &lent); /* told again: answered again */
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 1u);
    until(world, lent.until_us - MARGIN - 1);
    cr_expect(is_here(world));
    cr_expect_eq(said(world, "LoanAnswer", &told), 0u);
    until(world, lent.until_us - MARGIN);
    cr_expect_not(is_here(world));
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 0u);
    until(world, lent.until_us - 1);
    cr_expect(has_loan(world));
    until(world, lent.until_us);
    cr_expect_not(has_loan(world));
    world_end(world);
}

Test(core_loan, an_older_word_changes_nothing_and_a_newer_one_does)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7), told;
    lends(world, &lent);
    world_forget(world);
    lent.number = 6;
    lent.flag = 1;
    lends(world, &lent);
    cr_expect_eq(said(world, "LoanAnswer", &told), 0u);
    cr_expect(is_here(world));
    lent.number = 8;
    lends(world, &lent);
    cr_expect_not(is_here(world));
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 0u);
    lent = a_loan(world, 9);
    lent.domain = 3; /* not her home */
    lends(world, &lent);
    cr_expect_not(is_here(world));
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 0u);
    world_end(world);
}

Test(core_loan, who_is_not_known_as_theirs_is_given_back_at_once)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    lends_her(world, "nobody", &lent);
    cr_expect(strstr(world->trace, "LoanAnswer nobody 2 7 0\n"), "%s", world->trace);
    lent.domain = 3;
    created(world, CALL);
    party(world, CALL, "6001", "marie", party_role_agent, party_change_Established);
    world_forget(world);
    lends(world, &lent);
    cr_expect(strstr(world->trace, "LoanAnswer marie 3 7 0\n"), "%s", world->trace);
    cr_expect_not(has_loan(world), "her work is of no loan");
    world_end(world);
}

Test(core_loan, who_is_wanted_back_goes_when_the_work_is_over)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7), told;
    lends(world, &lent);
    created(world, CALL);
    party(world, CALL, "6001", "marie", party_role_agent, party_change_Established);
    world_forget(world);
    lent.number = 8;
    lent.flag = 1;
    lends(world, &lent);
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 1u, "she talks");
    until(world, lent.until_us + SECOND);
    cr_expect(has_loan(world), "she is not back before her work is over");
    cr_expect_eq(said(world, "LoanAnswer", &told), 0u);
    deleted(world, CALL);
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 0u);
    cr_expect_eq(told.number, 8u);
    cr_expect_not(has_loan(world));
    world_end(world);
}

Test(core_loan, a_lease_by_another_clock_is_no_longer_than_the_margin_allows)
{
    static const struct {
        int64_t from_us, until_us; /* from now */
        bool good;
    } rows[] = {{MARGIN, LEASE, true},
                {MARGIN + 1, LEASE, false},
                {0, MARGIN + INT64_C(3600) * SECOND, true},
                {0, MARGIN + INT64_C(3600) * SECOND + 1, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct core_world *world = loan_begins(2);
        struct lent lent = a_loan(world, 7);
        lent.from_us += rows[i].from_us;
        lent.until_us = (int64_t)world->time_us + rows[i].until_us;
        lends(world, &lent);
        cr_expect_eq(is_here(world), rows[i].good, "row %zu", i);
        world_end(world);
    }
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    lends(world, &lent);
    clock_is(world, -MARGIN); /* the lease was written so much later than it is: as far as clocks may differ */
    cr_expect(is_here(world));
    clock_is(world, -MARGIN - 1);
    cr_expect_not(is_here(world));
    world_end(world);
}

/* A leader that stood still takes a Lend with the time before, and refuses it; the same Lend comes once more. */
Test(core_loan, what_was_refused_once_is_refused_whenever_it_comes_again)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7), told;
    lent.from_us += MARGIN + 1;
    lends(world, &lent);
    cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
    cr_expect_eq(told.flag, 0u);
    for (unsigned i = 0; i < 2; i++) {
        until(world, lent.from_us + (i == 0 ? 0 : lent.until_us - lent.from_us - SECOND));
        world_forget(world);
        lends(world, &lent);
        cr_expect_not(is_here(world), "the home gives her work by now");
        cr_expect_eq(said(world, "LoanAnswer", &told), 1u);
        cr_expect_eq(told.flag, 0u);
    }
    lent.number = 8;
    lent.until_us += LEASE;
    lends(world, &lent);
    cr_expect(is_here(world), "another Lend is another question");
    until(world, lent.until_us + SECOND);
    cr_expect_not(has_loan(world));
    world_end(world);
}

Test(core_loan, a_journal_that_was_put_back_has_nobody_elses_agent)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    lends(world, &lent);
    cr_expect(is_here(world));
    world_restored(world, 1000);
    cr_expect_not(has_loan(world));
    cr_expect_not(is_here(world));
    world_free(world);
    world = loan_begins(0); /* one of ours is where it was lent to, whatever was put back */
    asks(world, admin_op_lend, 2, 600 * (int64_t)SECOND, LEASE);
    said(world, "Lend", &lent);
    world_restored(world, 1000);
    cr_expect(has_loan(world) && !is_here(world));
    world_free(world);
}

/* The first batch of a leader is at the time of the batch before it, by which a lease may go on that is over. */
Test(core_loan, who_is_lent_here_rests_for_the_first_batch_of_a_leader)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    lends(world, &lent);
    cr_expect(is_here(world));
    world->unchecked = true;
    loans_begin(world->core->loans, true);
    cr_expect_not(is_here(world));
    clock_is(world, 0);
    cr_expect(is_here(world));
    loans_begin(world->core->loans, true);
    world->time_us = (uint64_t)lent.until_us - MARGIN;
    clock_is(world, 0);
    cr_expect_not(is_here(world), "the lease is over meanwhile");
    world_free(world);
}

/* The batch goes on with: it is of what happened so long ago. */
static void is_behind(struct core_world *world, int64_t by_us)
{
    struct writer *writer = world_event(world, SOURCE_HOST, KIND_Held, 0, 0, 0);
    writer_i(writer, Held_behind, by_us);
    world_post(world);
}

/* Its home has her again by then, whatever the time is of what is caught up with. */
Test(core_loan, a_lease_ends_by_now_in_a_batch_of_what_happened_before)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7), other, answer;
    lends(world, &lent);
    int64_t left_us = lent.until_us - MARGIN - (int64_t)world->time_us;
    said(world, "LoanAnswer", &answer);
    is_behind(world, left_us - 1);
    cr_expect(is_here(world), "it goes on by now, too");
    is_behind(world, left_us);
    cr_expect_not(is_here(world));
    cr_expect_eq(said(world, "LoanAnswer", &answer), 1u);
    cr_expect(answer.number == 7 && answer.flag == 0, "she is given back");
    other = a_loan(world, 8);
    lends(world, &other);
    cr_expect(is_here(world), "the next batch is of now");
    world_end(world);
    world = loan_begins(2);
    lends(world, &lent);
    is_behind(world, INT64_MAX);
    cr_expect_not(is_here(world));
    is_behind(world, INT64_MIN);
    world_end(world);
}

/* After the lease the host tells her nothing of what she was chosen for in time. It says so, and another one is chosen.
 */
Test(core_loan, what_is_given_to_whom_is_lent_here_says_until_when)
{
    for (unsigned home = 0; home < 3; home += 2) {
        struct core_world *world = loan_begins((int)home);
        struct lent lent = a_loan(world, 7);
        struct core_status status;
        uint64_t until_us = home == 0 ? 0 : (uint64_t)(lent.until_us - MARGIN);
        world_run(world, program_serving(&(struct serving_program){
                             .media = 1u << media_voice, .queue = "desk", .answer_s = 10, .exclude_s = 30}));
        directory(world, table_group_member, "overflow/marie",
                  (const char *const[]){"group", "overflow", "agent", "marie", NULL});
        commit(world, false);
        if (home != 0) lends(world, &lent);
        created(world, CALL);
        route_request(world, CALL, 0);
        uint32_t ref = world->last_ref[KIND_RequestRouteCall];
        cr_assert_neq(ref, 0u);
        cr_expect_eq(world->last_until, until_us, "%" PRIu64, world->last_until);
        core_status(world->core, &status);
        cr_expect_eq(status.claims, 1u);
        struct writer *writer = world_event(world, SOURCE_HOST, KIND_EventDone, world->ixn, ref, 0);
        writer_u(writer, EventDone_outcome, outcome_error);
        writer_u(writer, EventDone_code, code_no_answer);
        world_post(world);
        core_status(world->core, &status);
        cr_expect_eq(status.claims, 0u);
        cr_expect_eq(status.waiting, 1u);
        world_end(world);
    }
}

/* A chat comes, and she is at a desk that may accept it. */
Test(core_loan, what_is_offered_to_whom_is_lent_here_says_until_when)
{
    static const char *const caps[] = {"sessions", "texts", NULL};
    for (unsigned home = 0; home < 3; home += 2) {
        struct core_world *world = loan_begins((int)home);
        struct lent lent = a_loan(world, 7);
        world_desk_begins(world, DESK);
        struct writer *writer = world_event(world, DESK, KIND_Observed, 0, 0, 0);
        writer_u(writer, Observed_what, object_agent);
        writer_text(writer, Observed_dn, "desk-1");
        writer_text(writer, Observed_agent, "marie");
        writer_u(writer, Observed_state, agent_state_ready);
        world_post(world);
        world_event(world, DESK, KIND_ResyncEnd, 0, 0, 0);
        world_post(world);
        link_up(world, caps);
        resync(world, true);
        resync(world, false);
        world_run(world, program_serving(&(struct serving_program){.media = 1u << media_chat, .answer_s = 30}));
        directory(world, table_group_member, "overflow/marie",
                  (const char *const[]){"group", "overflow", "agent", "marie", NULL});
        commit(world, false);
        if (home != 0) lends(world, &lent);
        world->client = 5, world->req++;
        writer = world_event(world, LINK, KIND_Submit, 0, 0, CALL);
        writer_u(writer, Submit_media, media_chat);
        writer_text(writer, Submit_external_id, "session-1");
        writer_text(writer, Submit_queue, "1800");
        writer_u(writer, Submit_online, 1);
        writer_text(writer, Submit_from, "Dupont");
        world_post(world);
        cr_assert_neq(world->last_ref[KIND_Invite], 0u, "%s", world->trace);
        cr_expect_eq(world->last_until, home == 0 ? 0 : (uint64_t)(lent.until_us - MARGIN), "%" PRIu64,
                     world->last_until);
        world_end(world);
    }
}

/* She has accepted the call in time: it comes to her, also as the lease ends. */
Test(core_loan, what_was_accepted_in_time_is_given_without_an_end)
{
    static const char *const caps[] = {"calls", "treatments", "set_agent", "desktops", "preview", NULL};
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    link_up(world, caps);
    resync(world, true);
    resync(world, false);
    agent(world, "marie", "6001", agent_state_ready);
    world_run(world, program_serving(&(struct serving_program){
                         .media = 1u << media_voice, .queue = "desk", .answer_s = 10, .preview_s = 5}));
    directory(world, table_group_member, "overflow/marie",
              (const char *const[]){"group", "overflow", "agent", "marie", NULL});
    commit(world, false);
    lends(world, &lent);
    created(world, CALL);
    route_request(world, CALL, 0);
    cr_assert_neq(world->last_ref[KIND_Invite], 0u, "%s", world->trace);
    cr_expect_eq(world->last_until, (uint64_t)(lent.until_us - MARGIN));
    world->client = 9, world->req++;
    struct writer *writer = world_event(world, LINK, KIND_RequestAccept, 0, 0, 0);
    writer_u(writer, RequestAccept_claim, UINT64_C(1) << 48 | 1);
    world_post(world);
    cr_assert_neq(world->last_ref[KIND_RequestRouteCall], 0u, "%s", world->trace);
    cr_expect_eq(world->last_until, 0u);
    world_end(world);
}

/* A sum of moments and leases by it would overflow. */
Test(core_loan, a_clock_beyond_all_calendars_has_bounds)
{
    struct core_world *world = loan_begins(2);
    struct lent lent = a_loan(world, 7);
    lends(world, &lent);
    clock_is(world, INT64_MAX);
    cr_expect_eq(world->core->now->wall_offset_us, WALL_OFFSET_MAX_US);
    clock_is(world, INT64_MIN);
    cr_expect_eq(world->core->now->wall_offset_us, -WALL_OFFSET_MAX_US);
    world_free(world);
}
