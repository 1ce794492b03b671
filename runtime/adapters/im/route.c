/* runtime/adapters/im/route.c - Hands each stanza to its function: presence to the workers' states, messages to an
 * asker's or a worker's conversation, requests of software (IQ) to an answer. */
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/im/content.h"
#include "runtime/adapters/im/im.h"
#include "runtime/adapters/im/stanza.h"
#include "runtime/vocabulary/ident.h"

/* ---- questions ---- */

/* Answers a request of software, which gets exactly one answer (RFC 6120, 8.2.3); an answer gets none. */
static void on_question(struct im *im, const struct xml_node *stanza, const char *from, const char *to)
{
    const char *type = xml_attribute(stanza, "type"), *id = xml_attribute(stanza, "id");
    if (!id || !type || (strcmp(type, "get") != 0 && strcmp(type, "set") != 0)) return;
    bool get = strcmp(type, "get") == 0;
    bool ping = get && xml_child(stanza, "ping", "urn:xmpp:ping");
    bool about = get && xml_child(stanza, "query", "http://jabber.org/protocol/disco#info");
    GString *answer = im_stanza_begin("iq", ping || about ? "result" : "error", to, from, id);
    if (about)
        g_string_append(answer, "<query xmlns='http://jabber.org/protocol/disco#info'><identity category='client' "
                                "type='bot' name='gcx'/><feature var='" STATES_SPACE "'/><feature var='" RECEIPTS_SPACE
                                "'/><feature var='" FORM_SPACE "'/><feature var='" MARKERS_SPACE "'/>" STANZA_FEATURES
                                "<feature var='urn:xmpp:ping'/></query>");
    else if (!ping)
        g_string_append(answer, "<error type='cancel'><service-unavailable "
                                "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    g_string_append(answer, "</iq>");
    (void)im_stanza_go(im, answer);
}

/* ---- messages ---- */

/* Reads the interaction's number from QUEUE.IXN, the part of an address before the @; false: there is none. */
static bool local_ixn(const char *local, uint64_t *ixn)
{
    const char *dot = strrchr(local, '.');
    return dot && ident_read_ixn(dot + 1, ixn);
}

static const char *route_queue_of(const struct im *im, const char *local)
{
    for (char **queue = im->setting.all_queues; *queue; queue++)
        if (strcmp(*queue, local) == 0) return *queue;
    return NULL;
}

/* Writes the name that the asker's client gives, or else the part of the address before the @. */
static void asker_name(const struct xml_node *stanza, const char *bare, char name[JID_MAX])
{
    const char *nick = xml_child_text(stanza, "nick", "http://jabber.org/protocol/nick");
    im_jid_local(bare, name);
    if (*nick && strlen(nick) < 100 && !strpbrk(nick, "\n\r\t")) g_strlcpy(name, nick, JID_MAX);
}

/* Returns the id of a message whose client wants a receipt; NULL: it wants none. */
static const char *wants_receipt(const struct xml_node *stanza)
{
    return xml_child(stanza, "request", RECEIPTS_SPACE) ? stanza_id(stanza) : NULL;
}

/* Returns 1: the person types; 0: no longer; -1: the stanza does not say. */
static int says_typing(const struct xml_node *stanza)
{
    return xml_child(stanza, "composing", STATES_SPACE) ? 1 : xml_child(stanza, "paused", STATES_SPACE) ? 0 : -1;
}

static void of_asker(struct im *im, const struct xml_node *stanza, const char *bare, const char *queue,
                     const struct stanza_content *content)
{
    char name[JID_MAX];
    const char *received = stanza_id(xml_child(stanza, "received", RECEIPTS_SPACE));
    asker_name(stanza, bare, name);
    if (received) talk_received(im, bare, received);
    const char *displayed = stanza_id(xml_child(stanza, "displayed", MARKERS_SPACE));
    if (displayed) talk_displayed(im, bare, displayed);
    if (*content->text || content->said.kind != message_kind_other)
        talk_said(im, &(struct talk_said){bare, name, queue, stanza_id(stanza), wants_receipt(stanza),
                                          xml_child(stanza, "markable", MARKERS_SPACE) != NULL, content});
    else if (says_typing(stanza) >= 0)
        talk_typing(im, bare, queue, says_typing(stanza) == 1);
    else if (xml_child(stanza, "gone", STATES_SPACE))
        talk_left(im, bare, queue);
}

/* Returns the value of a filled-in form; NULL: the message has none. */
static const char *form_answer(const struct xml_node *stanza)
{
    const struct xml_node *form = xml_child(stanza, "x", FORM_SPACE);
    const char *type = form ? xml_attribute(form, "type") : NULL;
    if (!type || strcmp(type, "submit") != 0) return NULL;
    for (const struct xml_node *field = form->first; field; field = field->next) {
        const char *var = xml_attribute(field, "var");
        if (strcmp(field->name, "field") == 0 && var && strcmp(var, "answer") == 0)
            return xml_child_text(field, "value", NULL);
    }
    return NULL;
}

/* The customer has already received a message that a worker takes back. Only the worker is told, namely that it cannot
 * be taken back. */
static void of_expert(struct expert *expert, uint64_t ixn, const struct xml_node *stanza,
                      const struct stanza_content *content)
{
    const char *answer = form_answer(stanza), *displayed = stanza_id(xml_child(stanza, "displayed", MARKERS_SPACE));
    if (displayed) reply_displayed(expert, ixn, displayed);
    if (answer && *answer)
        reply_said(expert, ixn, answer, NULL);
    else if (content->said.kind == message_kind_deletion)
        reply_stays(expert, ixn);
    else if (content->said.kind == message_kind_reaction)
        expert_is_there(expert);
    else if (*content->text)
        reply_said(expert, ixn, content->text, wants_receipt(stanza));
    else if (says_typing(stanza) >= 0)
        reply_typing(expert, ixn, says_typing(stanza) == 1);
}

static void no_such_address(struct im *im, const struct xml_node *stanza, const char *from, const char *to)
{
    GString *answer = im_stanza_begin("message", "error", to, from, xml_attribute(stanza, "id"));
    g_string_append(answer, "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                            "</message>");
    (void)im_stanza_go(im, answer);
}

/* Tells the sender that a stanza was too large; only its addresses are known. */
static void route_skipped(struct im *im, const struct xml_node *stanza, const char *from, const char *to)
{
    const char *type = xml_attribute(stanza, "type");
    bool question = strcmp(stanza->name, "iq") == 0 && type && (strcmp(type, "get") == 0 || strcmp(type, "set") == 0);
    bool answers = question || (strcmp(stanza->name, "message") == 0 && (!type || strcmp(type, "error") != 0));
    im->services->count(im->link, "stanzas_skipped", 1);
    if (!im->told_skipped)
        im->services->log(im->link, GCX_LOG_WARNING, 0, 0, "a stanza of %.200s is not read: %s", from, stanza->skipped);
    im->told_skipped = true;
    if (!answers) return;
    GString *answer = im_stanza_begin(stanza->name, "error", to, from, xml_attribute(stanza, "id"));
    g_string_append_printf(answer,
                           "<error type='modify'><policy-violation "
                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></%s>",
                           stanza->name);
    (void)im_stanza_go(im, answer);
}

/* Handles a message. An error is never answered, so that two machines do not write to each other for ever. */
static void route_message(struct im *im, const struct xml_node *stanza, const char *from, const char *to)
{
    char bare[JID_MAX], ours[JID_MAX], local[JID_MAX];
    const char *type = xml_attribute(stanza, "type");
    uint64_t ixn;
    if (!im_jid_bare(from, bare) || !im_jid_bare(to, ours)) return;
    im_jid_local(ours, local);
    struct expert *expert = expert_by_jid(im, bare);
    const char *queue = route_queue_of(im, local);
    bool of_window = expert && local_ixn(local, &ixn);
    if (type && strcmp(type, "error") == 0) {
        const char *id = xml_attribute(stanza, "id"); /* NULL for receipts and typing notices */
        if (of_window && id) offer_failed(expert, ixn);
        if (queue && id) talk_failed(im, bare, id);
        return;
    }
    if (type && (strcmp(type, "groupchat") == 0 || strcmp(type, "headline") == 0)) return;
    struct stanza_content content;
    stanza_content(stanza, &content);
    if (of_window)
        of_expert(expert, ixn, stanza, &content);
    else if (queue)
        of_asker(im, stanza, bare, queue, &content);
    else if (*content.text)
        no_such_address(im, stanza, from, to);
    stanza_content_clear(&content);
}

void im_on_stanza(void *self, const struct xml_node *stanza)
{
    struct im *im = self;
    const char *from = xml_attribute(stanza, "from"), *to = xml_attribute(stanza, "to");
    if (!from || !to) return;
    if (stanza->skipped)
        route_skipped(im, stanza, from, to);
    else if (strcmp(stanza->name, "presence") == 0)
        experts_presence(im, stanza);
    else if (strcmp(stanza->name, "message") == 0)
        route_message(im, stanza, from, to);
    else if (strcmp(stanza->name, "iq") == 0)
        on_question(im, stanza, from, to);
}
