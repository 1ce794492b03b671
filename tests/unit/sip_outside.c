/* tests/unit/sip_outside.c - Calls that go outside: those that go out again, emergencies while all lines are taken,
 * circles; and what an exchange proves to a trunk and to a registrar. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/ua/proof.h"
#include "tests/unit/sip_five.h"

TestSuite(sip_outside, .timeout = 60);

/* --- Calls that go out again --- */

static void goes_out_with(const struct sip_peer *peer, unsigned hops, bool history)
{
    char line[64];
    snprintf(line, sizeof line, "\r\nMax-Forwards: %u\r\n", hops);
    cr_assert_eq(peer->state, PEER_RINGS);
    cr_assert(strstr(peer->invite, line) && five_counted(peer->invite, "Max-Forwards:") == 1, "not %u: %s", hops,
              peer->invite);
    cr_assert_eq(five_counted(peer->invite, "\r\nHistory-Info: "), history ? 2 : 0, "%s", peer->invite);
    cr_assert(!history || strstr(peer->invite, ";index=1.4.1;mp=1.4\r\n"), "%s", peer->invite);
}

/* A call that has come far, and the agent who has it. */
static const struct talk *comes_far(unsigned hops)
{
    caller->hops = hops;
    strcpy(caller->headers, "History-Info: <sip:+331@there>;index=1.4\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 20);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 20);
    goes_out_with(agent, hops - 1, false);
    peer_answers(world, agent);
    world_run(world, 100);
    return world->exchange.first;
}

Test(sip_outside, a_consultation_carries_on_what_its_call_has_brought, .init = five_begin, .fini = five_finish)
{
    const struct talk *talk = comes_far(5);
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    world_run(world, 20);
    goes_out_with(expert, 4, false);
    peer_refuses(world, expert, 486);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    talk = comes_far(12);
    world_party(world, talk, "7001", ASK_CONSULT, "+4930");
    world_run(world, 20);
    goes_out_with(outlet, 11, true);
}

Test(sip_outside, a_call_that_a_telephone_dials_beside_has_the_fewest_hops, .init = five_begin, .fini = five_finish)
{
    struct sip_peer *beside = world_peer(world, "127.0.0.3", "7001");
    sa_set_port(&five_telephone("7001")->at, agent->sip);
    (void)comes_far(12);
    sa_set_port(&five_telephone("7001")->at, beside->sip);
    five_dials(beside, "+4930", 70);
    goes_out_with(outlet, 11, true);
    peer_refuses(world, outlet, 486);
    world_run(world, 100);
    peer_hangs_up(world, beside);
    world_run(world, 100);
    five_dials(beside, "+4930", 3);
    goes_out_with(outlet, 2, true);
}

Test(sip_outside, a_call_that_a_telephone_dials_has_the_hops_that_it_says, .init = five_begin, .fini = five_finish)
{
    five_dials(agent, "+4930", 9);
    goes_out_with(outlet, 8, false);
}

/* --- Emergencies, while all lines are taken --- */

static void begin_with_emergencies(void)
{
    static char address[32];
    static const char *settings[][2] = {{"address", address},
                                        {"emergency", "112=110, urn:service:sos=110, 113=1801"},
                                        {"rtp_ports", "30000-30011"},
                                        {"calls", "2"},
                                        {NULL, NULL}};
    snprintf(address, sizeof address, "127.%u.%u.78:0", (unsigned)getpid() >> 8 & 255, (unsigned)getpid() & 255);
    five_begin_with(settings);
}

/* Two wait, and the third one is refused. */
static void all_lines_are_taken(void)
{
    struct sip_peer *others[2] = {world_peer(world, "127.0.0.2", ""), world_peer(world, "127.0.0.2", "")};
    peer_calls(world, caller, "1800");
    peer_calls(world, others[0], "1800");
    world_run(world, 100);
    cr_assert_eq(world->refused, 0, "%s", world->reason);
    peer_calls(world, others[1], "1800");
    world_run(world, 100);
    cr_assert(others[1]->status == 503 && strcmp(world->reason, "calls") == 0, "%u %s", others[1]->status,
              world->reason);
    five_dials(agent, "+4930", 70);
    cr_assert(agent->status == 503 && outlet->invited == 0, "whoever has no emergency waits, too: %u", agent->status);
}

static void help_rings(void)
{
    cr_assert(outlet->state == PEER_RINGS && strncmp(outlet->invite, "INVITE sip:110@", 15) == 0, "%u %s %s",
              agent->status, world->reason, outlet->invite);
}

/* What the core is told of who calls that number with these headers. */
static const char *number_told(const char *number, const char *headers)
{
    snprintf(caller->headers, sizeof caller->headers, "%s", headers);
    peer_calls(world, caller, number);
    world_run(world, 200);
    const struct call *call = talk_call(world_talk(world, NULL));
    cr_assert_not_null(call, "%s", headers);
    static char ani[ADDRESS_SIZE];
    snprintf(ani, sizeof ani, "%s", call->ani);
    peer_hangs_up(world, caller);
    world_run(world, 2000);
    return ani;
}

#define ASSERTED "P-Asserted-Identity: <sip:+33612345678@there>\r\n"
#define PARTY    "Remote-Party-ID: \"A\" <sip:+33612345678@there>;"
Test(sip_outside, a_number_that_is_withheld_is_told_to_emergencies_alone, .init = begin_with_emergencies,
     .fini = five_finish)
{
    cr_expect_str_eq(number_told("1800", ASSERTED), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: none\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: id\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED "Privacy: critical; User\r\n"), "");
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <sip:Anonymous@anonymous.invalid>\r\n"), "");
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <sip:unavailable@unknown.invalid>\r\n"), "");
    cr_expect_str_eq(number_told("1801", ASSERTED "Privacy: id\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "party=calling;privacy=Full;screen=yes\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "privacy=\"name, uri-network\"\r\n"), "");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "party=called;privacy=full\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1800", ASSERTED PARTY "privacy=off\r\n"), "+33612345678");
    cr_expect_str_eq(number_told("1801", ASSERTED PARTY "privacy=full\r\n"), "+33612345678");
}

