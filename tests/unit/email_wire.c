/* tests/unit/email_wire.c - The plugin `email` between a mail server that delivers, a core, and a mail server that
 * sends: what is answered when, and what is sent how often. */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <dirent.h>
#include <glib.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/adapter/address.h"
#include "runtime/mail/receive.h"
#include "runtime/sql/sql.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"
#include "tests/unit/adapter_memory.h"
#include "tests/unit/plugin_rig.h"

TestSuite(email_wire, .timeout = 60);

enum { TEXT_SIZE = RIG_TEXT };

struct stage {
    struct plugin_rig rig;
    /* The core. */
    bool silent;          /* it takes Submits and answers none */
    enum outcome outcome; /* of what it answers */
    enum code code;       /* of a refusal; code_ok: code_invalid_dn */
    bool forgets;         /* it says of what it does not know that it has perhaps forgotten it */
    uint64_t req;
    /* The mail server that sends for us. */
    struct receive *sink;
    struct receive_setting sink_setting;
    char sent[TEXT_SIZE];
    unsigned mails, sink_code, tries; /* tries: recipients that were said */
    char recipient[100];              /* the last one */
    char submission[64];
    /* The mail server that delivers to us. */
    struct bufferevent *mx;
    char heard[TEXT_SIZE];
    char folder[64], store[100], port_file[100], password_file[100];
    uint64_t ticket; /* of the last mail that went out */
    bool slow;       /* those are answered after 0.2 s */
    bool held;       /* they are answered by sink_answers() alone */
    uint64_t ref;    /* of ask(); 0: 5 */
    bool releases;   /* ask() releases an agent's mail */
    int64_t expires; /* of ask(); 0: none */
    const char *size, *timeout, *rules, *smtp, *per_minute, *user;
    const char *oauth; /* who gives tokens, for `user` there and at the mailbox; NULL: a password is used */
    char imap[64];
    /* The classifier. */
    const char *classifier, *answer; /* NULL: it says nothing */
    int status;
    char asked[TEXT_SIZE];
};

static uint64_t wall_us(void *self)
{
    (void)self;
    return rig_real_us();
}

/* ---- the core ---- */

static void reply(struct stage *stage)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_Reply);
    writer_u(&writer, ENVELOPE_ixn, 77);
    writer_u(&writer, ENVELOPE_req, stage->req);
    writer_u(&writer, Reply_outcome, stage->outcome);
    writer_u(&writer, Reply_code, stage->outcome == outcome_ok ? code_ok : stage->code ? stage->code : code_invalid_dn);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

static bool on_event(void *self, const struct message *event)
{
    struct stage *stage = self;
    if (!rig_hears(&stage->rig, event)) return true;
    if (event->kind != KIND_Submit) return true;
    stage->req = message_u(event, ENVELOPE_req);
    if (!stage->silent) reply(stage);
    return true;
}

static void on_asked_for(void *self, const struct message *read, struct kv *value)
{
    const struct stage *stage = self;
    (void)read;
    kv_put_text(value, "newest", span_of("0-0000000000ff"));
    if (stage->forgets) kv_put_bool(value, "forgets", true);
}

/* ---- the plugin ---- */

static const char *setting(void *self, const char *key)
{
    const struct stage *stage = self;
    if (strcmp(key, "addresses") == 0) return "service@shop.example=service, *@shop.example=other";
    if (strcmp(key, "store") == 0) return stage->store;
    if (strcmp(key, "submission") == 0) return stage->submission;
    if (strcmp(key, "submission_insecure") == 0) return "yes";
    if (strcmp(key, "submission_user") == 0) return stage->user;
    if (strcmp(key, "submission_password_file") == 0) return stage->user && !stage->oauth ? stage->password_file : NULL;
    if (strcmp(key, "oauth") == 0) return stage->oauth;
    if (strcmp(key, "oauth_client") == 0) return stage->oauth ? "gcx & shop" : NULL;
    if (strcmp(key, "oauth_refresh_file") == 0) return stage->oauth ? stage->password_file : NULL;
    if (strcmp(key, "imap") == 0) return *stage->imap ? stage->imap : NULL;
    if (strcmp(key, "imap_user") == 0) return *stage->imap ? stage->user : NULL;
    if (strcmp(key, "imap_insecure") == 0) return "yes";
    if (strcmp(key, "retry") == 0) return "1";
    if (strcmp(key, "size") == 0) return stage->size;
    if (strcmp(key, "rules") == 0) return stage->rules;
    if (strcmp(key, "smtp") == 0) return stage->smtp;
    if (strcmp(key, "smtp_port_file") == 0) return stage->smtp ? stage->port_file : NULL;
    if (strcmp(key, "port_file") == 0) return stage->smtp ? NULL : stage->port_file;
    if (strcmp(key, "mails_per_minute") == 0) return stage->per_minute;
    if (strcmp(key, "classifier") == 0) return stage->classifier;
    if (strcmp(key, "classifier_timeout") == 0) return "1";
    if (strcmp(key, "submit_timeout") == 0) return stage->timeout;
    return NULL;
}

/* ---- the mail server that sends ---- */

static unsigned sink_begins(void *self)
{
    (void)self;
    return 0;
}

static unsigned sink_recipient(void *self, const char *address)
{
    struct stage *stage = self;
    snprintf(stage->recipient, sizeof stage->recipient, "%s", address);
    stage->tries++;
    return strncmp(address, "nobody@", 7) == 0 ? 550 : stage->sink_code;
}

