/* tests/unit/domains_pair.c - Two domains whose adapters die, whose database is out of reach and whose queue moves from
 * the one to the other: each interaction is somewhere, and nobody can work on it in two places.
 *
 * The cores and the rows are real. The adapters are this file: they do the plugin's steps one by one, so that a seed
 * can end them between any two, lose what they say, or let one that was given up go on later. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/core/base/state.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/interactions/submitted.h"
#include "runtime/domains/domains.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "tests/unit/core_fixture.h"
#include "tests/unit/drawn.h"

enum { SEEDS = 25, STEPS = 160, MAILS = 12, LATE = 64, ROWS = 64 };

struct domain {
    struct core_world *world;
    uint64_t number;
    unsigned away;             /* the database is out of its reach for so many steps */
    struct passage late[LATE]; /* rows that an adapter which was given up is still to put there */
    unsigned late_count;
};

static struct domains *rows;
static struct domain all[2];
static unsigned mails, owner; /* owner: has the queue by the directory of all */
static uint64_t state;
static struct passage seen[ROWS];
static char texts[ROWS][32];
static unsigned seen_count;
static struct error error;

static unsigned drawn(unsigned below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (unsigned)(state >> 33) % below;
}

static struct span external_id(const struct core_world *world, const struct interaction *ix)
{
    return submitted_external_id(submitted_of(world->core->submissions, ix));
}

/* ---- an adapter's steps ---- */

static void pair_sees(void *self, const struct passage *row)
{
    (void)self;
    cr_assert(seen_count < ROWS && row->frame.length < sizeof texts[0]);
    seen[seen_count] = *row;
    if (row->frame.length != 0) memcpy(texts[seen_count], row->frame.bytes, row->frame.length);
    seen[seen_count].frame.bytes = (uint8_t *)texts[seen_count];
    seen_count++;
}

static void put(struct passage *row)
{
    cr_assert(domains_find(rows, span_of("x"), span_of("x"), &row->target, &error), "%s", error.text);
    cr_assert(passage_put(rows, row, 1000, &error), "%s", error.text);
}

/* Row `at` of those that the core waits for; false: there are fewer. */
static bool awaited(const struct domain *domain, unsigned at, struct passage *row)
{
    EACH_INTERACTION (ix, domain->world->core->interactions) {
        if (ix->pending.kind != KIND_PassOn || ix->pending.ref == 0 || at-- > 0) continue;
        *row = (struct passage){.source = domain->number, .ixn = ix->id, .frame = external_id(domain->world, ix)};
        ident_print_effect(ix->id, ix->pending.ref, row->id);
        return true;
    }
    return false;
}

static void puts_some(const struct domain *domain)
{
    struct passage row;
    for (unsigned at = 0; awaited(domain, at, &row); at++)
        if (drawn(4) > 0) put(&row);
}

static void comes_up(struct domain *domain)
{
    static const char *const caps[] = {"calls", "sessions", "domains", NULL};
    link_up(domain->world, caps);
    resync(domain->world, true);
    resync(domain->world, false);
    world_forget(domain->world);
}

/* The adapter, or the core, is another process from here on. Some of what the old one has read it puts there later. */
static void dies(struct domain *domain)
{
    struct passage row;
    for (unsigned at = 0; awaited(domain, at, &row) && domain->late_count < LATE; at++)
        if (drawn(3) == 0) {
            domain->late[domain->late_count++] = row;
            domain->late[domain->late_count - 1].frame = span_of("");
        }
    link_down(domain->world);
    comes_up(domain);
}

/* Rows that their target has not come for, or that somebody ends here, are taken back. */
static void takes_back(struct domain *domain)
{
    struct passage row;
    for (unsigned at = 0; awaited(domain, at, &row); at++)
        if (drawn(2) == 0) cr_assert(passage_take_back(rows, row.id, &error), "%s", error.text);
}

static void goes_on_late(struct domain *domain)
{
    if (domain->late_count > 0) put(&domain->late[--domain->late_count]);
}

