/* runtime/adapters/conversation/internal.h - Functions that the files of this folder have for each other. Each file
 * calls only files below it:
 *
 *     core.c conversations.c
 *     restore.c first.c
 *     end.c
 *     said.c
 *     begin.c
 *     recent.c
 *     job.c event.c
 *     keep.c
 *     template.c
 */
#pragma once

#include "runtime/adapters/conversation/conversation.h"

enum {
    SECOND_US = 1000000,
    CONVERSATION_ID_BYTES = POST_TALK_NAME / 2 /* random bytes in an external id */
};

/* begin.c */
void conversation_begin(struct conversation *); /* gives it to the office, for the first time or again */
void conversation_refused(struct conversation *, const char *code); /* ends it before the core had it */
void conversation_submit(void *conversations, const struct post_item *,
                         struct writer *); /* an operation of struct post_talks */
void conversation_over(struct conversation *);
void conversation_unkey(
    struct conversation *); /* takes it out of `keys`: its customer's next message begins another one */
void conversation_free(gpointer conversation);
char *conversation_row(const struct conversation *);     /* JSON, g_malloc'ed; NULL: one of its texts is no UTF-8 */
bool conversation_is_alone(const struct conversation *); /* false: another has the same number or key */
void conversation_enlist(struct conversation *);

/* restore.c: what the process before has left. */
bool conversations_restore(struct conversations *, char *why, size_t why_size);
bool conversations_remember(struct conversations *, char *why, size_t why_size); /* restores the way's memos */
bool conversation_restore(struct conversations *, const char *saved);            /* false: the row is of no use */

/* said.c: messages. */
void conversation_heard(struct conversation *); /* somebody has written: its silence begins anew */
void conversation_tell(struct conversation *, const char *id, const char *text, int64_t file, int64_t at_us);
void conversation_keep_sent(struct conversation *, const struct message *send_message);
void conversation_say_again(struct conversation *);
bool conversation_job_waits(struct conversation_job *);
void conversation_say_done(struct conversation_job *);

/* said.c, job.c: operations of struct post_talks. */
void conversation_told(void *conversations, const struct post_told *);
uint64_t conversation_conn_of(const void *conversations, uint64_t ixn);

/* first.c: what is said before the core has the conversation, and the core's answer. */
void conversation_answer(void *conversations, const struct post_item *, enum post_verdict, const char *why,
                         uint64_t ixn);
struct first_words {
    char *id, *text;
    int64_t file, at_us;
};

/* recent.c: the last conversation of each key. */
struct recent {
    uint64_t ixn;        /* the core's number of it; 0: none */
    int64_t interaction; /* the store's number of it; 0: none */
    int64_t until_us;    /* it is remembered until then, by the wall clock */
    char *agent;         /* the agent whom the next conversation prefers; "": none */
};
GHashTable *recent_table(void);
void recent_remember(struct conversation *);
void recent_put(struct conversations *, const char *key, uint64_t ixn, int64_t interaction, const char *agent);
struct recent *recent_take(struct conversations *, const char *key); /* NULL: none */
void recent_belong(struct conversation *, const struct caller *);    /* gives it the caller's parent, if there is one */
void recent_restore(struct conversations *, const char *row_id, const json_t *row);
json_t *recent_row(const struct recent *);
struct recent *recent_of(const json_t *row); /* NULL: there is none */
void recent_purge(struct conversations *);
void recent_free(gpointer recent);
bool recent_is(const char *row_id); /* is it the id of such a row? false: the row is a conversation's */

/* end.c: how it ends. */
void conversation_give_end(struct conversation *);
void conversation_end_done(struct conversation_job *);
void conversation_late(struct conversation *, uint64_t now_us); /* each second */

/* conversations.c: what the thread brings back. */
void conversation_done(struct conversation_job *);

/* job.c: what the thread does. It tells of a job that is back by `done` of the conversations. */
/* Notes in the store what became of a message, also after the end of its conversation. */
void conversation_fared(struct conversations *, uint64_t ixn, const char *msg_id, enum delivery state);
struct conversation_job *conversation_job_new(struct conversations *, enum keep);
void conversation_job_hand_on(struct conversation_job *);
void conversation_job_free(void *job);
void conversation_row_forget(struct conversations *, const char *name); /* removes the row of this name */
void conversation_log_job(const struct conversation_job *, const char *what);

/* event.c */
struct writer *conversation_event(struct conversation *, unsigned kind, uint64_t ref);
void conversation_post(struct conversations *); /* posts the event that conversation_event() began */
void conversation_blob(struct writer *, unsigned field, const struct keep_part *); /* writes no field for 0 bytes */
