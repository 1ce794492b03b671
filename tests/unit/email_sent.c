/* tests/unit/email_sent.c - What the plugin `email` sends by a mail server: how often, to whom, what becomes of it, and
 * how the plugin logs in. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <glib.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "tests/unit/email_stage.h"

TestSuite(email_sent, .timeout = 60);

Test(email_sent, a_message_is_sent_once_however_often_it_is_asked)
{
    static struct stage stage = {.from = "office@Other.example"}; /* an address of another adapter, or of the desk */
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m1"));
    cr_expect_not_null(strstr(stage.sent, "From: office@other.example\r\n"), "%s", stage.sent);
    cr_expect_not_null(strstr(stage.sent, "To: anna@example.org\r\n"), "%s", stage.sent);
    cr_expect_not_null(strstr(stage.sent, "In-Reply-To: <one@example.org>\r\n"));
    cr_expect_not_null(strstr(stage.sent, "\r\nDanke.\r\n.\r\nWir sind dran."), "%s", stage.sent);
    cr_expect_null(strstr(stage.sent, "\nBcc:"));
    cr_expect_null(strstr(stage.sent, "Auto-Submitted"));
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    rig_plugin_goes(&stage.rig); /* and by another process */
    stage.rig.posted[0] = 0;
    rig_plugin_comes(&stage.rig);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

Test(email_sent, a_mail_that_is_about_to_be_taken_as_the_process_ends_is_sent_once)
{
    static struct stage stage = {.slow = true};
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_plugin_goes(&stage.rig);
    rig_plugin_comes(&stage.rig);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

/* The mail server takes it while the link is down: the core hears it when it is back, and need not ask. */
Test(email_sent, what_became_of_a_mail_meanwhile_is_told_to_a_core_that_is_back)
{
    static struct stage stage = {.slow = true};
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_core_goes(&stage.rig);
    for (uint64_t since_us = rig_real_us(); rig_real_us() - since_us < RIG_SECOND_US / 2;) rig_run(&stage.rig);
    cr_expect_null(strstr(stage.rig.posted, "state=accepted"));
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage.slow = false, stage.held = true; /* or after it is back */
    stage.rig.posted[0] = stage.sent[0] = 0;
    stage_asks(&stage, "m2", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig);
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    stage_sink_answers(-1, EV_TIMEOUT, &stage);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 2);
    stage_close(&stage);
}

static void take_result(void *self, const struct store_shown *shown)
{
    text_set_span(self, 40, shown->result);
}

/* The result of the mail of ours with this Message-ID is looked at until it is that. */
static void await_result(struct stage *stage, const char *message_id, const char *wanted)
{
    struct error error;
    struct store_key key;
    char result[40] = "";
    uint64_t end_us = rig_real_us() + RIG_PATIENCE_US;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    cr_assert(store_by_external(store, "", "email", span_of(message_id), &key, &error), "%s", error.text);
    while (strcmp(result, wanted) != 0) {
        cr_assert_lt(rig_real_us(), end_us, "%s is %s", message_id, result);
        cr_assert(store_interaction(store, key.interaction, take_result, result, &error), "%s", error.text);
        rig_run(&stage->rig);
    }
    store_close(store);
}

/* A core that has lost its state may release the same mail of an agent, and hears of it by what it has asked. */
Test(email_sent, a_mail_under_way_is_of_the_core_that_asked_last)
{
    static struct stage stage = {.held = true, .releases = true};
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    stage.rig.journal = 4711;
    stage.ref = 6;
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig);
    rig_run(&stage.rig);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig); /* the same one */
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    stage_sink_answers(-1, EV_TIMEOUT, &stage);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.rig.posted, "ref=6 "), "%s", stage.rig.posted);
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

/* A core whose state was restored or lost gives its ids again. */
Test(email_sent, another_message_under_the_same_ids_is_sent)
{
    static struct stage stage;
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m1", "bert@example.org", "", "two@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 2);
    stage.rig.journal = 4711;
    rig_plugin_goes(&stage.rig);
    stage.rig.posted[0] = 0;
    rig_plugin_comes(&stage.rig);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 3);
    stage_close(&stage);
}

Test(email_sent, a_core_without_its_state_hears_nothing_of_mails_that_it_has_not_asked_for)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    stage.sink_code = 450;
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in");
    rig_core_goes(&stage.rig);
    stage.rig.journal = 4711;
    rig_core_comes(&stage.rig);
    rig_run(&stage.rig);
    stage.sink_code = 0;
    stage.rig.skew_us += 100000000;
    rig_await(&stage.rig, stage.rig.log, "not sent");
    cr_expect_null(strstr(stage.rig.posted, "EventDelivery"), "%s", stage.rig.posted);
    const char *id = strstr(stage.rig.log, "mail gcx.");
    cr_assert(id && sscanf(id, "mail %199[^:]:", ours) == 1, "%s", stage.rig.log);
    await_result(&stage, ours, "not sent"); /* it may be asked for again */
    cr_expect_eq(stage.mails, 0);
    stage_asks(&stage, "m1", "bert@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage_close(&stage);
}

