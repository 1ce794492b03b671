/* tests/unit/sip_dialogs.c - What is said within a call: who may say it, refreshes, requests and answers that cannot
 * be met, where requests go, and what comes twice or across something else. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/sip_five.h"

TestSuite(sip_dialogs, .timeout = 60);

/* --- Who may say it --- */

static struct sip_peer *poser;

/* The caller talks with the agent; the poser, at another address, hangs up as one of them. */
static void hangs_up_as(const struct sip_peer *one, const char *ip, const char *user)
{
    poser = world_peer(world, ip, user);
    five_telephone("7001")->at = five_telephone("7002")->at;
    sa_set_port(&five_telephone("7001")->at, agent->sip);
    sa_set_port(&five_telephone("7002")->at, expert->sip);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    peer_poses(poser, one);
    peer_hangs_up(world, poser);
    world_run(world, 100);
}

Test(sip_dialogs, a_telephone_that_has_moved_proves_itself_within_its_call, .init = five_begin, .fini = five_finish)
{
    hangs_up_as(agent, "127.0.0.6", "7001");
    cr_assert_eq(poser->status, 200);
    cr_assert_eq(caller->state, PEER_IDLE);
}

Test(sip_dialogs, a_telephone_ends_no_call_of_another_one, .init = five_begin, .fini = five_finish)
{
    hangs_up_as(agent, "127.0.0.6", "7002");
    cr_assert_eq(poser->status, 403);
    cr_assert_eq(caller->state, PEER_UP);
}

Test(sip_dialogs, a_stranger_ends_no_call_of_a_trunk, .init = five_begin, .fini = five_finish)
{
    hangs_up_as(caller, "127.0.0.6", "");
    cr_assert_eq(poser->status, 403);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

Test(sip_dialogs, a_trunk_has_several_addresses, .init = five_begin, .fini = five_finish)
{
    hangs_up_as(caller, "127.0.0.4", "");
    cr_assert(poser->status == 200 && agent->state == PEER_IDLE);
}

Test(sip_dialogs, a_stranger_takes_no_call_back, .init = five_begin, .fini = five_finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    poser = world_peer(world, "127.0.0.6", "");
    peer_poses(poser, caller);
    peer_hangs_up(world, poser);
    world_run(world, 100);
    cr_assert(world->exchange.first && caller->state == PEER_CALLS);
    cr_assert_eq(poser->status, 403);
    strcpy(poser->call_id, "another");
    poser->state = PEER_CALLS;
    poser->status = 0;
    peer_hangs_up(world, poser);
    world_run(world, 100);
    cr_assert_eq(poser->status, 403, "a stranger does not learn by %u which calls are there", poser->status);
    peer_hangs_up(world, caller);
    world_run(world, 100);
    cr_assert_null(world->exchange.first);
}

/* --- How often a session is refreshed, and what changes it --- */

Test(sip_dialogs, a_session_that_is_to_be_refreshed_too_often_is_refused, .init = five_begin, .fini = five_finish)
{
    static const char *const seconds[] = {"0", "1", "89", "0;refresher=uac"};
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        snprintf(caller->headers, sizeof caller->headers, "Supported: timer\r\nSession-Expires: %s\r\n", seconds[i]);
        peer_calls(world, caller, "1800");
        world_run(world, 100);
        cr_assert(caller->status == 422 && strstr(caller->said, "Min-SE: 90\r\n"), "%s: %s", seconds[i], caller->said);
        caller->state = PEER_IDLE;
    }
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: often\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    cr_assert(world->exchange.first, "a header that cannot be read asks for nothing");
}

/* The caller, who talks with an agent, asks for that timer; what it is answered. */
static const char *caller_wants(enum peer_refresh how, const char *timer)
{
    snprintf(caller->headers, sizeof caller->headers, "%s", timer);
    caller->status = 0;
    peer_refreshes(world, caller, how);
    world_run(world, 100);
    return caller->said;
}