static void sink_answers(evutil_socket_t unused, short what, void *self)
{
    struct stage *stage = self;
    (void)unused, (void)what;
    receive_answer(stage->sink, stage->ticket, 250, "2.0.0 taken");
}

static void sink_mail(void *self, uint64_t ticket, const struct dialogue_mail *mail)
{
    struct stage *stage = self;
    stage->mails++;
    strncat(stage->sent, mail->bytes, mail->length);
    free(mail->bytes);
    stage->ticket = ticket;
    if (stage->slow)
        event_base_once(stage->rig.base, -1, EV_TIMEOUT, sink_answers, stage, &(struct timeval){0, 200000});
    else if (!stage->held)
        sink_answers(-1, EV_TIMEOUT, stage);
}

/* ---- all of it ---- */

static void stage_open(struct stage *stage)
{
    unsigned port;
    char why[100];
    struct address address;
    struct receive_calls calls = {stage, sink_begins, sink_recipient, sink_mail, NULL, NULL};
    if (!stage->rig.base) stage->rig.base = event_base_new();
    stage->outcome = outcome_ok;
    strcpy(stage->folder, "/tmp/email-wire-XXXXXX");
    cr_assert_not_null(mkdtemp(stage->folder));
    snprintf(stage->store, sizeof stage->store, "sqlite:%s/store", stage->folder);
    snprintf(stage->port_file, sizeof stage->port_file, "%s/port", stage->folder);
    snprintf(stage->password_file, sizeof stage->password_file, "%s/password", stage->folder);
    FILE *password = stage->user ? fopen(stage->password_file, "w") : NULL;
    if (password)
        cr_assert(fputs("secret\n", password) >= 0 && fchmod(fileno(password), 0600) == 0 && fclose(password) == 0);
    stage->sink_setting = (struct receive_setting){"sink.example", 1 << 20, 1 << 24, 10, 10, 0, 60};
    stage->sink = receive_new(stage->rig.base, &stage->sink_setting, &calls);
    cr_assert(address_parse(&address, "127.0.0.1:0", why, sizeof why));
    cr_assert(receive_listen(stage->sink, &address, false, &port));
    if (!*stage->submission) snprintf(stage->submission, sizeof stage->submission, "smtp://127.0.0.1:%u", port);
    stage->rig.name = "email";
    stage->rig.event = on_event;
    stage->rig.read = on_asked_for;
    stage->rig.setting = setting;
    stage->rig.wall_us = wall_us;
    rig_plugin_comes(&stage->rig);
}

static void stage_close(struct stage *stage)
{
    char command[200];
    if (stage->mx) bufferevent_free(stage->mx);
    rig_plugin_goes(&stage->rig);
    receive_free(stage->sink);
    event_base_free(stage->rig.base);
    snprintf(command, sizeof command, "rm -r %s", stage->folder);
    cr_assert_eq(system(command), 0);
}

static void on_read(struct bufferevent *stream, void *self)
{
    struct stage *stage = self;
    size_t length = strlen(stage->heard);
    int got = evbuffer_remove(bufferevent_get_input(stream), stage->heard + length, sizeof stage->heard - length - 1);
    if (got > 0) stage->heard[length + (size_t)got] = 0;
}

static void connect_mx(struct stage *stage)
{
    unsigned port = 0;
    FILE *file = fopen(stage->port_file, "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%u", &port), 1);
    fclose(file);
    if (stage->mx) bufferevent_free(stage->mx);
    stage->heard[0] = 0;
    stage->mx = bufferevent_socket_new(stage->rig.base, -1, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stage->mx, on_read, NULL, NULL, stage);
    bufferevent_enable(stage->mx, EV_READ);
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    bufferevent_socket_connect(stage->mx, (struct sockaddr *)&to, sizeof to);
    rig_await(&stage->rig, stage->heard, "220 ");
}

static void say(struct stage *stage, const char *text)
{
    evbuffer_add(bufferevent_get_output(stage->mx), text, strlen(text));
}

#define MAIL                                                                                                           \
    "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"                            \
    "From: Anna <anna@example.org>\r\nTo: service@shop.example\r\nSubject: hello\r\nMessage-ID: <one@example.org>\r\n" \
    "\r\n..dot\r\n.\r\n"

static void ask(struct stage *stage, const char *msg_id, const char *to, const char *template, const char *reply_to)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, 77);
    writer_u(&writer, ENVELOPE_ref, stage->ref ? stage->ref : 5);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of(to));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_subject,
                "Ihre Anfrage: Gr\xc3\xbc\xc3\x9f"
                "e\r\nBcc: evil@example.org");
    writer_text(&writer, SendMessage_text, "Danke.\n.\nWir sind dran.");
    writer_text(&writer, SendMessage_template, template);
    writer_text(&writer, SendMessage_reply_to, reply_to);
    if (stage->releases) {
        struct kv headers;
        kv_init(&headers);
        kv_put_text(&headers, "release", span_of("reply-1"));
        writer_kv(&writer, SendMessage_headers, &headers);
        kv_free(&headers);
    }
    if (stage->expires != 0) writer_i(&writer, SendMessage_expires, stage->expires);
    link_server_effect(stage->rig.server, writer_end(&writer));
    writer_free(&writer);
}