Test(email_sent, refused_for_now_is_tried_again_and_refused_is_told)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    stage.sink_code = 450;
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    stage_asks(&stage, "m2", "nobody@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m2"));
    cr_expect_not_null(strstr(stage.rig.posted, "text=\"550 5.1.1"), "%s", stage.rig.posted);
    rig_await(&stage.rig, stage.rig.log, "not sent: 550 5.1.1");
    rig_await(&stage.rig, stage.rig.log, "by_mail_server");
    cr_expect(!strstr(strstr(stage.rig.log, "by_mail_server") + 1, "by_mail_server"), "%s", stage.rig.log);
    cr_expect_null(strstr(stage.rig.posted, "state=accepted"));
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += 1000000;
    rig_await(&stage.rig, stage.rig.log, "again in 2 s");
    unsigned tries = stage.tries;
    for (uint64_t since_us = rig_real_us(); rig_real_us() - since_us < RIG_SECOND_US + RIG_SECOND_US / 5;)
        rig_run(&stage.rig);
    cr_expect_eq(stage.tries, tries, "it is left alone for the pause");
    stage.sink_code = 0;
    stage.rig.skew_us += 2000000;
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage.rig.posted[0] = stage.rig.log[0] = 0;
    stage.sink_code = 450;
    stage_asks(&stage, "m3", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += UINT64_C(172800) * 1000000;
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m3"));
    const char *id = strstr(stage.rig.log, "mail gcx.");
    cr_assert(id && sscanf(id, "mail %199[^:]:", ours) == 1, "%s", stage.rig.log);
    await_result(&stage, ours, "failed");
    stage.expires = 10 * RIG_SECOND_US; /* the step's own time */
    stage.rig.posted[0] = stage.rig.log[0] = 0;
    stage_asks(&stage, "m4", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += 11 * RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m4"));
    stage_close(&stage);
}

Test(email_sent, a_mail_waits_for_a_store_that_is_full)
{
    static struct stage stage;
    struct rlimit before;
    stage_open(&stage);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max});
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s: contact store: ");
    setrlimit(RLIMIT_FSIZE, &before);
    stage.rig.skew_us += 2 * RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_null(strstr(stage.rig.posted, "state=failed"));
    stage_close(&stage);
}

static void cancel(struct stage *stage, uint64_t ref)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Cancel);
    writer_u(&writer, ENVELOPE_ixn, 77);
    writer_u(&writer, Cancel_of, ref);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

Test(email_sent, what_is_cancelled_goes_no_more_and_what_else_the_interaction_sends_does)
{
    static struct stage stage = {.sink_code = 450};
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    stage.ref = 6;
    stage_asks(&stage, "m2", "anna@example.org", "", "");
    while (stage.tries < 2) rig_run(&stage.rig);
    cancel(&stage, 5);
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    stage.sink_code = 0;
    stage.rig.skew_us += 100 * RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.log, "not sent");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.rig.posted, "ref=6 "), "%s", stage.rig.posted);
    cr_expect_null(strstr(stage.rig.posted, "msg_id=m1"), "%s", stage.rig.posted);
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

/* A mail server may have taken it as its sender died. A mail reader knows the second by its Message-ID. */
Test(email_sent, an_answer_that_a_lost_core_had_on_its_way_goes_out_under_its_message_id)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    stage_has_response(&stage, "acknowledge", "We have it", "We have it.");
    stage_delivers(&stage, "one@example.org", "hello");
    stage.sink_code = 450;
    stage_asks(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
    rig_await(&stage.rig, stage.rig.log, "again in");
    const char *id = strstr(stage.rig.log, "mail gcx.");
    cr_assert(id && sscanf(id, "mail %199[^:]:", ours) == 1, "%s", stage.rig.log);
    stage.rig.journal = 4711;
    rig_plugin_goes(&stage.rig);
    stage.sink_code = 0;
    rig_plugin_comes(&stage.rig);
    await_result(&stage, ours, "not sent");
    for (unsigned again = 0; again < 2; again++) { /* the core asks again where it has not heard the answer */
        stage.rig.posted[0] = 0;
        stage_asks(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
        rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    }
    await_result(&stage, ours, "accepted");
    cr_expect_eq(stage.mails, 1);
    cr_expect_not_null(strstr(stage.sent, ours), "%s is not %s", stage.sent, ours);
    stage_close(&stage);
}

struct old_server { /* a mail server of before SMTPUTF8; it notes what it is asked */
    int door;
    char heard[2000];
    bool asks; /* for a password, which is wrong */
};

static void *old_server_serves(void *self)
{
    struct old_server *server = self;
    for (int caller; (caller = accept(server->door, NULL, NULL)) >= 0; close(caller)) {
        FILE *peer = fdopen(dup(caller), "r");
        char line[500];
        bool data = false;
        dprintf(caller, "220 old\r\n");
        while (fgets(line, sizeof line, peer)) {
            bool last = data && strcmp(line, ".\r\n") == 0;
            if (!data) strncat(server->heard, line, sizeof server->heard - strlen(server->heard) - 1);
            if (last || !data)
                dprintf(caller, "%s\r\n",
                        strncmp(line, "DATA", 4) == 0                   ? "354 go"
                        : server->asks && strncmp(line, "EHLO", 4) == 0 ? "250 AUTH PLAIN"
                        : server->asks                                  ? "535 5.7.8 wrong password"
                                                                        : "250 good");
            data = data ? !last : strncmp(line, "DATA", 4) == 0;
        }
        fclose(peer);
    }
    return NULL;
}

static void old_server_begin(struct old_server *old, struct stage *stage, pthread_t *thread)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof at;
    old->door = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(old->door, (struct sockaddr *)&at, sizeof at) == 0 && listen(old->door, 8) == 0);
    cr_assert_eq(getsockname(old->door, (struct sockaddr *)&at, &length), 0);
    snprintf(stage->submission, sizeof stage->submission, "smtp://127.0.0.1:%u", ntohs(at.sin_port));
    cr_assert_eq(pthread_create(thread, NULL, old_server_serves, old), 0);
    stage_open(stage);
}

