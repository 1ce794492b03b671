/* runtime/adapters/email/poll.c - Fetches mails from a mailbox, in rounds. A round is a job of the thread, comes to
 * the loop, where its mails are taken in, and is a job of the thread again when all are answered.
 *
 * A round's life:
 *
 *     poll_tick()        the loop makes it, when it is time and the core is there
 *     poll_fetch()       thread: lists the mails that are not seen, chooses some, notes a try at each, fetches them
 *     have_taken()       loop: each is taken in; poll_answered() counts the answers
 *     poll_mark()        thread: kept mails become \Seen, refused ones \Seen \Flagged, those put off stay as they are
 *     poll_round_over()  loop: the next one at once where there is more, else after `imap_poll`
 *
 * A round that is cut off before poll_mark() is repeated: its mails are recognized by their external ids. A mail
 * that is refused for good, or has ended the process IMAP_TRIES_MAX times, is set aside, which is logged.
 *
 * The thread waits for the mail server, which may take minutes. That thread is not the post office's, which keeps mails
 * meanwhile.
 *
 * A try is noted in the mailbox (keyword gcx-try1 and so on) before the mail is read, and removed afterwards: a mail
 * that ends the process each time is recognized by the next process, and is set aside after the third time; a
 * mailbox without keywords has no such count. */
#include "runtime/adapters/email/email.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/adapter/worker.h"
#include "runtime/adapters/email/mailbox.h"
#include "base/memory.h"

enum { ROUND_MAILS = 50, ROUND_BYTES = 32 * 1024 * 1024, LISTED_MAX = 1000, AGAIN_MAX_S = 600 };
#define OF_TRIES "(" IMAP_TRY "1 " IMAP_TRY "2 " IMAP_TRY "3)"

struct polled {
    struct round *round;
    uint32_t uid;
    unsigned code; /* code of the answer to the mail; 0: none yet */
    char *bytes;
    size_t length;
    char why[160]; /* why the mail is set aside, or left for now */
};

struct round {
    struct poll *poll;
    bool marks, more;
    uint32_t validity;
    struct polled mails[ROUND_MAILS];
    unsigned count, answered;
    struct error error;
};

struct poll {
    struct email *email;
    struct worker *worker;
    struct mailbox_setting setting;
    struct secret password;
    struct round *round; /* the round that is running; NULL: none */
    uint64_t next_us, pause_us;
    int ends; /* atomic */
    /* The thread's: */
    struct mailbox *mailbox;
    uint32_t validity;  /* the UIDVALIDITY for which the UIDs in the tables are valid */
    GHashTable *later;  /* of mails that were left: uid -> round in which it is tried again */
    GHashTable *before; /* uid -> tries of earlier processes, for mails that this process has tried since */
    uint32_t rounds;
};

/* ---- in the thread that waits for the mail server ---- */

static struct polled *round_add(struct round *round, uint32_t uid)
{
    assert(round->count < ROUND_MAILS);
    struct polled *polled = &round->mails[round->count++];
    *polled = (struct polled){.round = round, .uid = uid};
    return polled;
}

static void polled_refuse(struct polled *polled, const char *why)
{
    polled->code = 554;
    snprintf(polled->why, sizeof polled->why, "%s", why);
}

static bool is_left(struct poll *poll, uint32_t uid)
{
    gpointer at;
    return g_hash_table_lookup_extended(poll->later, GUINT_TO_POINTER(uid), NULL, &at) &&
           (int32_t)(GPOINTER_TO_UINT(at) - poll->rounds) > 0;
}

/* Returns how often a process has ended while it read the mail. */
static unsigned poll_tries(const struct poll *poll, const struct imap_mail *mail)
{
    gpointer before;
    bool ours = g_hash_table_lookup_extended(poll->before, GUINT_TO_POINTER(mail->uid), NULL, &before);
    return ours ? GPOINTER_TO_UINT(before) : mail->tries;
}