Test(sip_outside, a_number_may_stand_in_a_tel_uri, .init = begin_with_emergencies, .fini = five_finish)
{
    cr_expect_str_eq(number_told("1800", "P-Asserted-Identity: <tel:+33-6.12(34)5678;phone-context=there>\r\n"),
                     "+33612345678");
    static const char *const read[][2] = {{"<sip:+49-11.11(2)@there;user=phone>", "+4911112"},
                                          {"<sip:+49%31111@there>", ""},
                                          {"<sip:%2b49-1@there;user=phone>", "+491"},
                                          {"<sip:agent-1@there;user=phone>", "agent-1"},
                                          {"<sip:+49-1@there>", "+49-1"},
                                          {"<sip:49%00@there>", ""},
                                          {"<sip:49%3@there>", ""},
                                          {"<sip:49% 31@there>", ""},
                                          {"<sip:%2349@there>", "#49"}};
    for (size_t i = 0; i < sizeof read / sizeof *read; i++) {
        char header[ADDRESS_SIZE];
        caller->from = "sip:@there";
        snprintf(header, sizeof header, "P-Asserted-Identity: %s\r\n", read[i][0]);
        cr_expect_str_eq(number_told("1800", header), read[i][1], "%s", read[i][0]);
    }
    caller->from = "tel:+49-30-4711";
    cr_expect_str_eq(number_told("1800", ""), "+49304711");
}

Test(sip_outside, an_emergency_that_a_telephone_dials_has_a_line_whoever_waits, .init = begin_with_emergencies,
     .fini = five_finish)
{
    static const char *const numbers[] = {"112", "urn:service:sos", "urn:service:sos.police"};
    all_lines_are_taken();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        five_dials(agent, numbers[i], 70);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(agent, false), 1U << outlet->number, "%s", numbers[i]);
        peer_hangs_up(world, agent);
        world_run(world, 300);
        *outlet->invite = '\0';
    }
    five_dials(agent, "113", 70);
    cr_assert_str_eq(world_talk(world, NULL)->point, "1801");
    peer_hangs_up(world, agent);
    world_run(world, 300);
    caller->state = PEER_IDLE;
    peer_calls(world, caller, "113"); /* a trunk's, too */
    world_run(world, 100);
    cr_assert_str_eq(world_talk(world, NULL)->point, "1801");
}