static void old_server_end(struct old_server *old, struct stage *stage, pthread_t thread)
{
    stage_close(stage);
    shutdown(old->door, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(old->door);
}

/* A password that is wrong here says nothing against the mail. */
Test(email_sent, a_login_that_is_refused_fails_no_mail)
{
    static struct stage stage = {.user = "shop"};
    static struct old_server old = {.asks = true};
    pthread_t thread;
    old_server_begin(&old, &stage, &thread);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s: 535 5.7.8 wrong password");
    cr_expect_null(strstr(stage.rig.posted, "state=failed"), "%s", stage.rig.posted);
    old_server_end(&old, &stage, thread);
}

Test(email_sent, an_address_that_the_mail_server_cannot_take_is_refused_before_it_is_said)
{
    static struct stage stage;
    static struct old_server old;
    pthread_t thread;
    old_server_begin(&old, &stage, &thread);
    stage_asks(&stage, "m1",
               "jurgen@b\xc3\xbc"
               "cher.example",
               "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(old.heard, "\nMAIL FROM:<service@shop.example>\r\n"), "%s", old.heard);
    cr_expect_not_null(strstr(old.heard, "\nRCPT TO:<jurgen@xn--bcher-kva.example>\r\n"), "%s", old.heard);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m2", "j\xc3\xbcrgen@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "SMTPUTF8"), "%s", stage.rig.posted);
    cr_expect_null(strstr(old.heard, "j\xc3\xbcrgen"), "%s", old.heard);
    old_server_end(&old, &stage, thread);
}

Test(email_sent, domains_beyond_ascii_go_as_ace_and_local_parts_as_they_are_to_servers_that_take_them)
{
    static struct stage stage;
    stage_open(&stage);
    stage_asks(&stage, "m1",
               "jurgen@b\xc3\xbc"
               "cher.example",
               "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_str_eq(stage.recipient, "jurgen@xn--bcher-kva.example");
    stage.recipient[0] = stage.rig.posted[0] = 0;
    stage_asks(&stage, "m2", "j\xc3\xbcrgen@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_str_eq(stage.recipient, "j\xc3\xbcrgen@example.org");
    stage_close(&stage);
}

/* RFC 5321 lets a local part in quotes have blanks and marks. */
Test(email_sent, who_has_a_local_part_in_quotes_writes_and_is_answered)
{
    static struct stage stage;
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage,
               "LHLO mx\r\nMAIL FROM:<\"a b >c\"@example.org> SIZE=300\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
               "From: Ann <\"a b c\"@example.org>\r\nMessage-ID: <q@example.org>\r\n\r\nHello.\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    cr_expect_not_null(strstr(stage.rig.posted, "a b c"), "%s", stage.rig.posted);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m1", "\"a b c\"@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=");
    cr_expect_not_null(strstr(stage.rig.posted, "state=accepted"), "%s", stage.rig.posted);
    cr_expect_str_eq(stage.recipient, "\"a b c\"@example.org");
    cr_expect_not_null(strstr(stage.sent, "\"a b c\"@example.org"), "%s", stage.sent);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\nMAIL FROM:<\"a b>\r\nMAIL FROM:<a b@example.org>\r\n"
                       "MAIL FROM:<\"a\tb\"@example.org>\r\nMAIL FROM:<a\177b@example.org>\r\n"
                       "MAIL FROM:<\"a\\\"> b\"@example.org>\r\nQUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n221 ");
    unsigned wrong = 0;
    for (const char *at = stage.heard; (at = strstr(at, "\n501 5.1.7")); at++) wrong++;
    cr_expect(wrong == 4 && strstr(stage.heard, "\n250 2.1.0"), "%s", stage.heard);
    stage_close(&stage);
}

