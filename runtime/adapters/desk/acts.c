/* runtime/adapters/desk/acts.c - What agents change of contacts, who somebody is, and what is open of them; jobs of the
 * store's thread, like those of keep.c.
 *
 * Until the customer of a chat is verified, the contact who has the address that they typed is closed to the chat's
 * agent: acts_contact() says so, and every job here and in keep.c and thread.c that reads or writes a contact asks it.
 */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

#define TENANT ""

static int64_t acts_number(const struct desk_job *job, const char *key)
{
    return json_integer_value(json_object_get(job->params, key));
}

static struct span acts_text(const json_t *from, const char *key)
{
    const char *text = json_string_value(json_object_get(from, key));
    return span_of(text ? text : "");
}

bool acts_closed_read(struct store *store, struct desk_job *job, struct desk_closed *closed)
{
    return store_closed(store, job->agent, closed->contacts, &closed->count, &job->error);
}

bool acts_closed_has(const struct desk_closed *closed, int64_t contact)
{
    bool has = false;
    for (size_t i = 0; i < closed->count; i++) has |= closed->contacts[i] == contact;
    return has;
}

static bool acts_open(struct desk_job *job, const struct desk_closed *closed, int64_t contact)
{
    return !acts_closed_has(closed, contact) ||
           error_set(&job->error, ERROR_DENIED,
                     "Somebody has typed an address of this contact and is not verified: verify them first.");
}

bool acts_contact(struct store *store, struct desk_job *job, const char *key)
{
    struct desk_closed closed;
    return store_owns(store, TENANT, STORE_OF_contact, acts_number(job, key), &job->error) &&
           acts_closed_read(store, job, &closed) && acts_open(job, &closed, acts_number(job, key));
}

static void take_whose(void *self, const struct store_shown *shown)
{
    *(int64_t *)self = shown->unverified ? 0 : shown->contact;
}

bool acts_interaction(struct store *store, struct desk_job *job, int64_t interaction)
{
    struct desk_closed closed;
    int64_t contact = 0;
    return store_owns(store, TENANT, STORE_OF_interaction, interaction, &job->error) &&
           store_interaction(store, interaction, take_whose, &contact, &job->error) &&
           acts_closed_read(store, job, &closed) && acts_open(job, &closed, contact);
}

/* ---- changes ---- */

static struct store_act acts_of(const struct desk_job *job)
{
    return (struct store_act){.contact = acts_number(job, "contact"),
                              .changed = acts_number(job, "changed"),
                              .other = acts_number(job, "other"),
                              .agent = job->agent,
                              .at = job->wall_us};
}

static void acts_add_addresses(const struct desk_job *job, const char *key, struct store_change *changes, size_t *count)
{
    const json_t *list = json_object_get(job->params, key);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        changes[*count] = (struct store_change){.what = STORE_CHANGE_REMOVE,
                                                .name = json_string_value(json_object_get(one, "kind")),
                                                .value = acts_text(one, "address")};
        if (strcmp(key, "add") == 0) changes[*count].what = STORE_CHANGE_ADD;
        ++*count;
    }
}

/* Changes what the request names; the contract has bounded the lists. */
bool desk_keep_edit(struct store *store, struct desk_job *job)
{
    struct store_change changes[STORE_CHANGES_MAX] = {0};
    size_t count = 0;
    const char *key;
    json_t *value, *fields = json_object_get(job->params, "fields");
    struct store_act act = acts_of(job);
    if (json_object_size(fields) + json_array_size(json_object_get(job->params, "add")) +
            json_array_size(json_object_get(job->params, "remove")) >=
        STORE_CHANGES_MAX)
        return error_set(&job->error, ERROR_INPUT, "These are too many changes at once.");
    if (json_object_get(job->params, "name"))
        changes[count++] = (struct store_change){.what = STORE_CHANGE_NAME, .value = acts_text(job->params, "name")};
    json_object_foreach(fields, key, value) changes[count++] =
        (struct store_change){.what = STORE_CHANGE_FIELD, .name = key, .value = span_of(json_string_value(value))};
    acts_add_addresses(job, "remove", changes, &count);
    acts_add_addresses(job, "add", changes, &count);
    return acts_contact(store, job, "contact") && store_edit(store, &act, changes, count, &job->error) &&
           desk_keep_contact(store, job);
}

bool desk_keep_merge(struct store *store, struct desk_job *job)
{
    struct store_act act = acts_of(job);
    return acts_contact(store, job, "contact") && acts_contact(store, job, "other") &&
           store_act_merge(store, &act, &job->error) && desk_keep_contact(store, job);
}

bool desk_keep_link(struct store *store, struct desk_job *job)
{
    struct store_act act = acts_of(job);
    return acts_contact(store, job, "contact") && acts_interaction(store, job, acts_number(job, "interaction")) &&
           store_act_link(store, &act, acts_number(job, "interaction"), &job->error) && desk_keep_contact(store, job);
}

struct acts_sought {
    int64_t act;
    bool found;
};

