/* tests/unit/sip_hears.c - Everybody in a call is listened to: who hears whom is what hears.def says of its state.
 *
 * A story goes through the rows one by one; a fuzzer does 10,000 acts in any order. The model below knows the call's
 * state by what was done alone. After each act the ears of all say who is heard: sound that must not be heard is as
 * much a fault as silence, and so is a packet to whom nothing is due. Two others talk all the while, and go on. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/hears.h"
#include "tests/unit/drawn.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_hears, .timeout = 120);

enum line { LINE_NONE, LINE_WAITS, LINE_RINGS, LINE_TALKS };
enum loops { LOOPS_NOTHING, LOOPS_TREATMENT, LOOPS_RINGING, LOOPS_HOLD }; /* what the caller heard last goes on */
enum asking { ASKS_NONE, ASKS_RINGS, ASKS_WAITS, ASKS_QUIET, ASKS_TALKS, ASKS_ASIDE, ASKS_FAILED, ASKS_OVER };

/* The call as far as its sound goes. */
struct model {
    enum line line;
    enum loops loops; /* while it waits or rings */
    enum asking asks; /* the agent, elsewhere */
    bool treated;     /* that loop is a treatment that runs, and can be stopped */
    bool held, muted, phone_held, confers;
    bool caller_held, caller_muted; /* of an agent who has called a colleague */
    bool dials;                     /* nobody has answered that one yet */
    bool pointless;                 /* it has been at no routing point, to which it could come back */
    bool handing;                   /* the agent hands the call on in one step: the third one has not rung yet */
    struct sip_peer *called, *third, *supervisor; /* the first two ring or talk; NULL: there is none */
    enum party_ask mode;                          /* of the supervisor */
    bool supervises;                              /* it has answered */
};

static struct sip_world *world;
static struct sip_peer *customer, *caller, *agent, *expert, *outside, *boss, *bystanders[2];
static struct model model;
static const struct talk *other_talk; /* that of the bystanders */
static unsigned row_counts[HEARS_STATES], acts_done;
static const char *last_act = "";

static struct talk *main_talk(void)
{
    struct talk *talk = world->exchange.first;
    while (talk && (talk == other_talk || talk->main)) talk = talk->next;
    return talk;
}

static struct talk *consult_talk(void)
{
    return main_talk() ? main_talk()->consult : NULL;
}

/* --- What is expected: the row of the state --- */

static bool is_early(const struct sip_peer *peer)
{
    return peer && peer->state == PEER_EARLY;
}

static enum hears_state model_row(void)
{
    static const enum hears_state waits[] = {HEARS_AT_waits_quietly, HEARS_AT_waits, HEARS_AT_waits_ringing,
                                             HEARS_AT_waits_held};
    static const enum hears_state rings[] = {HEARS_AT_rings, HEARS_AT_rings_treated, HEARS_AT_rings,
                                             HEARS_AT_rings_held};
    switch (model.line) {
    case LINE_WAITS:
        return waits[model.loops];
    case LINE_RINGS:
        return is_early(model.called) ? HEARS_AT_early : rings[model.loops];
    default:
        break;
    }
    switch (model.asks) {
    case ASKS_RINGS:
        return is_early(model.third) ? HEARS_AT_consult_early : HEARS_AT_consult_rings;
    case ASKS_WAITS:
        return HEARS_AT_consult_waits;
    case ASKS_QUIET:
        return HEARS_AT_consult_quiet;
    case ASKS_TALKS:
        return HEARS_AT_consult_talks;
    case ASKS_FAILED:
        return HEARS_AT_consult_failed;
    case ASKS_OVER:
        return HEARS_AT_consult_over;
    default:
        break;
    }
    if (model.asks == ASKS_ASIDE && !model.caller_held && !model.caller_muted) return HEARS_AT_consult_aside;
    if (model.caller_held) return model.held ? HEARS_AT_both_hold : HEARS_AT_caller_holds;
    if (model.caller_muted) return HEARS_AT_caller_muted;
    if (model.confers)
        return model.held ? HEARS_AT_conference_held : model.muted ? HEARS_AT_conference_muted : HEARS_AT_conference;
    return model.held ? HEARS_AT_called_holds : model.muted ? HEARS_AT_called_muted : HEARS_AT_talks;
}

/* The tones of a cell; NOTHING is itself. */
static unsigned tones_of(unsigned cell)
{
    unsigned tones = cell & HEARS_NOTHING ? 1U << TONES : 0;
    if (cell & HEARS_CALLER) tones |= 1U << caller->number;
    if (cell & HEARS_CALLED && model.called) tones |= 1U << model.called->number;
    if (cell & HEARS_THIRD && model.third) tones |= 1U << model.third->number;
    if (cell & HEARS_TREATMENT) tones |= 1U << TONE_OF_MUSIC;
    if (cell & HEARS_MUSIC) tones |= 1U << TONE_OF_HOLD;
    if (cell & (HEARS_RINGING | HEARS_BUSY)) tones |= 1U << TONE_OF_EXCHANGE;
    return tones;
}

