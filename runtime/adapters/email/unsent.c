/* runtime/adapters/email/unsent.c - Submits an agent's answer again, or shows it as not sent. The office asks the core
 * about each e-mail of ours that has no end in the store; its thread reads and writes the store. */
#include "runtime/adapters/email/unsent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/email/answer.h"
#include "runtime/adapters/email/email.h"
#include "runtime/post/submits.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/rows.h"

#define ON_ITS_WAY INT64_C(3600000000) /* so long a desk may take to submit what it has kept, in microseconds */

struct unsent { /* an errand of the office's thread: an answer is read, or shown as not sent */
    struct email *email;
    int64_t interaction, at;
    uint64_t journal;
    bool lost; /* it is not submitted again */
    struct email_answer *answer;
};

static void unsent_log(struct email *email, int64_t interaction, const char *why)
{
    email->services->log(email->link, GCX_LOG_WARNING, 0, 0,
                         "interaction %lld of the contact store is an agent's answer that was not sent: the core "
                         "does not know it, as its state was lost%s",
                         (long long)interaction, why);
}

/* ---- in the thread ---- */

static bool unsent_work(void *self, struct store *store, struct error *error)
{
    struct unsent *unsent = self;
    if (!unsent->lost) unsent->answer = mail_answer_read(store, unsent->interaction, unsent->journal, error);
    if (unsent->answer) return true;
    return (unsent->lost || error->code == ERROR_NONE) &&
           keep_lost(store, unsent->interaction, unsent->journal, unsent->at, error);
}

/* ---- in the loop ---- */

/* If the core takes nothing now, the answer is looked at again at the next look. */
static void unsent_submit(struct email *email, const struct email_answer *answer)
{
    assert(answer->queue && answer->to && answer->to[0]); /* mail_answer_read() gives no other */
    uint64_t req = office_submits(email->office);
    answer_write(&email->writer, answer, req, office_wall(email->office));
    if (!email_post(email)) return;
    int64_t *of = g_new(int64_t, 2);
    of[0] = (int64_t)req;
    of[1] = answer->interaction;
    g_hash_table_replace(email->submitted, of, of);
}

static void unsent_done(void *self, bool good, const struct error *error)
{
    struct unsent *unsent = self;
    struct email *email = unsent->email;
    if (!good)
        email->services->log(email->link, GCX_LOG_WARNING, 0, 0, "reconcile: %s", error->text);
    else if (unsent->answer)
        unsent_submit(email, unsent->answer);
    else if (!unsent->lost)
        unsent_log(email, unsent->interaction, "; the contact store has not all that it needs to be submitted again");
}

static void unsent_errand_free(void *self)
{
    struct unsent *unsent = self;
    mail_answer_free(unsent->answer);
    free(unsent);
}

static void unsent_begin(struct email *email, int64_t interaction, bool lost)
{
    struct unsent *unsent = memory_zeroed(1, sizeof *unsent);
    *unsent = (struct unsent){.email = email,
                              .interaction = interaction,
                              .at = office_wall(email->office),
                              .journal = email->services->journal(email->link),
                              .lost = lost};
    office_errand(
        email->office,
        &(struct post_errand){.self = unsent, .work = unsent_work, .done = unsent_done, .free = unsent_errand_free});
}

/* ---- questions to the core ---- */

static bool is_by_number(const struct unended_row *row)
{
    return !row->by_agent || (row->erased && row->told);
}

bool unsent_ask(void *self, const struct unended_row *row, struct writer *writer, const char **result)
{
    const struct email *email = self;
    bool number = is_by_number(row);
    if (number && row->journal != 0 && row->journal != email->services->journal(email->link)) {
        *result = KEPT_LOST; /* its number is another one's now */
        return false;
    }
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, !number ? row->external_id : row->told ? row->ixn : "0-000000000000");
    writer_u(writer, Read_external, !number);
    return true;
}

/* An answer without a number was perhaps refused, and the agent was told so: it is not sent behind their back. */
static const char *answer_is_unknown(struct email *email, const struct unended_row *row)
{
    bool was_lost = strcmp(row->result, KEPT_LOST) == 0;
    if (strcmp(row->result, "accepted") == 0) return "ended";
    if (!row->told && office_wall(email->office) - row->received <= ON_ITS_WAY) return NULL;
    if (!row->told || was_lost) unsent_log(email, row->interaction, "");
    unsent_begin(email, row->interaction, !row->told || was_lost);
    return NULL;
}

const char *unsent_became(void *self, const struct unended_row *row, struct span answer)
{
    struct kv_value found;
    if (is_by_number(row)) return kv_get(answer, "state", &found) ? NULL : row->by_agent ? "ended" : KEPT_LOST;
    if (kv_get(answer, "id", &found)) return NULL;
    if (kv_get(answer, "ended", &found)) return "ended";
    return answer_is_unknown(self, row);
}

static void answer_refused(struct email *email, int64_t interaction, unsigned code)
{
    char why[160];
    if (submit_fate((enum code)code) != SUBMIT_NEVER) {
        email->services->log(email->link, GCX_LOG_WARNING, 0, 0,
                             "reconcile: interaction %lld of the contact store, an agent's answer, is not known to the "
                             "core, which refuses it now (%s): it is asked again in a minute",
                             (long long)interaction, enum_name_code(code));
        return;
    }
    snprintf(why, sizeof why, "; and it is refused now (%s)", enum_name_code(code));
    unsent_log(email, interaction, why);
    unsent_begin(email, interaction, true);
}

/* The core has answered a Submit of unsent_submit(): the store learns the number, or that the answer is lost. */
void unsent_replied(void *self, const struct message *reply)
{
    struct email *email = self;
    int64_t req = (int64_t)message_u(reply, ENVELOPE_req);
    const int64_t *of = g_hash_table_lookup(email->submitted, &req);
    unsigned outcome = (unsigned)message_u(reply, Reply_outcome);
    if (!of) return;
    if (outcome != outcome_ok && outcome != outcome_duplicate) {
        answer_refused(email, of[1], (unsigned)message_u(reply, Reply_code));
    } else {
        uint64_t ixn = message_u(reply, ENVELOPE_ixn);
        if (outcome == outcome_ok)
            email->services->log(email->link, GCX_LOG_WARNING, ixn, 0,
                                 "reconcile: interaction %lld of the contact store, an agent's answer, was not known "
                                 "to the core: it is submitted again",
                                 (long long)of[1]);
        office_number(email->office, &(struct unended_row){.interaction = of[1], .external_id = ""}, ixn);
    }
    g_hash_table_remove(email->submitted, &req);
}
