/* tests/unit/sip_legs.c - Legs of a whole exchange (sip_world.h): keys, encrypted sound, ports, outlets that fail, and
 * what a mistake of ours ends. */
#include <criterion/criterion.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/adapters/sip/dtmf.h"
#include "tests/unit/sip_world.h"

TestSuite(sip_legs, .timeout = 60);

static struct sip_world *world;
static struct sip_peer *caller, *agent, *expert, *second, *outlets[2];

static void begin_with(const char *const (*settings)[2])
{
    world = world_new(settings);
    caller = world_peer(world, "127.0.0.2", "");
    agent = world_peer(world, "127.0.0.3", "7001");
    expert = world_peer(world, "127.0.0.3", "7002");
    second = world_peer(world, "127.0.0.2", "");
    outlets[0] = world_peer(world, "127.0.0.4", "+4930"); /* their ports are those of `outbound` */
    outlets[1] = world_peer(world, "127.0.0.4", "+4930");
}

static void begin(void)
{
    begin_with(NULL);
}

static void finish(void)
{
    world_free(world);
}

static bool hears(const struct sip_peer *peer, unsigned tone)
{
    return peer_hears(peer, false) == 1U << tone;
}

/* The caller stands at the routing point. */
static const struct talk *arrives(struct sip_peer *from)
{
    peer_calls(world, from, "1800");
    world_run(world, 20);
    return world->exchange.first;
}

/* The caller talks with whoever has that number. */
static const struct talk *talks(struct sip_peer *to, const char *number)
{
    const struct talk *talk = arrives(caller);
    world_route(world, talk, number);
    world_run(world, 20);
    cr_assert_eq(to->state, PEER_RINGS);
    peer_answers(world, to);
    world_run(world, 300);
    return talk;
}

/* --- A strategy answers --- */

Test(sip_legs, a_strategy_answers_the_call_that_stands_at_its_point, .init = begin, .fini = finish)
{
    const struct talk *talk = arrives(caller);
    cr_assert_eq(caller->state, PEER_CALLS);
    for (int times = 0; times < 2; times++) { /* who is answered stays so */
        world_party(world, talk, "1800", ASK_ANSWER, NULL);
        world_run(world, 20);
        cr_assert_eq(caller->state, PEER_UP);
        cr_assert_eq(caller->status, 200);
    }
    world_route(world, talk, "7001");
    world_run(world, 200);
    cr_assert(hears(caller, TONE_OF_EXCHANGE), "it rings");
    peer_answers(world, agent);
    world_run(world, 300);
    cr_assert(hears(caller, agent->number) && hears(agent, caller->number));
    world_party(world, talk, "1800", ASK_ANSWER, NULL); /* it stands there no more */
    world_run(world, 20);
    cr_assert(hears(caller, agent->number));
}

static void begin_deciding_alone(void)
{
    static const char *const settings[][2] = {{"redirects", "1800"}, {NULL, NULL}};
    begin_with(settings);
}

Test(sip_legs, a_call_that_is_only_decided_here_is_not_answered, .init = begin_deciding_alone, .fini = finish)
{
    world_party(world, arrives(caller), "1800", ASK_ANSWER, NULL);
    world_run(world, 100);
    cr_assert_eq(caller->state, PEER_CALLS);
    cr_assert_eq(caller->status, 0);
}

/* --- Keys --- */

Test(sip_legs, a_key_by_info_is_passed_on_as_an_event, .init = begin, .fini = finish)
{
    (void)talks(agent, "7001");
    peer_info(world, agent, '!');
    peer_info(world, agent, '5');
    for (unsigned beat = 1; beat < 8; beat++) {
        const uint8_t *event = caller->last + RTP_HEADER;
        while (caller->heard_keys < beat) world_run(world, 1);
        cr_assert_eq(event[0], 5);
        cr_assert_eq((unsigned)(event[2] << 8 | event[3]), (beat < 5 ? beat : 5) * RTP_SAMPLES, "packet %u", beat);
    }
    peer_info(world, agent, '#');
    world_run(world, 400);
    cr_assert_str_eq(caller->keys, "5#");
    cr_assert(caller->heard_keys == 16 && caller->key_ends == 6, "an event of five packets, with its end thrice");
    cr_assert(hears(caller, agent->number));
    cr_assert_eq(caller->holes, 0);
    cr_assert_eq(*agent->keys, '\0');
}

/* Gateways write the key, or the number that its event has; 16 is a hook flash, and no key. */
Test(sip_legs, a_key_by_info_is_read_as_a_whole_word, .init = begin, .fini = finish)
{
    static const struct {
        const char *type, *body, *keys;
    } cases[] = {{"application/dtmf-relay", "Signal=4\r\nDuration=160\r\n", "4"},
                 {"application/dtmf-relay", "Signal=10\r\nDuration=160\r\n", "*"},
                 {"application/dtmf-relay", "Signal= 11\r\n", "#"},
                 {"application/dtmf-relay", "Signal=12", "A"},
                 {"application/dtmf-relay", "Duration=160\r\nSignal=15\r\n", "D"},
                 {"application/dtmf-relay", "Signal=16\r\nDuration=160\r\n", ""},
                 {"application/dtmf-relay", "Signal=1 \r\nDuration=160\r\n", "1"},
                 {"application/dtmf-relay", "Signal=05\r\nDuration=160\r\n", ""},
                 {"application/dtmf-relay", "Signal=110\r\nDuration=160\r\n", ""},
                 {"application/dtmf-relay", "Signal=\r\nDuration=160\r\n", ""},
                 {"application/dtmf", "B", "B"},
                 {"application/dtmf", "11\r\n", "#"},
                 {"application/dtmf", "16", ""},
                 {"application/dtmf", "19", ""},
                 {"application/dtmf", "", ""}};
    (void)talks(agent, "7001");
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        *caller->keys = '\0';
        peer_informs(world, agent, cases[i].type, cases[i].body);
        world_run(world, 400);
        cr_expect_str_eq(caller->keys, cases[i].keys, "%s: %s", cases[i].body, caller->keys);
    }
}