static void expect_all(unsigned tones[PEERS])
{
    for (unsigned i = 0; i < PEERS; i++) tones[i] = 1U << TONES;
    tones[bystanders[0]->number] = 1U << bystanders[1]->number;
    tones[bystanders[1]->number] = 1U << bystanders[0]->number;
    if (model.line == LINE_NONE) return;
    const struct hears *row = &hears_table[model_row()];
    row_counts[model_row()]++;
    tones[caller->number] = tones_of(row->caller);
    if (model.called) tones[model.called->number] = tones_of(row->called);
    if (model.third) tones[model.third->number] = tones_of(row->third);
    if (model.caller_held) tones[caller->number] = 0; /* also while the other one asks elsewhere */
    if (model.asks == ASKS_ASIDE) tones[model.third->number] = 1U << TONE_OF_HOLD;
    if (model.supervises) {
        bool asks = model.asks != ASKS_NONE && model.asks != ASKS_ASIDE;
        bool here = model.line == LINE_TALKS && !asks && !model.held && !model.caller_held;
        bool alone = model.line == LINE_TALKS && !here && !model.confers;
        unsigned all = model.muted || !here ? 0 : 1U << model.called->number;
        all |= alone ? 0 : 1U << caller->number | (model.confers ? 1U << model.third->number : 0);
        tones[boss->number] = all;
        if (here && model.mode != ASK_LISTEN) tones[model.called->number] |= 1U << boss->number;
        if (!alone && model.caller_muted) all &= ~(1U << caller->number), tones[boss->number] = all;
        if (!alone && model.mode == ASK_BARGE_IN) tones[caller->number] |= 1U << boss->number;
        if (!alone && model.mode == ASK_BARGE_IN && model.confers) tones[model.third->number] |= 1U << boss->number;
        static const enum hears_state rows[] = {HEARS_AT_listened, HEARS_AT_coached, HEARS_AT_barged};
        if (here && !model.muted && !model.confers) row_counts[rows[model.mode - ASK_LISTEN]]++;
        if (alone) row_counts[HEARS_AT_monitor_held]++;
    } else if (model.supervisor) {
        row_counts[HEARS_AT_monitor_rings]++;
    }
    if (model.phone_held && model.called) tones[model.called->number] = 1U << TONES; /* its telephone wants no sound */
}

/* --- Listening --- */

static const char *tones_text(unsigned tones)
{
    static char texts[4][200], *text;
    static unsigned next;
    static const char *const names[] = {"prompt", "hold", "music", "tone"};
    text = texts[next++ % 4];
    *text = '\0';
    for (unsigned tone = 0; tone < TONES; tone++)
        if (tones >> tone & 1)
            snprintf(text + strlen(text), 200 - strlen(text), " %s",
                     tone >= PEERS              ? names[tone - PEERS]
                     : *world->peers[tone].user ? world->peers[tone].user
                                                : "caller");
    return tones >> TONES & 1 ? " nothing" : *text ? text : " silence";
}

static bool hears_rightly(const struct sip_peer *peer, unsigned expected, unsigned packets)
{
    const unsigned tone = 1U << TONE_OF_EXCHANGE; /* has pauses */
    if (expected >> TONES & 1) return packets == 0;
    unsigned heard = peer_hears(peer, false), any = peer_hears(peer, true);
    if (expected & tone) heard |= tone;
    return heard == expected && (any & ~expected) == 0 && packets + 1 >= EAR_FRAMES && packets <= EAR_FRAMES + 1;
}

enum { NO_PARTY = -1 };

static int state_told(const char *dn)
{
    for (const struct talk *talk = world->exchange.first; talk; talk = talk->next) {
        const struct call *call = talk_call(talk);
        const struct call_party *party = call ? call_party(call, dn) : NULL;
        if (party) return (int)party->state;
    }
    return NO_PARTY;
}

static int state_expected(const struct sip_peer *peer)
{
    bool talks = model.line == LINE_TALKS;
    bool held = model.held || (model.asks != ASKS_NONE && model.asks != ASKS_ASIDE);
    if (model.line == LINE_NONE) return NO_PARTY;
    if (peer == caller) return model.caller_held ? PARTY_HELD : model.dials ? PARTY_DIALING : PARTY_ESTABLISHED;
    if (peer == model.called) return !talks ? PARTY_RINGING : held ? PARTY_HELD : PARTY_ESTABLISHED;
    if (peer == model.third) return model.asks == ASKS_RINGS ? PARTY_RINGING : PARTY_ESTABLISHED;
    return NO_PARTY;
}

/* The call model, by which the core and desktops know it. */
static void look_at_parties(void)
{
    const struct sip_peer *const peers[] = {agent, expert};
    for (unsigned i = 0; i < 2; i++)
        cr_assert_eq(state_told(peers[i]->user), state_expected(peers[i]), "act %u, %s: %s is told as %d, and is %d",
                     acts_done, last_act, peers[i]->user, state_told(peers[i]->user), state_expected(peers[i]));
    unsigned calls = (unsigned)(model.line != LINE_NONE) + (model.asks != ASKS_NONE && model.asks < ASKS_FAILED) + 1;
    unsigned told = 0;
    for (const struct talk *talk = world->exchange.first; talk; talk = talk->next) told += talk_call(talk) != NULL;
    cr_assert(told == calls && world->exchange.talk_count == calls, "act %u, %s: %u calls, and %u are", acts_done,
              last_act, told, calls);
}