Test(sip_outside, an_emergency_that_a_trunk_brings_goes_outside_whoever_waits, .init = begin_with_emergencies,
     .fini = five_finish)
{
    static const char *const numbers[] = {"112", "tel:112", "urn:service:sos", "urn:service:sos.police"};
    struct sip_peer *door = world_peer(world, "127.0.0.2", "");
    all_lines_are_taken();
    for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        peer_calls(world, door, numbers[i]);
        world_run(world, 100);
        help_rings();
        const struct call *call = talk_call(world_talk(world, NULL));
        cr_assert(call && strcmp(call->dnis, "110") == 0 && call->type == call_type_inbound, "%s", numbers[i]);
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(door, false), 1U << outlet->number, "%s", numbers[i]);
        cr_assert_eq(peer_hears(outlet, false), 1U << door->number, "%s", numbers[i]);
        peer_hangs_up(world, i % 2 == 0 ? outlet : door);
        world_run(world, 300);
        cr_assert(door->state == PEER_IDLE && outlet->state == PEER_IDLE, "%s", numbers[i]);
        *outlet->invite = '\0';
    }
    outlet->refused = 486;
    peer_calls(world, door, "112");
    world_run(world, 100);
    cr_assert(door->status == 486 && strcmp(world->reason, "led_busy") == 0, "%u %s", door->status, world->reason);
}

static bool is_known_at(const char *ip, uint16_t port)
{
    struct sa at;
    return sa_set_str(&at, ip, port) == 0 && world->exchange.ua.ops->known(&world->exchange, &at);
}

static bool is_known(const struct sip_peer *peer)
{
    return is_known_at(peer->ip, peer->sip);
}

Test(sip_outside, a_telephone_whose_registration_has_ended_calls_for_help, .init = begin_with_emergencies,
     .fini = five_finish)
{
    peer_registers(world, agent);
    world_run(world, 100);
    telephone_is(&world->exchange, five_telephone("7001"), false);
    five_dials(agent, "+4930", 70);
    cr_assert(agent->status == 403 && strcmp(world->reason, "stranger_call") == 0, "%u %s", agent->status,
              world->reason);
    agent->state = PEER_IDLE;
    agent->guess = "wrong";
    five_dials(agent, "112", 70);
    cr_assert(agent->status == 403 && strcmp(world->reason, "password") == 0, "%u %s", agent->status, world->reason);
    cr_assert_null(world->exchange.first);
    agent->guess = NULL;
    agent->state = PEER_IDLE;
    for (unsigned i = 0; i < 2; i++) {
        five_dials(agent, i == 0 ? "112" : "urn:service:sos", 70);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_assert_eq(peer_hears(agent, false), 1U << outlet->number);
        cr_assert_eq(peer_hears(outlet, false), 1U << agent->number);
        cr_assert(is_known(agent), "a connection that its call needs stays");
        cr_assert_not(is_known_at(agent->ip, 9), "nobody else is in the call");
        peer_hangs_up(world, i == 0 ? agent : outlet);
        world_run(world, 300);
        cr_assert(agent->state == PEER_IDLE && outlet->state == PEER_IDLE);
        cr_assert_not(is_known(agent), "it is a stranger again");
        *outlet->invite = '\0';
    }
    exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
    cr_assert_null(world->exchange.first, "a desktop has no telephone that could ring");
}

Test(sip_outside, an_emergency_that_a_desktop_dials_has_a_line_whoever_waits, .init = begin_with_emergencies,
     .fini = five_finish)
{
    all_lines_are_taken();
    exchange_ops.make_call(&world->exchange, 0, "7001", "+4930");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_IDLE);
    exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_RINGS);
    peer_answers(world, agent);
    world_run(world, 100);
    help_rings();
}

/* A number that came as data may be one of an emergency service, whatever `dialable` says of it. */
Test(sip_outside, a_call_back_reaches_no_emergency, .init = begin_with_emergencies, .fini = five_finish)
{
    for (unsigned back = 0; back < 2; back++) {
        struct dial_ask dial = {
            .origin = "1800", .number = "110", .caller_id = "", .correlator = "", .ring_us = 10000000, .back = back};
        exchange_ops.dial(&world->exchange, 0, &dial);
        world_run(world, 100);
        cr_assert_eq(outlet->state, PEER_IDLE);
        dial.number = "+4930";
        exchange_ops.dial(&world->exchange, 0, &dial);
        world_run(world, 100);
        cr_assert_eq(outlet->state, PEER_RINGS);
        peer_hangs_up(world, outlet);
        world_run(world, 100);
    }
}