/* The core releases what an agent has written, to Anna, or to Bob and Anna. */
static void release(struct stage *stage, const char *msg_id, long long part, bool bob)
{
    struct writer writer;
    struct kv headers;
    stage_begins_effect(stage, KIND_SendMessage, &writer);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    writer_list_begin(&writer, SendMessage_to);
    if (bob) writer_list_text(&writer, span_of("bob@example.org"));
    writer_list_text(&writer, span_of("anna@example.org"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_subject, "Your bill");
    stage_writes_body(&writer, SendMessage_body, part);
    kv_init(&headers);
    kv_put_text(&headers, "release", span_of("reply-1"));
    writer_kv(&writer, SendMessage_headers, &headers);
    kv_free(&headers);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

static void refuses_mail(const struct stage *stage, const char *address, bool on)
{
    struct error error;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    struct store_refusal refusal = {
        .tenant = "", .media = "email", .kind = STORE_email, .address = span_of(address), .since = 1};
    cr_assert(store_refuse(store, &refusal, on, NULL, &error), "%s", error.text);
    store_close(store);
}

Test(email_sent, who_refuses_mail_gets_none_and_the_strategy_hears_so)
{
    static struct stage stage;
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage_has_response(&stage, "acknowledge", "", "We have it.");
    refuses_mail(&stage, "Anna@Example.org", true);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    for (unsigned to = 0; to < 2; to++) { /* an agent's, to her or to others and her */
        release(&stage, to ? "m3" : "m2", stage_agent_replied(&stage), to);
        rig_await(&stage.rig, stage.rig.posted, "state=failed");
        cr_expect_not_null(strstr(stage.rig.posted, "cause=refused"), "%s", stage.rig.posted);
    }
    cr_expect(strstr(stage.rig.log, "by_us") && !strstr(stage.rig.log, "by_mail_server"), "%s", stage.rig.log);
    cr_expect_eq(stage.mails, 0);
    refuses_mail(&stage, "anna@example.org", false);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m4", "anna@example.org", "acknowledge", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

Test(email_sent, machines_are_not_answered_by_machines)
{
    static struct stage stage;
    stage_open(&stage);
    stage_has_response(&stage, "acknowledge", "", "We have it.");
    stage_meets_mx(&stage);
    stage_says(
        &stage,
        "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
        "From: a@example.org\r\nMessage-ID: <robot@example.org>\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    cr_expect_not_null(strstr(stage.rig.posted, "automatic"), "%s", stage.rig.posted);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m1", "a@example.org", "acknowledge", "robot@example.org");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m2", "service@shop.example", "acknowledge", "");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    cr_expect_eq(stage.mails, 0);
    stage_close(&stage);
}

Test(email_sent, an_answer_is_a_standard_response_and_not_given_too_often)
{
    static struct stage stage;
    char id[] = "m0";
    stage_open(&stage);
    stage_has_response(&stage, "acknowledge", "We have it, {contact.name}", "Dear {contact.name}, soon.");
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "none", "anna@example.org", "no_such", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "cause=refused"));
    for (; id[1] < '2'; id[1]++) {
        stage.rig.posted[0] = 0;
        stage_asks(&stage, id, "anna@example.org", "acknowledge", "one@example.org");
        rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    }
    cr_expect_not_null(strstr(stage.sent, "Auto-Submitted: auto-replied\r\n"));
    cr_expect_not_null(strstr(stage.sent, "Subject: We have it, Anna\r\n"), "%s", stage.sent);
    cr_expect_not_null(strstr(stage.sent, "\r\nDear Anna, soon."), "%s", stage.sent);
    stage_asks(&stage, "m3", "anna@example.org", "acknowledge", "one@example.org"); /* the fourth */
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    cr_expect_eq(stage.mails, 2);
    stage_close(&stage);
}

/* The n-th report of a mail server about the mail with this Message-ID. */
static void report(struct stage *stage, const char *id, const char *action, unsigned n)
{
    char text[2000];
    snprintf(text, sizeof text,
             "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\nContent-Type: multipart/report; "
             "report-type=delivery-status; boundary=r\r\nMessage-ID: <dsn%u@mx>\r\n\r\n--r\r\n\r\nno\r\n--r\r\n"
             "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: %s\r\n"
             "Final-Recipient: rfc822; anna@example.org\r\nStatus: 5.1.1\r\n\r\n--r\r\nContent-Type: "
             "message/rfc822\r\n\r\nMessage-ID: <%s>\r\n\r\nx\r\n--r--\r\n.\r\n",
             n, action, id);
    stage_meets_mx(stage);
    stage_says(stage, text);
    rig_await(&stage->rig, stage->heard, "\n250 2.0.0 kept");
}

/* A later one takes no better one back, and is no mail to route. */
Test(email_sent, a_report_is_told_of_the_message_that_it_is_about)
{
    static const struct {
        const char *action, *told, *result;
    } rows[] = {{"failed", "state=failed", "failed"},
                {"delivered", "state=delivered", "accepted"},
                {"failed", NULL, "accepted"},
                {"delivered", NULL, "accepted"}}; /* the mail server has told so before */
    static struct stage stage;
    char ours[100];
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_assert_eq(sscanf(strstr(stage.rig.posted, "peer_id="), "peer_id=%99s", ours), 1);
    for (unsigned i = 0; i < 4; i++) {
        stage.rig.posted[0] = 0;
        report(&stage, ours, rows[i].action, i);
        await_result(&stage, ours, rows[i].result);
        const char *event = rows[i].told ? strstr(stage.rig.posted, rows[i].told) : NULL;
        cr_expect_eq(event != NULL, rows[i].told != NULL, "%u: %s", i, stage.rig.posted);
        while (event && event > stage.rig.posted && event[-1] != '\n') event--;
        cr_expect(!event || (strstr(event, "ixn=0-00000000004d") && strstr(event, "msg_id=m1")), "%s", event);
        cr_expect_null(strstr(stage.rig.posted, "Submit"), "%s", stage.rig.posted);
    }
    stage_close(&stage);
}

/* A receipt of the n-th reader about the mail with this Message-ID. */
static void receipt(struct stage *stage, const char *id, const char *disposition, unsigned n)
{
    char text[2000];
    snprintf(text, sizeof text,
             "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\nFrom: anna@example.org\r\n"
             "Content-Type: multipart/report; report-type=disposition-notification; boundary=r\r\n"
             "Message-ID: <mdn%u@mx>\r\n\r\n--r\r\n\r\nread\r\n--r\r\n"
             "Content-Type: message/disposition-notification\r\n\r\nFinal-Recipient: rfc822; anna@example.org\r\n"
             "Original-Message-ID: <%s>\r\nDisposition: manual-action/MDN-sent-manually; %s\r\n--r--\r\n.\r\n",
             n, id, disposition);
    stage_meets_mx(stage);
    stage_says(stage, text);
    rig_await(&stage->rig, stage->heard, "\n250 2.0.0 kept");
}

static void take_said(void *self, const struct store_line *line)
{
    struct span text = span_is(line->kind, "sent") ? line->text : span_of("Welcome");
    g_string_append_printf(self, "%.*s:%.*s\n", (int)text.length, (const char *)text.bytes, (int)line->result.length,
                           (const char *)line->result.bytes);
}

Test(email_sent, a_receipt_marks_the_mail_as_read_and_is_no_mail_to_route)
{
    static const struct {
        const char *disposition, *said;
        bool routed;
    } rows[] = {
        {"deleted", "Welcome:accepted\nanna@example.org has deleted it unread:\n", false},
        {"displayed/error", "Welcome:read\nanna@example.org has deleted it unread:\nanna@example.org has read it:\n",
         false},
        {"displayed", "Welcome:read\nanna@example.org has deleted it unread:\nanna@example.org has read it:\n", false},
        {"displayedness", NULL, true},
        {"dispatched", NULL, true}};
    static struct stage stage;
    char ours[100];
    struct error error;
    struct store_key key;
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_assert_eq(sscanf(strstr(stage.rig.posted, "peer_id="), "peer_id=%99s", ours), 1);
    struct store *store = store_open(stage.store, &(struct store_options){.country = NULL}, &error);
    cr_assert(store && store_by_external(store, "", "email", span_of(ours), &key, &error), "%s", error.text);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        stage.rig.posted[0] = 0;
        receipt(&stage, ours, rows[i].disposition, i);
        GString *said = g_string_new(NULL);
        cr_assert(store_transcript(store, key.interaction, 0, 50, true, take_said, said, &error), "%s", error.text);
        if (rows[i].said) cr_expect_str_eq(said->str, rows[i].said);
        cr_expect_eq(strstr(stage.rig.posted, "Submit") != NULL, rows[i].routed, "%u: %s", i, stage.rig.posted);
        g_string_free(said, TRUE);
    }
    stage.rig.posted[0] = 0;
    receipt(&stage, "gcx.0@shop.example", "displayed", 9); /* of no mail of ours */
    cr_expect_not_null(strstr(stage.rig.posted, "Submit"), "%s", stage.rig.posted);
    report(&stage, ours, "failed", 10);
    receipt(&stage, ours, "displayed", 11); /* who has read it hides nobody who has it not */
    GString *said = g_string_new(NULL);
    cr_assert(store_transcript(store, key.interaction, 0, 50, true, take_said, said, &error), "%s", error.text);
    cr_expect(g_str_has_prefix(said->str, "Welcome:failed\n"), "%s", said->str);
    g_string_free(said, TRUE);
    store_close(store);
    stage_close(&stage);
}

