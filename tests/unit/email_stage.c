/* tests/unit/email_stage.c - A core and two mail servers around the plugin `email`, for the tests (email_stage.h). */
#include "tests/unit/email_stage.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/adapter/address.h"
#include "runtime/store/store.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_work.h"

static uint64_t wall_us(void *self)
{
    (void)self;
    return rig_real_us();
}

/* ---- the core ---- */

void stage_replies(struct stage *stage)
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
    if (!stage->silent) stage_replies(stage);
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
    if (strcmp(key, "names") == 0) return "news@post.example=The news";
    if (strcmp(key, "from") == 0) return stage->sender;
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

void stage_sink_answers(evutil_socket_t unused, short what, void *self)
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
        event_base_once(stage->rig.base, -1, EV_TIMEOUT, stage_sink_answers, stage, &(struct timeval){0, 200000});
    else if (!stage->held)
        stage_sink_answers(-1, EV_TIMEOUT, stage);
}

/* ---- all of it ---- */

void stage_open(struct stage *stage)
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

void stage_close(struct stage *stage)
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

void stage_meets_mx(struct stage *stage)
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

void stage_says(struct stage *stage, const char *text)
{
    evbuffer_add(bufferevent_get_output(stage->mx), text, strlen(text));
}

void stage_asks(struct stage *stage, const char *msg_id, const char *to, const char *template, const char *reply_to)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_SendMessage);
    writer_u(&writer, ENVELOPE_ixn, 77);
    writer_u(&writer, ENVELOPE_ref, stage->ref ? stage->ref : 5);
    writer_text(&writer, SendMessage_msg_id, msg_id);
    if (stage->from) writer_text(&writer, SendMessage_from, stage->from);
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

/* Sends the text of a mail with that Message-ID, and waits until it is answered. */
void stage_delivers(struct stage *stage, const char *id, const char *text)
{
    char mail[400];
    stage_meets_mx(stage);
    stage->rig.posted[0] = 0;
    snprintf(mail, sizeof mail,
             "LHLO mx\r\nMAIL FROM:<anna@example.org>\r\nRCPT TO:<service@shop.example>\r\nDATA\r\n"
             "From: anna@example.org\r\nMessage-ID: <%s>\r\n\r\n%s\r\n.\r\n",
             id, text);
    stage_says(stage, mail);
    rig_await(&stage->rig, stage->heard, "250 2.0.0 kept\r\n");
}

void stage_has_response(const struct stage *stage, const char *name, const char *subject, const char *text)
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

void stage_begins_effect(struct stage *stage, unsigned kind, struct writer *writer)
{
    writer_init(writer);
    writer_begin(writer, kind);
    writer_u(writer, ENVELOPE_ixn, 77);
    writer_u(writer, ENVELOPE_ref, 6);
    stage->rig.posted[0] = 0;
}

void stage_performs(struct stage *stage, struct writer *writer, const char *wanted)
{
    link_server_effect(stage->rig.server, writer_end(writer));
    writer_free(writer);
    rig_await(&stage->rig, stage->rig.posted, wanted);
}

static void take_part(void *self, const struct store_part_shown *part)
{
    if (span_is(part->role, "text")) *(long long *)self = part->part;
}

long long stage_agent_replied(const struct stage *stage)
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
         .bytes = span_of("{\"to\":[\"anna@example.org\",\"boss@example.org\"],\"cc\":[\"boss@example.org\"],"
                          "\"names\":{\"Anna@example.org\":\"Weber, Anna\\r\\nX-Evil: yes\",\"boss@example.org\":7}}")},
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

void stage_writes_body(struct writer *writer, unsigned field, long long part)
{
    char key[32];
    snprintf(key, sizeof key, "%lld", part);
    writer_blob_begin(writer, field);
    writer_text(writer, Blob_store, "contacts");
    writer_text(writer, Blob_key, key);
    writer_blob_end(writer);
}
