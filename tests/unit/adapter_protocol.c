/* tests/unit/adapter_protocol.c - Both ends of a link: nothing is lost, doubled or taken from who breaks the rules. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/adapter_memory.h"
#include "runtime/adapter/protocol.h"
#include "runtime/adapter/told.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_call.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_site.h"

struct link {
    struct link_client *client;
    struct link_server *server;
    struct writer writer;
    uint64_t now_us, behind_us, epoch, journal, born; /* behind: the adapter's clock */
    bool takes_another;
    /* The core's side. */
    unsigned events, server_ups, server_downs;
    uint64_t last_seq; /* taken by the core */
    uint64_t moment_us;
    uint64_t durable;
    bool full, stranger;
    uint32_t arrivals; /* its window; 0: the usual one */
    enum down_reason server_reason;
    char server_why[128];
    /* The adapter's side. */
    unsigned ups, downs, effects, credits, refused;
    uint64_t posted_durable, last_ref;
};

static bool on_hello(void *self, const struct message *hello, struct link_welcome *welcome, enum refusal *why,
                     struct error *error)
{
    struct link *link = self;
    cr_assert(span_is(message_text(hello, Hello_name), "cti"));
    *why = refusal_name;
    if (link->stranger) error_set(error, ERROR_UNKNOWN, "no adapter is called so");
    *welcome = (struct link_welcome){.link = 16,
                                     .epoch = link->epoch,
                                     .last_seq = link->durable,
                                     .last_conn = 77,
                                     .arrivals = link->arrivals,
                                     .journal = link->journal,
                                     .born = link->born};
    return !link->stranger;
}

static void on_server_up(void *self)
{
    ((struct link *)self)->server_ups++;
}

static bool on_event(void *self, const struct message *event)
{
    struct link *link = self;
    if (link->full) return false;
    uint64_t seq = message_u(event, ENVELOPE_seq);
    cr_assert_eq(message_u(event, ENVELOPE_source), 16);
    if (seq <= link->last_seq) return true; /* what the core had before the connection was lost */
    cr_assert_eq(seq, link->last_seq + 1);
    link->last_seq = seq;
    link->moment_us = link_server_moment(link->server);
    link->events++;
    return true;
}

static void on_server_down(void *self, enum down_reason reason, const char *why)
{
    struct link *link = self;
    link->server_downs++;
    link->server_reason = reason;
    snprintf(link->server_why, sizeof link->server_why, "%s", why);
}

static void on_read(void *self, const struct message *read, struct kv *value)
{
    (void)self;
    cr_assert(span_is(message_text(read, Read_name), "desk"));
    kv_put_int(value, "count", (int64_t)message_u(read, Read_count));
}

static void on_up(void *self)
{
    ((struct link *)self)->ups++;
}

static void on_down(void *self, enum down_reason reason, const char *why)
{
    (void)reason;
    cr_assert(why[0]);
    ((struct link *)self)->downs++;
}

static void on_refused(void *self, enum refusal why, struct span text)
{
    struct link *link = self;
    cr_assert_eq(why, link->stranger ? refusal_name : refusal_other);
    cr_assert(text.length > 0);
    link->refused++;
}

static void on_effect(void *self, const struct message *effect)
{
    struct link *link = self;
    struct kv_value value;
    link->effects++;
    link->last_ref = message_u(effect, ENVELOPE_ref);
    if (effect->kind == KIND_ReadReply && kv_get(message_text(effect, ReadReply_value), "count", &value))
        link->last_ref = message_u(effect, ReadReply_token) * 100 + (uint64_t)value.word;
}

static void on_committed(void *self, uint64_t posted)
{
    ((struct link *)self)->posted_durable = posted;
}
static void on_credit(void *self)
{
    ((struct link *)self)->credits++;
}

static bool on_another(void *self)
{
    return ((struct link *)self)->takes_another;
}

static uint64_t on_now_us(void *self)
{
    return ((struct link *)self)->now_us - ((struct link *)self)->behind_us;
}

static const unsigned media[] = {media_voice, media_none};
static const char *const caps[] = {"calls", "treatments", NULL};
static const struct link_client_options options = {.name = "cti", .instance = 5, .media = media, .caps = caps};

static void new_server(struct link *link)
{
    link->server = link_server_new(
        &(struct link_server_calls){link, on_hello, on_server_up, on_event, on_server_down, on_read}, link->now_us);
}

static void connect_link(struct link *link)
{
    new_server(link);
    link_client_connected(link->client, link->now_us);
    memory_pump(link->client, link->server, 0, link->now_us);
}

static void link_open(struct link *link)
{
    *link = (struct link){.epoch = 3, .now_us = 1000, .journal = 7, .born = 7};
    link->client =
        link_client_new(&options, &(struct link_client_calls){link, on_up, on_down, on_refused, on_effect, on_committed,
                                                              on_credit, on_another, on_now_us});
    connect_link(link);
}

static void disconnect(struct link *link)
{
    link_server_lost(link->server, "cut");
    link_client_lost(link->client, "cut");
    link_server_free(link->server);
    link->server = NULL;
}

static void link_close(struct link *link)
{
    link_server_free(link->server);
    link_client_free(link->client);
    writer_free(&link->writer);
}

static bool pump(struct link *link)
{
    return memory_pump(link->client, link->server, 0, link->now_us);
}

static void durable(struct link *link, uint64_t seq)
{
    link->durable = seq;
    link_server_committed(link->server, seq);
}