Test(sip_dialogs, who_refreshes_a_session_and_how_often_is_as_the_last_request_says, .init = five_begin,
     .fini = five_finish)
{
    static const struct {
        enum peer_refresh how;
        const char *wants, *gets;
    } rows[] = {
        {PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 89\r\n", "Min-SE: 90\r\n"},
        {PEER_BY_UPDATE, "Supported: timer\r\nx: 10;refresher=uac\r\n", "Min-SE: 90\r\n"},
        {PEER_BY_INVITE, "", "\r\nRequire: timer\r\nSession-Expires: 1800;refresher=uac\r\n"},
        {PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 600;refresher=uac\r\n",
         "\r\nRequire: timer\r\nSession-Expires: 600;refresher=uac\r\n"},
        {PEER_BY_UPDATE, "Supported: timer\r\nSession-Expires: 900\r\n",
         "\r\nRequire: timer\r\nSession-Expires: 900;refresher=uac\r\n"},
        {PEER_BY_INVITE, "Session-Expires: 300;refresher=uac\r\n", "\r\nSession-Expires: 300;refresher=uas\r\n"},
        {PEER_BY_ACK, "Supported: timer\r\nSession-Expires: 100;refresher=uas\r\n",
         "\r\nSession-Expires: 100;refresher=uas\r\n"},
    };
    snprintf(caller->headers, sizeof caller->headers, "Supported: timer\r\nSession-Expires: 1800\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    cr_assert_null(strstr(caller->said, "Session-Expires"), "a call that rings has no timer: %s", caller->said);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    cr_assert(strstr(caller->said, "Session-Expires: 1800;refresher=uac\r\n"), "%s", caller->said);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *said = caller_wants(rows[i].how, rows[i].wants);
        bool refused = strncmp(rows[i].gets, "Min-SE", 6) == 0;
        cr_assert(strstr(said, rows[i].gets) && strncmp(said + 8, refused ? "422" : "200", 3) == 0, "%zu: %s", i, said);
    }
    cr_assert_eq(caller->refreshed, 0);
    world_run(world, 50000);
    cr_assert_eq(caller->refreshed, 1, "half of 100 seconds are over, and we refresh");
    cr_assert(strstr(caller->refresh, "Session-Expires: 100;refresher=uac\r\n"), "%s", caller->refresh);
    cr_assert_eq(caller->state, PEER_UP);
}

/* As callers of some exchanges do: their INVITE brings no description, what they want comes with the ACK. */
Test(sip_dialogs, a_hold_is_begun_and_ended_by_the_description_in_an_ack, .init = five_begin, .fini = five_finish)
{
    static const char *const ways[] = {"inactive", "sendrecv", "sendonly", "sendrecv"};
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 300);
    for (size_t i = 0; i < 4; i++) {
        agent->way = ways[i];
        peer_refreshes(world, agent, PEER_BY_ACK);
        world_run(world, 300);
        unsigned heard = i % 2 == 0 ? 1U << TONE_OF_HOLD : 1U << agent->number;
        cr_assert_eq(peer_hears(caller, false), heard, "%s: %x", ways[i], peer_hears(caller, false));
    }
}

Test(sip_dialogs, a_session_of_an_exchange_that_has_ended_is_refreshed_no_more, .init = five_begin, .fini = five_finish)
{
    static struct sip_peer before;
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    cr_assert_eq(caller->state, PEER_UP);
    before = *caller;
    five_finish();
    five_begin();
    peer_poses(caller, &before);
    for (enum peer_refresh how = PEER_BY_INVITE; how <= PEER_BY_ACK; how++) {
        peer_refreshes(world, caller, how);
        world_run(world, 100);
        cr_assert_eq(caller->status, 481, "%u", caller->status);
    }
    caller->state = PEER_IDLE;
}

Test(sip_dialogs, an_offer_within_a_call_that_cannot_be_is_refused_in_the_words_of_its_row, .init = five_begin,
     .fini = five_finish)
{
    hangs_up_as(caller, "127.0.0.6", "");
    caller->protocol = "RTP/NOTHING";
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    cr_assert_eq(caller->status, 488);
    cr_assert(strncmp(caller->said, "SIP/2.0 488 Not Acceptable Here\r\n", 33) == 0, "%s", caller->said);
    cr_assert_str_eq(world->reason, "codec");
    cr_assert_eq(agent->state, PEER_UP);
}

Test(sip_dialogs, a_number_outside_that_is_refused_is_not_whole_in_the_log, .init = five_begin, .fini = five_finish)
{
    poser = world_peer(world, "127.0.0.6", "");
    peer_calls(world, poser, "+493012345678");
    world_run(world, 100);
    cr_assert_eq(poser->status, 403);
    cr_assert(strstr(world->whom, "`..78`") && !strstr(world->whom, "4930"), "%s", world->whom);
}

Test(sip_dialogs, whoever_is_known_learns_by_options_that_it_is_there, .init = five_begin, .fini = five_finish)
{
    poser = world_peer(world, "127.0.0.6", "");
    peer_asks_options(world, caller);
    peer_asks_options(world, poser);
    world_run(world, 100);
    cr_assert(caller->status == 200 && poser->status == 403);
}