/* Anna's mail server keeps its answer until the process ends; the strategy has gone on before. */
Test(email_sent, a_mail_behind_a_slow_server_holds_up_no_other_and_has_a_result_in_the_end)
{
    static struct stage stage = {.held = true};
    char ours[100];
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "To: anna@example.org");
    cr_assert_eq(sscanf(strstr(stage.sent, "Message-Id: <"), "Message-Id: <%99[^>]", ours), 1);
    stage.held = false;
    stage.ref = 6;
    stage_asks(&stage, "m2", "bert@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_null(strstr(stage.rig.posted, "msg_id=m1"));
    cancel(&stage, 5);
    rig_plugin_goes(&stage.rig);
    rig_plugin_comes(&stage.rig);
    await_result(&stage, ours, "");
    stage.rig.skew_us += 61 * RIG_SECOND_US;
    await_result(&stage, ours, "unknown");
    cr_expect_eq(stage.mails, 2);
    stage_close(&stage);
}

Test(email_sent, an_agents_reply_goes_out_with_its_html_pictures_and_files)
{
    static struct stage stage;
    struct writer writer;
    struct kv headers;
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<billing@shop.example>\r\nDATA\r\n"
                       "From: anna@example.org\r\nTo: x@other.example, billing@shop.example\r\nMessage-ID: "
                       "<one@example.org>\r\n\r\nx\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    long long part = stage_agent_replied(&stage);
    stage_begins_effect(&stage, KIND_SendMessage, &writer);
    writer_text(&writer, SendMessage_msg_id, "m1");
    writer_text(&writer, SendMessage_from, "x@other.example"); /* a stranger, who stands in the mail's To */
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("anna@example.org"));
    writer_list_text(&writer, span_of("boss@example.org"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_subject, "Your bill");
    stage_writes_body(&writer, SendMessage_body, part);
    kv_init(&headers);
    kv_put_text(&headers, "release", span_of("reply-1"));
    kv_put_text(&headers, "author", span_of("marie"));
    writer_kv(&writer, SendMessage_headers, &headers);
    kv_free(&headers);
    stage.sink_code = 450; /* at first: its files are read again when it goes again */
    link_server_effect(stage.rig.server, writer_end(&writer));
    writer_free(&writer);
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.log, "again in 2 s");
    stage.rig.skew_us += RIG_SECOND_US; /* the office notes that it waits */
    for (unsigned turn = 0; turn < 50; turn++) rig_run(&stage.rig);
    stage.sink_code = 0;
    stage.rig.skew_us += RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_null(strstr(stage.rig.log, "its files are read again"), "%s", stage.rig.log);
    static const char *const wanted[] = {"From: billing@shop.example\r\n",
                                         "To: \"Weber, Anna X-Evil: yes\" <anna@example.org>\r\n",
                                         "Cc: boss@example.org\r\n",
                                         "In-Reply-To: <one@example.org>",
                                         "multipart/mixed",
                                         "multipart/alternative",
                                         "multipart/related",
                                         "\r\nDear Anna,\r\n.\r\nhere it is.",
                                         "<b>Anna</b>",
                                         "Content-Id: <p@x>",
                                         "UE5H",
                                         "JVBERg==",
                                         "application/octet-stream",
                                         "Content-Disposition: attachment"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        cr_expect_not_null(strstr(stage.sent, wanted[i]), "%s: %s", wanted[i], stage.sent);
    static const char *const none[] = {
        "Auto-Submitted", "\nX-Evil", "\nrelease:", "\nauthor:", "\nX: y", "../", "boundary=x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_null(strstr(stage.sent, none[i]), "%s: %s", none[i], stage.sent);
    stage_close(&stage);
}

/* The address of ours that is asked for; else the first one to which the customer wrote, and never a stranger's. */
Test(email_sent, an_answer_comes_from_an_address_of_ours)
{
    static const char *const heads[] = {"To: x@other.example, billing@shop.example\r\nCc: service@shop.example\r\n",
                                        "To: x@other.example\r\nCc: billing@shop.example, service@shop.example\r\n"};
    static const struct {
        const char *asked, *comes;
    } cases[] = {{NULL, "billing@shop.example"},
                 {"x@other.example", "billing@shop.example"},
                 {"service@shop.example", "service@shop.example"},
                 {"any@shop.example", "any@shop.example"},
                 {"post@else.example", "post@else.example"},
                 {"news@post.example", "The news <news@post.example>"}};
    static struct stage stage = {.sender = "post@else.example"};
    stage_open(&stage);
    for (unsigned mail = 0; mail < 2; mail++) {
        char text[400], answered[40], id[8], from[80];
        (void)snprintf(answered, sizeof answered, "mail-%u@example.org", mail);
        (void)snprintf(text, sizeof text,
                       "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<billing@shop.example>\r\nDATA\r\n"
                       "From: anna@example.org\r\n%sMessage-ID: <%s>\r\n\r\nx\r\n.\r\n",
                       heads[mail], answered);
        stage_meets_mx(&stage);
        stage_says(&stage, text);
        rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
        for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
            (void)snprintf(id, sizeof id, "m%u%zu", mail, i);
            (void)snprintf(from, sizeof from, "From: %s\r\n", cases[i].comes);
            stage.from = cases[i].asked;
            stage.sent[0] = stage.rig.posted[0] = '\0';
            stage_asks(&stage, id, "anna@example.org", "", answered);
            rig_await(&stage.rig, stage.rig.posted, "state=accepted");
            cr_expect_not_null(strstr(stage.sent, from), "%s: %s", from, stage.sent);
        }
    }
    stage_close(&stage);
}