/* Relieve, continue, arrive. */
static struct span event(struct link *link, unsigned kind)
{
    writer_clear(&link->writer);
    writer_begin(&link->writer, kind);
    writer_conn(&link->writer, ENVELOPE_conn, 1);
    if (kind == KIND_EventAgentState) writer_text(&link->writer, EventAgentState_agent, "marie");
    return writer_end(&link->writer);
}

static bool post(struct link *link, unsigned kind)
{
    return link_client_post(link->client, event(link, kind), true);
}

Test(protocol, what_the_core_would_not_hear_of_an_adapter_its_own_end_refuses, .timeout = 10)
{
    struct link link;
    link_open(&link);
    cr_assert_not(post(&link, KIND_DirectoryCommit));
    cr_assert_not(post(&link, KIND_LinkDown));
    cr_assert(post(&link, KIND_EventCallDeleted));
    cr_assert(pump(&link));
    cr_assert(link.events == 1 && link.server_downs == 0);
    link_close(&link);
}

Test(protocol, what_an_adapter_reads_is_answered, .timeout = 10)
{
    struct link link;
    link_open(&link);
    writer_begin(&link.writer, KIND_Read);
    writer_u(&link.writer, Read_token, 4);
    writer_u(&link.writer, Read_what, object_queue);
    writer_text(&link.writer, Read_name, "desk");
    writer_u(&link.writer, Read_count, 7);
    struct span read = writer_end(&link.writer);
    cr_assert(link_client_read(link.client, read));
    cr_assert(pump(&link));
    cr_assert_eq(link.last_ref, 407);
    disconnect(&link);
    cr_assert_not(link_client_read(link.client, read));
    link_close(&link);
}

static struct span effect(struct link *link, uint64_t ref)
{
    writer_clear(&link->writer);
    writer_begin(&link->writer, KIND_Cancel);
    writer_u(&link->writer, ENVELOPE_source, 16);
    writer_u(&link->writer, ENVELOPE_ref, ref);
    return writer_end(&link->writer);
}

Test(protocol, events_go_up_and_effects_come_down, .timeout = 10)
{
    struct link link;
    link_open(&link);
    cr_assert(link.ups == 1 && link.server_ups == 1);
    cr_assert_eq(link_client_link(link.client), 16);
    cr_assert_eq(link_client_last_conn(link.client), 77);
    cr_assert(post(&link, KIND_EventCallCreated));
    cr_assert(post(&link, KIND_EventRouteRequest));
    cr_assert(pump(&link));
    cr_assert_eq(link.events, 2);
    cr_assert_eq(link.posted_durable, 0);
    cr_assert(link_client_uncommitted(link.client) > 0);
    durable(&link, 2);
    for (unsigned i = 1; i <= 10; i++) link_server_effect(link.server, effect(&link, i));
    cr_assert(pump(&link));
    cr_assert_eq(link.posted_durable, 2);
    cr_assert_eq(link_client_uncommitted(link.client), 0);
    cr_assert(link.effects == 10 && link.last_ref == 10);

    struct writer writer;
    writer_init(&writer);
    struct span frame = link_server_up_event(link.server, &writer);
    struct message up;
    cr_assert(message_read(&up, frame.bytes, frame.length, NULL));
    cr_assert(message_u(&up, LinkUp_link) == 16 && message_u(&up, LinkUp_instance) == 5);
    uint32_t at = 0;
    struct span cap;
    cr_assert(message_next_text(message_text(&up, LinkUp_caps), &at, &cap) && span_is(cap, "calls"));
    writer_free(&writer);
    link_close(&link);
}

Test(protocol, byte_by_byte_it_is_the_same, .timeout = 20)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < 50; i++) post(&link, KIND_EventRouteRequest);
    for (unsigned i = 0; i < 50; i++) link_server_effect(link.server, effect(&link, i));
    cr_assert(memory_pump(link.client, link.server, 1, link.now_us));
    cr_assert(link.events == 50 && link.effects == 50);
    link_close(&link);
}

Test(protocol, what_is_not_committed_is_sent_again_once, .timeout = 10)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < 10; i++) post(&link, KIND_EventRouteRequest);
    pump(&link);
    durable(&link, 4); /* and the word of it is lost */
    disconnect(&link);
    cr_assert(link.downs == 1 && link.server_downs == 1);
    for (unsigned i = 0; i < 5; i++) cr_assert(post(&link, KIND_EventParty), "kept while the core is away");
    connect_link(&link);
    pump(&link);
    cr_assert_eq(link.ups, 2);
    cr_assert_eq(link.events, 15, "each once");
    cr_assert_eq(link.posted_durable, 4);
    durable(&link, 15);
    pump(&link);
    cr_assert_eq(link.posted_durable, 15);
    link_close(&link);
}

/* To the core's end, and back. */
static void pump_by_two_clocks(struct link *link)
{
    for (unsigned round = 0; round < 3; round++) {
        struct span out = link_client_output(link->client);
        cr_assert(link_server_feed(link->server, out.bytes, out.length, link->now_us));
        link_client_sent(link->client, out.length);
        out = link_server_output(link->server);
        cr_assert(link_client_feed(link->client, out.bytes, out.length, link->now_us - link->behind_us));
        link_server_sent(link->server, out.length);
    }
}

