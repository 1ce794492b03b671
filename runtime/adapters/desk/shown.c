/* runtime/adapters/desk/shown.c - The core's reports about interactions and agents, as browsers see them.
 *
 * Here an effect becomes a message of openapi.json, and goes to the agents whom it concerns: those who are offered
 * the interaction or have it (each_with), those who have it (each_hears), or those who watch an object (watch_tell).
 * Times are milliseconds in messages. The core's own words (states, causes, kinds) are passed on as they are. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/json_kv.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/adapters/desk/who.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_work.h"
#include "base/utf8.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/rows.h"

static void item_put_moment(json_t *object, const char *key, int64_t us)
{
    if (us != 0) json_object_set_new(object, key, json_integer(us / MS));
}

/* Sends the message to every agent of this desk who is offered the interaction or has it; takes the reference. */
static void each_with(struct desk *desk, uint64_t ixn, json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value))
        if (item_of(value, ixn)) agent_tell(value, json_incref(message));
    json_decref(message);
}

/* Sends a conversation's message to every agent of this desk who has the interaction; one who is only offered it
 * reads the message afterwards, if at all. `only`: a list of names; empty: all agents. Takes the reference. */
static void each_hears(struct desk *desk, uint64_t ixn, struct span only, json_t *message)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct desk_agent *agent = value;
        const struct item *item = item_of(agent, ixn);
        struct span name;
        uint32_t next = 0;
        bool meant = only.length == 0;
        while (!meant && message_next_text(only, &next, &name)) meant = span_is(name, agent->name);
        if (meant && item && item->open) agent_tell(agent, json_incref(message));
    }
    json_decref(message);
}

/* ---- offers ---- */

static const char *mode_name(const struct message *effect)
{
    return enum_name_invite_mode(message_u(effect, Invite_mode));
}

/* Returns the offer as the page gets it; what the core does not say is left out. */
static json_t *invite_json(const struct message *effect)
{
    char ixn[IXN_TEXT];
    uint64_t move = message_u(effect, Invite_move);
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    json_t *shown =
        json_pack("{s:s, s:I, s:s, s:s, s:o}", "ixn", ixn, "claim", (json_int_t)message_u(effect, Invite_claim),
                  "media", enum_name_media(message_u(effect, Invite_media)), "mode", mode_name(effect), "data",
                  json_from_kv(message_text(effect, Invite_data)));
    desk_put_text(shown, "medium", message_text(effect, Invite_medium));
    desk_put_text(shown, "external_id", message_text(effect, Invite_external_id));
    desk_put_text(shown, "from", message_text(effect, Invite_from)),
        desk_put_text(shown, "to", message_text(effect, Invite_to));
    desk_put_text(shown, "subject", message_text(effect, Invite_subject));
    desk_put_text(shown, "by", message_text(effect, Invite_by));
    desk_put_text(shown, "vq", message_text(effect, Invite_vq));
    item_put_moment(shown, "received", message_i(effect, Invite_received));
    item_put_moment(shown, "due", message_i(effect, Invite_due));
    item_put_moment(shown, "reply_due", message_i(effect, Invite_reply));
    item_put_moment(shown, "away_due", message_i(effect, Invite_away));
    if (move != 0) {
        char *name = g_ascii_strdown(enum_name_move(move), -1);
        json_object_set_new(shown, "move", json_string(name));
        g_free(name);
    }
    ident_print_ixn(message_u(effect, Invite_parent), ixn);
    if (message_u(effect, Invite_parent) != 0) json_object_set_new(shown, "parent", json_string(ixn));
    return shown;
}

static void not_shown(struct desk *desk, const struct message *effect)
{
    adapter_answer_done(&desk->writer, effect, outcome_error, code_unreached);
    desk_core_post(desk);
}

