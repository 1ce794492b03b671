/* runtime/adapters/desk/acts_shown.c - What is closed to an agent, what agents have changed of a contact, and what is
 * open of it; in the store's thread.
 *
 * Until the customer of a chat is verified, the contact who has the address that they typed is closed to the chat's
 * agent: every job that reads or writes a contact, or an interaction, asks acts_contact() or acts_interaction(). */
#include "runtime/adapters/desk/desk.h"
#include "runtime/store/store.h"

#define TENANT ""

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
    return store_owns(store, TENANT, STORE_OF_contact, desk_job_number(job, key), &job->error) &&
           acts_closed_read(store, job, &closed) && acts_open(job, &closed, desk_job_number(job, key));
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

void acts_take_standing(void *self, const struct store_shown *shown)
{
    json_t *row = json_pack("{s:I, s:I}", "interaction", (json_int_t)shown->interaction, "received",
                            (json_int_t)(shown->received / MS));
    desk_put_text(row, "media", shown->media), desk_put_text(row, "subject", shown->subject);
    desk_put_text(row, "ixn", shown->ixn);
    if (shown->thread != 0) json_object_set_new(row, "thread", json_integer(shown->thread));
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
    return store_acts(store, desk_job_number(job, "contact"), take_act, acts, &job->error) &&
           store_standing(store, desk_job_number(job, "contact"), 0, acts_take_standing, open, &job->error);
}
