/* runtime/sim/refusing.c - Checks an effect by the rules of denied.h and the site, as the adapter that gets the
 * effect would.
 *
 * Without a site only the rules about the form apply, and the default numbers of `answers`. If the link is unknown,
 * any of the adapter's may be meant: then only what all of them refuse is refused. */
#include "runtime/sim/refusing.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/vocabulary/contract.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/person.h"

static uint64_t refusing_key(const void *owner, uint32_t slot)
{
    return ((const struct refusing *)owner)->addresses[slot].key;
}

void refusing_init(struct refusing *refusing)
{
    *refusing = (struct refusing){0};
    lookup_init(&refusing->by_key, refusing, refusing_key);
}

void refusing_free(struct refusing *refusing)
{
    lookup_free(&refusing->by_key);
    free(refusing->addresses);
}

/* ---- to whom a machine writes ---- */

static struct denied_machine *refusing_machine(struct refusing *refusing, uint64_t key)
{
    uint32_t slot;
    if (!lookup_find(&refusing->by_key, key, &slot)) {
        slot = refusing->count++;
        refusing->addresses = memory_more(refusing->addresses, slot, sizeof *refusing->addresses);
        refusing->addresses[slot] = (struct refusing_address){.key = key};
        lookup_add(&refusing->by_key, slot);
    }
    return &refusing->addresses[slot].machine;
}

/* Returns a hash of an address of one adapter, in the form in which people are compared. */
static uint64_t refusing_hash(const char *adapter, struct span address)
{
    char form[PERSON_MAX + 1];
    uint64_t key = 0;
    if (!person_form(address, NULL, form)) return 0;
    for (const char *at = adapter; *at; at++) key = table_mix64(key ^ (uint8_t)*at);
    for (const char *at = form; *at; at++) key = table_mix64(key ^ (uint8_t)*at);
    return key;
}

/* May the step use that link: the interaction's own link, or else one of the adapter? */
static bool refusing_may_be(const struct refusing_asked *asked, const struct sim_link *link, const char *adapter)
{
    if (asked->link && strcmp(asked->link->plugin, adapter) == 0) return link == asked->link;
    return strcmp(link->plugin, adapter) == 0;
}

static bool refusing_link_owns(const struct sim_link *link, struct span address)
{
    for (size_t i = 0; i < link->own_count; i++)
        if (denied_is_ours(link->own[i], address)) return true;
    return false;
}

/* Is the address one of our own, for each link that may send to it? `*most`: how many of our automatic messages it
 * may get within ten minutes. */
static bool refusing_ours(const struct refusing_asked *asked, const char *adapter, struct span address, uint64_t *most)
{
    bool all = true, any = false;
    *most = asked->site ? 0 : contract_limit(adapter, "ANSWERS");
    for (size_t i = 0; asked->site && i < asked->site->link_count; i++) {
        const struct sim_link *link = &asked->site->links[i];
        if (!refusing_may_be(asked, link, adapter)) continue;
        any = true;
        all = all && refusing_link_owns(link, address);
        if (link->answers > *most) *most = link->answers;
    }
    if (*most == 0) *most = UINT64_MAX; /* a plugin that is not of the tree, or one on another machine */
    return any && all;
}

/* Counts one more automatic message to the address, and refuses it if there are too many. */
static enum contract_why refusing_robots(struct refusing *refusing, const struct refusing_asked *asked,
                                         const char *adapter, struct span address, uint64_t key)
{
    uint64_t most;
    if (refusing_ours(asked, adapter, address, &most)) return WHY_ours;
    return denied_machine_often(refusing_machine(refusing, key), most, asked->now_us) ? WHY_often : WHY_none;
}

static bool refusing_is_machine(const struct message *effect)
{
    struct kv_value automatic;
    return message_text(effect, SendMessage_template).length != 0 ||
           kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic);
}

/* Why a step about a mail is refused that a machine wrote, according to its user data or its sender. `to`: to whom
 * it is to be forwarded, or empty. */
static enum contract_why refusing_machine_wrote(const struct refusing_asked *asked, struct span to)
{
    uint64_t most;
    bool ours = asked->site && refusing_ours(asked, "email", asked->customer, &most);
    return denied_machine_wrote(ours ? span_of("own_address") : asked->automatic, asked->customer, to);
}