Test(sip_legs, a_key_by_an_event_is_heard_as_its_tones_where_no_events_are_known, .init = begin, .fini = finish)
{
    static const struct {
        char key;
        unsigned low, high;
    } keys[] = {{'7', 852, 1209}, {'0', 941, 1336}, {'D', 941, 1633}, {'3', 697, 1477}};
    caller->events = false;
    (void)talks(agent, "7001");
    for (unsigned i = 0; i < sizeof keys / sizeof *keys; i++) {
        struct dtmf dtmf = {0};
        int16_t samples[RTP_SAMPLES];
        char told[8] = "", heard[8];
        peer_key(world, agent, keys[i].key);
        for (unsigned beat = 0; beat < 10; beat++) {
            world_run(world, 20);
            for (unsigned at = 0; at < RTP_SAMPLES; at++)
                samples[at] = g711_decode(LAW_A, caller->last[RTP_HEADER + at]);
            dtmf_hear(&dtmf, samples, RTP_SAMPLES, heard, sizeof heard);
            strcat(told, heard);
        }
        cr_assert(told[0] == keys[i].key && told[1] == '\0', "%c is heard as %s", keys[i].key, told);
    }
    world_run(world, 200);
    cr_assert(hears(caller, agent->number));
    cr_assert_eq(caller->holes, 0);
    cr_assert_eq(caller->heard_keys, 0);
}

Test(sip_legs, keys_reach_the_treatment_that_is_heard, .init = begin, .fini = finish)
{
    const struct talk *talk = talks(agent, "7001");
    world_party(world, talk, "7001", ASK_CONSULT, "1801");
    world_run(world, 20);
    world_treat(world, talk->consult, treatment_CollectDigits, "prompt");
    world_run(world, 200);
    cr_assert(hears(agent, TONE_OF_PROMPT));
    peer_info(world, caller, '1'); /* is on hold, and keys nobody's digits */
    world_run(world, 200);
    cr_assert(hears(agent, TONE_OF_PROMPT));
    cr_assert_eq(*agent->keys, '\0');
    peer_key(world, agent, '2');
    world_run(world, 200);
    cr_assert_eq(peer_hears(agent, true), 0, "the first key ends the prompt");
}

Test(sip_legs, of_keys_at_once_so_many_go_on_as_are_kept, .init = begin, .fini = finish)
{
    (void)talks(agent, "7001");
    for (unsigned i = 0; i < 40; i++) peer_info(world, agent, '5');
    world_run(world, 40 * 200);
    cr_assert_eq(caller->heard_keys, 32 * 8);
    cr_assert(hears(caller, agent->number));
}

/* --- Answered, or declined, at the desktop --- */

Test(sip_legs, a_desktop_answers_and_the_telephone_is_called_again, .init = begin, .fini = finish)
{
    const struct talk *talk = arrives(caller);
    world_route(world, talk, "7001");
    world_run(world, 20);
    world_party(world, talk, "7001", ASK_ANSWER, "");
    world_run(world, 100);
    cr_assert_eq(agent->invited, 2);
    cr_assert(strstr(agent->invite, "answer-after=0"));
    peer_answers(world, agent);
    world_run(world, 300);
    cr_assert(hears(caller, agent->number) && hears(agent, caller->number));
}

Test(sip_legs, a_desktop_declines_and_the_call_is_at_its_point_again, .init = begin, .fini = finish)
{
    const struct talk *talk = arrives(caller);
    unsigned visits = talk->visits;
    world_route(world, talk, "7001");
    world_run(world, 20);
    world_party(world, talk, "7001", ASK_RELEASE, "");
    world_run(world, 100);
    cr_assert_eq(agent->state, PEER_IDLE);
    cr_assert(world->exchange.first == talk && !talk->called && talk->visits == visits + 1);
}

/* --- Treatments --- */

