/* runtime/adapters/email/form.c - Forms of web pages: they are read, checked, and handed over as mails.
 *
 *     POST /form   multipart/form-data with name, address, subject, text, files: answered when the core has the mail
 *
 * A form becomes the bytes of a mail, and is then handled like any mail (email_take). The same form, sent again on
 * the same day (UTC), is the same mail: its Message-ID is made from the day and the content, and it has no Date.
 * Nothing in a form is trusted: its fields are checked, and each IP address may send only a few forms a minute. */
#include "runtime/adapters/email/email.h"

#include <event2/buffer.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/tls.h"
#include "runtime/adapters/email/compose.h"
#include "runtime/adapters/email/form_read.h"
#include "runtime/adapters/email/mime_internal.h"
#include "base/memory.h"
#include "runtime/web/door.h"
#include "runtime/web/opening.h"
#include "runtime/web/origins.h"
#include "runtime/web/reply.h"

enum { TEXT_BYTES_MAX = 100000 };
#define DAY_US       UINT64_C(86400000000)
#define FORM_PATH    "/form"
#define FORM_RETRY_S "30"

struct form {
    struct email *email;
    struct door *door;
    char **origins;
    GHashTable *waiting; /* of struct form_request, by `ticket` */
    uint64_t tickets;
};

struct form_request { /* a request that waits until its mail was taken */
    uint64_t ticket;
    struct asker browser;
};

#define FORM_OPENING(setting) OPENING(setting, forms, forms_port_file, forms_certificate, forms_key)

/* ---- answers ---- */

static void form_http_answer(struct form *form, struct evhttp_request *http, int code, const char *error)
{
    const char *origin = door_header(http, "Origin");
    if (*origin && web_words_have(form->origins, origin)) reply_header(http, "Access-Control-Allow-Origin", origin);
    reply_header(http, "Vary", "Origin");
    if (code == HTTP_SERVUNAVAIL || code == 429) reply_header(http, "Retry-After", FORM_RETRY_S);
    reply_json(http, code, error ? json_pack("{s:s}", "error", error) : json_pack("{s:b}", "ok", 1));
}

/* Answers the browser when its mail was taken or refused. */
static void form_taken(void *self, uint64_t ticket, unsigned code, const char *text)
{
    struct form *form = ((struct email *)self)->form; /* NULL: the plugin is being closed */
    struct form_request *request = form ? g_hash_table_lookup(form->waiting, &ticket) : NULL;
    (void)text;
    if (!request) return;
    struct evhttp_request *http = asker_end(&request->browser);
    g_hash_table_remove(form->waiting, &ticket);
    if (!http) return;
    if (code / 100 == 2)
        form_http_answer(form, http, HTTP_OK, NULL);
    else
        form_http_answer(form, http, code / 100 == 4 ? HTTP_SERVUNAVAIL : HTTP_BADREQUEST,
                         code / 100 == 4 ? "it is not taken now: send it again later" : "it cannot be taken");
}

/* ---- checks ---- */

/* True: the text has at most `most` bytes, and no line end if `line` is true. An empty text is good. */
static bool form_text_good(const char *text, size_t most, bool line)
{
    size_t length = text ? strlen(text) : 0;
    if (length > most) return false;
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 && (line || !strchr("\t\r\n", text[i]))) return false;
    return true;
}

/* Returns what is wrong with the form, or NULL. */
static const char *form_wrong(const struct email *email, const struct form_read *read)
{
    if (!form_text_good(read->name, FORM_FIELD_MAX, true)) return "name: a line of up to 200 bytes";
    if (!form_text_good(read->subject, FORM_FIELD_MAX, true)) return "subject: a line of up to 200 bytes";
    if (!read->address || !form_text_good(read->address, FORM_FIELD_MAX, true))
        return "address: the customer's e-mail address";
    char *good = email_address_good(read->address);
    bool ours = good && email_queue(email, good), usable = good && strchr(good, '@');
    g_free(good);
    if (!usable) return "address: it is no e-mail address";
    if (ours) return "address: it is one of ours";
    if (read->to && !email_queue(email, read->to)) return "to: it is none of our addresses";
    if (!read->text || !*g_strstrip(read->text)) return "text: it is missing";
    return form_text_good(read->text, TEXT_BYTES_MAX, false) ? NULL
                                                             : "text: up to 100,000 bytes, without control characters";
}

/* ---- handing it over as a mail ---- */

