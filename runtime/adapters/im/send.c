/* runtime/adapters/im/send.c - Sends events to the core, and stanzas to the server.
 *
 *     <message type='chat' from='help@im.example' to='ann@example' id='g17...'>
 *       <body>Good morning</body>
 *       <active/>                 XEP-0085: not writing
 *       <request/>                XEP-0184: a receipt is wanted, under this id
 *       <markable/>               XEP-0333: and another one when it is read
 *     </message>
 *
 * Texts and addresses are escaped by stanza_put_text() and stanza_put_attribute(), and by nothing else. */
#include <stdio.h>

#include "runtime/adapters/im/im.h"
#include "runtime/adapters/im/stanza.h"

enum { LASTING = 16 /* bytes of an id that a client gives to one message only */ };

struct writer *im_begin(struct im *im, unsigned kind)
{
    writer_clear(&im->writer);
    writer_begin(&im->writer, kind);
    return &im->writer;
}

/* Posts the event, after those that conversations have posted: all events of this link keep one order. */
void im_post(struct im *im)
{
    outbox_post(&im->conversations.outbox, writer_end(&im->writer));
}

/* Makes a new id; the wall clock makes it differ from ids of the process before. */
void im_new_id(struct im *im, char id[IM_ID])
{
    snprintf(id, IM_ID, "g%llx-%llx", (unsigned long long)im->services->wall_us(im->link),
             (unsigned long long)++im->ids);
}

void im_lasting_id(const char *who, const char *its, char id[IM_ID])
{
    char *all = g_strdup_printf("%s\n%s", who, its);
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, all, -1);
    snprintf(id, IM_ID, "r%.32s", digest);
    g_free(digest), g_free(all);
}

bool im_id_lasts(const char *its)
{
    return its && strlen(its) >= LASTING;
}

/* Makes the store's id of a message. A message that comes again has the same id, so it is kept once. A long id is one
 * of a client that never gives it twice, and later messages may be about it. Some clients number their messages from
 * one whenever they start: the text counts, too, where the id is short. Without a receipt no client repeats messages,
 * and such a message has a new id. */
void im_id_of(struct im *im, const char *who, const char *its, const char *receipt, const char *text, char id[IM_ID])
{
    if (im_id_lasts(its)) {
        im_lasting_id(who, its, id);
    } else if (receipt) {
        char *both = g_strdup_printf("%s\n%s", receipt, text);
        im_lasting_id(who, both, id);
        g_free(both);
    } else {
        im_new_id(im, id);
    }
}

GString *im_stanza_begin(const char *name, const char *type, const char *from, const char *to, const char *id)
{
    GString *stanza = g_string_new(NULL);
    g_string_printf(stanza, "<%s", name);
    if (type) stanza_put_attribute(stanza, "type", type);
    stanza_put_attribute(stanza, "from", from);
    stanza_put_attribute(stanza, "to", to);
    if (id) stanza_put_attribute(stanza, "id", id);
    g_string_append_c(stanza, '>');
    return stanza;
}

/* Sends the stanza, and frees it in any case. False: the server is away, or does not read what was sent. */
bool im_stanza_go(struct im *im, GString *stanza)
{
    bool sent = component_send(im->component, stanza->str);
    g_string_free(stanza, TRUE);
    return sent;
}

/* Sends a text; `id` NULL: no receipt is wanted, and the message gets a new id. */
bool im_send_text(struct im *im, const char *from, const char *to, const char *id, const char *text)
{
    char own[IM_ID];
    if (!id) im_new_id(im, own);
    GString *stanza = im_stanza_begin("message", "chat", from, to, id ? id : own);
    g_string_append(stanza, "<body>");
    stanza_put_text(stanza, text);
    g_string_append(stanza, "</body><active xmlns='" STATES_SPACE "'/>");
    if (id) g_string_append(stanza, "<request xmlns='" RECEIPTS_SPACE "'/><markable xmlns='" MARKERS_SPACE "'/>");
    g_string_append(stanza, "</message>");
    return im_stanza_go(im, stanza);
}

/* Sends a question. A client that knows forms (XEP-0004) shows buttons; any other client shows the text. */
bool im_send_preview(struct im *im, const char *from, const char *to, const char *text)
{
    char id[IM_ID];
    im_new_id(im, id);
    GString *stanza = im_stanza_begin("message", "chat", from, to, id);
    g_string_append(stanza, "<body>");
    stanza_put_text(stanza, text);
    g_string_append(stanza, "</body><x xmlns='" FORM_SPACE "' type='form'><instructions>");
    stanza_put_text(stanza, text);
    g_string_append(stanza, "</instructions><field var='answer' type='list-single' label='Do you take it?'><required/>"
                            "<option label='Accept'><value>accept</value></option>"
                            "<option label='Decline'><value>decline</value></option></field></x></message>");
    return im_stanza_go(im, stanza);
}

/* `element` is the beginning of the element that says what became of the message `id`. */
static void send_became(struct im *im, const char *from, const char *to, const char *element, const char *id)
{
    GString *stanza = im_stanza_begin("message", "chat", from, to, NULL);
    g_string_append(stanza, element);
    stanza_put_attribute(stanza, "id", id);
    g_string_append(stanza, "/></message>");
    (void)im_stanza_go(im, stanza);
}

void im_send_receipt(struct im *im, const char *from, const char *to, const char *id)
{
    send_became(im, from, to, "<received xmlns='" RECEIPTS_SPACE "'", id);
}

void im_send_read(struct im *im, const char *from, const char *to, const char *id)
{
    send_became(im, from, to, "<displayed xmlns='" MARKERS_SPACE "'", id);
}

bool im_send_state(struct im *im, const char *from, const char *to, bool typing)
{
    GString *stanza = im_stanza_begin("message", "chat", from, to, NULL);
    g_string_append_printf(stanza, "<%s xmlns='" STATES_SPACE "'/></message>", typing ? "composing" : "active");
    return im_stanza_go(im, stanza);
}

void im_send_presence(struct im *im, const char *type, const char *from, const char *to)
{
    GString *stanza = im_stanza_begin("presence", type, from, to, NULL);
    g_string_append(stanza, "</presence>");
    (void)im_stanza_go(im, stanza);
}