/* Returns the offer's kind of claim; a core of an older version sends only the move, from which the kind follows. */
static enum claim_kind shown_claim_kind(const struct message *effect)
{
    enum claim_kind kind = (enum claim_kind)message_u(effect, Invite_kind);
    uint64_t move = message_u(effect, Invite_move);
    if (kind != claim_kind_none) return kind;
    return move == move_Monitor      ? claim_kind_monitor
           : move == move_Consult    ? claim_kind_consulted
           : move == move_Conference ? claim_kind_party
                                     : claim_kind_owner;
}

/* Handles an Invite: an offer, or an interaction that the agent has at once (forced), or one that a resync shows
 * again. */
void shown_invite(struct desk *desk, const struct message *effect)
{
    char name[NAME_SIZE];
    bool forced = message_u(effect, Invite_mode) == invite_mode_forced;
    uint64_t ixn = message_u(effect, ENVELOPE_ixn);
    text_set_span(name, sizeof name, message_text(effect, Invite_agent));
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, name);
    /* What was offered before this process began waits for the page, which is on its way. */
    if (!agent || (agent->ticket == 0 && !agent->restored && !forced)) {
        if (!forced) not_shown(desk, effect);
        return;
    }
    struct item *item = item_of(agent, ixn);
    if (item && !item->seen && item->claim != message_u(effect, Invite_claim)) {
        /* the agent has lost the interaction while the core was away, and is asked anew: nobody was told that the first
         * offer was withdrawn */
        item_end(item, "gone");
        item = NULL;
    }
    bool was_open = item && item->open;
    if (!item) item = item_new(agent, ixn);
    assert(item->agent == agent && item->ixn == ixn);
    int64_t countdown = message_i(effect, Invite_countdown);
    item->claim = message_u(effect, Invite_claim);
    item->kind = shown_claim_kind(effect);
    item->seen = true;
    item->until_us = countdown > 0 ? desk_now_us(desk) + (uint64_t)countdown : 0;
    static const char *const stay[] = {"others", "watchers", "who"};
    json_t *shown = invite_json(effect);
    for (size_t i = 0; i < sizeof stay / sizeof stay[0]; i++) {
        json_t *before = item->shown ? json_object_get(item->shown, stay[i]) : NULL;
        if (before) json_object_set(shown, stay[i], before);
    }
    json_decref(item->shown);
    item->shown = shown;
    item->stored = json_integer_value(json_object_get(json_object_get(item->shown, "data"), "stored"));
    item->open = was_open || forced;
    item->awaited = false;
    held_shows(item);
    if (item->open) over_shown(item);
    if (forced && !was_open) {
        item_opens(item);
        held_opens(item);
    } else
        item_tell(item);
    who_ask(item);
}

void shown_withdraw(struct desk *desk, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), claim = message_u(effect, Withdraw_claim);
    const char *reason = enum_name_cause(message_u(effect, Withdraw_reason));
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct item *item = item_of(value, ixn);
        if (!item || item->claim != claim) continue;
        held_withdrawn(item, (enum cause)message_u(effect, Withdraw_reason));
        item_end(item, over_begin(item, reason) ? NULL : reason);
    }
}

/* ---- chats ---- */

/* Puts the kind of a message that is neither a text nor a file: pages read in the transcript what it consists of. */
static void put_kind(json_t *told, const struct message *effect)
{
    enum message_kind kind = (enum message_kind)message_u(effect, SendMessage_kind);
    if (kind > message_kind_push) json_object_set_new(told, "kind", json_string(enum_name_message_kind(kind)));
}

static void put_file(json_t *told, const struct message *effect)
{
    struct message blob;
    char key[24];
    if (message_u(effect, SendMessage_kind) != message_kind_file || !message_has(effect, SendMessage_body)) return;
    message_record(&blob, row_of_record(TYPE_ONE_BLOB), message_text(effect, SendMessage_body));
    if (text_set_span(key, sizeof key, message_text(&blob, Blob_key)))
        json_object_set_new(told, "file", json_integer(g_ascii_strtoll(key, NULL, 10)));
}