static void form_hand_over(struct form *form, struct evhttp_request *http, const struct form_read *read,
                           const char *digest)
{
    struct email *email = form->email;
    const char *own = read->to ? read->to : email->setting.own_from;
    char *to[] = {g_strdup(own), NULL}, *address = email_address_good(read->address);
    /* The mail gets no Date, which would make the same form a different mail (message.head). */
    char *id = compose_message_id("form", digest, email->setting.own_domain);
    char *mail =
        email_compose(&(struct composed){.message_id = id,
                                         .from = address,
                                         .from_name = read->name && *read->name ? read->name : NULL,
                                         .to = to,
                                         .subject = read->subject && *read->subject ? read->subject : "A form",
                                         .text = read->text,
                                         .parts = (const struct composed_part *)(const void *)read->files->data,
                                         .part_count = read->files->len});
    size_t length = strlen(mail);
    char *bytes = memory_zeroed(length + 1, 1);
    memcpy(bytes, mail, length);
    struct form_request *request = memory_zeroed(1, sizeof *request);
    request->ticket = ++form->tickets;
    asker_begin(&request->browser, http);
    g_hash_table_insert(form->waiting, &request->ticket, request);
    email_take(email, bytes, length, address, own, form_taken, email, request->ticket);
    g_free(mail), g_free(id), g_free(address), g_free(to[0]);
}

static void form_post(struct form *form, struct evhttp_request *http)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(http);
    size_t length = evbuffer_get_length(in);
    const char *body = length > 0 ? (const char *)evbuffer_pullup(in, -1) : "";
    struct form_read read;
    const char *why = form_read(&read, door_header(http, "Content-Type"), body, length);
    if (!why) why = form_wrong(form->email, &read);
    if (why) {
        form_http_answer(form, http, HTTP_BADREQUEST, why);
    } else {
        GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256); /* without the boundary, which differs each time */
        const char *fields[] = {read.name, read.address, read.subject, read.text, read.to};
        /* The same words on another day are a new request of a customer. */
        uint64_t day = form->email->services->wall_us(form->email->link) / DAY_US;
        g_checksum_update(sum, (const guchar *)&day, sizeof day);
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
            g_checksum_update(sum, (const guchar *)(fields[i] ? fields[i] : ""),
                              (gssize)(fields[i] ? strlen(fields[i]) : 0) + 1);
        for (guint i = 0; i < read.files->len; i++) {
            const struct composed_part *part = &g_array_index(read.files, struct composed_part, i);
            g_checksum_update(sum, (const guchar *)part->bytes, (gssize)part->length + 1);
        }
        form_hand_over(form, http, &read, g_checksum_get_string(sum));
        g_checksum_free(sum);
    }
    form_read_free(&read);
}

/* ---- requests ---- */

static void form_on_request(void *self, struct evhttp_request *http)
{
    struct form *form = self;
    struct email *email = form->email;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(http)), *origin = door_header(http, "Origin");
    if (g_strcmp0(path, FORM_PATH) != 0)
        form_http_answer(form, http, HTTP_NOTFOUND, "there is nothing here: POST " FORM_PATH);
    else if (evhttp_request_get_command(http) != EVHTTP_REQ_POST)
        form_http_answer(form, http, HTTP_BADMETHOD, "POST it");
    else if (*origin && !web_words_have(form->origins, origin))
        form_http_answer(form, http, 403, "pages of this web site may not send forms here");
    else if (!door_may_ask(form->door, http, email->setting.forms_per_minute))
        form_http_answer(form, http, 429, "these are too many: wait a minute");
    else if (email->held > email->setting.held || email_ready(email) != 0)
        form_http_answer(form, http, HTTP_SERVUNAVAIL, "it is not taken now: send it again later");
    else
        form_post(form, http);
}

/* ---- a life ---- */

static void form_request_free(gpointer data)
{
    struct form_request *request = data;
    (void)asker_end(&request->browser);
    free(request);
}

bool form_check(const struct email_setting *setting, char *why, size_t why_size)
{
    struct opening opening = FORM_OPENING(setting);
    char **origins = NULL;
    bool good = !*setting->forms || (opening_good(&opening, why, why_size) &&
                                     (origins = origins_read(setting->forms_origins, why, why_size)));
    g_strfreev(origins);
    return good;
}

struct form *form_new(struct email *email, char *why, size_t why_size)
{
    const struct email_setting *setting = &email->setting;
    struct opening opening = FORM_OPENING(setting);
    struct form *form = memory_zeroed(1, sizeof *form);
    form->email = email;
    form->waiting = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, form_request_free);
    form->origins = origins_read(setting->forms_origins, why, why_size);
    if (form->origins) {
        struct door_calls calls = {.self = form, .request = form_on_request};
        struct door_options options = {.message_max = 1,
                                       .body_max = setting->forms_size,
                                       .unknown_max = setting->forms_size,
                                       .bodies_max = setting->held,
                                       .connections = setting->connections,
                                       .per_address = setting->per_address,
                                       .proxy = setting_yes(setting->forms_proxy)};
        form->door = opening_door(&opening, &options, &calls, email->link, email->services, why, why_size);
        if (form->door) return form;
    }
    form_free(form);
    return NULL;
}

void form_tick(struct form *form)
{
    door_tick(form->door);
}

/* Frees the struct. Mails that are being taken then have no request to answer: form_taken() finds none. */
void form_free(struct form *form)
{
    if (!form) return;
    g_hash_table_destroy(form->waiting);
    door_free(form->door);
    g_strfreev(form->origins);
    free(form);
}