/* RFC 3261, section 18.2.1, and RFC 3581, section 4. */
Test(sip_dialogs, an_answer_says_where_its_request_came_from, .init = five_begin, .fini = five_finish)
{
    char port[8], text[512], line[128];
    snprintf(port, sizeof port, "%u", caller->sip);
    const char *const rows[][3] = {/* sent by, its parameters, those of the answer */
                                   {"127.0.0.2:", ";branch=z9hG4bKa", ""},
                                   {"elsewhere.invalid:", ";branch=z9hG4bKb", ";received=127.0.0.2"},
                                   {"127.0.0.2:", ";branch=z9hG4bKc;rport", ";received=127.0.0.2"}};
    strcpy(caller->call_id, "one");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        *caller->said = '\0';
        snprintf(text, sizeof text,
                 "OPTIONS sip:gcx@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP %s%s%s\r\nFrom: <sip:p>;tag=p\r\n"
                 "To: <sip:gcx>\r\nCall-ID: one\r\nCSeq: %zu OPTIONS\r\nContent-Length: 0\r\n\r\n",
                 rows[i][0], port, rows[i][1], i + 1);
        peer_sends(caller, text);
        world_run(world, 100);
        bool asked = strstr(rows[i][1], ";rport") != NULL;
        snprintf(line, sizeof line, "\r\nVia: SIP/2.0/UDP %s%s%s%s%s%s\r\n", rows[i][0], port, rows[i][1],
                 asked ? "=" : "", asked ? port : "", rows[i][2]);
        cr_assert(strstr(caller->said, line), "%s%s", line, caller->said);
    }
}

/* --- Requests that cannot be met --- */

/* A trunk's request, with a description where it has a type. */
static void sends(const char *method, const char *uri, const char *version, const char *lines, const char *body)
{
    static unsigned count;
    char text[2048];
    count++;
    snprintf(text, sizeof text,
             "%s %s %s\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKr%u\r\nFrom: <sip:+33@there>;tag=f\r\n"
             "Call-ID: r%u\r\nCSeq: 1 %s\r\nContact: <sip:127.0.0.2:%u>\r\n%sContent-Length: %zu\r\n\r\n%s",
             method, uri, version, caller->sip, count, count, method, caller->sip, lines, strlen(body), body);
    *caller->said = *world->reason = '\0';
    snprintf(caller->call_id, sizeof caller->call_id, "r%u", count);
    strcpy(caller->tag, "f");
    strcpy(caller->target, "sip:1800@here");
    peer_sends(caller, text);
    world_run(world, 100);
}

#define TO           "To: <sip:1800@here>\r\n"
#define TO_DIALOG    "To: <sip:1800@here>;tag=t\r\n"
#define SOUND(lines) "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 6000 " lines
#define SDP          TO "Content-Type: application/sdp\r\n"

Test(sip_dialogs, each_request_that_cannot_be_met_is_refused_for_its_reason, .init = five_begin, .fini = five_finish)
{
    static const struct {
        const char *method, *uri, *version, *lines, *body, *reason;
        unsigned status;
    } cases[] = {
        {"UPDATE", "sip:gcx@here", "SIP/2.0", TO_DIALOG, "", "no_call", 481},
        {"MESSAGE", "sip:1800@here", "SIP/2.0", TO, "", "method", 405},
        {"OPTIONS", "sip:here", "SIP/2.0", TO "Require: magic\r\n", "", "extension", 420},
        {"OPTIONS", "sip:here", "SIP/3.0", TO, "", "version", 505},
        {"OPTIONS", "http:1800", "SIP/2.0", TO, "", "scheme", 416},
        {"INVITE", "tel:4711", "SIP/2.0", TO, "", "unknown_number", 404},
        {"OPTIONS", "sip:here", "SIP/2.0", "", "", "malformed", 400},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Content-Type: text/plain\r\n", "hello", "body", 415},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Max-Forwards: 0\r\n", "", "hops", 483},
        {"INVITE", "sip:4711@here", "SIP/2.0", TO, "", "unknown_number", 404},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Supported: timer\r\nSession-Expires: 10\r\n", "", "interval", 422},
        {"INVITE", "sip:1800@here", "SIP/2.0", SDP, SOUND("RTP/AVP 0\r\n") "a=inactive\r\n", "", 0},
        {"INVITE", "sip:1800@here", "SIP/2.0", SDP, SOUND("RTP/AVP 77\r\n"), "codec", 488},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Replaces: x\r\n", "", "malformed", 400},
        {"INVITE", "sip:1800@here", "SIP/2.0", TO "Replaces: x;to-tag=a;from-tag=b\r\n", "", "no_call", 481},
    };
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        char status[32];
        sends(cases[i].method, cases[i].uri, cases[i].version, cases[i].lines, cases[i].body);
        snprintf(status, sizeof status, "SIP/2.0 %u ", cases[i].status);
        cr_assert_str_eq(world->reason, cases[i].reason, "case %u: %s", i, world->reason);
        if (strcmp(cases[i].reason, "unknown_number") == 0)
            cr_assert_str_eq(world->whom, "INVITE to `4711` from 127.0.0.2:5080");
        if (cases[i].status > 0)
            cr_assert(strncmp(caller->said, status, strlen(status)) == 0, "case %u: %s", i, caller->said);
    }
}

