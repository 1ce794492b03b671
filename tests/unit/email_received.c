/* tests/unit/email_received.c - Mails that a mail server delivers to the plugin `email`: what is answered when, what
 * is submitted and kept, how texts are classified; and ugly mails. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"
#include "tests/unit/adapter_memory.h"
#include "tests/unit/email_stage.h"

TestSuite(email_received, .timeout = 60);

Test(email_received, a_mail_is_answered_with_250_when_the_core_has_it)
{
    static struct stage stage = {.silent = true};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.rig.posted, "Submit");
    for (int i = 0; i < 200; i++) rig_run(&stage.rig);
    cr_expect_null(strstr(strstr(stage.heard, "354 "), "\n250 "), "%s", stage.heard);
    for (const char *const *wanted = (const char *const[]){"media=email", "type=inbound", "external_id=one@example.org",
                                                           "queue=service", "from=anna@example.org", "subject=hello",
                                                           "store=contacts", "thread=one@example.org", NULL};
         *wanted; wanted++)
        cr_expect_not_null(strstr(stage.rig.posted, *wanted), "%s: %s", *wanted, stage.rig.posted);
    stage_replies(&stage);
    rig_await(&stage.rig, strstr(stage.heard, "354 "), "\n250 2.0.0 kept\r\n");
    stage_close(&stage);
}

Test(email_received, another_mail_with_an_id_that_is_known_is_kept_too)
{
    static struct stage stage;
    stage_open(&stage);
    stage_delivers(&stage, "always@example.org", "one");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=always@example.org"), "%s", stage.rig.posted);
    stage_delivers(&stage, "always@example.org", "two");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=\"sha256:"), "%s", stage.rig.posted);
    stage_delivers(&stage, "always@example.org", "one");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=always@example.org"), "%s", stage.rig.posted);
    stage_asks(&stage, "m1", "anna@example.org", "", ""); /* a mail of ours that comes back, as from a list */
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    const char *id = strstr(stage.sent, "Message-Id: <");
    cr_assert_not_null(id, "%s", stage.sent);
    char ours[200];
    cr_assert_eq(sscanf(id, "Message-Id: <%199[^>]>", ours), 1);
    stage_delivers(&stage, ours, "Danke.");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=\"sha256:"), "%s", stage.rig.posted);
    stage_close(&stage);
}

Test(email_received, a_core_that_is_away_or_refuses_leaves_the_mail_with_the_mail_server)
{
    static struct stage stage = {.outcome = outcome_error};
    stage_open(&stage);
    stage.outcome = outcome_error;
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n451 ");
    stage.code = code_fault; /* it is in quarantine: to come again is in vain */
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n554 5.3.0 ");
    stage.code = code_ok;
    rig_core_goes(&stage.rig);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\nMAIL FROM:<a@example.org>\r\n");
    rig_await(&stage.rig, stage.heard, "\n451 ");
    rig_core_comes(&stage.rig);
    stage.outcome = outcome_duplicate; /* and what is there already is taken */
    rig_run(&stage.rig);
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage_close(&stage);
}

Test(email_received, an_answer_that_was_lost_with_the_link_is_asked_for_again)
{
    static struct stage stage = {.silent = true};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.rig.posted, "Submit");
    rig_core_goes(&stage.rig);
    stage.rig.posted[0] = 0;
    stage.silent = false;
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "external_id=one@example.org");
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage_close(&stage);
}

Test(email_received, a_core_that_does_not_answer_costs_no_mail)
{
    static struct stage stage = {.silent = true, .timeout = "1"};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n451 4.4.1");
    stage_replies(&stage); /* too late, and in vain */
    rig_run(&stage.rig);
    stage_close(&stage);
}