/* Everything settles, then everybody is listened to. */
static void listen_to_all(void)
{
    unsigned before[PEERS], expected[PEERS], found = 0;
    world_run(world, 160);
    for (unsigned i = 0; i < PEERS; i++) before[i] = world->peers[i].packets;
    world_run(world, EAR_FRAMES * 20);
    expect_all(expected);
    for (unsigned i = 0; i < PEERS; i++) {
        struct sip_peer *peer = &world->peers[i];
        if (!peer->ip) continue;
        unsigned packets = peer->packets - before[i];
        bool right = hears_rightly(peer, expected[i], packets);
        if (!right)
            fprintf(stderr, "act %u, %s: %s%s hears%s and ought to hear%s; %u packets, state %s\n", acts_done, last_act,
                    peer->user, *peer->user ? "" : "the caller",
                    packets ? tones_text(peer_hears(peer, false)) : " nothing", tones_text(expected[i]), packets,
                    model.line == LINE_NONE ? "none" : hears_table[model_row()].state);
        found += !right;
        cr_assert_leq(peer->streams, 1, "%s hears two streams", peer->user);
    }
    cr_assert_eq(found, 0);
    look_at_parties();
    cr_assert_eq(world->figures_faults, 0, "%s", world->logged);
}

/* The tone of ringing has come within its period, where one is due. */
static void hear_tone(const struct sip_peer *peer)
{
    for (unsigned i = 0; i < 30 && !(peer_hears(peer, true) >> TONE_OF_EXCHANGE & 1); i++) world_run(world, 200);
    cr_assert(peer_hears(peer, true) >> TONE_OF_EXCHANGE & 1, "%s hears no tone", last_act);
}

/* --- Acts: each says whether it can be done now --- */

static bool act_arrive(void)
{
    if (model.line != LINE_NONE) return false;
    caller = customer;
    peer_calls(world, caller, "1800");
    world_run(world, 20);
    world_treat(world, main_talk(), treatment_Music, "music");
    model.line = LINE_WAITS;
    model.treated = true;
    model.loops = LOOPS_TREATMENT;
    return true;
}

/* By the desktop: the agent's own telephone rings first. */
static bool act_dial(void)
{
    if (model.line != LINE_NONE) return false;
    exchange_ops.make_call(&world->exchange, 0, "7001", "7002");
    world_run(world, 40);
    peer_answers(world, agent);
    caller = agent;
    model.line = LINE_RINGS;
    model.called = expert;
    model.pointless = model.dials = true;
    return true;
}

static bool caller_asks(void)
{
    return model.line == LINE_TALKS && caller == agent && !model.confers && !model.handing && !model.supervisor;
}

static bool act_caller_holds(void)
{
    if (!caller_asks() || model.caller_held) return false;
    world_party(world, main_talk(), "7001", ASK_HOLD, "");
    model.caller_held = true;
    model.caller_muted = false;
    return true;
}

static bool act_caller_retrieves(void)
{
    if (!caller_asks() || !model.caller_held) return false;
    world_party(world, main_talk(), "7001", ASK_RETRIEVE, "");
    model.caller_held = false;
    return true;
}

static bool act_caller_mutes(void)
{
    bool mixed = model.held || model.muted || model.asks != ASKS_NONE;
    if (!caller_asks() || model.caller_held || (mixed && !model.caller_muted)) return false;
    world_party(world, main_talk(), "7001", model.caller_muted ? ASK_UNMUTE : ASK_MUTE, "");
    model.caller_muted = !model.caller_muted;
    return true;
}

static bool act_treat(void)
{
    if (model.line != LINE_WAITS) return false;
    world_treat(world, main_talk(), treatment_Music, "music");
    model.treated = true;
    model.loops = LOOPS_TREATMENT;
    return true;
}

static bool act_digits(void)
{
    if (model.line != LINE_WAITS) return false;
    world_treat(world, main_talk(), treatment_CollectDigits, "");
    model.loops = LOOPS_NOTHING;
    return true;
}

static bool act_stop(void)
{
    if (model.line != LINE_WAITS) return false;
    world_stop(world, main_talk());
    if (model.loops == LOOPS_TREATMENT && model.treated) model.loops = LOOPS_NOTHING;
    return true;
}

static bool free_for(const struct sip_peer *peer)
{
    return peer->state == PEER_IDLE && peer != model.supervisor;
}

static bool route_to(struct sip_peer *peer, const char *to)
{
    if (model.line != LINE_WAITS || !free_for(peer)) return false;
    world_route(world, main_talk(), to);
    model.line = LINE_RINGS;
    model.treated = false;
    model.called = peer;
    return true;
}

static bool act_route_agent(void)
{
    return route_to(agent, "7001");
}

static bool act_route_outside(void)
{
    return route_to(outside, "+4930");
}

static bool line_rings(void)
{
    return model.line == LINE_RINGS;
}

