/* runtime/adapters/desk/said_move.c - Agents hand interactions on, return them to their author, take them, or
 * observe them.
 *
 * All these are one event to the core, RequestMove, which says how and to whom. When the core has agreed, an item
 * that was given away for good ends here at once (said_move_end); in all other cases the core withdraws it later, so
 * that it stays with the agent if a colleague refuses. */
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/media.h"
#include "runtime/vocabulary/events_work.h"

static void said_moved(struct desk_request *request, const struct message *reply, bool good)
{
    struct item *item = request->agent ? item_of(request->agent, request->ixn) : NULL;
    (void)reply;
    if (good && request->agent) held_done(request->agent->desk, request->ixn);
    if (item && good) item_end(item, json_string_value(request->more));
}

/* Returns the reason with which a move ends the item at once for the agent who made it. NULL: the item stays until
 * the core ends it. */
static const char *said_move_end(const char *how, const char *to)
{
    if (strcmp(how, "leave") == 0) return "left";
    bool away = strcmp(how, "place") == 0 || strcmp(how, "transfer") == 0;
    return away && (strcmp(to, "queue") == 0 || strcmp(to, "workbin") == 0) ? "moved" : NULL;
}

static enum move move_of(const char *how)
{
    static const struct {
        const char *how;
        enum move move;
    } all[] = {{"place", move_Place},     {"transfer", move_Transfer}, {"conference", move_Conference},
               {"consult", move_Consult}, {"monitor", move_Monitor},   {"take_over", move_Transfer},
               {"leave", move_Leave},     {"hold", move_Hold}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].how, how) == 0) return all[i].move;
    return move_other;
}

static enum move_to target_of(const char *to)
{
    int value = enum_value_move_to(to, (uint32_t)strlen(to));
    return value < 0 ? move_to_other : (enum move_to)value;
}

/* Returns the act that this move is; the table of rights decides about acts. */
static enum act act_of(const char *how, const char *to)
{
    static const struct {
        const char *how;
        enum act act;
    } all[] = {{"place", ACT_place},     {"transfer", ACT_transfer}, {"conference", ACT_conference},
               {"consult", ACT_consult}, {"monitor", ACT_monitor},   {"take_over", ACT_monitor},
               {"leave", ACT_leave},     {"hold", ACT_hold}};
    if (strcmp(to, "queue") == 0 || strcmp(to, "workbin") == 0) return ACT_place;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strcmp(all[i].how, how) == 0) return all[i].act;
    return ACT_place;
}

/* May the interaction go there? A queue or workbin must be one that the settings name, and a conference needs a
 * conversation. False: the agent got a refusal. */
static bool may_go_there(const struct desk_said *said, const char *how, const char *to, const char *name)
{
    const struct item *item = item_of(said->agent, said->ixn);
    const char *media = item ? json_string_value(json_object_get(item->shown, "media")) : NULL;
    if (strcmp(how, "conference") == 0 && media &&
        !media_is_conversation((enum media)enum_value_media(media, (uint32_t)strlen(media))))
        return said_refuse(said, "unsupported",
                           "A conference is of a conversation: consult a colleague about this, or transfer it.");
    if (strcmp(to, "queue") == 0) return said_shows_queue(said, name, true);
    return strcmp(to, "workbin") != 0 || said_shows_workbin(said, name);
}

void said_place(const struct desk_said *said, const char *to, const char *name, const char *whose, struct kv *data)
{
    struct desk_request *request = said_ask(said, KIND_RequestMove);
    struct writer *writer = said_writer(said);
    request->more = json_string("moved");
    request->after = said_moved;
    writer_u(writer, RequestMove_how, move_Place);
    writer_u(writer, RequestMove_to, target_of(to));
    writer_text(writer, RequestMove_name, name);
    if (kv_span(data).length != 0) writer_kv(writer, RequestMove_data, data);
    writer_text(writer, RequestMove_whose, whose);
    core_send(request);
}

/* Returns an e-mail to its author with a remark, as email.return_to_author does, by the workbin `returned`. */
static void said_give_back(const struct desk_said *said)
{
    const struct item *item = said_item_for(said, ACT_place);
    if (!item) return;
    const char *author = json_string_value(json_object_get(json_object_get(item->shown, "data"), "agent"));
    if (!author) {
        said_refuse(said, "invalid", "No agent has written this: it cannot be given back.");
        return;
    }
    if (strcmp(author, said->agent->name) == 0) {
        said_refuse(said, "invalid_state", "You have written this yourself: change it, or send it on.");
        return;
    }
    const char *remark = said_text(said, "remark");
    if (!remark[strspn(remark, " \t\r\n")]) {
        said_refuse(said, "invalid", "remark: say what its author shall change");
        return;
    }
    struct kv data;
    kv_init(&data);
    kv_put_text(&data, "return_reason", span_of(remark));
    said_place(said, "workbin", WORKBIN_RETURNED, author, &data);
    kv_free(&data);
}

/* Adds one field to the interaction's user data, and to what is shown here, as the core does not report data back to
 * their sender. */