Test(email_received, strangers_and_large_mails_are_refused_and_the_connection_goes_on)
{
    static struct stage stage = {.size = "2000"};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(
        &stage,
        "LHLO mx\r\nMAIL FROM:<a@example.org> SIZE=3000\r\nMAIL FROM:<a@example.org>\r\n"
        "RCPT TO:<who@else.example>\r\nRCPT TO:<any@shop.example>\r\nRCPT TO:<Service@Shop.example>\r\nDATA\r\n");
    rig_await(&stage.rig, stage.heard, "\n354 ");
    cr_expect_not_null(strstr(stage.heard, "\n552 "));
    cr_expect_not_null(strstr(stage.heard, "\n550 "));
    for (int i = 0; i < 100; i++) stage_says(&stage, "a line that makes it too large, as there are many\r\n");
    stage_says(&stage, ".\r\n" MAIL "QUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n552 5.3.4 the mail is too large\r\n552 "); /* for each recipient */
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept\r\n221 ");
    cr_expect_null(strstr(stage.rig.posted, "queue=other"));
    stage_close(&stage);
}

Test(email_received, a_server_that_sends_too_much_is_asked_to_wait_and_smtp_has_one_answer)
{
    static struct stage stage = {.smtp = "127.0.0.1:0", .per_minute = "1"};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, "EHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\n"
                       "RCPT TO:<any@shop.example>\r\nDATA\r\nMessage-ID: <one@example.org>\r\n\r\nx\r\n.\r\n"
                       "MAIL FROM:<anna@example.org>\r\nQUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n221 ");
    const char *kept = strstr(stage.heard, "\n250 2.0.0 kept\r\n");
    cr_assert_not_null(kept, "%s", stage.heard);
    cr_expect_eq(strncmp(kept + 17, "450 ", 4), 0, "%s", kept);
    cr_expect_not_null(strstr(stage.rig.posted, "queue=service"));
    stage_close(&stage);
}

Test(email_received, a_store_that_is_full_leaves_the_mail_with_the_mail_server)
{
    static struct stage stage;
    struct rlimit before, full;
    stage_open(&stage);
    stage_meets_mx(&stage);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    full = (struct rlimit){65536, before.rlim_max};
    for (int round = 0; round < 2; round++) {
        setrlimit(RLIMIT_FSIZE, round == 0 ? &full : &before);
        stage.heard[0] = 0;
        stage_says(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                           "Message-ID: <one@example.org>\r\n\r\n");
        for (int i = 0; i < 3000; i++)
            stage_says(&stage, "a line of many, of which a store that is full has no room\r\n");
        stage_says(&stage, ".\r\n");
        rig_await(&stage.rig, stage.heard, round == 0 ? "\n451 4.3.0 it cannot be kept now" : "\n250 2.0.0 kept\r\n");
        cr_expect_eq(strstr(stage.rig.posted, "Submit") != NULL, round == 1);
        /* Whoever looks is told, though a few bytes would go: until much goes again. */
        if (round == 0) rig_await(&stage.rig, stage.rig.log, "store: it is away: ");
        for (unsigned looks = 0; round == 0 && looks < 2; looks++) {
            uint64_t since_us = rig_real_us();
            while (rig_real_us() - since_us < RIG_SECOND_US + RIG_SECOND_US / 5) rig_run(&stage.rig);
            cr_expect_null(strstr(stage.rig.log, "store: it is there again"), "%s", stage.rig.log);
        }
        if (round == 1) rig_await(&stage.rig, stage.rig.log, "store: it is there again");
    }
    stage_close(&stage);
}

