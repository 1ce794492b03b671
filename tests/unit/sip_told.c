/* tests/unit/sip_told.c - What a whole exchange (sip_world.h) tells the core of a call's events, who asked for what
 * cannot be done, and whoever is refused. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"
#include "runtime/vocabulary/bytes.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_told, .timeout = 60);

static struct sip_world *world;
static struct sip_peer *caller, *agent, *expert, *second, *outlet;

static void begin_with(const char *const (*settings)[2])
{
    world = world_new(settings);
    caller = world_peer(world, "127.0.0.2", "");
    agent = world_peer(world, "127.0.0.3", "7001");
    expert = world_peer(world, "127.0.0.3", "7002");
    second = world_peer(world, "127.0.0.2", "");
    outlet = world_peer(world, "127.0.0.4", "+4930"); /* its port is that of `outbound` */
}

static void begin(void)
{
    begin_with(NULL);
}

static void finish(void)
{
    world_free(world);
}

static void told_is(const char *told)
{
    cr_assert_str_eq(world->told, told, "told: %s", world->told);
    *world->told = '\0';
}

static void runs(unsigned ms)
{
    world_run(world, ms);
}

static struct talk *arrives(struct sip_peer *from)
{
    peer_calls(world, from, "1800");
    runs(20);
    return world->exchange.first;
}

static struct talk *rings(struct sip_peer *to, const char *number)
{
    struct talk *talk = arrives(caller);
    world_route(world, talk, number);
    runs(20);
    cr_assert_eq(to->state, PEER_RINGS);
    return talk;
}

static struct talk *talks(void)
{
    struct talk *talk = rings(agent, "7001");
    peer_answers(world, agent);
    runs(100);
    *world->told = '\0';
    return talk;
}

static uint64_t ask(void)
{
    struct cti_asker asker = {.ixn = 1, .ref = 1};
    *world->logged = '\0';
    return asks_add(&world->exchange.cti.asks, EXPECT_RESULT, &asker, 0, "", INT64_MAX)->id;
}

static void is_refused(const char *why)
{
    runs(100);
    cr_assert(strstr(world->logged, why), "not %s: %s", why, world->logged);
}

/* --- A call --- */

Test(sip_told, a_call_is_routed_answered_held_and_left, .init = begin, .fini = finish)
{
    const struct talk *talk = rings(agent, "7001");
    told_is("at 1800; routed 7001; Ringing 7001; ");
    cr_assert_eq(world->held, 1);
    peer_answers(world, agent);
    runs(100);
    told_is("Established 7001; ");
    world_party(world, talk, "7001", ASK_HOLD, "");
    runs(100);
    world_party(world, talk, "7001", ASK_RETRIEVE, "");
    runs(100);
    told_is("Held 7001; Retrieved 7001; ");
    peer_hangs_up(world, agent);
    runs(100);
    told_is("Released 7001 remote_release; gone ok; ");
    cr_assert_eq(world->held, 0);
}

Test(sip_told, who_hangs_up_is_told, .init = begin, .fini = finish)
{
    (void)arrives(caller);
    peer_hangs_up(world, caller);
    runs(100);
    told_is("at 1800; Abandoned 1800 abandoned; gone abandoned; ");
    (void)talks();
    peer_hangs_up(world, caller);
    runs(100);
    told_is("Released 7001 remote_release; gone remote_release; ");
}

/* Before it rings the route is refused; behind that the call comes back. */
Test(sip_told, a_telephone_that_does_not_take_a_call_says_why, .init = begin, .fini = finish)
{
    static const struct {
        unsigned status;
        const char *why, *told;
    } cases[] = {
        {486, "code=busy", "DestinationBusy 7001 busy; Diverted 7001 to 1800 busy; at 1800; "},
        {600, "code=busy", "DestinationBusy 7001 busy; Diverted 7001 to 1800 busy; at 1800; "},
        {480, "code=busy", "DestinationBusy 7001 refused; Diverted 7001 to 1800 refused; at 1800; "},
        {603, "code=rejected", "DestinationBusy 7001 refused; Diverted 7001 to 1800 refused; at 1800; "},
        {404, "code=invalid_destination", "DestinationBusy 7001 refused; Diverted 7001 to 1800 refused; at 1800; "},
        {500, "code=out_of_service", "DestinationBusy 7001 refused; Diverted 7001 to 1800 refused; at 1800; "}};
    const struct talk *talk = arrives(caller);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        agent->refused = cases[i].status;
        exchange_ops.route(&world->exchange, ask(), talk_call(talk), "7001");
        is_refused(cases[i].why);
        *world->told = '\0';
        agent->refused = 0;
        world_route(world, talk, "7001");
        runs(20);
        told_is("routed 7001; Ringing 7001; ");
        peer_refuses(world, agent, cases[i].status);
        runs(20);
        told_is(cases[i].told);
    }
}

Test(sip_told, what_a_strategy_refuses_is_said_to_the_caller, .init = begin, .fini = finish)
{
    static const struct {
        enum cause cause;
        unsigned status;
        const char *reason;
    } cases[] = {{cause_busy, 486, "led_busy"},
                 {cause_refused, 603, "led_declined"},
                 {cause_invalid_number, 404, "led_unknown"},
                 {cause_overload, 503, "overload"},
                 {cause_no_circuit, 503, "led_full"},
                 {cause_ok, 480, "led_nowhere"}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct talk *talk = arrives(caller);
        exchange_ops.reject(&world->exchange, 0, talk_call(talk), cases[i].cause);
        runs(100);
        cr_assert_eq(caller->status, cases[i].status, "case %u: %u", i, caller->status);
        cr_assert_str_eq(world->reason, cases[i].reason);
        cr_assert_null(strstr(caller->said, "Retry-After"), "%s", caller->said);
        cr_assert_null(world->exchange.first);
    }
}

Test(sip_told, a_call_that_the_core_has_no_room_for_is_told_when_to_come_again)
{
    static const char *const settings[][2][2] = {{{NULL, NULL}}, {{"redirects", "1800"}, {NULL, NULL}}};
    for (unsigned i = 0; i < sizeof settings / sizeof *settings; i++) {
        begin_with(settings[i]);
        routing_default(&world->exchange.cti, talk_call(arrives(caller)), cause_overload, 0, 0);
        runs(100);
        cr_expect(caller->status == 503 && strcmp(world->reason, "overload") == 0, "%u: %u", i, caller->status);
        cr_expect(strstr(caller->said, "\r\nRetry-After: 1\r\n"), "%u: %s", i, caller->said);
        finish();
    }
}