Test(sip_legs, an_announcement_is_heard_once_and_digits_are_awaited_behind_their_prompt, .init = begin, .fini = finish)
{
    const struct talk *talk = arrives(caller);
    world_treat(world, talk, treatment_PlayAnnouncement, "prompt");
    world_run(world, 300);
    cr_assert(hears(caller, TONE_OF_PROMPT) && talk->treating);
    world_run(world, 1000);
    cr_assert_eq(peer_hears(caller, true), 0);
    cr_assert_null(talk->treating);
    world_treat(world, talk, treatment_Music, "music");
    world_run(world, 20);
    exchange_ops.stop_treatment(&world->exchange, talk_call(talk), 999999);
    world_run(world, 300);
    cr_assert(hears(caller, TONE_OF_MUSIC), "another one was to stop");
    world_treat(world, talk, treatment_PlayApplication, "prompt");
    world_run(world, 300);
    cr_assert_eq(peer_hears(caller, true), 0, "it is none that we can play");
    world_treat(world, talk, treatment_CollectDigits, "prompt");
    world_run(world, 1400);
    cr_assert(talk->treating, "its prompt is over, and digits are awaited");
    peer_key(world, caller, '1');
    world_run(world, 4000);
    cr_assert(talk->treating);
    world_run(world, 2000); /* five seconds behind the last digit the number is complete */
    cr_assert_null(talk->treating);
    cr_assert_eq(caller->holes, 0);
}

/* --- A prompt, a number, so much time --- */

static struct kv params;
static int64_t pause_s = 2; /* behind a key */

static void asks(enum treatment type, const char *prompt, unsigned min, const char *end, unsigned ms)
{
    kv_init(&params);
    if (*prompt) kv_put_text(&params, "prompt", span_of(prompt));
    if (*end) kv_put_text(&params, "end", span_of(end));
    if (min > 0) kv_put_int(&params, "min", min);
    kv_put_int(&params, "max", 4);
    kv_put_int(&params, "gap", pause_s * 1000000);
    if (ms > 0) kv_put_time(&params, "duration_us", (int64_t)ms * 1000);
    world_ask(world, world->exchange.first, type, &params);
    kv_free(&params);
    world_run(world, 20);
}

static void told_is(const char *told)
{
    cr_assert_str_eq(world->told, told);
    *world->told = '\0';
}

Test(sip_legs, music_has_its_time_and_is_heard_until_the_core_says_what_comes, .init = begin, .fini = finish)
{
    (void)arrives(caller);
    asks(treatment_Music, "music", 0, "", 1000);
    world_run(world, 900);
    told_is("at 1800; Applied; ");
    world_run(world, 300);
    told_is("End ok; ");
    cr_assert(hears(caller, TONE_OF_MUSIC));
    exchange_ops.stop_treatment(&world->exchange, talk_call(world->exchange.first), 1);
    world_run(world, 200);
    cr_assert_eq(peer_hears(caller, true), 0, "that one, which has ended, is heard no more");
    asks(treatment_Music, "music", 0, "", 100);
    world_run(world, 300);
    told_is("Applied; End ok; ");
    cr_assert(hears(caller, TONE_OF_MUSIC));
    asks(treatment_Music, "music", 0, "", 0);
    world_run(world, 6000);
    told_is("Applied; "); /* without a time it has none: not that for a first key */
    cr_assert(hears(caller, TONE_OF_MUSIC));
    asks(treatment_Silence, "", 0, "", 0);
    world_run(world, 200);
    cr_assert_eq(peer_hears(caller, true), 0);
}

Test(sip_legs, a_tone_begins_anew_each_time_with_a_mark_on_its_first_packet, .init = begin, .fini = finish)
{
    unsigned waited_ms = 0;
    (void)arrives(caller);
    world_run(world, 100);
    for (unsigned i = 0; i < 2; i++) {
        world_treat(world, world->exchange.first, treatment_RingBack, "");
        for (; caller->last[1] >> 7 == 0 && waited_ms < 100; waited_ms++) world_run(world, 1);
        cr_assert_lt(waited_ms, 100, "no packet is marked");
        cr_assert_eq(strncmp(caller->said, "SIP/2.0 183", 11), 0, "it is not answered by that");
        world_run(world, 300);
        cr_assert(hears(caller, TONE_OF_EXCHANGE));
        cr_assert_eq(caller->last[1] >> 7, 0);
        world_run(world, 1000); /* it rings for a second, and pauses for four */
        cr_assert_eq(peer_hears(caller, true), 0);
    }
}

/* Gateways there are that say each key both ways, in either order. */
static void presses(struct sip_peer *peer, const char *keys)
{
    for (; *keys; keys++) {
        if (*keys == 'i')
            peer_info(world, peer, *++keys);
        else if (*keys == ' ')
            world_run(world, 200);
        else
            peer_key(world, peer, *keys);
        world_run(world, 20);
    }
}

static const char *const both_ways[] = {"4i4 7i7 7i7 2i2 ", "i44 i77 i77 i22 ", "i4i747 i77 i22 ",
                                        "i44 7i7 i77 2i2 ", "i4 i7 i7 i2 ",     "i1      1i1"};

Test(sip_legs, a_key_that_comes_both_ways_counts_once)
{
    for (unsigned i = 0; i < sizeof both_ways / sizeof *both_ways; i++) {
        begin();
        (void)arrives(caller);
        asks(treatment_CollectDigits, "", 2, "#", 0);
        *world->told = '\0';
        presses(caller, both_ways[i]);
        world_run(world, 2500);
        cr_expect_str_eq(world->told, i == 5 ? "End 11 ok; " : "End 4772 ok; ", "%s: %s", both_ways[i], world->told);
        finish();
    }
}

Test(sip_legs, a_key_that_comes_both_ways_is_passed_on_once)
{
    for (unsigned i = 0; i < sizeof both_ways / sizeof *both_ways; i++) {
        begin();
        (void)talks(agent, "7001");
        presses(agent, both_ways[i]);
        world_run(world, 1500);
        cr_expect_str_eq(caller->keys, i == 5 ? "11" : "4772", "%s: %s", both_ways[i], caller->keys);
        finish();
    }
}