Test(email_received, further_addresses_that_want_answers_are_told)
{
    static struct stage stage;
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage,
               "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
               "From: anna@example.org\r\nReply-To: service@shop.example, b@example.org\r\n"
               "Reply-To: \"C, \\\"the\\\" third\" <c@example.org>, d@example.org\r\nCc: Office <team@shop.example>, "
               "Eve <B@example.org>, =?utf-8?q?L=C3=A9a?= <lea@example.org>\r\nMessage-ID: "
               "<q@example.org>\r\n\r\nHello.\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    cr_expect_not_null(strstr(stage.rig.posted, "reply_to=b@example.org"), "%s", stage.rig.posted);
    cr_expect_not_null(strstr(stage.rig.posted, "reply_to_more=\"c@example.org, d@example.org\""), "%s",
                       stage.rig.posted);
    /* An answer to all goes to none of ours, and to each once, with the names. */
    cr_expect_not_null(
        strstr(stage.rig.posted, "answer_to=\"b@example.org, \\\"C, the third\\\" <c@example.org>, d@example.org\""),
        "%s", stage.rig.posted);
    cr_expect_not_null(strstr(stage.rig.posted, "answer_cc=\"\\\"Léa\\\" <lea@example.org>\""), "%s", stage.rig.posted);
    cr_expect_not_null(strstr(stage.rig.posted, ",cc=\"B@example.org, lea@example.org\""), "%s", stage.rig.posted);
    cr_expect_null(strstr(stage.rig.posted, "automatic"), "%s", stage.rig.posted);
    stage_close(&stage);
}

/* The core keeps the first address, and answers come from it. */
Test(email_received, our_address_is_told_before_those_of_others)
{
    static struct stage stage;
    static const struct {
        const char *to, *head;
    } mails[] = {{"service", "To: paul@weber.example, service@Shop.example\r\n"},
                 {"service", "To: paul@weber.example\r\nCc: service@shop.example\r\n"},
                 {"service", "To: paul@weber.example\r\n"},
                 {"any", "To: paul@weber.example\r\n"}}; /* taken by the row for the whole domain */
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\n");
    for (int i = 0; i < 4; i++) {
        char text[400];
        (void)snprintf(text, sizeof text,
                       "MAIL FROM:<anna@example.org>\r\nRCPT TO:<%s@shop.example>\r\nDATA\r\n"
                       "From: anna@example.org\r\n%sMessage-ID: <a%d@example.org>\r\n\r\nHello.\r\n.\r\n",
                       mails[i].to, mails[i].head, i);
        stage.heard[0] = '\0', stage.rig.posted[0] = '\0';
        stage_says(&stage, text);
        rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
        (void)snprintf(text, sizeof text, "to=[%s@shop.example,paul@weber.example]", mails[i].to);
        cr_expect_not_null(strstr(stage.rig.posted, text), "%d: %s", i, stage.rig.posted);
        cr_expect_not_null(strstr(stage.rig.posted, "to_more=paul@weber.example"), "%d: %s", i, stage.rig.posted);
    }
    stage_close(&stage);
}