/* The trunk brings back what it was sent, for another number. */
static void comes_back(bool as_another)
{
    char text[4096], *id;
    const char *rest = strstr(outlet->invite, "Via: ");
    cr_assert(outlet->state == PEER_RINGS && rest);
    snprintf(text, sizeof text,
             "INVITE sip:1801@here SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.4:5084;branch=z9hG4bKback%d\r\n%s", as_another,
             rest);
    if (as_another && (id = strstr(text, "Call-ID: "))) id[9] = id[9] == 'x' ? 'y' : 'x';
    *world->reason = '\0';
    peer_sends(outlet, text);
    world_run(world, 100);
}

Test(sip_dialogs, a_call_that_a_telephone_dials_may_come_back_to_a_number_of_ours, .init = five_begin,
     .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    comes_back(true);
    cr_assert_str_eq(world->reason, "loop");
    comes_back(false);
    cr_assert_str_eq(world->reason, "");
}

Test(sip_dialogs, a_call_of_a_trunk_does_not_come_back, .init = five_begin, .fini = five_finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "+4930");
    world_run(world, 100);
    comes_back(false);
    cr_assert_str_eq(world->reason, "loop");
}

Test(sip_dialogs, a_method_that_is_none_of_ours_is_refused_within_a_call, .init = five_begin, .fini = five_finish)
{
    char dialog[1024];
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    cr_assert_eq(caller->state, PEER_UP);
    snprintf(dialog, sizeof dialog,
             "PUBLISH %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKp\r\nFrom: <sip:p>;tag=%s\r\n"
             "To: %s\r\nCall-ID: %s\r\nCSeq: 9 PUBLISH\r\nContent-Length: 0\r\n\r\n",
             caller->target, caller->sip, caller->tag, caller->remote, caller->call_id);
    peer_sends(caller, dialog);
    world_run(world, 100);
    cr_assert(caller->status == 405 && strcmp(world->reason, "method") == 0, "%u %s", caller->status, world->reason);
}

/* Else each side would have another description for the last one (RFC 3311, section 5.2). */
Test(sip_dialogs, an_update_that_offers_across_our_own_offer_has_to_wait, .init = five_begin, .fini = five_finish)
{
    static const char body[] = "v=0\r\no=- 1 9 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\n"
                               "m=audio 9000 RTP/AVP 8\r\n";
    char update[1024];
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 44000);
    caller->deaf = true;
    world_run(world, 2000);
    snprintf(update, sizeof update,
             "UPDATE %s SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:%u;branch=z9hG4bKu\r\nFrom: <sip:p>;tag=%s\r\n"
             "To: %s\r\nCall-ID: %s\r\nCSeq: 9 UPDATE\r\nContact: <sip:x@127.0.0.2:%u>\r\n"
             "Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
             caller->target, caller->sip, caller->tag, caller->remote, caller->call_id, caller->sip, strlen(body),
             body);
    peer_sends(caller, update);
    world_run(world, 100);
    cr_assert_str_eq(world->reason, "pending");
}

Test(sip_dialogs, a_telephone_takes_its_call_back_whoever_else_calls, .init = five_begin, .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    peer_hangs_up(world, agent);
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_IDLE);
    cr_assert_str_eq(world->reason, "");
}