/* --- A telephone dials --- */

Test(sip_told, what_a_telephone_dials_in_vain_is_said_to_it, .init = begin, .fini = finish)
{
    static const struct {
        const char *number;
        unsigned status;
        const char *reason;
    } cases[] = {{"7002", 486, "dialled_busy"},
                 {"7003", 480, "dialled_away"},
                 {"7001", 404, "dialled_unknown"},
                 {"+33", 404, "dialled_unknown"},
                 {"7009", 404, "dialled_unknown"}};
    (void)rings(expert, "7002");
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        peer_calls(world, agent, cases[i].number);
        runs(100);
        cr_assert_eq(agent->status, cases[i].status, "%s: %u", cases[i].number, agent->status);
        cr_assert_str_eq(world->reason, cases[i].reason);
    }
    world->exchange.clock.first_port = world->exchange.clock.last_port = 30000; /* the range of sound has one port */
    peer_calls(world, agent, "+4930");
    runs(100);
    cr_assert(agent->status == 503 && strcmp(world->reason, "dialled_full") == 0, "%u %s", agent->status,
              world->reason);
}

Test(sip_told, a_call_that_a_desktop_makes_is_told, .init = begin, .fini = finish)
{
    exchange_ops.make_call(&world->exchange, ask(), "7001", "7002");
    runs(100);
    told_is("Dialing 7001; ");
    peer_answers(world, agent);
    runs(100);
    told_is("Ringing 7002; ");
    peer_answers(world, expert);
    runs(100);
    told_is("Established 7002; Established 7001; ");
    peer_hangs_up(world, expert);
    runs(100);
    told_is("Released 7002 remote_release; Released 7001 ok; gone ok; ");
    exchange_ops.make_call(&world->exchange, ask(), "7001", "7002");
    runs(100);
    peer_refuses(world, agent, 486);
    runs(100);
    told_is("Dialing 7001; Released 7001 busy; gone busy; ");
    exchange_ops.make_call(&world->exchange, ask(), "7001", "7002");
    runs(100);
    telephones_find(&world->exchange.telephones, "7002")->registered = false; /* it has gone meanwhile */
    peer_answers(world, agent);
    runs(100);
    told_is("Dialing 7001; Released 7001 no_answer; gone no_answer; ");
}