Test(email_received, an_answer_to_all_of_a_mail_to_us_alone_goes_to_none_of_ours)
{
    static struct stage stage;
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                       "From: anna@example.org\r\nTo: service@shop.example\r\nCc: Office <team@shop.example>, "
                       "Service@shop.example\r\nMessage-ID: <q@example.org>\r\n\r\nHello.\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    static const char *const none[] = {",cc=", "{cc=", "to_more=", "answer_to=", "answer_cc="};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_null(strstr(stage.rig.posted, none[i]), "%s: %s", none[i], stage.rig.posted);
    stage_close(&stage);
}

/* Half an address would be somebody else's. */
Test(email_received, of_far_too_many_addresses_the_last_that_is_told_is_whole)
{
    static struct stage stage;
    static char mail[40000];
    size_t length =
        (size_t)snprintf(mail, sizeof mail,
                         "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                         "From: anna@example.org\r\nTo: service@shop.example\r\nCc: a@example.org");
    for (unsigned i = 0; i < 400; i++)
        length += (size_t)snprintf(mail + length, sizeof mail - length, ",\r\n %030u@partner%03u.example.org", i, i);
    snprintf(mail + length, sizeof mail - length, "\r\nMessage-ID: <q@example.org>\r\n\r\nHello.\r\n.\r\n");
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, mail);
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    const char *cc = strstr(stage.rig.posted, "cc=\"");
    cr_assert_not_null(cc, "%s", stage.rig.posted);
    length = strcspn(cc += strlen("cc=\""), "\"");
    cr_expect(length > 11900 && length <= 12000, "%zu", length);
    cr_expect_eq(strncmp(cc + length - strlen(".example.org"), ".example.org", strlen(".example.org")), 0, "%s", cc);
    cr_expect_null(strstr(stage.rig.posted, "answer_cc="));
    stage_close(&stage);
}

/* The router takes a short reply for an answer to "How was it?"; of any other mail it gets no text. */
Test(email_received, the_words_of_a_short_reply_are_told)
{
    static struct stage stage;
    static const char *const heads[] = {"In-Reply-To: <asked@shop.example>\r\n", "",
                                        "In-Reply-To: <asked@shop.example>\r\nAuto-Submitted: auto-replied\r\n"};
    stage_open(&stage);
    stage_meets_mx(&stage);
    stage_says(&stage, "LHLO mx\r\n");
    for (int i = 0; i < 3; i++) {
        char text[400];
        (void)snprintf(
            text, sizeof text,
            "MAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\nFrom: anna@example.org\r\n"
            "%sMessage-ID: <a%d@example.org>\r\n\r\n5 stars\r\n\r\n> How was it?\r\n.\r\n",
            heads[i], i);
        stage.heard[0] = '\0', stage.rig.posted[0] = '\0';
        stage_says(&stage, text);
        rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
        cr_expect_eq(strstr(stage.rig.posted, "message=\"5 stars\"") != NULL, i == 0, "%d: %s", i, stage.rig.posted);
    }
    stage_close(&stage);
}

static void end_told(struct stage *stage, const char *external_id)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_EventEnded);
    writer_u(&writer, ENVELOPE_ixn, 77);
    writer_text(&writer, EventEnded_external_id, external_id);
    writer_text(&writer, EventEnded_how, "closed");
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

static void take_ended(void *self, const struct store_shown *shown)
{
    *(bool *)self = shown->ended != 0;
}

/* Else a core whose state is lost would take it again, and an agent would answer it again. */
Test(email_received, an_end_that_was_told_is_in_the_store_when_the_process_has_ended)
{
    static struct stage stage;
    struct error error;
    struct store_key key;
    bool ended = false;
    stage_open(&stage);
    stage_delivers(&stage, "one@example.org", "hello");
    for (int other = 0; other < 3000; other++) end_told(&stage, "unknown@example.org"); /* the thread is behind */
    end_told(&stage, "one@example.org");
    memory_pump(plugin_client(stage.rig.link), stage.rig.server, 0, rig_real_us());
    rig_plugin_goes(&stage.rig);
    struct store *store = store_open(stage.store, &(struct store_options){.country = NULL}, &error);
    cr_assert(store_by_external(store, "", "email", span_of("one@example.org"), &key, &error));
    cr_assert(store_interaction(store, key.interaction, take_ended, &ended, &error));
    store_close(store);
    cr_expect(ended);
    rig_plugin_comes(&stage.rig);
    stage_close(&stage);
}

/* An agent's answer, as a desk keeps it, that the core had as 0-000000000042; returns its number in the store. */
static int64_t answer_of_an_agent(const struct stage *stage)
{
    struct error error;
    struct store_key key;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    struct store_part parts[] = {
        {.role = "text", .type = span_of("text/plain"), .bytes = span_of("Dear Anna")},
        {.role = "envelope",
         .type = span_of("application/json"),
         .bytes = span_of("{\"to\":[\"anna@example.org\"],\"from\":\"service@shop.example\",\"queue\":\"out\"}")}};
    struct store_arrival arrival = {.tenant = "",
                                    .media = "email",
                                    .external_id = span_of("answer-1"),
                                    .outbound = true,
                                    .received = 1,
                                    .message = {.at = 1, .role = "agent", .parts = parts, .part_count = 2}};
    cr_assert(store_put(store, &arrival, &key, &error), "%s", error.text);
    cr_assert(store_ended(store, key.interaction, "bob", NULL, 0, &error), "%s", error.text);
    cr_assert(store_submitted(store, key.interaction, stage->rig.journal, "0-000000000042", &error), "%s", error.text);
    store_close(store);
    return key.interaction;
}