/* tests/unit/golden/email_8.sql: what the release before the post office had the mails that go out left. */
static void puts_before(const struct stage *stage)
{
    const char *top = getenv("top_srcdir");
    char *golden = g_strdup_printf("%s/tests/unit/golden/email_8.sql", top ? top : ".."), *bytes;
    struct error error;
    struct sql *sql = sql_open(stage->store, "contact store", &error);
    cr_assert(g_file_get_contents(golden, &bytes, NULL, NULL) && sql && sql_run(sql, bytes, &error), "%s", golden);
    sql_close(sql);
    g_free(golden), g_free(bytes);
}

/* What a mail server has taken does not go again, and what was under way goes under its Message-ID. */
Test(email_sent, mails_that_an_earlier_version_has_sent_go_once)
{
    static struct stage stage;
    stage_open(&stage);
    rig_plugin_goes(&stage.rig);
    char *file = g_strconcat(stage.folder, "/store", NULL);
    cr_assert_eq(unlink(file), 0);
    puts_before(&stage);
    rig_plugin_comes(&stage.rig);
    stage_asks(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "peer_id=gcx.94e398cc5d62ee924418a191d52e265cb3ffdecd@shop.example");
    stage.rig.posted[0] = 0;
    release(&stage, "m3", 3, false);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 0, "%s", stage.sent);
    stage.rig.posted[0] = 0;
    stage_asks(&stage, "m4", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.sent, "Message-Id: <gcx.d097e083f0347d425c5766cae6a85fe2916af91e@shop.example>"));
    await_result(&stage, "gcx.d097e083f0347d425c5766cae6a85fe2916af91e@shop.example", "accepted");
    report(&stage, "gcx.94e398cc5d62ee924418a191d52e265cb3ffdecd@shop.example", "failed", 1);
    cr_expect_not_null(strstr(stage.rig.posted, "state=failed"), "%s", stage.rig.posted);
    await_result(&stage, "gcx.94e398cc5d62ee924418a191d52e265cb3ffdecd@shop.example", "failed");
    cr_expect_eq(stage.mails, 1);
    g_free(file);
    stage_close(&stage);
}

