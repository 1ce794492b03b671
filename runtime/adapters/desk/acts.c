/* runtime/adapters/desk/acts.c - What agents change of contacts, who somebody is, and what is open of them; jobs of the
 * store's thread, like those of keep.c.
 * A contact who is closed to the agent is refused (acts_shown.c). */
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

#define TENANT ""

/* ---- changes ---- */

static struct store_act acts_of(const struct desk_job *job)
{
    return (struct store_act){.contact = desk_job_number(job, "contact"),
                              .changed = desk_job_number(job, "changed"),
                              .other = desk_job_number(job, "other"),
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
                                                .value = desk_span(one, "address")};
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
        changes[count++] = (struct store_change){.what = STORE_CHANGE_NAME, .value = desk_span(job->params, "name")};
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
    return acts_contact(store, job, "contact") && acts_interaction(store, job, desk_job_number(job, "interaction")) &&
           store_act_link(store, &act, desk_job_number(job, "interaction"), &job->error) &&
           desk_keep_contact(store, job);
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
    struct acts_sought sought = {.act = desk_job_number(job, "act")};
    if (!acts_contact(store, job, "contact") ||
        !store_acts(store, desk_job_number(job, "contact"), take_act_sought, &sought, &job->error))
        return false;
    if (!sought.found) return error_set(&job->error, ERROR_UNKNOWN, "This contact has no such change.");
    return store_undo(store, sought.act, job->agent, job->wall_us, &job->error) && desk_keep_contact(store, job);
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

static void take_who_newest(void *self, const struct store_shown *shown)
{
    json_object_set_new(self, "newest", json_integer(shown->interaction));
}

static void take_came(void *self, const struct store_shown *shown)
{
    json_array_append_new(self, json_pack("{s:I, s:I, s:I}", "interaction", (json_int_t)shown->interaction, "contact",
                                          (json_int_t)shown->contact, "thread", (json_int_t)shown->thread));
}

/* Lists what has come since the newest interaction that the desk knows of. */
bool desk_keep_came(struct store *store, struct desk_job *job)
{
    job->out = json_array();
    return store_came(store, desk_job_number(job, "after"), take_came, job->out, &job->error);
}

/* Finds the name of whom an item is from, what else is open of them, and what came last: it may be over already. */
bool desk_keep_who(struct store *store, struct desk_job *job)
{
    struct store_key key;
    const char *media = json_string_value(json_object_get(job->params, "media"));
    job->out = json_object();
    if (!store_by_external(store, TENANT, media ? media : "", desk_span(job->params, "external_id"), &key, &job->error))
        return false;
    if (key.interaction == 0) return error_set(&job->error, ERROR_UNKNOWN, "it is not in the contact store");
    json_t *open = json_array(), *others = json_array();
    bool good = store_interaction(store, key.interaction, take_who, job->out, &job->error);
    int64_t contact = json_integer_value(json_object_get(job->out, "contact")),
            thread = json_integer_value(json_object_get(job->out, "thread"));
    if (good && contact != 0)
        good = store_contact(store, contact, take_who_name, job->out, &job->error) &&
               store_standing(store, contact, thread, acts_take_standing, open, &job->error);
    for (size_t i = 0; i < json_array_size(open); i++)
        if (json_integer_value(json_object_get(json_array_get(open, i), "interaction")) != key.interaction)
            json_array_append(others, json_array_get(open, i));
    json_object_set_new(job->out, "open", others);
    json_decref(open);
    int64_t under_way = 0;
    good = good && (contact == 0 || store_under_way(store, contact, thread, &under_way, &job->error));
    if (under_way > 0) json_object_set_new(job->out, "under_way", json_integer(under_way));
    struct store_page newest = {.limit = 1};
    return good && (contact == 0 || store_history(store, contact, &newest, take_who_newest, job->out, &job->error));
}

/* The agent does not have the interaction any more. */
bool desk_keep_given_back(struct store *store, struct desk_job *job)
{
    return store_given_back(store, desk_job_number(job, "interaction"), job->agent, &job->error);
}

/* ---- codes ---- */

static void take_code_address(void *self, const struct store_shown *shown)
{
    desk_put_text(self, "address", shown->address);
    json_object_set_new(self, "contact", json_integer(shown->contact));
}

/* How likely is it that the number takes texts? 2: it is a mobile telephone's; 1: nobody knows; 0: it is another's. */
static int code_takes_texts(struct span number)
{
    static const struct {
        const char *country, *begins;
    } mobiles[] = {
#define MOBILE(country, begins) {country, begins},
#include "runtime/adapters/desk/mobiles.def"
#undef MOBILE
    };
    for (size_t i = 0; i < G_N_ELEMENTS(mobiles); i++) {
        size_t length = strlen(mobiles[i].country);
        if (number.length < length || memcmp(number.bytes, mobiles[i].country, length) != 0) continue;
        char *rest = g_strndup((const char *)number.bytes + length, number.length - length);
        char **begins = g_strsplit(mobiles[i].begins, " ", -1);
        int takes = 0;
        for (char **one = begins; *one; one++)
            if (g_str_has_prefix(rest, *one)) takes = 2;
        g_strfreev(begins);
        g_free(rest);
        return takes;
    }
    return 1;
}

/* Of several numbers the first mobile one is taken. */
static void take_code_number(void *self, struct span kind, struct span form, struct span shown)
{
    (void)shown;
    int takes = code_takes_texts(form);
    bool better = !json_object_get(self, "number") || takes > json_integer_value(json_object_get(self, "takes"));
    if (!span_is(kind, "phone") || !better) return;
    desk_put_text(self, "number", form);
    json_object_set_new(self, "takes", json_integer(takes));
}

/* Finds the telephone number to which a code goes as a text: of the contact who has the address. A number that the
 * chat's customer types would show nothing. */
static bool code_number(struct store *store, struct desk_job *job)
{
    int64_t contact = json_integer_value(json_object_get(job->out, "contact"));
    if (contact != 0 && !store_details(store, contact, take_code_number, job->out, &job->error)) return false;
    return json_object_get(job->out, "number") ||
           error_set(&job->error, ERROR_INPUT,
                     "No telephone number of this contact is known: send the code by e-mail.");
}

/* Makes a code for the address that the item's customer has typed. */
bool desk_keep_code(struct store *store, struct desk_job *job)
{
    char code[STORE_CODE];
    job->out = json_object();
    if (!store_interaction(store, desk_job_number(job, "interaction"), take_code_address, job->out, &job->error) ||
        (json_is_true(json_object_get(job->params, "texts")) && !code_number(store, job)) ||
        !store_code_new(store, desk_job_number(job, "interaction"), job->wall_us, code, &job->error)) {
        if (job->error.code == ERROR_STATE || job->error.code == ERROR_LIMIT) job->error.code = ERROR_INPUT;
        return false; /* refused: the store is there */
    }
    json_object_set_new(job->out, "code", json_string(code));
    return true;
}