/* Returns the word for what became of a message; "": the effect does not say. */
static const char *fared_name(const struct message *effect)
{
    switch (message_u(effect, SendMessage_notice)) {
    case notice_accepted:
        return "accepted";
    case notice_delivered:
        return "delivered";
    case notice_read:
        return "read";
    case notice_failed:
        return "failed";
    case notice_unknown:
        return "unknown";
    default:
        return "";
    }
}

/* Tells pages whether an agent's message has reached the provider or the customer. */
static void shown_fared(struct desk *desk, const struct message *effect)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    json_t *told =
        json_pack("{s:s, s:s, s:s, s:s}", "type", "delivery", "ixn", ixn, "msg_id", "", "state", fared_name(effect));
    desk_put_text(told, "msg_id", message_text(effect, SendMessage_msg_id));
    each_hears(desk, message_u(effect, ENVELOPE_ixn), message_text(effect, SendMessage_to), told);
}

/* Sends pages a message of a chat, or that somebody is typing. */
void shown_send_message(struct desk *desk, const struct message *effect)
{
    char ixn[IXN_TEXT];
    struct span only = message_text(effect, SendMessage_to);
    const char *role = enum_name_party_role(message_u(effect, SendMessage_role));
    json_t *told;
    bool notice = message_u(effect, SendMessage_kind) == message_kind_notice;
    bool customer = !notice && message_u(effect, SendMessage_role) == party_role_customer;
    if (notice && message_u(effect, SendMessage_notice) == notice_read &&
        message_u(effect, SendMessage_role) == party_role_agent)
        return; /* an agent of another desk has read what the customer wrote */
    if (notice && *fared_name(effect)) {
        shown_fared(desk, effect);
        return;
    }
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    if (notice)
        told = json_pack("{s:s, s:s, s:b, s:s}", "type", "typing", "ixn", ixn, "on",
                         message_u(effect, SendMessage_notice) == notice_typing, "role", role);
    else {
        told = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "type", "message", "ixn", ixn, "msg_id", "", "role",
                         role, "visible", enum_name_visible(message_u(effect, SendMessage_visible)), "text", "", "at",
                         (json_int_t)(desk->services->wall_us(desk->link) / MS));
        desk_put_text(told, "msg_id", message_text(effect, SendMessage_msg_id));
        desk_put_text(told, "text", message_text(effect, SendMessage_text));
        put_file(told, effect);
        put_kind(told, effect);
    }
    desk_put_text(told, "from", message_text(effect, SendMessage_from));
    each_hears(desk, message_u(effect, ENVELOPE_ixn), only, told);
    if (customer) receipts_heard(desk, message_u(effect, ENVELOPE_ixn));
}

/* Keeps changed data in the items of this desk's agents, so that an agent who comes back sees the present data. */
static void keep_data(struct desk *desk, uint64_t ixn, const json_t *changed, const json_t *deleted)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct item *item = item_of(value, ixn);
        json_t *data = item ? json_object_get(item->shown, "data") : NULL;
        if (!json_is_object(data) || !json_is_object(changed)) continue;
        json_object_update(data, (json_t *)changed);
        for (size_t i = 0; i < json_array_size(deleted); i++)
            json_object_del(data, json_string_value(json_array_get(deleted, i)));
        if (json_object_get(changed, "address_verified")) who_ask(item);
    }
}

/* Tells pages the changed data: changed keys with their values, deleted ones by name. */
void shown_data_changed(struct desk *desk, const struct message *effect)
{
    char ixn[IXN_TEXT];
    struct span deleted = message_text(effect, EventAttachedDataChanged_deleted), key;
    uint32_t next = 0;
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    json_t *told = json_pack("{s:s, s:s, s:o, s:[]}", "type", "data", "ixn", ixn, "changed",
                             json_from_kv(message_text(effect, EventAttachedDataChanged_changed)), "deleted");
    while (message_next_text(deleted, &next, &key))
        json_array_append_new(json_object_get(told, "deleted"), json_stringn((const char *)key.bytes, key.length));
    desk_put_text(told, "by", message_text(effect, EventAttachedDataChanged_by));
    keep_data(desk, message_u(effect, ENVELOPE_ixn), json_object_get(told, "changed"),
              json_object_get(told, "deleted"));
    each_with(desk, message_u(effect, ENVELOPE_ixn), told);
}