/* A trunk that is dead, or has no line, says nothing about the number. */
Test(sip_told, an_agents_own_call_outside_says_how_it_ended, .init = begin, .fini = finish)
{
    static const struct {
        unsigned status;          /* 0: the trunk says nothing */
        const char *cause, *told; /* as what it is refused; "": somebody was called */
    } cases[] = {{0, "no_circuit", ""},
                 {503, "no_circuit", "by_trunk"},
                 {403, "no_circuit", "by_trunk"},
                 {402, "no_circuit", "by_trunk"},
                 {488, "no_circuit", "by_trunk"},
                 {501, "no_circuit", "by_trunk"},
                 {486, "busy", ""},
                 {600, "busy", ""},
                 {480, "no_answer", ""},
                 {408, "no_answer", ""},
                 {487, "no_answer", ""},
                 {603, "refused", "by_number"},
                 {404, "invalid_number", "by_number"},
                 {410, "invalid_number", "by_number"},
                 {484, "invalid_number", "by_number"},
                 {604, "invalid_number", "by_number"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char told[128];
        outlet->refused = cases[i].status;
        outlet->deaf = cases[i].status == 0;
        exchange_ops.make_call(&world->exchange, ask(), "7001", "+4930");
        runs(100);
        *world->told = *world->reason = '\0';
        outlet->grounds = "Reason: Q.850;cause=21;text=\"no credit\"\r\nWarning: 399 carrier \"barred\"\r\n";
        peer_answers(world, agent);
        runs(10000);
        cr_expect_str_eq(world->reason, cases[i].told, "%u is told as `%s`", cases[i].status, world->reason);
        if (*cases[i].told) {
            char words[256];
            snprintf(words, sizeof words,
                     ": trunk 127.0.0.4:508%u says of `..30`: %u Whatever; Reason: Q.850;cause=21;text=\"no credit\"; "
                     "Warning: 399 carrier \"barred\"",
                     outlet->sip - 5080U, cases[i].status);
            cr_expect(strstr(world->whom, words), "%s", world->whom);
        }
        snprintf(told, sizeof told, "Released 7001 %s; gone %s; ", cases[i].cause, cases[i].cause);
        told_is(told);
        runs(30000);
    }
}

/* --- Others come in, and leave --- */

static struct talk *consults(void)
{
    struct talk *talk = talks();
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    runs(20);
    told_is("Held 7001; Ringing 7002; ");
    peer_answers(world, expert);
    runs(100);
    told_is("Established 7002; ");
    return talk;
}

Test(sip_told, a_call_is_handed_on_after_a_consultation, .init = begin, .fini = finish)
{
    struct talk *talk = consults();
    world_party(world, talk, "7001", ASK_COMPLETE, "");
    runs(100);
    told_is("transfer; Released 7001 transferred; gone transferred; ");
    peer_hangs_up(world, expert);
    runs(100);
    told_is("Released 7002 remote_release; gone ok; ");
}

Test(sip_told, a_conference_is_told_as_people_leave, .init = begin, .fini = finish)
{
    struct talk *talk = consults();
    world_party(world, talk, "7001", ASK_CONFERENCE, "");
    runs(100);
    told_is("conference; Retrieved 7001 conferenced; gone conferenced; ");
    peer_hangs_up(world, agent);
    runs(100);
    told_is("Released 7001 remote_release; ");
    peer_hangs_up(world, expert);
    runs(100);
    told_is("Released 7002 remote_release; gone ok; ");
}

Test(sip_told, a_call_is_handed_on_in_one_step, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    world_party(world, talk, "7001", ASK_TRANSFER, "7002");
    runs(20);
    told_is("Ringing 7002; Released 7001 to 7002 transferred; ");
    peer_answers(world, expert);
    runs(100);
    told_is("Established 7002; ");
    world_party(world, talk, "7002", ASK_TRANSFER, "1801");
    runs(100);
    told_is("at 1801; Released 7002 to 1801 transferred; ");
}

/* Many telephones are put down as soon as their REFER is answered, and the other side rings only after a while. */
enum left_how { LEFT_BY_REFER, LEFT_IN_ONE_BREATH, LEFT_BY_DESKTOP, LEFT_IN_ONE_TURN, LEFT_WAYS };

static struct talk *leaves_early(enum left_how how, const char *to)
{
    struct talk *talk = talks();
    if (how == LEFT_BY_REFER || how == LEFT_IN_ONE_BREATH)
        peer_refers(world, agent, to);
    else
        world_party(world, talk, "7001", ASK_TRANSFER, to);
    if (how == LEFT_BY_REFER || how == LEFT_BY_DESKTOP) runs(20);
    told_is("");
    peer_hangs_up(world, agent);
    runs(20);
    return talk;
}

Test(sip_told, who_hands_a_call_on_may_leave_before_it_rings)
{
    for (enum left_how how = 0; how < LEFT_WAYS; how++) {
        begin();
        expert->deaf = true;
        const struct talk *talk = leaves_early(how, "7002");
        told_is("Released 7001 to 7002 transferred; ");
        cr_expect(strstr(world->noticed, " dn=7001: left while it handed its caller on, who goes to 7002"), "%s",
                  world->noticed);
        cr_assert_eq(world->exchange.first, talk);
        runs(300);
        cr_assert_eq(caller->state, PEER_UP);
        cr_expect_eq(peer_hears(caller, false), 1U << TONE_OF_EXCHANGE, "it rings: %x", peer_hears(caller, false));
        expert->deaf = false;
        runs(1000);
        told_is("Ringing 7002; ");
        peer_answers(world, expert);
        runs(200);
        told_is("Established 7002; ");
        cr_expect_eq(peer_hears(caller, false), 1U << expert->number);
        peer_hangs_up(world, expert);
        runs(100);
        told_is("Released 7002 remote_release; gone ok; ");
        cr_assert_eq(world->figures_faults, 0);
        finish();
    }
}

/* As behind its ringing: the call goes back to where it stood last. */
Test(sip_told, what_is_handed_on_in_vain_goes_back_once_its_agent_has_left)
{
    static const char *const goals[] = {"7002", "+4930", "7003", "7009"}; /* the last two are no goal at once */
    for (unsigned i = 0; i < 4 * LEFT_WAYS; i++) {
        enum left_how how = i % LEFT_WAYS;
        bool at_once = i / LEFT_WAYS >= 2;
        begin();
        expert->deaf = outlet->deaf = true;
        const struct talk *talk = leaves_early(how, goals[i / LEFT_WAYS]);
        if (!at_once) {
            char told[128];
            snprintf(told, sizeof told, "Released 7001 to %s transferred; ", goals[i / LEFT_WAYS]);
            told_is(told);
            if (how % 2 == 0) expert->refused = outlet->refused = 486, expert->deaf = outlet->deaf = false;
            runs(10000);
        }
        told_is(at_once ? "at 1800; Released 7001 to 1800 transferred; " : "at 1800; ");
        cr_assert_eq(world->exchange.first, talk);
        cr_assert_eq(caller->state, PEER_UP);
        cr_assert_eq(world->figures_faults, 0);
        finish();
    }
}

/* Telephones are put down without a look at how their transfer ended, and so are handsets behind the desktop's button:
 * soon after it, and with nothing asked for in between, that is no wish to end the call. */
Test(sip_told, who_is_put_down_soon_after_a_transfer_in_vain_hands_the_call_on)
{
    static const struct {
        const char *to, *holds, *told;
        unsigned first_ms;
        enum party_ask then; /* ASK_TRANSFER: nothing */
    } cases[] = {{"7002", "", "at 1800; Released 7001 to 1800 transferred; ", 300, ASK_TRANSFER},
                 {"7003", "", "at 1800; Released 7001 to 1800 transferred; ", 4000, ASK_TRANSFER},
                 {"7009", "sendonly", "Held 7001; at 1800; Released 7001 to 1800 transferred; ", 1000, ASK_TRANSFER},
                 {"7002", "", "Released 7001 remote_release; gone ok; ", 5500, ASK_TRANSFER},
                 {"7002", "", "Held 7001; Released 7001 remote_release; gone ok; ", 300, ASK_HOLD},
                 {"7002", "", "Released 7001 remote_release; gone ok; ", 300, ASK_MUTE},
                 {"7002", "", "Released 7001 ok; gone ok; ", 300, ASK_RELEASE}};
    for (unsigned i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        unsigned at = i / 2;
        bool refers = i % 2 == 0;
        if (*cases[at].holds && !refers) continue; /* desktops hand on no call that is held */
        begin();
        struct talk *talk = talks();
        expert->refused = 486;
        if (*cases[at].holds) peer_offers(world, agent, cases[at].holds);
        runs(50);
        if (refers)
            peer_refers(world, agent, cases[at].to);
        else
            world_party(world, talk, "7001", ASK_TRANSFER, cases[at].to);
        runs(cases[at].first_ms);
        if (cases[at].then != ASK_TRANSFER) world_party(world, talk, "7001", cases[at].then, "");
        runs(50);
        if (cases[at].then != ASK_RELEASE) peer_hangs_up(world, agent);
        runs(50);
        cr_expect_str_eq(world->told, cases[at].told, "%u: told: %s", i, world->told);
        cr_expect_eq(world->figures_faults, 0);
        finish();
    }
}

/* A hold that its telephone ends is a wish, too: the agent talks to the caller again. */
Test(sip_told, who_takes_the_caller_back_after_a_transfer_in_vain_may_hang_up, .init = begin, .fini = finish)
{
    (void)talks();
    peer_offers(world, agent, "sendonly");
    runs(50);
    peer_refers(world, agent, "7003");
    runs(50);
    peer_offers(world, agent, "sendrecv");
    runs(50);
    peer_hangs_up(world, agent);
    runs(50);
    told_is("Held 7001; Retrieved 7001; Released 7001 remote_release; gone ok; ");
}

/* The one who is asked is busy, and the caller is on hold. */
Test(sip_told, who_is_put_down_soon_after_a_completion_in_vain_hands_the_call_on, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    expert->deaf = true;
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    runs(20);
    world_party(world, talk, "7001", ASK_COMPLETE, "");
    runs(20);
    expert->deaf = false;
    expert->refused = 486;
    runs(1000);
    told_is("Held 7001; gone busy; ");
    peer_hangs_up(world, agent);
    runs(50);
    told_is("at 1800; Released 7001 to 1800 transferred; ");
    cr_assert_eq(caller->state, PEER_UP);
}

/* Each way in which what an agent has asked for, to hand the caller on, may be refused. */
enum refused_how {
    REFUSED_NOTHING_TO_COMPLETE,
    REFUSED_NOTHING_HELD,
    REFUSED_NOBODY_ASKED,
    REFUSED_CONFERENCE,
    REFUSED_CONFERENCE_OF_TWO,
    REFUSED_NAME,
    REFUSED_CONSULTATION_ENDS,
    REFUSED_NO_NUMBER,
    REFUSED_BESIDE, /* of the consultation that the telephone has dialled, and put down then */
    REFUSED_WAYS
};

static void refuses(enum refused_how how, struct talk *talk)
{
    if (how == REFUSED_NOTHING_TO_COMPLETE) {
        world_party(world, talk, "7001", ASK_HOLD, "");
        runs(50);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
    } else if (how == REFUSED_NOTHING_HELD) {
        world_party(world, talk, "7001", ASK_COMPLETE, "");
    } else if (how == REFUSED_NOBODY_ASKED) {
        expert->refused = 486;
        world_party(world, talk, "7001", ASK_CONSULT, "7002");
        runs(100);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
    } else if (how == REFUSED_CONFERENCE) {
        world_party(world, talk, "7001", ASK_HOLD, "");
        runs(50);
        world_party(world, talk, "7001", ASK_CONFERENCE, "");
    } else if (how == REFUSED_CONFERENCE_OF_TWO) {
        world_party(world, talk, "7001", ASK_CONFERENCE, "");
    } else if (how == REFUSED_NAME) {
        peer_refers(world, agent, "7002@127.0.0.1?Replaces=other%3Bto-tag%3Da%3Bfrom-tag%3Db&x=y");
    } else if (how == REFUSED_CONSULTATION_ENDS) {
        expert->deaf = true;
        world_party(world, talk, "7001", ASK_CONSULT, "7002");
        runs(20);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
        runs(4500);
    } else if (how == REFUSED_BESIDE) {
        struct sip_peer *same = world_peer(world, "127.0.0.3", "7001");
        peer_calls(world, same, "7002");
        runs(50);
        peer_answers(world, expert);
        runs(50);
        cr_assert(talk->consult && same->state == PEER_UP);
        peer_refers(world, same, "1801");
        runs(50);
        peer_hangs_up(world, same);
    } else {
        peer_refers(world, agent, "");
    }
    runs(300);
}

Test(sip_told, who_is_put_down_soon_after_any_refusal_hands_the_call_on)
{
    for (enum refused_how how = 0; how < REFUSED_WAYS; how++) {
        begin();
        struct talk *talk = talks();
        refuses(how, talk);
        *world->told = *world->noticed = '\0';
        peer_hangs_up(world, agent);
        runs(50);
        cr_expect_str_eq(world->told, "at 1800; Released 7001 to 1800 transferred; ", "%d: told: %s", how, world->told);
        char said[256];
        snprintf(said, sizeof said, "sip: call=%s dn=7001: left while it handed its caller on, who goes to 1800",
                 talk->id);
        cr_expect_str_eq(world->noticed, said);
        cr_expect_eq(caller->state, PEER_UP);
        cr_expect_eq(world->figures_faults, 0);
        finish();
    }
}

/* Its strategy goes on behind the agent: the caller stays for that, and is asked, as if the agent had hung up. */
Test(sip_told, a_caller_who_stays_does_so_after_a_transfer_in_vain, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    talk_call(talk)->stays = true;
    world_party(world, talk, "7001", ASK_TRANSFER, "7003");
    runs(100);
    peer_hangs_up(world, agent);
    runs(50);
    told_is("Released 7001 remote_release; ");
    cr_assert(world->exchange.first == talk && caller->state == PEER_UP);
    exchange_ops.deflect(&world->exchange, ask(), talk_call(talk), "7001", "1800");
    runs(50);
    told_is("at 1800; ");
}

/* The colleague who was asked has come by no routing point. */
Test(sip_told, who_is_left_by_the_one_who_has_dialled_stands_nowhere)
{
    for (unsigned early = 0; early < 2; early++) {
        begin();
        peer_calls(world, agent, "1801");
        runs(20);
        struct talk *talk = world->exchange.first;
        world_route(world, talk, "7002");
        runs(20);
        peer_answers(world, expert);
        runs(100);
        cr_assert_eq(agent->state, PEER_UP);
        *world->told = '\0';
        outlet->refused = 486;
        outlet->deaf = early;
        world_party(world, talk, "7001", ASK_TRANSFER, early ? "+4930" : "7003");
        runs(100);
        told_is("");
        peer_hangs_up(world, agent);
        runs(10000);
        cr_expect(!strstr(world->told, "at 1801"), "%u: told: %s", early, world->told);
        cr_assert_null(world->exchange.first);
        cr_expect_eq(expert->state, PEER_IDLE);
        finish();
    }
}

/* A telephone that rings has handed nobody on. */
Test(sip_told, what_is_refused_while_it_rings_does_not_count_later, .init = begin, .fini = finish)
{
    struct talk *talk = rings(agent, "7001");
    world_party(world, talk, "7001", ASK_TRANSFER, "7002");
    runs(100);
    peer_answers(world, agent);
    runs(100);
    *world->told = '\0';
    peer_hangs_up(world, agent);
    runs(50);
    told_is("Released 7001 remote_release; gone ok; ");
}

/* The consultation is at a routing point, and its strategy calls somebody. Who is busy leaves the caller there, for the
 * strategy to go on, be it that the agent was put down before. */
Test(sip_told, a_completion_while_a_routing_point_calls_somebody_goes_to_the_point)
{
    for (unsigned i = 0; i < 4; i++) {
        bool left = i % 2 == 1, comes = i / 2 == 1;
        begin();
        struct talk *talk = talks();
        const struct asks *asks = &world->exchange.cti.asks;
        world_party(world, talk, "7001", ASK_CONSULT, "1801");
        runs(50);
        struct talk *consult = talk->consult;
        cr_assert(consult);
        expert->deaf = true;
        exchange_ops.route(&world->exchange,
                           asks_add(&world->exchange.cti.asks, EXPECT_ROUTE_USED,
                                    &(struct cti_asker){.ixn = 1, .ref = 1}, talk_call(consult)->conn, "1801",
                                    INT64_MAX)
                               ->id,
                           talk_call(consult), "7002");
        runs(20);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
        runs(20);
        cr_assert(consult->completes);
        *world->told = '\0';
        if (left) peer_hangs_up(world, agent);
        runs(20);
        cr_expect(!left || asks_routing(asks, talk_call(talk)->conn), "the core waits for its route still");
        expert->deaf = false;
        expert->refused = comes ? 0 : 486;
        runs(1000);
        told_is(!comes ? "transfer; Released 7001 transferred; gone transferred; "
                : left ? "transfer; Released 7001 transferred; gone transferred; routed 7002; Ringing 7002; "
                       : "routed 7002; Ringing 7002; transfer; Released 7001 transferred; gone transferred; ");
        cr_expect_not(asks_routing(asks, talk_call(talk)->conn), "%u: it is answered", i);
        cr_assert(world->exchange.first == talk && !talk->consult && !talk->next);
        cr_assert_str_eq(talk->point, "1801");
        cr_assert_str_eq(talk_call(talk)->visit.dn, comes ? "" : "1801");
        cr_assert(caller->state == PEER_UP && agent->state == PEER_IDLE);
        expert->refused = 0;
        if (!comes) world_route(world, talk, "7002");
        runs(50);
        if (!comes) told_is("routed 7002; Ringing 7002; ");
        cr_assert_eq(world->figures_faults, 0);
        finish();
    }
}

/* The telephone has dialled the routing point by a second call, and ended the hold of the first one since: by itself,
 * or as one that goes from call to call. */
Test(sip_told, a_completion_goes_to_the_point_also_from_a_call_that_is_not_held)
{
    for (unsigned i = 0; i < 2; i++) {
        begin();
        struct talk *talk = talks();
        struct sip_peer *same = world_peer(world, "127.0.0.3", "7001");
        peer_calls(world, same, "1801");
        runs(50);
        struct talk *consult = talk->consult;
        cr_assert(consult && consult->caller != consult->asker);
        if (i == 1) peer_offers(world, agent, "sendonly");
        runs(50);
        expert->deaf = true;
        exchange_ops.route(&world->exchange,
                           asks_add(&world->exchange.cti.asks, EXPECT_ROUTE_USED,
                                    &(struct cti_asker){.ixn = 1, .ref = 1}, talk_call(consult)->conn, "1801",
                                    INT64_MAX)
                               ->id,
                           talk_call(consult), "7002");
        runs(20);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
        runs(20);
        cr_assert(consult->completes);
        if (i == 0) peer_offers(world, agent, "sendonly");
        runs(50);
        peer_offers(world, agent, "sendrecv");
        runs(50);
        cr_assert_not(talk->called->held);
        *world->told = '\0';
        expert->deaf = false;
        expert->refused = 486;
        runs(1000);
        told_is("transfer; Released 7001 transferred; gone transferred; ");
        cr_assert(world->exchange.first == talk && !talk->consult && !talk->next);
        cr_assert_str_eq(talk_call(talk)->visit.dn, "1801");
        cr_assert_eq(caller->state, PEER_UP);
        cr_assert_eq(world->figures_faults, 0);
        finish();
    }
}

/* What was asked at a routing point was refused, and the consultation is there still when the telephone is put down. */
Test(sip_told, who_is_put_down_beside_a_consultation_hands_the_call_on)
{
    for (unsigned late = 0; late < 2; late++) {
        begin();
        struct talk *talk = talks();
        world_party(world, talk, "7001", ASK_CONSULT, "1801");
        runs(50);
        peer_refers(world, agent, "7002"); /* refused: it is being handed on already */
        runs(late ? 5500 : 300);
        cr_assert(talk->consult);
        *world->told = '\0';
        peer_hangs_up(world, agent);
        runs(50);
        cr_expect(strstr(world->told, late ? "Released 7001 remote_release; gone ok; "
                                           : "gone ok; at 1800; Released 7001 to 1800 transferred; "),
                  "%u: told: %s", late, world->told);
        cr_expect_eq(caller->state, late ? PEER_IDLE : PEER_UP);
        cr_expect_eq(world->figures_faults, 0);
        finish();
    }
}

/* It rings still at the one who is to come in; or they have it already, and the telephone is put down in one breath. */
Test(sip_told, who_makes_a_conference_may_be_put_down)
{
    static const char *const told[] = {
        "Held 7001; Ringing 7002; Abandoned 7002 ok; gone ok; at 1800; Released 7001 to 1800 transferred; ",
        "conference; Retrieved 7001 conferenced; gone conferenced; Released 7001 remote_release; "};
    for (unsigned i = 0; i < 4; i++) {
        bool talk_already = i / 2 == 1, breath = i % 2 == 1;
        begin();
        struct talk *talk = talk_already ? consults() : talks();
        if (!talk_already) {
            world_party(world, talk, "7001", ASK_CONSULT, "7002");
            runs(50);
        }
        world_party(world, talk, "7001", ASK_CONFERENCE, "");
        if (!breath) runs(300);
        peer_hangs_up(world, agent);
        runs(300);
        cr_expect_str_eq(world->told, told[talk_already], "%u: told: %s", i, world->told);
        cr_expect_eq(caller->state, PEER_UP, "%u", i);
        cr_expect_eq(expert->state, talk_already ? PEER_UP : PEER_IDLE, "%u", i);
        cr_expect(!talk_already || peer_hears(caller, false) == 1U << expert->number, "%u", i);
        cr_expect_eq(world->figures_faults, 0, "%u", i);
        finish();
    }
}

/* Be it the one who has made it, or whoever came into it. */
Test(sip_told, anybody_in_a_conference_may_leave_their_place_to_a_colleague)
{
    for (unsigned i = 0; i < 4; i++) {
        bool guest = i % 2 == 1, leaves = i / 2 == 1;
        const char *asks = guest ? "7002" : "7001";
        char told[128];
        begin();
        struct sip_peer *third = world_peer(world, "127.0.0.3", "7003"), *stays = guest ? agent : expert;
        struct talk *talk = consults();
        world_party(world, talk, "7001", ASK_CONFERENCE, "");
        runs(100);
        world_party(world, talk, asks, ASK_CONSULT, "7003");
        runs(50);
        peer_answers(world, third);
        runs(100);
        *world->told = '\0';
        world_party(world, talk, asks, ASK_COMPLETE, "");
        if (leaves) peer_hangs_up(world, guest ? expert : agent);
        runs(300);
        snprintf(told, sizeof told, "transfer; Released %s transferred; gone transferred; ", asks);
        told_is(told);
        cr_expect_eq(world->figures_faults, 0, "%u", i);
        cr_expect_eq(peer_hears(caller, false), 1U << stays->number | 1U << third->number, "%u", i);
        cr_expect_eq(peer_hears(third, false), 1U << stays->number | 1U << caller->number, "%u", i);
        peer_hangs_up(world, stays);
        runs(300);
        cr_expect_eq(peer_hears(caller, false), 1U << third->number, "%u", i);
        peer_hangs_up(world, third);
        runs(100);
        cr_expect_null(world->exchange.first, "%u", i);
        finish();
    }
}

static struct talk *dials_a_point(const char *to)
{
    peer_calls(world, agent, "1801");
    runs(20);
    struct talk *talk = world->exchange.first;
    world_route(world, talk, to);
    runs(20);
    peer_answers(world, *to == '+' ? outlet : expert);
    runs(100);
    *world->told = '\0';
    return talk;
}

/* Where the call ends, or goes on, as if nothing had been refused. */
Test(sip_told, a_refusal_changes_no_other_end_of_a_call)
{
    static const char *const told[] = {"Released 7001 remote_release; gone ok; ",
                                       "Released 7001 remote_release; gone ok; ",
                                       "Released 7001 remote_release; ",
                                       "Released 7002 remote_release; gone ok; ",
                                       "Released 7002 remote_release; Released 7001 ok; gone ok; ",
                                       "Released 7002 remote_release; Released 7001 ok; gone ok; ",
                                       "Released 7001 remote_release; gone remote_release; "};
    for (unsigned i = 0; i < sizeof told / sizeof *told; i++) {
        begin();
        struct sip_peer *leaves = i < 3 ? agent : i < 6 ? expert : caller;
        struct talk *talk;
        if (i == 0) { /* it was no hand-over that was refused */
            talk = talks();
            world_party(world, talk, "7001", ASK_RETRIEVE, "");
        } else if (i == 1) { /* its telephone has dialled since */
            talk = talks();
            struct sip_peer *same = world_peer(world, "127.0.0.3", "7001");
            world_party(world, talk, "7001", ASK_TRANSFER, "7003");
            runs(50);
            peer_calls(world, same, "7002");
            runs(50);
            cr_assert(talk->consult);
            peer_hangs_up(world, same);
        } else if (i == 2) { /* of a conference */
            talk = consults();
            world_party(world, talk, "7001", ASK_CONFERENCE, "");
            runs(100);
            world_party(world, talk, "7001", ASK_TRANSFER, "7003");
        } else if (i == 3) { /* the one who is asked in a consultation that came by a routing point */
            talk = talks();
            world_party(world, talk, "7001", ASK_CONSULT, "1801");
            runs(50);
            talk = talk->consult;
            world_route(world, talk, "7002");
            runs(50);
            peer_answers(world, expert);
            runs(100);
            world_party(world, talk, "7002", ASK_TRANSFER, "7003");
        } else if (i == 4) { /* the call came by no routing point */
            exchange_ops.make_call(&world->exchange, ask(), "7001", "7002");
            runs(100);
            peer_answers(world, agent);
            runs(100);
            peer_answers(world, expert);
            runs(100);
            world_party(world, world->exchange.first, "7002", ASK_TRANSFER, "7003");
        } else if (i == 5) { /* an agent who has dialled is asked nothing by the strategy */
            talk = dials_a_point("7002");
            talk_call(talk)->stays = true;
        } else {
            talk_call(talks())->stays = true;
        }
        runs(100);
        *world->told = '\0';
        peer_hangs_up(world, leaves);
        runs(100);
        cr_expect_str_eq(world->told, told[i], "%u: told: %s", i, world->told);
        cr_expect_eq(world->figures_faults, 0, "%u", i);
        finish();
    }
}

/* Whoever was called outside is a customer, also where an agent has begun the call. */
Test(sip_told, who_is_called_outside_goes_back_when_the_agent_has_left, .init = begin, .fini = finish)
{
    struct talk *talk = dials_a_point("+4930");
    expert->deaf = true;
    world_party(world, talk, "7001", ASK_TRANSFER, "7002");
    runs(50);
    peer_hangs_up(world, agent);
    runs(50);
    expert->deaf = false;
    expert->refused = 486;
    runs(1000);
    told_is("Released 7001 to 7002 transferred; at 1801; ");
    cr_assert_eq(outlet->state, PEER_UP);
}

/* One that cannot be read says nothing of one that is under way. */
Test(sip_told, a_telephone_hears_once_how_its_transfer_ended, .init = begin, .fini = finish)
{
    (void)talks();
    agent->notes = "NOTIFY";
    expert->deaf = true;
    peer_refers(world, agent, "7002");
    runs(50);
    peer_refers(world, agent, "");
    runs(50);
    cr_assert_eq(agent->noted, 1, "%u", agent->noted);
    expert->deaf = false;
    expert->refused = 486;
    runs(1000);
    cr_assert_eq(agent->noted, 2, "%u", agent->noted);
}

/* A hold of the second call is a wish, too. */
Test(sip_told, who_goes_on_in_a_consultation_after_a_refusal_may_hang_up, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    refuses(REFUSED_BESIDE, talk);
    struct sip_peer *same = world_peer(world, "127.0.0.3", "7001");
    peer_calls(world, same, "7002");
    runs(50);
    peer_answers(world, expert);
    runs(50);
    peer_refers(world, same, "1801");
    runs(50);
    peer_offers(world, same, "sendonly");
    runs(50);
    peer_hangs_up(world, same);
    runs(50);
    *world->told = '\0';
    peer_hangs_up(world, agent);
    runs(50);
    told_is("Released 7001 remote_release; gone ok; ");
}

/* The agent has the caller back by a wish: a completion that ends by it is no refusal. */
Test(sip_told, who_takes_the_caller_back_from_a_completion_may_hang_up, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    expert->deaf = true;
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    runs(20);
    world_party(world, talk, "7001", ASK_COMPLETE, "");
    runs(20);
    world_party(world, talk, "7001", ASK_RECONNECT, "");
    runs(50);
    *world->told = '\0';
    peer_hangs_up(world, agent);
    runs(50);
    told_is("Released 7001 remote_release; gone ok; ");
}

/* By the telephone, or by the desktop; either before it rings at the one who is asked. */
Test(sip_told, who_completes_a_consultation_may_leave_before_it_rings)
{
    for (unsigned i = 0; i < 6; i++) {
        bool comes = i % 3 == 0, silent = i % 3 == 1;
        begin();
        struct talk *talk = talks();
        expert->deaf = true;
        world_party(world, talk, "7001", ASK_CONSULT, "7002");
        runs(20);
        world_party(world, talk, "7001", ASK_COMPLETE, "");
        if (i < 3) runs(20);
        peer_hangs_up(world, agent);
        runs(20);
        told_is("Held 7001; transfer; Released 7001 transferred; gone transferred; ");
        cr_expect(strstr(world->noticed, talk->id) && strstr(world->noticed, ": left while it handed its caller on"),
                  "%s", world->noticed);
        runs(300);
        cr_expect_eq(peer_hears(caller, false), 1U << TONE_OF_EXCHANGE, "it rings: %x", peer_hears(caller, false));
        expert->deaf = silent;
        expert->refused = comes ? 0 : 486;
        runs(5000);
        told_is(comes ? "Ringing 7002; " : "at 1800; ");
        if (comes) {
            peer_answers(world, expert);
            runs(100);
            told_is("Established 7002; ");
            cr_expect_eq(peer_hears(caller, false), 1U << expert->number);
        }
        cr_assert_eq(world->exchange.first, talk);
        cr_assert(!talk->next && !talk->consult);
        cr_assert_eq(world->figures_faults, 0);
        finish();
    }
}

/* Who has dialled a routing point, and waits there, has nobody whom they could hand on. */
Test(sip_told, who_waits_alone_and_hands_on_is_gone)
{
    for (unsigned breath = 0; breath < 2; breath++) {
        begin();
        peer_calls(world, agent, "1801");
        runs(20);
        world_treat(world, world->exchange.first, treatment_Music, "music");
        runs(1000);
        cr_assert_eq(agent->state, PEER_UP);
        *world->told = '\0';
        peer_refers(world, agent, "7002");
        if (breath == 0) runs(20);
        peer_hangs_up(world, agent);
        runs(100);
        cr_expect(strstr(world->told, "gone abandoned; "), "told: %s", world->told);
        cr_assert_null(world->exchange.first);
        finish();
    }
}

Test(sip_told, who_completes_a_consultation_may_release_it, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    expert->deaf = true;
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    runs(20);
    world_party(world, talk, "7001", ASK_COMPLETE, "");
    exchange_ops.party(&world->exchange, ask(), talk_call(talk), "7001", ASK_RELEASE, "");
    is_refused("handed on already");
    told_is("Held 7001; transfer; Released 7001 transferred; gone transferred; ");
    expert->deaf = false;
    runs(1000);
    told_is("Ringing 7002; ");
    cr_assert_eq(world->exchange.first, talk);
}

Test(sip_told, who_hands_a_call_on_may_release_it, .init = begin, .fini = finish)
{
    struct talk *talk = talks();
    expert->deaf = true;
    world_party(world, talk, "7001", ASK_TRANSFER, "7002");
    exchange_ops.party(&world->exchange, ask(), talk_call(talk), "7001", ASK_RELEASE, "");
    is_refused("handed on already");
    told_is("Released 7001 to 7002 transferred; ");
    peer_hangs_up(world, caller);
    runs(100);
    told_is("gone abandoned; ");
    cr_assert_null(world->exchange.first);
}

Test(sip_told, what_is_asked_in_the_wrong_state_is_refused, .init = begin, .fini = finish)
{
    static const struct {
        enum party_ask what;
        const char *to, *why;
    } cases[] = {{ASK_RETRIEVE, "", "not in this state"},
                 {ASK_COMPLETE, "", "not in this state"},
                 {ASK_CONFERENCE, "", "not in this state"},
                 {ASK_CONSULT, "7003", "not registered"},
                 {ASK_CONSULT, "7009", "no such telephone"},
                 {ASK_TRANSFER, "7009", "outside: look at the number, or take another one"},
                 {ASK_TRANSFER, "7003", "not registered"}};
    struct talk *talk = talks();
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        exchange_ops.party(&world->exchange, ask(), talk_call(talk), "7001", cases[i].what, cases[i].to);
        is_refused(cases[i].why);
    }
    expert->refused = 486;
    exchange_ops.party(&world->exchange, ask(), talk_call(talk), "7001", ASK_TRANSFER, "7002");
    is_refused("answers 486");
    told_is("");
}