Test(sip_legs, a_flash_behind_a_key_that_came_both_ways_is_passed_on, .init = begin, .fini = finish)
{
    (void)talks(agent, "7001");
    presses(agent, "i44 ! 8 !");
    world_run(world, 1500);
    cr_expect_str_eq(caller->keys, "4!8!", "%s", caller->keys);
}

/* Its event would have come by then: this is another one. */
Test(sip_legs, a_key_long_behind_the_same_one_by_info_counts, .init = begin, .fini = finish)
{
    (void)talks(agent, "7001");
    presses(agent, "i1      i2 1");
    world_run(world, 1500);
    cr_expect_str_eq(caller->keys, "121", "%s", caller->keys);
}

Test(sip_legs, a_number_ends_by_its_key_its_length_or_a_pause, .init = begin, .fini = finish)
{
    static const struct {
        const char *keys;
        unsigned pause_ms;
        const char *told;
    } cases[] = {{"12#", 0, "End 12 ok; "},    {"1#", 0, "End 1 invalid_input; "},
                 {"1234", 0, "End 1234 ok; "}, {"#12#", 0, "End 12 ok; "}, /* the first # is of the number before */
                 {"12", 2000, "End 12 ok; "},  {"1", 2000, "End 1 invalid_input; "},
                 {"#", 0, "End no_input; "},   {"", 5000, "End no_input; "}};
    (void)arrives(caller);
    *world->told = '\0';
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        asks(treatment_CollectDigits, "", 2, "#", 0);
        told_is("Applied; ");
        for (const char *key = cases[i].keys; *key; key++) {
            peer_key(world, caller, *key);
            world_run(world, 200);
        }
        cr_assert_eq(*world->told == '\0', cases[i].pause_ms > 0, "case %u: %s", i, world->told);
        world_run(world, cases[i].pause_ms);
        told_is(cases[i].told);
    }
}

Test(sip_legs, another_key_is_awaited_a_minute_at_most, .init = begin, .fini = finish)
{
    (void)arrives(caller);
    *world->told = '\0';
    pause_s = 3600;
    asks(treatment_CollectDigits, "", 1, "#", 0);
    peer_key(world, caller, '1');
    world_run(world, 59000);
    told_is("Applied; ");
    world_run(world, 2000);
    told_is("End 1 ok; ");
}

Test(sip_legs, a_first_key_is_awaited_five_seconds_behind_the_prompt, .init = begin, .fini = finish)
{
    (void)arrives(caller);
    *world->told = '\0';
    for (unsigned i = 0; i < 2; i++) { /* the core asks again */
        asks(treatment_PlayAnnouncementAndDigits, "prompt", 1, "#", 0);
        world_run(world, 4900);
        told_is("Applied; ");
        cr_assert_eq(peer_hears(caller, true), 0, "its prompt, of a second, is over");
        world_run(world, 1200);
        told_is("End no_input; ");
    }
    asks(treatment_PlayAnnouncementAndDigits, "prompt", 1, "#", 0);
    peer_key(world, caller, '7'); /* into the prompt, whose end then begins no time */
    world_run(world, 1500);
    told_is("Applied; ");
    world_run(world, 700);
    told_is("End 7 ok; ");
    asks(treatment_PlayAnnouncementAndDigits, "prompt", 1, "#", 0);
    peer_hangs_up(world, caller);
    world_run(world, 7000);
    cr_assert_null(strstr(world->told, "no_input"), "told: %s", world->told);
}

Test(sip_legs, keys_as_sound_are_heard_where_that_is_set_and_no_events_are_known, .init = begin, .fini = finish)
{
    uint8_t packet[RTP_HEADER + RTP_SAMPLES];
    caller->events = false;
    caller->mute = true;
    world->exchange.clock.inband = true;
    (void)arrives(caller);
    *world->told = '\0';
    asks(treatment_CollectDigits, "", 2, "", 0);
    told_is("Applied; ");
    for (uint16_t at = 0; at < 40; at++) { /* 7, 7, 7 and 7, each for 100 ms behind 100 ms of silence */
        for (unsigned i = 0; i < RTP_SAMPLES; i++) {
            double turn = 2 * 3.14159265358979 * (at * RTP_SAMPLES + i) / 8000;
            double sum = at / 5 % 2 ? sin(turn * 852) + sin(turn * 1209) : 0;
            packet[RTP_HEADER + i] = g711_encode(LAW_A, (int16_t)(5000 * sum));
        }
        rtp_write(packet, &(struct rtp){.payload = 8, .sequence = at, .timestamp = at * 160U, .ssrc = 4711});
        peer_says(world, caller, packet, sizeof packet);
        world_run(world, 20);
    }
    told_is("End 7777 ok; ");
}

/* --- Encrypted sound --- */

static const uint8_t own_key[SDP_KEY] = "012345678901234567890123456789";
static const char offered_key[] =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5\r\n";

static struct srtp *seals;