/* True: it has died in the midst of it. */
static bool tells(struct domain *domain, const struct passage *row)
{
    uint64_t ixn = 0;
    const char *dash = strrchr(row->id, '-');
    bool lost = drawn(6) == 0;
    cr_assert(ident_read_ixn_span((struct span){(const uint8_t *)row->id, (uint32_t)(dash - row->id)}, &ixn));
    if (!lost)
        done(domain->world, ixn, (uint32_t)strtoul(dash + 1, NULL, 10),
             row->state == PASSAGE_TAKEN ? outcome_ok : outcome_error,
             row->state == PASSAGE_TAKEN ? code_ok : (enum code)row->code);
    if (drawn(6) > 0) cr_assert(passage_told(rows, row->id, &error), "%s", error.text);
    if (lost) dies(domain); /* it is lost only with its core */
    return lost;
}

static bool submits(struct domain *domain, const struct passage *row, struct passage *settled)
{
    struct core_world *world = domain->world;
    world_forget(world);
    world->client = 5;
    world->req++;
    struct writer *writer = world_event(world, LINK, KIND_Submit, 0, 0, 0);
    writer_u(writer, Submit_media, media_email);
    writer_u(writer, Submit_type, submit_type_inbound);
    writer_bytes(writer, Submit_external_id, row->frame);
    writer_text(writer, Submit_queue, "x");
    writer_text(writer, Submit_passed_on, row->id);
    world_post(world);
    world->client = 0;
    bool good = strstr(world->trace, "Reply ok") || strstr(world->trace, "Reply duplicate");
    *settled = *row;
    settled->state = good ? PASSAGE_TAKEN : PASSAGE_REFUSED;
    settled->code = code_invalid_dn;
    settled->ixn = world->ixn;
    world_forget(world);
    return true;
}

static bool takes(struct domain *domain, const struct passage *row)
{
    struct passage settled;
    if (drawn(6) == 0) return false;
    submits(domain, row, &settled);
    if (drawn(6) == 0) { /* its Reply is lost */
        dies(domain);
        return true;
    }
    cr_assert(passage_settle(rows, &settled, &error), "%s", error.text);
    return false;
}

static void looks(struct domain *domain)
{
    seen_count = 0;
    cr_assert(passages_settled(rows, domain->number, "", ROWS, pair_sees, NULL, &error), "%s", error.text);
    for (unsigned i = 0; i < seen_count; i++)
        if (tells(domain, &seen[i])) return;
    seen_count = 0;
    cr_assert(passages_due(rows, domain->number, ROWS, pair_sees, NULL, &error), "%s", error.text);
    for (unsigned i = 0; i < seen_count; i++)
        if (takes(domain, &seen[i])) return;
}

/* ---- the world ---- */

static void arrives(struct domain *domain)
{
    char id[32];
    (void)snprintf(id, sizeof id, "<%u@sim.invalid>", mails++);
    struct passage settled, row = {.frame = span_of(id)};
    submits(domain, &row, &settled);
    cr_assert_eq(settled.state, PASSAGE_TAKEN);
}

static void says(struct domain *domain)
{
    queue_time(domain->world, "x", "elsewhere", domain->number != owner);
    world_forget(domain->world);
}

static void assigns(void)
{
    char item[16];
    (void)snprintf(item, sizeof item, "queue:x=%u", owner);
    cr_assert(domains_assign(rows, item, &error), "%s", error.text);
}

/* The queue moves; each hears of it when it does, and the directory of all may know of nobody meanwhile. */
static void moves(void)
{
    if (drawn(2) == 0)
        owner = 3 - owner;
    else if (drawn(4) == 0)
        cr_assert(domains_assign(rows, "queue:x=", &error), "%s", error.text);
    else if (drawn(2) == 0)
        assigns();
    else
        says(&all[drawn(2)]);
}