/* ---- notices ---- */

struct notice_told {
    const struct message *effect;
    struct span value;
    char name[NAME_SIZE];
};

static struct span shown_value_text(struct span value, const char *key)
{
    struct kv_value found;
    return kv_get(value, key, &found) && found.tag == KV_TEXT ? found.span : (struct span){0};
}

static int64_t value_number(struct span value, const char *key)
{
    struct kv_value found;
    return kv_get(value, key, &found) && found.tag == KV_INT ? found.word : 0;
}

/* Returns an agent's states by medium; the rest of the core's value has names of its own. */
static json_t *shown_states(struct span value)
{
    json_t *states = json_object();
    struct kv_pair pair;
    uint32_t at = 0;
    while (kv_next(value, &at, &pair))
        if (enum_value_media((const char *)pair.key.bytes, pair.key.length) > 0 && pair.value.tag == KV_TEXT)
            json_object_setn_new(states, (const char *)pair.key.bytes, pair.key.length,
                                 json_stringn((const char *)pair.value.span.bytes, pair.value.span.length));
    return states;
}

/* Returns the reasons of these states, by medium. The core does not know the reasons of states that a resync
 * reported; while such a state lasts, the reason known before is used. */
static json_t *reasons_json(const struct desk_agent *agent, json_t *states, struct span value)
{
    struct kv_value told;
    bool any = kv_get(value, "reasons", &told) && told.tag == KV_LIST;
    json_t *reasons = any ? json_from_kv(told.span) : json_object();
    const char *media;
    json_t *state;
    if (agent) json_object_foreach(states, media, state)
        {
            json_t *before = json_object_get(agent->reasons, media);
            if (before && json_equal(state, json_object_get(agent->states, media)))
                json_object_set_new(
                    reasons, media,
                    json_incref(json_object_get(reasons, media) ? json_object_get(reasons, media) : before));
        }
    return reasons;
}

/* Keeps the states; in a resync the core reports again those that it last confirmed for this desk's agents. */
static void keep_states(struct desk_agent *agent, json_t *states, json_t *reasons, json_t *told)
{
    bool same = json_equal(agent->states, states) && json_equal(agent->reasons, reasons);
    json_decref(agent->states);
    json_decref(agent->reasons);
    json_decref(agent->told);
    agent->states = json_incref(states);
    agent->reasons = json_incref(reasons);
    agent->told = json_incref(told);
    if (!same) remember_agent(agent);
}

/* Writes how people call who has done something: a person of this desk by the own name, and without the account for
 * which the desk is known to gcxvm, as in `paul by gcx(997)`. */
static void actor_shown(struct desk *desk, struct span by, char name[NAME_SIZE])
{
    static const char account[] = " by ";
    uint32_t at = by.length;
    while (at > 0 && (at + 4 > by.length || memcmp(by.bytes + at, account, 4) != 0)) at--;
    if (at > 0) by.length = at;
    if (!text_set_span(name, NAME_SIZE, by)) return;
    const struct desk_agent *agent = g_hash_table_lookup(desk->agents, name);
    if (agent && *agent->display) text_set(name, NAME_SIZE, agent->display);
}

