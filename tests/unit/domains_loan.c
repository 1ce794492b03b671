/* tests/unit/domains_loan.c - An agent of domain 1 who is lent to domain 2: at no time may both give her work,
 * whichever of them is dead, cut off or put back from a copy; and in the end her home has her again.
 *
 * The cores and the rows are real. The adapters are this file, so that a seed can end them between any two steps, lose
 * what they say or hear, and let what was put aside reach the rows late. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/base/state.h"
#include "runtime/core/people/agent.h"
#include "runtime/core/read/totals.h"
#include "runtime/core/sessions/loan.h"
#include "runtime/domains/domains.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

enum { SEEDS = 40, STEPS = 400, SAID = 64, DOMAINS_LINK = LINK + 1, SECOND = 1000000 };

/* A message that an adapter holds: from its core to the rows, or from the rows to its core. */
struct said {
    struct loan_row row;
    bool answers; /* for the rows: the target's answer */
};

struct domain {
    struct core_world *world;
    uint64_t number;
    bool frozen; /* its process does nothing, and its clock goes on */
    bool away;   /* the database is out of its adapter's reach */
    bool all;    /* its adapter has not told its core all loans yet */
    bool talks;  /* she has a call there */
    struct said out[SAID], in[SAID], late[SAID];
    unsigned out_count, in_count, late_count;
};

#define HOUR INT64_C(3600000000)

static struct domains *rows;
static struct domain all[2];
static uint64_t now_us, state;
static struct error error;

static unsigned drawn(unsigned below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(state >> 33) % below;
}

/* ---- cores ---- */

/* The core has said more: the adapter has it in its hands, or has lost it. */
static void hears(struct domain *domain, bool lost)
{
    char *line = domain->world->trace, agent[LOAN_AGENT];
    unsigned long long other, number;
    long long from, until;
    unsigned flag;
    for (char *end; (end = strchr(line, '\n')); line = end + 1) {
        struct said said = {0};
        if (sscanf(line, "Lend %64s %llu %llu %lld %lld %u", agent, &other, &number, &from, &until, &flag) == 6) {
            said.row = (struct loan_row){.home = domain->number,
                                         .target = other,
                                         .number = number,
                                         .sent_us = from,
                                         .until_us = until,
                                         .ends = flag != 0};
        } else if (sscanf(line, "LoanAnswer %64s %llu %llu %u", agent, &other, &number, &flag) == 4) {
            said.row = (struct loan_row){
                .home = other, .target = domain->number, .number = number, .answered = true, .held = flag != 0};
            said.answers = true;
        } else {
            continue;
        }
        (void)snprintf(said.row.agent, sizeof said.row.agent, "%s", agent);
        if (!lost && domain->out_count < SAID) domain->out[domain->out_count++] = said;
    }
    world_forget(domain->world);
}

/* Its clock is that of all; timers fire at the latest with the next event, which may be late. */
static void wakes(struct domain *domain, bool fires)
{
    if (domain->world->time_us < now_us && fires) world_advance(domain->world, now_us - domain->world->time_us);
    if (domain->world->time_us < now_us) domain->world->time_us = now_us;
    hears(domain, false);
}

static void posts(struct domain *domain)
{
    world_post(domain->world);
    hears(domain, false);
}

static void domains_up(struct domain *domain)
{
    struct writer *writer = world_event(domain->world, SOURCE_HOST, KIND_LinkUp, 0, 0, 0);
    writer_u(writer, LinkUp_link, DOMAINS_LINK);
    writer_text(writer, LinkUp_name, "domains");
    writer_list_begin(writer, LinkUp_caps);
    writer_list_text(writer, span_of("sessions"));
    writer_list_text(writer, span_of("domains"));
    writer_list_end(writer);
    posts(domain);
    world_event(domain->world, DOMAINS_LINK, KIND_ResyncBegin, 0, 0, 0);
    posts(domain);
    world_event(domain->world, DOMAINS_LINK, KIND_ResyncEnd, 0, 0, 0);
    posts(domain);
    domain->all = true;
}