/* Whatever an event waited for, the core's end knows when it happened, by the clock of that end. */
Test(protocol, what_was_kept_back_says_when_it_happened, .timeout = 10)
{
    for (uint64_t behind_us = 0; behind_us <= 4000000; behind_us += 4000000) { /* on another machine */
        struct link link;
        link_open(&link);
        disconnect(&link);
        link.behind_us = behind_us;
        link.now_us = 5000000;
        cr_assert(post(&link, KIND_EventParty));
        link.now_us = 9000000;
        new_server(&link);
        link_client_connected(link.client, link.now_us - behind_us);
        pump_by_two_clocks(&link);
        cr_assert_eq(link.events, 1);
        cr_expect_eq(link.moment_us, 5000000u, "%llu", (unsigned long long)link.moment_us);
        link.now_us = 9500000;
        cr_assert(post(&link, KIND_EventParty)); /* and while the core stands still */
        link.now_us = 12000000;
        pump_by_two_clocks(&link);
        cr_assert_eq(link.events, 2);
        cr_expect_eq(link.moment_us, 9500000u, "%llu", (unsigned long long)link.moment_us);
        link_close(&link);
    }
}

Test(protocol, lost_in_the_middle_of_sending_again_nothing_is_missing, .timeout = 20)
{
    struct link link;
    link_open(&link);
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned i = 0; i < 7; i++) post(&link, KIND_EventRouteUsed);
        /* Some bytes arrive, the rest do not; what arrived becomes durable a little later. */
        struct span output = link_client_output(link.client);
        size_t length = output.length * (round % 5) / 5;
        if (length) link_server_feed(link.server, output.bytes, length, link.now_us);
        disconnect(&link);
        link.durable = link.last_seq - (link.last_seq > 3 ? round % 3 : 0);
        connect_link(&link);
        if (round % 4 == 0) disconnect(&link), connect_link(&link);
    }
    pump(&link);
    cr_assert_eq(link.last_seq, 30 * 7);
    durable(&link, link.last_seq);
    pump(&link);
    cr_assert_eq(link.posted_durable, 30 * 7);
    link_close(&link);
}

Test(protocol, another_journal_gets_the_uncommitted_under_new_numbers, .timeout = 10)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < 10; i++) post(&link, KIND_EventRouteRequest);
    pump(&link);
    durable(&link, 6);
    pump(&link);
    disconnect(&link);
    link.durable = link.last_seq = link.events = 0;
    link.epoch = 4;
    connect_link(&link);
    pump(&link);
    cr_assert(link.events == 4 && link.last_seq == 4);
    link_close(&link);
}

Test(protocol, credit_is_spent_by_class_and_comes_back_at_commit, .timeout = 20)
{
    struct link link;
    link_open(&link);
    unsigned arrivals = 0, continues = 0;
    while (post(&link, KIND_EventCallCreated)) arrivals++;
    while (post(&link, KIND_EventRouteRequest)) continues++;
    cr_assert_eq(arrivals, LINK_CREDIT_ARRIVE);
    cr_assert_eq(continues, LINK_CREDIT_CONTINUE);
    cr_assert(post(&link, KIND_EventCallDeleted), "relief needs none");
    pump(&link);
    cr_assert_eq(link.server_downs, 0);
    durable(&link, 100);
    pump(&link);
    cr_assert_eq(link.credits, 1);
    for (unsigned i = 0; i < 100; i++) cr_assert(post(&link, KIND_EventCallCreated));
    cr_assert_not(post(&link, KIND_EventCallCreated));
    disconnect(&link);
    connect_link(&link);
    cr_assert_not(post(&link, KIND_EventCallCreated), "what waits has been reckoned again");
    pump(&link);
    cr_assert_eq(link.server_downs, 1);
    link_close(&link);
}

Test(protocol, both_ends_reckon_the_same_bytes_of_credit, .timeout = 30)
{
    struct link link;
    link_open(&link);
    for (unsigned round = 1; round <= 20; round++) {
        for (unsigned i = 0; i < 1000; i++) cr_assert(post(&link, KIND_EventRouteRequest));
        pump(&link);
        durable(&link, round * 1000);
        pump(&link);
    }
    char text[30000];
    struct kv data;
    unsigned large = 0;
    memset(text, 'x', sizeof text);
    kv_init(&data);
    kv_put_text(&data, "k", (struct span){(const uint8_t *)text, sizeof text});
    for (;; large++) {
        writer_clear(&link.writer);
        writer_begin(&link.writer, KIND_RequestUserData);
        writer_kv(&link.writer, RequestUserData_pairs, &data);
        if (!link_client_post(link.client, writer_end(&link.writer), true)) break;
    }
    kv_free(&data);
    cr_assert_eq(large, LINK_CREDIT_BYTES / 30000 + 1, "%u of them", large);
    cr_assert(pump(&link), "%s", link.server_why);
    cr_assert_eq(link.last_seq, 20000 + large);
    link_close(&link);
}

Test(protocol, effects_wait_for_the_adapters_credit, .timeout = 20)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 1; i <= LINK_CREDIT_EFFECTS + 100; i++) link_server_effect(link.server, effect(&link, i));
    cr_assert(pump(&link));
    cr_assert_eq(link.effects, LINK_CREDIT_EFFECTS + 100);
    cr_assert_eq(link.last_ref, LINK_CREDIT_EFFECTS + 100);
    link_close(&link);
}

