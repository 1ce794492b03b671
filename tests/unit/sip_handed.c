/* tests/unit/sip_handed.c - Agents hand a caller on, in any order of acts, and telephones answer as they like: nobody
 * loses the caller.
 *
 * Whoever has asked to hand the caller on may be put down within five seconds, and nobody else does: so the caller is
 * there to the end. Then all who talked are free, and nothing is owed an answer.
 *
 * It leaves out: the core, whose routes the test gives; trunks, TCP, TLS and packets that are lost; a kill or a restart
 * within a hand-over; what is heard of keys and recordings. */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "tests/unit/drawn.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_handed, .timeout = 600);

enum { FOLK = 3, ACTS = 150, SOON_MS = 4900 };

struct person {
    struct sip_peer *line, *second; /* of the telephone; NULL: it has one */
    uint64_t wished_ms;             /* when a hand-over was asked for, and nothing else since; 0: never */
    bool confers;                   /* by a conference: once it is there, the wish is fulfilled */
};

static struct sip_world *world;
static struct sip_peer *caller, *outlet, *boss;
static struct person folk[FOLK];
static char script[65536]; /* what was done, for whoever reads of a fault */
static uint32_t dice;
static bool stays; /* callers may stay for what the strategy does behind the agent */

static unsigned throws(unsigned sides)
{
    dice ^= dice << 13;
    dice ^= dice >> 17;
    dice ^= dice << 5;
    return dice % sides;
}