Test(sip_told, a_telephone_that_rings_dials_nobody, .init = begin, .fini = finish)
{
    struct sip_peer *same = world_peer(world, "127.0.0.3", "7001");
    struct talk *talk = arrives(caller);
    world_treat(world, talk, treatment_PlayAnnouncement, "prompt");
    runs(1500);
    cr_assert_eq(caller->state, PEER_UP);
    world_route(world, talk, "7001");
    runs(20);
    peer_calls(world, same, "7002");
    runs(100);
    cr_assert_eq(same->status, 486);
    cr_assert_null(talk->consult);
}

/* --- Campaigns --- */

static void dials(const char *key, const char *message)
{
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, key, span_of(message));
    exchange_ops.dial(&world->exchange, ask(),
                      &(struct dial_ask){.origin = "1800",
                                         .number = "+4930",
                                         .caller_id = "",
                                         .correlator = "",
                                         .predictive = true,
                                         .data = kv_span(&data)});
    kv_free(&data);
    runs(100);
}

Test(sip_told, a_person_to_whom_nobody_comes_hears_the_message, .init = begin, .fini = finish)
{
    dials("abandoned_message", "prompt");
    told_is("");
    outlet->quiet = true;
    outlet->voice = true;
    peer_answers(world, outlet);
    runs(400);
    outlet->quiet = false;
    runs(600);
    outlet->quiet = true;
    runs(1200);
    told_is("at 1800; ");
    cr_assert_eq(peer_hears(outlet, false), 1U << TONE_OF_PROMPT);
    runs(1000);
    told_is("result abandoned; Abandoned 1800 abandoned; gone abandoned; ");
}