static bool has_ended(const struct stage *stage, int64_t interaction)
{
    struct error error;
    bool ended = false;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    cr_assert(store_interaction(store, interaction, take_ended, &ended, &error), "%s", error.text);
    store_close(store);
    return ended;
}

static void core_asks_anew(struct stage *stage, enum outcome outcome, enum code code, const char *wanted)
{
    rig_core_goes(&stage->rig);
    stage->outcome = outcome;
    stage->code = code;
    stage->rig.log[0] = 0;
    rig_core_comes(&stage->rig);
    rig_await(&stage->rig, stage->rig.log, wanted);
}

Test(email_received, an_answer_that_is_refused_for_now_is_submitted_again)
{
    static struct stage stage = {.rig = {.journal = 9}};
    stage_open(&stage);
    int64_t answer = answer_of_an_agent(&stage);
    core_asks_anew(&stage, outcome_error, code_invalid_dn, "the core refuses it: invalid_dn");
    core_asks_anew(&stage, outcome_error, code_unavailable, "the core refuses it: unavailable");
    cr_expect_not(has_ended(&stage, answer));
    stage.forgets = true; /* its number is one that the core has given, perhaps to another one */
    core_asks_anew(&stage, outcome_ok, code_ok, "it is submitted again");
    core_asks_anew(&stage, outcome_error, code_too_large, "an agent's answer that was not sent");
    uint64_t end_us = rig_real_us() + RIG_PATIENCE_US;
    while (!has_ended(&stage, answer)) {
        cr_assert_lt(rig_real_us(), end_us, "an answer that is refused for good has no end");
        rig_run(&stage.rig);
    }
    stage_close(&stage);
}

Test(email_received, a_mail_that_refers_to_one_before_has_its_interaction_as_parent)
{
    static struct stage stage;
    stage_open(&stage);
    stage_delivers(&stage, "one@example.org", "first");
    for (unsigned i = 0; i < 100 && !strstr(stage.rig.posted, "parent="); i++) { /* it is noted after the answer */
        char text[80];
        snprintf(text, sizeof text, "again%u@example.org>\r\nReferences: <one@example.org", i);
        stage_delivers(&stage, text, "second");
    }
    cr_expect_not_null(strstr(stage.rig.posted, "parent=0-00000000004d"), "%s", stage.rig.posted);
    stage_close(&stage);
}

/* The number was the parent's in the journal that was lost. */
Test(email_received, a_mail_that_is_submitted_to_another_journal_has_no_parent_of_the_one_before)
{
    static struct stage stage = {.rig = {.journal = 9}};
    char text[80];
    stage_open(&stage);
    stage_delivers(&stage, "one@example.org", "first");
    for (unsigned i = 0; i < 100 && !strstr(stage.rig.posted, "parent="); i++) { /* it is noted after the answer */
        snprintf(text, sizeof text, "again%u@example.org>\r\nReferences: <one@example.org", i);
        stage_delivers(&stage, text, "second");
    }
    stage.silent = true;
    stage_meets_mx(&stage);
    stage.rig.posted[0] = 0;
    stage_says(&stage,
               "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\nFrom: "
               "anna@example.org\r\nMessage-ID: <last@example.org>\r\nReferences: <one@example.org>\r\n\r\nx\r\n.\r\n");
    rig_await(&stage.rig, stage.rig.posted, "external_id=last@example.org");
    cr_expect_not_null(strstr(stage.rig.posted, "parent=0-00000000004d"), "%s", stage.rig.posted);
    rig_core_goes(&stage.rig);
    stage.rig.journal = 10;
    stage.rig.posted[0] = 0;
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "external_id=last@example.org");
    cr_expect_null(strstr(stage.rig.posted, "parent=0-00000000004d"), "%s", stage.rig.posted);
    stage_close(&stage);
}