/* The agent has one of the calls that wait. */
static const struct talk *talks_while_all_are_taken(void)
{
    const struct talk *talk;
    all_lines_are_taken();
    talk = world_talk(world, NULL);
    while (talk->next) talk = talk->next;
    world_route(world, talk, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    return talk;
}

Test(sip_outside, an_agent_asks_for_help_in_a_consultation, .init = begin_with_emergencies, .fini = five_finish)
{
    const struct talk *talk = talks_while_all_are_taken();
    world_party(world, talk, "7001", ASK_CONSULT, "+4930");
    world_run(world, 100);
    cr_assert_null(talk->consult);
    world_party(world, talk, "7001", ASK_CONSULT, "112");
    world_run(world, 100);
    help_rings();
}

Test(sip_outside, an_agent_hands_a_call_on_to_help, .init = begin_with_emergencies, .fini = five_finish)
{
    world_party(world, talks_while_all_are_taken(), "7001", ASK_TRANSFER, "112");
    world_run(world, 100);
    help_rings();
}

/* Does a call find its point while each message has waited for so long? It ends at once. */
static bool late_call_is_taken(const char *number, unsigned ms)
{
    world_late(ms);
    peer_calls(world, caller, number);
    world_run(world, 100);
    bool taken = world->exchange.first != NULL;
    if (taken)
        peer_hangs_up(world, caller);
    else
        cr_assert(caller->status == 503 && strcmp(world->reason, "behind") == 0 &&
                      strstr(caller->said, "\r\nRetry-After: 1\r\n"),
                  "%s %s", world->reason, caller->said);
    world_run(world, 500);
    cr_assert_null(world->exchange.first);
    return taken;
}

Test(sip_outside, calls_are_refused_once_messages_have_been_late_for_a_second, .init = begin_with_emergencies,
     .fini = five_finish)
{
    cr_assert(late_call_is_taken("1800", 5000), "the machine may have paused for a moment");
    cr_assert(late_call_is_taken("1800", 200));
    cr_assert_not(late_call_is_taken("1800", 200));
    cr_assert(late_call_is_taken("113", 200), "an emergency has a line");
    cr_assert(late_call_is_taken("1800", 199), "what has not waited is no sign");
    cr_assert_not(late_call_is_taken("1800", 200));
    world_late(0);
    world_run(world, 3000);
    cr_assert_not(late_call_is_taken("1800", 300), "the next pause comes soon");
    world_late(0);
    world_run(world, 5000);
    cr_assert(late_call_is_taken("1800", 300), "the next pause");
}

Test(sip_outside, of_the_ports_of_sound_two_are_left_for_emergencies, .init = begin_with_emergencies,
     .fini = five_finish)
{
    const struct talk *talk = talks_while_all_are_taken();
    world->exchange.setting.calls = 10;
    world_party(world, talk, "7001", ASK_CONSULT, "+4930"); /* by the third last one: the other call's agent has one */
    world_run(world, 100);
    cr_assert_null(talk->consult);
    cr_assert_eq(outlet->invited, 0);
    world_party(world, talk, "7001", ASK_CONSULT, "112");
    world_run(world, 100);
    help_rings();
}

/* What a telephone does when its agent needs help. */
enum needs { NEEDS_RINGS, NEEDS_TALKS, NEEDS_CONSULTS, NEEDS_IS_CONSULTED };

/* The one at 7001 does it; `beside` is the same telephone once more. */
static struct sip_peer *needs_help(enum needs does)
{
    static char address[32];
    static const char *settings[][2] = {
        {"address", address}, {"emergency", "112=110, urn:service:sos=110"}, {NULL, NULL}};
    snprintf(address, sizeof address, "127.%u.%u.78:0", (unsigned)getpid() >> 8 & 255, (unsigned)getpid() & 255);
    five_begin_with(settings);
    const char *first = does == NEEDS_IS_CONSULTED ? "7002" : "7001",
               *other = does == NEEDS_IS_CONSULTED ? "7001" : "7002";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    const struct talk *talk = world_talk(world, NULL);
    world_route(world, talk, first);
    world_run(world, 100);
    if (does != NEEDS_RINGS) peer_answers(world, does == NEEDS_IS_CONSULTED ? expert : agent);
    world_run(world, 100);
    if (does >= NEEDS_CONSULTS) {
        world_party(world, talk, first, ASK_CONSULT, other);
        world_run(world, 100);
        peer_answers(world, does == NEEDS_IS_CONSULTED ? agent : expert);
        world_run(world, 100);
    }
    return world_peer(world, "127.0.0.3", "7001");
}

Test(sip_outside, an_emergency_is_served_whatever_its_telephone_does)
{
    static const char *const numbers[] = {"112", "urn:service:sos", "tel:112", "tel:1-12"};
    for (enum needs does = NEEDS_RINGS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        five_dials(beside, numbers[does], 70);
        cr_expect(outlet->state == PEER_RINGS && strncmp(outlet->invite, "INVITE sip:110@", 15) == 0, "%d: %u %s", does,
                  beside->status, world->reason);
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_expect_eq(peer_hears(beside, false), 1U << outlet->number, "%d", does);
        cr_expect_eq(caller->state == PEER_UP, does != NEEDS_RINGS, "the caller is not cut: %d", does);
        cr_expect_eq(world->exchange.talk_count, 2, "%d: %u", does, world->exchange.talk_count);
        peer_hangs_up(world, beside);
        world_run(world, 300);
        cr_expect_eq(world->exchange.talk_count, 1, "%d: %u", does, world->exchange.talk_count);
        five_finish();
    }
}

Test(sip_outside, an_emergency_of_a_desktop_takes_the_place_of_a_consultation)
{
    for (enum needs does = NEEDS_TALKS; does <= NEEDS_CONSULTS; does++) {
        needs_help(does);
        *world->told = '\0';
        exchange_ops.make_call(&world->exchange, 0, "7001", "112");
        world_run(world, 100);
        cr_expect_eq(agent->invited, 1, "it is no second call at the telephone");
        cr_expect_eq(expert->state, PEER_IDLE);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        cr_expect_eq(peer_hears(agent, false), 1U << outlet->number, "%d", does);
        world_party(world, world_talk(world, world_talk(world, NULL)), "7001", ASK_RECONNECT, NULL);
        world_run(world, 300);
        cr_expect(peer_hears(agent, false) == 1U << caller->number && outlet->state == PEER_IDLE, "%d", does);
        five_finish();
    }
}

/* `as`: NULL: the desktop asks. */
static void asks_help(struct sip_peer *as)
{
    if (as) {
        sa_set_port(&five_telephone("7001")->at, as->sip);
        five_dials(as, "112", 70);
    } else
        exchange_ops.make_call(&world->exchange, 0, "7001", "112");
    world_run(world, 100);
}

Test(sip_outside, a_second_emergency_does_not_end_the_first)
{
    static const struct {
        bool dials, dials_again; /* at the telephone; else by the desktop */
    } cases[] = {{false, false}, {false, true}, {true, false}, {true, true}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sip_peer *beside = needs_help(NEEDS_TALKS), *again = world_peer(world, "127.0.0.3", "7001");
        const struct sip_peer *first = cases[i].dials ? beside : agent;
        asks_help(cases[i].dials ? beside : NULL);
        help_rings();
        peer_answers(world, outlet);
        world_run(world, 300);
        asks_help(cases[i].dials_again ? again : NULL);
        cr_expect(outlet->state == PEER_UP && outlet->invited == 1, "%u: %d", i, outlet->state);
        cr_expect_eq(peer_hears(first, false), 1U << outlet->number, "%u", i);
        cr_expect_eq(agent->invited, 1, "%u: it is no further call at the telephone", i);
        if (cases[i].dials_again) cr_expect_eq(again->status, 486, "%u: %u", i, again->status);
        five_finish();
    }
}

Test(sip_outside, an_emergency_that_cannot_be_dialled_ends_nothing)
{
    for (enum needs does = NEEDS_CONSULTS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        world->exchange.setting.outlet_count = 0;
        asks_help(NULL);
        asks_help(beside);
        cr_expect_eq(beside->status, 404, "%d: %u", does, beside->status);
        cr_expect(agent->state == PEER_UP && expert->state == PEER_UP, "%d", does);
        cr_expect_eq(peer_hears(agent, false), 1U << expert->number, "%d", does);
        five_finish();
    }
}

/* Nor does one that is refused by what it describes. */
Test(sip_outside, an_emergency_without_a_codec_ends_nothing)
{
    for (enum needs does = NEEDS_CONSULTS; does <= NEEDS_IS_CONSULTED; does++) {
        struct sip_peer *beside = needs_help(does);
        beside->protocol = "RTP/NONE";
        asks_help(beside);
        cr_expect_eq(beside->status, 488, "%d: %u", does, beside->status);
        cr_expect(agent->state == PEER_UP && expert->state == PEER_UP, "%d", does);
        cr_expect_eq(peer_hears(agent, false), 1U << expert->number, "%d", does);
        five_finish();
    }
}

Test(sip_outside, an_emergency_of_whoever_listens_ends_no_consultation)
{
    needs_help(NEEDS_TALKS);
    const struct talk *talk = world->exchange.first;
    world_party(world, talk, "7002", ASK_LISTEN, "7001");
    world_run(world, 100);
    peer_answers(world, expert);
    world_run(world, 100);
    world_party(world, talk, "7001", ASK_CONSULT, "1801");
    world_run(world, 100);
    cr_assert(expert->state == PEER_UP && talk->consult);
    exchange_ops.make_call(&world->exchange, 0, "7002", "112");
    world_run(world, 100);
    cr_assert(expert->invited == 2 && talk->consult, "%u", expert->invited);
    five_finish();
}

/* --- Circles --- */

static void begin_announced(void)
{
    static const char *const settings[][2] = {{"announced", "127.0.0.9"}, {NULL, NULL}};
    five_begin_with(settings);
}

/* The call has passed this host before. */
static unsigned came_by(const char *host, unsigned port)
{
    snprintf(caller->headers, sizeof caller->headers, "Via: SIP/2.0/UDP %s:%u;branch=z9hG4bKbefore\r\n", host, port);
    caller->state = PEER_IDLE;
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    unsigned status = caller->status;
    if (status == 0) peer_hangs_up(world, caller);
    world_run(world, 100);
    return status;
}

Test(sip_outside, a_call_that_has_been_here_goes_in_a_circle, .init = begin_announced, .fini = five_finish)
{
    unsigned port = sa_port(&world->exchange.setting.own);
    cr_assert_eq(came_by("127.0.0.1", port), 482);
    cr_assert_eq(came_by("127.0.0.9", port), 482);
    cr_assert_eq(came_by("127.0.0.9", port + 1), 0);
    cr_assert_eq(came_by("127.0.0.8", port), 0);
}

static void begin_deciding(void)
{
    static const char *const settings[][2] = {{"redirects", "1801"}, {NULL, NULL}};
    five_begin_with(settings);
}

Test(sip_outside, a_call_that_is_decided_here_is_told_its_history, .init = begin_deciding, .fini = five_finish)
{
    strcpy(caller->headers, "History-Info: <sip:+330@there>;index=1\r\n"
                            "History-Info: <sip:+331@there>;index=1.4\r\nReason: SIP;cause=302\r\n");
    peer_calls(world, caller, "1801");
    world_run(world, 100);
    world_route(world, world->exchange.first, "+4930");
    world_run(world, 100);
    cr_assert_eq(caller->status, 302);
    cr_assert_eq(five_counted(caller->said, "\r\nHistory-Info: "), 3, "%s", caller->said);
    cr_assert(strstr(caller->said, ";index=1.4.1;mp=1.4\r\n") && !strstr(caller->said, "Reason"), "%s", caller->said);
}

/* --- Our registration at a provider --- */

static int registered_with;

static void registered_on_answer(int error, const struct sip_msg *answer, void *self)
{
    (void)answer, (void)self;
    registered_with = error;
}

Test(sip_outside, a_binding_that_a_registrar_rewrites_is_ours, .init = five_begin, .fini = five_finish)
{
    static const struct {
        const char *contact, *granted;
        unsigned renewed_s;
    } rows[] = {{"kim@127.0.0.1:5060", "", 270},
                {"kim@127.0.0.1:5060", "Expires: 60\r\n", 54},
                {"kim@127.0.0.1:5060", "Expires: 4000000000\r\n", 270},
                {"lee@10.1.2.3", "Contact: <sip:kim@127.0.0.1:5060>;expires=100\r\n", 90},
                {"kim@10.1.2.3", "Contact: <sip:kim@127.0.0.1:5060>;expires=100\r\n", 90},
                {"kim@203.0.113.7:49152;ob", "Expires: 60\r\n", 54},
                {"kim@203.0.113.7", "Contact: <sip:kim@10.1.2.3>;expires=20\r\nExpires: 60\r\n", 18},
                {"lee@10.1.2.3", "Expires: 60\r\n", 54},
                {"s@10.1.2.3:5060;line=4711", "Contact: <sip:7@10.1.2.4>;expires=40\r\n", 36}};
    const struct registration_ask ask = {.registrar = "sip:127.0.0.4:5084",
                                         .uri = "sip:kim@127.0.0.4:5084",
                                         .contact = "sip:kim@127.0.0.1:5060",
                                         .seconds = 300,
                                         .told = registered_on_answer};
    outlet->notes = "REGISTER";
    strcpy(outlet->tag, "registrar");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct registration *registration;
        registered_with = -1;
        outlet->contact = rows[i].contact;
        outlet->granted = rows[i].granted;
        outlet->noted = 0;
        cr_assert_eq(registration_begin(&registration, &world->exchange.ua, &ask), 0);
        world_run(world, rows[i].renewed_s * 1000 - 1000);
        cr_assert(registered_with == 0 && outlet->noted == 1, "%zu: %d, %u", i, registered_with, outlet->noted);
        world_run(world, 2000);
        cr_assert_eq(outlet->noted, 2, "%zu: %u", i, outlet->noted);
        registration_end(registration, true);
        world_run(world, 100);
    }
}

