/* runtime/adapters/email/sending.c - Makes a mail from an effect of the core, as an item of the post office to be
 * sent. */
#include "runtime/adapters/email/sending.h"
#include "runtime/post/code.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/mime_internal.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"
#include "runtime/vocabulary/denied.h"

/* Copies a field, as the effect is gone when the thread works; a missing text is empty, never NULL. */
static char *send_effect_text(const struct message *effect, unsigned field)
{
    return post_text(message_text(effect, field));
}

/* Returns the recipients; invalid addresses are left out, and a machine does not write to the plugin's own
 * addresses. */
static char **sending_recipients(const struct message *effect)
{
    GPtrArray *to = g_ptr_array_new();
    uint32_t at = 0;
    struct span one;
    while (message_next_text(message_text(effect, SendMessage_to), &at, &one) && to->len < MAIL_RECIPIENTS_MAX) {
        char *text = g_strndup((const char *)one.bytes, one.length), *good = email_address_good(text);
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
    ident_print_hex(bytes.bytes, bytes.length, digest->str + length);
    g_free(key);
    return part;
}

/* Returns a field that the core gives among the headers: `automatic` names the step of a strategy that sends the
 * mail, `release` the agent's reply. No real header has these names. Freed by g_free(). */
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

/* Makes a digest of all that the core asks for, before anything is filled in; the mail that a release answers is
 * known to the store. */
static void send_digest(const struct email_sending *sending, const struct message *effect, char digest[POST_DIGEST])
{
    static const unsigned whole[] = {SendMessage_to,   SendMessage_subject,  SendMessage_text,
                                     SendMessage_body, SendMessage_template, SendMessage_reply_to};
    size_t count = *sending->release ? G_N_ELEMENTS(whole) - 2 : G_N_ELEMENTS(whole);
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    for (size_t i = 0; i < count; i++) add_field(sum, message_text(effect, whole[i]));
    g_strlcpy(digest, g_checksum_get_string(sum), POST_DIGEST);
    g_checksum_free(sum);
}

/* Makes the Message-ID: from the own id of a mail that an agent has written, whichever core releases it; for other
 * mails from the core's numbers, which another journal gives out again. The content counts too, as the same numbers
 * also come again if an older state was restored. */
static char *message_id_of(const struct email_sending *sending, const struct post_sending *item)
{
    assert(sending->release && *item->digest); /* the Message-ID is made from `release` and `digest` */
    char *name = *sending->release ? g_strdup_printf("release %s", sending->release)
                                   : g_strdup_printf("%016" G_GINT64_MODIFIER "x %016" G_GINT64_MODIFIER "x %s",
                                                     item->journal, item->ixn, item->msg_id);
    char *id = compose_message_id(name, item->digest, sending->email->setting.own_domain);
    g_free(name);
    return id;
}

/* A reply that a strategy sends says so in its subject. The subject that an agent wrote stays as it is written. */
static void prefix_subject(struct email_sending *sending)
{
    if (!*sending->reply_to || sending->redirects || g_ascii_strncasecmp(sending->subject, "re:", 3) == 0) return;
    if (!sending->automatic && *sending->subject) return;
    char *subject = g_strconcat("Re: ", sending->subject, NULL);
    g_free(sending->subject);
    sending->subject = subject;
}

/* Makes the item from the effect; the message's digest is made first, before anything is filled in or corrected. */
void sending_order(void *self, const struct message *effect, struct post_sending *item)
{
    struct email *email = self;
    struct email_sending *sending = item->body = memory_zeroed(1, sizeof *sending);
    struct span headers = message_text(effect, SendMessage_headers);
    int64_t expires = message_i(effect, SendMessage_expires);
    sending->email = email;
    sending->from = send_effect_text(effect, SendMessage_from);
    sending->subject = send_effect_text(effect, SendMessage_subject);
    sending->text = send_effect_text(effect, SendMessage_text);
    sending->reply_to = send_effect_text(effect, SendMessage_reply_to);
    sending->to = sending_recipients(effect);
    sending->headers = g_memdup2(headers.bytes, headers.length);
    sending->headers_length = headers.length;
    sending->digest = g_string_new(NULL);
    sending->part = send_part(effect, sending->digest);
    sending->template = send_effect_text(effect, SendMessage_template);
    sending->code_of = post_code_of(effect);
    if (sending->code_of != 0) sending->coded = g_strdup(sending->text);
    sending->release = send_header_said(headers, "release");
    send_digest(sending, effect, item->digest);
    sending->message_id = message_id_of(sending, item);
    char *automatic = send_header_said(headers, "automatic");
    sending->automatic = *sending->template || *automatic;
    sending->forwards = strcmp(automatic, "forward") == 0;
    sending->redirects = strcmp(automatic, "redirect") == 0;
    g_free(automatic);
    prefix_subject(sending);
    sending->wall_us = office_wall(email->office);
    char *from = email_address_good(sending->from);
    g_free(sending->from);
    sending->from = from ? from : g_strdup("");
    item->expires_us = expires > 0 ? (uint64_t)expires : 0;
    text_set(item->own, sizeof item->own, sending->from);
    item->recipients = g_strv_length(sending->to);
    text_set(item->customer, sizeof item->customer, sending->to[0] ? sending->to[0] : "");
}

/* Decides on the pieces of the mail: one, or none if it may not be sent. */
unsigned sending_divide(const void *self, struct post_sending *item, enum cause *cause, const char **why)
{
    const struct email *email = self;
    const struct email_sending *sending = item->body;
    *cause = cause_refused;
    *why = !*email->setting.submission ? "`submission` is not set" : !sending->to[0] ? denied_words(WHY_address) : NULL;
    if (*why) return 0;
    *why = send_not_by_machine(email->send, sending);
    item->suppressed = *why != NULL; /* the same rule as in contract.def */
    return *why ? 0 : 1;
}

void sending_receipt_form(const char *message_id, const char *to, bool alone, char form[POST_ADDRESS])
{
    snprintf(form, POST_ADDRESS, "%s%s%s", message_id, alone ? "" : " ", alone ? "" : to);
}

void sending_form(const struct post_sending *item, unsigned n, char form[POST_ADDRESS])
{
    const struct email_sending *sending = item->body;
    sending_receipt_form(sending->message_id, sending->to[n], item->recipients == 1, form);
}

const char *sending_title(const struct post_sending *item)
{
    return ((const struct email_sending *)item->body)->message_id;
}

/* Removes the recipients' addresses from the text, as mail servers repeat them. */
void sending_hide(const struct post_sending *item, GString *why)
{
    const struct email_sending *sending = item->body;
    for (char **one = sending->to; *one; one++) g_string_replace(why, *one, "...", 0);
}

void sending_forget(void *body)
{
    struct email_sending *sending = body;
    if (!sending) return;
    g_free(sending->message_id), g_free(sending->from), g_free(sending->subject), g_free(sending->text);
    g_free(sending->coded), g_free(sending->reply_to), g_free(sending->template), g_free(sending->release),
        g_free(sending->answered);
    g_strfreev(sending->to), g_strfreev(sending->references);
    email_envelope_clear(&sending->envelope);
    g_string_free(sending->digest, TRUE);
    g_free(sending->headers);
    if (sending->parts) keep_parts_free(sending->parts);
    free(sending);
}