Test(email_wire, a_mail_is_answered_with_250_when_the_core_has_it)
{
    static struct stage stage = {.silent = true};
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.rig.posted, "Submit");
    for (int i = 0; i < 200; i++) rig_run(&stage.rig);
    cr_expect_null(strstr(strstr(stage.heard, "354 "), "\n250 "), "%s", stage.heard);
    for (const char *const *wanted = (const char *const[]){"media=email", "type=inbound", "external_id=one@example.org",
                                                           "queue=service", "from=anna@example.org", "subject=hello",
                                                           "store=contacts", "thread=one@example.org", NULL};
         *wanted; wanted++)
        cr_expect_not_null(strstr(stage.rig.posted, *wanted), "%s: %s", *wanted, stage.rig.posted);
    reply(&stage);
    rig_await(&stage.rig, strstr(stage.heard, "354 "), "\n250 2.0.0 kept\r\n");
    stage_close(&stage);
}

/* Sends the text of a mail with that Message-ID, and waits until it is answered. */
static void deliver(struct stage *stage, const char *id, const char *text)
{
    char mail[400];
    connect_mx(stage);
    stage->rig.posted[0] = 0;
    snprintf(mail, sizeof mail,
             "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
             "From: anna@example.org\r\nMessage-ID: <%s>\r\n\r\n%s\r\n.\r\n",
             id, text);
    say(stage, mail);
    rig_await(&stage->rig, stage->heard, "250 2.0.0 kept\r\n");
}

Test(email_wire, another_mail_with_an_id_that_is_known_is_kept_too)
{
    static struct stage stage;
    stage_open(&stage);
    deliver(&stage, "always@example.org", "one");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=always@example.org"), "%s", stage.rig.posted);
    deliver(&stage, "always@example.org", "two");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=\"sha256:"), "%s", stage.rig.posted);
    deliver(&stage, "always@example.org", "one");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=always@example.org"), "%s", stage.rig.posted);
    ask(&stage, "m1", "anna@example.org", "", ""); /* a mail of ours that comes back, as from a list */
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    const char *id = strstr(stage.sent, "Message-Id: <");
    cr_assert_not_null(id, "%s", stage.sent);
    char ours[200];
    cr_assert_eq(sscanf(id, "Message-Id: <%199[^>]>", ours), 1);
    deliver(&stage, ours, "Danke.");
    cr_expect_not_null(strstr(stage.rig.posted, "external_id=\"sha256:"), "%s", stage.rig.posted);
    stage_close(&stage);
}

Test(email_wire, a_core_that_is_away_or_refuses_leaves_the_mail_with_the_mail_server)
{
    static struct stage stage = {.outcome = outcome_error};
    stage_open(&stage);
    stage.outcome = outcome_error;
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n451 ");
    stage.code = code_fault; /* it is in quarantine: to come again is in vain */
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n554 5.3.0 ");
    stage.code = code_ok;
    rig_core_goes(&stage.rig);
    connect_mx(&stage);
    say(&stage, "LHLO mx\r\nMAIL FROM:<a@example.org>\r\n");
    rig_await(&stage.rig, stage.heard, "\n451 ");
    rig_core_comes(&stage.rig);
    stage.outcome = outcome_duplicate; /* and what is there already is taken */
    rig_run(&stage.rig);
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage_close(&stage);
}

Test(email_wire, an_answer_that_was_lost_with_the_link_is_asked_for_again)
{
    static struct stage stage = {.silent = true};
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.rig.posted, "Submit");
    rig_core_goes(&stage.rig);
    stage.rig.posted[0] = 0;
    stage.silent = false;
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "external_id=one@example.org");
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage_close(&stage);
}

Test(email_wire, a_core_that_does_not_answer_costs_no_mail)
{
    static struct stage stage = {.silent = true, .timeout = "1"};
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n451 4.4.1");
    reply(&stage); /* too late, and in vain */
    rig_run(&stage.rig);
    stage_close(&stage);
}

Test(email_wire, strangers_and_large_mails_are_refused_and_the_connection_goes_on)
{
    static struct stage stage = {.size = "2000"};
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage,
        "LHLO mx\r\nMAIL FROM:<a@example.org> SIZE=3000\r\nMAIL FROM:<a@example.org>\r\n"
        "RCPT TO:<who@else.example>\r\nRCPT TO:<any@shop.example>\r\nRCPT TO:<Service@Shop.example>\r\nDATA\r\n");
    rig_await(&stage.rig, stage.heard, "\n354 ");
    cr_expect_not_null(strstr(stage.heard, "\n552 "));
    cr_expect_not_null(strstr(stage.heard, "\n550 "));
    for (int i = 0; i < 100; i++) say(&stage, "a line that makes it too large, as there are many\r\n");
    say(&stage, ".\r\n" MAIL "QUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n552 5.3.4 the mail is too large\r\n552 "); /* for each recipient */
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept\r\n221 ");
    cr_expect_null(strstr(stage.rig.posted, "queue=other"));
    stage_close(&stage);
}

Test(email_wire, a_server_that_sends_too_much_is_asked_to_wait_and_smtp_has_one_answer)
{
    static struct stage stage = {.smtp = "127.0.0.1:0", .per_minute = "1"};
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, "EHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\n"
                "RCPT TO:<any@shop.example>\r\nDATA\r\nMessage-ID: <one@example.org>\r\n\r\nx\r\n.\r\n"
                "MAIL FROM:<anna@example.org>\r\nQUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n221 ");
    const char *kept = strstr(stage.heard, "\n250 2.0.0 kept\r\n");
    cr_assert_not_null(kept, "%s", stage.heard);
    cr_expect_eq(strncmp(kept + 17, "450 ", 4), 0, "%s", kept);
    cr_expect_not_null(strstr(stage.rig.posted, "queue=service"));
    stage_close(&stage);
}