/* The adapter is another process from here on; what the old one was about to put there it puts later, or never. */
static void dies(struct domain *domain)
{
    for (unsigned at = 0; at < domain->out_count && domain->late_count < SAID; at++)
        if (drawn(3) == 0) domain->late[domain->late_count++] = domain->out[at];
    domain->out_count = domain->in_count = 0;
    writer_u(world_event(domain->world, SOURCE_HOST, KIND_LinkDown, 0, 0, 0), LinkDown_link, DOMAINS_LINK);
    posts(domain);
    domain->out_count = 0;
    domains_up(domain);
}

static void asks(struct domain *domain, enum admin_op op, unsigned to, unsigned lasts_s, unsigned lease_s)
{
    struct writer *writer = world_event(domain->world, SOURCE_ADMIN, KIND_AdminRequest, 0, 0, 0);
    writer_u(writer, AdminRequest_op, op);
    writer_text(writer, AdminRequest_name, "marie");
    writer_u(writer, AdminRequest_domain, to);
    writer_i(writer, AdminRequest_lasts, (int64_t)lasts_s * SECOND);
    writer_i(writer, AdminRequest_lease, (int64_t)lease_s * SECOND);
    posts(domain);
}

static void clock_is(struct domain *domain, int64_t offset_us)
{
    writer_i(world_event(domain->world, SOURCE_HOST, KIND_Clock, 0, 0, 0), Clock_offset, offset_us);
    posts(domain);
}

enum { GONE = -1 };

/* Whose she is by the domain's directory: 0: its own; GONE: it does not have her. */
static void directory_says(struct domain *domain, int home)
{
    struct kv row;
    kv_init(&row);
    kv_put_text(&row, "display", span_of("Marie"));
    if (home > 0) kv_put_int(&row, "home", home);
    struct writer *writer = world_event(domain->world, SOURCE_ADMIN, KIND_DirectoryRow, 0, 0, 0);
    writer_u(writer, DirectoryRow_version, 1);
    writer_u(writer, DirectoryRow_table, table_agent);
    writer_text(writer, DirectoryRow_key, "marie");
    if (home != GONE) writer_kv(writer, DirectoryRow_row, &row);
    kv_free(&row);
    world_post(domain->world);
    commit(domain->world, false);
    hears(domain, false);
}

static void comes_up(unsigned at, bool home)
{
    struct domain *domain = &all[at];
    *domain = (struct domain){.world = world_of((uint16_t)(at + 1)), .number = at + 1};
    directory_says(domain, home);
    agent(domain->world, "marie", "6001", agent_state_ready);
    if (now_us < domain->world->time_us) now_us = domain->world->time_us;
    domains_up(domain);
}

static struct agent *marie(const struct domain *domain)
{
    uint32_t number;
    const struct core *core = domain->world->core;
    cr_assert(agent_find(core->agents, names_find(core->names, span_of("marie")), &number));
    return agent_at(core->agents, number);
}

static bool gives(const struct domain *domain)
{
    return agent_takes(marie(domain), media_voice);
}

/* Her right to work is that domain's, whether she has room for more or not. */
static bool domain_has_her(const struct domain *domain)
{
    return agent_is_of_here(marie(domain));
}

static void call_begins(struct domain *domain)
{
    created(domain->world, CALL);
    party(domain->world, CALL, "6001", "marie", party_role_agent, party_change_Established);
    domain->talks = true;
    hears(domain, false);
}

static void call_ends(struct domain *domain)
{
    deleted(domain->world, CALL);
    domain->talks = false;
    hears(domain, false);
}

/* ---- adapters ---- */

static void reaches(const struct said *said)
{
    cr_assert(said->answers ? loan_answer(rows, &said->row, &error) : loan_put(rows, &said->row, &error), "%s",
              error.text);
}

static void puts_all(struct domain *domain)
{
    for (unsigned at = 0; at < domain->out_count; at++) reaches(&domain->out[at]);
    domain->out_count = 0;
}

static void takes_row(void *self, const struct loan_row *row)
{
    struct domain *domain = self;
    if (domain->in_count < SAID) domain->in[domain->in_count++].row = *row;
}