/* Chooses the mails of this round from the list. A mail during which a process has ended gets a round of its own. */
static void poll_choose(struct poll *poll, struct round *round, const struct imap_mail *mails, int count,
                        unsigned *tries)
{
    assert(round->count == 0);
    uint64_t bytes = 0;
    for (int i = 0; i < count && round->count < ROUND_MAILS; i++) {
        const struct imap_mail *mail = &mails[i];
        unsigned tried = poll_tries(poll, mail);
        bool alone = tried > 0 && tried < IMAP_TRIES_MAX;
        /* the mail was removed or read meanwhile, or is left for now */
        if (mail->size == 0 || mail->seen || is_left(poll, mail->uid)) continue;
        if (round->count > 0 && (alone || bytes + mail->size > ROUND_BYTES)) {
            round->more = true;
            break;
        }
        if (alone) *tries = tried;
        struct polled *polled = round_add(round, mail->uid);
        if (tried >= IMAP_TRIES_MAX)
            polled_refuse(polled, "the adapter has ended each time that it read it");
        else if (mail->size > poll->setting.mail_max)
            polled_refuse(polled, "it is larger than `size`");
        else
            bytes += mail->size;
        if (alone) {
            round->more = i + 1 < count;
            break;
        }
    }
    round->more |= round->count == ROUND_MAILS;
}

/* Marks the mails of the round as being read, in case that this ends the process. */
static bool note_tries(struct poll *poll, struct round *round, unsigned tries)
{
    assert(tries < IMAP_TRIES_MAX); /* a mail that was tried more often is refused */
    uint32_t uids[ROUND_MAILS];
    int count = 0;
    char how[64];
    if (!mailbox_has_keywords(poll->mailbox)) return true;
    for (unsigned i = 0; i < round->count; i++)
        if (round->mails[i].code == 0) uids[count++] = round->mails[i].uid;
    for (int i = 0; i < count; i++)
        g_hash_table_insert(poll->before, GUINT_TO_POINTER(uids[i]), GUINT_TO_POINTER(tries));
    snprintf(how, sizeof how, "+FLAGS.SILENT (" IMAP_TRY "%u)", tries + 1);
    return mailbox_store(poll->mailbox, uids, count, how, &round->error);
}

/* Fetches the round's mails. UIDs mean nothing under another UIDVALIDITY: the tables are emptied then. */
static bool poll_fetch(struct poll *poll, struct round *round)
{
    assert(!round->marks && round->count == 0);
    struct imap_mail mails[LISTED_MAX];
    unsigned tries = 0;
    int count = mailbox_unseen(poll->mailbox, mails, LISTED_MAX, &round->error);
    if (count < 0) return false;
    round->validity = mailbox_validity(poll->mailbox);
    if (round->validity != poll->validity) {
        g_hash_table_remove_all(poll->later);
        g_hash_table_remove_all(poll->before);
    }
    poll->validity = round->validity;
    poll->rounds++;
    poll_choose(poll, round, mails, count, &tries);
    if (!note_tries(poll, round, tries)) return false;
    for (unsigned i = 0; i < round->count; i++) {
        struct polled *polled = &round->mails[i];
        if (polled->code != 0) continue;
        if (!mailbox_fetch(poll->mailbox, polled->uid, &polled->bytes, &polled->length, &round->error)) return false;
        if (!polled->bytes) polled->code = 451; /* the mail was removed, or is larger than the server had said */
    }
    return true;
}

/* Collects the mails whose code is of this class. */
static int with_code(const struct round *round, unsigned class, uint32_t *uids)
{
    assert(round->count <= ROUND_MAILS);
    int count = 0;
    for (unsigned i = 0; i < round->count; i++)
        if (round->mails[i].code / 100 == class) uids[count++] = round->mails[i].uid;
    return count;
}

/* Notes the mails that were left, so that the next round skips them and others are read too. */
static void poll_remember(struct poll *poll, const struct round *round)
{
    for (unsigned i = 0; i < round->count; i++) {
        gpointer uid = GUINT_TO_POINTER(round->mails[i].uid);
        bool left = round->mails[i].code / 100 == 4;
        if (left) g_hash_table_insert(poll->later, uid, GUINT_TO_POINTER(poll->rounds + 2));
        if (!left) g_hash_table_remove(poll->later, uid);
        if (left) g_hash_table_insert(poll->before, uid, GUINT_TO_POINTER(0));
        if (!left) g_hash_table_remove(poll->before, uid);
    }
}