/* How often it is somewhere, and how often where somebody may work on it. */
static void counted(unsigned mail, unsigned *living, unsigned *workable)
{
    char id[32];
    (void)snprintf(id, sizeof id, "<%u@sim.invalid>", mail);
    *living = *workable = 0;
    for (unsigned i = 0; i < 2; i++)
        EACH_INTERACTION (ix, all[i].world->core->interactions)
            if (!interaction_has_ended(ix) && span_is(external_id(all[i].world, ix), id)) {
                ++*living;
                *workable += ix->state != IX_CLOSING;
            }
}

static void balanced(uint64_t seed, unsigned step)
{
    unsigned living, workable;
    for (unsigned mail = 0; mail < mails; mail++) {
        counted(mail, &living, &workable);
        cr_assert(living >= 1 && workable <= 1, "seed %llu, step %u: mail %u lives %u times, and %u people may have it",
                  (unsigned long long)seed, step, mail, living, workable);
    }
}

static void act(struct domain *domain)
{
    if (domain->away > 0) domain->away--;
    switch (drawn(12)) {
    case 0:
        if (mails < MAILS) arrives(domain);
        break;
    case 1:
        dies(domain);
        break;
    case 2:
        moves();
        break;
    case 3:
        world_advance(domain->world, 1000000 * (uint64_t)drawn(70));
        world_forget(domain->world);
        break;
    case 4:
        if (drawn(4) == 0) domain->away = 10;
        break;
    case 5:
        if (domain->away == 0) goes_on_late(domain);
        break;
    default:
        if (domain->away > 0) break;
        if (drawn(2) == 0)
            puts_some(domain);
        else if (drawn(4) == 0)
            takes_back(domain);
        else
            looks(domain);
    }
}

/* No faults any more: each comes to where its queue is. */
static void settles(void)
{
    assigns();
    for (unsigned i = 0; i < 2; i++) says(&all[i]);
    for (unsigned turn = 0; turn < 60; turn++)
        for (unsigned i = 0; i < 2; i++) {
            goes_on_late(&all[i]);
            puts_some(&all[i]);
            looks(&all[i]);
            world_advance(all[i].world, 10000000);
            world_forget(all[i].world);
        }
}

static void plays(uint64_t seed, const char *target)
{
    unsigned living, workable;
    state = seed * 7919 + 1;
    mails = 0;
    owner = 2;
    rows = domains_open(target, &error);
    cr_assert(rows, "%s", error.text);
    for (unsigned i = 0; i < 2; i++) {
        all[i] = (struct domain){.world = world_of((uint16_t)(i + 1)), .number = i + 1};
        comes_up(&all[i]);
        says(&all[i]);
    }
    assigns();
    for (unsigned step = 0; step < STEPS; step++) {
        act(&all[drawn(2)]);
        balanced(seed, step);
    }
    settles();
    for (unsigned mail = 0; mail < mails; mail++) {
        counted(mail, &living, &workable);
        cr_assert(living == 1 && workable == 1, "seed %llu: mail %u lives %u times", (unsigned long long)seed, mail,
                  living);
    }
    EACH_INTERACTION (ix, all[2 - owner].world->core->interactions)
        cr_assert_fail("seed %llu: interaction %llx is not where its queue is", (unsigned long long)seed,
                       (unsigned long long)ix->id);
    for (unsigned i = 0; i < 2; i++) world_end(all[i].world);
    domains_close(rows);
}

Test(domains_pair, each_is_in_one_domain_whatever_dies, .timeout = 300)
{
    char path[64], target[80];
    const char *one = getenv("PAIR_SEED"), *many = getenv("PAIR_SEEDS");
    uint64_t first = one ? strtoull(one, NULL, 10) : drawn_from(), count = one    ? 1
                                                                           : many ? strtoull(many, NULL, 10)
                                                                                  : SEEDS;
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"; /* each row is synced */
    for (uint64_t seed = first; seed < first + count; seed++) {
        (void)snprintf(path, sizeof path, "%s/gcx-pair-%d.db", folder, (int)getpid());
        (void)snprintf(target, sizeof target, "sqlite:%s", path);
        unlink(path);
        plays(seed, target);
        unlink(path);
    }
}