/* So many packets of the caller's tone, sealed, from that sequence number on. */
static struct mbuf *says_sealed(uint16_t sequence, unsigned count)
{
    struct mbuf *packet = mbuf_alloc(1500);
    uint8_t head[RTP_HEADER], codes[RTP_SAMPLES];
    memset(codes, g711_encode(LAW_A, 8000), sizeof codes);
    for (unsigned i = 0; i < count; i++, sequence++) {
        rtp_write(head, &(struct rtp){.payload = 8, .sequence = sequence, .timestamp = sequence * 160U, .ssrc = 4711});
        mbuf_reset(packet);
        mbuf_write_mem(packet, head, sizeof head);
        mbuf_write_mem(packet, codes, sizeof codes);
        packet->pos = 0;
        cr_assert_eq(srtp_encrypt(seals, packet), 0);
        peer_says(world, caller, mbuf_buf(packet), mbuf_get_left(packet));
        world_run(world, 20);
    }
    return packet;
}

static uint64_t taken(void)
{
    return world->exchange.clock.packets - world->exchange.clock.strangers;
}

/* The caller's sound is encrypted both ways; what it says is for the tests to say. */
static void talks_sealed(void)
{
    cr_assert_eq(srtp_alloc(&seals, SRTP_AES_CM_128_HMAC_SHA1_80, own_key, SDP_KEY, 0), 0);
    caller->protocol = "RTP/SAVP";
    caller->more = offered_key;
    caller->mute = agent->mute = true;
    (void)talks(agent, "7001");
    cr_assert_eq(caller->state, PEER_UP);
}

Test(sip_legs, encrypted_sound_goes_both_ways_and_plain_sound_is_none, .init = begin, .fini = finish)
{
    struct srtp *opens;
    uint8_t key[SDP_KEY];
    size_t length;
    talks_sealed();
    const char *coded = strstr(caller->answer, "inline:");
    cr_assert(strstr(caller->answer, "RTP/SAVP 8") && coded);
    cr_assert_eq(sodium_base642bin(key, sizeof key, coded + 7, 40, NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL),
                 0);
    cr_assert_eq(srtp_alloc(&opens, SRTP_AES_CM_128_HMAC_SHA1_80, key, SDP_KEY, 0), 0);
    struct mbuf *packet = mbuf_alloc(1500);
    mbuf_write_mem(packet, caller->last, caller->last_length);
    packet->pos = 0;
    cr_assert_eq(srtp_decrypt(opens, packet), 0);
    cr_assert_eq(mbuf_get_left(packet), RTP_HEADER + RTP_SAMPLES);
    mem_deref(packet);
    uint64_t before = taken();
    mem_deref(says_sealed(100, 5));
    cr_assert_eq(taken(), before + 5);
    cr_assert_eq(agent->last[RTP_HEADER + 9], g711_encode(LAW_A, 8000));
    caller->mute = false; /* it speaks plainly */
    world_run(world, 100);
    cr_assert_eq(taken(), before + 5);
    mem_deref(opens);
    mem_deref(seals);
}

Test(sip_legs, a_description_with_the_same_key_goes_on_with_the_same_cipher, .init = begin, .fini = finish)
{
    talks_sealed();
    uint64_t before = taken();
    struct mbuf *last = says_sealed(65530, 10); /* the numbers go round, which the cipher counts */
    cr_assert_eq(taken(), before + 10);
    peer_offers(world, caller, "sendrecv");
    world_run(world, 20);
    mem_deref(says_sealed(4, 10));
    cr_assert_eq(taken(), before + 20, "what is said behind the new description is heard");
    peer_offers(world, caller, "sendrecv");
    world_run(world, 20);
    peer_says(world, caller, mbuf_buf(last), mbuf_get_left(last));
    world_run(world, 20);
    cr_assert_eq(taken(), before + 20, "a packet that was recorded is not heard again");
    mem_deref(last);
    mem_deref(seals);
}

Test(sip_legs, who_is_encrypted_is_not_made_plain_by_a_new_offer, .init = begin, .fini = finish)
{
    talks_sealed();
    caller->protocol = "RTP/AVP";
    caller->more = "";
    peer_offers(world, caller, "sendrecv");
    world_run(world, 20);
    cr_assert_eq(caller->status, 488);
    uint64_t before = taken();
    mem_deref(says_sealed(100, 5));
    cr_assert_eq(taken(), before + 5, "the call goes on as it was");
    mem_deref(seals);
}

Test(sip_legs, an_offer_of_encrypted_sound_that_is_answered_plainly_is_no_call, .init = begin, .fini = finish)
{
    struct talk *talk = (struct talk *)(uintptr_t)arrives(caller);
    world_route(world, talk, "7001");
    world_run(world, 20);
    talk->called->offered_secure = true; /* as a telephone is called that has registered over TLS */
    peer_answers(world, agent);
    world_run(world, 200);
    cr_assert_eq(agent->state, PEER_IDLE, "it is hung up on");
    cr_assert_null(talk->called);
    cr_assert_neq(caller->state, PEER_UP, "nobody has answered");
}

Test(sip_legs, offers_with_feedback_are_taken, .init = begin, .fini = finish)
{
    caller->protocol = "RTP/AVPF";
    caller->more = "a=rtcp-fb:8 nack\r\n";
    (void)talks(agent, "7001");
    cr_assert(strstr(caller->answer, "RTP/AVPF 8"));
    cr_assert(hears(caller, agent->number) && hears(agent, caller->number));
}