static void take_act_sought(void *self, const struct store_act_shown *act)
{
    struct acts_sought *sought = self;
    sought->found |= act->act == sought->act;
}

/* Undoes an act of this contact. */
bool desk_keep_undo(struct store *store, struct desk_job *job)
{
    struct acts_sought sought = {.act = acts_number(job, "act")};
    if (!acts_contact(store, job, "contact") ||
        !store_acts(store, acts_number(job, "contact"), take_act_sought, &sought, &job->error))
        return false;
    if (!sought.found) return error_set(&job->error, ERROR_UNKNOWN, "This contact has no such change.");
    return store_undo(store, sought.act, job->agent, job->wall_us, &job->error) && desk_keep_contact(store, job);
}

static void take_act(void *self, const struct store_act_shown *act)
{
    json_t *row =
        json_pack("{s:I, s:I, s:b}", "act", (json_int_t)act->act, "at", (json_int_t)(act->at / MS), "last", act->last);
    if (act->other != 0) json_object_set_new(row, "other", json_integer(act->other));
    if (act->undone != 0) json_object_set_new(row, "undone", json_integer(act->undone / MS));
    desk_put_text(row, "what", act->word), desk_put_text(row, "agent", act->agent);
    desk_put_text(row, "undone_by", act->undone_by);
    json_array_append_new(self, row);
}

static void take_standing(void *self, const struct store_shown *shown)
{
    json_t *row = json_pack("{s:I, s:I}", "interaction", (json_int_t)shown->interaction, "received",
                            (json_int_t)(shown->received / MS));
    desk_put_text(row, "media", shown->media), desk_put_text(row, "subject", shown->subject);
    desk_put_text(row, "ixn", shown->ixn);
    if (shown->taken != 0) {
        desk_put_text(row, "agent", shown->agent);
        json_object_set_new(row, "since", json_integer(shown->taken / MS));
    }
    json_array_append_new(self, row);
}

bool acts_put(struct store *store, struct desk_job *job)
{
    json_t *acts = json_array(), *open = json_array();
    json_object_set_new(job->out, "acts", acts);
    json_object_set_new(job->out, "open", open);
    return store_acts(store, acts_number(job, "contact"), take_act, acts, &job->error) &&
           store_standing(store, acts_number(job, "contact"), 0, take_standing, open, &job->error);
}

/* ---- who an item is from ---- */

static void take_who(void *self, const struct store_shown *shown)
{
    json_t *who = self;
    if (shown->unverified) json_object_set_new(who, "unverified", json_true());
    if (!shown->unverified && shown->contact != 0) json_object_set_new(who, "contact", json_integer(shown->contact));
    if (shown->thread != 0) json_object_set_new(who, "thread", json_integer(shown->thread));
}

static void take_who_name(void *self, const struct store_contact *contact)
{
    desk_put_text(self, "name", contact->name);
}

/* Finds the name of whom an item is from, and what else is open of them. */
bool desk_keep_who(struct store *store, struct desk_job *job)
{
    struct store_key key;
    const char *media = json_string_value(json_object_get(job->params, "media"));
    job->out = json_object();
    if (!store_by_external(store, TENANT, media ? media : "", acts_text(job->params, "external_id"), &key, &job->error))
        return false;
    if (key.interaction == 0) return error_set(&job->error, ERROR_UNKNOWN, "it is not in the contact store");
    json_t *open = json_array(), *others = json_array();
    bool good = store_interaction(store, key.interaction, take_who, job->out, &job->error);
    int64_t contact = json_integer_value(json_object_get(job->out, "contact")),
            thread = json_integer_value(json_object_get(job->out, "thread"));
    if (good && contact != 0)
        good = store_contact(store, contact, take_who_name, job->out, &job->error) &&
               store_standing(store, contact, thread, take_standing, open, &job->error);
    for (size_t i = 0; i < json_array_size(open); i++)
        if (json_integer_value(json_object_get(json_array_get(open, i), "interaction")) != key.interaction)
            json_array_append(others, json_array_get(open, i));
    json_object_set_new(job->out, "open", others);
    json_decref(open);
    return good;
}

/* The agent does not have the interaction any more. */
bool desk_keep_given_back(struct store *store, struct desk_job *job)
{
    return store_given_back(store, acts_number(job, "interaction"), job->agent, &job->error);
}

/* ---- codes ---- */

static void take_code_address(void *self, const struct store_shown *shown)
{
    desk_put_text(self, "address", shown->address);
}

/* Makes a code for the address that the item's customer has typed. */
bool desk_keep_code(struct store *store, struct desk_job *job)
{
    char code[STORE_CODE];
    job->out = json_object();
    if (!store_interaction(store, acts_number(job, "interaction"), take_code_address, job->out, &job->error) ||
        !store_code_new(store, acts_number(job, "interaction"), job->wall_us, code, &job->error))
        return false;
    json_object_set_new(job->out, "code", json_string(code));
    return true;
}