/* Has one of the known links that may send the mail the given standard response? */
static bool refusing_has_response(const struct refusing_asked *asked, struct span name)
{
    bool unknown = !asked->site || name.length == 0, any = false;
    for (size_t i = 0; !unknown && i < asked->site->link_count; i++) {
        const struct sim_link *link = &asked->site->links[i];
        if (!refusing_may_be(asked, link, "email")) continue;
        any = true;
        unknown = !link->responses_known;
        for (size_t k = 0; !unknown && k < link->response_count; k++) unknown = span_is(name, link->responses[k]);
    }
    return unknown || !any;
}

enum { REFUSING_MAIL_MAX = 50 }; /* addresses of a mail */

/* Checks a mail; each address is counted, even those after one that causes the refusal. Texts that are not addresses
 * are skipped. An agent's released reply is sent to the author of the original mail, whose address a test does not
 * say. */
static enum contract_why refusing_mail(struct refusing *refusing, const struct refusing_asked *asked,
                                       const struct message *effect)
{
    enum contract_why refused = WHY_none;
    bool any = false, machine = refusing_is_machine(effect), passes = strcmp(asked->call->step, "email.redirect") == 0;
    bool answers = message_text(effect, SendMessage_reply_to).length != 0,
         forwards = strcmp(asked->call->step, "email.forward") == 0;
    uint32_t at = 0, count = 0;
    uint64_t most;
    struct span to;
    while (message_next_text(message_text(effect, SendMessage_to), &at, &to) && count < REFUSING_MAIL_MAX) {
        if (!denied_mail_good(to)) continue;
        any = true;
        count++;
        enum contract_why why = !machine ? WHY_none
                                : passes ? (refusing_ours(asked, "email", to, &most) ? WHY_passed_on : WHY_none)
                                         : refusing_robots(refusing, asked, "email", to, refusing_hash("email", to));
        if (why == WHY_none && machine && answers && !passes)
            why = refusing_machine_wrote(asked, forwards ? to : (struct span){0});
        if (refused == WHY_none) refused = why;
    }
    if (!any && machine) return WHY_address;
    bool written = refused != WHY_none || refusing_has_response(asked, message_text(effect, SendMessage_template));
    return written ? refused : WHY_template;
}

/* Characters, and not bytes. */
static size_t refusing_length(struct span text)
{
    size_t count = 0;
    for (uint32_t i = 0; i < text.length; i++) count += (text.bytes[i] & 0xc0) != 0x80;
    return count;
}

/* Is it too late to answer, for each link that may have the conversation? */
static enum contract_why refusing_window(const struct refusing_asked *asked, const char *adapter)
{
    enum contract_why why = WHY_none;
    if (denied_exit(adapter, WHY_window) == code_ok) return why;
    for (size_t i = 0; asked->talks && asked->site && i < asked->site->link_count; i++) {
        const struct sim_link *link = &asked->site->links[i];
        if (!refusing_may_be(asked, link, adapter)) continue;
        why = denied_window(link->window_s, (int64_t)asked->said_us, (int64_t)asked->now_us);
        if (why == WHY_none) break;
    }
    return why;
}

/* Checks a message to a person: one in a conversation, or a short message to a number. */
static enum contract_why refusing_message(struct refusing *refusing, const struct refusing_asked *asked,
                                          const char *adapter, const struct message *effect)
{
    bool texts = strcmp(asked->call->step, "sms.send") == 0;
    uint32_t most = texts ? asked->texts.sms : strcmp(asked->call->step, "social.reply") == 0 ? asked->texts.social : 0;
    char form[PERSON_MAX + 1];
    const char *unread;
    uint32_t at = 0;
    struct span to = asked->customer;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    enum contract_why late = refusing_window(asked, adapter);
    if (late != WHY_none) return late;
    bool dials = texts && denied_exit(adapter, WHY_nobody) != code_ok && (!asked->talks || to.length != 0);
    /* a sender with a name in place of a number may send messages, but cannot be answered */
    if (dials && !person_dialled(to, NULL, form, &unread)) return WHY_nobody;
    if (refusing_is_machine(effect)) {
        uint64_t key = to.length != 0 ? refusing_hash(adapter, to) : table_mix64(message_u(effect, ENVELOPE_ixn));
        enum contract_why why = refusing_robots(refusing, asked, adapter, to, key);
        if (why != WHY_none) return why;
    }
    return most != 0 && refusing_length(message_text(effect, SendMessage_text)) > most ? WHY_text : WHY_none;
}