Test(sip_outside, a_uri_says_where_a_message_goes_and_by_which_transport)
{
    static const struct {
        const char *uri, *to; /* "": it is not reached */
        enum sip_transp transport;
    } rows[] = {{"sip:7001@192.0.2.1", "192.0.2.1:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1:5070", "192.0.2.1:5070", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=UDP", "192.0.2.1:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=tcp", "192.0.2.1:5060", SIP_TRANSP_TCP},
                {"sip:192.0.2.1;transport=tls", "192.0.2.1:5061", SIP_TRANSP_TLS},
                {"sip:192.0.2.1:5080;transport=TLS", "192.0.2.1:5080", SIP_TRANSP_TLS},
                {"sip:site.example;maddr=192.0.2.9", "192.0.2.9:5060", SIP_TRANSP_UDP},
                {"sip:[2001:db8::1]", "[2001:db8::1]:5060", SIP_TRANSP_UDP},
                {"sip:192.0.2.1;transport=sctp", "", SIP_TRANSP_UDP},
                {"sip:site.example", "", SIP_TRANSP_UDP},
                {"tel:+4930", "", SIP_TRANSP_UDP},
                {"", "", SIP_TRANSP_UDP}};
    struct ua ua = {.has = {[SIP_TRANSP_UDP] = true, [SIP_TRANSP_TCP] = true, [SIP_TRANSP_TLS] = true}};
    struct way way;
    char to[80];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        bool reached = ua_way(&ua, rows[i].uri, &way) == 0;
        cr_assert_eq(reached, *rows[i].to != '\0', "%s", rows[i].uri);
        if (!reached) continue;
        (void)re_snprintf(to, sizeof to, "%J", &way.to);
        cr_assert(way.transport == rows[i].transport && strcmp(to, rows[i].to) == 0, "%s: %s", rows[i].uri, to);
    }
    ua.has[SIP_TRANSP_TLS] = false;
    cr_assert_neq(ua_way(&ua, "sip:192.0.2.1;transport=tls", &way), 0, "that transport is not bound");
}

