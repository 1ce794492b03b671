/* tests/unit/sms_smpp.c - Two ends of SMPP talk in memory: binds, windows, silence, answers that are late or wrong. */
#include <criterion/criterion.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sms/smpp.h"

TestSuite(sms_smpp, .timeout = 60);

enum { SECOND = 1000000 };

struct end {
    struct smpp *smpp;
    GByteArray *out;
    GString *told; /* what happened, a word each */
    struct pdu came;
    char text[200];
};

struct pair {
    struct end esme, server;
    uint64_t now_us;
};

static void end_send(void *self, const uint8_t *bytes, size_t length)
{
    g_byte_array_append(((struct end *)self)->out, bytes, (guint)length);
}

static uint32_t end_may_bind(void *self, const char *system_id, const char *password)
{
    (void)self;
    return strcmp(system_id, "shop") == 0 && strcmp(password, "right") == 0 ? STATUS_OK : STATUS_BIND_FAILED;
}

static void end_bound(void *self)
{
    g_string_append(((struct end *)self)->told, "bound ");
}

static void end_came(void *self, const struct pdu *pdu)
{
    struct end *end = self;
    end->came = *pdu;
    snprintf(end->text, sizeof end->text, "%.*s", (int)pdu->message.length, (const char *)pdu->message.bytes);
    g_string_append_printf(end->told, "came:%s ", end->text);
}

static void end_answered(void *self, void *job, uint32_t status, const char *id)
{
    struct end *end = self;
    if (status == SMPP_LOST)
        g_string_append_printf(end->told, "lost:%s ", (const char *)job);
    else
        g_string_append_printf(end->told, "%s:%u:%s ", (const char *)job, status, id);
}

static void end_over(void *self, const char *why)
{
    g_string_append_printf(((struct end *)self)->told, "over:%s ", why);
}

static void end_init(struct end *end, bool server, const char *password, uint64_t now_us)
{
    struct smpp_setting setting = {server, "shop", password, "", 3, 10 * SECOND, 15 * SECOND};
    struct smpp_calls calls = {end, end_send, end_may_bind, end_bound, end_came, end_answered, end_over};
    *end = (struct end){.out = g_byte_array_new(), .told = g_string_new(NULL)};
    end->smpp = smpp_new(&setting, &calls, now_us);
}

/* All that was said comes to the other end, one byte at a time, until nobody says anything. */
static void talk(struct pair *pair)
{
    while (pair->esme.out->len + pair->server.out->len > 0) {
        struct end *from = pair->esme.out->len > 0 ? &pair->esme : &pair->server;
        struct end *to = from == &pair->esme ? &pair->server : &pair->esme;
        GByteArray *bytes = from->out;
        from->out = g_byte_array_new();
        for (guint i = 0; i < bytes->len; i++) smpp_feed(to->smpp, bytes->data + i, 1, pair->now_us);
        g_byte_array_free(bytes, TRUE);
    }
}

static void expect_told(struct end *end, const char *told)
{
    cr_expect_str_eq(end->told->str, told);
    g_string_truncate(end->told, 0);
}

static void pair_init(struct pair *pair, const char *password)
{
    pair->now_us = 1000 * (uint64_t)SECOND;
    end_init(&pair->esme, false, password, pair->now_us);
    end_init(&pair->server, true, "", pair->now_us);
}

static void bind_pair(struct pair *pair)
{
    cr_expect(smpp_feed(pair->server.smpp, (const uint8_t *)"", 0, pair->now_us), "it is over before it begins");
    smpp_begin(pair->esme.smpp);
    talk(pair);
    expect_told(&pair->esme, "bound ");
    expect_told(&pair->server, "bound ");
    cr_expect_str_eq(smpp_peer(pair->server.smpp), "shop");
}

static void pair_free(struct pair *pair)
{
    struct end *const ends[] = {&pair->esme, &pair->server};
    for (int i = 0; i < 2; i++) {
        smpp_free(ends[i]->smpp);
        g_byte_array_free(ends[i]->out, TRUE);
        g_string_free(ends[i]->told, TRUE);
    }
}

static void end_says(struct pair *pair, struct end *end, const char *text, char *job)
{
    struct pdu pdu = {.from = {1, 1, "49170"}, .to = {1, 1, "49301"}, .message = span_of(text)};
    cr_assert(smpp_send(end->smpp, &pdu, job, pair->now_us));
}

Test(sms_smpp, messages_go_both_ways_within_the_window)
{
    struct pair pair;
    pair_init(&pair, "right");
    char jobs[4][2] = {"a", "b", "c", "d"};
    cr_expect_eq(smpp_room(pair.esme.smpp), 0);
    bind_pair(&pair);
    for (int i = 0; i < 3; i++) end_says(&pair, &pair.esme, jobs[i], jobs[i]);
    cr_expect_eq(smpp_room(pair.esme.smpp), 0);
    talk(&pair);
    expect_told(&pair.server, "came:a came:b came:c ");
    cr_expect_eq(pair.server.came.command, PDU_submit_sm);
    cr_expect_eq(smpp_unanswered(pair.server.smpp), 3);
    struct pdu first = pair.server.came;
    first.sequence -= 2;
    smpp_answer(pair.server.smpp, &pair.server.came, STATUS_THROTTLED, ""); /* out of order */
    smpp_answer(pair.server.smpp, &first, STATUS_OK, "7f");
    talk(&pair);
    expect_told(&pair.esme, "c:88: a:0:7f ");
    cr_expect_eq(smpp_room(pair.esme.smpp), 2);
    end_says(&pair, &pair.server, "to you", jobs[3]);
    talk(&pair);
    expect_told(&pair.esme, "came:to you ");
    cr_expect_eq(pair.esme.came.command, PDU_deliver_sm);
    smpp_answer(pair.esme.smpp, &pair.esme.came, STATUS_OK, "");
    talk(&pair);
    expect_told(&pair.server, "d:0: ");
    smpp_end(pair.esme.smpp, true, "enough");
    expect_told(&pair.esme, "lost:b over:enough ");
    talk(&pair);
    expect_told(&pair.server, "over:the peer unbinds ");
    pair_free(&pair);
}