static void reads(struct domain *domain)
{
    cr_assert(loans_read(rows, domain->number, domain->all, takes_row, domain, &error), "%s", error.text);
    domain->all = false;
}

/* The oldest that was read goes to the core. */
static void tells(struct domain *domain)
{
    if (domain->in_count == 0) return;
    struct loan_row row = domain->in[0].row;
    memmove(domain->in, domain->in + 1, --domain->in_count * sizeof domain->in[0]);
    bool home = row.home == domain->number;
    struct writer *writer =
        world_event(domain->world, DOMAINS_LINK, home ? KIND_EventLoanAnswer : KIND_EventLent, 0, 0, 0);
    if (home) {
        writer_text(writer, EventLoanAnswer_agent, row.agent);
        writer_u(writer, EventLoanAnswer_domain, row.target);
        writer_u(writer, EventLoanAnswer_number, row.number);
        writer_i(writer, EventLoanAnswer_until, row.until_us);
        writer_u(writer, EventLoanAnswer_answered, row.answered);
        writer_u(writer, EventLoanAnswer_held, row.held);
    } else {
        writer_text(writer, EventLent_agent, row.agent);
        writer_u(writer, EventLent_domain, row.home);
        writer_u(writer, EventLent_number, row.number);
        writer_i(writer, EventLent_from, row.sent_us);
        writer_i(writer, EventLent_until, row.until_us);
        writer_u(writer, EventLent_ends, row.ends);
    }
    posts(domain);
    if (home && row.answered) cr_assert(loan_told(rows, &row, &error), "%s", error.text);
}

/* Everything that is said is heard. */
static void meets(void)
{
    for (unsigned turn = 0; turn < 4; turn++)
        for (unsigned at = 0; at < 2; at++) {
            puts_all(&all[at]);
            reads(&all[at]);
            while (all[at].in_count > 0) tells(&all[at]);
        }
}

static void passes(uint64_t us)
{
    now_us += us;
    for (unsigned at = 0; at < 2; at++)
        if (!all[at].frozen) wakes(&all[at], true);
}

static void begins(const char *target)
{
    rows = domains_open(target, &error);
    cr_assert(rows, "%s", error.text);
    now_us = 0;
    comes_up(0, false);
    comes_up(1, true);
    passes(0);
}

static void ends(void)
{
    for (unsigned at = 0; at < 2; at++) world_end(all[at].world);
    domains_close(rows);
}

/* A database of its own; each row is synced. */
static void fresh(char target[80])
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(target, 80, "sqlite:%s/gcx-loan-%d.db", folder, (int)getpid());
    unlink(target + strlen("sqlite:"));
}

static void swept(const char *target)
{
    unlink(target + strlen("sqlite:"));
}

/* ---- one by one ---- */

/* So many loans of the domain have ended early. */
static void counted(const struct domain *domain, uint64_t lapsed, uint64_t refused)
{
    struct core_status status;
    core_status(domain->world->core, &status);
    cr_assert(status.loans_lapsed == lapsed && status.loans_refused == refused, "%llu lapsed, %llu refused",
              (unsigned long long)status.loans_lapsed, (unsigned long long)status.loans_refused);
}

#define has_her(at)      cr_assert(gives(&all[at]) && !gives(&all[1 - (at)]), "she is not domain %u's", (at) + 1u)
#define nobody_has_her() cr_assert(!gives(&all[0]) && !gives(&all[1]), "somebody has her")

Test(domains_loan, she_is_lent_and_comes_back)
{
    char target[80];
    fresh(target);
    begins(target);
    has_her(0);
    asks(&all[0], admin_op_lend, 2, 600, 0);
    nobody_has_her();
    meets();
    has_her(1);
    for (unsigned i = 0; i < 20; i++) { /* twenty times longer than half a lease */
        passes(16 * SECOND);
        meets();
        has_her(1);
    }
    asks(&all[0], admin_op_recall, 0, 0, 0);
    meets();
    has_her(0);
    asks(&all[0], admin_op_lend, 2, 20, 30);
    meets();
    passes(21 * SECOND); /* it ends by itself */
    meets();
    has_her(0);
    ends();
    swept(target);
}