Test(protocol, a_full_core_holds_the_link_back, .timeout = 10)
{
    struct link link;
    link_open(&link);
    link.full = true;
    for (unsigned i = 0; i < 5; i++) post(&link, KIND_EventRouteRequest);
    pump(&link);
    cr_assert(link_server_blocked(link.server));
    cr_assert_eq(link.events, 0);
    for (unsigned i = 0; i < 10; i++) cr_assert(link_server_tick(link.server, link.now_us += LINK_DEAD_US));
    link.full = false;
    cr_assert(link_server_resume(link.server, link.now_us));
    pump(&link);
    cr_assert_eq(link.events, 5);
    cr_assert_eq(link.server_downs, 0);
    link_close(&link);
}

/* Frames that are fed to the core's end by hand. */
static void breaks(struct link *link, struct span frame, const char *why)
{
    cr_assert_not(link_server_feed(link->server, frame.bytes, frame.length, link->now_us));
    cr_assert_eq(link->server_downs, 1);
    cr_assert_eq(link->server_reason, down_reason_protocol);
    cr_assert(strstr(link->server_why, why), "%s", link->server_why);
    cr_assert_not(link_server_feed(link->server, frame.bytes, frame.length, link->now_us), "and stays over");
    cr_assert_eq(link->server_downs, 1);
    link_close(link);
}

static struct span numbered(struct link *link, unsigned kind, uint64_t source, uint64_t seq)
{
    struct writer once;
    writer_init(&once);
    writer_begin(&once, kind);
    writer_conn(&once, ENVELOPE_conn, 1);
    struct span frame = writer_end(&once);
    writer_clear(&link->writer);
    frame = writer_stamp(&link->writer, frame, source, seq);
    writer_free(&once);
    return frame;
}

Test(protocol, who_breaks_it_loses_the_link, .timeout = 20)
{
    struct link link;
    link_open(&link);
    breaks(&link, numbered(&link, KIND_EventRouteRequest, 16, 2), "gap");
    link_open(&link);
    breaks(&link, numbered(&link, KIND_EventRouteRequest, 17, 1), "another source");
    link_open(&link);
    breaks(&link, numbered(&link, KIND_Welcome, 0, 0), "only the core");
    link_open(&link);
    breaks(&link, numbered(&link, KIND_RequestRouteCall, 16, 1), "only the core");
    link_open(&link);
    breaks(&link, numbered(&link, KIND_DirectoryCommit, 16, 1), "DirectoryCommit"); /* an administrator's */
    link_open(&link);
    breaks(&link, numbered(&link, KIND_LinkDown, 16, 1), "LinkDown"); /* the host's */
    link_open(&link);
    breaks(&link, (struct span){(const uint8_t *)"\xff\xff\xff\x7f", 4}, "bytes");
    link_open(&link);
    breaks(&link, (struct span){(const uint8_t *)"\x04\0\0\0\xe7\x03\0\0", 8}, "no message of kind 999");
    link_open(&link);
    breaks(&link, (struct span){(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18}, "bytes");
}

Test(protocol, an_adapter_that_does_not_begin_with_hello_is_none, .timeout = 10)
{
    struct link link = {.now_us = 1000};
    new_server(&link);
    cr_assert_not(link_server_feed(link.server, "\x04\0\0\0\x06\0\0\0", 8, link.now_us));
    cr_assert_eq(link.server_reason, down_reason_protocol);
    link_server_free(link.server);
    new_server(&link);
    cr_assert(link_server_tick(link.server, link.now_us + LINK_HELLO_US - 1));
    cr_assert_not(link_server_tick(link.server, link.now_us + LINK_HELLO_US));
    cr_assert_eq(link.server_reason, down_reason_silent);
    link_server_free(link.server);
}

Test(protocol, a_refusal_says_why, .timeout = 10)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    link.stranger = true;
    connect_link(&link);
    cr_assert(link.refused == 1 && link.ups == 1 && link.downs == 2);
    link_close(&link);
}

Test(protocol, a_leader_of_the_past_is_refused, .timeout = 10)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    link.epoch = 2;
    connect_link(&link);
    cr_assert_eq(link.ups, 1);
    cr_assert_not(link_client_is_up(link.client));
    link_server_free(link.server);
    link.epoch = 3;
    connect_link(&link);
    cr_assert_eq(link.ups, 2);
    writer_clear(&link.writer);
    writer_begin(&link.writer, KIND_RequestRouteCall);
    writer_u(&link.writer, ENVELOPE_epoch, 2);
    link_server_effect(link.server, writer_end(&link.writer));
    pump(&link);
    cr_assert_eq(link.effects, 0);
    cr_assert_not(link_client_is_up(link.client));
    link_close(&link);
}

/* Both cores have begun once, so that their epochs are the same. After a restore the core is the same one. */
Test(protocol, a_core_of_another_journal_is_refused, .timeout = 10)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    link.born++;
    connect_link(&link);
    cr_assert(link.refused == 1 && link.ups == 1 && !link_client_is_up(link.client));
    link_server_free(link.server);
    link.epoch++;
    connect_link(&link);
    cr_assert(link.refused == 2 && link.ups == 1);
    link_server_free(link.server);
    link.born--, link.journal++;
    connect_link(&link);
    cr_assert(link.refused == 2 && link.ups == 2);
    disconnect(&link);
    link.born = 0; /* an older core */
    connect_link(&link);
    cr_assert(link.refused == 2 && link.ups == 3);
    link_close(&link);
}

