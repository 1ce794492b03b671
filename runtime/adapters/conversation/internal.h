/* runtime/adapters/conversation/internal.h - Functions that the files of this folder call in each other. Each file
 * calls only files that come below it here:
 *
 *     core.c conversations.c
 *     restore.c first.c
 *     end.c
 *     said.c
 *     begin.c
 *     recent.c
 *     job.c event.c
 *     keep.c
 *     template.c */
#pragma once

#include "runtime/adapters/conversation/conversation.h"

enum {
    SECOND_US = 1000000,
    CONVERSATION_ID_BYTES = POST_TALK_NAME / 2 /* number of random bytes in an external id */
};

/* begin.c */
void conversation_begin(struct conversation *); /* gives the conversation to the post office, first or once more */
/* ends the conversation before the core has taken it */
void conversation_refused(struct conversation *, const char *code);
void conversation_submit(void *conversations, const struct post_item *,
                         struct writer *); /* writes what is submitted; an operation of struct post_talks */
void conversation_over(struct conversation *);
void conversation_unkey(
    struct conversation *); /* takes the conversation out of `keys`: its customer's next message begins a new one */
void conversation_free(gpointer conversation);
struct conversation_job *conversation_save_job(struct conversation *); /* saves the row; NULL: as below */
char *conversation_row(const struct conversation *);     /* JSON, g_malloc'ed; NULL: one of its texts is not UTF-8 */
bool conversation_is_alone(const struct conversation *); /* false: another conversation has the same number or key */
void conversation_enlist(struct conversation *);

/* A message of the customer. */
struct first_words {
    char *id, *text;
    int64_t file, at_us;
    enum message_kind kind;          /* message_kind_other: a text, or a file */
    char *of, *ours, *about, *other; /* as in struct content_made; NULL: none */
};
void first_words_free(gpointer words);

/* restore.c: restores the conversations of the process before. */
bool conversations_restore(struct conversations *, char *why, size_t why_size);
bool conversations_remember(struct conversations *, char *why, size_t why_size); /* restores the way's memos */
bool conversation_restore(struct conversations *, const char *saved);            /* false: the row is useless */

/* said.c: messages. */
void conversation_heard(struct conversation *); /* somebody has written: the time of silence starts again */
void conversation_tell(struct conversation *, const struct first_words *);
void conversation_keep_sent(struct conversation *, const struct message *send_message);
void conversation_say_again(struct conversation *);
bool conversation_job_waits(struct conversation_job *);
void conversation_say_done(struct conversation_job *);

/* said.c, job.c: functions that struct post_talks points to. */
void conversation_told(void *conversations, const struct post_told *);
uint64_t conversation_conn_of(const void *conversations, uint64_t ixn);

/* read.c: own receipts. Are customers told, and has the network a way? */
static inline bool conversation_tells_read(const struct conversations *all)
{
    return all->setting.reads && all->way->read;
}
void conversation_was_said(struct conversation *, const struct keep_job *said); /* a message of the customer is kept */
void conversation_read_kept(const struct conversation_job *);                   /* the job has saved a row */

/* first.c: words of the customer before the core has the conversation, and the core's answer. */
void conversation_answer(void *conversations, const struct post_item *, enum post_verdict, const char *why,
                         uint64_t ixn);

/* recent.c: the last conversation of each key. */
struct recent {
    uint64_t ixn;        /* the core's number of that conversation; 0: none */
    int64_t interaction; /* the store's number of that conversation; 0: none */
    int64_t until_us;    /* it is remembered until this time, by the wall clock */
    char *agent;         /* the agent whom the next conversation prefers; "": none */
};
GHashTable *recent_table(void);
void recent_remember(struct conversation *);
void recent_put(struct conversations *, const char *key, uint64_t ixn, int64_t interaction, const char *agent);
struct recent *recent_take(struct conversations *, const char *key); /* NULL: none */
/* sets the conversation's parent to the caller's, if there is one */
void recent_belong(struct conversation *, const struct caller *);
void recent_restore(struct conversations *, const char *row_id, const json_t *row);
json_t *recent_row(const struct recent *);
struct recent *recent_of(const json_t *row); /* NULL: there is none */
void recent_purge(struct conversations *);
void recent_free(gpointer recent);
/* does this id name a row of a remembered conversation? false: the row is of an open conversation */
bool recent_is(const char *row_id);

/* end.c: how it ends. */
void conversation_give_end(struct conversation *);
void conversation_end_done(struct conversation_job *);
void conversation_late(struct conversation *, uint64_t now_us); /* each second */

/* conversations.c: handles what the thread has done. */
void conversation_done(struct conversation_job *);

/* job.c: the jobs for the thread. A job that is done is handed to the function `done` of the conversations. */
/* Notes in the store what became of a message, also after the end of its conversation. */
void conversation_fared(struct conversations *, uint64_t ixn, const char *msg_id, enum delivery state);
struct conversation_job *conversation_job_new(struct conversations *, enum keep);
void conversation_job_hand_on(struct conversation_job *);
void conversation_job_free(void *job);
void conversation_row_forget(struct conversations *, const char *name); /* removes the row of this name */
void conversation_log_job(const struct conversation_job *, const char *what);

/* event.c */
struct writer *conversation_event(struct conversation *, unsigned kind, uint64_t ref);
void conversation_post(struct conversations *); /* posts the event that conversation_event() has begun */
/* writes no field if the part has 0 bytes */
void conversation_blob(struct writer *, unsigned field, const struct keep_part *);