static void ask_classify(struct stage *stage, const char *text, const char *const *categories)
{
    struct writer writer;
    stage_begins_effect(stage, KIND_Classify, &writer);
    writer_text(&writer, Classify_text, text);
    writer_text(&writer, Classify_subject, "My order");
    writer_list_begin(&writer, Classify_categories);
    for (; categories && *categories; categories++) writer_list_text(&writer, span_of(*categories));
    writer_list_end(&writer);
    if (categories) writer_u(&writer, Classify_screen, 1);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

static void classify(struct stage *stage, const char *text, const char *const *categories, const char *wanted)
{
    ask_classify(stage, text, categories);
    rig_await(&stage->rig, stage->rig.posted, wanted);
}

Test(email_received, texts_are_classified_and_screened_by_the_file_of_rules)
{
    static struct stage stage;
    struct writer writer;
    char path[] = "/tmp/email-rules-XXXXXX";
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_eq(dprintf(file, "[claim]\nbroken\nhere it is\n[insult]\nfool\n[order]\norder\n"), 54);
    close(file);
    stage.rules = path;
    stage_open(&stage);
    classify(&stage, "Hello", NULL, "category=order"); /* by the subject */
    classify(&stage, "it is broken", NULL, "code=unsure");
    classify(&stage, "you fool", (const char *const[]){"claim", "insult", "order", "none", NULL},
             "value={category=insult,category=order}");
    stage_begins_effect(&stage, KIND_Classify, &writer);
    stage_writes_body(&writer, Classify_body, stage_agent_replied(&stage));
    stage_performs(&stage, &writer, "category=claim");
    stage_begins_effect(&stage, KIND_Classify, &writer);
    stage_writes_body(&writer, Classify_body, 4711);
    stage_performs(&stage, &writer, "code=unavailable");
    stage_close(&stage);
    unlink(path);
}

static void on_asked(struct evhttp_request *request, void *self)
{
    struct stage *stage = self;
    struct evbuffer *in = evhttp_request_get_input_buffer(request), *out = evbuffer_new();
    /* on a slow machine the asker has given a request up before its body was here */
    if (evbuffer_get_length(in) > 0) stage->asked[evbuffer_remove(in, stage->asked, sizeof stage->asked - 1)] = 0;
    if (stage->answer) {
        evbuffer_add(out, stage->answer, strlen(stage->answer));
        evhttp_send_reply(request, stage->status, "", out);
    }
    evbuffer_free(out);
}

Test(email_received, a_text_of_which_the_rules_say_nothing_is_asked_of_the_classifier)
{
    static struct stage stage = {.status = 200};
    static const struct {
        int status;
        const char *answer, *wanted;
    } cases[] = {{200, "{\"category\":\"claim\",\"confidence\":0.9}", "value={category=claim}"},
                 {200, "{\"category\":\"claim\",\"confidence\":1}", "value={category=claim}"},
                 {200, "{\"category\":\"claim\",\"confidence\":0.4}", "code=unsure"},
                 {200, "{\"category\":null}", "code=unsure"},
                 {200, "{\"category\":\"claim\",\"confidence\":\"high\"}", "code=unavailable"},
                 {200, "{\"category\":\"claim\",\"confidence\":17}", "code=unavailable"},
                 {200, "{\"category\":\"claim\"}", "code=unavailable"},
                 {200, "{\"category\":[1]}", "code=unavailable"},
                 {200, "[\"claim\"]", "code=unavailable"},
                 {200, "<html>", "code=unavailable"},
                 {200, "", "code=unavailable"},
                 {500, "{\"category\":\"claim\",\"confidence\":0.9}", "code=unavailable"},
                 {302, "", "code=unavailable"},
                 {200, NULL, "code=unavailable"}};
    char path[] = "/tmp/email-rules-XXXXXX", url[64];
    int file = mkstemp(path);
    cr_assert_geq(file, 0);
    cr_assert_gt(dprintf(file, "[order]\norder now\n"), 0);
    close(file);
    stage.rules = path;
    stage.rig.base = event_base_new();
    struct evhttp *http = evhttp_new(stage.rig.base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(http, "127.0.0.1", 0);
    evhttp_set_gencb(http, on_asked, &stage);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/classify?v=1", address_port(evhttp_bound_socket_get_fd(bound)));
    stage.classifier = url;
    stage_open(&stage);
    classify(&stage, "Order now", NULL, "value={category=order}"); /* the rules say it */
    cr_expect_str_empty(stage.asked);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stage.status = cases[i].status;
        stage.answer = cases[i].answer;
        classify(&stage, "it \"broke\" \xc3\xbc", NULL, cases[i].wanted);
    }
    cr_expect_str_eq(stage.asked, "{\"subject\":\"My order\",\"text\":\"it \\\"broke\\\" \xc3\xbc\\n\","
                                  "\"language\":\"\",\"categories\":null}");
    stage.status = 200;
    stage.answer = "{\"categories\":[\"insult\",7,\"claim\"]}";
    classify(&stage, "you fool", (const char *const[]){"claim", "insult", NULL},
             "value={category=insult,category=claim}");
    cr_expect_not_null(strstr(stage.asked, "\"categories\":[\"claim\",\"insult\"]"), "%s", stage.asked);
    stage.answer = NULL; /* one is under way when the plugin ends */
    stage.asked[0] = 0;
    ask_classify(&stage, "it broke", NULL);
    rig_await(&stage.rig, stage.asked, "broke");
    evhttp_free(http);
    stage_close(&stage);
    unlink(path);
}

/* ---- ugly mails ---- */

/* Hands the mail over and waits for its answer: whatever it is, it is kept and submitted, or refused with a reason. */
static unsigned hand_over(struct stage *stage, const char *name, const char *bytes, size_t length)
{
    struct evbuffer *out;
    stage_meets_mx(stage);
    stage->rig.posted[0] = 0;
    out = bufferevent_get_output(stage->mx);
    stage_says(stage, "LHLO mx\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n");
    rig_await(&stage->rig, stage->heard, "\n354 ");
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t line = end ? (size_t)(end - bytes) - at : length - at;
        if (bytes[at] == '.') evbuffer_add(out, ".", 1);
        evbuffer_add(out, bytes + at, line > 0 && bytes[at + line - 1] == '\r' ? line - 1 : line);
        evbuffer_add(out, "\r\n", 2);
        at += line + 1;
    }
    stage_says(stage, ".\r\n");
    const char *answer = strstr(stage->heard, "\n354 ") + 1;
    rig_await(&stage->rig, answer, "\n");
    while (!strstr(strchr(answer, '\n') + 1, "\r\n")) rig_run(&stage->rig);
    unsigned code = 0;
    cr_assert_eq(sscanf(strchr(answer, '\n') + 1, "%u", &code), 1, "%s: %s", name, answer);
    /* On a slow machine mails of before are submitted again meanwhile, since this core says that it has none. */
    cr_expect_eq(strstr(stage->rig.posted, code == 250 ? "Submit" : "subject=never") != NULL, code == 250, "%s: %u %s",
                 name, code, stage->rig.posted);
    cr_expect(code == 250 || code / 100 == 4 || code / 100 == 5, "%s: %u", name, code);
    return code;
}

