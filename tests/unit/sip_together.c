/* tests/unit/sip_together.c - Telephones that ring together, in any order of acts: who answers, refuses, hangs up or is
 * called elsewhere meanwhile, and who hears too late that it rings no more. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "tests/unit/drawn.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_together, .timeout = 120);

enum { CALLERS = 2, PHONES = 4, ROUNDS = 12, STEPS = 300 };

static const char *const dns[PHONES] = {"7001", "7002", "7003", "7004"};
static struct sip_world *world;
static struct sip_peer *callers[CALLERS], *phones[PHONES];
static uint64_t drawn;

static unsigned draw(unsigned below)
{
    drawn = drawn * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((drawn >> 33) % below);
}

static uint64_t ask(void)
{
    struct cti_asker asker = {.ixn = 1, .ref = 1};
    return asks_add(&world->exchange.cti.asks, EXPECT_RESULT, &asker, 0, "", INT64_MAX)->id;
}

/* Returns a call that the exchange has, by chance; NULL: it has none. */
static struct talk *some_talk(void)
{
    unsigned at = world->exchange.talk_count == 0 ? 0 : draw(world->exchange.talk_count);
    struct talk *talk = world->exchange.first;
    while (talk && at-- > 0) talk = talk->next;
    return talk;
}

/* Routes a call that stands at a point to some telephones together. */
static void routes(struct talk *talk)
{
    struct call *call = talk_call(talk);
    unsigned from = draw(PHONES), count = 1 + draw(PHONES);
    if (!call || call->visit.dn[0] == '\0') return;
    call->also_count = 0;
    for (unsigned at = 1; at < count; at++)
        text_set(call->also[call->also_count++], NAME_SIZE, dns[(from + at) % PHONES]);
    if (draw(8) == 0) text_set(call->also[call->also_count++], NAME_SIZE, "7999");
    exchange_ops.route(&world->exchange, ask(), call, dns[from]);
}

static void desktop_asks(const struct talk *talk)
{
    static const enum party_ask asks[] = {ASK_ANSWER,     ASK_ANSWER,    ASK_RELEASE,  ASK_CONSULT,
                                          ASK_CONSULT,    ASK_COMPLETE,  ASK_COMPLETE, ASK_TRANSFER,
                                          ASK_CONFERENCE, ASK_RECONNECT, ASK_HOLD};
    const char *to = draw(3) != 0 ? "1801" : dns[draw(PHONES)];
    world_party(world, talk, dns[draw(PHONES)], asks[draw(sizeof asks / sizeof *asks)], to);
}

/* A caller whose CANCEL meets the answer would have to end the call that they then have; these do not. */
static void caller_leaves(struct sip_peer *caller)
{
    world_run(world, 30);
    peer_hangs_up(world, caller);
}

static void phone_does(struct sip_peer *phone)
{
    static const unsigned refusals[] = {486, 603, 480, 503, 404};
    if (phone->state == PEER_RINGS && draw(2) == 0)
        peer_answers(world, phone);
    else if (phone->state == PEER_RINGS)
        peer_refuses(world, phone, refusals[draw(5)]);
    else if (phone->state == PEER_UP && draw(3) == 0)
        peer_hangs_up(world, phone);
    phone->refused = draw(5) == 0 ? refusals[draw(5)] : 0;
}

static void steps(void)
{
    struct talk *talk = some_talk();
    struct sip_peer *caller = callers[draw(CALLERS)], *phone = phones[draw(PHONES)];
    switch (draw(12)) {
    case 0:
    case 1:
        if (caller->state == PEER_IDLE)
            peer_calls(world, caller, "1800");
        else if (draw(4) == 0)
            caller_leaves(caller);
        break;
    case 2:
    case 3:
    case 4:
        if (talk) routes(talk);
        break;
    case 5:
    case 6:
    case 7:
        phone_does(phone);
        break;
    case 8:
        if (talk && talk_call(talk))
            exchange_ops.deflect(&world->exchange, ask(), talk_call(talk), dns[draw(PHONES)], "1800");
        break;
    case 9:
        if (talk && talk_call(talk)) desktop_asks(talk);
        break;
    case 10:
        phone->deaf = !phone->deaf;
        break;
    default:
        world_run(world, draw(400));
    }
    if (draw(3) == 0) world_run(world, 5 + draw(40));
}

static const struct leg *leg_of(const char *dn)
{
    for (const struct talk *talk = world->exchange.first; talk; talk = talk->next) {
        const struct leg *leg = talk_leg_at(talk, dn);
        if (leg && leg->state != LEG_GONE) return leg;
    }
    return NULL;
}

/* Everybody hears again, and everything settles. */
static void looks(unsigned round, unsigned step)
{
    for (unsigned i = 0; i < PHONES; i++) phones[i]->deaf = false;
    world_run(world, 6000);
    cr_assert_eq(world->figures_faults, 0, "round %u, step %u: %s", round, step, world->logged);
    for (unsigned i = 0; i < PHONES; i++) {
        const struct leg *leg = leg_of(dns[i]);
        bool rings = phones[i]->state == PEER_RINGS, talks = phones[i]->state == PEER_UP;
        cr_assert(!rings || (leg && leg->state == LEG_RINGING), "round %u, step %u: %s rings for nobody", round, step,
                  dns[i]);
        cr_assert(!talks || (leg && leg->state == LEG_TALKING), "round %u, step %u: %s talks with nobody", round, step,
                  dns[i]);
    }
    for (const struct talk *talk = world->exchange.first; talk; talk = talk->next) {
        const struct call *call = talk_call(talk);
        bool has = talk->called && talk->called->state == LEG_TALKING;
        cr_assert(!has || (!talk->along && *talk->together == '\0'), "round %u, step %u: somebody rings along", round,
                  step);
        for (unsigned at = 0; call && at < call->party_count; at++) {
            const struct leg *leg = talk_leg_at(talk, call->parties[at].dn);
            cr_assert(call->parties[at].state != PARTY_RINGING || leg, "round %u, step %u: %s is told to ring", round,
                      step, call->parties[at].dn);
        }
    }
}

Test(sip_together, whatever_happens_nobody_rings_or_talks_for_nothing)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        drawn = (drawn_from() + round) * 7919;
        world = world_new(NULL);
        for (unsigned i = 0; i < CALLERS; i++) callers[i] = world_peer(world, "127.0.0.2", i == 0 ? "" : "other");
        for (unsigned i = 0; i < PHONES; i++) phones[i] = world_peer(world, "127.0.0.3", dns[i]);
        for (unsigned step = 0; step < STEPS; step++) {
            steps();
            if (step % 20 == 19) looks(round, step);
        }
        for (unsigned i = 0; i < CALLERS; i++) caller_leaves(callers[i]);
        looks(round, STEPS);
        for (unsigned i = 0; i < PHONES; i++)
            if (phones[i]->state != PEER_IDLE) peer_hangs_up(world, phones[i]);
        world_run(world, 70000);
        cr_assert_eq(world->exchange.talk_count, 0, "round %u", round);
        cr_assert_eq(world->held, 0, "round %u", round);
        world_free(world);
    }
}