/* ---- calling lists ---- */

/* Checks a number as the site's dialers read it; without a site its country is unknown. */
enum contract_why refusing_number(const struct sim_site *site, struct span number)
{
    char form[PERSON_MAX + 1];
    const char *unread;
    bool any = false, good = false;
    for (size_t i = 0; site && i < site->link_count; i++) {
        if (!site->links[i].lists) continue;
        any = true;
        good |= person_number(number, site->links[i].country, form);
    }
    return (any ? good : person_dialled(number, NULL, form, &unread)) ? WHY_none : WHY_number;
}

static const struct sim_list *refusing_list(const struct sim_site *site, struct span name)
{
    for (size_t i = 0; i < site->list_count; i++)
        if (span_is(name, site->lists[i].name)) return &site->lists[i];
    return NULL;
}

static enum contract_why refusing_field(const struct sim_list *list, const struct kv_pair *pair)
{
    bool texts = pair->value.tag == KV_TEXT && pair->value.span.length != 0;
    if (denied_is_column(pair->key)) return WHY_none;
    for (size_t i = 0; i < list->field_count; i++)
        if (span_is(pair->key, list->fields[i].name))
            return texts && list->fields[i].number && !denied_is_figure(pair->value.span) ? WHY_figure : WHY_none;
    return WHY_field;
}

static enum contract_why refusing_record(const struct refusing_asked *asked, const struct message *effect)
{
    struct span name = message_text(effect, AddRecord_list);
    struct kv_value fields = {.tag = KV_NONE};
    struct kv_pair pair;
    enum contract_why why = refusing_number(asked->site, message_text(effect, AddRecord_number));
    bool known = asked->site && asked->site->lists_known;
    const struct sim_list *list = known && name.length != 0 ? refusing_list(asked->site, name) : NULL;
    if (why != WHY_none || name.length == 0) return why;
    if (known && !list) return WHY_list;
    (void)kv_get(message_text(effect, AddRecord_fields), "fields", &fields);
    if (fields.tag != KV_LIST) return WHY_none;
    why = denied_fields(fields.span);
    for (uint32_t at = 0; why == WHY_none && list && kv_next(fields.span, &at, &pair);)
        if (pair.value.tag != KV_NONE) why = refusing_field(list, &pair);
    return why;
}

static enum contract_why refusing_cancel(const struct sim_site *site, const struct message *effect)
{
    struct span list = message_text(effect, CancelRecord_list);
    enum contract_why why = refusing_number(site, message_text(effect, CancelRecord_number));
    bool unknown = site && site->lists_known && list.length != 0 && !refusing_list(site, list);
    return why == WHY_none && unknown ? WHY_list : why;
}

/* ---- the decision about an effect ---- */

enum contract_why refusing_why(struct refusing *refusing, const struct refusing_asked *asked,
                               const struct message *effect, enum code *exit)
{
    const char *adapter = contract_sender(asked->call->step);
    enum contract_why why = WHY_none;
    *exit = code_ok;
    if (!adapter) return WHY_none;
    if (effect->kind == KIND_NoteConsent) {
        why = refusing_number(asked->site, message_text(effect, NoteConsent_number));
    } else if (effect->kind == KIND_CancelRecord) {
        why = refusing_cancel(asked->site, effect);
    } else if (effect->kind == KIND_AddRecord) {
        why = refusing_record(asked, effect);
    } else if (effect->kind == KIND_SendMessage && strcmp(adapter, "email") == 0) {
        why = refusing_mail(refusing, asked, effect);
    } else if (effect->kind == KIND_SendMessage) {
        if (asked->talks && asked->link) adapter = asked->link->plugin;
        why = refusing_message(refusing, asked, adapter, effect);
    }
    if (why != WHY_none) *exit = denied_exit(adapter, why);
    /* an adapter that does not know this reason for a refusal accepts the message */
    return *exit == code_ok ? WHY_none : why;
}