static void many(struct evbuffer *out, const char *text, unsigned times)
{
    while (times-- > 0) evbuffer_add(out, text, strlen(text));
}

#define UGLY(subject) "From: a@example.org\r\nSubject: " subject "\r\nMIME-Version: 1.0\r\n"
#define UGLY_HEADERS  UGLY("ugly")
#define UGLY_PART     "--b\r\nContent-Type: text/plain; name*0*=utf-8''%C3%BC; name*1=\"../x\"\r\n\r\nx\r\n"

static void thousand_parts(struct evbuffer *out)
{
    many(out, UGLY_HEADERS "Content-Type: multipart/mixed; boundary=b\r\n\r\n", 1);
    many(out, UGLY_PART, 1000);
    many(out, "--b--\r\n", 1);
}

static void deeply_nested(struct evbuffer *out)
{
    many(out, UGLY_HEADERS, 1);
    for (unsigned i = 0; i < 500; i++)
        evbuffer_add_printf(out, "Content-Type: multipart/mixed; boundary=b%u\r\n\r\n--b%u\r\n", i, i);
    many(out, "\r\nthe end\r\n", 1);
}

static void mails_in_mails(struct evbuffer *out)
{
    for (unsigned i = 0; i < 2000; i++) many(out, "Subject: x\r\nContent-Type: message/rfc822\r\n\r\n", 1);
}