Test(sip_dialogs, a_second_answer_to_one_call_is_hung_up_on_until_that_is_heard, .init = five_begin,
     .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    world_run(world, 100);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->deaf = true;
    peer_answers(world, outlet);
    world_run(world, 2000);
    cr_assert_gt(outlet->ended, 1);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

/* The 200 has crossed the CANCEL of a proxy, which then says both. */
Test(sip_dialogs, an_answer_behind_a_refusal_is_acknowledged_and_hung_up_on, .init = five_begin, .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    peer_refuses(world, outlet, 486);
    world_run(world, 100);
    cr_assert_null(world->exchange.first);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->ended = 0;
    peer_answers(world, outlet);
    world_run(world, 1000);
    cr_assert_eq(outlet->ended, 1);
}

/* The agent dials a trunk that answers by what the INVITE does not allow. It hears ACK and BYE, and not a packet; the
 * agent's call ends, and its reason is counted. */
static void answer_is_hung_up_on(const char *reason)
{
    five_dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    outlet->notes = "ACK";
    world_run(world, 1500);
    cr_assert_eq(outlet->noted, 1, "ACK: %u", outlet->noted);
    cr_assert_eq(outlet->ended, 1, "BYE: %u", outlet->ended);
    cr_assert_eq(outlet->packets, 0, "it hears what is none of its sound");
    cr_assert_eq(five_counted(world->reasons, reason), 1, "%s", world->reasons);
    cr_assert(agent->state == PEER_IDLE && !world->exchange.first);
}

static const char key_of_answer[] =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5\r\n";

Test(sip_dialogs, an_encrypted_answer_to_a_plain_offer_is_hung_up_on, .init = five_begin, .fini = five_finish)
{
    outlet->protocol = "RTP/SAVP";
    outlet->more = key_of_answer;
    answer_is_hung_up_on("codec");
}

Test(sip_dialogs, encrypted_sound_before_the_answer_to_a_plain_offer_is_none, .init = five_begin, .fini = five_finish)
{
    outlet->protocol = "RTP/SAVP";
    outlet->more = key_of_answer;
    outlet->progress = true;
    answer_is_hung_up_on("codec");
}

/* The caller talks with the agent, whose next answer to an offer of ours is of the other kind of sound. */
static void agent_talks_and_turns(const char *protocol, const char *more)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 300);
    agent->protocol = protocol;
    agent->more = more;
}

static void call_is_over_by_codec(void)
{
    world_run(world, 1500);
    cr_assert_eq(agent->ended, 1, "BYE: %u", agent->ended);
    cr_assert(agent->state == PEER_IDLE && caller->state == PEER_IDLE && !world->exchange.first);
    cr_assert_eq(five_counted(world->reasons, "codec"), 1, "%s", world->reasons);
}

Test(sip_dialogs, an_encrypted_answer_to_a_plain_offer_within_a_call_ends_it, .init = five_begin, .fini = five_finish)
{
    agent_talks_and_turns("RTP/SAVP", key_of_answer);
    agent->notes = "ACK";
    leg_offer_again(world->exchange.first->called);
    call_is_over_by_codec();
    cr_assert_eq(agent->noted, 1, "ACK: %u", agent->noted);
}

Test(sip_dialogs, an_encrypted_answer_to_a_plain_offer_that_comes_with_an_ack_ends_the_call, .init = five_begin,
     .fini = five_finish)
{
    agent_talks_and_turns("RTP/SAVP", key_of_answer);
    peer_refreshes(world, agent, PEER_BY_ACK);
    call_is_over_by_codec();
}

Test(sip_dialogs, a_plain_answer_to_an_encrypted_offer_within_a_call_ends_it, .init = five_begin, .fini = five_finish)
{
    agent_talks_and_turns("RTP/AVP", "");
    leg_offer_again(world->exchange.first->called);
    world->exchange.first->called->offered_secure = true;
    call_is_over_by_codec();
}

Test(sip_dialogs, an_answer_within_a_call_that_has_no_codec_is_told_and_the_call_goes_on, .init = five_begin,
     .fini = five_finish)
{
    agent_talks_and_turns("RTP/XXX", "");
    leg_offer_again(world->exchange.first->called);
    world_run(world, 1500);
    cr_assert_eq(five_counted(world->reasons, "codec"), 1, "%s", world->reasons);
    cr_assert(agent->state == PEER_UP && peer_hears(caller, false) == 1U << agent->number);
}

Test(sip_dialogs, an_answer_that_names_no_address_is_hung_up_on_where_it_came_from, .init = five_begin,
     .fini = five_finish)
{
    outlet->contact = "";
    answer_is_hung_up_on("malformed");
}

Test(sip_dialogs, an_answer_whose_address_cannot_be_read_is_hung_up_on, .init = five_begin, .fini = five_finish)
{
    outlet->contact = "<>";
    answer_is_hung_up_on("malformed");
}

Test(sip_dialogs, an_answer_whose_proxies_cannot_be_read_is_hung_up_on, .init = five_begin, .fini = five_finish)
{
    outlet->contact = "<sip:+4930@127.0.0.4:5084>\r\nRecord-Route: <>";
    answer_is_hung_up_on("malformed");
}

Test(sip_dialogs, a_second_answer_that_names_no_address_is_hung_up_on, .init = five_begin, .fini = five_finish)
{
    five_dials(agent, "+4930", 70);
    peer_answers(world, outlet);
    world_run(world, 100);
    outlet->state = PEER_RINGS;
    strcpy(outlet->tag, "other");
    outlet->contact = "";
    peer_answers(world, outlet);
    world_run(world, 1000);
    cr_assert_eq(outlet->ended, 1);
    cr_assert(agent->state == PEER_UP && world->exchange.first);
}