/* Who holds conversations goes on there. What was said to the core before is of nothing that this one knows. */
Test(protocol, a_core_of_another_journal_is_told_nothing_of_the_one_before, .timeout = 10)
{
    struct link link;
    link_open(&link);
    link.takes_another = true;
    cr_assert(post(&link, KIND_EventCallCreated));
    pump(&link);
    disconnect(&link);
    cr_assert(post(&link, KIND_EventCallDeleted));
    link.born++, link.journal++, link.epoch = 1, link.last_seq = link.durable = 0;
    unsigned before = link.events;
    connect_link(&link);
    cr_assert(link.refused == 0 && link.ups == 2 && link_client_is_up(link.client));
    pump(&link);
    cr_expect_eq(link.events, before);
    cr_expect_eq(link_client_journal(link.client), link.journal);
    cr_assert(post(&link, KIND_EventCallCreated));
    pump(&link);
    cr_expect_eq(link.events, before + 1);
    disconnect(&link);
    link.epoch++;
    connect_link(&link);
    cr_assert(link_client_is_up(link.client), "and is its core from then on");
    link_close(&link);
}

Test(protocol, silence_is_asked_about_and_ends_the_link, .timeout = 10)
{
    struct link link;
    link_open(&link);
    uint64_t start = link.now_us;
    while (link.now_us < start + 4 * LINK_DEAD_US) { /* both answer: it lives */
        link.now_us += 1000000;
        cr_assert(link_server_tick(link.server, link.now_us) && link_client_tick(link.client, link.now_us));
        cr_assert(pump(&link));
    }
    uint64_t heard = link.now_us; /* nothing is carried any more */
    while (link_server_tick(link.server, link.now_us)) link.now_us += 1000000;
    cr_assert_eq(link.now_us, heard + LINK_DEAD_US);
    cr_assert_eq(link.server_reason, down_reason_silent);
    cr_assert_not(link_client_tick(link.client, link.now_us));
    cr_assert_eq(link.downs, 1);
    link_close(&link);
}

Test(protocol, bye_is_on_purpose, .timeout = 10)
{
    struct link link;
    link_open(&link);
    link_client_close(link.client, down_reason_stopped);
    pump(&link);
    cr_assert_eq(link.server_reason, down_reason_stopped);
    link_close(&link);
}

/* Relief of 30,000 bytes. */
static struct span large_relief(struct link *link)
{
    static uint8_t text[30000];
    struct kv kv;
    memset(text, 'x', sizeof text);
    kv_init(&kv);
    kv_put_text(&kv, "k", (struct span){text, sizeof text});
    writer_clear(&link->writer);
    writer_begin(&link->writer, KIND_EventDone);
    writer_kv(&link->writer, EventDone_value, &kv);
    kv_free(&kv);
    return writer_end(&link->writer);
}

static void fill_store(struct link *link)
{
    while (link_client_uncommitted(link->client) + 31000 < LINK_UNCOMMITTED_MAX)
        cr_assert(link_client_post(link->client, large_relief(link), true));
}

Test(protocol, the_uncommitted_are_bounded_and_states_merge, .timeout = 60)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    cr_assert(post(&link, KIND_EventAgentState));
    fill_store(&link);
    const size_t small = event(&link, KIND_EventCallDeleted).length;
    while (link_client_uncommitted(link.client) + small <= LINK_UNCOMMITTED_MAX)
        cr_assert(post(&link, KIND_EventCallDeleted));
    cr_assert_not(post(&link, KIND_EventCallCreated), "an arrival is refused");
    cr_assert(post(&link, KIND_EventAgentState));
    size_t before = link_client_uncommitted(link.client);
    for (unsigned i = 0; i < 100; i++) cr_assert(post(&link, KIND_EventAgentState));
    cr_assert_eq(link_client_uncommitted(link.client), before, "the last state is enough");
    link_close(&link);
}

Test(protocol, relief_that_cannot_be_kept_is_forgotten_and_the_resync_tells_it, .timeout = 60)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    fill_store(&link);
    for (unsigned i = 0; i < 3; i++) cr_assert(link_client_post(link.client, large_relief(&link), true));
    cr_assert_leq(link_client_uncommitted(link.client), LINK_UNCOMMITTED_MAX);
    connect_link(&link); /* the core asks for a resync at LinkUp */
    cr_assert(pump(&link));
    cr_assert(link.events > 0 && link.events <= 4, "%u", link.events);
    link_close(&link);
}

Test(protocol, a_core_that_keeps_nothing_up_loses_the_link_before_the_store_grows, .timeout = 60)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < 5000 && link_client_tick(link.client, link.now_us); i++) {
        link_client_post(link.client, large_relief(&link), true);
        cr_assert_leq(link_client_uncommitted(link.client), LINK_UNCOMMITTED_MAX);
    }
    cr_assert_eq(link.downs, 1);
    link_close(&link);
}

Test(protocol, the_uncommitted_are_bounded_in_count_too, .timeout = 60)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    for (unsigned i = 0; i < LINK_UNCOMMITTED_COUNT; i++) cr_assert(post(&link, KIND_EventCallDeleted));
    size_t before = link_client_uncommitted(link.client);
    cr_assert(post(&link, KIND_EventCallDeleted));
    cr_assert_lt(link_client_uncommitted(link.client), before);
    link_close(&link);
}

Test(protocol, relief_alone_cannot_take_the_others_share, .timeout = 20)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < LINK_OUTSTANDING_MAX + 500; i++) post(&link, KIND_EventCallDeleted);
    pump(&link);
    cr_assert(link_server_blocked(link.server));
    cr_assert_eq(link.events, LINK_OUTSTANDING_MAX);
    durable(&link, 1000);
    cr_assert(link_server_resume(link.server, link.now_us));
    cr_assert(pump(&link));
    cr_assert_eq(link.events, LINK_OUTSTANDING_MAX + 500);
    cr_assert_eq(link.server_downs, 0);
    link_close(&link);
}