struct token_server { /* a server of SMTP or IMAP that takes the second token; it notes what it is asked */
    int door;
    unsigned port;
    bool imap;
    char heard[20000];
};

/* "user=shop^Aauth=Bearer tok2^A^A" */
#define TOKEN_GOOD  "dXNlcj1zaG9wAWF1dGg9QmVhcmVyIHRvazIBAQ=="
#define TOKEN_STALE "dXNlcj1zaG9wAWF1dGg9QmVhcmVyIHRvazEBAQ=="

static void token_server_says(const struct token_server *server, int caller, const char *line, bool *data)
{
    bool good = strstr(line, TOKEN_GOOD) != NULL, is_token = good || strstr(line, TOKEN_STALE);
    int tag = (int)strcspn(line, " ");
    if (server->imap && strstr(line, " CAPABILITY")) dprintf(caller, "* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR\r\n");
    if (server->imap && strstr(line, "XOAUTH2") && !is_token)
        dprintf(caller, "+\r\n");
    else if (server->imap)
        dprintf(caller, "%.*s %s\r\n", tag, line, !is_token || good ? "OK" : "NO expired");
    else if (*data && strcmp(line, ".\r\n") != 0)
        return;
    else
        dprintf(caller, "%s\r\n",
                strncmp(line, "EHLO", 4) == 0                ? "250 AUTH XOAUTH2"
                : strncmp(line, "AUTH", 4) == 0 && !is_token ? "334 "
                : is_token                                   ? (good ? "235 good" : "535 5.7.8 no tok1 " TOKEN_STALE)
                : strncmp(line, "DATA", 4) == 0              ? "354 go"
                                                             : "250 good");
    *data = strncmp(line, "DATA", 4) == 0;
}

static void *token_server_serves(void *self)
{
    struct token_server *server = self;
    for (int caller; (caller = accept(server->door, NULL, NULL)) >= 0; close(caller)) {
        FILE *peer = fdopen(dup(caller), "r");
        char line[500];
        bool data = false;
        dprintf(caller, server->imap ? "* OK there\r\n" : "220 there\r\n");
        while (fgets(line, sizeof line, peer)) {
            strncat(server->heard, line, sizeof server->heard - strlen(server->heard) - 1);
            token_server_says(server, caller, line, &data);
        }
        fclose(peer);
    }
    return NULL;
}