/* As 500 (RFC 3261, 8.1.3.2): who asked waits for no other one. */
Test(sip_dialogs, a_refusal_of_no_known_class_ends_the_call, .init = five_begin, .fini = five_finish)
{
    static const unsigned classes[] = {500, 700, 799, 999};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        five_dials(agent, "+4930", 70);
        outlet->notes = "ACK";
        outlet->noted = 0;
        peer_refuses(world, outlet, classes[i]);
        world_run(world, 100);
        cr_assert_eq(outlet->noted, 1, "%u: ACK", classes[i]);
        cr_assert(!world->exchange.first && agent->state == PEER_IDLE, "%u", classes[i]);
        cr_assert_eq(agent->status, 503, "%u: %u", classes[i], agent->status);
        agent->status = 0;
    }
}

Test(sip_dialogs, a_redirection_that_cannot_be_read_is_an_answer, .init = five_begin, .fini = five_finish)
{
    outlet->contact = "<tel:+49>;q=2, <>";
    five_dials(agent, "+4930", 70);
    outlet->notes = "ACK";
    peer_refuses(world, outlet, 300);
    world_run(world, 100);
    cr_assert(outlet->noted == 1 && outlet->invited == 1, "%u %u", outlet->noted, outlet->invited);
    cr_assert(!world->exchange.first && strcmp(world->reasons, "led_nowhere ") == 0, "480: %s", world->reasons);
}

Test(sip_dialogs, a_provisional_answer_that_nobody_acknowledges_ends_the_call, .init = five_begin, .fini = five_finish)
{
    caller->lines = "Require: 100rel\r\n";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_RingBack, "");
    world_run(world, 31000);
    cr_assert_eq(caller->status, 0);
    world_run(world, 2000);
    cr_assert(caller->status == 504 && strcmp(world->reason, "not_acknowledged") == 0, "%u", caller->status);
    cr_assert_null(world->exchange.first);
}

/* --- Where the requests of a call go --- */

/* The agent hangs up on a trunk's caller, whose INVITE has these. Who is told of it? */
static const struct sip_peer *hangs_up_on(const char *contact, const char *route)
{
    const struct sip_peer *told = NULL;
    struct sip_peer *trunk[] = {caller, &world->peers[3], outlet};
    caller->state = PEER_IDLE;
    caller->contact = contact;
    strcpy(caller->headers, route);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world_talk(world, NULL), "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    for (unsigned i = 0; i < 3; i++) trunk[i]->ended = 0;
    peer_hangs_up(world, agent);
    world_run(world, 33000);
    for (unsigned i = 0; i < 3; i++) {
        if (trunk[i]->ended == 0) continue;
        cr_assert_null(told);
        told = trunk[i];
    }
    return told;
}

Test(sip_dialogs, a_trunk_is_told_at_the_address_that_it_names_if_that_is_a_trunks, .init = five_begin,
     .fini = five_finish)
{
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5083", ""), &world->peers[3]);
    cr_assert_eq(hangs_up_on("x@127.0.0.4:5084", ""), outlet);
    cr_assert_eq(hangs_up_on("x@127.0.0.9:5083", ""), caller);
    cr_assert_eq(hangs_up_on("x@trunk.invalid:5083", ""), caller);
}

Test(sip_dialogs, a_proxy_of_the_call_is_told_where_it_is, .init = five_begin, .fini = five_finish)
{
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5080", "Record-Route: <sip:127.0.0.2:5083;lr>\r\n"), &world->peers[3]);
    cr_assert_eq(hangs_up_on("x@127.0.0.2:5083", "Record-Route: <sip:proxy.invalid;lr>\r\n"), caller);
}

static void begin_with_one_trunk(void)
{
    static const char *const settings[][2] = {{"trunks", "127.0.0.2"}, {"outbound", "127.0.0.4:5084"}, {NULL, NULL}};
    five_begin_with(settings);
}

Test(sip_dialogs, whoever_gets_calls_of_ours_is_no_stranger, .init = begin_with_one_trunk, .fini = five_finish)
{
    peer_asks_options(world, outlet);
    world_run(world, 100);
    cr_assert_eq(outlet->status, 200);
}

/* --- A session takes another one's place --- */