/* Tells the agent who has set the state, once. `by` empty: nobody has. */
static void setter_told(struct desk_agent *agent, struct span by, struct span state, struct span why)
{
    bool ready = span_is(state, "ready"), out = !ready && !span_is(state, "not_ready"), because = why.length != 0;
    char name[NAME_SIZE] = "";
    json_t *values = json_object();
    if (by.length != 0) {
        actor_shown(agent->desk, by, name);
        json_object_set_new(values, "by", json_string(name));
        desk_put_text(values, "why", why);
    }
    const char *form = agent_notice_form(out     ? (because ? NOTED_logged_out_why : NOTED_logged_out)
                                         : ready ? (because ? NOTED_made_ready_why : NOTED_made_ready)
                                                 : (because ? NOTED_made_not_ready_why : NOTED_made_not_ready));
    char *text = by.length != 0 ? agent_sentence_of(form, values) : g_strdup("");
    text[utf8_cut(text, strlen(text), SET_BY_SIZE - 1)] = 0;
    bool told = strcmp(text, agent->set_by) == 0;
    text_set(agent->set_by, sizeof agent->set_by, text);
    if (!told && *text) agent_notice_of(agent, out ? "logged_out" : "set_by", form, json_incref(values), NULL);
    json_decref(values);
    g_free(text);
}

void shown_logged_out(struct desk_agent *agent, const char *by, const char *why)
{
    setter_told(agent, span_of(by), span_of("logged_out"), span_of(why));
}

/* Tells an agent of this desk who has set the state for them, and why. The core repeats it while the state lasts in
 * some medium. */
static void tell_setter(struct desk_agent *agent, struct span value)
{
    setter_told(agent, shown_value_text(value, "by"), shown_value_text(value, "set"), shown_value_text(value, "why"));
}

/* An agent's states have changed in the core; those of this desk's agents are kept too. */
static void shown_agent_changed(struct desk *desk, const struct notice_told *notice)
{
    const char *name = notice->name;
    struct span value = notice->value;
    json_t *states = shown_states(value);
    json_t *told = json_pack("{s:s, s:s, s:O, s:I}", "type", "states", "agent", name, "states", states, "has",
                             (json_int_t)value_number(value, "has"));
    struct desk_agent *agent = g_hash_table_lookup(desk->agents, name);
    desk_put_text(told, "reason", shown_value_text(value, "reason")),
        desk_put_text(told, "place", shown_value_text(value, "place"));
    desk_put_text(told, "display", shown_value_text(value, "display"));
    struct span by = shown_value_text(value, "by"), why = shown_value_text(value, "why");
    desk_put_text(told, "by", by);
    desk_put_text(told, "why", why);
    struct kv_value media;
    if (kv_get(value, "media", &media) && media.tag == KV_LIST)
        json_object_set_new(told, "media", json_from_kv(media.span));
    json_t *reasons = reasons_json(by.length == 0 ? agent : NULL, states, value);
    json_object_set_new(told, "reasons", reasons);
    if (agent) keep_states(agent, states, reasons, told);
    if (agent) tell_setter(agent, value);
    if (agent) text_set_span(agent->display, sizeof agent->display, shown_value_text(value, "display"));
    json_decref(states);
    watch_tell(desk, object_agent, name, NULL, told);
}

static void shown_count_changed(struct desk *desk, const struct notice_told *notice)
{
    char whose[NAME_SIZE];
    const char *name = notice->name;
    const struct message *effect = notice->effect;
    enum object object = (enum object)message_u(effect, Notify_object);
    json_t *told = json_pack("{s:s, s:s, s:s, s:I}", "type", "count", "object", enum_name_object(object), "name", name,
                             "count", (json_int_t)value_number(notice->value, "count"));
    text_set_span(whose, sizeof whose, message_text(effect, Notify_whose));
    desk_put_text(told, "whose", message_text(effect, Notify_whose));
    watch_tell(desk, object, name, *whose ? whose : NULL, told);
}

static void shown_interaction(struct desk *desk, const struct notice_told *notice, bool stopped)
{
    const char *name = notice->name;
    struct span value = notice->value;
    json_t *told = json_pack("{s:s, s:s, s:b}", "type", "changed", "ixn", name, "stopped", stopped);
    desk_put_text(told, "state", shown_value_text(value, "state")),
        desk_put_text(told, "owner", shown_value_text(value, "owner"));
    desk_put_text(told, "owner_kind", shown_value_text(value, "owner_kind"));
    watch_tell(desk, object_interaction, name, NULL, told);
}