static pthread_t token_server_begin(struct token_server *server)
{
    pthread_t thread;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    server->door = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert(bind(server->door, (struct sockaddr *)&at, sizeof at) == 0 && listen(server->door, 8) == 0);
    server->port = address_port(server->door);
    cr_assert_eq(pthread_create(&thread, NULL, token_server_serves, server), 0);
    return thread;
}

static void token_server_end(const struct token_server *server, pthread_t thread)
{
    shutdown(server->door, SHUT_RDWR);
    pthread_join(thread, NULL);
    close(server->door);
}

static void on_token(struct evhttp_request *request, void *self)
{
    static const char refused[] = "{\"error\":\"invalid_grant\"}";
    struct stage *stage = self;
    struct evbuffer *in = evhttp_request_get_input_buffer(request), *out = evbuffer_new();
    stage->asked[evbuffer_remove(in, stage->asked, sizeof stage->asked - 1)] = 0;
    if (stage->status == 400)
        evbuffer_add(out, refused, strlen(refused));
    else if (stage->status == 202) /* no token: it would end the line of the log-in */
        evbuffer_add_printf(out, "{\"access_token\":\"tok2\\r\\nQUIT\"}");
    else if (stage->status == 203) /* longer than any log-in, or than what is read at all */
        evbuffer_add_printf(out, "{\"access_token\":\"%0*d\"}", 20000, 2);
    else if (stage->status == 206)
        evbuffer_add_printf(out, "{\"access_token\":\"%0*d\"}", 100000, 2);
    else
        evbuffer_add_printf(out, "{\"access_token\":\"tok%u\",\"expires_in\":3600}", stage->status == 200 ? 2 : 1);
    evhttp_send_reply(request, stage->status == 400 ? 400 : 200, "", out);
    if (stage->status == 201) stage->status = 200;
    evbuffer_free(out);
}

/* The first token is refused by whichever server gets it, and another one is fetched; both log in by that. */
Test(email_sent, servers_that_want_it_are_logged_in_to_by_a_token)
{
    static struct stage stage = {.user = "shop", .status = 201};
    static struct token_server smtp, imap = {.imap = true};
    pthread_t threads[] = {token_server_begin(&smtp), token_server_begin(&imap)};
    char url[64];
    stage.rig.base = event_base_new();
    struct evhttp *http = evhttp_new(stage.rig.base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    evhttp_set_gencb(http, on_token, &stage);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/token", address_port(evhttp_bound_socket_get_fd(bound)));
    snprintf(stage.submission, sizeof stage.submission, "smtp://127.0.0.1:%u", smtp.port);
    snprintf(stage.imap, sizeof stage.imap, "imap://127.0.0.1:%u", imap.port);
    stage.oauth = url;
    stage_open(&stage);
    stage_asks(&stage, "m1", "anna@example.org", "", "");
    for (unsigned i = 0; !strstr(stage.rig.posted, "state=accepted") || !strstr(imap.heard, TOKEN_GOOD); i++) {
        cr_assert_lt(i, 3000, "%s\n%s\n%s", smtp.heard, imap.heard, stage.rig.log);
        stage.rig.skew_us += RIG_SECOND_US / 10;
        rig_run(&stage.rig);
    }
    cr_expect(strstr(smtp.heard, TOKEN_STALE) || strstr(imap.heard, TOKEN_STALE), "%s", imap.heard);
    cr_expect_not_null(strstr(smtp.heard, TOKEN_GOOD), "%s", smtp.heard);
    cr_expect_str_eq(stage.asked, "grant_type=refresh_token&client_id=gcx%20%26%20shop&refresh_token=secret");
    cr_expect(!strstr(stage.rig.log, "tok1") && !strstr(stage.rig.log, TOKEN_STALE), "%s", stage.rig.log);
    evhttp_free(http);
    stage_close(&stage);
    token_server_end(&smtp, threads[0]), token_server_end(&imap, threads[1]);
}

Test(email_sent, a_mail_waits_until_there_is_a_token)
{
    static const struct {
        int status;
        const char *logged;
    } cases[] = {{400, "again in 1 s: oauth: no token: 400 invalid_grant"},
                 {202, "again in 1 s: oauth: no token: 200"},
                 {203, "again in 1 s: oauth: no token: 200"},
                 {206, "again in 1 s: oauth: the answer is too long"}};
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        static struct stage stage;
        char url[64];
        stage = (struct stage){.user = "shop", .status = cases[i].status, .oauth = url};
        stage.rig.base = event_base_new();
        struct evhttp *http = evhttp_new(stage.rig.base);
        struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
        evhttp_set_gencb(http, on_token, &stage);
        snprintf(url, sizeof url, "http://127.0.0.1:%u/token", address_port(evhttp_bound_socket_get_fd(bound)));
        stage_open(&stage);
        stage_asks(&stage, "m1", "anna@example.org", "", "");
        rig_await(&stage.rig, stage.rig.log, cases[i].logged);
        cr_expect_null(strstr(stage.rig.posted, "state=failed"), "%s", stage.rig.posted);
        evhttp_free(http);
        stage_close(&stage);
    }
}