/* --- Who moves --- */

/* `expert` is the agent's telephone at another port of its address, `second` a stranger to it. */
Test(sip_legs, a_telephone_that_sends_from_another_port_is_heard_once_the_first_is_silent, .init = begin,
     .fini = finish)
{
    (void)talks(agent, "7001");
    expert->to_port = second->to_port = agent->to_port;
    second->state = PEER_UP;
    agent->mute = true;
    world_run(world, 500);
    cr_assert_eq(peer_hears(caller, true), 0, "who speaks is at another address");
    agent->mute = false;
    expert->state = PEER_UP;
    world_run(world, 200);
    cr_assert(hears(caller, agent->number) && expert->packets == 0);
    agent->mute = true;
    world_run(world, 200);
    cr_assert_eq(expert->packets, 0);
    world_run(world, 300);
    cr_assert(hears(caller, expert->number) && hears(expert, caller->number));
}

Test(sip_legs, a_telephone_that_describes_another_port_is_spoken_to_there, .init = begin, .fini = finish)
{
    (void)talks(agent, "7001");
    agent->mute = true;
    agent->rtp = expert->rtp;
    peer_offers(world, agent, "sendrecv");
    world_run(world, 200);
    cr_assert(hears(expert, caller->number));
}

/* As one behind a router that gives its sound another port. */
Test(sip_legs, a_telephone_that_sends_from_another_port_at_once_is_heard_at_once, .init = begin, .fini = finish)
{
    uint16_t own = agent->rtp;
    world_route(world, arrives(caller), "7001");
    world_run(world, 20);
    agent->rtp = expert->rtp;
    peer_answers(world, agent);
    agent->rtp = own;
    world_run(world, 160);
    cr_assert(hears(caller, agent->number) && hears(agent, caller->number));
}

/* --- Recorded --- */

static void records(const struct talk *talk, enum call_op op)
{
    exchange_ops.record(&world->exchange, 1, talk_call(talk), op);
    world_run(world, 200);
}

Test(sip_legs, each_recording_of_a_call_has_a_name_and_its_hash, .init = begin, .fini = finish)
{
    char command[160];
    world->exchange.setting.recordings = world->folder;
    world->exchange.setting.recordings_free = 0;
    const struct talk *talk = talks(agent, "7001");
    for (unsigned i = 0; i < 2; i++) {
        records(talk, call_op_recording_start);
        records(talk, call_op_recording_start); /* once more changes nothing */
        records(talk, call_op_recording_stop);
    }
    records(talk, call_op_recording_start);
    peer_hangs_up(world, caller);
    world_run(world, 200);
    snprintf(command, sizeof command,
             "cd %s && sha256sum -c --quiet *-2.wav.sha256 *-3.wav.sha256 *[0-9a-f].wav.sha256", world->folder);
    cr_assert_eq(system(command), 0);
    cr_assert_str_eq(world->logged, "", "none ended by itself");
}

Test(sip_legs, a_caller_who_says_nothing_after_the_beep_is_told_as_such, .init = begin, .fini = finish)
{
    world->exchange.setting.recordings = world->folder;
    world->exchange.setting.recordings_free = 0;
    caller->mute = true;
    (void)arrives(caller);
    *world->told = '\0';
    asks(treatment_RecordUserAnnouncement, "prompt", 0, "", 20000);
    world_run(world, 8000);
    told_is("Applied; End no_input; ");
}

/* Nobody is told that a call is recorded which is not: the desktop says "on", and agents rely on it. */
Test(sip_legs, a_recording_that_ends_by_itself_is_told_at_once, .init = begin, .fini = finish)
{
    char command[160];
    world->exchange.setting.recordings = world->folder;
    world->exchange.setting.recordings_free = 0;
    world->exchange.setting.recording_max = 2;
    const struct talk *talk = talks(agent, "7001");
    records(talk, call_op_recording_start);
    talk_call(talk)->recording = "on"; /* as who asked for it hears */
    world_run(world, 5000);
    cr_assert_not(talk_call(talk)->recording);
    cr_assert(strstr(world->logged, ".wav ended: it is as long as a recording may be"), "%s", world->logged);
    cr_assert_not(talk->recorder);
    snprintf(command, sizeof command, "cd %s && sha256sum -c --quiet *[0-9a-f].wav.sha256", world->folder);
    cr_assert_eq(system(command), 0);
}

/* --- Outlets --- */

static void dials_past(unsigned refusal, bool goes_on)
{
    outlets[0]->refused = refusal;
    world_route(world, arrives(caller), "+4930");
    world_run(world, 100);
    cr_assert_eq(outlets[0]->invited, 1);
    cr_assert_eq(outlets[1]->invited, goes_on ? 1 : 0, "after %u", refusal);
}

Test(sip_legs, an_outlet_that_cannot_is_no_answer_of_who_was_called, .init = begin, .fini = finish)
{
    dials_past(500, true);
}

Test(sip_legs, a_call_goes_on_by_another_outlet_after_503, .init = begin, .fini = finish)
{
    dials_past(503, true);
}

Test(sip_legs, an_answer_of_who_was_called_is_one, .init = begin, .fini = finish)
{
    dials_past(486, false);
}