static bool act_answer(void)
{
    if (!line_rings()) return false;
    peer_answers(world, model.called);
    model.line = LINE_TALKS;
    model.dials = false;
    return true;
}

static void all_over(void)
{
    model = (struct model){0};
}

static bool act_decline(void)
{
    if (!line_rings()) return false;
    model.loops = is_early(model.called) ? LOOPS_NOTHING : model.loops == LOOPS_NOTHING ? LOOPS_RINGING : model.loops;
    peer_refuses(world, model.called, 486);
    if (model.pointless) {
        all_over();
        return true;
    }
    model.called = NULL;
    model.line = LINE_WAITS;
    return true;
}

static bool act_caller_leaves(void)
{
    if (model.line == LINE_NONE || (model.confers && caller == agent)) return false;
    peer_hangs_up(world, caller);
    all_over();
    return true;
}

static void supervisor_leaves(void)
{
    model.supervisor = NULL;
    model.supervises = false;
}

static bool act_agent_leaves(void)
{
    if (model.line != LINE_TALKS) return false;
    peer_hangs_up(world, model.called);
    model.phone_held = false;
    if (!model.confers) {
        all_over();
        return true;
    }
    model.called = model.third;
    model.third = NULL;
    model.confers = model.held = model.muted = false;
    supervisor_leaves();
    return true;
}

static bool act_third_leaves(void)
{
    if (!model.third || model.handing || (model.asks != ASKS_TALKS && model.asks != ASKS_ASIDE && !model.confers))
        return false;
    peer_hangs_up(world, model.third);
    model.third = NULL;
    model.confers = false;
    model.asks = model.asks == ASKS_TALKS ? ASKS_OVER : ASKS_NONE;
    return true;
}

/* What an agent's desktop can ask: the agent is at one of our telephones. */
static bool agent_talks(void)
{
    return model.line == LINE_TALKS && model.called != outside && !model.handing && !model.caller_muted;
}

static bool act_hold(void)
{
    if (!agent_talks() || model.asks != ASKS_NONE || model.held) return false;
    world_party(world, main_talk(), model.called->user, ASK_HOLD, "");
    model.held = true;
    model.muted = false;
    return true;
}

static bool act_retrieve(void)
{
    if (!agent_talks() || (model.asks == ASKS_NONE && !model.held) || model.phone_held) return false;
    world_party(world, main_talk(), model.called->user, ASK_RECONNECT, "");
    model.held = false;
    model.asks = ASKS_NONE;
    if (!model.confers) model.third = NULL;
    return true;
}

static bool act_swap(void)
{
    if (!agent_talks() || (model.asks != ASKS_TALKS && model.asks != ASKS_ASIDE) || model.phone_held) return false;
    world_party(world, main_talk(), model.called->user, ASK_SWAP, "");
    model.asks = model.asks == ASKS_TALKS ? ASKS_ASIDE : ASKS_TALKS;
    return true;
}

static bool act_mute(void)
{
    if (!agent_talks() || model.asks != ASKS_NONE || model.held) return false;
    world_party(world, main_talk(), model.called->user, model.muted ? ASK_UNMUTE : ASK_MUTE, "");
    model.muted = !model.muted;
    return true;
}

static bool act_telephone_holds(void)
{
    if (!agent_talks() || model.asks != ASKS_NONE || model.held) return false;
    peer_offers(world, model.called, "sendonly");
    model.held = model.phone_held = true;
    model.muted = false;
    return true;
}

static bool act_telephone_retrieves(void)
{
    if (!agent_talks() || !model.phone_held || model.asks != ASKS_NONE) return false;
    peer_offers(world, model.called, "sendrecv");
    model.held = model.phone_held = false;
    return true;
}

static bool ask_at(struct sip_peer *third, const char *to)
{
    if (!agent_talks() || model.asks != ASKS_NONE || model.held || model.confers || (third && !free_for(third)))
        return false;
    if (third && (third == model.called || third == caller)) return false;
    world_party(world, main_talk(), model.called->user, ASK_CONSULT, to);
    model.third = third;
    model.asks = third ? ASKS_RINGS : ASKS_QUIET;
    model.muted = false;
    return true;
}

static bool act_ask_expert(void)
{
    struct sip_peer *third = model.called == expert ? agent : expert;
    return ask_at(third, third->user);
}

static bool act_ask_outside(void)
{
    return ask_at(outside, "+4930");
}

static bool act_ask_point(void)
{
    return ask_at(NULL, "1801");
}

static bool act_third_answers(void)
{
    if (model.asks != ASKS_RINGS) return false;
    peer_answers(world, model.third);
    model.asks = ASKS_TALKS;
    return true;
}

static bool act_third_declines(void)
{
    if (model.asks != ASKS_RINGS || is_early(model.third)) return false;
    peer_refuses(world, model.third, 486);
    model.third = NULL;
    model.asks = ASKS_OVER; /* it has rung, and does so no more */
    return true;
}