static void shown_interaction_changed(struct desk *desk, const struct notice_told *notice)
{
    shown_interaction(desk, notice, false);
}

static void shown_interaction_stopped(struct desk *desk, const struct notice_told *notice)
{
    shown_interaction(desk, notice, true);
}

/* Opens the interaction of a preview: the agent, who has accepted, has it now. */
static void item_arrives(struct desk *desk, uint64_t ixn, struct span name)
{
    char own[NAME_SIZE];
    struct desk_agent *agent = text_set_span(own, sizeof own, name) ? g_hash_table_lookup(desk->agents, own) : NULL;
    struct item *item = agent ? item_of(agent, ixn) : NULL;
    if (item && item->awaited) item_opens(item);
}

static void item_list_party(struct item *item, const char *list, const char *name, bool on)
{
    json_t *names = json_array(), *before = json_object_get(item->shown, list);
    for (size_t i = 0; i < json_array_size(before); i++)
        if (strcmp(json_string_value(json_array_get(before, i)), name) != 0)
            json_array_append(names, json_array_get(before, i));
    if (on) json_array_append_new(names, json_string(name));
    json_object_set_new(item->shown, list, names);
}

/* Lists the agent `who` at each other agent's item of the interaction, as one of the others or as one who looks on, or
 * takes them out. The page gets the lists with the message `opened`, so an agent who comes back sees them. */
static void item_keep_party(struct desk *desk, uint64_t ixn, struct span who, struct span role, bool on)
{
    bool watches = span_is(role, enum_name_party_role(party_role_supervisor));
    GHashTableIter at;
    gpointer value;
    char name[NAME_SIZE];
    if (!text_set_span(name, sizeof name, who) || !*name) return;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct desk_agent *agent = value;
        struct item *item = item_of(agent, ixn);
        if (!item || strcmp(agent->name, name) == 0) continue;
        item_list_party(item, "others", name, on && !watches);
        item_list_party(item, "watchers", name, on && watches);
    }
}

static void shown_party(struct desk *desk, const struct notice_told *notice, bool on)
{
    char ixn[IXN_TEXT];
    const struct message *effect = notice->effect;
    struct span value = notice->value, role = shown_value_text(value, "role");
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    item_keep_party(desk, message_u(effect, ENVELOPE_ixn), shown_value_text(value, "agent"), role, on);
    json_t *told =
        json_pack("{s:s, s:s, s:s, s:s, s:b}", "type", "party", "ixn", ixn, "agent", "", "role", "agent", "on", on);
    desk_put_text(told, "agent", shown_value_text(value, "agent"));
    desk_put_text(told, "role", role);
    if (on) item_arrives(desk, message_u(effect, ENVELOPE_ixn), shown_value_text(value, "agent"));
    each_with(desk, message_u(effect, ENVELOPE_ixn), told);
}

static void shown_party_added(struct desk *desk, const struct notice_told *notice)
{
    shown_party(desk, notice, true);
}

static void shown_party_removed(struct desk *desk, const struct notice_told *notice)
{
    shown_party(desk, notice, false);
}

/* Tells those who have the interaction, and the agent who offered it: a supervisor offers interactions of others. */
static void shown_refused(struct desk *desk, const struct notice_told *notice)
{
    char ixn[IXN_TEXT];
    const struct message *effect = notice->effect;
    struct span value = notice->value;
    ident_print_ixn(message_u(effect, ENVELOPE_ixn), ixn);
    json_t *told = json_pack("{s:s, s:s}", "type", "refused", "ixn", ixn);
    desk_put_text(told, "agent", shown_value_text(value, "agent")),
        desk_put_text(told, "reason", shown_value_text(value, "reason"));
    struct desk_agent *mover = g_hash_table_lookup(desk->agents, notice->name);
    if (mover && !item_of(mover, message_u(effect, ENVELOPE_ixn))) agent_tell(mover, json_incref(told));
    each_with(desk, message_u(effect, ENVELOPE_ixn), told);
}

