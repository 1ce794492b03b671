/* runtime/adapters/email/sending.c - Makes a mail on its way out of what the core asks. */
#include "runtime/adapters/email/sending.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/mime_internal.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"
#include "runtime/vocabulary/rows.h"

/* The effect is copied, as it is gone when the thread works; a text that is missing is empty, never NULL. */
static char *send_effect_text(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return g_strndup(text.length > 0 ? (const char *)text.bytes : "", text.length);
}

/* Addresses that are none are left out; of ours none is written to by a machine. */
static char **recipients(const struct message *effect)
{
    GPtrArray *to = g_ptr_array_new();
    uint32_t at = 0;
    struct span one;
    while (message_next_text(message_text(effect, SendMessage_to), &at, &one) && to->len < MAIL_RECIPIENTS_MAX) {
        char *text = g_strndup((const char *)one.bytes, one.length), *good = address_good(text);
        if (good) g_ptr_array_add(to, good);
        g_free(text);
    }
    g_ptr_array_add(to, NULL);
    return (char **)g_ptr_array_free(to, FALSE);
}

static int64_t send_part(const struct message *effect, GString *digest)
{
    struct message blob;
    if (!message_has(effect, SendMessage_body)) return 0;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, SendMessage_body));
    char *key = send_effect_text(&blob, Blob_key);
    int64_t part = g_ascii_strtoll(key, NULL, 10);
    struct span bytes = message_text(&blob, Blob_sha256);
    size_t length = digest->len;
    g_string_set_size(digest, length + 2 * bytes.length);
    hex_print(bytes.bytes, bytes.length, digest->str + length);
    g_free(key);
    return part;
}

/* `automatic`: the core names so what a step of a strategy sends; `release`: and so an agent's reply. No header has
 * these names. Freed by g_free(). */
static char *send_header_said(struct span headers, const char *name)
{
    struct kv_value value;
    bool is = headers.length > 0 && kv_get(headers, name, &value) && value.tag == KV_TEXT;
    return is ? g_strndup((const char *)value.span.bytes, value.span.length) : g_strdup("");
}

static void add_field(GChecksum *sum, struct span bytes)
{
    guint32 length = g_htonl(bytes.length);
    g_checksum_update(sum, (const guchar *)&length, sizeof length);
    if (bytes.length > 0) g_checksum_update(sum, bytes.bytes, bytes.length);
}

/* The digest of what the core asks to be sent, before anything is filled in. */
static char *send_content(const struct message *effect, const unsigned *fields, size_t count)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < count; i++) add_field(sum, message_text(effect, fields[i]));
    char *digest = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return digest;
}

/* A mail that an agent has written is known by its own id, whichever core releases it; other mails by the core's
 * numbers, which another journal gives anew. Each with its content: the same numbers come again, too, where an older
 * state was restored. */
static char *message_id_of(const struct sending *sending, const struct message *effect)
{
    assert(sending->release && sending->msg_id); /* its name is made of them */
    static const unsigned whole[] = {SendMessage_to,   SendMessage_subject,  SendMessage_text,
                                     SendMessage_body, SendMessage_template, SendMessage_reply_to};
    const char *domain = sending->send->email->setting.own_domain;
    bool released = *sending->release != 0;
    char *content = send_content(effect, whole, released ? G_N_ELEMENTS(whole) - 2 : G_N_ELEMENTS(whole));
    char *name = released ? g_strdup_printf("release %s", sending->release)
                          : g_strdup_printf("%016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %s",
                                            sending->journal, sending->ixn, sending->msg_id);
    char *id = compose_message_id(name, content, domain);
    g_free(content), g_free(name);
    return id;
}

static void prefix_subject(struct sending *sending)
{
    if (!*sending->reply_to || sending->redirects || g_ascii_strncasecmp(sending->subject, "re:", 3) == 0) return;
    char *subject = g_strconcat("Re: ", sending->subject, NULL);
    g_free(sending->subject);
    sending->subject = subject;
}

/* The message's id is made first of what was asked, before anything is filled in or corrected. */
struct sending *sending_new(struct send *send, const struct message *effect)
{
    struct email *email = send->email;
    struct sending *sending = memory_zeroed(1, sizeof *sending);
    struct span headers = message_text(effect, SendMessage_headers);
    uint64_t now_us = email->services->now_us(email->link);
    int64_t expires = message_i(effect, SendMessage_expires);
    sending->send = send;
    sending->ixn = message_u(effect, ENVELOPE_ixn);
    sending->ref = message_u(effect, ENVELOPE_ref);
    sending->msg_id = send_effect_text(effect, SendMessage_msg_id);
    sending->journal = email->services->journal(email->link);
    sending->from = send_effect_text(effect, SendMessage_from);
    sending->subject = send_effect_text(effect, SendMessage_subject);
    sending->text = send_effect_text(effect, SendMessage_text);
    sending->reply_to = send_effect_text(effect, SendMessage_reply_to);
    sending->to = recipients(effect);
    sending->headers = g_memdup2(headers.bytes, headers.length);
    sending->headers_length = headers.length;
    sending->digest = g_string_new(NULL);
    sending->part = send_part(effect, sending->digest);
    sending->template = send_effect_text(effect, SendMessage_template);
    sending->release = send_header_said(headers, "release");
    sending->message_id = message_id_of(sending, effect);
    sending->key =
        g_strdup_printf("%llx %s %s", (unsigned long long)sending->ixn, sending->msg_id, sending->message_id);
    char *automatic = send_header_said(headers, "automatic");
    sending->automatic = *sending->template || *automatic;
    sending->redirects = strcmp(automatic, "redirect") == 0;
    g_free(automatic);
    prefix_subject(sending);
    sending->wall_us = (int64_t)email->services->wall_us(email->link);
    sending->pause_us = email->setting.retry * SECOND_US;
    sending->give_up_us = now_us + (expires > 0 ? (uint64_t)expires : email->setting.give_up * SECOND_US);
    char *from = address_good(sending->from);
    g_free(sending->from);
    sending->from = from ? from : g_strdup("");
    return sending;
}

/* A mail that waits in send->all is freed by its removal from there. */
void sending_free(gpointer data)
{
    struct sending *sending = data;
    g_free(sending->key), g_free(sending->msg_id), g_free(sending->message_id), g_free(sending->from);
    g_free(sending->subject), g_free(sending->text), g_free(sending->reply_to), g_free(sending->template);
    g_free(sending->release), g_free(sending->answered);
    g_strfreev(sending->to), g_strfreev(sending->copies), g_strfreev(sending->references);
    g_string_free(sending->digest, TRUE);
    g_free(sending->headers);
    if (sending->parts) keep_parts_free(sending->parts);
    free(sending);
}