/* Marks the round's mails, first as seen: a mail that is seen but not moved yet is not read again. */
static bool poll_mark(struct poll *poll, struct round *round)
{
    assert(round->marks && round->answered == round->count); /* each mail has its answer */
    const struct email_setting *setting = &poll->email->setting;
    struct mailbox *mailbox = poll->mailbox;
    struct error *error = &round->error;
    uint32_t kept[ROUND_MAILS], refused[ROUND_MAILS], left[ROUND_MAILS];
    int kept_count = with_code(round, 2, kept), refused_count = with_code(round, 5, refused);
    int left_count = with_code(round, 4, left);
    if (round->validity != mailbox_validity(mailbox)) return true; /* these UIDs are those of other mails now */
    bool good = mailbox_store(mailbox, kept, kept_count, "+FLAGS.SILENT (\\Seen)", error) &&
                mailbox_store(mailbox, refused, refused_count, "+FLAGS.SILENT (\\Seen \\Flagged)", error);
    if (good && mailbox_has_keywords(mailbox))
        good = mailbox_store(mailbox, kept, kept_count, "-FLAGS.SILENT " OF_TRIES, error) &&
               mailbox_store(mailbox, refused, refused_count, "-FLAGS.SILENT " OF_TRIES, error) &&
               mailbox_store(mailbox, left, left_count, "-FLAGS.SILENT " OF_TRIES, error);
    if (good && *setting->imap_done) good = mailbox_move(mailbox, kept, kept_count, setting->imap_done, error);
    if (good && *setting->imap_refused)
        good = mailbox_move(mailbox, refused, refused_count, setting->imap_refused, error);
    if (good) poll_remember(poll, round);
    return good;
}

/* Does one half of a round. The connection stays open between the halves, and between rounds while there are more
 * mails. */
static void poll_work(void *self, void *job)
{
    struct poll *poll = self;
    struct round *round = job;
    round->error.code = ERROR_NONE;
    poll->setting.password = secret_text(&poll->password);
    if (!poll->mailbox) poll->mailbox = mailbox_open(&poll->setting, &round->error);
    bool good = poll->mailbox && (round->marks ? poll_mark(poll, round) : poll_fetch(poll, round));
    if (good && (round->count > 0 || round->more) && !round->marks) return;
    if (good && round->more) return;
    mailbox_close(poll->mailbox);
    poll->mailbox = NULL;
}

/* ---- in the event loop ---- */

static void log_poll(struct poll *poll, int level, uint32_t uid, const char *what, const char *why)
{
    struct email *email = poll->email;
    email->services->log(email->link, level, 0, 0, "mailbox %s, UID %u: %s%s%s", email->setting.imap_folder, uid, what,
                         *why ? ": " : "", why);
}

static void round_free(struct round *round)
{
    for (unsigned i = 0; i < round->count; i++) free(round->mails[i].bytes);
    free(round);
}

static void poll_round_over(struct poll *poll, struct round *round)
{
    assert(poll->round == round);
    struct email *email = poll->email;
    bool good = round->error.code == ERROR_NONE;
    uint64_t now_us = email->services->now_us(email->link);
    poll->pause_us = good ? email->setting.imap_poll * SECOND_US
                          : MIN(MAX(poll->pause_us, SECOND_US) * 2, (uint64_t)AGAIN_MAX_S * SECOND_US);
    poll->next_us = now_us + (good && round->more ? 0 : poll->pause_us);
    if (!good) email->services->log(email->link, GCX_LOG_WARNING, 0, 0, "mailbox: %s", round->error.text);
    email->services->neighbour(email->link, "mailbox", good, round->error.text);
    poll->round = NULL;
    round_free(round);
}

static void begin_marking(struct round *round)
{
    assert(!round->marks && round->answered == round->count);
    round->marks = true;
    worker_give(round->poll->worker, round);
}