static void move_put_text(json_t *shown, struct kv *data, const char *key, const char *text)
{
    json_object_set_new(shown, key, json_string(text));
    kv_put_text(data, key, span_of(text));
}

/* For a reply that is moved to the queue `outbound`: returns the agent who moves the reply, as its reviewer, so that no
 * strategy asks for another review; "" if that agent is its author. NULL: the item is no reply, or is moved to another
 * place. */
static const char *released_by(const struct desk_said *said, const json_t *shown, const char *to, const char *name)
{
    const char *author = json_string_value(json_object_get(shown, "agent"));
    bool out = strcmp(to, "queue") == 0 && strcmp(name, said->desk->setting.outbound) == 0;
    if (!author || !out) return NULL;
    return strcmp(author, said->agent->name) == 0 ? "" : said->agent->name;
}

/* Writes why the interaction is handed on, for its next agent, and who releases it; the fields are empty if nothing
 * is given, so that no old values stay. */
static void write_moved_data(const struct desk_said *said, const char *to, const char *name)
{
    const char *reason = said_text(said, "reason");
    const struct item *item = item_of(said->agent, said->ixn);
    json_t *shown = item ? json_object_get(item->shown, "data") : NULL;
    const char *by = released_by(said, shown, to, name);
    struct kv data;
    kv_init(&data);
    if (*reason || json_object_get(shown, "move_reason")) move_put_text(shown, &data, "move_reason", reason);
    if (by && (*by || json_object_get(shown, "released_by"))) move_put_text(shown, &data, "released_by", by);
    if (kv_span(&data).length != 0) writer_kv(said_writer(said), RequestMove_data, &data);
    kv_free(&data);
}

/* Hands an interaction on. A supervisor who observes or takes over needs no claim; all else is decided by the table
 * of rights. */
void said_move(struct desk_said *said)
{
    const char *how = said_text(said, "how"), *to = said_text(said, "to"), *name = said_text(said, "name");
    bool take_over = strcmp(how, "take_over") == 0, looks = take_over || strcmp(how, "monitor") == 0, supervises;
    if (looks && !authority_allows(ACT_monitor, claim_kind_none, desk_role_of_session(said->agent->session))) {
        said_refuse(said, "no_privilege", "This is for supervisors.");
        return;
    }
    if (strcmp(how, "return") == 0) {
        said_give_back(said);
        return;
    }
    if (!said_may(said, act_of(how, to), &supervises) || !may_go_there(said, how, to, name)) return;
    const char *end = said_move_end(how, to);
    struct desk_request *request = said_ask(said, KIND_RequestMove);
    struct writer *writer = said_writer(said);
    if (end) {
        request->more = json_string(end);
        request->after = said_moved;
    }
    writer_u(writer, RequestMove_how, move_of(how));
    writer_u(writer, RequestMove_to, take_over ? move_to_agent : target_of(to));
    writer_text(writer, RequestMove_name, take_over ? said->agent->name : name);
    write_moved_data(said, to, name);
    writer_text(writer, RequestMove_whose, said_text(said, "whose"));
    writer_u(writer, RequestMove_supervises, supervises || looks);
    core_send(request);
}

static void said_pulled(struct desk_request *request, const struct message *reply, bool good)
{
    (void)reply;
    if (!good && request->agent) held_asked_back(request->agent->desk, request->more, false);
}

/* Takes interactions out of a queue or workbin. All numbers are checked before the event is begun, as one wrong
 * number refuses the whole message. */
void said_pull(struct desk_said *said)
{
    const json_t *ids = json_object_get(said->message, "ids");
    uint64_t ixn;
    if (!*said_text(said, "queue") == !*said_text(said, "workbin")) {
        said_refuse(said, "invalid", "`queue` or `workbin`, one of them");
        return;
    }
    for (size_t i = 0; i < json_array_size(ids); i++)
        if (!ident_read_ixn(json_string_value(json_array_get(ids, i)), &ixn)) {
            said_refuse(said, "invalid", "ids: there is one that is none");
            return;
        }
    if (*said_text(said, "queue") && !said_shows_queue(said, said_text(said, "queue"), false)) return;
    if (*said_text(said, "workbin") && !said_shows_workbin(said, said_text(said, "workbin"))) return;
    struct desk_request *request = said_ask(said, KIND_RequestPull);
    request->after = said_pulled;
    request->more = json_incref((json_t *)ids);
    held_asked_back(said->desk, ids, true);
    struct writer *writer = said_writer(said);
    writer_text(writer, RequestPull_queue, said_text(said, "queue"));
    writer_text(writer, RequestPull_workbin, said_text(said, "workbin"));
    if (json_array_size(ids) > 0) {
        writer_list_begin(writer, RequestPull_ids);
        for (size_t i = 0; i < json_array_size(ids); i++) {
            (void)ident_read_ixn(json_string_value(json_array_get(ids, i)), &ixn);
            writer_list_u(writer, ixn);
        }
        writer_list_end(writer);
    }
    writer_u(writer, RequestPull_count, said_number(said, "count"));
    writer_text(writer, RequestPull_whose, said_text(said, "whose"));
    core_send(request);
}