Test(sip_told, a_machine_is_left_the_message, .init = begin, .fini = finish)
{
    dials("machine_message", "prompt");
    outlet->voice = true;
    peer_answers(world, outlet);
    runs(6000);
    told_is("gone machine; ");
    cr_assert_eq(peer_hears(outlet, true), 0);
    outlet->quiet = true;
    runs(1300);
    cr_assert_eq(peer_hears(outlet, false), 1U << TONE_OF_PROMPT);
    runs(1500);
    cr_assert_eq(outlet->state, PEER_IDLE);
    cr_assert_null(world->exchange.first);
}

/* --- The core is away --- */

Test(sip_told, while_the_core_is_away_callers_who_wait_hear_music, .init = begin, .fini = finish)
{
    struct talk *talk = arrives(caller);
    world_treat(world, talk, treatment_Music, "music");
    runs(200);
    world_stop(world, talk);
    runs(200);
    (void)arrives(second);
    cr_assert(peer_hears(caller, true) == 0 && second->packets == 0);
    world->exchange.cti.core_up = false;
    for (unsigned i = 0; i < 10; i++) { /* it goes on beyond its end */
        runs(300);
        cr_assert_eq(peer_hears(caller, false), 1U << TONE_OF_MUSIC);
    }
    cr_assert_eq(second->packets, 0, "it is not answered");
}