static void poll_answered(void *self, uint64_t ticket, unsigned code, const char *text)
{
    struct polled *polled = self;
    struct round *round = polled->round;
    assert(!round->marks && round->answered < round->count); /* email_take() answers once */
    (void)ticket;
    polled->code = code;
    if (code / 100 != 2) snprintf(polled->why, sizeof polled->why, "%s", text);
    if (++round->answered == round->count) begin_marking(round);
}

/* Takes in the round's mails. If all of them are answered at once, the round goes back to the thread and must not be
 * used any more. */
static void have_taken(struct poll *poll, struct round *round)
{
    assert(!round->marks && round->count > 0);
    unsigned count = round->count;
    for (unsigned i = 0; i < count; i++) round->answered += round->mails[i].code != 0;
    if (round->answered == count) {
        begin_marking(round);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        struct polled *polled = &round->mails[i];
        char *bytes = polled->bytes;
        if (polled->code != 0) continue;
        polled->bytes = NULL;
        email_take(poll->email, bytes, polled->length, NULL, NULL, poll_answered, polled, 0);
    }
}

/* Takes a round back from the thread: its mails are taken in, or the marked ones are logged. */
static void poll_done(void *self, void *job)
{
    struct poll *poll = self;
    struct round *round = job;
    bool good = round->error.code == ERROR_NONE;
    if (good && !round->marks && round->count > 0) {
        have_taken(poll, round);
        return;
    }
    for (unsigned i = 0; i < round->count && round->marks && good; i++) {
        const struct polled *polled = &round->mails[i];
        if (polled->code / 100 == 2) continue;
        bool aside = polled->code / 100 == 5;
        log_poll(poll, aside ? GCX_LOG_ERROR : GCX_LOG_WARNING, polled->uid,
                 aside ? "it is set aside, as it cannot be taken in" : "it stays for now", polled->why);
    }
    poll_round_over(poll, round);
}

static void poll_dropped(void *self, void *job)
{
    (void)self, (void)job; /* poll->round still has the round */
}

void poll_tick(struct poll *poll)
{
    struct email *email = poll->email;
    if (poll->round || email->services->now_us(email->link) < poll->next_us || email_ready(email) != 0) return;
    poll->round = memory_zeroed(1, sizeof *poll->round);
    poll->round->poll = poll;
    worker_give(poll->worker, poll->round);
}

/* Makes the struct; the settings are the adapter's and not copied; only the password is read, from its file. */
struct poll *poll_new(struct email *email, struct event_base *base, char *why, size_t why_size)
{
    const struct email_setting *setting = &email->setting;
    struct poll *poll = memory_zeroed(1, sizeof *poll);
    struct worker_calls calls = {poll, poll_work, poll_done, poll_dropped, NULL};
    poll->email = email;
    poll->later = g_hash_table_new(NULL, NULL);
    poll->before = g_hash_table_new(NULL, NULL);
    poll->setting = (struct mailbox_setting){.url = setting->imap,
                                             .user = setting->imap_user,
                                             .ca = setting->imap_ca,
                                             .folder = setting->imap_folder,
                                             .insecure = setting_yes(setting->imap_insecure),
                                             .mail_max = setting->size,
                                             .ends = &poll->ends};
    bool good = secret_read(&poll->password, setting->imap_password_file, "imap_password_file", why, why_size);
    poll->setting.token = email->token;
    if (good && !(poll->worker = worker_new(base, &calls))) snprintf(why, why_size, "no thread can be had");
    if (poll->worker) return poll;
    poll_free(poll);
    return NULL;
}

void poll_watched(struct poll *poll, struct watched_files *files)
{
    watched_secret(files, &poll->password);
}

void poll_free(struct poll *poll)
{
    if (!poll) return;
    g_atomic_int_set(&poll->ends, 1);
    worker_free(poll->worker);
    mailbox_close(poll->mailbox);
    if (poll->round) round_free(poll->round);
    g_hash_table_destroy(poll->later);
    g_hash_table_destroy(poll->before);
    secret_free(&poll->password);
    free(poll);
}