/* The telephone talks with a number of that trunk, which asks for a proof of the call, or of its end alone. */
static void talks_with_proof(bool of_call)
{
    static struct provider provider = {.registrar = "sip:127.0.0.4:5084", .name = "kim", .password = "a secret"};
    struct provider *all[] = {&provider};
    const struct providers before = world->exchange.providers;
    world->exchange.providers = (struct providers){.all = all, .count = 1};
    outlet->refused = of_call ? 407 : 0;
    five_dials(agent, "+4930", 70);
    world->exchange.providers = before;
    peer_answers(world, outlet);
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_UP);
    outlet->refused = 407;
    peer_hangs_up(world, agent);
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_IDLE);
}

Test(sip_outside, a_trunk_that_asks_for_a_proof_of_a_call_has_it, .init = five_begin, .fini = five_finish)
{
    talks_with_proof(true);
    cr_assert(outlet->invited == 2 && outlet->ended == 1, "%u INVITEs, %u BYEs", outlet->invited, outlet->ended);
    cr_assert(strstr(outlet->invite, "Digest username=\"kim\", realm=\"out\", nonce=\"n\""), "%s", outlet->invite);
}

Test(sip_outside, a_trunk_that_asks_for_a_proof_of_an_end_has_it, .init = five_begin, .fini = five_finish)
{
    talks_with_proof(false);
    cr_assert(outlet->invited == 1 && outlet->ended == 2, "%u INVITEs, %u BYEs", outlet->invited, outlet->ended);
}