static unsigned arrivals_taken(struct link *link)
{
    unsigned taken = 0;
    while (post(link, KIND_EventCallCreated)) taken++;
    pump(link);
    return taken;
}

Test(protocol, arrivals_come_as_far_as_they_are_allowed, .timeout = 20)
{
    struct link link;
    struct link_counts counts;
    link_open(&link);
    cr_assert_eq(link_server_allow(link.server, &(struct link_allowance){.arrivals = 10, .gate = gate_open}),
                 LINK_CREDIT_ARRIVE, "Welcome's count");
    cr_assert_eq(arrivals_taken(&link), LINK_CREDIT_ARRIVE);
    for (unsigned i = 0; i < 20; i++) cr_assert(post(&link, KIND_EventRouteRequest));
    pump(&link);
    durable(&link, LINK_CREDIT_ARRIVE + 20);
    pump(&link);
    cr_assert_eq(arrivals_taken(&link), 10, "who is in goes on, few come in");
    cr_assert_eq(link_server_allow(link.server, &(struct link_allowance){.arrivals = 0, .gate = gate_open}), 10);
    durable(&link, LINK_CREDIT_ARRIVE + 30);
    pump(&link);
    cr_assert_eq(arrivals_taken(&link), 0);
    for (unsigned i = 0; i < 10000 && post(&link, KIND_EventRouteRequest); i++) pump(&link);
    cr_assert_eq(link.server_downs, 0);
    link_server_allow(link.server, &(struct link_allowance){.arrivals = UINT32_MAX, .gate = gate_open});
    pump(&link);
    cr_assert_eq(arrivals_taken(&link), LINK_CREDIT_ARRIVE, "and then it is as it was");
    link.now_us += LINK_REPORT_US;
    link_client_tick(link.client, link.now_us);
    pump(&link);
    link_server_counts(link.server, &counts);
    cr_assert_eq(counts.refused, 4, "%llu", (unsigned long long)counts.refused);
    link_close(&link);
}

static void allow(struct link *link, enum gate gate)
{
    link_server_allow(link->server, &(struct link_allowance){.arrivals = UINT32_MAX, .gate = gate});
    pump(link);
}

Test(protocol, the_gate_closes_at_once_whatever_credit_there_is, .timeout = 20)
{
    struct link link;
    link_open(&link);
    allow(&link, gate_no_arrivals);
    cr_assert_not(post(&link, KIND_EventCallCreated));
    cr_assert(post(&link, KIND_EventRouteRequest));
    durable(&link, 1); /* credit comes back, and the gate stays as it is */
    pump(&link);
    cr_assert_not(post(&link, KIND_EventCallCreated));
    allow(&link, gate_only_relief);
    cr_assert_not(post(&link, KIND_EventRouteRequest));
    cr_assert(post(&link, KIND_EventCallDeleted));
    unsigned credits = link.credits;
    allow(&link, gate_open);
    cr_assert_gt(link.credits, credits, "who was refused is told");
    cr_assert(post(&link, KIND_EventCallCreated) && post(&link, KIND_EventRouteRequest));
    pump(&link);
    cr_assert_eq(link.server_downs, 0);
    link_close(&link);
}

/* The core leads until then, and says so; what it says is on its way. */
static void leads_until(struct link *link, uint64_t until_us)
{
    link_server_allow(link->server, &(struct link_allowance){
                                        .arrivals = UINT32_MAX, .led_until_us = until_us, .now_us = link->now_us});
}

Test(protocol, an_adapter_that_stood_still_does_not_take_an_old_lease_for_a_new_one, .timeout = 20)
{
    struct link link;
    link_open(&link);
    leads_until(&link, 1000000);
    pump(&link);
    cr_assert(!link_client_is_aside(link.client, 999999) && link_client_is_aside(link.client, 1000000));
    link.now_us = 500000;
    leads_until(&link, 1500000);
    pump(&link);
    cr_assert(!link_client_is_aside(link.client, 1499999) && link_client_is_aside(link.client, 1500000));
    link.now_us = 1400000;
    leads_until(&link, 2400000);
    link.now_us = 6000000; /* it reads that now */
    struct span late = link_server_output(link.server);
    cr_assert(link_client_feed(link.client, late.bytes, late.length, link.now_us));
    link_server_sent(link.server, late.length);
    cr_assert(link_client_is_aside(link.client, link.now_us), "another core may lead since long");
    pump(&link);
    cr_assert(link_client_is_aside(link.client, link.now_us + 1), "this core leads no more, as it answers");
    leads_until(&link, 7000000);
    pump(&link);
    cr_assert(!link_client_is_aside(link.client, 6999999) && link_client_is_aside(link.client, 7000000));
    link_close(&link);
}