static bool act_third_is_busy(void)
{
    struct sip_peer *third = model.called == expert ? agent : expert;
    if (!free_for(third)) return false;
    third->refused = 486;
    bool can = ask_at(third, third->user);
    if (can) {
        world_run(world, 20);
        model.third = NULL;
        model.asks = ASKS_FAILED;
    }
    third->refused = 0;
    return can;
}

static bool act_point_treats(void)
{
    if (model.asks != ASKS_QUIET) return false;
    world_treat(world, consult_talk(), treatment_Music, "music");
    model.asks = ASKS_WAITS;
    return true;
}

static bool act_complete(void)
{
    bool talks = model.asks == ASKS_TALKS || model.asks == ASKS_ASIDE;
    bool stands = model.asks == ASKS_QUIET || model.asks == ASKS_WAITS;
    if (!agent_talks() || model.caller_held || (!stands && model.asks != ASKS_RINGS && !talks)) return false;
    world_party(world, main_talk(), model.called->user, ASK_COMPLETE, "");
    if (talks) model.asks = ASKS_TALKS;
    model.called = model.third;
    model.third = NULL;
    model.line = model.asks == ASKS_TALKS ? LINE_TALKS : model.asks == ASKS_RINGS ? LINE_RINGS : LINE_WAITS;
    model.treated = model.asks == ASKS_WAITS;
    if (stands) model.pointless = false;
    model.loops = model.treated ? LOOPS_TREATMENT : model.line == LINE_WAITS ? LOOPS_HOLD : LOOPS_NOTHING;
    row_counts[model.asks == ASKS_TALKS   ? HEARS_AT_transferred
               : is_early(model.called)   ? HEARS_AT_transfer_early
               : model.asks == ASKS_RINGS ? HEARS_AT_transfer_rings
               : model.asks == ASKS_WAITS ? HEARS_AT_transfer_waits
                                          : HEARS_AT_transfer_quiet]++;
    model.asks = ASKS_NONE;
    model.held = model.muted = model.phone_held = false;
    supervisor_leaves();
    return true;
}

static bool act_confer(void)
{
    if (!agent_talks() || (model.asks != ASKS_TALKS && model.asks != ASKS_ASIDE) || model.caller_held) return false;
    world_party(world, main_talk(), model.called->user, ASK_CONFERENCE, "");
    model.asks = ASKS_NONE;
    model.confers = true;
    return true;
}

static bool act_hand_on(void)
{
    struct sip_peer *third = model.called == expert ? agent : expert;
    if (!agent_talks() || model.asks != ASKS_NONE || model.held || model.confers || model.caller_held ||
        !free_for(third))
        return false;
    world_party(world, main_talk(), model.called->user, ASK_TRANSFER, third->user);
    model.called = third;
    model.line = LINE_RINGS;
    model.loops = LOOPS_NOTHING;
    model.muted = false;
    supervisor_leaves();
    return true;
}

static bool act_hand_to_point(void)
{
    if (!agent_talks() || model.asks != ASKS_NONE || model.held || model.confers || model.caller_held) return false;
    world_party(world, main_talk(), model.called->user, ASK_TRANSFER, "1801");
    model.pointless = false;
    model.called = NULL;
    model.line = LINE_WAITS;
    model.loops = LOOPS_NOTHING;
    model.treated = false;
    model.muted = false;
    supervisor_leaves();
    return true;
}

static bool act_supervise(void)
{
    static unsigned turn;
    if (!agent_talks() || model.called == boss || model.caller_held || (model.supervisor && !model.supervises))
        return false;
    enum party_ask mode = ASK_LISTEN + turn++ % 3;
    world_party(world, main_talk(), "7003", mode, model.called->user);
    model.mode = mode;
    model.supervisor = boss;
    return true;
}

static bool act_supervisor_answers(void)
{
    if (!model.supervisor || model.supervises) return false;
    peer_answers(world, boss);
    model.supervises = true;
    return true;
}

/* By a supervisor who listens already; who does not is called first, and hears nothing until the answer. */
static bool act_take_over(void)
{
    bool can = agent_talks() && model.called != boss && model.asks == ASKS_NONE && !model.caller_held;
    if (!can || (model.supervisor && !model.supervises) || (!model.supervisor && !free_for(boss))) return false;
    world_party(world, main_talk(), "7003", ASK_TAKE_OVER, model.called->user);
    if (!model.supervisor) {
        world_run(world, 40);
        peer_answers(world, boss);
    }
    model.called = boss;
    model.held = model.phone_held = model.muted = false;
    supervisor_leaves();
    return true;
}

static bool act_supervisor_leaves(void)
{
    if (!model.supervises) return false;
    peer_hangs_up(world, boss);
    supervisor_leaves();
    return true;
}