static void writes(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void writes(const char *format, ...)
{
    size_t length = strlen(script);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(script + length, sizeof script - length, format, arguments);
    va_end(arguments);
}

static void runs(unsigned ms)
{
    world_run(world, ms);
    if (*world->told) writes("   [%s]\n", world->told);
    *world->told = '\0';
}

static void sits(struct person *person, const char *dn)
{
    person->second = world_peer(world, "127.0.0.3", dn);
    person->line = world_peer(world, "127.0.0.3", dn); /* it registers last */
    person->wished_ms = 0;
}

static void opens(uint32_t seed)
{
    static const char *const settings[][2] = {
        {"ring", "5"}, {"silence", "0"}, {"outbound", "one=127.0.0.4:5085"}, {NULL, NULL}};
    dice = (seed + 1) * 2654435761U | 1;
    *script = '\0';
    stays = throws(3) == 0;
    world = world_new(settings);
    caller = world_peer(world, "127.0.0.2", "");
    sits(&folk[0], "7001");
    sits(&folk[1], "7002");
    outlet = world_peer(world, "127.0.0.4", "+4930"); /* its port is that of `outbound` */
    folk[2] = (struct person){.line = world_peer(world, "127.0.0.3", "7003")};
    boss = world_peer(world, "127.0.0.3", "7005");
}

static bool is_idle(const struct sip_peer *line)
{
    return !line || line->state == PEER_IDLE;
}

static struct talk *handed_talk(void)
{
    struct talk *talk = world->exchange.first;
    while (talk && (talk->main || !talk->caller || *talk->caller->dn)) talk = talk->next;
    return talk;
}

static uint64_t asks(const struct call *call, const char *dn, enum expect expect)
{
    struct cti_asker asker = {.ixn = 1, .ref = 1};
    return asks_add(&world->exchange.cti.asks, expect, &asker, call->conn, dn, INT64_MAX)->id;
}

static const char *goal(void)
{
    static const char *const goals[] = {"7001", "7002", "7003", "7002", "7003", "7004",
                                        "7009", "1801", "1800", "1801", "7001"};
    return throws(25) == 0 ? "+4930" : goals[throws(sizeof goals / sizeof *goals)];
}

static const char *party_word(enum party_ask what)
{
    return what == ASK_TRANSFER     ? "transfer"
           : what == ASK_CONSULT    ? "consult"
           : what == ASK_COMPLETE   ? "complete"
           : what == ASK_CONFERENCE ? "conference"
           : what == ASK_HOLD       ? "hold"
           : what == ASK_RETRIEVE   ? "retrieve"
                                    : "reconnect";
}

/* A desktop asks. */
static void desk_asks(struct talk *talk, struct person *person, enum party_ask what, const char *to)
{
    bool hands = what == ASK_TRANSFER || what == ASK_COMPLETE || what == ASK_CONFERENCE;
    writes("%s's desktop: %s %s\n", person->line->user, party_word(what), to);
    person->wished_ms = hands ? world_ms() : 0;
    person->confers = what == ASK_CONFERENCE;
    enum expect expect = what == ASK_TRANSFER || what == ASK_COMPLETE ? EXPECT_RELEASED
                         : what == ASK_HOLD || what == ASK_CONSULT    ? EXPECT_HELD
                                                                      : EXPECT_RETRIEVED;
    const struct call *call = talk_call(talk);
    exchange_ops.party(&world->exchange, asks(call, person->line->user, expect), call, person->line->user, what, to);
}

static void refers(struct person *person, struct sip_peer *by)
{
    char to[512];
    snprintf(to, sizeof to, "%s", throws(12) ? goal() : "");
    if (!is_idle(person->second) && person->line->state == PEER_UP && throws(3)) {
        const struct sip_peer *other = by == person->line ? person->second : person->line;
        char *tag = strstr(other->remote, ";tag="), call_id[80], remote_tag[64] = "";
        snprintf(call_id, sizeof call_id, "%s", other->call_id);
        if (tag) snprintf(remote_tag, sizeof remote_tag, "%.*s", (int)strcspn(tag + 5, ";>\r\n"), tag + 5);
        snprintf(to, sizeof to, "7002@127.0.0.1?Replaces=%s%%3Bto-tag%%3D%s%%3Bfrom-tag%%3D%s&x=y", call_id, remote_tag,
                 other->tag);
    }
    writes("%s's %s: REFER %s\n", by->user, by == person->line ? "line" : "second", to);
    peer_refers(world, by, to);
    person->wished_ms = world_ms();
    person->confers = false;
}

/* A telephone is known by where it has registered. */
static void dials_beside(struct person *person, const char *to)
{
    struct telephone *telephone = telephones_find(&world->exchange.telephones, person->line->user);
    writes("%s dials %s\n", person->second->user, to);
    sa_set_port(&telephone->at, person->second->sip);
    peer_calls(world, person->second, to);
    runs(20);
    sa_set_port(&telephone->at, person->line->sip);
    person->wished_ms = 0;
}

/* By one who has the caller, or is in conference with them. */
static void holder_acts(struct talk *talk, struct person *person)
{
    struct sip_peer *line = person->line, *second = person->second;
    struct leg *leg = talk_leg_at(talk, line->user);
    struct sip_peer *by = line->state == PEER_UP ? line : second; /* it may have been asked by the second one */
    if (is_idle(by)) return;
    bool asks_somebody = leg && leg->consult && leg->consult->called;
    switch (asks_somebody && throws(4) == 0 ? 9 : throws(14)) {
    case 0:
    case 1:
        refers(person, by);
        break;
    case 2:
    case 3:
        desk_asks(talk, person, ASK_TRANSFER, goal());
        break;
    case 4:
        desk_asks(talk, person, throws(2) ? ASK_HOLD : throws(2) ? ASK_RETRIEVE : ASK_RECONNECT, "");
        break;
    case 5:
    case 6:
        desk_asks(talk, person, ASK_CONSULT, goal());
        break;
    case 7:
    case 8:
        desk_asks(talk, person, ASK_COMPLETE, "");
        break;
    case 9:
        desk_asks(talk, person, ASK_CONFERENCE, "");
        break;
    case 10:
        writes("%s offers\n", by->user);
        peer_offers(world, by, throws(2) ? "sendonly" : "sendrecv");
        person->wished_ms = 0;
        break;
    case 11:
        if (second && is_idle(second) && !second->deaf && line->state == PEER_UP) dials_beside(person, goal());
        break;
    case 12:
        if (second && second->state == PEER_UP && line->state == PEER_UP) refers(person, second);
        break;
    default:
        if (is_idle(second) || line->state != PEER_UP || !leg) break;
        writes("%s's second line is put down\n", second->user);
        peer_hangs_up(world, second);
        break;
    }
}

/* Those who talk hear each other, where nobody holds the other one and no third one is there. */
static void ears_agree(uint32_t seed)
{
    runs(700); /* what is under way comes to its end */
    world_run(world, 300);
    bool still = *world->told == '\0';
    runs(0);
    const struct talk *talk = handed_talk();
    if (!still) return;
    if (!talk || !talk->called || talk->called->state != LEG_TALKING || talk->guests || talk->treating) return;
    if (talk->called->held || talk->caller->held || talk->consult || talk->conference) return;
    struct sip_peer *peer = NULL;
    for (unsigned i = 1; i < PEERS; i++)
        if (world->peers[i].sip == sa_port(&talk->called->peer)) peer = &world->peers[i];
    if (!peer || peer->state != PEER_UP || strcmp(peer->way, "sendrecv") != 0) return;
    cr_assert_eq(peer_hears(caller, false), 1U << peer->number, "seed %u: the caller hears %x, not %u\n%s", seed,
                 peer_hears(caller, false), peer->number, script);
    cr_assert_eq(peer_hears(peer, false), 1U << caller->number, "seed %u: %s hears %x\n%s", seed, peer->user,
                 peer_hears(peer, false), script);
}

static bool may_leave(const struct talk *talk, const struct person *person)
{
    if (person->wished_ms != 0 && world_ms() - person->wished_ms < SOON_MS) return true;
    unsigned others = 0;
    for (const struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
        others += leg->state == LEG_TALKING && !leg->monitors && *leg->dn && strcmp(leg->dn, person->line->user) != 0;
    return members_confer(talk) && others > 0;
}

static void holder_leaves(struct talk *talk, struct person *person)
{
    if (!may_leave(talk, person)) return; /* this one would end the call, and may */
    const struct leg *leg = talk_leg_at(talk, person->line->user);
    bool pending = (talk->leaver && talk->leaver == leg) || (leg && leg->consult && leg->consult->completes);
    if (throws(4) == 0 && pending) { /* a release of what was refused is a wish of its own */
        writes("%s's desktop: release\n", person->line->user);
        const struct call *call = talk_call(talk);
        exchange_ops.party(&world->exchange, asks(call, person->line->user, EXPECT_RELEASED), call, person->line->user,
                           ASK_RELEASE, "");
        if (throws(2)) return;
    }
    writes("%s is put down\n", person->line->user);
    if (person->line->state == PEER_UP) peer_hangs_up(world, person->line);
    if (throws(3) && !is_idle(person->second)) {
        writes("and its second line\n");
        peer_hangs_up(world, person->second);
    }
    person->wished_ms = 0;
}

static void boss_acts(struct talk *talk)
{
    static const enum party_ask modes[] = {ASK_LISTEN, ASK_COACH, ASK_BARGE_IN};
    const char *of = folk[throws(FOLK)].line->user;
    if (throws(3) == 0 && boss->state == PEER_UP) {
        writes("the supervisor hangs up\n");
        peer_hangs_up(world, boss);
        return;
    }
    const struct call *call = talk_call(talk);
    writes("the supervisor monitors %s\n", of);
    exchange_ops.party(&world->exchange, asks(call, boss->user, EXPECT_MONITORS), call, boss->user, modes[throws(3)],
                       of);
}

/* Who is asked in a consultation does as they like. */
static void asked_acts(struct talk *consult)
{
    for (unsigned i = 0; i < FOLK; i++) {
        struct person *person = &folk[i];
        const struct leg *leg = talk_leg_at(consult, person->line->user);
        if (!leg || leg != consult->called || leg->state != LEG_TALKING || person->line->state != PEER_UP) continue;
        if (throws(3)) {
            desk_asks(consult, person, throws(2) ? ASK_TRANSFER : throws(2) ? ASK_HOLD : ASK_RETRIEVE, goal());
        } else if (throws(2)) {
            refers(person, person->line);
        } else {
            writes("%s, who is asked, is put down\n", person->line->user);
            peer_hangs_up(world, person->line);
        }
        person->wished_ms = 0;
        return;
    }
}

static void core_acts(struct talk *talk)
{
    struct call *call = talk_call(talk);
    if (call && !talk->main && stays) call->stays = throws(2);
    if (!call || talk->called || call->visit.dn[0] == '\0') return;
    if (throws(4) == 0) {
        world_treat(world, talk, treatment_Music, "music");
        return;
    }
    const char *to = throws(3) ? folk[throws(FOLK)].line->user : goal();
    if (strcmp(to, "1800") == 0 || strcmp(to, "1801") == 0) to = "7001";
    writes("core: %s routes to %s\n", talk->main ? "consultation" : "call", to);
    exchange_ops.route(&world->exchange, asks(call, call->visit.dn, EXPECT_ROUTE_USED), call, to);
}

static const struct leg *leg_of_peer(const struct sip_peer *peer, const struct talk **of)
{
    for (const struct talk *talk = world->exchange.first; talk; talk = talk->next)
        for (const struct leg *leg = NULL; (leg = talk_next_leg(talk, leg));)
            if (sa_port(&leg->peer) == peer->sip && leg->talk == talk) {
                *of = talk;
                return leg;
            }
    return NULL;
}

static void phone_acts(struct sip_peer *peer)
{
    static const unsigned refusals[] = {486, 603, 480, 503, 404, 500};
    const struct talk *of = NULL;
    if (throws(6) == 0) peer->refused = throws(3) ? 0 : refusals[throws(6)];
    if (peer->deaf || throws(10) == 0) peer->deaf = !peer->deaf && peer->state == PEER_IDLE;
    if (throws(8) == 0) peer->progress = throws(2);
    if ((peer->state == PEER_RINGS || peer->state == PEER_EARLY) && strstr(peer->invite, peer->call_id)) {
        unsigned how = throws(4);
        if (how < 2) {
            writes("%s answers\n", peer->user);
            peer_answers(world, peer);
        } else if (how == 2) {
            unsigned status = refusals[throws(6)];
            writes("%s refuses %u\n", peer->user, status);
            peer_refuses(world, peer, status);
        }
        return;
    }
    const struct leg *leg = leg_of_peer(peer, &of);
    if (peer->state == PEER_UP && leg && of->main && leg == of->called && throws(5) == 0) {
        writes("%s, who is asked, hangs up\n", peer->user);
        peer_hangs_up(world, peer);
    }
}

/* A caller who stays is taken back. */
static void core_takes_back(struct talk *talk)
{
    struct call *call = talk_call(talk);
    if (call && call->stays && !talk->called && call->visit.dn[0] == '\0' && talk->timer.rings) {
        writes("core: takes it back\n");
        exchange_ops.deflect(&world->exchange, asks(call, "7001", EXPECT_ROUTE_REQUEST), call, "7001", "1800");
    }
}

static void plays(uint32_t seed)
{
    static const unsigned whiles[] = {0, 0, 20, 20, 20, 50, 50, 100, 100, 300, 300, 1000, 1000, 4200};
    peer_calls(world, caller, "1800");
    runs(50);
    for (unsigned act = 0; act < ACTS; act++) {
        struct talk *talk = handed_talk();
        cr_assert(talk, "seed %u: the call is lost\n%s", seed, script);
        if (talk->called && talk->called->state == LEG_TALKING && *talk->called->outside)
            break; /* they are among themselves */
        unsigned what = throws(16);
        if (what >= 10) what = !talk->called ? 3 : talk->called->state == LEG_TALKING ? 5 : 0;
        core_takes_back(talk);
        for (unsigned i = 0; i < FOLK; i++) {
            const struct leg *leg = talk_leg_at(talk, folk[i].line->user);
            bool fulfilled = folk[i].confers && members_confer(talk);
            if (!leg || leg->state != LEG_TALKING || fulfilled) folk[i].wished_ms = 0;
        }
        if (throws(20) == 0) {
            boss_acts(talk);
        } else if (talk->consult && throws(6) == 0) {
            asked_acts(talk->consult);
        } else if (what < 3) {
            struct sip_peer *peer = &world->peers[1 + throws(7)];
            for (unsigned i = 1; i < PEERS; i++)
                if (world->peers[i].state == PEER_RINGS && throws(2)) peer = &world->peers[i];
            phone_acts(peer);
        } else if (what < 5) {
            for (struct talk *each = world->exchange.first; each; each = each->next)
                if (!each->called && throws(2)) {
                    core_acts(each);
                    break;
                }
        } else {
            for (unsigned i = 0; i < FOLK; i++) {
                const struct leg *leg = talk_leg_at(talk, folk[i].line->user);
                if (!leg || leg->state != LEG_TALKING) continue;
                if (what < 8)
                    holder_acts(talk, &folk[i]);
                else
                    holder_leaves(talk, &folk[i]);
                break;
            }
        }
        runs(whiles[throws(sizeof whiles / sizeof *whiles)]);
        cr_assert(caller->state != PEER_IDLE, "seed %u: the caller is lost\n%s", seed, script);
        cr_assert_eq(world->figures_faults, 0, "seed %u: a fault\n%s%s", seed, script, world->logged);
        if (act % 8 == 7) ears_agree(seed);
    }
    for (unsigned i = 0; i < PEERS; i++) world->peers[i].deaf = false;
    writes("the caller hangs up\n");
    peer_hangs_up(world, caller);
    runs(40000);
    cr_assert_null(handed_talk(), "seed %u: it does not end\n%s", seed, script);
    for (unsigned i = 1; i < PEERS; i++) {
        const struct talk *of;
        if (world->peers[i].state == PEER_IDLE) continue;
        cr_assert(leg_of_peer(&world->peers[i], &of), "seed %u: %s is open still\n%s", seed, world->peers[i].user,
                  script);
        writes("%s is put down last\n", world->peers[i].user);
        peer_hangs_up(world, &world->peers[i]);
        runs(100);
    }
    runs(40000);
    cr_assert_null(world->exchange.first, "seed %u: a call is left\n%s", seed, script);
    for (unsigned i = 1; i < PEERS; i++)
        cr_assert_eq(world->peers[i].state, PEER_IDLE, "seed %u: %s\n%s", seed, world->peers[i].user, script);
    cr_assert_eq(world->exchange.cti.asks.count, 0, "seed %u: %u asks are left\n%s", seed,
                 world->exchange.cti.asks.count, script);
    cr_assert_eq(world->figures_faults, 0, "seed %u: a fault\n%s%s", seed, script, world->logged);
}

Test(sip_handed, nobody_loses_a_caller)
{
    const char *more = getenv("CHAOS_ROUNDS");
    const uint64_t from = drawn_from(), rounds = more ? strtoull(more, NULL, 10) : 40;
    for (uint64_t round = 0; round < rounds; round++) {
        unsigned seed = (unsigned)(from + round);
        opens(seed);
        plays(seed);
        if (getenv("CHAOS")) fputs(script, stderr);
        world_free(world);
    }
}