Test(protocol, an_answer_that_is_read_late_makes_no_lease_longer, .timeout = 20)
{
    struct link link;
    link_open(&link);
    leads_until(&link, 1000000);
    pump(&link);
    link.now_us = 500000;
    leads_until(&link, 1500000);
    struct span said = link_server_output(link.server);
    cr_assert(link_client_feed(link.client, said.bytes, said.length, link.now_us));
    link_server_sent(link.server, said.length);
    struct span asks = link_client_output(link.client);
    cr_assert(link_server_feed(link.server, asks.bytes, asks.length, link.now_us));
    link_client_sent(link.client, asks.length);
    said = link_server_output(link.server);
    cr_assert(link_client_feed(link.client, said.bytes, said.length, 1499999));
    link_server_sent(link.server, said.length);
    cr_assert(!link_client_is_aside(link.client, 1499999) && link_client_is_aside(link.client, 1500000));
    leads_until(&link, 0);
    pump(&link);
    cr_assert_not(link_client_is_aside(link.client, UINT64_C(1) << 62), "the last one who followed has gone");
    link_close(&link);
}

Test(protocol, a_lease_that_is_over_or_answers_nothing_is_believed_at_its_word, .timeout = 20)
{
    struct link link;
    link_open(&link);
    leads_until(&link, 1000000);
    pump(&link);
    link.now_us = 500000;
    leads_until(&link, 400000); /* over already, and no answer to the question comes */
    struct span said = link_server_output(link.server);
    cr_assert(link_client_feed(link.client, said.bytes, said.length, link.now_us));
    cr_assert(link_client_is_aside(link.client, 500001), "the core says that it may lead no more");
    writer_clear(&link.writer);
    writer_begin(&link.writer, KIND_Pong);
    writer_u(&link.writer, Pong_token, 9000000); /* the adapter has not asked then */
    writer_i(&link.writer, Pong_led, 1000000);
    struct span lie = writer_end(&link.writer);
    cr_assert(link_client_feed(link.client, lie.bytes, lie.length, link.now_us));
    cr_assert(link_client_is_aside(link.client, 9500000));
    cr_assert(link_client_is_aside(link.client, 500001));
    link_close(&link);
}

Test(protocol, what_was_posted_by_credit_comes_again_though_less_is_given_now, .timeout = 20)
{
    struct link link;
    link_open(&link);
    for (unsigned i = 0; i < 100; i++) cr_assert(post(&link, KIND_EventCallCreated));
    disconnect(&link);
    link.arrivals = 10;
    new_server(&link);
    link_server_allow(link.server, &(struct link_allowance){.arrivals = 0, .gate = gate_no_arrivals});
    link_client_connected(link.client, link.now_us);
    cr_assert(pump(&link), "%s", link.server_why);
    cr_assert_eq(link.events, 100);
    allow(&link, gate_open);
    cr_assert_not(post(&link, KIND_EventCallCreated), "and no more for now");
    durable(&link, 100);
    pump(&link);
    unsigned more = arrivals_taken(&link);
    cr_assert_eq(more, 10, "then as many as are given now: %u", more);
    cr_assert_eq(link.server_downs, 1, "only the one that was cut");
    link_close(&link);
}

Test(protocol, who_comes_while_the_gate_is_closed_hears_of_it, .timeout = 20)
{
    struct link link;
    link_open(&link);
    disconnect(&link);
    new_server(&link);
    link_server_allow(link.server, &(struct link_allowance){.arrivals = UINT32_MAX, .gate = gate_only_relief});
    link_client_connected(link.client, link.now_us);
    pump(&link);
    cr_assert_not(post(&link, KIND_EventRouteRequest));
    allow(&link, gate_open);
    cr_assert(post(&link, KIND_EventRouteRequest));
    link_close(&link);
}

Test(protocol, an_adapter_that_is_behind_takes_no_arrivals, .timeout = 10)
{
    struct link link;
    link_open(&link);
    link_client_busy(link.client, true);
    cr_assert_not(post(&link, KIND_EventCallCreated));
    cr_assert(post(&link, KIND_EventRouteRequest));
    link_client_busy(link.client, false);
    cr_assert(post(&link, KIND_EventCallCreated));
    link_close(&link);
}

/* Carries what is due now. */
static const struct told *told_now(struct link *link)
{
    link->now_us += LINK_REPORT_US;
    cr_assert(link_client_tick(link->client, link->now_us));
    cr_assert(pump(link));
    return link_server_told(link->server);
}

Test(protocol, neighbours_and_figures_are_told_and_told_again_to_another_core, .timeout = 10)
{
    struct link link;
    link_open(&link);
    cr_assert_not(link_client_neighbour(link.client, "store", true, NULL), "it has always been there");
    cr_assert(link_client_neighbour(link.client, "classifier", false, "no answer"));
    cr_assert_not(link_client_neighbour(link.client, "classifier", false, "refused \xff"), "it is away still");
    link_client_figure(link.client, "chats", 3);
    link_client_count(link.client, "own.figure", 2);
    link_client_count(link.client, "own.figure", 5);
    for (unsigned round = 0; round < 2; round++) {
        const struct told *told = told_now(&link);
        cr_assert_eq(told->neighbour_count, 2);
        cr_assert(told->neighbours[0].up);
        cr_assert_not(told->neighbours[1].up);
        cr_assert_str_eq(told->neighbours[1].name, "classifier");
        cr_assert_str_eq(told->neighbours[1].why, "refused ?");
        cr_assert_eq(told_find(told, "chats")->value, 3);
        cr_assert_eq(told_find(told, "own.figure")->value, 7);
        cr_assert_null(told_find(told, "desks"));
        disconnect(&link);
        connect_link(&link);
    }
    cr_assert(link_client_neighbour(link.client, "classifier", true, NULL), "it is back");
    const struct told *told = told_now(&link);
    cr_assert(told->neighbours[1].up);
    cr_assert_eq(told->neighbours[1].why[0], 0);
    link_close(&link);
}

