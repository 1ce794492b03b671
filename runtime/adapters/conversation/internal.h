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
    CONVERSATION_ID_BYTES = POST_TALK_NAME / 2 /* of random numbers, in an external id */
};

/* begin.c */
void conversation_begin(struct conversation *); /* the office gets it, for the first time or again */
void conversation_refused(struct conversation *, const char *code); /* it is over before the core had it */
void conversation_submit(void *conversations, const struct post_item *,
                         struct writer *); /* an operation of struct post_talks */
void conversation_over(struct conversation *);
void conversation_unkey(struct conversation *); /* the next message of its customer begins another one */
void conversation_free(gpointer conversation);
char *conversation_row(const struct conversation *);     /* g_malloc'ed; NULL: one of its texts is none */
bool conversation_is_alone(const struct conversation *); /* false: another one has its number, or its key */
void conversation_enlist(struct conversation *);

/* restore.c: what the process before has left. */
bool conversations_restore(struct conversations *, char *why, size_t why_size);
bool conversations_remember(struct conversations *, char *why, size_t why_size); /* the way's memos */
bool conversation_restore(struct conversations *, const char *saved);            /* false: the row is of no use */

/* said.c: messages. */
void conversation_heard(struct conversation *); /* somebody writes */
void conversation_tell(struct conversation *, const char *id, const char *text, int64_t file, int64_t at_us);
void conversation_keep_sent(struct conversation *, const struct message *send_message);
void conversation_say_again(struct conversation *);
bool conversation_job_waits(struct conversation_job *);
void conversation_say_done(struct conversation_job *);

/* said.c, job.c: operations of struct post_talks. */
void conversation_told(void *conversations, const struct post_told *);
uint64_t conversation_conn_of(const void *conversations, uint64_t ixn);

/* first.c: what is said before the core has it, and that it has it. */
void conversation_answer(void *conversations, const struct post_item *, enum post_verdict, const char *why,
                         uint64_t ixn);
struct first_words {
    char *id, *text;
    int64_t file, at_us;
};

/* recent.c: the last conversation of each key. */
struct recent {
    uint64_t ixn;        /* the core's; 0: none */
    int64_t interaction; /* the store's; 0: none */
    int64_t until_us;    /* by the wall clock */
    char *agent;         /* "": none */
};
GHashTable *recent_table(void);
void recent_remember(struct conversation *);
void recent_put(struct conversations *, const char *key, uint64_t ixn, int64_t interaction, const char *agent);
struct recent *recent_take(struct conversations *, const char *key); /* NULL: none */
void recent_belong(struct conversation *, const struct caller *);    /* its parent is not the last of its key */
void recent_restore(struct conversations *, const char *row_id, const json_t *row);
json_t *recent_row(const struct recent *);
struct recent *recent_of(const json_t *row); /* NULL: there is none */
void recent_purge(struct conversations *);
void recent_free(gpointer recent);
bool recent_is(const char *row_id); /* else it is a conversation's */

/* end.c: how it ends. */
void conversation_give_end(struct conversation *);
void conversation_end_done(struct conversation_job *);
void conversation_late(struct conversation *, uint64_t now_us); /* each second */

/* conversations.c: what the thread brings back. */
void conversation_done(struct conversation_job *);

/* job.c: what the thread does. It tells of a job that is back by `done` of the conversations. */
/* The store is told what became of a message, also where its conversation is over. */
void conversation_fared(struct conversations *, uint64_t ixn, const char *msg_id, enum delivery state);
struct conversation_job *conversation_job_new(struct conversations *, enum keep);
void conversation_job_hand_on(struct conversation_job *);
void conversation_job_free(void *job);
void conversation_row_forget(struct conversations *, const char *name); /* its row goes */
void conversation_log_job(const struct conversation_job *, const char *what);

/* event.c */
struct writer *conversation_event(struct conversation *, unsigned kind, uint64_t ref);
void conversation_post(struct conversations *);                                    /* what conversation_event() began */
void conversation_blob(struct writer *, unsigned field, const struct keep_part *); /* nothing where it has no bytes */