static const struct act {
    const char *name;
    bool (*do_it)(void);
    unsigned weight;
} acts[] = {
#define ACT(name, weight)                                                                                              \
    {                                                                                                                  \
#name, act_##name, weight                                                                                      \
    }
    ACT(arrive, 9),
    ACT(treat, 2),
    ACT(digits, 1),
    ACT(stop, 1),
    ACT(route_agent, 9),
    ACT(route_outside, 3),
    ACT(answer, 9),
    ACT(decline, 1),
    ACT(caller_leaves, 1),
    ACT(agent_leaves, 1),
    ACT(third_leaves, 1),
    ACT(hold, 3),
    ACT(retrieve, 3),
    ACT(swap, 4),
    ACT(mute, 2),
    ACT(telephone_holds, 2),
    ACT(telephone_retrieves, 4),
    ACT(ask_expert, 3),
    ACT(ask_outside, 5),
    ACT(ask_point, 3),
    ACT(third_answers, 4),
    ACT(third_declines, 1),
    ACT(third_is_busy, 1),
    ACT(point_treats, 3),
    ACT(complete, 2),
    ACT(confer, 4),
    ACT(hand_on, 1),
    ACT(hand_to_point, 1),
    ACT(supervise, 3),
    ACT(supervisor_answers, 5),
    ACT(supervisor_leaves, 1),
    ACT(take_over, 2),
    ACT(dial, 3),
    ACT(caller_holds, 2),
    ACT(caller_retrieves, 3),
    ACT(caller_mutes, 2)};
#undef ACT

static void (*between)(void); /* acts of a story; NULL: nothing */

/* The acts in this order; each has to be possible. */
static void play(const char *story)
{
    char name[64];
    for (int taken; sscanf(story, " %63s%n", name, &taken) == 1; story += taken) {
        unsigned i = 0;
        while (i < sizeof acts / sizeof *acts && strcmp(acts[i].name, name) != 0) i++;
        cr_assert_lt(i, sizeof acts / sizeof *acts, "no act is called %s", name);
        last_act = acts[i].name;
        acts_done++;
        cr_assert(acts[i].do_it(), "%s cannot be done now", name);
        if (between) between();
        listen_to_all();
    }
}

static void begin(void)
{
    world = world_new(NULL);
    customer = caller = world_peer(world, "127.0.0.2", "");
    agent = world_peer(world, "127.0.0.3", "7001");
    expert = world_peer(world, "127.0.0.3", "7002");
    boss = world_peer(world, "127.0.0.3", "7003");
    outside = world_peer(world, "127.0.0.4", "+4930"); /* the first outlet's port is its own */
    bystanders[0] = world_peer(world, "127.0.0.2", "other");
    bystanders[1] = world_peer(world, "127.0.0.3", "7004");
    all_over();
    peer_calls(world, bystanders[0], "1800");
    world_run(world, 20);
    other_talk = world->exchange.first;
    world_route(world, other_talk, "7004");
    world_run(world, 20);
    peer_answers(world, bystanders[1]);
    listen_to_all();
}

static void finish(void)
{
    cr_assert_eq(world->errors, 0, "%s", world->logged);
    world_free(world);
}

Test(sip_hears, a_call_its_holds_and_its_handing_on, .init = begin, .fini = finish)
{
    play("arrive");
    play("stop treat digits route_agent");
    hear_tone(caller);
    play("answer hold retrieve mute mute telephone_holds telephone_retrieves hand_on");
    hear_tone(caller);
    play("answer hand_to_point treat route_agent decline route_agent answer agent_leaves");
}

Test(sip_hears, consultations_at_a_telephone_and_at_a_routing_point, .init = begin, .fini = finish)
{
    play("arrive route_agent answer ask_expert");
    hear_tone(agent);
    play("third_answers retrieve third_is_busy");
    hear_tone(agent);
    play("retrieve ask_expert third_answers swap swap swap retrieve ask_expert third_answers swap third_leaves");
    play("ask_expert third_answers third_leaves retrieve ask_point point_treats complete route_agent answer");
    play("ask_point complete route_agent answer ask_expert complete");
    hear_tone(caller);
    play("answer ask_expert third_answers complete caller_leaves");
    play("arrive route_agent answer ask_expert third_answers swap confer third_leaves ask_expert third_answers swap");
    play("complete caller_leaves arrive route_agent answer supervise supervisor_answers ask_expert third_answers swap");
    play("swap swap caller_leaves");
}

Test(sip_hears, who_is_set_aside_hears_music_whatever_they_do_and_nobody_takes_the_call_over, .init = begin,
     .fini = finish)
{
    play("arrive route_agent answer ask_expert third_answers swap");
    world_party(world, consult_talk(), "7002", ASK_HOLD, "");
    world_party(world, consult_talk(), "7002", ASK_RETRIEVE, "");
    listen_to_all();
    world_party(world, consult_talk(), "7002", ASK_TRANSFER, "1801");
    world_party(world, main_talk(), "7003", ASK_TAKE_OVER, "7001");
    listen_to_all();
    cr_assert_eq(boss->state, PEER_IDLE, "her telephone is not called for nothing");
    world_party(world, main_talk(), "7001", ASK_HOLD, "");
    world_party(world, main_talk(), "7001", ASK_RETRIEVE, "");
    listen_to_all();
    play("swap complete caller_leaves");
}

Test(sip_hears, consultations_outside_with_sound_before_the_answer, .init = begin, .fini = finish)
{
    outside->progress = true;
    play("arrive route_agent answer ask_outside third_answers retrieve ask_outside complete answer caller_leaves");
    play("arrive route_outside answer caller_leaves arrive route_agent answer ask_outside third_answers confer hold");
    play("retrieve mute mute agent_leaves caller_leaves");
    outside->progress = false;
    play("arrive route_agent answer ask_outside third_answers complete caller_leaves");
}