/* Copies the moment `key` of the message `told` into what later pages are shown, as `name`; if the message does not
 * have it, they are shown no such moment. */
static void shown_due_kept(json_t *shown, const char *name, const json_t *told, const char *key)
{
    json_object_del(shown, name);
    if (json_object_get(told, key)) json_object_set(shown, name, json_object_get(told, key));
}

/* Tells pages until when the agents must reply, and until when whoever has the interaction may be away; a missing time
 * means that no reply is due any more, or that the agent is there. Both times are kept in `opened`, too, for pages that
 * connect later. */
static void shown_reply_due(struct desk *desk, const struct notice_told *notice)
{
    char ixn[IXN_TEXT];
    uint64_t number = message_u(notice->effect, ENVELOPE_ixn);
    struct kv_value due, away, warns;
    GHashTableIter at;
    gpointer value;
    ident_print_ixn(number, ixn);
    bool soon = kv_get(notice->value, "warns", &warns) && warns.tag == KV_BOOL && warns.word != 0;
    json_t *told = json_pack("{s:s, s:s, s:b}", "type", "reply_due", "ixn", ixn, "warns", soon);
    if (kv_get(notice->value, "due", &due) && due.tag == KV_TIME) item_put_moment(told, "due", due.word);
    if (kv_get(notice->value, "away_due", &away) && away.tag == KV_TIME) item_put_moment(told, "away_due", away.word);
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct item *item = item_of(value, number);
        if (!item) continue;
        shown_due_kept(item->shown, "reply_due", told, "due");
        shown_due_kept(item->shown, "away_due", told, "away_due");
    }
    each_with(desk, number, told);
}

/* The core has shown all items of this desk's agents: an item that it did not show is gone. */
static void shown_all(struct desk *desk, const struct notice_told *notice)
{
    (void)notice;
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->agents);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        GList *items = g_hash_table_get_values(((struct desk_agent *)value)->items);
        for (GList *one = items; one; one = one->next)
            if (!((struct item *)one->data)->seen) item_end(one->data, "gone");
        g_list_free(items);
    }
    held_all_shown(desk);
    agents_all_shown(desk);
}

/* Takes over the directory's reasons for not ready. Pages get the reasons when they are loaded. */
static void shown_reasons_changed(struct desk *desk, const struct notice_told *notice)
{
    struct span reasons = notice->value;
    GPtrArray *names = g_ptr_array_new();
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(reasons, &at, &pair);)
        g_ptr_array_add(names, g_strndup((const char *)pair.key.bytes, pair.key.length));
    bool any = names->len > 0;
    g_ptr_array_add(names, NULL);
    g_strfreev(desk->reasons);
    desk->reasons = (char **)g_ptr_array_free(names, FALSE);
    if (any) return;
    g_strfreev(desk->reasons);
    desk->reasons = NULL;
}

/* Handles a notice. Each change must have a row of told.def, or the program does not compile. */
void shown_notice(struct desk *desk, const struct message *effect)
{
    struct notice_told told = {.effect = effect, .value = message_text(effect, Notify_value)};
    text_set_span(told.name, sizeof told.name, message_text(effect, Notify_name));
#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wswitch"
    switch ((enum notify)message_u(effect, Notify_change)) {
#define NOTICE(change, function)                                                                                       \
    case notify_##change:                                                                                              \
        function(desk, &told);                                                                                         \
        return;
#define UNHEARD(change)                                                                                                \
    case notify_##change:                                                                                              \
        return;
#include "runtime/adapters/desk/told.def"
    }
#pragma GCC diagnostic pop
}