Test(sip_legs, what_nobody_there_can_do_is_no_outlets_fault, .init = begin, .fini = finish)
{
    dials_past(501, false);
}

/* --- Who says nothing --- */

static void begin_with_silence(void)
{
    static const char *const settings[][2] = {{"silence", "8"}, {NULL, NULL}};
    begin_with(settings);
}

/* One of both holds, or does not (sendrecv), and that one says nothing; is the call there after twice `silence`? */
static bool lasts(struct sip_peer *one, const char *way, struct sip_peer *silent)
{
    (void)talks(agent, "7001");
    peer_offers(world, one, way);
    world_run(world, 300);
    silent->mute = true;
    world_run(world, 16000);
    bool there = world->exchange.first != NULL;
    cr_expect_eq(there, caller->state == PEER_UP && agent->state == PEER_UP);
    silent->mute = false;
    if (there) peer_offers(world, one, "sendrecv");
    world_run(world, 300);
    if (there) cr_expect(hears(caller, agent->number) && hears(agent, caller->number), "%s", way);
    if (there) peer_hangs_up(world, caller);
    world_run(world, 300);
    return there;
}

Test(sip_legs, who_holds_may_say_nothing_and_who_talks_may_not, .init = begin_with_silence, .fini = finish)
{
    cr_expect(lasts(caller, "sendonly", caller), "a trunk's caller holds without music");
    cr_expect(lasts(caller, "inactive", caller));
    cr_expect(lasts(agent, "sendonly", agent));
    cr_expect(lasts(agent, "inactive", agent));
    cr_expect(lasts(caller, "recvonly", caller), "who listens alone has nothing to say");
    cr_expect_not(lasts(caller, "sendonly", agent), "the telephone vanishes while the caller holds");
    cr_expect_not(lasts(caller, "sendrecv", caller));
    cr_expect_not(lasts(agent, "sendrecv", agent));
}

/* The desktop holds: no description says so to either of them. */
Test(sip_legs, neither_of_a_call_on_hold_ends_it_by_silence, .init = begin_with_silence, .fini = finish)
{
    struct sip_peer *const silent[] = {agent, caller};
    for (size_t i = 0; i < 2; i++) {
        const struct talk *talk = talks(agent, "7001");
        world_party(world, talk, agent->user, ASK_HOLD, "");
        silent[i]->mute = true;
        world_run(world, 16000);
        cr_assert(world->exchange.first == talk && caller->state == PEER_UP && agent->state == PEER_UP, "%zu", i);
        silent[i]->mute = false;
        world_party(world, talk, agent->user, ASK_RECONNECT, "");
        world_run(world, 300);
        cr_expect(hears(caller, agent->number) && hears(agent, caller->number));
        peer_hangs_up(world, caller);
        world_run(world, 300);
    }
}

/* --- Ports of sound --- */

static void begin_with_five_ports(void)
{
    static char address[32];
    static const char *settings[][2] = {{"address", address}, {"rtp_ports", "30000-30009"}, {NULL, NULL}};
    snprintf(address, sizeof address, "127.%u.%u.77:0", (unsigned)getpid() >> 8 & 255, (unsigned)getpid() & 255);
    begin_with(settings);
}

Test(sip_legs, a_call_that_is_taken_has_the_ports_of_both, .init = begin_with_five_ports, .fini = finish)
{
    const struct talk *talk = talks(agent, "7001"), *other = arrives(second);
    cr_assert_eq(world->refused, 0);
    peer_calls(world, outlets[0], "1800");
    world_run(world, 200);
    cr_assert_eq(outlets[0]->status, 503);
    cr_assert_str_eq(world->reason, "no_port");
    cr_assert_not(world->neighbour_up, "it is told as long as it is so");
    world_route(world, other, "7002");
    world_run(world, 20);
    cr_assert_eq(expert->state, PEER_RINGS, "the second call has its agent's port");
    peer_refuses(world, expert, 486);
    world_run(world, 20);
    world_party(world, talk, "7001", ASK_CONSULT, "7002"); /* by the fifth port */
    world_run(world, 20);
    cr_assert_eq(expert->state, PEER_RINGS);
    peer_hangs_up(world, caller);
    world_run(world, 61000);
    cr_assert(world->neighbour_up);
    peer_calls(world, outlets[0], "1800");
    world_run(world, 200);
    cr_assert_eq(outlets[0]->status, 0);
}

Test(sip_legs, a_consultation_for_which_a_caller_would_lack_a_port_is_refused, .init = begin_with_five_ports,
     .fini = finish)
{
    const struct talk *talk = talks(agent, "7001");
    world_party(world, talk, "7001", ASK_CONSULT, "7002");
    world_run(world, 20);
    cr_assert_eq(expert->state, PEER_RINGS);
    peer_answers(world, expert);
    (void)arrives(second);
    cr_assert_eq(world->refused, 0);
    world_party(world, talk, "7001", ASK_CONFERENCE, "");
    world_run(world, 200);
    cr_assert_eq(peer_hears(caller, false), 1U << agent->number | 1U << expert->number);
    world_party(world, talk, "7001", ASK_CONSULT, "7003");
    world_run(world, 20);
    cr_assert_null(talk->consult);
    cr_assert_not(world->neighbour_up);
}