Test(sip_dialogs, a_session_is_replaced_by_its_own_telephone_alone, .init = five_begin, .fini = five_finish)
{
    struct sip_peer *beside = world_peer(world, "127.0.0.3", "7001");
    static const struct {
        bool own;
        const char *more;
        unsigned status;
        const char *reason;
    } cases[] = {
        {false, "", 403, "dialled_forbidden"}, {true, ";early-only", 486, "dialled_busy"}, {true, "", 200, ""}};
    sa_set_port(&five_telephone("7001")->at, agent->sip);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sip_peer *as = cases[i].own ? beside : expert;
        const char *tag = strstr(agent->remote, ";tag=");
        char replaces[300];
        cr_assert(tag);
        snprintf(replaces, sizeof replaces, "Replaces: %s;to-tag=%s;from-tag=%s%s\r\n", agent->call_id, tag + 5,
                 agent->tag, cases[i].more);
        *world->reason = '\0';
        if (cases[i].own) sa_set_port(&five_telephone("7001")->at, beside->sip);
        as->lines = replaces;
        five_dials(as, "7001", 70);
        cr_assert_eq(as->status, cases[i].status, "case %u: %u", i, as->status);
        cr_assert_str_eq(world->reason, cases[i].reason, "case %u: %s", i, world->reason);
    }
    world_run(world, 300);
    cr_assert_eq(agent->state, PEER_IDLE, "its session is over");
    cr_assert(peer_hears(caller, false) == 1U << beside->number && peer_hears(beside, false) == 1U << caller->number);
}

/* An agent talks with a caller. */
static void talks(void)
{
    peer_registers(world, agent);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_answers(world, agent);
    world_run(world, 100);
    cr_assert(caller->state == PEER_UP && agent->state == PEER_UP);
}

Test(sip_dialogs, a_number_outside_that_is_asked_by_a_trunk_that_is_there_is_no_warning, .init = five_begin,
     .fini = five_finish)
{
    talks();
    world_party(world, world->exchange.first, "7001", ASK_CONSULT, "+4930");
    world_run(world, 100);
    cr_assert_eq(outlet->state, PEER_RINGS);
    cr_assert_eq(*world->logged, '\0', "%s", world->logged);
}

/* RFC 3261, sections 17.1.1.2 and 17.1.2.2: the pause doubles; of all but INVITE it is four seconds at most. */
Test(sip_dialogs, a_request_that_is_lost_comes_again_after_a_longer_pause, .init = five_begin, .fini = five_finish)
{
    static const unsigned invites[] = {500, 1000, 2000}, byes[] = {500, 1000, 2000, 4000, 4000, 4000};
    talks();
    agent->deaf = true;
    agent->notes = "BYE";
    peer_hangs_up(world, caller);
    world_run(world, 20000);
    cr_assert_gt(agent->noted, 6, "%u", agent->noted);
    for (unsigned i = 0; i < 6; i++) cr_assert_eq(agent->noted_ms[i + 1] - agent->noted_ms[i], byes[i], "BYE %u", i);
    world_run(world, 30000);
    peer_registers(world, expert);
    expert->deaf = true;
    expert->notes = "INVITE";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7002");
    world_run(world, 3900);
    cr_assert_eq(expert->noted, 4, "%u", expert->noted);
    for (unsigned i = 0; i < 3; i++) cr_assert_eq(expert->noted_ms[i + 1] - expert->noted_ms[i], invites[i], "%u", i);
}

/* RFC 3261, section 17.1.1.2: for so long it may come again, and is acknowledged. */
Test(sip_dialogs, an_invite_that_was_refused_is_forgotten_after_half_a_minute, .init = five_begin, .fini = five_finish)
{
    peer_registers(world, agent);
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    peer_refuses(world, agent, 603);
    world_run(world, 100);
    cr_assert(agent->invited == 1 && g_hash_table_size(world->exchange.ua.requests) == 1);
    peer_hangs_up(world, caller);
    world_run(world, 33000);
    cr_assert_eq(g_hash_table_size(world->exchange.ua.requests), 0);
}

Test(sip_dialogs, an_answer_that_comes_again_is_acknowledged_again_and_ends_nothing, .init = five_begin,
     .fini = five_finish)
{
    agent->notes = "ACK";
    talks();
    cr_assert_eq(agent->noted, 1);
    for (unsigned i = 2; i <= 4; i++) { /* its acknowledgement was lost */
        agent->state = PEER_RINGS;
        peer_answers(world, agent);
        world_run(world, 500);
        cr_assert_eq(agent->noted, i, "%u", agent->noted);
    }
    cr_assert(agent->ended == 0 && caller->ended == 0 && agent->state == PEER_UP);
    peer_hangs_up(world, caller);
    world_run(world, 1000);
    cr_assert(agent->ended > 0 && caller->ended == 0, "who has hung up is not told to");
}