Test(sip_hears, a_call_between_two_agents, .init = begin, .fini = finish)
{
    play("dial");
    hear_tone(agent);
    play("answer caller_mutes caller_mutes caller_holds hold caller_retrieves caller_holds retrieve caller_retrieves");
    play("ask_outside caller_holds third_answers caller_retrieves complete caller_leaves dial decline dial answer");
    play("ask_point point_treats complete caller_leaves");
}

Test(sip_hears, supervisors_hear_and_are_heard, .init = begin, .fini = finish)
{
    play("arrive route_agent answer supervise supervisor_answers supervise supervise hold retrieve ask_expert");
    play("third_answers retrieve ask_point point_treats complete route_agent answer supervise supervisor_answers");
    play("supervisor_leaves ask_expert third_answers confer");
    for (unsigned i = 0; i < 10; i++) play("supervise supervisor_answers supervisor_leaves"); /* seats are free again */
    play("supervise supervisor_answers third_leaves hand_on answer hold take_over hold retrieve ask_expert "
         "third_answers");
    play("swap complete caller_leaves arrive route_agent answer supervise supervisor_answers take_over caller_leaves");
    play("dial answer take_over caller_leaves");
}

/* --- Session timers: in each state everybody who talks refreshes, or is asked to, and nothing is heard of it --- */

enum { TIMER_BETWEEN_MS = 20000, TIMER_OVER_MS = 90000 };

static enum peer_refresh refresh_by;
static bool we_refresh;

static void time_passes(void)
{
    struct sip_peer *const peers[] = {customer, agent, expert, boss, outside};
    world_run(world, TIMER_BETWEEN_MS);
    for (unsigned i = 0; i < 5; i++)
        if (peers[i]->state == PEER_UP && !(we_refresh && peers[i] == customer)) {
            peer_refreshes(world, peers[i], refresh_by);
            world_run(world, 40);
        }
}

static void refresh_in_each_state(void)
{
    static const char asks[] = "Supported: timer\r\nSession-Expires: 90;refresher=uac\r\n";
    agent->lines = expert->lines = boss->lines = outside->lines = asks;
    customer->lines = we_refresh ? "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n" : asks;
    outside->progress = true;
    between = time_passes;
    play("arrive digits route_agent answer hold retrieve telephone_holds telephone_retrieves supervise");
    play("supervisor_answers ask_outside third_answers confer third_leaves ask_point point_treats complete");
    play("route_agent answer ask_expert third_answers complete");
    between = NULL;
    cr_assert_eq(customer->refreshed > 0, we_refresh, "%u INVITEs came", customer->refreshed);
}

/* The one who talks with the customer says nothing more: the customer's leg is ended, too, as the call is over. */
static void ends_without(struct sip_peer *silent, struct sip_peer *refreshes)
{
    unsigned ended = silent->ended;
    for (unsigned ms = 0; ms < TIMER_OVER_MS; ms += TIMER_BETWEEN_MS) {
        if (refreshes && refreshes->state == PEER_UP) peer_refreshes(world, refreshes, refresh_by);
        world_run(world, TIMER_BETWEEN_MS);
    }
    cr_assert_gt(silent->ended, ended, "who refreshes no more gets no BYE");
    cr_assert_eq(world->exchange.talk_count, 1);
    silent->state = PEER_IDLE;
    all_over();
    listen_to_all();
}

Test(sip_hears, sessions_are_refreshed_by_invite_in_each_state, .init = begin, .fini = finish)
{
    refresh_by = PEER_BY_INVITE;
    refresh_in_each_state();
    ends_without(customer, expert);
}

Test(sip_hears, sessions_are_refreshed_by_update_in_each_state, .init = begin, .fini = finish)
{
    refresh_by = PEER_BY_UPDATE;
    refresh_in_each_state();
    ends_without(expert, customer);
}

Test(sip_hears, sessions_are_refreshed_by_us_and_by_an_invite_without_a_description, .init = begin, .fini = finish)
{
    refresh_by = PEER_BY_ACK;
    we_refresh = true;
    refresh_in_each_state();
    cr_assert(strstr(customer->refresh, "Session-Expires: 90;refresher=uac\r\n"), "%s", customer->refresh);
    customer->deaf = true;
    ends_without(customer, expert);
}

static uint64_t random_state;

static unsigned drawn(unsigned below)
{
    random_state = random_state * 6364136223846793005U + 1442695040888963407U;
    return (unsigned)(random_state >> 33) % below;
}

/* --- Anything at any time: nothing is awaited, and most of it is refused --- */

static struct talk *any_talk(void)
{
    struct talk *talk = world->exchange.first;
    for (unsigned skip = drawn(world->exchange.talk_count); skip > 0 && talk->next; skip--) talk = talk->next;
    return talk == other_talk ? NULL : talk;
}

static const char *any_number(void)
{
    static const char *const numbers[] = {"7001", "7002", "7003", "+4930", "1800", "1801"};
    return numbers[drawn(sizeof numbers / sizeof *numbers)];
}