Test(domains_loan, work_goes_on_where_it_began)
{
    char target[80];
    fresh(target);
    begins(target);
    call_begins(&all[0]);
    asks(&all[0], admin_op_lend, 2, 600, 0);
    meets();
    cr_assert(!domain_has_her(&all[0]) && !domain_has_her(&all[1]));
    call_ends(&all[0]);
    meets();
    has_her(1);
    call_begins(&all[1]);
    asks(&all[0], admin_op_recall, 0, 0, 0);
    for (unsigned i = 0; i < 5; i++) { /* she talks for longer than a lease */
        meets();
        passes(14 * SECOND);
        nobody_has_her();
    }
    call_ends(&all[1]);
    meets();
    has_her(0);
    ends();
    swept(target);
}

Test(domains_loan, a_domain_that_is_dead_or_late_loses_her)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[0], admin_op_lend, 2, 600, 10);
    meets();
    has_her(1);
    all[1].frozen = true;
    passes(14 * SECOND); /* the second Lend, at half of the first one's lease, is not answered */
    cr_assert(!gives(&all[0]));
    passes(SECOND);
    cr_assert(gives(&all[0]));
    counted(&all[0], 1, 0);
    all[1].frozen = false; /* its first event is one by which it would give her something */
    wakes(&all[1], false);
    agent(all[1].world, "marie", "6001", agent_state_ready);
    has_her(0);
    meets();
    has_her(0);
    ends();
    swept(target);
}

/* A caller waits there whose selection takes her group after 40 s; the lease ends after 43. The domain stands still
 * meanwhile, so that all falls due in one batch. */
Test(domains_loan, a_lease_that_is_over_ends_before_all_that_fell_due)
{
    static const unsigned stands_s[] = {41, 60};
    char target[80];
    for (unsigned i = 0; i < 2; i++) {
        fresh(target);
        begins(target);
        skill(all[1].world, "marie", "French", 0);
        directory(all[1].world, table_group_member, "overflow/marie",
                  (const char *const[]){"group", "overflow", "agent", "marie", NULL});
        commit(all[1].world, false);
        asks(&all[0], admin_op_lend, 2, 600, 45);
        meets();
        has_her(1);
        call_until_selection(all[1].world, CALL, "2", "basic");
        all[1].frozen = true;
        passes(stands_s[i] * (uint64_t)SECOND);
        wakes(&all[1], false);
        agent(all[1].world, "jean", "6009", agent_state_ready);
        cr_assert_eq(marie(&all[1])->claimed, i == 0);
        ends();
        swept(target);
    }
}

Test(domains_loan, what_is_not_its_own_is_not_lent)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[1], admin_op_lend, 1, 600, 0); /* not its home */
    asks(&all[0], admin_op_lend, 1, 600, 0); /* not another domain */
    asks(&all[0], admin_op_lend, 2, 600, 4); /* too short a lease */
    asks(&all[0], admin_op_recall, 0, 0, 0); /* not lent */
    has_her(0);
    asks(&all[0], admin_op_lend, 3, 600, 10); /* nobody leads that one */
    meets();
    nobody_has_her();
    passes(10 * SECOND);
    has_her(0);
    clock_is(&all[1], -3 * SECOND); /* by this clock the lease would be too long */
    asks(&all[0], admin_op_lend, 2, 600, 10);
    meets();
    has_her(0);
    all[1].in[all[1].in_count++].row =
        (struct loan_row){.agent = "marie", .home = 1, .number = INT64_MAX, .until_us = INT64_MIN};
    tells(&all[1]); /* a lease that never was */
    has_her(0);
    ends();
    swept(target);
}