Test(email_wire, a_store_that_is_full_leaves_the_mail_with_the_mail_server)
{
    static struct stage stage;
    struct rlimit before, full;
    stage_open(&stage);
    connect_mx(&stage);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    full = (struct rlimit){65536, before.rlim_max};
    for (int round = 0; round < 2; round++) {
        setrlimit(RLIMIT_FSIZE, round == 0 ? &full : &before);
        stage.heard[0] = 0;
        say(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                    "Message-ID: <one@example.org>\r\n\r\n");
        for (int i = 0; i < 3000; i++) say(&stage, "a line of many, of which a store that is full has no room\r\n");
        say(&stage, ".\r\n");
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

Test(email_wire, a_message_is_sent_once_however_often_it_is_asked)
{
    static struct stage stage;
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m1"));
    cr_expect_not_null(strstr(stage.sent, "To: anna@example.org\r\n"), "%s", stage.sent);
    cr_expect_not_null(strstr(stage.sent, "In-Reply-To: <one@example.org>\r\n"));
    cr_expect_not_null(strstr(stage.sent, "\r\nDanke.\r\n.\r\nWir sind dran."), "%s", stage.sent);
    cr_expect_null(strstr(stage.sent, "\nBcc:"));
    cr_expect_null(strstr(stage.sent, "Auto-Submitted"));
    stage.rig.posted[0] = 0;
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    rig_plugin_goes(&stage.rig); /* and by another process */
    stage.rig.posted[0] = 0;
    rig_plugin_comes(&stage.rig);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

Test(email_wire, a_mail_that_is_about_to_be_taken_as_the_process_ends_is_sent_once)
{
    static struct stage stage = {.slow = true};
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_plugin_goes(&stage.rig);
    rig_plugin_comes(&stage.rig);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

/* The mail server takes it while the link is down: the core hears it when it is back, and need not ask. */
Test(email_wire, what_became_of_a_mail_meanwhile_is_told_to_a_core_that_is_back)
{
    static struct stage stage = {.slow = true};
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_core_goes(&stage.rig);
    for (uint64_t since_us = rig_real_us(); rig_real_us() - since_us < RIG_SECOND_US / 2;) rig_run(&stage.rig);
    cr_expect_null(strstr(stage.rig.posted, "state=accepted"));
    rig_core_comes(&stage.rig);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage.slow = false, stage.held = true; /* or after it is back */
    stage.rig.posted[0] = stage.sent[0] = 0;
    ask(&stage, "m2", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig);
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    sink_answers(-1, EV_TIMEOUT, &stage);
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
    uint64_t end_us = wall_us(NULL) + RIG_PATIENCE_US;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    cr_assert(store_by_external(store, "", "email", span_of(message_id), &key, &error), "%s", error.text);
    while (strcmp(result, wanted) != 0) {
        cr_assert_lt(wall_us(NULL), end_us, "%s is %s", message_id, result);
        cr_assert(store_interaction(store, key.interaction, take_result, result, &error), "%s", error.text);
        rig_run(&stage->rig);
    }
    store_close(store);
}

/* A core that has lost its state may release the same mail of an agent, and hears of it by what it has asked. */
Test(email_wire, a_mail_under_way_is_of_the_core_that_asked_last)
{
    static struct stage stage = {.held = true, .releases = true};
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "Danke.");
    stage.rig.journal = 4711;
    stage.ref = 6;
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig);
    rig_run(&stage.rig);
    ask(&stage, "m1", "anna@example.org", "", "");
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    rig_core_goes(&stage.rig);
    rig_core_comes(&stage.rig); /* the same one */
    for (unsigned turns = 0; turns < 10; turns++) rig_run(&stage.rig);
    sink_answers(-1, EV_TIMEOUT, &stage);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(stage.rig.posted, "ref=6 "), "%s", stage.rig.posted);
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

/* A core whose state was restored or lost gives its ids again. */
Test(email_wire, another_message_under_the_same_ids_is_sent)
{
    static struct stage stage;
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage.rig.posted[0] = 0;
    ask(&stage, "m1", "bert@example.org", "", "two@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 2);
    stage.rig.journal = 4711;
    rig_plugin_goes(&stage.rig);
    stage.rig.posted[0] = 0;
    rig_plugin_comes(&stage.rig);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 3);
    stage_close(&stage);
}

Test(email_wire, a_core_without_its_state_hears_nothing_of_mails_that_it_has_not_asked_for)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    stage.sink_code = 450;
    ask(&stage, "m1", "anna@example.org", "", "");
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
    ask(&stage, "m1", "bert@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    stage_close(&stage);
}

Test(email_wire, refused_for_now_is_tried_again_and_refused_is_told)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    stage.sink_code = 450;
    ask(&stage, "m1", "anna@example.org", "", "");
    ask(&stage, "m2", "nobody@example.org", "", "");
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
    ask(&stage, "m3", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += UINT64_C(172800) * 1000000;
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m3"));
    const char *id = strstr(stage.rig.log, "mail gcx.");
    cr_assert(id && sscanf(id, "mail %199[^:]:", ours) == 1, "%s", stage.rig.log);
    await_result(&stage, ours, "failed");
    stage.expires = 10 * RIG_SECOND_US; /* the step's own time */
    stage.rig.posted[0] = stage.rig.log[0] = 0;
    ask(&stage, "m4", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s");
    stage.rig.skew_us += 11 * RIG_SECOND_US;
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "msg_id=m4"));
    stage_close(&stage);
}

Test(email_wire, a_mail_waits_for_a_store_that_is_full)
{
    static struct stage stage;
    struct rlimit before;
    stage_open(&stage);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before);
    setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, before.rlim_max});
    ask(&stage, "m1", "anna@example.org", "", "");
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