/* Two seconds' worth may come at once, and then so many a second. */
Test(sip_told, who_comes_too_often_is_let_in_at_the_rate)
{
    struct bucket bucket = {0};
    cr_expect(bucket_take(&bucket, 1, 1000) && bucket_take(&bucket, 1, 1000));
    cr_expect_not(bucket_take(&bucket, 1, 1000));
    cr_expect_not(bucket_take(&bucket, 1, 1500));
    cr_expect(bucket_take(&bucket, 1, 2000));
    cr_expect_not(bucket_take(&bucket, 1, 2000));
    cr_expect(bucket_take(&bucket, 1, 60000) && bucket_take(&bucket, 1, 60000));
    cr_expect_not(bucket_take(&bucket, 1, 60000), "a long silence is no more than two seconds");
}

/* --- Several telephones ring together --- */

/* Routes the call to 7001, and to 7002 along with it; both ring. */
static struct talk *rings_both(void)
{
    struct talk *talk = arrives(caller);
    struct call *call = talk_call(talk);
    text_set(call->also[0], NAME_SIZE, "7002");
    call->also_count = 1;
    *world->told = '\0';
    world_route(world, talk, "7001");
    runs(20);
    return talk;
}

Test(sip_told, the_first_to_answer_has_it_and_the_others_are_cancelled, .init = begin, .fini = finish)
{
    for (unsigned round = 0; round < 2; round++) {
        struct sip_peer *first = round == 0 ? agent : expert, *other = round == 0 ? expert : agent;
        (void)rings_both();
        told_is("routed 7001; Ringing 7001; Ringing 7002; ");
        cr_assert(agent->state == PEER_RINGS && expert->state == PEER_RINGS);
        peer_answers(world, first);
        runs(300);
        told_is(round == 0 ? "Diverted 7002 to 7001 redirected; Established 7001; "
                           : "Diverted 7001 to 7002 redirected; Established 7002; ");
        cr_assert_eq(other->state, PEER_IDLE, "it rings no more");
        cr_assert(peer_hears(caller, false) == 1U << first->number && peer_hears(first, false) == 1U << caller->number);
        peer_hangs_up(world, caller);
        runs(100);
        cr_assert_eq(world->held, 0);
        *world->told = '\0';
    }
}