static void thirty_megabytes(struct evbuffer *out)
{
    many(out, UGLY_HEADERS "Content-Type: application/pdf; name=big.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
         1);
    many(out, "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0\r\n", 390000);
}

static void too_large(struct evbuffer *out)
{
    many(out, UGLY("never") "\r\n", 1);
    many(out, "0123456789012345678901234567890123456789012345678901234567890123456789\r\n", 500000);
}

static void charsets(struct evbuffer *out)
{
    many(out,
         "From: =?x-none?B?////?= <a@example.org>\r\nSubject: =?utf-16?B?2AA=?= =?utf-8?Q?=C3?= \xff\xfe\r\n"
         "Content-Type: text/plain; charset=\"no-such-\x01\"\r\n\r\n\xc3\x28 \xed\xa0\x80 \xf8\x88 \x1b[2J\r\n",
         1);
}

static void one_line(struct evbuffer *out)
{
    many(out, "Subject: ", 1);
    many(out, "abcdefghij", 200000);
}

Test(email_received, ugly_mails_are_kept_or_refused_with_a_reason)
{
    static const struct {
        const char *name;
        void (*make)(struct evbuffer *);
        unsigned code;
    } ugly[] = {{"1,000 parts", thousand_parts, 250},
                {"500 levels", deeply_nested, 250},
                {"2,000 mails in mails", mails_in_mails, 250},
                {"30 MB", thirty_megabytes, 250},
                {"too large", too_large, 552},
                {"charsets", charsets, 250},
                {"a line of 2 MB", one_line, 250}};
    static struct stage stage;
    stage_open(&stage);
    for (size_t i = 0; i < sizeof ugly / sizeof *ugly; i++) {
        struct evbuffer *made = evbuffer_new();
        ugly[i].make(made);
        size_t length = evbuffer_get_length(made);
        unsigned code = hand_over(&stage, ugly[i].name, (const char *)evbuffer_pullup(made, -1), length);
        cr_expect_eq(code, ugly[i].code, "%s: %u", ugly[i].name, code);
        evbuffer_free(made);
    }
    cr_expect_eq(hand_over(&stage, "nothing", "", 0), 250u);
    cr_expect_eq(hand_over(&stage, "zeros", "\0\0\r\n\0", 5), 250u);
    stage_close(&stage);
}

Test(email_received, the_corpus_is_kept)
{
    static struct stage stage;
    char path[500];
    struct dirent *entry;
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/tests/fuzz/corpus/mail", top ? top : ".");
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "%s", path);
    stage_open(&stage);
    while ((entry = readdir(folder))) {
        static char bytes[65536];
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/tests/fuzz/corpus/mail/%s", top ? top : ".", entry->d_name);
        FILE *file = fopen(path, "r");
        cr_assert_not_null(file);
        size_t length = fread(bytes, 1, sizeof bytes, file);
        fclose(file);
        cr_expect_eq(hand_over(&stage, entry->d_name, bytes, length), 250u, "%s", entry->d_name);
    }
    closedir(folder);
    stage_close(&stage);
}