Test(email_wire, what_is_cancelled_goes_no_more_and_what_else_the_interaction_sends_does)
{
    static struct stage stage = {.sink_code = 450};
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "");
    stage.ref = 6;
    ask(&stage, "m2", "anna@example.org", "", "");
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

static void has_response(const struct stage *stage, const char *name, const char *subject, const char *text)
{
    struct error error;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    struct store_response response = {
        .category = span_of("Service"), .name = span_of(name), .subject = span_of(subject), .text = span_of(text)};
    size_t wrong, same;
    cr_assert(store_responses_put(store, "", &response, 1, 1, &wrong, &same, &error), "%s", error.text);
    store_close(store);
}

/* A mail server may have taken it as its sender died. A mail reader knows the second by its Message-ID. */
Test(email_wire, an_answer_that_a_lost_core_had_on_its_way_goes_out_under_its_message_id)
{
    static struct stage stage;
    char ours[200];
    stage_open(&stage);
    has_response(&stage, "acknowledge", "We have it", "We have it.");
    deliver(&stage, "one@example.org", "hello");
    stage.sink_code = 450;
    ask(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
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
        ask(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
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
Test(email_wire, a_login_that_is_refused_fails_no_mail)
{
    static struct stage stage = {.user = "shop"};
    static struct old_server old = {.asks = true};
    pthread_t thread;
    old_server_begin(&old, &stage, &thread);
    ask(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.rig.log, "again in 1 s: 535 5.7.8 wrong password");
    cr_expect_null(strstr(stage.rig.posted, "state=failed"), "%s", stage.rig.posted);
    old_server_end(&old, &stage, thread);
}

Test(email_wire, an_address_that_the_mail_server_cannot_take_is_refused_before_it_is_said)
{
    static struct stage stage;
    static struct old_server old;
    pthread_t thread;
    old_server_begin(&old, &stage, &thread);
    ask(&stage, "m1",
        "jurgen@b\xc3\xbc"
        "cher.example",
        "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_not_null(strstr(old.heard, "\nMAIL FROM:<service@shop.example>\r\n"), "%s", old.heard);
    cr_expect_not_null(strstr(old.heard, "\nRCPT TO:<jurgen@xn--bcher-kva.example>\r\n"), "%s", old.heard);
    stage.rig.posted[0] = 0;
    ask(&stage, "m2", "j\xc3\xbcrgen@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "SMTPUTF8"), "%s", stage.rig.posted);
    cr_expect_null(strstr(old.heard, "j\xc3\xbcrgen"), "%s", old.heard);
    old_server_end(&old, &stage, thread);
}

Test(email_wire, domains_beyond_ascii_go_as_ace_and_local_parts_as_they_are_to_servers_that_take_them)
{
    static struct stage stage;
    stage_open(&stage);
    ask(&stage, "m1",
        "jurgen@b\xc3\xbc"
        "cher.example",
        "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_str_eq(stage.recipient, "jurgen@xn--bcher-kva.example");
    stage.recipient[0] = stage.rig.posted[0] = 0;
    ask(&stage, "m2", "j\xc3\xbcrgen@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_str_eq(stage.recipient, "j\xc3\xbcrgen@example.org");
    stage_close(&stage);
}

Test(email_wire, further_addresses_that_want_answers_are_told)
{
    static struct stage stage;
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                "From: anna@example.org\r\nReply-To: service@shop.example, b@example.org\r\n"
                "Reply-To: c@example.org, d@example.org\r\nMessage-ID: <q@example.org>\r\n\r\nHello.\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    cr_expect_not_null(strstr(stage.rig.posted, "reply_to=b@example.org"), "%s", stage.rig.posted);
    cr_expect_not_null(strstr(stage.rig.posted, "reply_to_more=\"c@example.org, d@example.org\""), "%s",
                       stage.rig.posted);
    cr_expect_null(strstr(stage.rig.posted, "automatic"), "%s", stage.rig.posted);
    stage_close(&stage);
}

/* RFC 5321 lets a local part in quotes have blanks and marks. */
Test(email_wire, who_has_a_local_part_in_quotes_writes_and_is_answered)
{
    static struct stage stage;
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, "LHLO mx\r\nMAIL FROM:<\"a b >c\"@example.org> SIZE=300\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
                "From: Ann <\"a b c\"@example.org>\r\nMessage-ID: <q@example.org>\r\n\r\nHello.\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    cr_expect_not_null(strstr(stage.rig.posted, "a b c"), "%s", stage.rig.posted);
    stage.rig.posted[0] = 0;
    ask(&stage, "m1", "\"a b c\"@example.org", "", "");
    rig_await(&stage.rig, stage.rig.posted, "state=");
    cr_expect_not_null(strstr(stage.rig.posted, "state=accepted"), "%s", stage.rig.posted);
    cr_expect_str_eq(stage.recipient, "\"a b c\"@example.org");
    cr_expect_not_null(strstr(stage.sent, "\"a b c\"@example.org"), "%s", stage.sent);
    connect_mx(&stage);
    say(&stage, "LHLO mx\r\nMAIL FROM:<\"a b>\r\nMAIL FROM:<a b@example.org>\r\n"
                "MAIL FROM:<\"a\tb\"@example.org>\r\nMAIL FROM:<a\177b@example.org>\r\n"
                "MAIL FROM:<\"a\\\"> b\"@example.org>\r\nQUIT\r\n");
    rig_await(&stage.rig, stage.heard, "\n221 ");
    unsigned wrong = 0;
    for (const char *at = stage.heard; (at = strstr(at, "\n501 5.1.7")); at++) wrong++;
    cr_expect(wrong == 4 && strstr(stage.heard, "\n250 2.1.0"), "%s", stage.heard);
    stage_close(&stage);
}

static void effect(struct stage *stage, unsigned kind, struct writer *writer)
{
    writer_init(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, 77);
    writer_u(writer, ENVELOPE_ref, 6);
    stage->rig.posted[0] = 0;
}

static void perform(struct stage *stage, struct writer *writer, const char *wanted)
{
    link_server_effect(stage->rig.server, writer_end(writer));
    writer_free(writer);
    rig_await(&stage->rig, stage->rig.posted, wanted);
}

static void take_part(void *self, const struct store_part_shown *part)
{
    if (span_is(part->role, "text")) *(long long *)self = part->part;
}

/* An agent's reply to the mail `one@example.org`, as a desk keeps it; returns its text's part. */
static long long reply_of_an_agent(const struct stage *stage)
{
    struct error error;
    struct store_key key, before;
    long long part = 0;
    struct store *store = store_open(stage->store, &(struct store_options){.country = NULL}, &error);
    cr_assert_not_null(store, "%s", error.text);
    cr_assert(store_by_external(store, "", "email", span_of("one@example.org"), &before, &error));
    struct store_part parts[] = {
        {.role = "text", .type = span_of("text/plain"), .bytes = span_of("Dear Anna,\n.\nhere it is.")},
        {.role = "html", .type = span_of("text/html"), .bytes = span_of("<p>Dear <b>Anna</b><img src=cid:p@x></p>")},
        {.role = "inline",
         .type = span_of("image/png"),
         .name = span_of("p.png"),
         .content_id = span_of("p@x"),
         .bytes = span_of("PNG")},
        {.role = "attachment",
         .type = span_of("multipart/mixed; boundary=x"),
         .name = span_of("../b\xc3\xbcll\r\nX: y.pdf"),
         .bytes = span_of("%PDF")},
        {.role = "envelope",
         .type = span_of("application/json"),
         .bytes = span_of("{\"to\":[\"anna@example.org\",\"boss@example.org\"],\"cc\":[\"boss@example.org\"]}")},
    };
    struct store_arrival arrival = {.tenant = "",
                                    .media = "email",
                                    .external_id = span_of("reply-1"),
                                    .outbound = true,
                                    .parent = before.interaction,
                                    .received = 1,
                                    .message = {.at = 1, .role = "agent", .parts = parts, .part_count = 5}};
    cr_assert(store_put(store, &arrival, &key, &error), "%s", error.text);
    cr_assert(store_parts(store, key.interaction, take_part, &part, &error));
    store_close(store);
    return part;
}

static void write_body(struct writer *writer, unsigned field, long long part)
{
    char key[32];
    snprintf(key, sizeof key, "%lld", part);
    writer_blob_begin(writer, field);
    writer_text(writer, Blob_store, "contacts");
    writer_text(writer, Blob_key, key);
    writer_blob_end(writer);
}

/* The core releases what an agent has written, to Anna, or to Bob and Anna. */
static void release(struct stage *stage, const char *msg_id, long long part, bool bob)
{
    struct writer writer;
    struct kv headers;
    effect(stage, KIND_SendMessage, &writer);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    writer_list_begin(&writer, SendMessage_to);
    if (bob) writer_list_text(&writer, span_of("bob@example.org"));
    writer_list_text(&writer, span_of("anna@example.org"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_subject, "Your bill");
    write_body(&writer, SendMessage_body, part);
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

Test(email_wire, who_refuses_mail_gets_none_and_the_strategy_hears_so)
{
    static struct stage stage;
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    has_response(&stage, "acknowledge", "", "We have it.");
    refuses_mail(&stage, "Anna@Example.org", true);
    stage.rig.posted[0] = 0;
    ask(&stage, "m1", "anna@example.org", "acknowledge", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    for (unsigned to = 0; to < 2; to++) { /* an agent's, to her or to others and her */
        release(&stage, to ? "m3" : "m2", reply_of_an_agent(&stage), to);
        rig_await(&stage.rig, stage.rig.posted, "state=failed");
        cr_expect_not_null(strstr(stage.rig.posted, "cause=refused"), "%s", stage.rig.posted);
    }
    cr_expect(strstr(stage.rig.log, "by_us") && !strstr(stage.rig.log, "by_mail_server"), "%s", stage.rig.log);
    cr_expect_eq(stage.mails, 0);
    refuses_mail(&stage, "anna@example.org", false);
    stage.rig.posted[0] = 0;
    ask(&stage, "m4", "anna@example.org", "acknowledge", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 1);
    stage_close(&stage);
}

Test(email_wire, machines_are_not_answered_by_machines)
{
    static struct stage stage;
    stage_open(&stage);
    has_response(&stage, "acknowledge", "", "We have it.");
    connect_mx(&stage);
    say(&stage,
        "LHLO mx\r\nMAIL FROM:<>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
        "From: a@example.org\r\nMessage-ID: <robot@example.org>\r\nAuto-Submitted: auto-replied\r\n\r\nx\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    cr_expect_not_null(strstr(stage.rig.posted, "automatic"), "%s", stage.rig.posted);
    stage.rig.posted[0] = 0;
    ask(&stage, "m1", "a@example.org", "acknowledge", "robot@example.org");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    stage.rig.posted[0] = 0;
    ask(&stage, "m2", "service@shop.example", "acknowledge", "");
    rig_await(&stage.rig, stage.rig.posted, "code=suppressed");
    cr_expect_eq(stage.mails, 0);
    stage_close(&stage);
}

Test(email_wire, an_answer_is_a_standard_response_and_not_given_too_often)
{
    static struct stage stage;
    char id[] = "m0";
    stage_open(&stage);
    has_response(&stage, "acknowledge", "We have it, {contact.name}", "Dear {contact.name}, soon.");
    connect_mx(&stage);
    say(&stage, MAIL);
    rig_await(&stage.rig, stage.heard, "\n250 2.0.0 kept");
    stage.rig.posted[0] = 0;
    ask(&stage, "none", "anna@example.org", "no_such", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "state=failed");
    cr_expect_not_null(strstr(stage.rig.posted, "cause=refused"));
    for (; id[1] < '2'; id[1]++) {
        stage.rig.posted[0] = 0;
        ask(&stage, id, "anna@example.org", "acknowledge", "one@example.org");
        rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    }
    cr_expect_not_null(strstr(stage.sent, "Auto-Submitted: auto-replied\r\n"));
    cr_expect_not_null(strstr(stage.sent, "Subject: We have it, Anna\r\n"), "%s", stage.sent);
    cr_expect_not_null(strstr(stage.sent, "\r\nDear Anna, soon."), "%s", stage.sent);
    ask(&stage, "m3", "anna@example.org", "acknowledge", "one@example.org"); /* the fourth */
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
    connect_mx(stage);
    say(stage, text);
    rig_await(&stage->rig, stage->heard, "\n250 2.0.0 kept");
}

/* A later one takes no better one back, and is no mail to route. */
Test(email_wire, a_report_is_told_of_the_message_that_it_is_about)
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
    ask(&stage, "m1", "anna@example.org", "", "");
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

/* Anna's mail server keeps its answer until the process ends; the strategy has gone on before. */
Test(email_wire, a_mail_behind_a_slow_server_holds_up_no_other_and_has_a_result_in_the_end)
{
    static struct stage stage = {.held = true};
    char ours[100];
    stage_open(&stage);
    ask(&stage, "m1", "anna@example.org", "", "");
    rig_await(&stage.rig, stage.sent, "To: anna@example.org");
    cr_assert_eq(sscanf(strstr(stage.sent, "Message-Id: <"), "Message-Id: <%99[^>]", ours), 1);
    stage.held = false;
    stage.ref = 6;
    ask(&stage, "m2", "bert@example.org", "", "");
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

/* ---- what agents and steps send ---- */

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
Test(email_wire, an_end_that_was_told_is_in_the_store_when_the_process_has_ended)
{
    static struct stage stage;
    struct error error;
    struct store_key key;
    bool ended = false;
    stage_open(&stage);
    deliver(&stage, "one@example.org", "hello");
    for (int other = 0; other < 3000; other++) end_told(&stage, "unknown@example.org"); /* the thread is behind */
    end_told(&stage, "one@example.org");
    memory_pump(plugin_client(stage.rig.link), stage.rig.server, 0, wall_us(NULL));
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

Test(email_wire, an_answer_that_is_refused_for_now_is_submitted_again)
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
    uint64_t end_us = wall_us(NULL) + RIG_PATIENCE_US;
    while (!has_ended(&stage, answer)) {
        cr_assert_lt(wall_us(NULL), end_us, "an answer that is refused for good has no end");
        rig_run(&stage.rig);
    }
    stage_close(&stage);
}

Test(email_wire, a_mail_that_refers_to_one_before_has_its_interaction_as_parent)
{
    static struct stage stage;
    stage_open(&stage);
    deliver(&stage, "one@example.org", "first");
    for (unsigned i = 0; i < 100 && !strstr(stage.rig.posted, "parent="); i++) { /* it is noted after the answer */
        char text[80];
        snprintf(text, sizeof text, "again%u@example.org>\r\nReferences: <one@example.org", i);
        deliver(&stage, text, "second");
    }
    cr_expect_not_null(strstr(stage.rig.posted, "parent=0-00000000004d"), "%s", stage.rig.posted);
    stage_close(&stage);
}

/* The number was the parent's in the journal that was lost. */
Test(email_wire, a_mail_that_is_submitted_to_another_journal_has_no_parent_of_the_one_before)
{
    static struct stage stage = {.rig = {.journal = 9}};
    char text[80];
    stage_open(&stage);
    deliver(&stage, "one@example.org", "first");
    for (unsigned i = 0; i < 100 && !strstr(stage.rig.posted, "parent="); i++) { /* it is noted after the answer */
        snprintf(text, sizeof text, "again%u@example.org>\r\nReferences: <one@example.org", i);
        deliver(&stage, text, "second");
    }
    stage.silent = true;
    connect_mx(&stage);
    stage.rig.posted[0] = 0;
    say(&stage,
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

Test(email_wire, an_agents_reply_goes_out_with_its_html_pictures_and_files)
{
    static struct stage stage;
    struct writer writer;
    struct kv headers;
    stage_open(&stage);
    connect_mx(&stage);
    say(&stage, "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<billing@shop.example>\r\nDATA\r\n"
                "From: anna@example.org\r\nTo: x@other.example, billing@shop.example\r\nMessage-ID: "
                "<one@example.org>\r\n\r\nx\r\n.\r\n");
    rig_await(&stage.rig, stage.heard, "250 2.0.0 kept\r\n");
    long long part = reply_of_an_agent(&stage);
    effect(&stage, KIND_SendMessage, &writer);
    writer_text(&writer, SendMessage_msg_id, "m1");
    writer_list_begin(&writer, SendMessage_to);
    writer_list_text(&writer, span_of("anna@example.org"));
    writer_list_text(&writer, span_of("boss@example.org"));
    writer_list_end(&writer);
    writer_text(&writer, SendMessage_subject, "Your bill");
    write_body(&writer, SendMessage_body, part);
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
                                         "To: anna@example.org\r\n",
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
    static const char *const none[] = {"Auto-Submitted", "\nrelease:", "\nauthor:", "\nX: y", "../", "boundary=x"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        cr_expect_null(strstr(stage.sent, none[i]), "%s: %s", none[i], stage.sent);
    stage_close(&stage);
}

static void ask_classify(struct stage *stage, const char *text, const char *const *categories)
{
    struct writer writer;
    effect(stage, KIND_Classify, &writer);
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

Test(email_wire, texts_are_classified_and_screened_by_the_file_of_rules)
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
    effect(&stage, KIND_Classify, &writer);
    write_body(&writer, Classify_body, reply_of_an_agent(&stage));
    perform(&stage, &writer, "category=claim");
    effect(&stage, KIND_Classify, &writer);
    write_body(&writer, Classify_body, 4711);
    perform(&stage, &writer, "code=unavailable");
    stage_close(&stage);
    unlink(path);
}

static void on_asked(struct evhttp_request *request, void *self)
{
    struct stage *stage = self;
    struct evbuffer *in = evhttp_request_get_input_buffer(request), *out = evbuffer_new();
    stage->asked[evbuffer_remove(in, stage->asked, sizeof stage->asked - 1)] = 0;
    if (stage->answer) {
        evbuffer_add(out, stage->answer, strlen(stage->answer));
        evhttp_send_reply(request, stage->status, "", out);
    }
    evbuffer_free(out);
}

Test(email_wire, a_text_of_which_the_rules_say_nothing_is_asked_of_the_classifier)
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
    connect_mx(stage);
    stage->rig.posted[0] = 0;
    out = bufferevent_get_output(stage->mx);
    say(stage, "LHLO mx\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n");
    rig_await(&stage->rig, stage->heard, "\n354 ");
    for (size_t at = 0; at < length;) {
        const char *end = memchr(bytes + at, '\n', length - at);
        size_t line = end ? (size_t)(end - bytes) - at : length - at;
        if (bytes[at] == '.') evbuffer_add(out, ".", 1);
        evbuffer_add(out, bytes + at, line > 0 && bytes[at + line - 1] == '\r' ? line - 1 : line);
        evbuffer_add(out, "\r\n", 2);
        at += line + 1;
    }
    say(stage, ".\r\n");
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

Test(email_wire, ugly_mails_are_kept_or_refused_with_a_reason)
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

Test(email_wire, the_corpus_is_kept)
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
Test(email_wire, mails_that_an_earlier_version_has_sent_go_once)
{
    static struct stage stage;
    stage_open(&stage);
    rig_plugin_goes(&stage.rig);
    char *file = g_strconcat(stage.folder, "/store", NULL);
    cr_assert_eq(unlink(file), 0);
    puts_before(&stage);
    rig_plugin_comes(&stage.rig);
    ask(&stage, "m1", "anna@example.org", "", "one@example.org");
    rig_await(&stage.rig, stage.rig.posted, "peer_id=gcx.94e398cc5d62ee924418a191d52e265cb3ffdecd@shop.example");
    stage.rig.posted[0] = 0;
    release(&stage, "m3", 3, false);
    rig_await(&stage.rig, stage.rig.posted, "state=accepted");
    cr_expect_eq(stage.mails, 0, "%s", stage.sent);
    stage.rig.posted[0] = 0;
    ask(&stage, "m4", "anna@example.org", "", "");
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
Test(email_wire, servers_that_want_it_are_logged_in_to_by_a_token)
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
    ask(&stage, "m1", "anna@example.org", "", "");
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

Test(email_wire, a_mail_waits_until_there_is_a_token)
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
        ask(&stage, "m1", "anna@example.org", "", "");
        rig_await(&stage.rig, stage.rig.log, cases[i].logged);
        cr_expect_null(strstr(stage.rig.posted, "state=failed"), "%s", stage.rig.posted);
        evhttp_free(http);
        stage_close(&stage);
    }
}