static void hex_of(bool sha256, const char *text, char hex[65])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (sha256)
        crypto_hash_sha256(digest, (const uint8_t *)text, strlen(text));
    else
        md5((const uint8_t *)text, strlen(text), digest);
    sodium_bin2hex(hex, 65, digest, sha256 ? sizeof digest : MD5_SIZE);
}

/* Answers a challenge; "": it is not answered. */
static void proof_of(const char *challenges, char text[600])
{
    struct proofs proofs;
    struct sip_msg *answer;
    struct mbuf *bytes = mbuf_alloc(512), *printed = mbuf_alloc(512);
    mbuf_printf(bytes,
                "SIP/2.0 401 Unauthorized\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCall-ID: 1\r\n"
                "CSeq: 1 REGISTER\r\n%sContent-Length: 0\r\n\r\n",
                challenges);
    bytes->pos = 0;
    cr_assert_eq(sip_msg_decode(&answer, bytes), 0);
    proofs_begin(&proofs, "kim", "a secret");
    if (proofs_take(&proofs, answer)) proofs_print(printed, &proofs, "REGISTER", "sip:out.example");
    cr_assert_lt(printed->end, 600);
    memcpy(text, printed->buf, printed->end);
    text[printed->end] = '\0';
    proofs_end(&proofs);
    mem_deref(answer), mem_deref(bytes), mem_deref(printed);
}