Test(sip_legs, a_call_is_not_handed_on_without_a_port_for_it, .init = begin_with_five_ports, .fini = finish)
{
    struct sip_peer *next[] = {world_peer(world, "127.0.0.3", "7003"), world_peer(world, "127.0.0.3", "7004")};
    const struct talk *talk = talks(agent, "7001");
    peer_calls(world, second, "1800");
    world_run(world, 20);
    const struct talk *other = world_talk(world, talk);
    world_route(world, other, "7002");
    world_run(world, 20);
    peer_answers(world, expert);
    world_run(world, 20);
    world_party(world, talk, "7001", ASK_TRANSFER, "7003"); /* it takes the fifth until it rings */
    world_party(world, other, "7002", ASK_TRANSFER, "7004");
    world_run(world, 20);
    cr_assert(next[0]->invited == 1 && next[1]->invited == 0);
    world_run(world, 1000);
    cr_assert_not(world->neighbour_up, "it is told that ports lack");
}

/* --- Who answers a predictive call --- */

static void rings_in_vain(bool silent, const char *told)
{
    outlets[0]->deaf = outlets[1]->deaf = silent;
    exchange_ops.dial(
        &world->exchange, 0,
        &(struct dial_ask){
            .origin = "1800", .number = "+4930", .caller_id = "+33", .correlator = "", .ring_us = 1000000});
    world_run(world, 1500);
    cr_assert_null(world->exchange.first);
    cr_assert(strstr(world->told, told), "%s", world->told);
}

Test(sip_legs, a_trunk_that_says_nothing_is_no_circuit, .init = begin, .fini = finish)
{
    rings_in_vain(true, "no_circuit");
}

Test(sip_legs, a_trunk_where_nobody_answers_is_no_answer, .init = begin, .fini = finish)
{
    rings_in_vain(false, "no_answer");
}

/* The number by which a call-back from that place is told outside. */
static void told_outside(const char *place, const char *number)
{
    char from[32];
    snprintf(from, sizeof from, "sip:%s@", number);
    exchange_ops.dial(
        &world->exchange, 0,
        &(struct dial_ask){.origin = place, .number = "+4930", .caller_id = "", .correlator = "", .back = true});
    world_run(world, 100);
    cr_assert(outlets[0]->invited == 1 && strstr(outlets[0]->remote, from), "%s", outlets[0]->remote);
}

static const char *const numbers_of[][2] = {{"numbers", "*=1800, +4930123=1800, +4930124=mails"}, {NULL, NULL}};

static void begin_numbers(void)
{
    begin_with(numbers_of);
}

Test(sip_legs, a_call_back_tells_the_number_that_leads_to_where_it_was_booked, .init = begin_numbers, .fini = finish)
{
    told_outside("mails", "+4930124");
}

Test(sip_legs, a_call_back_from_where_no_number_leads_tells_the_first, .init = begin_numbers, .fini = finish)
{
    told_outside("forms", "+4930123");
}

static void dials(void)
{
    exchange_ops.dial(
        &world->exchange, 0,
        &(struct dial_ask){
            .origin = "1800", .number = "+4930", .caller_id = "+33", .correlator = "", .predictive = true});
    outlets[0]->events = false;
}

/* The answer, so much speech, and a pause in which no packet comes at first, as from those who keep silent. */
static void greets(unsigned ms)
{
    dials();
    world_run(world, 100);
    outlets[0]->quiet = outlets[0]->voice = true;
    peer_answers(world, outlets[0]);
    world_run(world, 400);
    outlets[0]->quiet = false;
    world_run(world, ms);
    outlets[0]->mute = true;
    world_run(world, 200);
    outlets[0]->mute = false;
    outlets[0]->quiet = true;
}

Test(sip_legs, a_short_greeting_and_a_pause_are_a_person, .init = begin, .fini = finish)
{
    greets(600);
    const struct talk *talk = world->exchange.first;
    cr_assert(talk && !*talk->point, "it may go on");
    world_run(world, 1500);
    talk = world->exchange.first;
    cr_assert(talk && strcmp(talk->point, "1800") == 0);
}

Test(sip_legs, a_long_greeting_is_a_machines, .init = begin, .fini = finish)
{
    greets(4000);
    world_run(world, 2000);
    cr_assert_null(world->exchange.first);
}

Test(sip_legs, a_busy_tone_before_the_answer_ends_a_predictive_call, .init = begin, .fini = finish)
{
    outlets[0]->progress = true;
    outlets[0]->busy_tone = true;
    dials();
    world_run(world, 8000);
    cr_assert_null(world->exchange.first, "the network says busy by its tone alone");
    cr_assert_eq(outlets[0]->state, PEER_IDLE);
}

/* --- A mistake of ours --- */

Test(sip_legs, a_mistake_ends_the_call_that_it_is_of_and_no_other, .init = begin, .fini = finish)
{
    struct talk *faulty = (struct talk *)(uintptr_t)arrives(second);
    (void)talks(agent, "7001");
    talk_sound_two(faulty); /* nobody is there with whom its caller could be joined */
    cr_assert_eq(world->figures_faults, 1);
    cr_assert(strstr(world->logged, faulty->id) && strstr(world->logged, "does not hold"), "%s", world->logged);
    world_run(world, 200);
    cr_assert_eq(second->state, PEER_IDLE);
    cr_assert(hears(caller, agent->number) && hears(agent, caller->number));
}