Test(domains_loan, a_directory_that_is_changed_ends_the_loan)
{
    static const int homes[] = {GONE, 3};
    char target[80];
    for (unsigned i = 0; i < sizeof homes / sizeof *homes; i++) {
        fresh(target);
        begins(target);
        asks(&all[0], admin_op_lend, 2, 600, 10);
        meets();
        has_her(1);
        directory_says(&all[1], homes[i]);
        passes(6 * SECOND);
        meets();
        has_her(0);
        counted(&all[0], 0, 1);
        asks(&all[0], admin_op_lend, 2, 600, 10); /* nor is she lent anew */
        meets();
        has_her(0);
        directory_says(&all[1], 1);
        asks(&all[0], admin_op_lend, 2, 600, 10);
        meets();
        has_her(1);
        directory_says(&all[0], GONE); /* at home: the loan goes on to its end */
        passes(6 * SECOND);
        meets();
        cr_assert(domain_has_her(&all[1]) && !domain_has_her(&all[0]));
        asks(&all[0], admin_op_recall, 0, 0, 0);
        meets();
        cr_assert(!domain_has_her(&all[1]));
        ends();
        swept(target);
    }
}

Test(domains_loan, whom_two_directories_have_or_none_is_not_lent)
{
    char target[80];
    fresh(target);
    begins(target);
    directory_says(&all[0], 2); /* each says that she is the other's */
    nobody_has_her();
    asks(&all[0], admin_op_lend, 2, 600, 0);
    asks(&all[1], admin_op_lend, 1, 600, 0);
    meets();
    nobody_has_her();
    directory_says(&all[0], 0);
    directory_says(&all[1], 0); /* each that she is its own */
    asks(&all[0], admin_op_lend, 2, 600, 0);
    meets();
    cr_assert(gives(&all[0]) && gives(&all[1]));
    counted(&all[0], 0, 1);
    ends();
    swept(target);
}

Test(domains_loan, a_clock_that_is_set_back_keeps_nobody)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[0], admin_op_lend, 2, 600, 10);
    meets();
    clock_is(&all[1], -HOUR); /* there: home may have her again at any time by now */
    cr_assert(!domain_has_her(&all[1]));
    meets();
    has_her(0);
    clock_is(&all[1], 0);
    asks(&all[0], admin_op_lend, 2, 600, 10);
    meets();
    has_her(1);
    all[1].frozen = true;
    passes(4 * SECOND);
    clock_is(&all[0], -HOUR); /* at home: she is back when whole leases are over */
    passes(14 * SECOND);      /* one of five seconds, and the second Lend's */
    cr_assert(!gives(&all[0]));
    passes(2 * SECOND);
    cr_assert(gives(&all[0]) && !loan_of(all[0].world->core->loans, 0));
    ends();
    swept(target);
}

Test(domains_loan, what_comes_from_a_clock_ahead_ends_the_loan)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[0], admin_op_lend, 2, 600, 10);
    meets();
    has_her(1);
    clock_is(&all[0], 4 * SECOND);
    passes(2 * SECOND); /* a Lend of a time that is not yet */
    meets();
    has_her(0);
    ends();
    swept(target);
}

Test(domains_loan, an_older_row_changes_nothing)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[0], admin_op_lend, 2, 600, 0);
    puts_all(&all[0]);
    reads(&all[1]);
    struct said older = all[1].in[0];
    meets();
    has_her(1);
    asks(&all[0], admin_op_recall, 0, 0, 0);
    meets();
    has_her(0);
    reaches(&older); /* an adapter that was given up puts it there once more */
    meets();
    has_her(0);
    all[1].in[all[1].in_count++] = older; /* and one tells it */
    tells(&all[1]);
    has_her(0);
    ends();
    swept(target);
}

Test(domains_loan, a_copy_of_before_changes_nothing)
{
    char target[80];
    fresh(target);
    begins(target);
    asks(&all[0], admin_op_lend, 2, 600, 0);
    meets();
    has_her(1);
    world_restored(all[1].world, 1000); /* the target: until the rows say so it knows of no loan */
    cr_assert(!domain_has_her(&all[1]));
    agent(all[1].world, "marie", "6001", agent_state_ready);
    domains_up(&all[1]);
    meets();
    cr_assert(domain_has_her(&all[1]));
    world_end(all[0].world); /* the home: it knows nothing of the loan, and asks for her */
    comes_up(0, false);
    cr_assert(domain_has_her(&all[0]));
    all[0].in_count = 0;
    reads(&all[0]);
    tells(&all[0]);
    cr_assert(!domain_has_her(&all[0]) && domain_has_her(&all[1]));
    meets();
    cr_assert(domain_has_her(&all[0]) && !domain_has_her(&all[1]));
    ends();
    swept(target);
}