Test(sms_smpp, a_wrong_password_is_let_in_by_nobody)
{
    struct pair pair;
    pair_init(&pair, "wrong");
    smpp_begin(pair.esme.smpp);
    talk(&pair);
    expect_told(&pair.server, "over:the peer may not bind: name or password is wrong ");
    expect_told(&pair.esme, "over:the provider refuses the bind: status 0x0d ");
    pair_free(&pair);
}

Test(sms_smpp, silence_is_asked_about_and_then_ends_it)
{
    struct pair pair;
    pair_init(&pair, "right");
    bind_pair(&pair);
    pair.now_us += 16 * SECOND;
    smpp_tick(pair.esme.smpp, pair.now_us);
    talk(&pair); /* it is answered */
    pair.now_us += 16 * SECOND;
    for (int i = 0; i < 2; i++) {
        smpp_tick(pair.esme.smpp, pair.now_us);
        cr_expect_gt(pair.esme.out->len, 0);
        g_byte_array_set_size(pair.esme.out, 0); /* the peer hears nothing any more */
        smpp_tick(pair.esme.smpp, pair.now_us);
        cr_expect_eq(pair.esme.out->len, 0); /* one question at a time */
        pair.now_us += 16 * SECOND;
    }
    smpp_tick(pair.esme.smpp, pair.now_us);
    expect_told(&pair.esme, "over:the peer does not answer enquire_link ");
    pair_free(&pair);
}

Test(sms_smpp, an_answer_that_does_not_come_is_lost_and_a_late_one_is_nobodys)
{
    struct pair pair;
    pair_init(&pair, "right");
    char job[] = "a";
    bind_pair(&pair);
    end_says(&pair, &pair.esme, "hello", job);
    talk(&pair);
    pair.now_us += 11 * SECOND;
    smpp_tick(pair.esme.smpp, pair.now_us);
    expect_told(&pair.esme, "lost:a ");
    smpp_answer(pair.server.smpp, &pair.server.came, STATUS_OK, "7f");
    talk(&pair);
    expect_told(&pair.esme, "");
    pair_free(&pair);
}

static void feed_hex(struct pair *pair, struct end *end, const char *hex)
{
    for (; *hex; hex += 2) {
        char two[3] = {hex[0], hex[1], 0};
        uint8_t byte = (uint8_t)strtoul(two, NULL, 16);
        smpp_feed(end->smpp, &byte, 1, pair->now_us);
    }
}

Test(sms_smpp, odd_commands_are_answered_and_odd_lengths_close)
{
    struct pair pair;
    pair_init(&pair, "right");
    bind_pair(&pair);
    feed_hex(&pair, &pair.esme, "00000010000007770000000000000009");
    cr_assert_eq(pair.esme.out->len, 16);
    cr_expect_eq(memcmp(pair.esme.out->data, "\0\0\0\x10\x80\0\0\0\0\0\0\x03\0\0\0\x09", 16), 0);
    g_byte_array_set_size(pair.esme.out, 0);
    feed_hex(&pair, &pair.esme, "000000110000000500000000000000ff00"); /* cut short */
    cr_expect_eq(memcmp(pair.esme.out->data, "\0\0\0\x10\x80\0\0\0\0\0\0\x02\0\0\0\xff", 16), 0);
    g_byte_array_set_size(pair.esme.out, 0);
    feed_hex(&pair, &pair.esme, "000000140000000b000000000000000961006200"); /* outbind */
    feed_hex(&pair, &pair.esme,
             "0000001a000001020000000000000009010133390001013137"
             "00"
             "00"); /* too long a body */
    feed_hex(&pair, &pair.esme, "0000000f");
    expect_told(&pair.esme, "over:the peer says a length that no PDU has ");
    cr_expect_not(smpp_feed(pair.esme.smpp, (const uint8_t *)"", 0, pair.now_us), "it is over");
    pair_free(&pair);
}

Test(sms_smpp, nobody_sends_before_the_bind)
{
    struct pair pair;
    pair_init(&pair, "right");
    feed_hex(&pair, &pair.server,
             "00000023000000040000000000000003"
             "00"
             "01013100"
             "01013200"
             "00000000000000000000");
    cr_expect_gt(pair.server.out->len, 0);
    cr_expect_eq(pair.server.out->data[11], STATUS_NOT_BOUND);
    pair.now_us += 31 * SECOND;
    struct end *const ends[] = {&pair.server, &pair.esme}; /* a provider that hangs in the handshake of TLS, too */
    for (int i = 0; i < 2; i++) {
        smpp_tick(ends[i]->smpp, pair.now_us);
        expect_told(ends[i], "over:nobody has bound in time ");
    }
    pair_free(&pair);
}