Test(sip_dialogs, an_offer_that_came_across_the_peers_is_made_once_more, .init = five_begin, .fini = five_finish)
{
    strcpy(caller->headers, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    caller->glares = 2;
    world_run(world, 44000);
    cr_assert_eq(caller->refreshed, 0);
    world_run(world, 8000);
    cr_assert(caller->glares == 0 && caller->refreshed == 1, "%u INVITEs", caller->refreshed);
    cr_assert_eq(caller->state, PEER_UP);
}

/* A session has one offer under way at a time (RFC 3261, section 14.1). */
Test(sip_dialogs, an_offer_of_ours_waits_for_what_is_under_way, .init = five_begin, .fini = five_finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    struct leg *leg = talk_next_leg(world->exchange.first, NULL);
    caller->notes = "INVITE";
    caller->deaf = true;
    leg_offer_again(leg);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 1, "the first one is not answered");
    caller->deaf = false;
    world_run(world, 1000);
    cr_assert_eq(caller->refreshed, 2);
    caller->glares = 1;
    caller->noted = 0;
    leg_offer_again(leg);
    world_run(world, 100);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 1, "it came across the peer's, and is to be made again");
    world_run(world, 5000);
    cr_assert_eq(caller->refreshed, 3);
    caller->deaf = true;
    caller->noted = 0;
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    leg_offer_again(leg);
    world_run(world, 100);
    cr_assert_eq(caller->noted, 0, "our answer is not acknowledged");
    caller->deaf = false;
    world_run(world, 1000);
    cr_assert_eq(caller->refreshed, 4);
}

/* RFC 3261, section 14.2: the peer is to make its second offer once the first one has an answer. */
Test(sip_dialogs, an_offer_of_the_peer_waits_for_the_answer_to_its_first_one, .init = five_begin, .fini = five_finish)
{
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_route(world, world->exchange.first, "7001");
    world_run(world, 100);
    cr_assert_neq(strstr(caller->remote, ";tag="), NULL);
    peer_offers(world, caller, "sendrecv");
    world_run(world, 100);
    cr_assert(caller->status == 500 && world->exchange.first, "%u", caller->status);
}

/* A proxy that is left out would not let the request through, and the address of before may be another telephone's. */
Test(sip_dialogs, a_refresh_goes_by_all_proxies_to_where_the_peer_said_last, .init = five_begin, .fini = five_finish)
{
    snprintf(caller->headers, sizeof caller->headers,
             "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nRecord-Route: <sip:127.0.0.2:%u;lr>\r\n"
             "Record-Route: <sip:second.invalid;lr>\r\nRecord-Route: <sip:third.invalid;lr>\r\n",
             caller->sip);
    caller->contact = "first@127.0.0.2";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 100);
    caller->contact = "moved@127.0.0.2";
    caller_wants(PEER_BY_INVITE, "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\n");
    world_run(world, 46000);
    cr_assert_eq(caller->refreshed, 1);
    cr_assert_eq(strncmp(caller->refresh, "INVITE sip:moved@", 17), 0, "%s", caller->refresh);
    const char *second = strstr(caller->refresh, "Route: <sip:second.invalid;lr>\r\n");
    cr_assert(second && strstr(second, "Route: <sip:third.invalid;lr>\r\n"), "%s", caller->refresh);
}

/* RFC 3261, section 12.2.1.1: a router of RFC 2543 reads its own address, and takes the next one from the last Route.
 */
Test(sip_dialogs, a_strict_router_is_asked_itself_and_the_peer_is_the_last_route, .init = five_begin,
     .fini = five_finish)
{
    char first[64], routes[160];
    snprintf(caller->headers, sizeof caller->headers,
             "Supported: timer\r\nSession-Expires: 90;refresher=uas\r\nRecord-Route: <sip:127.0.0.2:%u;old>\r\n"
             "Record-Route: <sip:second.invalid;lr>\r\n",
             caller->sip);
    caller->contact = "first@10.1.2.3";
    peer_calls(world, caller, "1800");
    world_run(world, 100);
    world_treat(world, world->exchange.first, treatment_Music, "music");
    world_run(world, 46000);
    cr_assert_eq(caller->refreshed, 1);
    snprintf(first, sizeof first, "INVITE sip:127.0.0.2:%u;old SIP/2.0\r\n", caller->sip);
    cr_assert_eq(strncmp(caller->refresh, first, strlen(first)), 0, "%s", caller->refresh);
    snprintf(routes, sizeof routes, "\r\nRoute: <sip:second.invalid;lr>\r\nRoute: <sip:first@10.1.2.3>\r\nTo: ");
    cr_assert(strstr(caller->refresh, routes), "%s", caller->refresh);
}