/* ---- whatever happens ---- */

static void acts(struct domain *domain)
{
    switch (drawn(16)) {
    case 0:
        dies(domain);
        break;
    case 1:
        domain->frozen = true;
        break;
    case 2:
        domain->away = drawn(3) == 0;
        break;
    case 3:
        if (domain->late_count > 0) reaches(&domain->late[--domain->late_count]);
        break;
    case 4:
        if (domain->number == 1)
            asks(domain, drawn(3) == 0 ? admin_op_recall : admin_op_lend, 2, 5 + drawn(90), 5 + drawn(20));
        break;
    case 5:
        if (!domain->talks && gives(domain))
            call_begins(domain);
        else if (domain->talks)
            call_ends(domain);
        break;
    case 6:
        if (domain->number == 2) clock_is(domain, -(int64_t)drawn(LOAN_MARGIN_US));
        break;
    case 7:
        if (domain->number == 2 && drawn(4) == 0) {
            world_restored(domain->world, domain->world->seq[SOURCE_HOST]);
            agent(domain->world, "marie", "6001", agent_state_ready);
            domain->out_count = domain->in_count = 0;
            domains_up(domain);
        }
        break;
    default:
        if (domain->away) break;
        if (drawn(4) > 0) puts_all(domain);
        if (drawn(4) > 0) reads(domain);
        for (unsigned count = drawn(4); count > 0; count--) tells(domain);
    }
}

/* How often she was the other domain's after a step. */
static unsigned plays(uint64_t seed, const char *target)
{
    state = seed * 7919 + 1;
    begins(target);
    unsigned lent = 0;
    for (unsigned step = 0; step < STEPS; step++) {
        struct domain *domain = &all[drawn(2)];
        if (drawn(3) == 0) passes(drawn(6) * (uint64_t)SECOND / 2);
        if (domain->frozen && drawn(4) == 0) domain->frozen = false;
        if (!domain->frozen) {
            wakes(domain, false);
            acts(domain);
        }
        bool here[2]; /* whose next batch would end it has her no more */
        for (unsigned at = 0; at < 2; at++)
            here[at] = domain_has_her(&all[at]) && core_next_timer(all[at].world->core) > now_us;
        cr_assert(!(here[0] && here[1]), "seed %llu, step %u: two domains have her", (unsigned long long)seed, step);
        lent += here[1];
    }
    for (unsigned at = 0; at < 2; at++) {
        all[at].frozen = false;
        wakes(&all[at], true);
        if (all[at].talks) call_ends(&all[at]);
    }
    asks(&all[0], admin_op_recall, 0, 0, 0);
    for (unsigned turn = 0; turn < 10; turn++) {
        meets();
        passes(10 * SECOND);
    }
    cr_assert(gives(&all[0]) && !domain_has_her(&all[1]), "seed %llu: her home has her not again",
              (unsigned long long)seed);
    ends();
    return lent;
}

Test(domains_loan, one_domain_has_her_whatever_dies, .timeout = 300)
{
    char target[80];
    const char *one = getenv("LOAN_SEED"), *many = getenv("LOAN_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : drawn_from(), count = one    ? 1
                                                                           : many ? strtoull(many, NULL, 10)
                                                                                  : SEEDS;
    unsigned lent = 0;
    for (uint64_t seed = first; seed < first + count; seed++) {
        fresh(target);
        lent += plays(seed, target);
        swept(target);
    }
    cr_assert(lent > count * STEPS / 16, "she was seldom lent: after %u steps of %u", lent, (unsigned)count * STEPS);
}