/* Both answer before either hears of the other: the second one's 200 is acknowledged and its call ended. */
Test(sip_told, of_two_who_answer_at_once_one_talks_with_the_caller, .init = begin, .fini = finish)
{
    const struct talk *talk = rings_both();
    unsigned ended = expert->ended;
    expert->deaf = true; /* the CANCEL comes too late */
    peer_answers(world, agent);
    expert->deaf = false;
    peer_answers(world, expert);
    runs(500);
    cr_assert(agent->state == PEER_UP && peer_hears(caller, false) == 1U << agent->number);
    cr_assert_eq(expert->state, PEER_IDLE);
    cr_assert_eq(expert->ended, ended + 1, "by BYE");
    cr_assert(world->exchange.first == talk && !talk->along && strcmp(talk->called->dn, "7001") == 0);
}

Test(sip_told, one_refuses_and_the_other_rings_on, .init = begin, .fini = finish)
{
    (void)rings_both();
    *world->told = '\0';
    peer_refuses(world, agent, 486);
    runs(50);
    told_is("Diverted 7001 busy; ");
    cr_assert_eq(expert->state, PEER_RINGS);
    peer_refuses(world, expert, 603);
    runs(50);
    told_is("DestinationBusy 7002 refused; Diverted 7002 to 1800 refused; at 1800; ");
    cr_assert_eq(caller->state, PEER_CALLS, "the caller is where they were");
}