Test(sip_outside, a_challenge_is_answered_by_its_algorithm_md5_or_sha256)
{
    static const struct {
        const char *challenges;
        bool sha256;
    } rows[] = {{"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\"\r\n", false},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=MD5, qop=\"auth\"\r\n", false},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"\r\n", true},
                {"WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-512-256\r\n"
                 "WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=sha-256\r\n",
                 true}};
    char text[600], who[65], what[65], whole[65], all[200], own[33] = "", given[65] = "";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        proof_of(rows[i].challenges, text);
        bool counted = strstr(rows[i].challenges, "qop") != NULL;
        cr_assert(strstr(text, "response=\"") &&
                  sscanf(strstr(text, "response=\""), "response=\"%64[0-9a-f]", given) == 1);
        cr_assert_eq(strstr(text, "algorithm=SHA-256") != NULL, rows[i].sha256, "%s", text);
        if (counted) cr_assert_eq(sscanf(strstr(text, "cnonce=\""), "cnonce=\"%32[^\"]", own), 1);
        hex_of(rows[i].sha256, "kim:out:a secret", who);
        hex_of(rows[i].sha256, "REGISTER:sip:out.example", what);
        if (counted)
            snprintf(all, sizeof all, "%s:n:00000001:%s:auth:%s", who, own, what);
        else
            snprintf(all, sizeof all, "%s:n:%s", who, what);
        hex_of(rows[i].sha256, all, whole);
        cr_assert_str_eq(given, whole, "%s", text);
    }
    proof_of("WWW-Authenticate: Digest realm=\"out\", nonce=\"n\", algorithm=SHA-512-256\r\n", text);
    cr_assert_str_eq(text, "", "nobody can answer it");
}