Test(protocol, more_than_may_be_told_is_left_out, .timeout = 10)
{
    struct link link;
    char name[TOLD_NAME + 8];
    link_open(&link);
    for (unsigned i = 0; i < 200; i++) {
        snprintf(name, sizeof name, "n%u", i);
        link_client_neighbour(link.client, name, false, "x");
        link_client_figure(link.client, name, i);
    }
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    cr_assert_not(link_client_neighbour(link.client, name, false, "x"));
    const struct told *told = told_now(&link);
    cr_assert_eq(told->neighbour_count, TOLD_NEIGHBOURS_MAX);
    cr_assert_eq(told->figure_count, TOLD_FIGURES_MAX);
    link_close(&link);
}

Test(protocol, random_bytes_do_no_harm, .timeout = 60)
{
    uint32_t seed = 1;
    for (unsigned round = 0; round < 3000; round++) {
        struct link link;
        link_open(&link);
        post(&link, KIND_EventRouteRequest);
        uint8_t bytes[128];
        struct span good = link_client_output(link.client);
        size_t length = good.length < sizeof bytes ? good.length : sizeof bytes;
        memcpy(bytes, good.bytes, length);
        for (unsigned i = 0; i < 3; i++) {
            seed = seed * 1103515245 + 12345;
            bytes[(seed >> 16) % length] = (uint8_t)(seed >> 8);
        }
        link_server_feed(link.server, bytes, length, link.now_us);
        link_client_feed(link.client, bytes, length, link.now_us);
        link_close(&link);
    }
}

Test(adapter_told, why_a_neighbour_is_away_is_one_line_without_what_moves_the_cursor)
{
    struct told told = {0};
    cr_assert(told_neighbour(&told, "store", false, "refused\ndegraded: adapter other\x1b[2J\xc2\x9b 1", 5));
    cr_assert_str_eq(told.neighbours[0].why, "refused\\u{a}degraded: adapter other\\u{1b}[2J\\u{9b} 1");
    char again[TOLD_WHY];
    snprintf(again, sizeof again, "%s", told.neighbours[0].why);
    told_neighbour(&told, "store", false, again, 6);
    cr_assert_str_eq(told.neighbours[0].why, again, "the other end shows the same");
}

/* ---- another core may lead ---- */

static void lead_until(struct link *link, uint64_t until_us)
{
    link_server_allow(link->server, &(struct link_allowance){UINT32_MAX, gate_open, until_us, link->now_us});
    pump(link);
}

Test(protocol, an_adapter_is_aside_once_the_lease_of_its_core_is_over, .timeout = 10)
{
    struct link link;
    link_open(&link);
    cr_assert_not(link_client_is_aside(link.client, UINT64_MAX), "nobody else can lead");
    lead_until(&link, link.now_us + 1000);
    cr_assert_not(link_client_is_aside(link.client, link.now_us + 999));
    cr_assert(link_client_is_aside(link.client, link.now_us + 1000), "though the core says nothing more");
    post(&link, KIND_EventCallCreated), pump(&link), durable(&link, 1), pump(&link);
    cr_assert(link_client_is_aside(link.client, link.now_us + 1000), "what is durable says nothing of the lease");
    link.now_us += 1000;
    lead_until(&link, link.now_us + 500);
    cr_assert(!link_client_is_aside(link.client, link.now_us + 499) &&
              link_client_is_aside(link.client, link.now_us + 500));
    disconnect(&link);
    cr_assert_not(link_client_is_aside(link.client, link.now_us + 499), "a core that went has the rest of its lease");
    cr_assert(link_client_is_aside(link.client, link.now_us + 500), "a core that is away may have a successor");
    new_server(&link);
    link_client_connected(link.client, link.now_us);
    cr_assert(link_client_is_aside(link.client, link.now_us + 500), "nobody has greeted yet");
    cr_assert(pump(&link) && !link_client_is_aside(link.client, link.now_us + 500), "nobody follows this one");
    lead_until(&link, link.now_us + 500);
    lead_until(&link, 0);
    cr_assert_not(link_client_is_aside(link.client, link.now_us + INT64_MAX / 2), "who followed has gone");
    disconnect(&link);
    new_server(&link);
    link_server_allow(link.server, &(struct link_allowance){UINT32_MAX, gate_open, link.now_us - 1, link.now_us});
    link_client_connected(link.client, link.now_us);
    cr_assert(pump(&link) && link_client_is_aside(link.client, link.now_us + 1), "a core that has it no more greets");
    link_close(&link);
}

Test(protocol, an_adapter_that_knows_other_cores_leaves_one_that_may_not_lead, .timeout = 10)
{
    for (unsigned elsewhere = 0; elsewhere < 2; elsewhere++) {
        struct link link = {.epoch = 3, .now_us = 1000};
        struct link_client_options further = options;
        further.elsewhere = elsewhere;
        link.client =
            link_client_new(&further, &(struct link_client_calls){&link, on_up, on_down, on_refused, on_effect,
                                                                  on_committed, on_credit, on_another, NULL});
        connect_link(&link);
        lead_until(&link, link.now_us + 1000);
        uint64_t leaves_us = link.now_us + 1000 + LINK_ASIDE_US;
        cr_assert(link_client_tick(link.client, leaves_us - 1));
        cr_assert(!elsewhere || link_client_due(link.client) == leaves_us);
        cr_assert_eq(link_client_tick(link.client, leaves_us), !elsewhere, "%u", elsewhere);
        link_close(&link);
    }
}