Test(sip_told, who_cannot_ring_is_left_out, .init = begin, .fini = finish)
{
    agent->refused = 486;
    struct talk *talk = rings_both();
    told_is("routed 7001; Ringing 7002; Diverted 7001 busy; ");
    cr_assert_eq(expert->state, PEER_RINGS);
    exchange_ops.deflect(&world->exchange, ask(), talk_call(talk), "7002", "1800");
    runs(50);
    told_is("Diverted 7002 to 1800 no_answer; at 1800; ");
    cr_assert_eq(expert->state, PEER_IDLE);
    expert->refused = 480;
    struct call *call = talk_call(talk);
    text_set(call->also[0], NAME_SIZE, "7002");
    call->also_count = 1;
    exchange_ops.route(&world->exchange, ask(), call, "7001");
    is_refused("code=busy");
    cr_assert(!talk->called && !talk->along && *talk->together == '\0');
}

Test(sip_told, a_call_that_is_pulled_back_rings_nowhere, .init = begin, .fini = finish)
{
    struct talk *talk = rings_both();
    *world->told = '\0';
    exchange_ops.deflect(&world->exchange, ask(), talk_call(talk), "7001", "1800");
    runs(50);
    told_is("Diverted 7002 to 1800 no_answer; Diverted 7001 to 1800 no_answer; at 1800; ");
    cr_assert(agent->state == PEER_IDLE && expert->state == PEER_IDLE);
    (void)rings_both();
}

Test(sip_told, a_caller_who_hangs_up_ends_all_ringing, .init = begin, .fini = finish)
{
    (void)rings_both();
    peer_hangs_up(world, caller);
    runs(100);
    cr_assert(agent->state == PEER_IDLE && expert->state == PEER_IDLE);
    cr_assert_eq(world->held, 0);
}

Test(sip_told, a_desktop_answers_or_declines_one_of_several, .init = begin, .fini = finish)
{
    const struct talk *talk = rings_both();
    *world->told = '\0';
    world_party(world, talk, "7001", ASK_RELEASE, "");
    runs(50);
    told_is("Diverted 7001 refused; ");
    cr_assert(agent->state == PEER_IDLE && expert->state == PEER_RINGS);
    peer_hangs_up(world, caller);
    runs(100);
    talk = rings_both();
    world_party(world, talk, "7002", ASK_ANSWER, "");
    runs(100);
    cr_assert(strstr(expert->invite, "answer-after=0"));
    peer_answers(world, expert);
    runs(300);
    cr_assert(agent->state == PEER_IDLE && peer_hears(caller, false) == 1U << expert->number);
}