static void anything_of_a_peer(struct sip_peer *peer)
{
    static const char *const ways[] = {"sendrecv", "sendonly", "inactive", "recvonly"};
    bool rings = peer->state == PEER_RINGS || (peer->state == PEER_EARLY && *peer->user);
    switch (drawn(8)) {
    case 0:
        peer->progress = drawn(2) == 0;
        peer->refused = drawn(8) == 0 ? 486 : 0;
        break;
    case 1:
        peer_key(world, peer, "0123456789*#"[drawn(12)]);
        break;
    case 2:
        if (peer->state == PEER_UP) peer_info(world, peer, "0123456789*#"[drawn(12)]);
        break;
    case 3:
        if (peer->state == PEER_UP) peer_offers(world, peer, ways[drawn(4)]);
        break;
    case 4:
        if (drawn(4) == 0) peer_hangs_up(world, peer);
        break;
    case 5:
        if (peer == customer && peer->state == PEER_IDLE) peer_calls(world, peer, "1800");
        break;
    case 6:
        if (peer->state == PEER_UP && drawn(2) == 0) peer_refers(world, peer, any_number());
        if (peer->state == PEER_UP && drawn(4) == 0) peer_hangs_up(world, peer);
        break;
    default:
        if (rings && drawn(8) == 0)
            peer_refuses(world, peer, 486 + drawn(2) * 117);
        else if (rings)
            peer_answers(world, peer);
    }
}

static void anything_of_the_core(struct talk *talk)
{
    static const enum treatment types[] = {treatment_Music, treatment_CollectDigits, treatment_RingBack,
                                           treatment_PlayAnnouncement};
    const struct call *call = talk_call(talk);
    switch (drawn(8)) {
    case 0:
        exchange_ops.deflect(&world->exchange, 0, call, any_number(), "1801");
        break;
    case 1:
        world_treat(world, talk, types[drawn(4)], drawn(2) ? "music" : "prompt");
        break;
    case 2:
        world_stop(world, talk);
        break;
    case 3:
        world_route(world, talk, any_number());
        break;
    case 4:
        if (drawn(10) == 0) exchange_ops.clear(&world->exchange, 0, call, cause_ok);
        break;
    default:
        world_party(world, talk, any_number(), ASK_ANSWER + drawn(ASK_TAKE_OVER + 1), any_number());
    }
}

Test(sip_hears, anything_at_any_time_is_no_mistake_and_ends, .init = begin, .fini = finish)
{
    struct sip_peer *const peers[] = {customer, agent, expert, boss, outside};
    random_state = 77 + drawn_from();
    for (unsigned done = 0; done < 40000; done++) {
        struct talk *talk = any_talk();
        if (drawn(2) == 0)
            anything_of_a_peer(peers[drawn(5)]);
        else if (talk && talk_call(talk))
            anything_of_the_core(talk);
        else if (drawn(4) == 0)
            exchange_ops.make_call(&world->exchange, 0, "7002", any_number());
        world_run(world, drawn(3) * 10);
        cr_assert_eq(world->figures_faults, 0, "%s", world->logged);
        cr_assert(done % 500 > 0 || peer_hears(bystanders[0], false) == 1U << bystanders[1]->number);
    }
    for (unsigned round = 0; round < 8; round++) {
        for (unsigned i = 0; i < 5; i++) peer_hangs_up(world, peers[i]);
        for (struct talk *talk = world->exchange.first; talk; talk = talk->next)
            if (talk != other_talk && talk_call(talk))
                exchange_ops.clear(&world->exchange, 0, talk_call(talk), cause_ok);
        world_run(world, 10000);
    }
    cr_assert_eq(world->exchange.talk_count, 1);
    for (unsigned i = 0; i < PEERS; i++)
        world->peers[i].streams = 0; /* a call may have begun before the last was over */
    all_over();
    listen_to_all();
}

Test(sip_hears, after_any_acts_everybody_hears_what_the_table_says, .init = begin, .fini = finish)
{
    const char *count = getenv("SIP_ACTS");
    unsigned wanted = count ? (unsigned)atoi(count) : 10000, weights = 0;
    random_state = 1 + drawn_from();
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++) weights += acts[i].weight;
    for (acts_done = 0; acts_done < wanted;) {
        unsigned at = drawn(weights), i = 0;
        for (; at >= acts[i].weight; i++) at -= acts[i].weight;
        last_act = acts[i].name;
        outside->progress = drawn(2) == 0;
        if (!acts[i].do_it()) continue;
        if (getenv("RIG_LOG")) fprintf(stderr, "---- act %u: %s\n", acts_done, last_act);
        listen_to_all();
        acts_done++;
    }
    for (unsigned row = 0; row < HEARS_STATES && wanted >= 5000; row++)
        cr_assert_gt(row_counts[row], 0, "no act came to %s", hears_table[row].state);
    if (getenv("RIG_LOG"))
        for (unsigned row = 0; row < HEARS_STATES; row++)
            fprintf(stderr, "%6u %s\n", row_counts[row], hears_table[row].state);
}
